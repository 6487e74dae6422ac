namespace TcpTools.Packets;

/// <summary>Starts of packets and the link types of captures (the tcpdump group's LINKTYPE numbers).</summary>
public static class PacketStarts
{
    /// <summary>The link type for what has no other: the first that is left to private use (LINKTYPE_USER0).</summary>
    public const int PrivateLinkType = 147;

    /// <summary>What packets of a capture start with; <see cref="PacketStart.Unknown"/> for link types that are not taken apart here.</summary>
    public static PacketStart FromLinkType(int linkType) => linkType switch
    {
        0 => PacketStart.Null,
        1 => PacketStart.Ethernet,
        6 => PacketStart.TokenRing,
        9 or 50 => PacketStart.Ppp,
        10 => PacketStart.Fddi,

        // The numbers that systems gave to raw IP themselves, beside the one of files, and those of one version.
        12 or 14 or 101 or 228 or 229 => PacketStart.IP,
        105 => PacketStart.Ieee80211,
        108 => PacketStart.Loop,
        113 => PacketStart.LinuxCooked,
        119 or 163 => PacketStart.Prism,
        127 => PacketStart.Radiotap,
        276 => PacketStart.LinuxCooked2,
        _ => PacketStart.Unknown,
    };

    /// <summary>The link type to write packets with that start so.</summary>
    public static int ToLinkType(this PacketStart start) => start switch
    {
        PacketStart.Null => 0,
        PacketStart.Ethernet => 1,
        PacketStart.TokenRing => 6,
        PacketStart.Ppp => 9,
        PacketStart.Fddi => 10,
        PacketStart.IP => 101,
        PacketStart.Ieee80211 => 105,
        PacketStart.Loop => 108,
        PacketStart.LinuxCooked => 113,
        PacketStart.Prism => 119,
        PacketStart.Radiotap => 127,
        PacketStart.LinuxCooked2 => 276,
        _ => PrivateLinkType,
    };
}
