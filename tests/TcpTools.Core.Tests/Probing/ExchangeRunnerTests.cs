using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Probing;

/// <summary>Exchanges over wires: in simulated time with exact times, and in real time.</summary>
public sealed class ExchangeRunnerTests
{
    private static readonly NetworkAddress s_near = NetworkAddress.Parse("10.0.0.9");
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.1");

    [Fact]
    public void Each_kind_of_probe_is_answered_by_a_stack()
    {
        using VirtualPlace place = new();
        place.Stack.Listen(new ListenOptions { Port = 80 });
        Packet[] probes =
        [
            IP() / new IcmpLayer { Identifier = 1, Sequence = 2 } / "data",
            IP() / new TcpLayer { DestinationPort = 80, Flags = TcpFlags.Syn, Sequence = 7 },
            IP() / new TcpLayer { DestinationPort = 81, Flags = TcpFlags.Syn, Sequence = 7 },
            IP() / new TcpLayer { DestinationPort = 82, Flags = TcpFlags.Ack, Acknowledgment = 99 },
            IP() / new TcpLayer { DestinationPort = 83, Flags = TcpFlags.None },
            IP() / new TcpLayer { DestinationPort = 84, Flags = TcpFlags.Fin },
            IP() / new TcpLayer { DestinationPort = 85, Flags = TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Urg, Acknowledgment = 12345 },
            IP() / new UdpLayer { DestinationPort = 999 },
            With(IP(), ip => ip.Protocol = 99),
        ];
        ExchangeResult[] results = [.. ExchangeRunner.Exchange(place.Channel, probes)];
        Assert.Equal(probes.Length, results.Length);
        Assert.All(results, result => Assert.True(result.Answered, result.ToString()));
        Assert.Equal([false, false, false, false, false, false, false, true, true], results.OrderBy(r => r.Number).Select(r => r.IsError));
        Assert.Equal(TcpFlags.Syn | TcpFlags.Ack, results.Single(r => r.Number == 2).Reply!.Tcp!.Flags);
    }

