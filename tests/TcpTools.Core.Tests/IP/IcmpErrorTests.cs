using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Errors that arrive: what reaches a transport and what cannot be true (RFC 1122, 3.2.2; RFC 5927), and path MTUs (RFC 1191).</summary>
public sealed class IcmpErrorTests
{
    private static readonly NetworkAddress Router = NetworkAddress.Parse("198.51.100.1");

    private static byte[] Quote(int length = 20, byte[]? options = null) => TestPacket.IPv4(
        IPHost.Me, IPHost.Far, IPProtocol.Tcp, TestPacket.TcpStart(1025, 80, 0xFFFFFFF0, length), options: options);

    private static byte[] Error(byte type, byte code, byte[] quote, uint rest = 0, NetworkAddress? to = null) => TestPacket.IPv4(
        Router, to ?? IPHost.Me, IPProtocol.Icmp, TestPacket.Icmp(type, code, rest, quote));

    /// <summary>The quote of a datagram of 1,500 bytes, cut to what an old router returns.</summary>
    private static byte[] LongQuote(int length = 1500) => TestPacket.With(Quote(), p =>
    {
        p[2] = (byte)(length >> 8);
        p[3] = (byte)length;
    })[..28];

    [Theory]
    [InlineData(3, 0, IcmpErrorKind.NetworkUnreachable, false)]
    [InlineData(3, 1, IcmpErrorKind.HostUnreachable, false)]
    [InlineData(3, 2, IcmpErrorKind.ProtocolUnreachable, true)]
    [InlineData(3, 3, IcmpErrorKind.PortUnreachable, true)]
    [InlineData(3, 5, IcmpErrorKind.SourceRouteFailed, false)]
    [InlineData(3, 6, IcmpErrorKind.NetworkUnreachable, false)]
    [InlineData(3, 7, IcmpErrorKind.HostUnreachable, false)]
    [InlineData(3, 8, IcmpErrorKind.NetworkUnreachable, false)]
    [InlineData(3, 9, IcmpErrorKind.AdministrativelyProhibited, false)]
    [InlineData(3, 10, IcmpErrorKind.AdministrativelyProhibited, false)]
    [InlineData(3, 11, IcmpErrorKind.NetworkUnreachable, false)]
    [InlineData(3, 12, IcmpErrorKind.HostUnreachable, false)]
    [InlineData(3, 13, IcmpErrorKind.AdministrativelyProhibited, false)]
    [InlineData(3, 14, IcmpErrorKind.AdministrativelyProhibited, false)]
    [InlineData(3, 15, IcmpErrorKind.AdministrativelyProhibited, false)]
    [InlineData(11, 0, IcmpErrorKind.TimeExceeded, false)]
    [InlineData(11, 1, IcmpErrorKind.ReassemblyTimeExceeded, false)]
    [InlineData(12, 0, IcmpErrorKind.ParameterProblem, false)]
    [InlineData(12, 1, IcmpErrorKind.ParameterProblem, false)]
    public void An_error_tells_its_kind_and_which_segment_it_is_about(byte type, byte code, IcmpErrorKind kind, bool isHard)
    {
        var host = new IPHost();
        host.Receive(Error(type, code, Quote()));
        IcmpError error = Assert.Single(host.Errors);
        Assert.Equal((kind, type, code, isHard), (error.Kind, error.Type, error.Code, error.IsHard));
        Assert.Equal(new FlowKey(IPHost.Me, 1025, IPHost.Far, 80), error.Flow);
        Assert.Equal(new SequenceNumber(0xFFFFFFF0), error.Sequence);
        Assert.Equal((Router, IPProtocol.Tcp, 40, 0), (error.Reporter, error.Protocol, error.QuotedLength, error.Mtu));
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void Eight_bytes_of_the_segment_are_enough_and_seven_are_not()
    {
        var host = new IPHost();
        host.Receive(Error(3, 1, LongQuote()));
        Assert.Equal(new SequenceNumber(0xFFFFFFF0), Assert.Single(host.Errors).Sequence);
        host.Receive(Error(3, 1, LongQuote()[..27]));
        Assert.Single(host.Errors);
        Assert.Equal(1, host.Counters.Icmp.InErrors);
    }

    [Fact]
    public void Options_in_the_quoted_header_do_not_shift_the_ports()
    {
        var host = new IPHost();
        host.Receive(Error(3, 1, Quote(options: [7, 7, 4, 0, 0, 0, 0])));
        Assert.Equal(1025, Assert.Single(host.Errors).Flow.LocalPort);
    }

    [Fact]
    public void A_UDP_error_has_ports_and_another_protocols_has_none()
    {
        var host = new IPHost();
        host.Receive(Error(3, 3, TestPacket.IPv4(IPHost.Me, IPHost.Far, 17, TestPacket.Udp(IPHost.Me, IPHost.Far, 5000, 53, [1]))));
        host.Receive(Error(3, 2, TestPacket.IPv4(IPHost.Me, IPHost.Far, 132, TestPacket.Pattern(8))));
        Assert.Equal(new FlowKey(IPHost.Me, 5000, IPHost.Far, 53), host.Errors[0].Flow);
        Assert.Equal(default, host.Errors[0].Sequence);
        Assert.Equal(new FlowKey(IPHost.Me, 0, IPHost.Far, 0), host.Errors[1].Flow);
    }

    [Theory]
    [InlineData("unknown code")]
    [InlineData("nothing quoted")]
    [InlineData("half a header quoted")]
    [InlineData("quoted version 6")]
    [InlineData("quoted header of 16 bytes")]
    [InlineData("quoted header beyond the quote")]
    [InlineData("quoted length too short")]
    [InlineData("quoted source is another host")]
    [InlineData("quoted source is another address of ours")]
    [InlineData("quoted destination is a group")]
    [InlineData("quoted destination is a broadcast")]
    [InlineData("quoted datagram is a later fragment")]
    [InlineData("quoted datagram is an ICMP error")]
    [InlineData("sent to a broadcast")]
    [InlineData("wrong checksum")]
    [InlineData("too big, though it would fit")]
    public void An_error_that_cannot_be_true_reaches_nobody(string flaw)
    {
        var host = new IPHost();
        host.Layer.Routes.AddAddress(InterfaceAddress.Parse("10.0.0.77/24"));
        byte[] q = Quote();
        byte[] packet = flaw switch
        {
            "unknown code" => Error(3, 16, q),
            "nothing quoted" => Error(3, 1, []),
            "half a header quoted" => Error(3, 1, q[..12]),
            "quoted version 6" => Error(3, 1, TestPacket.With(q, p => p[0] = 0x65)),
            "quoted header of 16 bytes" => Error(3, 1, TestPacket.With(q, p => p[0] = 0x44)),
            "quoted header beyond the quote" => Error(3, 1, TestPacket.With(q, p => p[0] = 0x4F)[..40]),
            "quoted length too short" => Error(3, 1, TestPacket.With(q, p => p[3] = 27)),
            "quoted source is another host" => Error(3, 1, TestPacket.IPv4(IPHost.Peer, IPHost.Far, 6, TestPacket.TcpStart(1, 2, 3))),
            "quoted source is another address of ours" => Error(3, 1, q, to: NetworkAddress.Parse("10.0.0.77")),
            "quoted destination is a group" => Error(3, 1, TestPacket.IPv4(IPHost.Me, NetworkAddress.Parse("224.0.0.5"), 6, TestPacket.TcpStart(1, 2, 3))),
            "quoted destination is a broadcast" => Error(3, 1, TestPacket.IPv4(IPHost.Me, NetworkAddress.Parse("10.0.0.255"), 6, TestPacket.TcpStart(1, 2, 3))),
            "quoted datagram is a later fragment" => Error(3, 1, TestPacket.IPv4(IPHost.Me, IPHost.Far, 6, TestPacket.TcpStart(1, 2, 3), offset: 8)),
            "quoted datagram is an ICMP error" => Error(3, 1, TestPacket.IPv4(IPHost.Me, IPHost.Far, 1, TestPacket.Icmp(3, 1, 0, q))),
            "sent to a broadcast" => Error(3, 1, q, to: NetworkAddress.Parse("10.0.0.255")),
            "wrong checksum" => Damage(Error(3, 1, q)),
            _ => Error(3, 4, LongQuote(1500), rest: 1500),
        };
        host.Receive(packet);
        Assert.Empty(host.Errors);
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Counters.Icmp.InErrors);
        host.AssertAlive();
    }

