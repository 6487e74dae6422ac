using System.Collections.Generic;

namespace TcpTools.Neighbors;

/// <summary>What has happened on an Ethernet link since it was taken into use.</summary>
public sealed class EthernetCounters
{
    /// <summary>Frames for other stations, dropped.</summary>
    public long InForeign { get; set; }

    /// <summary>Frames too short for a header, or to all stations with a packet for one, dropped.</summary>
    public long InDiscards { get; set; }

    /// <summary>Frames of protocols that nobody takes, dropped.</summary>
    public long InUnknownProtocols { get; set; }

    /// <summary>ARP requests received.</summary>
    public long InRequests { get; set; }

    /// <summary>ARP replies received.</summary>
    public long InReplies { get; set; }

    /// <summary>ARP messages received that are malformed, not between Ethernet and IPv4 addresses, or of another operation.</summary>
    public long InErrors { get; set; }

    /// <summary>ARP requests sent, probes and announcements among them.</summary>
    public long OutRequests { get; set; }

    /// <summary>ARP replies sent.</summary>
    public long OutReplies { get; set; }

    /// <summary>Times that somebody else was seen to use an address of ours.</summary>
    public long Conflicts { get; set; }

    /// <summary>Neighbours that did not answer.</summary>
    public long Failures { get; set; }

    /// <summary>Packets dropped because too many waited for a neighbour's address.</summary>
    public long WaitingDrops { get; set; }

    /// <summary>Packets dropped because their source address is not claimed, not yet or no longer.</summary>
    public long UnclaimedDrops { get; set; }

    /// <summary>Neighbours forgotten because there were too many.</summary>
    public long Evictions { get; set; }

    /// <summary>All counters by name, such as <c>ArpInRequests</c>.</summary>
    public IReadOnlyList<(string Name, long Value)> Snapshot() =>
    [
        ("EthernetInForeign", InForeign),
        ("EthernetInDiscards", InDiscards),
        ("EthernetInUnknownProtos", InUnknownProtocols),
        ("EthernetOutUnclaimed", UnclaimedDrops),
        ("ArpInRequests", InRequests),
        ("ArpInReplies", InReplies),
        ("ArpInErrors", InErrors),
        ("ArpOutRequests", OutRequests),
        ("ArpOutReplies", OutReplies),
        ("ArpConflicts", Conflicts),
        ("ArpFailures", Failures),
        ("ArpEvictions", Evictions),
        ("ArpWaitingDrops", WaitingDrops),
    ];
}
