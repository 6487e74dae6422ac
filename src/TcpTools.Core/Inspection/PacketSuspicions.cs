using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Inspection;

/// <summary>What is well-formed, and yet nothing that a sound sender sends.</summary>
internal static class PacketSuspicions
{
    public static IEnumerable<PacketCheck> Of(Packet packet) => packet.Layers.SelectMany(layer => layer switch
    {
        EthernetLayer ethernet => OfEthernet(ethernet),
        IPLayer ip => OfIP(ip),
        TcpLayer tcp => OfTcp(tcp),
        UdpLayer { DestinationPort: 0 } => [Suspicious("UDP", "Ports", "the destination port is 0")],
        _ => [],
    });

    private static IEnumerable<PacketCheck> OfEthernet(EthernetLayer ethernet)
    {
        // The lowest bit of the first byte tells groups from stations (IEEE 802.3, 3.2.3).
        byte[] source = new byte[MacAddress.Length];
        ethernet.Source.TryWriteBytes(source);
        if ((source[0] & 1) != 0)
        {
            yield return new PacketCheck(ethernet.Name, nameof(ethernet.Source), PacketCheckResult.Failed, $"{ethernet.Source} is a group's address");
        }
    }

    private static IEnumerable<PacketCheck> OfIP(IPLayer ip)
    {
        if (ip.TimeToLive == 0)
        {
            yield return Suspicious(ip.Name, nameof(ip.TimeToLive), "no host sends 0");
        }

        // RFC 1122, 3.2.1.3 and RFC 4291, 2.7: no source address stands for several hosts.
        if (ip.Source.IsMulticast || ip.Source.IsLimitedBroadcast)
        {
            yield return new PacketCheck(ip.Name, nameof(ip.Source), PacketCheckResult.Failed, $"{ip.Source} is an address of several hosts");
        }

        if (ip.Source == ip.Destination && !ip.Source.IsLoopback)
        {
            yield return Suspicious(ip.Name, nameof(ip.Source), $"source and destination are both {ip.Source}");
        }
    }

    private static IEnumerable<PacketCheck> OfTcp(TcpLayer tcp)
    {
        if (tcp.SourcePort == 0 || tcp.DestinationPort == 0)
        {
            yield return Suspicious(tcp.Name, "Ports", "a port is 0");
        }

        bool hasAck = tcp.Flags.HasFlag(TcpFlags.Ack);
        if (!hasAck && tcp.Acknowledgment != 0)
        {
            yield return Suspicious(tcp.Name, nameof(tcp.Acknowledgment), $"{tcp.Acknowledgment} without ACK");
        }

        bool hasUrg = tcp.Flags.HasFlag(TcpFlags.Urg);
        if (hasUrg != (tcp.UrgentPointer != 0))
        {
            yield return Suspicious(tcp.Name, nameof(tcp.UrgentPointer), hasUrg ? "0 with URG" : $"{tcp.UrgentPointer} without URG");
        }

        bool isSyn = tcp.Flags.HasFlag(TcpFlags.Syn);
        foreach (TcpOption option in tcp.Options)
        {
            // RFC 9293, 3.2, RFC 7323, 2.2 and RFC 2018, 2 allow these on a SYN only; a SACK cannot be on one.
            bool isOfSyn = option is TcpMaximumSegmentSizeOption or TcpWindowScaleOption or TcpSackPermittedOption;
            if ((isOfSyn && !isSyn) || (isSyn && option is TcpSackOption))
            {
                yield return Suspicious(tcp.Name, nameof(tcp.Options), $"'{option}' {(isSyn ? "on" : "without")} a SYN");
            }
        }

        foreach (byte kind in tcp.Options.Where(option => option.Kind > TcpOptionKind.NoOperation).GroupBy(option => option.Kind)
            .Where(group => group.Count() > 1 && group.Key != TcpOptionKind.Multipath).Select(group => group.Key))
        {
            yield return Suspicious(tcp.Name, nameof(tcp.Options), $"option {kind} more than once");
        }
    }

    private static PacketCheck Suspicious(string layer, string name, string message) => new(layer, name, PacketCheckResult.Suspicious, message);
}
