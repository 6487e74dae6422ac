using System;

namespace TcpTools.Capture;

/// <summary>How much of a protocol there was.</summary>
/// <param name="Name">The protocol.</param>
/// <param name="Path">The protocols around it, from outside in, with slashes between.</param>
/// <param name="Depth">How many are around it.</param>
/// <param name="Packets">Packets with it.</param>
/// <param name="Bytes">Their bytes as on the wire.</param>
/// <param name="Percent">Its part of all packets.</param>
public sealed record ProtocolCount(string Name, string Path, int Depth, long Packets, long Bytes, double Percent);

/// <summary>How much there was in a stretch of time.</summary>
/// <param name="Start">Where the stretch starts.</param>
/// <param name="Length">How long it is.</param>
/// <param name="Packets">Packets in it.</param>
/// <param name="Bytes">Their bytes as on the wire.</param>
/// <param name="BitsPerSecond">Bits per second.</param>
/// <param name="TcpProblems">Retransmissions of every kind, segments out of order and lost ones, duplicate acknowledgments and zero windows.</param>
public sealed record CaptureInterval(DateTimeOffset Start, TimeSpan Length, long Packets, long Bytes, double BitsPerSecond, long TcpProblems);

/// <summary>What to count, and how much of it at most.</summary>
public sealed record CaptureStatisticsOptions
{
    /// <summary>Conversations of each kind that are told apart; what further ones have is counted together.</summary>
    public int MaximumConversations { get; init; } = 65536;

    /// <summary>Length of the stretches of a time series; zero for none.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>Stretches at most; what comes later is counted in the last.</summary>
    public int MaximumIntervals { get; init; } = 100_000;
}
