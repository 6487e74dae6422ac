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

    /// <summary>Hop-by-hop options of IPv6 (RFC 8200, 4.3).</summary>
    public const byte HopByHopOptions = 0;

    /// <summary>TCP (RFC 9293).</summary>
    public const byte Tcp = 6;

    /// <summary>UDP (RFC 768).</summary>
    public const byte Udp = 17;

    /// <summary>IPv6 in IP (RFC 4213).</summary>
    public const byte IPv6 = 41;

    /// <summary>The routing header of IPv6 (RFC 8200, 4.4).</summary>
    public const byte RoutingHeader = 43;

    /// <summary>The fragment header of IPv6 (RFC 8200, 4.5).</summary>
    public const byte FragmentHeader = 44;

    /// <summary>Generic routing encapsulation (RFC 2784).</summary>
    public const byte Gre = 47;

    /// <summary>Encapsulating security payload (RFC 4303).</summary>
    public const byte EncapsulatingSecurityPayload = 50;

    /// <summary>The authentication header (RFC 4302).</summary>
    public const byte AuthenticationHeader = 51;

    /// <summary>ICMP for IPv6 (RFC 4443).</summary>
    public const byte Icmpv6 = 58;

    /// <summary>Nothing follows the IPv6 headers (RFC 8200, 4.7).</summary>
    public const byte NoNextHeader = 59;

    /// <summary>Destination options of IPv6 (RFC 8200, 4.6).</summary>
    public const byte DestinationOptions = 60;

    /// <summary>The mobility header of IPv6 (RFC 6275, 6.1).</summary>
    public const byte Mobility = 135;
}
