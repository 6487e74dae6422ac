namespace TcpTools.Wire;

/// <summary>What an IP packet carries (IANA protocol numbers).</summary>
public static class IPProtocol
{
    /// <summary>ICMP for IPv4 (RFC 792).</summary>
    public const byte Icmp = 1;

    /// <summary>IGMP (RFC 9776).</summary>
    public const byte Igmp = 2;

    /// <summary>IPv4 in IP (RFC 2003).</summary>
    public const byte IPv4 = 4;

    /// <summary>TCP (RFC 9293).</summary>
    public const byte Tcp = 6;

    /// <summary>UDP (RFC 768).</summary>
    public const byte Udp = 17;

    /// <summary>IPv6 in IP (RFC 4213).</summary>
    public const byte IPv6 = 41;

    /// <summary>Generic routing encapsulation (RFC 2784).</summary>
    public const byte Gre = 47;

    /// <summary>ICMP for IPv6 (RFC 4443).</summary>
    public const byte Icmpv6 = 58;
}
