using System;

namespace TcpTools.Streams;

/// <summary>Why bytes of a stream are missing.</summary>
public enum StreamGapReason
{
    /// <summary>The receiver acknowledged them: they were lost by the capture, not by the network.</summary>
    LostByCapture,

    /// <summary>The capture kept only the start of a frame.</summary>
    CutByCapture,

    /// <summary>Too much data waited behind them.</summary>
    QueueLimit,

    /// <summary>They had not come when the stream ended or what was read did.</summary>
    End,
}

/// <summary>Bytes of a stream that were never seen. Nothing stands for them in its data.</summary>
/// <param name="Direction">Which way they went.</param>
/// <param name="Offset">Where they start, in bytes from the start of that direction.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Reason">Why they are missing.</param>
/// <param name="Time">When that was decided.</param>
public sealed record StreamGap(
    StreamDirection Direction, long Offset, long Length, StreamGapReason Reason, DateTimeOffset Time)
{
    /// <summary>Direction, place, length and reason.</summary>
    public override string ToString() => $"{Direction}: {Length} bytes missing at {Offset} ({Reason})";
}
