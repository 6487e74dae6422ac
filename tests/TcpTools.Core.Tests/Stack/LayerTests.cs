using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Layers of one's own between link and IP, and between IP and TCP.</summary>
public sealed class LayerTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(LayerPlace.BelowIP)]
    [InlineData(LayerPlace.AboveIP)]
    public void Two_layers_that_encrypt_understand_each_other_over_a_bad_network_and_nobody_else_does(LayerPlace place)
    {
        Impairment impairment = new() { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.02, Corrupt = 0.01, Duplicate = 0.01 };
        using Rig rig = new(
            impairment: impairment,
            client: o => o with { Layers = [new Xor(place)] },
            server: o => o with { Layers = [new Xor(place)] });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(300_000, 1), Transfer.Bytes(300_000, 2), s_limit);
        Assert.True(rig.Client.Counters["TcpInCsumErrors"] + rig.Server.Counters["TcpInCsumErrors"] > 0, "Damage is still seen.");
        Assert.Empty(rig.Client.PartErrors);
        rig.Network.Run(TimeSpan.FromMinutes(5));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void What_one_side_encrypts_the_other_reads_as_it_is()
    {
        using Rig rig = new(client: o => o with { Layers = [new Xor(LayerPlace.AboveIP)] });
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Write("abc"u8);
        Assert.True(rig.Network.RunUntil(() => server.Available == 3, Rig.Limit));
        byte[] read = new byte[3];
        server.Read(read);
        Assert.Equal("abc"u8.ToArray().Select(b => (byte)(b ^ Xor.Key)), read);
    }

    [Theory]
    [InlineData(StackMode.Virtual)]
    [InlineData(StackMode.Threaded)]
    public void Layers_that_do_nothing_change_nothing_and_count_everything(StackMode mode)
    {
        Plain[] layers = [new(LayerPlace.AboveIP), new(LayerPlace.BelowIP), new(LayerPlace.AboveIP), new(LayerPlace.BelowIP)];
        using Rig rig = new(mode, client: o => o with { Layers = layers });
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = Transfer.Bytes(200_000, 1);
        byte[] received = new byte[data.Length];
        int sent = 0;
        int total = 0;
        while (total < data.Length)
        {
            sent += client.Write(data.AsSpan(sent));
            Assert.True(server.WaitFor(SessionCondition.Readable, Rig.Limit));
            total += server.Read(received.AsSpan(total));
        }

        Assert.True(data.AsSpan().SequenceEqual(received));
        Assert.All(layers, layer => Assert.True(layer.Sent > 130 && layer.Received > 2 && layer.Sent == layer.PassedDown, layer.ToString()));
        Assert.Equal(layers, rig.Client.Layers);
        Assert.All(layers, layer => Assert.Same(rig.Client, layer.Stack));
    }

    [Fact]
    public void The_first_layer_is_the_one_nearest_to_TCP()
    {
        List<string> order = [];
        using Rig rig = new(client: o => o with
        {
            Layers = [new Noting("a", LayerPlace.AboveIP, order), new Noting("x", LayerPlace.BelowIP, order), new Noting("b", LayerPlace.AboveIP, order), new Noting("y", LayerPlace.BelowIP, order)],
        });
        rig.Listen();
        rig.Connect();
        Assert.Equal(["-a", "-b", "-x", "-y"], order);
        order.Clear();
        rig.Network.RunUntilIdle();
        Assert.Equal(["+y", "+x", "+b", "+a"], order.Take(4));
    }

    [Fact]
    public void A_layer_replaces_the_time_to_live_that_IP_writes()
    {
        using Rig rig = new(client: o => o with { Layers = [new TimeToLive(7)] });
        using RawReceiver seen = rig.Server.OpenRawReceiver();
        rig.Establish();
        while (seen.TryReceive(out ReceivedFrame? frame))
        {
            IPv4View view = new(frame!.Bytes.Span);
            Assert.True(view.IsChecksumValid);
            Assert.Equal(view.Source == Rig.ClientAddress ? 7 : 64, view.TimeToLive);
        }
    }

    [Fact]
    public void A_layer_answers_in_the_place_of_a_host_that_is_not_there()
    {
        NetworkAddress nobody = NetworkAddress.Parse("10.9.0.77");
        Responder responder = new(nobody);
        using Rig rig = new(client: o => o with { Layers = [responder] });
        TcpSession session = rig.Client.Connect(new ConnectOptions { RemoteAddress = nobody, RemotePort = 80 });
        Assert.True(rig.Network.RunUntil(() => session.State == TcpState.Closed, Rig.Limit));
        Assert.Equal(TcpCloseReason.Refused, session.CloseReason);
        Assert.Equal(1, responder.PassedUp);
        Assert.Equal(0, rig.Wire.A.Counters.SentFrames);
    }

    [Fact]
    public void A_layer_that_holds_packets_is_called_when_it_says()
    {
        using Rig rig = new(client: o => o with { Layers = [new Delaying(TimeSpan.FromSeconds(3))] });
        rig.Listen();
        TcpSession client = rig.Connect();
        Assert.True(client.WaitFor(SessionCondition.Established, s_limit));
        Assert.Equal(3, rig.Network.Now.Ticks / (double)TimeSpan.TicksPerSecond, 1);
    }

    [Theory]
    [InlineData(StackMode.Virtual)]
    [InlineData(StackMode.Threaded)]
    public void Packets_are_injected_from_outside_in_both_directions(StackMode mode)
    {
        Plain layer = new(LayerPlace.BelowIP);
        using Rig rig = new(mode, client: o => o with { Layers = [layer] });
        byte[] ping = MakePing(Rig.ServerAddress, Rig.ClientAddress);
        using RawReceiver seen = rig.Server.OpenRawReceiver();
        layer.InjectUp(ping);
        ReceivedFrame? answer = seen.Receive(Rig.Limit);
        Assert.NotNull(answer);
        Assert.Equal(IcmpType.EchoReply, new Icmpv4View(new IPv4View(answer.Bytes.Span).Payload).Type);
        layer.InjectDown(MakePing(Rig.ClientAddress, Rig.ServerAddress));
        answer = seen.Receive(Rig.Limit);
        Assert.Equal(IcmpType.EchoRequest, new Icmpv4View(new IPv4View(answer!.Bytes.Span).Payload).Type);
    }

    [Theory]
    [InlineData(LayerPlace.BelowIP)]
    [InlineData(LayerPlace.AboveIP)]
    public void A_layer_that_throws_is_counted_and_packets_pass_it(LayerPlace place)
    {
        Throwing before = new(place, passesFirst: false);
        Throwing after = new(place, passesFirst: true);
        using Rig rig = new(client: o => o with { Layers = [before, after] });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(10_000, 1), Transfer.Bytes(10_000, 2), s_limit);
        Assert.True(before.Errors > 10 && after.Errors > 10);
        Assert.All(rig.Client.PartErrors, error => Assert.Equal((PartKind.Layer, "Throwing"), (error.Kind, error.Name)));
        Assert.Equal(before.Errors + after.Errors, rig.Client.PartFailures);
        rig.Network.Run(TimeSpan.FromMinutes(5));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_layer_has_one_place_in_one_stack_until_that_stops()
    {
        Plain layer = new(LayerPlace.BelowIP);
        using (Rig rig = new(client: o => o with { Layers = [layer] }))
        {
            Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => rig.Client.Options.Layers.Count == 1 ? Restart(rig, layer) : null).Error);
            Assert.Throws<StackException>(() => new Rig(client: o => o with { Layers = [new Plain(LayerPlace.BelowIP), layer, layer] }));
        }

        Assert.Null(layer.Stack);
        Assert.Equal(StackError.StackStopped, Assert.Throws<StackException>(() => layer.InjectUp([1])).Error);
        using Rig again = new(client: o => o with { Layers = [layer] });
        again.Establish();
    }

    private static TcpStack Restart(Rig rig, StackLayer layer) =>
        TcpStack.Start(rig.Client.Options with { Link = rig.Wire.B, Mode = StackMode.Manual, Clock = null, Layers = [layer] });

    private static byte[] MakePing(NetworkAddress from, NetworkAddress to)
    {
        byte[] packet = new byte[28];
        new IPv4Editor(packet)
        {
            Version = 4,
            HeaderLength = 20,
            TotalLength = 28,
            TimeToLive = 64,
            Protocol = IPProtocol.Icmp,
            Source = from,
            Destination = to,
        }.UpdateChecksum();
        packet[20] = (byte)IcmpType.EchoRequest;
        new Icmpv4Editor(packet.AsSpan(20)).UpdateChecksum();
        return packet;
    }

    private sealed class Plain(LayerPlace place) : StackLayer(null, place);

    /// <summary>Encrypts what TCP carries, by a key that everybody knows.</summary>
    private sealed class Xor(LayerPlace place) : StackLayer("xor", place)
    {
        public const byte Key = 0x5A;

        protected internal override void Send(PacketBuffer packet, Instant now)
        {
            ChangePayload(packet, Apply);
            PassDown(packet, now);
        }

        protected internal override void Receive(PacketBuffer packet, Instant now)
        {
            ChangePayload(packet, Apply);
            PassUp(packet, now);
        }

        private static void Apply(Span<byte> payload)
        {
            foreach (ref byte value in payload)
            {
                value ^= Key;
            }
        }
    }

    private sealed class Noting(string name, LayerPlace place, List<string> order) : StackLayer(name, place)
    {
        protected internal override void Send(PacketBuffer packet, Instant now)
        {
            order.Add("-" + Name);
            PassDown(packet, now);
        }

        protected internal override void Receive(PacketBuffer packet, Instant now)
        {
            order.Add("+" + Name);
            PassUp(packet, now);
        }
    }

    private sealed class TimeToLive(byte value) : StackLayer
    {
        protected internal override void Send(PacketBuffer packet, Instant now)
        {
            new IPv4Editor(packet.Span) { TimeToLive = value }.UpdateChecksum();
            PassDown(packet, now);
        }
    }

    /// <summary>Resets connections to a host that does not exist, as a host would.</summary>
    private sealed class Responder(NetworkAddress host) : StackLayer
    {
        protected internal override void Send(PacketBuffer packet, Instant now)
        {
            IPv4View ip = new(packet.Span);
            TcpView tcp = new(ip.Payload);
            if (ip.Destination != host || ip.Protocol != IPProtocol.Tcp)
            {
                PassDown(packet, now);
                return;
            }

            byte[] answer = new byte[40];
            new IPv4Editor(answer)
            {
                Version = 4,
                HeaderLength = 20,
                TotalLength = 40,
                TimeToLive = 64,
                Protocol = IPProtocol.Tcp,
                Source = host,
                Destination = ip.Source,
            }.UpdateChecksum();
            new TcpEditor(answer.AsSpan(20))
            {
                SourcePort = tcp.DestinationPort,
                DestinationPort = tcp.SourcePort,
                Acknowledgment = tcp.Sequence + 1,
                DataOffset = 20,
                Flags = TcpFlags.Rst | TcpFlags.Ack,
            }.UpdateChecksum(host, ip.Source);
            Drop(packet);
            PassUp(Copy(answer), now);
        }
    }

    private sealed class Delaying(TimeSpan delay) : StackLayer
    {
        private readonly Queue<(Instant Due, PacketBuffer Packet)> _held = new();

        protected internal override Instant NextDeadline => _held.TryPeek(out (Instant Due, PacketBuffer Packet) first) ? first.Due : Instant.Never;

        protected internal override void Send(PacketBuffer packet, Instant now) => _held.Enqueue((now + delay, packet));

        protected internal override void OnTimer(Instant now)
        {
            while (NextDeadline <= now)
            {
                PassDown(_held.Dequeue().Packet, now);
            }
        }

        protected override void OnDetached()
        {
            while (_held.TryDequeue(out (Instant Due, PacketBuffer Packet) held))
            {
                Drop(held.Packet);
            }
        }
    }

    private sealed class Throwing(LayerPlace place, bool passesFirst) : StackLayer("Throwing", place)
    {
        protected internal override void Send(PacketBuffer packet, Instant now)
        {
            if (passesFirst)
            {
                PassDown(packet, now);
            }

            throw new InvalidOperationException("no way down");
        }

        protected internal override void Receive(PacketBuffer packet, Instant now)
        {
            if (passesFirst)
            {
                PassUp(packet, now);
            }

            throw new InvalidOperationException("no way up");
        }
    }
}