    [Fact]
    public void Times_are_exact_and_what_is_lost_is_sent_again()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(30);
        int passed = 0;
        using VirtualPlace place = new(new Impairment { Delay = delay, Rule = (_, _) => ++passed <= 2 ? FrameFate.Drop : FrameFate.Pass });
        Packet[] probes = [IP() / new IcmpLayer { Sequence = 1 }, IP() / new IcmpLayer { Sequence = 2 }, IP() / new IcmpLayer { Sequence = 3 }];
        ExchangeOptions options = new() { Timeout = TimeSpan.FromSeconds(1), Retry = 1, Interval = TimeSpan.FromMilliseconds(10) };
        ExchangeResult[] results = [.. ExchangeRunner.Exchange(place.Channel, probes, options)];
        Assert.Equal([(3L, 1), (1L, 2), (2L, 2)], results.Select(r => (r.Number, r.Attempts)));
        Assert.All(results, r => Assert.Equal(2 * delay, r.RoundTripTime));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(20), results[0].Sent);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(1000), results[1].Sent);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(1070), results[2].Received);
    }

    [Fact]
    public void An_endless_sequence_is_asked_only_for_what_there_is_room_for()
    {
        using VirtualPlace place = new(new Impairment { Delay = TimeSpan.FromMilliseconds(50) });
        int made = 0;
        IEnumerable<Packet> Endless()
        {
            while (true)
            {
                made++;
                yield return IP() / new IcmpLayer { RestOfHeader = (uint)made };
            }
        }

        ExchangeOptions options = new() { Capacity = 10 };
        ExchangeResult[] some = [.. ExchangeRunner.Exchange(place.Channel, Endless(), options).Take(100)];
        Assert.Equal(100, some.Length);
        Assert.InRange(made, 100, 125);
    }

    [Fact]
    public void A_thousand_packets_over_a_bad_network_are_all_answered_in_the_end()
    {
        using VirtualPlace place = new(new Impairment { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(15), Loss = 0.2, Duplicate = 0.1 });
        IEnumerable<Packet> probes = Enumerable.Range(1, 1000).Select(i => IP() / new IcmpLayer { RestOfHeader = (uint)i });
        ExchangeOptions options = new() { Timeout = TimeSpan.FromSeconds(0.2), Retry = -5, Rate = 10_000 };
        ExchangeResult[] results = [.. ExchangeRunner.Exchange(place.Channel, probes, options)];
        Assert.Equal(Enumerable.Range(1, 1000).Select(i => (long)i), results.Select(r => r.Number).Order());
        Assert.All(results, r => Assert.True(r.Answered));
        Assert.All(results, r => Assert.Equal((uint)r.Number, r.Reply!.Icmp!.RestOfHeader));
    }

    [Fact]
    public void In_real_time_a_timeout_is_kept_and_a_cancelled_wait_ends_at_once()
    {
        using PacketWire wire = new();
        using LinkChannel channel = new(wire.A);
        long start = Environment.TickCount64;
        ExchangeResult result = Assert.Single(ExchangeRunner.Exchange(
            channel, [IP() / new IcmpLayer()], new ExchangeOptions { Timeout = TimeSpan.FromMilliseconds(150) }));
        Assert.False(result.Answered);
        Assert.InRange(Environment.TickCount64 - start, 140, 5000);
        using CancellationTokenSource source = new(50);
        Assert.ThrowsAny<OperationCanceledException>(() => ExchangeRunner.Exchange(
            channel, [IP() / new IcmpLayer()], new ExchangeOptions { Timeout = Timeout.InfiniteTimeSpan }, source.Token).ToArray());
    }

    [Fact]
    public void Recorded_packets_find_their_answers_by_the_times_of_the_record()
    {
        RecordedExchange exchange = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1) });
        Packet request = At(IP() / new IcmpLayer { Sequence = 1 }, 0);
        Packet lost = At(IP() / new IcmpLayer { Sequence = 2 }, 100);
        Packet reply = At(TestPackets.IP(s_far, s_near) / new IcmpLayer { Type = 0, Sequence = 1 }, 125);
        Packet late = At(TestPackets.IP(s_far, s_near) / new IcmpLayer { Type = 0, Sequence = 2 }, 1500);
        foreach (Packet packet in new[] { request, lost, reply, late })
        {
            exchange.Add(packet);
        }

        exchange.Complete();
        List<ExchangeResult> results = [];
        while (exchange.TryTakeResult(out ExchangeResult? result))
        {
            results.Add(result);
        }

        Assert.Equal([(request, reply), (lost, null), (late, null)], results.Select(r => (r.Probe, r.Reply)));
        Assert.Equal(TimeSpan.FromMilliseconds(125), results[0].RoundTripTime);

        static Packet At(Packet packet, int milliseconds)
        {
            packet.Timestamp = DateTimeOffset.UnixEpoch.AddYears(50).AddMilliseconds(milliseconds);
            return packet;
        }
    }

    private static Packet IP() => TestPackets.IP(s_near, s_far);

    private static Packet With(Packet packet, Action<IPLayer> change)
    {
        change(packet.IP!);
        return packet;
    }

    /// <summary>A stack in simulated time, and the other end of its wire.</summary>
    private sealed class VirtualPlace : IDisposable
    {
        private readonly PacketWire _wire = new();

        public VirtualPlace(Impairment? impairment = null)
        {
            ILink link = impairment is null ? _wire.A : new ImpairmentLink(_wire.A, impairment, RandomSource.FromSeed(5));
            Stack = TcpStack.Start(new TcpStackOptions
            {
                Link = link,
                Addresses = [InterfaceAddress.Parse("10.0.0.1/24")],
                Mode = StackMode.Virtual,
                Random = RandomSource.FromSeed(6),
            });
            Channel = new LinkChannel(_wire.B, Stack.Clock!.Network);
        }

        public TcpStack Stack { get; }

        public LinkChannel Channel { get; }

        public void Dispose()
        {
            Channel.Dispose();
            Stack.Dispose();
            _wire.Dispose();
        }
    }
}
