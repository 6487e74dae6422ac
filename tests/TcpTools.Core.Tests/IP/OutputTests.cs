using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>What goes out: headers, identifications, sources, and datagrams to oneself.</summary>
public sealed class OutputTests
{
    private static IPSendOptions To(NetworkAddress destination) => new() { Destination = destination, Protocol = IPProtocol.Tcp };

    [Fact]
    public void The_header_says_what_the_transport_asked_for()
    {
        var host = new IPHost();
        Assert.True(host.Send(
            TestPacket.Pattern(33),
            new IPSendOptions
            {
                Source = IPHost.Me,
                Destination = IPHost.Peer,
                Protocol = 6,
                TimeToLive = 3,
                TypeOfService = 0xBA,
                DontFragment = true,
                Identification = 0xBEEF,
            }));
        var packet = new IPv4View(host.TakeSent());
        Assert.True(packet.IsValid && packet.IsChecksumValid);
        Assert.Equal((IPHost.Me, IPHost.Peer, (byte)6, (byte)3, (byte)0xBA), (packet.Source, packet.Destination, packet.Protocol, packet.TimeToLive, packet.TypeOfService));
        Assert.Equal((true, false, 0, (ushort)0xBEEF, 20), (packet.DontFragment, packet.MoreFragments, packet.FragmentOffset, packet.Identification, packet.HeaderLength));
        Assert.Equal(TestPacket.Pattern(33), packet.Payload.ToArray());
    }

    [Fact]
    public void Source_and_time_to_live_have_defaults()
    {
        var host = new IPHost();
        host.Send([1], To(IPHost.Far));
        var packet = new IPv4View(host.TakeSent());
        Assert.Equal((IPHost.Me, (byte)64), (packet.Source, packet.TimeToLive));
    }

    [Fact]
    public void Neighbours_are_next_hops_themselves_and_others_are_behind_the_gateway()
    {
        var host = new IPHost();
        host.Send([1], To(IPHost.Peer));
        host.Send([1], To(IPHost.Far));
        host.Send([1], To(NetworkAddress.BroadcastIPv4));
        host.Send([1], To(NetworkAddress.Parse("10.0.0.255")));
        Assert.Equal(
            [IPHost.Peer, IPHost.Gateway, NetworkAddress.BroadcastIPv4, NetworkAddress.Parse("10.0.0.255")], host.NextHops);
    }

