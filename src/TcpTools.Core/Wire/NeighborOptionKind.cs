namespace TcpTools.Wire;

/// <summary>Types of options in neighbor discovery messages (IANA ICMPv6 parameters).</summary>
public static class NeighborOptionKind
{
    /// <summary>The sender's link address (RFC 4861, 4.6.1).</summary>
    public const byte SourceLinkAddress = 1;

    /// <summary>The target's link address (RFC 4861, 4.6.1).</summary>
    public const byte TargetLinkAddress = 2;

    /// <summary>A prefix of the link (RFC 4861, 4.6.2).</summary>
    public const byte PrefixInformation = 3;

    /// <summary>The packet that is redirected (RFC 4861, 4.6.3).</summary>
    public const byte RedirectedHeader = 4;

    /// <summary>The MTU of the link (RFC 4861, 4.6.4).</summary>
    public const byte Mtu = 5;

    /// <summary>DNS servers (RFC 8106, 5.1).</summary>
    public const byte DnsServers = 25;
}