    [Theory]
    [InlineData(1500, 1400, 1400)]
    [InlineData(1500, 68, 68)]
    [InlineData(1500, 1, 1)]
    [InlineData(1500, 0, 1492)] // an old router: the next plateau (RFC 1191, 7.1)
    [InlineData(1492, 0, 1006)]
    [InlineData(1006, 0, 508)]
    [InlineData(9000, 0, 8166)]
    [InlineData(65535, 0, 32000)]
    [InlineData(200, 0, 68)]
    public void Too_big_tells_the_next_hops_MTU_or_it_is_estimated(int quoted, uint reported, int mtu)
    {
        var host = new IPHost();
        host.Receive(Error(3, 4, LongQuote(quoted), rest: reported));
        IcmpError error = Assert.Single(host.Errors);
        Assert.Equal((IcmpErrorKind.FragmentationNeeded, mtu, quoted), (error.Kind, error.Mtu, error.QuotedLength));
        // Nothing is believed before the transport has looked at the sequence number (RFC 5927, 7).
        Assert.Equal(1500, host.Layer.GetPathMtu(IPHost.Far, host.Now));
    }

    [Theory]
    [InlineData(1400, 1400)]
    [InlineData(552, 552)]
    [InlineData(551, 552)]
    [InlineData(68, 552)]
    [InlineData(0, 552)]
    [InlineData(-5, 552)]
    [InlineData(1500, 1500)]
    [InlineData(9000, 1500)] // never raised
    public void A_believed_error_lowers_the_path_MTU_down_to_the_floor(int reported, int expected)
    {
        var host = new IPHost();
        Assert.Equal(expected, host.Layer.LowerPathMtu(TooBig(IPHost.Far, reported), host.Now));
        Assert.Equal(expected, host.Layer.GetPathMtu(IPHost.Far, host.Now));
        Assert.Equal(1500, host.Layer.GetPathMtu(IPHost.Peer, host.Now));
    }

