using System;
using System.Globalization;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What the values of fields are called.</summary>
internal static class FieldText
{
    private const int LongestData = 24;

    /// <summary>Bytes: as text where they are text, else in hexadecimal digits; the first of many only.</summary>
    public static string OfData(ReadOnlySpan<byte> data)
    {
        string count = data.Length == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{data.Length} bytes");
        if (data.IsEmpty)
        {
            return "none";
        }

        ReadOnlySpan<byte> shown = data[..Math.Min(data.Length, LongestData)];
        string more = shown.Length < data.Length ? "..." : "";
        return IsText(data) ? $"{count} '{Escape(shown)}{more}'" : $"{count} {Convert.ToHexStringLower(shown)}{more}";
    }

    /// <summary>The name of what an Ethernet frame carries; null when it has none here.</summary>
    public static string? OfEtherType(ulong type) => type switch
    {
        EtherType.IPv4 => "IPv4",
        EtherType.Arp => "ARP",
        EtherType.Vlan => "VLAN",
        EtherType.IPv6 => "IPv6",
        EtherType.ServiceVlan => "service VLAN",
        0x8847 => "MPLS",
        0x8863 => "PPPoE discovery",
        0x8864 => "PPPoE session",
        0x88CC => "LLDP",
        0x6558 => "Ethernet",
        _ => null,
    };

    /// <summary>The name of what an IP packet carries; null when it has none here.</summary>
    public static string? OfProtocol(ulong protocol) => protocol switch
    {
        0 => "hop-by-hop options",
        IPProtocol.Icmp => "ICMP",
        IPProtocol.Igmp => "IGMP",
        IPProtocol.IPv4 => "IPv4",
        IPProtocol.Tcp => "TCP",
        IPProtocol.Udp => "UDP",
        IPProtocol.IPv6 => "IPv6",
        43 => "routing",
        44 => "fragment",
        IPProtocol.Gre => "GRE",
        50 => "ESP",
        51 => "AH",
        IPProtocol.Icmpv6 => "ICMPv6",
        59 => "nothing",
        60 => "destination options",
        89 => "OSPF",
        132 => "SCTP",
        _ => null,
    };

    /// <summary>The name of a kind of ICMP messages for IPv4; null when it has none here.</summary>
    public static string? OfIcmpType(byte type) => type switch
    {
        IcmpType.EchoReply => "echo reply",
        IcmpType.DestinationUnreachable => "destination unreachable",
        IcmpType.SourceQuench => "source quench",
        IcmpType.Redirect => "redirect",
        IcmpType.EchoRequest => "echo request",
        IcmpType.TimeExceeded => "time exceeded",
        IcmpType.ParameterProblem => "parameter problem",
        IcmpType.TimestampRequest => "timestamp request",
        IcmpType.TimestampReply => "timestamp reply",
        IcmpType.RouterAdvertisement => "router advertisement",
        IcmpType.RouterSolicitation => "router solicitation",
        IcmpType.AddressMaskRequest => "address mask request",
        IcmpType.AddressMaskReply => "address mask reply",
        _ => null,
    };

    /// <summary>The name of a kind of ICMPv6 messages; null when it has none here.</summary>
    public static string? OfIcmpv6Type(byte type) => type switch
    {
        Icmpv6Type.DestinationUnreachable => "destination unreachable",
        Icmpv6Type.PacketTooBig => "packet too big",
        Icmpv6Type.TimeExceeded => "time exceeded",
        Icmpv6Type.ParameterProblem => "parameter problem",
        Icmpv6Type.EchoRequest => "echo request",
        Icmpv6Type.EchoReply => "echo reply",
        Icmpv6Type.MulticastListenerQuery => "multicast listener query",
        Icmpv6Type.MulticastListenerReport => "multicast listener report",
        Icmpv6Type.MulticastListenerDone => "multicast listener done",
        Icmpv6Type.RouterSolicitation => "router solicitation",
        Icmpv6Type.RouterAdvertisement => "router advertisement",
        Icmpv6Type.NeighborSolicitation => "neighbor solicitation",
        Icmpv6Type.NeighborAdvertisement => "neighbor advertisement",
        Icmpv6Type.Redirect => "redirect",
        Icmpv6Type.MulticastListenerReportV2 => "multicast listener report v2",
        _ => null,
    };

    private static bool IsText(ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
        {
            if (value is (< 0x20 or > 0x7E) and not ((byte)'\r' or (byte)'\n' or (byte)'\t'))
            {
                return false;
            }
        }

        return true;
    }

    private static string Escape(ReadOnlySpan<byte> text)
    {
        StringBuilder result = new();
        foreach (byte value in text)
        {
            _ = value switch
            {
                (byte)'\r' => result.Append("\\r"),
                (byte)'\n' => result.Append("\\n"),
                (byte)'\t' => result.Append("\\t"),
                _ => result.Append((char)value),
            };
        }

        return result.ToString();
    }
}
