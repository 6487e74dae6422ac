using System;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Packets as one line of text.</summary>
internal static class PacketText
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
                    text.Append(CultureInfo.InvariantCulture, $"ARP, {arp}, length {arp.BuiltLength}");
                    break;
                case MplsLayer mpls:
                    text.Append(IsBehindLabel(packet, layer) ? "" : "MPLS ");
                    text.Append(CultureInfo.InvariantCulture, $"({mpls}) ");
                    break;
                case IPLayer ip:
                    text.Append(depth++ == 0 ? "" : ": ").Append(ip is IPv6Layer ? "IP6 " : "IP ");
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
            ({ } ip, _, _, _, _) => $" {ip.Source} > {ip.Destination} proto {ip.Protocol}",
            (_, _, _, _, { } arp) => $" {arp}",
            _ => "",
        };
        string summary = names + what + (payload > 0 ? $" / {payload} bytes" : "");
        return summary.Length == 0 ? "empty" : summary;
    }

    /// <summary>What an ICMP message says.</summary>
    public static string Describe(IcmpLayer icmp)
    {
        IPLayer? quoted = icmp.Quoted?.IP;
        string host = quoted?.Destination.ToString() ?? "?";
        return (icmp.Type, icmp.Code) switch
        {
            (IcmpType.EchoRequest, _) => $"echo request, id {icmp.Identifier}, seq {icmp.Sequence}",
            (IcmpType.EchoReply, _) => $"echo reply, id {icmp.Identifier}, seq {icmp.Sequence}",
            (IcmpType.DestinationUnreachable, IcmpCode.NetworkUnreachable) => $"net {host} unreachable",
            (IcmpType.DestinationUnreachable, IcmpCode.HostUnreachable) => $"host {host} unreachable",
            (IcmpType.DestinationUnreachable, IcmpCode.ProtocolUnreachable) => $"{host} protocol {quoted?.Protocol} unreachable",
            (IcmpType.DestinationUnreachable, IcmpCode.PortUnreachable) => $"{host} {DescribePort(icmp.Quoted)} unreachable",
            (IcmpType.DestinationUnreachable, IcmpCode.FragmentationNeeded) => $"{host} unreachable - need to frag (mtu {icmp.NextHopMtu})",
            (IcmpType.DestinationUnreachable, IcmpCode.Prohibited) => $"host {host} unreachable - admin prohibited filter",
            (IcmpType.DestinationUnreachable, _) => $"{host} unreachable, code {icmp.Code}",
            (IcmpType.TimeExceeded, IcmpCode.TimeToLiveExceeded) => "time exceeded in-transit",
            (IcmpType.TimeExceeded, IcmpCode.ReassemblyTimeExceeded) => "ip reassembly time exceeded",
            (IcmpType.Redirect, _) => $"redirect {host} to {icmp.Gateway}",
            (IcmpType.ParameterProblem, _) => $"parameter problem - octet {icmp.Pointer}",
            (IcmpType.SourceQuench, _) => "source quench",
            _ => $"type-{icmp.Type} code-{icmp.Code}",
        };
    }

    private static void DumpIP(StringBuilder text, Packet packet, IPLayer ip)
    {
        int index = packet.Layers.IndexOf(ip);
        PacketLayer? next = index + 1 < packet.Layers.Count ? packet.Layers[index + 1] : null;
        int inside = packet.Layers.Skip(index + 1).Sum(layer => layer.BuiltLength);
        switch (next)
        {
            case TcpLayer tcp:
                Append($"{ip.Source}.{tcp.SourcePort} > {ip.Destination}.{tcp.DestinationPort}: ");
                DumpTcp(text, tcp);
                break;
            case UdpLayer udp when index + 2 < packet.Layers.Count && packet.Layers[index + 2] is DnsLayer dns:
                bool isMulticast = udp.SourcePort == DnsPorts.Multicast || udp.DestinationPort == DnsPorts.Multicast;
                Append($"{ip.Source}.{udp.SourcePort} > {ip.Destination}.{udp.DestinationPort}: ");
                Append($"{DnsText.Dump(dns, isMulticast)} ({inside - udp.FixedLength})");
                break;
            case UdpLayer udp:
                Append($"{ip.Source}.{udp.SourcePort} > {ip.Destination}.{udp.DestinationPort}: UDP, length {inside - udp.FixedLength}");
                break;
            case IcmpLayer icmp:
                Append($"{ip.Source} > {ip.Destination}: ICMP {Describe(icmp)}, length {inside}");
                break;
            case GreLayer gre:
                Append($"{ip.Source} > {ip.Destination}: {gre}, length {inside}");
                break;
            case IPLayer:
                Append($"{ip.Source} > {ip.Destination}");
                break;
            default:
                Append($"{ip.Source} > {ip.Destination}: ip-proto-{ip.Protocol}, length {inside}");
                break;
        }

        if (ip is IPv4Layer { IsFragment: true } fragment)
        {
            Append($" (frag id {fragment.Identification}, offset {ip.FragmentOffset}{(ip.MoreFragments ? "+" : "")})");
        }

        void Append(FormattableString value) => text.Append(FormattableString.Invariant(value));
    }

    private static bool IsBehindLabel(Packet packet, PacketLayer label)
    {
        int index = packet.Layers.IndexOf(label);
        return index > 0 && packet.Layers[index - 1] is MplsLayer;
    }

    private static void DumpTcp(StringBuilder text, TcpLayer tcp)
    {
        int length = tcp.DataLength;
        text.Append(CultureInfo.InvariantCulture, $"Flags [{TcpFlagsText.ToDump(tcp.Flags)}]");
        if (length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", seq {tcp.Sequence}:{unchecked(tcp.Sequence + (uint)length)}");
        }
        else if ((tcp.Flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", seq {tcp.Sequence}");
        }

        if (tcp.Flags.HasFlag(TcpFlags.Ack))
        {
            text.Append(CultureInfo.InvariantCulture, $", ack {tcp.Acknowledgment}");
        }

        text.Append(CultureInfo.InvariantCulture, $", win {tcp.Window}");
        if (tcp.Flags.HasFlag(TcpFlags.Urg))
        {
            text.Append(CultureInfo.InvariantCulture, $", urg {tcp.UrgentPointer}");
        }

        if (tcp.Options.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", options [{string.Join(',', tcp.Options)}]");
        }

        text.Append(CultureInfo.InvariantCulture, $", length {length}");
        foreach (DnsLayer dns in tcp.Owner?.Layers.OfType<DnsLayer>() ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $" {dns} ({dns.Length})");
        }
    }

    private static string DescribePort(Packet? quoted) => quoted switch
    {
        { Tcp: { } tcp } => $"tcp port {tcp.DestinationPort}",
        { Udp: { } udp } => $"udp port {udp.DestinationPort}",
        _ => "port",
    };
}
