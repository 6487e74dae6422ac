using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>What a host takes from the link and what it refuses (RFC 1122, 3.2.1).</summary>
public sealed class InputTests
{
    private static byte[] Good() => TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, TestPacket.Pattern(40));

    [Fact]
    public void A_faultless_packet_reaches_its_transport_unchanged()
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, TestPacket.Pattern(40), tos: 0xB9, ttl: 7));
        Delivery got = Assert.Single(host.Delivered);
        Assert.Equal(TestPacket.Pattern(40), got.Payload);
        Assert.Equal(
            (IPHost.Peer, IPHost.Me, IPProtocol.Tcp, (byte)0xB9, (byte)7), (got.Source, got.Destination, got.Protocol, got.TypeOfService, got.TimeToLive));
        Assert.True(got.IsUnicast);
        Assert.False(got.IsLooped);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Fact]
    public void Link_padding_behind_the_packet_is_not_payload()
    {
        var host = new IPHost();
        host.Receive([.. TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, [1, 2, 3]), .. new byte[23]]);
        Assert.Equal([1, 2, 3], Assert.Single(host.Delivered).Payload);
    }

    [Theory]
    [InlineData("version 0", nameof(IPCounters.InHdrErrors))]
    [InlineData("version 6", nameof(IPCounters.InHdrErrors))]
    [InlineData("header of 16 bytes", nameof(IPCounters.InHdrErrors))]
    [InlineData("header of 0 bytes", nameof(IPCounters.InHdrErrors))]
    [InlineData("header longer than the packet", nameof(IPCounters.InTruncatedPkts))]
    [InlineData("total length beyond the bytes", nameof(IPCounters.InTruncatedPkts))]
    [InlineData("total length shorter than the header", nameof(IPCounters.InHdrErrors))]
    [InlineData("total length 0", nameof(IPCounters.InHdrErrors))]
    [InlineData("wrong checksum", nameof(IPCounters.InCsumErrors))]
    [InlineData("19 bytes", nameof(IPCounters.InHdrErrors))]
    [InlineData("no bytes", nameof(IPCounters.InHdrErrors))]
    public void A_faulty_header_is_counted_and_dropped_silently(string fault, string counter)
    {
        byte[] packet = fault switch
        {
            "version 0" => TestPacket.With(Good(), p => p[0] = 0x05),
            "version 6" => TestPacket.With(Good(), p => p[0] = 0x65),
            "header of 16 bytes" => TestPacket.With(Good(), p => p[0] = 0x44),
            "header of 0 bytes" => TestPacket.With(Good(), p => p[0] = 0x40),
            "header longer than the packet" => TestPacket.With(Good()[..24], p => { p[0] = 0x47; p[3] = 24; }),
            "total length beyond the bytes" => TestPacket.With(Good(), p => p[3] = 61),
            "total length shorter than the header" => TestPacket.With(Good(), p => p[3] = 19),
            "total length 0" => TestPacket.With(Good(), p => p[3] = 0),
            "wrong checksum" => [.. Good()[..10], 0x12, 0x34, .. Good()[12..]],
            "19 bytes" => Good()[..19],
            _ => [],
        };
        var host = new IPHost();
        host.Receive(packet);
        Assert.Empty(host.Delivered);
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Counters.InHdrErrors);
        Assert.Equal(1L, typeof(IPCounters).GetProperty(counter)!.GetValue(host.Counters));
        host.AssertAlive();
    }

    [Fact]
    public void Verification_of_the_header_checksum_can_be_switched_off()
    {
        // Seed defect 10: others accept wrong checksums always; here it takes a deliberate setting.
        byte[] packet = [.. Good()[..10], 0x12, 0x34, .. Good()[12..]];
        var strict = new IPHost();
        strict.Receive(packet);
        Assert.Empty(strict.Delivered);
        var lax = new IPHost(new IPSettings { VerifyChecksums = false });
        lax.Receive(packet);
        Assert.Single(lax.Delivered);
    }

    [Theory]
    [InlineData("0.0.0.0")] // "this host on this network": only while it learns its address
    [InlineData("0.1.2.3")]
    [InlineData("127.0.0.1")] // must not appear outside a host
    [InlineData("127.255.255.254")]
    [InlineData("224.0.0.1")] // a group cannot send
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")] // reserved
    [InlineData("255.255.255.255")]
    [InlineData("10.0.0.255")] // broadcast of our network
    [InlineData("10.0.0.0")] // and its old form
    [InlineData("10.0.0.1")] // ourselves: forged
    public void A_source_that_cannot_be_on_the_link_is_refused_silently(string source)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(NetworkAddress.Parse(source), IPHost.Me, 99, [1, 2, 3, 4]));
        host.Receive(TestPacket.Echo(NetworkAddress.Parse(source), IPHost.Me, [1]));
        Assert.Empty(host.Delivered);
        Assert.Empty(host.Sent);
        Assert.Equal(2, host.Counters.InAddrErrors);
    }

    [Theory]
    [InlineData("10.0.0.3")] // a neighbour's: hosts do not forward
    [InlineData("192.0.2.1")]
    [InlineData("127.0.0.1")] // from the link, loopback is forged
    [InlineData("0.0.0.0")]
    [InlineData("10.0.1.255")] // another network's broadcast
    public void A_packet_for_somebody_else_is_dropped_silently(string destination)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, NetworkAddress.Parse(destination), IPProtocol.Tcp, [1, 2, 3]));
        Assert.Empty(host.Delivered);
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Counters.InAddrErrors);
    }

    [Theory]
    [InlineData("255.255.255.255")]
    [InlineData("10.0.0.255")]
    [InlineData("10.0.0.0")]
    public void A_broadcast_reaches_UDP_marked_as_such_but_never_TCP(string destination)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, NetworkAddress.Parse(destination), IPProtocol.Tcp, new byte[20]));
        Assert.Empty(host.Delivered);
        host.Receive(TestPacket.IPv4(IPHost.Peer, NetworkAddress.Parse(destination), IPProtocol.Udp, new byte[20]));
        Assert.False(Assert.Single(host.Delivered).IsUnicast);
        Assert.Equal(2, host.Counters.InBcastPkts);
        Assert.Empty(host.Sent);
    }

    [Fact]
    public void A_group_that_was_not_joined_is_not_listened_to()
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, NetworkAddress.Parse("224.0.0.251"), IPProtocol.Udp, new byte[20]));
        Assert.Empty(host.Delivered);
        Assert.Equal(1, host.Counters.InMcastPkts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_time_to_live_that_has_run_out_does_not_matter_at_the_destination(byte ttl)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, [1], ttl: ttl));
        Assert.Single(host.Delivered);
    }

    [Theory]
    [InlineData(new byte[] { 131, 7, 8, 10, 0, 0, 9 })]
    [InlineData(new byte[] { 137, 7, 4, 10, 0, 0, 1 })]
    [InlineData(new byte[] { 1, 1, 1, 131, 3, 4 })]
    public void A_source_route_is_not_accepted(byte[] options)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, [1], options: options));
        Assert.Empty(host.Delivered);
        Assert.Empty(host.Sent);
        Assert.Equal(1, host.Counters.InDiscards);
    }

    [Theory]
    [InlineData(new byte[] { 7, 7, 4, 0, 0, 0, 0 })] // record route
    [InlineData(new byte[] { 68, 8, 5, 0, 0, 0, 0, 0 })] // timestamp
    [InlineData(new byte[] { 148, 4, 0, 0 })] // router alert
    [InlineData(new byte[] { 1, 1, 1, 0 })]
    [InlineData(new byte[] { 0, 255, 255, 255 })] // nothing counts behind the end
    [InlineData(new byte[] { 30, 4, 1, 2 })] // unknown
    public void Other_options_are_passed_over(byte[] options)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, [9], options: options));
        Delivery got = Assert.Single(host.Delivered);
        Assert.Equal([9], got.Payload);
        Assert.Equal(20 + ((options.Length + 3) & ~3), got.Header.Length);
    }

    [Theory]
    [InlineData(new byte[] { 7, 0, 0, 0 }, 20)] // a length that would never get on
    [InlineData(new byte[] { 7, 1, 0, 0 }, 20)]
    [InlineData(new byte[] { 1, 1, 7, 9 }, 22)] // beyond the header
    [InlineData(new byte[] { 1, 1, 1, 7 }, 23)] // no length at all
    public void A_malformed_option_is_reported_to_the_sender_with_its_place(byte[] options, byte pointer)
    {
        var host = new IPHost();
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Tcp, [1], options: options));
        Assert.Empty(host.Delivered);
        Assert.Equal(1, host.Counters.InHdrErrors);
        var error = new Icmpv4View(new IPv4View(host.TakeSent()).Payload);
        Assert.Equal((IcmpType.ParameterProblem, (byte)0, pointer), (error.Type, error.Code, error.Pointer));
        Assert.True(error.IsValid);
    }

    [Fact]
    public void What_the_link_vouches_for_is_passed_on()
    {
        var host = new IPHost();
        host.Receive(Good());
        host.Receive(Good(), new OffloadInfo { ChecksumVerified = true });
        host.Receive(Good(), new OffloadInfo { NeedsChecksum = true, ChecksumStart = 20, ChecksumOffset = 16 });
        Assert.Equal([false, true, true], host.Delivered.ConvertAll(d => d.IsChecksumTrusted));
    }

    [Fact]
    public void A_protocol_that_nobody_takes_is_unreachable()
    {
        var host = new IPHost();
        byte[] packet = TestPacket.IPv4(IPHost.Peer, IPHost.Me, 132, TestPacket.Pattern(30));
        host.Receive(packet);
        var reply = new IPv4View(host.TakeSent());
        var error = new Icmpv4View(reply.Payload);
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpCode.ProtocolUnreachable), (error.Type, error.Code));
        Assert.True(error.IsValid && reply.IsChecksumValid);
        Assert.Equal(packet, error.Payload.ToArray());
        Assert.Equal((IPHost.Me, IPHost.Peer), (reply.Source, reply.Destination));
        Assert.Equal(1, host.Counters.InUnknownProtos);
    }

    [Fact]
    public void A_transport_that_throws_costs_no_buffer()
    {
        var host = new IPHost { OnDeliver = _ => throw new InvalidOperationException() };
        Assert.Throws<InvalidOperationException>(() => host.Receive(Good()));
        Assert.Equal(0, host.Pool.Outstanding);
    }
}
