using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Wire;

namespace TcpTools.Udp;

/// <summary>
/// Takes UDP datagrams (RFC 768; RFC 1122, 4.1). Nobody has a UDP port yet, so that every faultless one is answered with
/// ICMP port unreachable, as a host must (RFC 1122, 4.1.3.1).
/// </summary>
public sealed class UdpInput(IPv4Protocol layer)
{
    /// <summary>Whether a datagram for a port that nobody has is answered; the alternative is silence.</summary>
    public bool AnswersUnclaimed { get; set; } = true;

    /// <summary>Faultless datagrams for a port that nobody has.</summary>
    public long NoPorts { get; private set; }

    /// <summary>Datagrams dropped for a fault: too short, a length that lies, a wrong checksum.</summary>
    public long InErrors { get; private set; }

    /// <summary>Datagrams with a wrong checksum; they count as <see cref="InErrors"/> too.</summary>
    public long InCsumErrors { get; private set; }

    /// <summary>Takes a datagram whose protocol is UDP.</summary>
    public void Receive(in IPDatagram datagram, Instant now)
    {
        var udp = new UdpView(datagram.Payload);
        if (!udp.IsValid)
        {
            InErrors++;
        }
        else if (!datagram.IsChecksumTrusted && !udp.IsChecksumValid(datagram.Source, datagram.Destination))
        {
            InCsumErrors++;
            InErrors++;
        }
        else
        {
            NoPorts++;
            if (AnswersUnclaimed)
            {
                layer.SendUnreachable(datagram, IcmpCode.PortUnreachable, now);
            }
        }
    }

    /// <summary>All counters by the names that <c>nstat</c> shows.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Snapshot() =>
    [
        new("UdpNoPorts", NoPorts),
        new("UdpInErrors", InErrors),
        new("UdpInCsumErrors", InCsumErrors),
    ];
}
