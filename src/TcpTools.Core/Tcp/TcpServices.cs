using TcpTools.Buffers;

namespace TcpTools.Tcp;

/// <summary>What all connections of one stack share.</summary>
public sealed class TcpServices
{
    /// <summary>
    /// Where the starts of timestamps come from, and initial sequence numbers where settings do not name another generator.
    /// </summary>
    public required InitialSequenceGenerator InitialSequence { get; init; }

    /// <summary>Where buffered bytes live.</summary>
    public SlabPool Slabs { get; init; } = SlabPool.Shared;

    /// <summary>What is counted for all connections together.</summary>
    public TcpCounters Counters { get; init; } = new();

    /// <summary>The largest IP packet, in bytes, that the link carries: the MSS announced follows from it (RFC 6691).</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>The largest IP packet, in bytes, that the link splits by itself; 0 when it splits none.</summary>
    public int MaximumSegmentationLength { get; init; }

    /// <summary>What has gone wrong in parts that somebody replaced.</summary>
    public PartErrors Errors { get; init; } = new();
}
