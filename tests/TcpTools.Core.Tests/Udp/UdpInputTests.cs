using System;
using TcpTools.IP;
using TcpTools.Tests.IP;
using TcpTools.Udp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Udp;

/// <summary>UDP that nobody takes (RFC 768; RFC 1122, 4.1.3).</summary>
public sealed class UdpInputTests
{
    private readonly IPHost _host = new();
    private readonly UdpInput _udp;

    public UdpInputTests() => _udp = new UdpInput(_host.Layer);

    private void Receive(byte[] payload, bool isUnicast = true)
    {
        byte[] packet = TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Udp, payload);
        _udp.Receive(
            new IPDatagram
            {
                Source = IPHost.Peer,
                Destination = IPHost.Me,
                Protocol = IPProtocol.Udp,
                Header = packet.AsSpan(0, 20),
                Payload = packet.AsSpan(20),
                IsUnicast = isUnicast,
            },
            _host.Now);
    }

    private static byte[] Datagram() => TestPacket.Udp(IPHost.Peer, IPHost.Me, 4000, 53, [1, 2, 3]);

    [Fact]
    public void A_faultless_datagram_is_answered_with_port_unreachable_that_quotes_it()
    {
        Receive(Datagram());
        var error = new Icmpv4View(new IPv4View(_host.TakeSent()).Payload);
        Assert.Equal((IcmpType.DestinationUnreachable, IcmpCode.PortUnreachable), (error.Type, error.Code));
        Assert.Equal(Datagram(), error.Payload[20..].ToArray());
        Assert.Equal(1, _udp.NoPorts);
    }

    [Fact]
    public void A_datagram_without_checksum_is_faultless()
    {
        byte[] datagram = Datagram();
        datagram[6] = datagram[7] = 0;
        Receive(datagram);
        Assert.Single(_host.Sent);
    }

    [Theory]
    [InlineData("wrong checksum")]
    [InlineData("seven bytes")]
    [InlineData("length 7")]
    [InlineData("length beyond the packet")]
    public void A_faulty_datagram_is_dropped_silently(string fault)
    {
        byte[] datagram = Datagram();
        switch (fault)
        {
            case "wrong checksum":
                datagram[^1] ^= 1;
                break;
            case "seven bytes":
                datagram = datagram[..7];
                break;
            case "length 7":
                datagram[5] = 7;
                break;
            default:
                datagram[5] = 12;
                break;
        }

        Receive(datagram);
        Assert.Empty(_host.Sent);
        Assert.Equal(1, _udp.InErrors);
        Assert.Equal(fault == "wrong checksum" ? 1 : 0, _udp.InCsumErrors);
    }

    [Fact]
    public void A_broadcast_for_nobody_is_not_answered()
    {
        Receive(Datagram(), isUnicast: false);
        Assert.Empty(_host.Sent);
    }

    [Fact]
    public void Who_wants_silence_gets_it_and_still_counts()
    {
        var silent = new UdpInput(_host.Layer) { AnswersUnclaimed = false };
        byte[] packet = TestPacket.IPv4(IPHost.Peer, IPHost.Me, IPProtocol.Udp, Datagram());
        silent.Receive(
            new IPDatagram { Source = IPHost.Peer, Destination = IPHost.Me, Header = packet.AsSpan(0, 20), Payload = packet.AsSpan(20), IsUnicast = true },
            _host.Now);
        Assert.Empty(_host.Sent);
        Assert.Equal(1, silent.NoPorts);
    }

    [Fact]
    public void Counters_have_the_names_of_nstat()
    {
        Receive(Datagram());
        Assert.Contains(_udp.Snapshot(), c => c is { Key: "UdpNoPorts", Value: 1 });
    }
}
