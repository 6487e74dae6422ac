using System;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>IP and what it carries.</summary>
internal static partial class PacketText
{
    /// <summary>Addresses, extension headers and the content, if that is no IP header again.</summary>
    private static void DumpIP(StringBuilder text, Packet packet, IPLayer ip)
    {
        int index = packet.Layers.IndexOf(ip) + 1;
        PacketLayer? content = LayerAt(packet, index);
        (int Source, int Destination)? ports = FindPorts(content);
        text.Append(CultureInfo.InvariantCulture, $"{ip.Source}{(ports is null ? "" : $".{ports.Value.Source}")} > ");
        text.Append(CultureInfo.InvariantCulture, $"{ip.Destination}{(ports is null ? "" : $".{ports.Value.Destination}")}");
        if (content is IPLayer)
        {
            return;
        }

        text.Append(": ");
        if (content is IPv6ExtensionLayer)
        {
            for (; content is IPv6ExtensionLayer extension; content = LayerAt(packet, ++index))
            {
                DumpExtension(text, extension, MeasureFrom(packet, index + 1));
            }

            ports = FindPorts(content);
            text.Append(ports is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{ports.Value.Source} > {ports.Value.Destination}: "));
        }

        DumpContent(text, packet, ip, index);
        if (ip is IPv4Layer { IsFragment: true } fragment)
        {
            text.Append(CultureInfo.InvariantCulture, $" (frag id {fragment.Identification}, offset {ip.FragmentOffset}{(ip.MoreFragments ? "+" : "")})");
        }
    }

    /// <summary>What IP carries; another IP header follows by itself.</summary>
    private static void DumpContent(StringBuilder text, Packet packet, IPLayer ip, int index)
    {
        PacketLayer? content = LayerAt(packet, index);
        int length = MeasureFrom(packet, index);
        switch (content)
        {
            case TcpLayer tcp:
                DumpTcp(text, tcp);
                break;
            case UdpLayer udp:
                DumpUdp(text, packet, udp, index, length - udp.FixedLength - udp.Trailer.Length);
                break;
            case IcmpLayer icmp:
                text.Append(CultureInfo.InvariantCulture, $"ICMP {Describe(icmp)}, length {length}");
                break;
            case Icmpv6Layer icmp:
                text.Append(CultureInfo.InvariantCulture, $"ICMP6, {Describe(icmp)}, length {length}");
                break;
            case IPLayer:
                break;
            case PayloadLayer when ip is IPv6Layer { FragmentOffset: not 0 }:
                text.Length -= text[^1] == ' ' ? 1 : 0;
                break;
            case PayloadLayer { Length: >= 8 } payload when ip.Protocol == IPProtocol.EncapsulatingSecurityPayload:
                ReadOnlySpan<byte> data = payload.Memory.Span;
                text.Append(CultureInfo.InvariantCulture, $"ESP(spi=0x{WireField.Read32(data, 0):x8},seq=0x{WireField.Read32(data, 4):x}), length {length}");
                break;
            case PayloadLayer when ip.IsFragment && ip.FragmentOffset != 0:
                text.Append(CultureInfo.InvariantCulture, $"ip-proto-{ip.Protocol}");
                break;
            case null when ip.Protocol == IPProtocol.NoNextHeader:
                text.Append("no next header");
                break;
            case null or PayloadLayer:
                text.Append(CultureInfo.InvariantCulture, $" ip-proto-{ip.Protocol} {length}");
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"{content}, length {length}");
                break;
        }
    }

    private static void DumpUdp(StringBuilder text, Packet packet, UdpLayer udp, int index, int length)
    {
        if (LayerAt(packet, index + 1) is DnsLayer dns)
        {
            bool isMulticast = udp.SourcePort == DnsPorts.Multicast || udp.DestinationPort == DnsPorts.Multicast;
            text.Append(CultureInfo.InvariantCulture, $"{DnsText.Dump(dns, isMulticast)} ({length})");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"UDP, length {length}");
        }
    }

    private static void DumpExtension(StringBuilder text, IPv6ExtensionLayer extension, int inside)
    {
        switch (extension)
        {
            case HopByHopLayer:
                text.Append("HBH ");
                break;
            case DestinationOptionsLayer:
                text.Append("DSTOPT ");
                break;
            case FragmentLayer fragment:
                text.Append(CultureInfo.InvariantCulture, $"frag ({fragment.FragmentOffset}|{inside}) ");
                break;
            case AuthenticationLayer header:
                text.Append(CultureInfo.InvariantCulture, $"AH(spi=0x{header.SecurityParametersIndex:x8},seq=0x{header.Sequence:x},icv=0x{OptionBytes.Hex(header.IntegrityCheckValue)}): ");
                break;
            case RoutingLayer routing:
                DumpRouting(text, routing);
                break;
        }
    }

    private static void DumpRouting(StringBuilder text, RoutingLayer routing)
    {
        string deprecated = routing.RoutingType == RoutingHeaderType.Source ? " [Deprecated]" : "";
        text.Append(CultureInfo.InvariantCulture, $"RT6 (len={routing.HeaderExtensionLength}, type={routing.RoutingType}{deprecated}, segleft={routing.SegmentsLeft}");
        if (routing.RoutingType == RoutingHeaderType.Segment)
        {
            text.Append(CultureInfo.InvariantCulture, $", last-entry={routing.LastEntry}");
            text.Append(routing.Flags == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", flags=0x{routing.Flags:x}"));
            text.Append(CultureInfo.InvariantCulture, $", tag={routing.Tag:x}");
        }

        text.Append(string.Concat(routing.Addresses.Select((address, i) => string.Create(CultureInfo.InvariantCulture, $", [{i}]{address}")))).Append(") ");
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

    private static PacketLayer? LayerAt(Packet packet, int index) => index < packet.Layers.Count ? packet.Layers[index] : null;

    private static int MeasureFrom(Packet packet, int index) =>
        index < packet.Layers.Count ? PacketBuilder.Measure(packet.Layers.AsSpan()[index..]) : 0;

    private static (int Source, int Destination)? FindPorts(PacketLayer? layer) => layer switch
    {
        TcpLayer tcp => (tcp.SourcePort, tcp.DestinationPort),
        UdpLayer udp => (udp.SourcePort, udp.DestinationPort),
        _ => null,
    };
}