    [Fact]
    public void Without_a_route_nothing_is_sent()
    {
        var host = new IPHost();
        host.Layer.Routes.RemoveRoute(NetworkAddress.AnyIPv4, 0);
        Assert.False(host.Send([1], To(IPHost.Far)));
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Counters.OutNoRoutes);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Theory]
    [InlineData("10.0.0.9")] // not ours
    [InlineData("127.0.0.1")] // must not leave the host
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.255")]
    [InlineData("::1")]
    public void A_source_that_is_not_this_hosts_is_refused(string source)
    {
        var host = new IPHost();
        Assert.False(host.Send(
            [1], new IPSendOptions { Source = NetworkAddress.Parse(source), Destination = IPHost.Peer, Protocol = 6 }));
        Assert.Empty(host.Sent);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void No_IPv6_destination_slips_through()
    {
        var host = new IPHost();
        Assert.False(host.Send([1], To(NetworkAddress.Parse("::a00:2"))));
        Assert.False(host.Send([1], To(default)));
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void A_packet_cannot_be_longer_than_its_length_field_can_say()
    {
        var host = new IPHost();
        Assert.True(host.Send(new byte[65515], To(IPHost.Me)));
        Assert.False(host.Send(new byte[65516], To(IPHost.Me)));
        host.Layer.OnTimer(host.Now);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void Options_are_padded_and_counted_in_the_header()
    {
        var host = new IPHost();
        host.Send([5], new IPSendOptions { Destination = IPHost.Peer, Protocol = 6, Options = [7, 7, 4, 0, 0, 0, 0] });
        var packet = new IPv4View(host.TakeSent());
        Assert.Equal(28, packet.HeaderLength);
        Assert.Equal([7, 7, 4, 0, 0, 0, 0, 0], packet.Options.ToArray());
        Assert.Equal([5], packet.Payload.ToArray());
        Assert.True(packet.IsChecksumValid);
        Assert.False(host.Send([5], new IPSendOptions { Destination = IPHost.Peer, Protocol = 6, Options = new byte[41] }));
    }

    [Fact]
    public void An_atomic_datagram_carries_no_identification_unless_asked()
    {
        var host = new IPHost();
        host.Send([1], new IPSendOptions { Destination = IPHost.Peer, Protocol = 6, DontFragment = true });
        Assert.Equal(0, new IPv4View(host.TakeSent()).Identification);
        var counting = new IPHost(new IPSettings { ZeroIdentificationWhenAtomic = false });
        List<ushort> ids = [];
        for (int i = 0; i < 3; i++)
        {
            counting.Send([1], new IPSendOptions { Destination = IPHost.Peer, Protocol = 6, DontFragment = true });
            ids.Add(new IPv4View(counting.TakeSent()).Identification);
        }

        Assert.Equal(3, ids.Distinct().Count());
    }

    [Theory]
    [InlineData(IdentificationPolicy.PerDestination)]
    [InlineData(IdentificationPolicy.Random)]
    public void Identifications_of_one_flow_repeat_only_after_all_values(IdentificationPolicy policy)
    {
        var ids = new IdentificationGenerator(policy, RandomSource.FromSeed(9));
        HashSet<ushort> seen = [];
        for (int i = 0; i < 65536; i++)
        {
            Assert.True(seen.Add(ids.Next(IPHost.Me, IPHost.Peer, 17)));
        }
    }

    [Fact]
    public void Identifications_to_one_peer_do_not_tell_of_traffic_to_another()
    {
        var ids = new IdentificationGenerator(IdentificationPolicy.PerDestination, RandomSource.FromSeed(3));
        ushort first = ids.Next(IPHost.Me, IPHost.Peer, 17);
        for (int i = 0; i < 100; i++)
        {
            ids.Next(IPHost.Me, IPHost.Far, 17);
        }

        Assert.Equal((ushort)(first + 1), ids.Next(IPHost.Me, IPHost.Peer, 17));
    }

    [Fact]
    public void A_segment_that_the_link_splits_uses_up_an_identification_for_each_packet()
    {
        var host = new IPHost();
        var tso = new OffloadInfo { Segmentation = SegmentationKind.TcpIPv4, SegmentSize = 1000, HeaderLength = 20, NeedsChecksum = true, ChecksumOffset = 16 };
        host.Send(new byte[2500], To(IPHost.Peer), tso);
        host.Send([1], To(IPHost.Peer));
        Assert.Equal(2, host.Sent.Count);
        Assert.Equal((ushort)(new IPv4View(host.Sent[0]).Identification + 3), new IPv4View(host.Sent[1]).Identification);
        // Whole, whatever the MTU; offsets count from the IP header now.
        Assert.Equal(2520, host.Sent[0].Length);
        Assert.Equal((20, 16, 40), (host.SentOffloads[0].ChecksumStart, host.SentOffloads[0].ChecksumOffset, host.SentOffloads[0].HeaderLength));
    }

    [Fact]
    public void A_payload_without_room_in_front_is_sent_all_the_same()
    {
        var host = new IPHost();
        PacketBuffer buffer = host.Pool.Rent(100);
        buffer.Reset(0);
        TestPacket.Pattern(100).CopyTo(buffer.Append(100));
        Assert.True(host.Layer.Send(buffer, To(IPHost.Peer), host.Now));
        Assert.Equal(TestPacket.Pattern(100), new IPv4View(host.TakeSent()).Payload.ToArray());
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    public void What_is_sent_to_oneself_never_sees_the_link(string destination)
    {
        var host = new IPHost();
        var address = NetworkAddress.Parse(destination);
        Assert.True(host.Send(TestPacket.Pattern(4000), new IPSendOptions { Destination = address, Protocol = 6, DontFragment = true }));
        Assert.Empty(host.Delivered);
        Assert.Equal(1, host.Layer.LoopedPackets);
        Assert.True(host.Layer.NextDeadline <= host.Now);
        host.Layer.OnTimer(host.Now);
        Delivery got = Assert.Single(host.Delivered);
        Assert.True(got.IsLooped && got.IsUnicast);
        Assert.Equal(TestPacket.Pattern(4000), got.Payload);
        Assert.Equal(host.Layer.Routes.IsOwn(address) ? IPHost.Me : NetworkAddress.Parse("127.0.0.1"), got.Source);
        Assert.Empty(host.Sent);
        Assert.True(host.Layer.NextDeadline.IsNever);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void Endless_talk_with_oneself_neither_recurses_nor_blocks()
    {
        var host = new IPHost();
        host.OnDeliver = d => host.Send(d.Payload, To(IPHost.Me));
        host.Send([1], To(IPHost.Me));
        for (int i = 1; i <= 10_000; i++)
        {
            host.Layer.OnTimer(host.Now);
            Assert.Equal(i, host.Delivered.Count);
        }

        host.Layer.Clear();
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void The_queue_to_oneself_is_bounded()
    {
        var host = new IPHost(new IPSettings { LoopQueueLimit = 3 });
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => host.Send([1], To(IPHost.Me))));
        Assert.Equal(3, host.Pool.Outstanding);
        Assert.Equal(1, host.Counters.OutDiscards);
    }

    [Fact]
    public void Ping_to_oneself_is_answered()
    {
        var host = new IPHost();
        host.Protocols.Add(IPProtocol.Icmp);
        host.Send(
            TestPacket.Icmp(IcmpType.EchoRequest, 0, 77, [1, 2]),
            new IPSendOptions { Destination = NetworkAddress.Parse("127.0.0.1"), Protocol = IPProtocol.Icmp });
        host.Layer.OnTimer(host.Now);
        host.Layer.OnTimer(host.Now);
        Assert.Equal(IcmpType.EchoReply, new Icmpv4View(Assert.Single(host.Delivered).Payload).Type);
        Assert.Equal((1, 1, 1, 1), (host.Counters.Icmp.OutEchos, host.Counters.Icmp.InEchos, host.Counters.Icmp.OutEchoReps, host.Counters.Icmp.InEchoReps));
    }

    [Fact]
    public void Multicast_stays_on_the_link_by_default()
    {
        var host = new IPHost();
        host.Send([1], To(NetworkAddress.Parse("224.0.0.251")));
        Assert.Equal(1, new IPv4View(host.TakeSent()).TimeToLive);
    }

    [Theory]
    [InlineData(67)]
    [InlineData(65536)]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_MTU_that_IPv4_cannot_work_with_is_refused_at_once(int mtu)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new IPHost(new IPSettings { Mtu = mtu }));
    }
}
