using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>Frames on the kernel's interfaces: all that pass, as they are on the wire, and nothing left behind.</summary>
[Trait("Category", "Root")]
public sealed class InterfaceChannelTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly LabNamespace _near = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;
    private readonly LabNamespace _far = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;

    public InterfaceChannelTests()
    {
        if (_near is not null)
        {
            LabNamespace.Join(_near, "10.8.0.1/24", _far, "10.8.0.2/24");
        }
    }

    public void Dispose()
    {
        _near?.Dispose();
        _far?.Dispose();
    }

    [RootFact]
    public void A_packet_without_a_frame_finds_its_neighbour_and_the_answer_comes_back() => _near.Do(() =>
    {
        using InterfaceChannel channel = InterfaceChannel.Open("veth0");
        channel.Listen(PacketFilter.Compile("icmp", channel.Start));
        channel.Send(Ping("10.8.0.1", "10.8.0.2", 1));
        RawFrame? answer = channel.Receive(channel.Now + s_limit, default);
        Packet packet = answer!.ToPacket();
        Assert.Equal(0, (int)packet.Icmp!.Type);
        Assert.Empty(packet.Anomalies);
        Assert.Equal("veth0", packet.Interface);
        Assert.Equal(FrameDirection.Incoming, packet.Direction);
        Assert.InRange((channel.Now - answer.Time).TotalSeconds, 0, 5);
        Assert.InRange((DateTimeOffset.UtcNow - packet.Timestamp!.Value).TotalSeconds, 0, 5);
        Assert.Equal(packet.Ethernet!.Destination, channel.Interface.HardwareAddress);

        // Nobody has this address: who only sends is told, who goes on is not held up.
        channel.Send(Ping("10.8.0.1", "10.8.0.77", 1));
        StackException error = Assert.Throws<StackException>(() => channel.Flush(channel.Now + s_limit, default));
        Assert.Equal(StackError.Unreachable, error.Error);
        return true;
    });

    [RootFact]
    public void A_packet_of_ipv6_finds_its_neighbour_as_well()
    {
        Assert.True(Tool.Until(() => LinkLocal(_near) is not null && LinkLocal(_far) is not null, s_limit));
        (string near, string far) = (LinkLocal(_near)!, LinkLocal(_far)!);
        _near.Do(() =>
        {
            using InterfaceChannel channel = InterfaceChannel.Open("veth0");
            channel.Listen(PacketFilter.Compile("icmp6 and ip6[40] == 129", channel.Start));
            Packet ping = new([
                new IPv6Layer { Source = NetworkAddress.Parse(near), Destination = NetworkAddress.Parse(far), Protocol = 58 },
                new PayloadLayer([.. Icmpv6Echo(near, far)]),
            ]);
            channel.Send(ping);
            RawFrame? answer = channel.Receive(channel.Now + s_limit, default);
            Assert.NotNull(answer);
            return true;
        });
    }

    [RootTheory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(true, "udp dst port 9")]
    public void Nothing_is_lost_at_fifty_thousand_packets_a_second(bool sniffs, string? filter)
    {
        const int Rate = 50_000;
        const int Count = 100_000;
        using InterfaceChannel receiver = _far.Do(() =>
        {
            InterfaceChannel made = InterfaceChannel.Open("veth0", new InterfaceOptions { Sniffs = sniffs });
            made.Listen(PacketFilter.Compile(filter ?? "udp", made.Start), 200_000);
            return made;
        });
        byte[] frame = (new Packet([new EthernetLayer { Destination = receiver.Interface.HardwareAddress!.Value }])
            / Datagram("10.8.0.1", "10.8.0.2", 9, new byte[64])).ToBytes();
        Task sending = Task.Factory.StartNew(() => _near.Do(() => SendAtRate(frame, Count, Rate)), TaskCreationOptions.LongRunning);
        bool[] seen = new bool[Count];
        int total = 0;
        while (total < Count && receiver.Receive(receiver.Now + TimeSpan.FromSeconds(sending.IsCompleted ? 0.5 : 5), default) is { } next)
        {
            int number = BitConverter.ToInt32(next.Bytes.Span[^4..]);
            Assert.False(seen[number], "No frame comes twice.");
            seen[number] = true;
            total++;
        }

        Assert.True(sending.Wait(s_limit));
        Assert.Equal(0, receiver.Dropped);
        // A busy machine may lose frames on the way to the interface already, and says so at the sender's.
        long lost = _near.Do(() => PacketInterface.Find("veth0")!.SendDrops);
        Assert.Equal(Count, total + lost);
        Assert.InRange(lost, 0, Count / 100);
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_the_kernel_leaves_to_the_device_is_complete_in_what_is_seen(bool sniffs)
    {
        using KernelServer server = KernelServer.Start(_far, System.Net.IPAddress.Parse("10.8.0.2"), 80, KernelServer.Drain);
        List<Packet> seen = _near.Do(() =>
        {
            using InterfaceChannel channel = InterfaceChannel.Open(
                "veth0", new InterfaceOptions { Sniffs = sniffs, Direction = FrameDirection.Unknown });
            channel.Listen(PacketFilter.Compile("tcp", channel.Start), 100_000);
            using (System.Net.Sockets.Socket socket = KernelSocket.Connect(_near, System.Net.IPAddress.Parse("10.8.0.2"), 80))
            {
                byte[] data = new byte[1_000_000];
                for (int sent = 0; sent < data.Length;)
                {
                    sent += socket.Send(data.AsSpan(sent));
                }
            }

            List<Packet> packets = [];
            while (channel.Receive(channel.Now + TimeSpan.FromMilliseconds(300), default) is { } frame)
            {
                Assert.Equal(frame.WireLength, frame.Bytes.Length);
                packets.Add(frame.ToPacket());
            }

            return packets;
        });
        Assert.Contains(seen, p => p.Direction == FrameDirection.Outgoing);
        Assert.Contains(seen, p => p.Direction == FrameDirection.Incoming);
        // Segments larger than any wire carries are what the kernel hands to a device that splits them.
        Assert.Contains(seen, p => p.WireLength > 1514);
        Assert.Empty(seen.SelectMany(p => p.Anomalies).Select(a => a.ToString()));
        Assert.True(seen.Sum(p => (long)p.WireLength) >= 1_000_000);
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_vlan_tag_is_back_in_its_place_and_can_be_asked_for(bool sniffs)
    {
        using InterfaceChannel receiver = _far.Do(() =>
        {
            InterfaceChannel made = InterfaceChannel.Open("veth0", new InterfaceOptions { Sniffs = sniffs });
            made.Listen(PacketFilter.Compile("vlan 5 and icmp", made.Start));
            return made;
        });
        _near.Do(() =>
        {
            using InterfaceChannel sender = InterfaceChannel.Open("veth0");
            EthernetLayer header = new() { Destination = receiver.Interface.HardwareAddress!.Value };
            foreach (ushort tag in new ushort[] { 4, 5 })
            {
                sender.Send(new Packet([header.Copy(), new VlanLayer { VlanId = tag, Priority = 3 }]) / Ping("10.8.0.1", "10.8.0.2", tag));
            }

            sender.Send(Packet.Of(header) / Ping("10.8.0.1", "10.8.0.2", 6));
            return true;
        });
        Packet packet = receiver.Receive(receiver.Now + s_limit, default)!.ToPacket();
        Assert.Equal((5, 3), (packet.Vlan!.VlanId, packet.Vlan.Priority));
        Assert.Equal(5, packet.Icmp!.Sequence);
        Assert.Empty(packet.Anomalies);
        Assert.Null(receiver.Receive(receiver.Now + TimeSpan.FromMilliseconds(50), default));
    }

    [RootFact]
    public void On_the_loopback_device_each_packet_is_seen_once_and_the_kernel_answers() => _near.Do(() =>
    {
        using InterfaceChannel channel = InterfaceChannel.Open("lo", new InterfaceOptions { Direction = FrameDirection.Unknown });
        channel.Listen(PacketFilter.Compile("icmp", channel.Start));
        channel.Send(Ping("127.0.0.1", "127.0.0.1", 7));
        byte[] types = [.. Enumerable.Range(0, 2).Select(_ => (byte)channel.Receive(channel.Now + s_limit, default)!.ToPacket().Icmp!.Type)];
        Assert.Equal([8, 0], types);
        Assert.Null(channel.Receive(channel.Now + TimeSpan.FromMilliseconds(50), default));
        return true;
    });

    [RootFact]
    public void Promiscuous_mode_is_only_for_who_asks_and_for_as_long() => _near.Do(() =>
    {
        Assert.False(PacketInterface.Find("veth0")!.IsPromiscuous);
        using (InterfaceChannel quiet = InterfaceChannel.Open("veth0"))
        {
            quiet.Listen();
            Assert.False(PacketInterface.Find("veth0")!.IsPromiscuous);
        }

        using (InterfaceChannel curious = InterfaceChannel.Open("veth0", new InterfaceOptions { Promiscuous = true }))
        {
            curious.Listen();
            Assert.True(PacketInterface.Find("veth0")!.IsPromiscuous);
        }

        Assert.False(PacketInterface.Find("veth0")!.IsPromiscuous);
        return true;
    });

    [RootFact]
    public void Promiscuous_mode_goes_with_a_process_that_is_killed()
    {
        using LabProcess victim = _near.Start(
            "dotnet", typeof(Program).Assembly.Location, "hold-promiscuous", "veth0");
        Assert.True(Tool.Until(() => victim.Output.Contains("holding veth0", StringComparison.Ordinal), s_limit), victim.Error + victim.Output);
        Assert.True(IsPromiscuous());
        victim.Kill();
        Assert.True(Tool.Until(() => !IsPromiscuous(), s_limit));

        bool IsPromiscuous() => _near.Do(() => PacketInterface.Find("veth0")!.IsPromiscuous);
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Waits_end_when_they_are_cancelled_and_when_the_interface_goes(bool sniffs) => _near.Do(() =>
    {
        using InterfaceChannel channel = InterfaceChannel.Open("veth0", new InterfaceOptions { Sniffs = sniffs });
        channel.Listen(PacketFilter.Compile("tcp port 9999", channel.Start));
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
        long start = Stopwatch.GetTimestamp();
        Assert.ThrowsAny<OperationCanceledException>(() => channel.Receive(Instant.Never, cancel.Token));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 40, 1000);

        _near.Configure("link", "set", "veth0", "down");
        Assert.Equal(
            StackError.LinkDown, Assert.Throws<StackException>(() => channel.Receive(channel.Now + s_limit, default)).Error);
        _near.Configure("link", "delete", "veth0");
        StackException gone = Assert.Throws<StackException>(() => channel.Send(new byte[60]));
        Assert.True(gone.Error == StackError.LinkDown, gone.Message);
        Assert.Equal(StackError.NoInterface, Assert.Throws<StackException>(() => InterfaceChannel.Open("veth0")).Error);
        return true;
    });

    [RootFact]
    public void Interfaces_are_described_as_the_kernel_has_them() => _near.Do(() =>
    {
        PacketInterface lo = PacketInterface.Find("lo")!;
        PacketInterface veth = PacketInterface.Find("veth0")!;
        Assert.Equal(("loopback", "veth"), (lo.Kind, veth.Kind));
        Assert.Equal(1500, veth.Mtu);
        Assert.Contains(InterfaceAddress.Parse("10.8.0.1/24"), veth.Addresses);
        Assert.True(veth.IsUp && veth.IsRunning);
        long before = veth.SentPackets;
        Assert.True(_near.Run("ping", "-c", "3", "-i", "0.01", "10.8.0.2").Succeeded);
        Assert.True(PacketInterface.Find("veth0")!.SentPackets >= before + 3);
        Assert.Contains(veth.HardwareAddress!.Value.ToString(), _near.Configure("link", "show", "veth0"), StringComparison.Ordinal);
        return true;
    });

    internal static Packet Ping(string from, string to, ushort sequence) => new([
        new IPv4Layer { Source = NetworkAddress.Parse(from), Destination = NetworkAddress.Parse(to) },
        new IcmpLayer { Type = 8, Sequence = sequence },
        new PayloadLayer("hello"),
    ]);

    private static Packet Datagram(string from, string to, ushort port, byte[] data) => new([
        new IPv4Layer { Source = NetworkAddress.Parse(from), Destination = NetworkAddress.Parse(to) },
        new UdpLayer { SourcePort = 4000, DestinationPort = port, Checksum = 0 },
        new PayloadLayer([.. data]),
    ]);

    private static bool SendAtRate(byte[] frame, int count, int rate)
    {
        using InterfaceChannel channel = InterfaceChannel.Open("veth0");
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            while (Stopwatch.GetElapsedTime(start).TotalSeconds * rate < i)
            {
                Thread.SpinWait(20);
            }

            BitConverter.TryWriteBytes(frame.AsSpan(frame.Length - 4), i);
            channel.Send(frame);
        }

        return true;
    }

    private static string? LinkLocal(LabNamespace place) => place.Configure("-6", "-o", "address", "show", "dev", "veth0")
        .Split('\n').Where(line => !line.Contains("tentative", StringComparison.Ordinal))
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(word => word.StartsWith("fe80", StringComparison.Ordinal)))
        .OfType<string>().Select(word => word.Split('/')[0]).FirstOrDefault();

    internal static byte[] Icmpv6Echo(string from, string to)
    {
        byte[] message = [128, 0, 0, 0, 0, 1, 0, 1];
        ulong sum = InternetChecksum.PseudoHeader(NetworkAddress.Parse(from), NetworkAddress.Parse(to), 58, message.Length);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), InternetChecksum.Finish(InternetChecksum.Add(sum, message)));
        return message;
    }
}
