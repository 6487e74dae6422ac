namespace TcpTools.Packets;

/// <summary>What a packet's first bytes are.</summary>
public enum PacketStart
{
    /// <summary>An IP header of either version, as on a TUN device.</summary>
    IP,

    /// <summary>An Ethernet header, as on a TAP device or a network card.</summary>
    Ethernet,

    /// <summary>A Linux cooked header (SLL), as in a capture on all interfaces.</summary>
    LinuxCooked,

    /// <summary>A Linux cooked header of the second version (SLL2).</summary>
    LinuxCooked2,

    /// <summary>The address family of a BSD loopback device, in the byte order of who captured.</summary>
    Null,

    /// <summary>The address family of OpenBSD's loopback device, in network order.</summary>
    Loop,

    /// <summary>A PPP header.</summary>
    Ppp,

    /// <summary>A frame of IEEE 802.11.</summary>
    Ieee80211,

    /// <summary>A radiotap header and a frame of IEEE 802.11.</summary>
    Radiotap,

    /// <summary>A header of Prism's or AVS's driver and a frame of IEEE 802.11.</summary>
    Prism,

    /// <summary>An FDDI header.</summary>
    Fddi,

    /// <summary>A Token Ring header.</summary>
    TokenRing,

    /// <summary>Something that is not taken apart: the whole packet is one payload.</summary>
    Unknown,
}
