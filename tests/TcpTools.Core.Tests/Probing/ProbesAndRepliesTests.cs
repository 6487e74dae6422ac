using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Probing;

/// <summary>What probes are made of, what is made of their answers, and who answers.</summary>
public sealed class ProbesAndRepliesTests
{
    private static readonly NetworkAddress s_near = NetworkAddress.Parse("10.0.0.9");
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_near6 = NetworkAddress.Parse("2001:db8::9");
    private static readonly NetworkAddress s_far6 = NetworkAddress.Parse("2001:db8::1");

    public static TheoryData<PortScanMethod> Methods => [PortScanMethod.Syn, PortScanMethod.Ack, PortScanMethod.Fin, PortScanMethod.Null, PortScanMethod.Xmas];

    [Theory]
    [MemberData(nameof(Methods))]
    public void The_reset_for_a_probe_answers_it_over_both_versions(PortScanMethod method)
    {
        foreach ((NetworkAddress near, NetworkAddress far) in new[] { (s_near, s_far), (s_near6, s_far6) })
        {
            Packet probe = PortScan.MakeProbe(method, near, far, 80, 4000, 0xFFFF_FFFF);
            Packet reset = PacketReply.ResetFor(probe)!;
            Assert.Empty(reset.Anomalies);
            Assert.True(ReplyRules.Default.Answers(reset, probe));
            Assert.Null(PacketReply.ResetFor(reset));
            Assert.Null(PacketReply.For(reset));
        }
    }

    [Fact]
    public void Echo_requests_of_both_versions_are_answered_intact()
    {
        foreach ((NetworkAddress near, NetworkAddress far) in new[] { (s_near, s_far), (s_near6, s_far6) })
        {
            Packet probe = EchoTest.MakeProbe(near, far, 5, 6, 100);
            Packet reply = PacketReply.For(probe)!;
            Assert.Empty(reply.Anomalies);
            Assert.True(ReplyRules.Default.Answers(reply, probe));
            Assert.True(EchoTest.Judge(new ExchangeResult { Probe = probe, Reply = reply }).IsIntact);
            reply.Payload!.Data[3] ^= 1;
            Assert.False(EchoTest.Judge(new ExchangeResult { Probe = probe, Reply = reply }).IsIntact);
        }
    }

    [Fact]
    public void A_neighbour_solicitation_gets_an_advertisement()
    {
        MacAddress own = MacAddress.Parse("02:00:00:00:00:07");
        Packet probe = Packet.Of(new EthernetLayer { Source = new(1), Destination = MacAddress.Parse("33:33:ff:00:00:01") })
            / new IPv6Layer { Source = s_near6, Destination = NetworkAddress.Parse("ff02::1:ff00:1"), HopLimit = 255 }
            / new Icmpv6Layer { Type = Icmpv6Type.NeighborSolicitation, Target = s_far6 };
        List<Packet> replies = [];
        Assert.True(new ArpResponder(new ResponderAddresses([new InterfaceAddress(s_far6, 128)]), own).TryRespond(probe, replies));
        Packet reply = Assert.Single(replies);
        Assert.Empty(reply.Anomalies);
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        Assert.Equal((own, s_far6, s_near6), (reply.Ethernet!.Source, reply.Icmpv6!.Target, reply.IP!.Destination));
        Assert.False(new ArpResponder(new ResponderAddresses([new InterfaceAddress(s_near6, 128)]), own).TryRespond(probe, replies));
    }

    [Fact]
    public void No_error_is_sent_about_errors_or_what_went_to_many()
    {
        Packet datagram = TestPackets.IP(s_near, s_far) / new UdpLayer { DestinationPort = 9 } / "data";
        Packet error = PacketReply.ErrorFor(datagram)!;
        Assert.Empty(error.Anomalies);
        Assert.Equal(9, error.Icmp!.Quoted!.Udp!.DestinationPort);
        Assert.Null(PacketReply.ErrorFor(error));
        datagram.IP!.Destination = NetworkAddress.BroadcastIPv4;
        Assert.Null(PacketReply.ErrorFor(datagram));
    }

