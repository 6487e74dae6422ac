namespace TcpTools.Wire;

/// <summary>What an Ethernet frame carries (IEEE 802 numbers, RFC 9542).</summary>
public static class EtherType
{
    /// <summary>IPv4 (RFC 894).</summary>
    public const ushort IPv4 = 0x0800;

    /// <summary>Address resolution (RFC 826).</summary>
    public const ushort Arp = 0x0806;

    /// <summary>A customer VLAN tag (IEEE 802.1Q).</summary>
    public const ushort Vlan = 0x8100;

    /// <summary>IPv6 (RFC 2464).</summary>
    public const ushort IPv6 = 0x86DD;

    /// <summary>A service VLAN tag (IEEE 802.1ad).</summary>
    public const ushort ServiceVlan = 0x88A8;

    /// <summary>A VLAN tag as some equipment stacks it: 802.1ad before it had a number of its own.</summary>
    public const ushort OldServiceVlan = 0x9100;

    /// <summary>A stack of labels (RFC 5332).</summary>
    public const ushort Mpls = 0x8847;

    /// <summary>A stack of labels whose first was assigned upstream, as for multicast (RFC 5332).</summary>
    public const ushort MplsUpstream = 0x8848;

    /// <summary>An Ethernet frame inside something else (RFC 1701; RFC 7637).</summary>
    public const ushort TransparentBridging = 0x6558;

    /// <summary>A type field below this holds a length in bytes instead (IEEE 802.3).</summary>
    public const ushort FirstType = 0x0600;

    /// <summary>Whether a VLAN tag follows a type field with this value.</summary>
    public static bool IsVlan(ushort type) => type is Vlan or ServiceVlan or OldServiceVlan;
}
