using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Echo, and the errors that this host sends (RFC 792; RFC 1122, 3.2.2; RFC 1812, 4.3.2).</summary>
public sealed class IcmpTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(56)]
    [InlineData(1472)]
    public void An_echo_request_comes_back_whole(int length)
    {
        var host = new IPHost();
        host.Receive(TestPacket.Echo(IPHost.Peer, IPHost.Me, TestPacket.Pattern(length), tos: 0x20));
        var reply = new IPv4View(host.TakeSent());
        var echo = new Icmpv4View(reply.Payload);
        Assert.True(reply.IsChecksumValid && echo.IsValid);
        Assert.Equal((IcmpType.EchoReply, (byte)0, (ushort)7, (ushort)1), (echo.Type, echo.Code, echo.Identifier, echo.Sequence));
        Assert.Equal((IPHost.Me, IPHost.Peer, (byte)0x20, (byte)64), (reply.Source, reply.Destination, reply.TypeOfService, reply.TimeToLive));
        Assert.Equal(TestPacket.Pattern(length), echo.Payload.ToArray());
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void A_ping_longer_than_the_link_is_answered_in_fragments()
    {
        var host = new IPHost();
        byte[] data = TestPacket.Pattern(65507);
        byte[] message = TestPacket.Icmp(IcmpType.EchoRequest, 0, 1, data);
        TestPacket.Fragments(IPHost.Peer, IPHost.Me, IPProtocol.Icmp, message, 1480).ForEach(f => host.Receive(f));
        byte[] reply = [.. host.Sent.SelectMany(f => new IPv4View(f).Payload.ToArray())];
        Assert.True(new Icmpv4View(reply).IsValid);
        Assert.Equal(data, reply[8..]);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Theory]
    [InlineData("10.0.0.255")]
    [InlineData("255.255.255.255")]
    [InlineData("224.0.0.1")]
    public void A_ping_to_everybody_is_not_answered(string destination)
    {
        var host = new IPHost();
        host.Receive(TestPacket.Echo(IPHost.Peer, NetworkAddress.Parse(destination), [1]));
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void A_damaged_ping_is_not_answered()
    {
        var host = new IPHost();
        byte[] packet = TestPacket.Echo(IPHost.Peer, IPHost.Me, [1, 2, 3]);
        packet[^1] ^= 1;
        host.Receive(packet);
        Assert.Empty(host.Sent);
        Assert.Equal((1, 1), (host.Counters.Icmp.InErrors, host.Counters.Icmp.InCsumErrors));
    }

    [Fact]
    public void Echo_can_be_limited_or_switched_off()
    {
        var limited = new IPHost(new IPSettings { MaximumEchoLength = 64 });
        limited.Receive(TestPacket.Echo(IPHost.Peer, IPHost.Me, new byte[56]));
        Assert.Single(limited.Sent);
        limited.Receive(TestPacket.Echo(IPHost.Peer, IPHost.Me, new byte[57]));
        Assert.Single(limited.Sent);
        var silent = new IPHost(new IPSettings { AnswerEcho = false });
        silent.Receive(TestPacket.Echo(IPHost.Peer, IPHost.Me, []));
        Assert.Empty(silent.Sent);
        Assert.Equal(0, silent.Pool.Outstanding);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void A_message_too_short_is_dropped(int length)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Icmp, new byte[length]));
        Assert.Equal(1, host.Counters.Icmp.InErrors);
        Assert.Empty(host.Sent);
    }

    [Theory]
    [InlineData(1)] // unassigned
    [InlineData(4)] // source quench (RFC 6633)
    [InlineData(5)] // redirect
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(13)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(42)]
    [InlineData(255)]
    public void Other_types_are_ignored(byte type)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(
            IPHost.Peer, IPHost.Me, IPProtocol.Icmp, TestPacket.Icmp(type, 0, 0x0A000003, Quoted())));
        Assert.Empty(host.Sent);
        Assert.Empty(host.Errors);
        Assert.Empty(host.Delivered);
    }

    [Fact]
    public void A_redirect_changes_no_route()
    {
        var host = new IPHost();
        Route[] before = [.. host.Layer.Routes.Routes];
        host.Receive(TestPacket.IPv4(
            IPHost.Gateway, IPHost.Me, IPProtocol.Icmp, TestPacket.Icmp(IcmpType.Redirect, 1, IPHost.Peer.IPv4Bits, Quoted())));
        Assert.Equal(before, host.Layer.Routes.Routes.ToArray());
        Assert.Equal(1, host.Counters.Icmp.InRedirects);
    }

    [Fact]
    public void Answers_are_delivered_to_who_asks_for_ICMP()
    {
        var host = new IPHost();
        byte[] reply = TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Icmp, TestPacket.Icmp(0, 0, 5, [1]));
        host.Receive(reply);
        Assert.Empty(host.Delivered);
        host.Protocols.Add(IPProtocol.Icmp);
        host.Receive(reply);
        Assert.Equal(reply[20..], Assert.Single(host.Delivered).Payload);
        Assert.Empty(host.Sent);
    }

    // ---- errors sent ----

    public static TheoryData<string, bool> AboutWhat() => new()
    {
        { "udp", true },
        { "tcp", true },
        { "echo request", true },
        { "icmp unreachable", false },
        { "icmp time exceeded", false },
        { "icmp parameter problem", false },
        { "icmp redirect", false },
        { "icmp source quench", false },
        { "icmp of an unknown type", false },
        { "empty icmp", false },
        { "broadcast", false },
        { "later fragment", false },
        { "first fragment", true },
    };

    [Theory]
    [MemberData(nameof(AboutWhat))]
    public void Errors_are_sent_only_about_what_may_cause_none_in_turn(string what, bool sent)
    {
        var host = new IPHost();
        byte protocol = what.Contains("icmp", StringComparison.Ordinal) || what.StartsWith("echo", StringComparison.Ordinal) ? (byte)1 : what == "tcp" ? (byte)6 : (byte)17;
        byte type = what switch
        {
            "icmp unreachable" => 3,
            "icmp time exceeded" => 11,
            "icmp parameter problem" => 12,
            "icmp redirect" => 5,
            "icmp source quench" => 4,
            "icmp of an unknown type" => 77,
            _ => 8,
        };
        byte[] payload = what == "empty icmp" ? [] : protocol == 1 ? TestPacket.Icmp(type, 0, 0, Quoted()) : new byte[32];
        byte[] packet = TestPacket.IPv4(
            IPHost.Peer, IPHost.Me, protocol, payload, offset: what == "later fragment" ? 80 : 0, more: what.Contains("fragment", StringComparison.Ordinal));
        var datagram = new IPDatagram
        {
            Source = IPHost.Peer,
            Destination = IPHost.Me,
            Protocol = protocol,
            Header = packet.AsSpan(0, 20),
            Payload = packet.AsSpan(20),
            IsUnicast = what != "broadcast",
        };
        Assert.Equal(sent, host.Layer.SendUnreachable(datagram, IcmpCode.PortUnreachable, host.Now));
        Assert.Equal(sent ? 1 : 0, host.Sent.Count);
    }

    [Theory]
    [InlineData(8, 36)]
    [InlineData(500, 528)]
    [InlineData(528, 556)]
    [InlineData(548, 576)] // header and data of 548 bytes fill the 576
    [InlineData(549, 576)]
    [InlineData(1480, 576)]
    public void As_much_is_quoted_as_fits_into_576_bytes(int quotable, int expected)
    {
        var host = new IPHost();
        byte[] packet = TestPacket.IPv4(IPHost.Peer, IPHost.Me, 99, TestPacket.Pattern(Math.Max(quotable - 20, 0)));
        quotable = packet.Length;
        host.Receive(packet);
        byte[] error = host.TakeSent();
        Assert.Equal(Math.Min(Math.Max(expected, 28 + 20), 576), error.Length);
        Assert.Equal(packet[..Math.Min(quotable, 548)], error[28..]);
        Assert.Equal(0, new IPv4View(error).TypeOfService);
        Assert.True(new Icmpv4View(error.AsSpan(20)).IsChecksumValid);
    }

    [Fact]
    public void One_host_gets_a_burst_of_errors_and_then_one_a_second()
    {
        var host = new IPHost();
        Assert.Equal(6, Provoke(host, IPHost.Peer, 100));
        Assert.Equal(94, host.Counters.Icmp.OutRateLimitHost);
        host.Now += TimeSpan.FromSeconds(0.5);
        Assert.Equal(0, Provoke(host, IPHost.Peer, 10));
        host.Now += TimeSpan.FromSeconds(0.5);
        Assert.Equal(1, Provoke(host, IPHost.Peer, 10));
        host.Now += TimeSpan.FromSeconds(3600);
        Assert.Equal(6, Provoke(host, IPHost.Peer, 100));
    }

    [Fact]
    public void A_flood_from_everywhere_gets_a_bounded_number_of_errors()
    {
        var host = new IPHost(new IPSettings { ErrorsPerSecond = 100, ErrorBurst = 50 });
        int sent = 0;
        for (int i = 0; i < 10_000; i++)
        {
            sent += Provoke(host, NetworkAddress.FromIPv4(0xC6120000u + (uint)i), 1);
            host.Now += TimeSpan.FromMilliseconds(1);
        }

        // 10 s at 100 a second and a burst of 50 in front.
        Assert.InRange(sent, 900, 1051);
        Assert.True(host.Counters.Icmp.OutRateLimitGlobal > 0);
    }

    [Fact]
    public void A_flood_from_one_host_does_not_silence_errors_to_another()
    {
        var host = new IPHost();
        Provoke(host, IPHost.Peer, 1000);
        Assert.Equal(1, Provoke(host, IPHost.Far, 1));
    }

    [Fact]
    public void Echo_replies_are_not_rationed()
    {
        var host = new IPHost();
        for (int i = 0; i < 500; i++)
        {
            host.Receive(TestPacket.Echo(IPHost.Peer, IPHost.Me, [1]));
        }

        Assert.Equal(500, host.Sent.Count);
    }

    [Fact]
    public void Errors_can_be_switched_off()
    {
        var host = new IPHost(new IPSettings { SendErrors = false });
        Assert.Equal(0, Provoke(host, IPHost.Peer, 3));
    }

    [Fact]
    public void An_error_to_a_host_without_a_route_is_counted()
    {
        var host = new IPHost();
        host.Layer.Routes.RemoveRoute(NetworkAddress.AnyIPv4, 0);
        Assert.Equal(0, Provoke(host, IPHost.Far, 1));
        Assert.Equal(1, host.Counters.Icmp.OutErrors);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    private static int Provoke(IPHost host, NetworkAddress source, int times)
    {
        int before = host.Sent.Count;
        for (int i = 0; i < times; i++)
        {
            host.Receive(TestPacket.IPv4(source, IPHost.Me, 99, [1]));
        }

        return host.Sent.Count - before;
    }

    private static byte[] Quoted() => TestPacket.IPv4(IPHost.Me, IPHost.Far, 6, TestPacket.TcpStart(1000, 80, 1));
}