    [Theory]
    [InlineData(RouteProbe.Tcp)]
    [InlineData(RouteProbe.Udp)]
    [InlineData(RouteProbe.Icmp)]
    public void A_route_is_told_hop_by_hop(RouteProbe protocol)
    {
        foreach ((NetworkAddress near, NetworkAddress far) in new[] { (s_near, s_far), (s_near6, s_far6) })
        {
            RouteTrace trace = new(near, far, new RouteTraceOptions { Protocol = protocol, MaximumHops = 10, Queries = 2 }, RandomSource.FromSeed(3));
            PacketExchange exchange = new(new ExchangeOptions());
            List<Packet> probes = [];
            while (trace.TryMakeProbe(out Packet? probe))
            {
                exchange.Add(probe);
                Assert.True(exchange.TryTakeDue(default, out _));
                probes.Add(probe);
            }

            Assert.Equal(20, probes.Count);
            // The third hop says nothing, the fifth is the target; answers come in from the last to the first.
            foreach (Packet probe in Enumerable.Reverse(probes))
            {
                int hop = probe.IP!.TimeToLive;
                Packet? reply = hop == 3 ? null : hop < 5 ? Expired(near, hop, probe) : Final(probe);
                Assert.Equal(reply is not null, reply is not null && exchange.OnReceived(reply.ToBytes(), PacketStart.IP, Instant.FromSeconds(0.01)));
            }

            exchange.CompleteAdding();
            exchange.Move(Instant.FromSeconds(10));
            while (exchange.TryTakeResult(out ExchangeResult? result))
            {
                Assert.Equal(result.Probe.IP!.TimeToLive < 5 && result.Answered, result.Answered && result.ReceivedFrom != far);
                trace.Take(result);
            }

            List<RouteHop> hops = [];
            while (trace.TryTakeHop(out RouteHop? hop))
            {
                hops.Add(hop);
            }

            Assert.True(trace.IsComplete);
            Assert.Equal(["1", "2", "*", "4", "5"], hops.Select(h => h.Address is null ? "*" : $"{h.Hop}"));
            Assert.Equal([false, false, false, false, true], hops.Select(h => h.Reached));
            Assert.Equal(far, hops[^1].Address);
            Assert.Equal(Router(near, 4), hops[3].Address);
        }

        static NetworkAddress Router(NetworkAddress near, int hop) => NetworkAddress.Parse(near.IsIPv6 ? $"2001:db8:{hop}::1" : $"10.{hop}.0.1");

        static Packet Expired(NetworkAddress near, int hop, Packet probe)
        {
            Packet quoted = Packet.Parse(probe.ToBytes().AsSpan(0, near.IsIPv6 ? 48 : 28));
            Packet head = TestPackets.IP(Router(near, hop), near);
            return near.IsIPv6
                ? head / new Icmpv6Layer { Type = Icmpv6Type.TimeExceeded, Quoted = quoted }
                : head / new IcmpLayer { Type = IcmpType.TimeExceeded, Quoted = quoted };
        }

        static Packet Final(Packet probe) => probe.Tcp is not null
            ? PacketReply.ResetFor(probe)!
            : probe.Udp is not null && probe.IP!.Version == 4 ? PacketReply.ErrorFor(probe)! : PacketReply.For(probe)!;
    }

    [Fact]
    public void In_simulated_time_a_responder_answers_while_the_network_moves()
    {
        using PacketWire wire = new();
        using TcpStack stack = TcpStack.Start(new TcpStackOptions
        {
            Link = wire.A,
            Addresses = [InterfaceAddress.Parse("10.0.0.9/24")],
            Mode = StackMode.Virtual,
            Random = RandomSource.FromSeed(4),
        });
        LinkChannel far = new(wire.B, stack.Clock!.Network);
        using PacketResponder responder = PacketResponder.Start(far, new EchoResponder(new ResponderAddresses()));
        using StackChannel near = new(stack);
        ExchangeResult result = Assert.Single(ExchangeRunner.Exchange(near, [EchoTest.MakeProbe(s_near, s_far, 1, 2)]));
        Assert.True(result.Answered);
        Assert.Equal((1L, 1L, 1L, 0L), (responder.Seen, responder.Matched, responder.Replied, responder.Errors));
        responder.Stop();
        Assert.False(Assert.Single(ExchangeRunner.Exchange(near, [EchoTest.MakeProbe(s_near, s_far, 1, 3)])).Answered);
    }
}
