using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>What became of a segment's data.</summary>
internal readonly struct ReceiveResult
{
    /// <summary>Bytes by which RCV.NXT has advanced.</summary>
    public int Advanced { get; init; }

    /// <summary>Bytes not held before that were stored, in order or not.</summary>
    public int Stored { get; init; }

    /// <summary>Whether some of the data was stored behind a gap.</summary>
    public bool IsOutOfOrder { get; init; }

    /// <summary>Whether the data filled a gap, or a part of one: acknowledge at once (RFC 5681, 4.2).</summary>
    public bool FilledGap { get; init; }

    /// <summary>Whether data was dropped because it would have made more separate pieces than are allowed.</summary>
    public bool IsDropped { get; init; }

    /// <summary>Whether some of the data had been received before.</summary>
    public bool HasDuplicate { get; init; }

    /// <summary>The first run of bytes that had been received before, to be reported first (RFC 2883, 4).</summary>
    public SackBlock Duplicate { get; init; }
}
