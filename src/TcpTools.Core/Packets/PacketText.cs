using System;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Packets as one line of text.</summary>
internal static partial class PacketText
{
    /// <summary>In the manner of <c>tcpdump -S -n</c>.</summary>
    public static string Dump(Packet packet)
    {
        StringBuilder text = new();
        foreach (VlanLayer vlan in packet.Layers.OfType<VlanLayer>())
        {
            text.Append(CultureInfo.InvariantCulture, $"{vlan}, ");
        }

        int start = text.Length;
        int depth = 0;
        foreach (PacketLayer layer in packet.Layers)
        {
            switch (layer)
            {
                case ArpLayer arp:
                    text.Append(depth > 0 ? ": " : "").Append(CultureInfo.InvariantCulture, $"ARP, {arp}, length {arp.BuiltLength}");
                    break;
                case MplsLayer mpls:
                    text.Append(IsBehindLabel(packet, layer) ? "" : depth > 0 ? ": MPLS " : "MPLS ");
                    text.Append(CultureInfo.InvariantCulture, $"({mpls}) ");
                    break;
                case IPLayer ip:
                    text.Append(depth++ == 0 || text[^1] == ' ' ? "" : ": ").Append(ip is IPv6Layer ? "IP6 " : "IP ");
                    DumpIP(text, packet, ip);
                    break;
            }
        }

        if (text.Length == start)
        {
            text.Append(packet.Layers.FirstOrDefault(layer => layer is not PayloadLayer)?.ToString() ?? "data").Append(CultureInfo.InvariantCulture, $", length {packet.ToBytes().Length}");
        }

        return text.ToString();
    }

    public static string Summarize(Packet packet)
    {
        string names = string.Join(" / ", packet.Layers.Where(layer => layer is not PayloadLayer).Select(layer => layer.Name));
        int payload = packet.Layers.OfType<PayloadLayer>().Sum(layer => layer.Length);
        string what = (packet.IP, packet.Tcp, packet.Udp, packet.Icmp, packet.Arp) switch
        {
            ({ } ip, { } tcp, _, _, _) =>
                $" {ip.Source}:{tcp.SourcePort} > {ip.Destination}:{tcp.DestinationPort} {TcpFlagsText.ToLetters(tcp.Flags)}",
            (null, { } tcp, _, _, _) => $" {tcp.SourcePort} > {tcp.DestinationPort} {TcpFlagsText.ToLetters(tcp.Flags)}",
            ({ } ip, _, { } udp, _, _) => $" {ip.Source}:{udp.SourcePort} > {ip.Destination}:{udp.DestinationPort}",
            ({ } ip, _, _, { } icmp, _) => $" {ip.Source} > {ip.Destination} {Describe(icmp)}",
            ({ } ip, _, _, _, _) when packet.Icmpv6 is { } icmp => $" {ip.Source} > {ip.Destination} {Describe(icmp)}",
            ({ } ip, _, _, _, _) => $" {ip.Source} > {ip.Destination} proto {ip.Protocol}",
            (_, _, _, _, { } arp) => $" {arp}",
            _ => "",
        };
        string summary = names + what + (payload > 0 ? $" / {payload} bytes" : "");
        return summary.Length == 0 ? "empty" : summary;
    }

    private static bool IsBehindLabel(Packet packet, PacketLayer label)
    {
        int index = packet.Layers.IndexOf(label);
        return index > 0 && packet.Layers[index - 1] is MplsLayer;
    }
}
