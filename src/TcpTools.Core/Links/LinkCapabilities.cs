namespace TcpTools.Links;

/// <summary>What a link's frames start with.</summary>
public enum LinkMedium
{
    /// <summary>An IP header (TUN, a raw IP wire).</summary>
    IP,

    /// <summary>An Ethernet header.</summary>
    Ethernet,
}

/// <summary>What frames look like on a link and which work it takes over from the stack.</summary>
public sealed record LinkCapabilities
{
    /// <summary>What a frame starts with.</summary>
    public LinkMedium Medium { get; init; } = LinkMedium.IP;

    /// <summary>The largest IP packet, in bytes, that the link carries unsplit.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>Whether the link completes a transport checksum that <see cref="Buffers.OffloadInfo.NeedsChecksum"/> leaves open.</summary>
    public bool CompletesChecksums { get; init; }

    /// <summary>The largest IP packet, in bytes, that the link splits by itself (TSO); 0 when it splits none.</summary>
    public int MaximumSegmentationLength { get; init; }

    /// <summary>How many frames to hand over or to take at once.</summary>
    public int BatchSize { get; init; } = 32;
}

/// <summary>What has passed through a link.</summary>
public sealed class LinkCounters
{
    /// <summary>Frames received.</summary>
    public long ReceivedFrames { get; set; }

    /// <summary>Bytes of the frames received.</summary>
    public long ReceivedBytes { get; set; }

    /// <summary>Frames sent.</summary>
    public long SentFrames { get; set; }

    /// <summary>Bytes of the frames sent.</summary>
    public long SentBytes { get; set; }

    /// <summary>Frames lost on the way in: no room, or damaged before they could be read.</summary>
    public long ReceiveDrops { get; set; }

    /// <summary>Frames lost on the way out: no room, or refused by the device.</summary>
    public long SendDrops { get; set; }
}