    [Fact]
    public void A_path_MTU_is_never_raised_by_a_message_and_forgotten_after_ten_minutes()
    {
        var host = new IPHost();
        host.Layer.LowerPathMtu(TooBig(IPHost.Far, 1000), host.Now);
        Assert.Equal(1000, host.Layer.LowerPathMtu(TooBig(IPHost.Far, 1300), host.Now));
        Assert.Equal(1000, host.Layer.GetPathMtu(IPHost.Far, host.Now + TimeSpan.FromSeconds(599.9)));
        Assert.Equal(1500, host.Layer.GetPathMtu(IPHost.Far, host.Now + TimeSpan.FromSeconds(600)));
    }

    [Fact]
    public void Another_kind_of_error_changes_no_path_MTU()
    {
        var host = new IPHost();
        Assert.Equal(1500, host.Layer.LowerPathMtu(TooBig(IPHost.Far, 1000) with { Kind = IcmpErrorKind.HostUnreachable }, host.Now));
    }

    [Fact]
    public void Datagrams_that_may_be_fragmented_are_cut_to_the_path_and_others_are_left_to_the_transport()
    {
        var host = new IPHost();
        host.Layer.LowerPathMtu(TooBig(IPHost.Far, 1000), host.Now);
        host.Send(new byte[1400], new IPSendOptions { Destination = IPHost.Far, Protocol = 17 });
        Assert.Equal(2, host.Sent.Count);
        Assert.All(host.Sent, p => Assert.True(p.Length <= 1000));
        host.Sent.Clear();
        host.Send(new byte[1400], new IPSendOptions { Destination = IPHost.Far, Protocol = 6, DontFragment = true });
        Assert.True(new IPv4View(host.TakeSent()).DontFragment);
    }

    [Fact]
    public void Below_the_floor_packets_go_without_DF_so_that_a_real_small_link_still_works()
    {
        var host = new IPHost();
        host.Layer.LowerPathMtu(TooBig(IPHost.Far, 296), host.Now);
        host.Send(new byte[532], new IPSendOptions { Destination = IPHost.Far, Protocol = 6, DontFragment = true });
        var packet = new IPv4View(host.TakeSent());
        Assert.False(packet.DontFragment);
        Assert.NotEqual(0, packet.Identification);
    }

    [Fact]
    public void The_number_of_remembered_paths_is_bounded_and_the_oldest_goes()
    {
        var settings = new IPSettings { MaximumPathMtus = 3 };
        var cache = new PathMtuCache(settings);
        for (uint i = 1; i <= 5; i++)
        {
            cache.Lower(NetworkAddress.FromIPv4(i), 1000, Instant.FromSeconds(i));
        }

        Assert.Equal(3, cache.Count);
        Assert.Equal(1500, cache.Get(NetworkAddress.FromIPv4(2), Instant.FromSeconds(6)).Mtu);
        Assert.Equal(1000, cache.Get(NetworkAddress.FromIPv4(3), Instant.FromSeconds(6)).Mtu);
    }

    private static byte[] Damage(byte[] packet)
    {
        packet[^1] ^= 0x40;
        return packet;
    }

    private static IcmpError TooBig(NetworkAddress destination, int mtu) => new(
        IcmpErrorKind.FragmentationNeeded, 3, 4, Router, IPProtocol.Tcp, new FlowKey(IPHost.Me, 1025, destination, 80), new SequenceNumber(1), 1500, mtu);
}
