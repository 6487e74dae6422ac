using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>A run of sequence numbers that was sent and is not cumulatively acknowledged.</summary>
internal struct SentSegment
{
    /// <summary>The first sequence number.</summary>
    public SequenceNumber Start;

    /// <summary>The sequence number after the last.</summary>
    public SequenceNumber End;

    /// <summary>When it was sent last.</summary>
    public Instant SentAt;

    /// <summary>Times it was sent, the first included; stops at 255.</summary>
    public byte Transmissions;

    /// <summary>The peer reports it as received.</summary>
    public bool Sacked;

    /// <summary>It is taken for lost. Stays set when it is sent again.</summary>
    public bool Lost;

    /// <summary>A retransmission of it is outstanding and not taken for lost.</summary>
    public bool Retransmitted;

    /// <summary>It begins with a SYN.</summary>
    public bool IsSyn;

    /// <summary>It ends with a FIN.</summary>
    public bool IsFin;

    /// <summary>Sequence numbers in the run.</summary>
    public readonly int Length => End - Start;
}

/// <summary>What a cumulative acknowledgment has removed.</summary>
internal readonly struct AckResult
{
    /// <summary>Sequence numbers newly acknowledged.</summary>
    public int AckedBytes { get; init; }

    /// <summary>How many of them had been SACKed before.</summary>
    public int PreviouslySackedBytes { get; init; }

    /// <summary>Whether any of them had been sent more than once.</summary>
    public bool RetransmittedAcked { get; init; }

    /// <summary>Whether <see cref="Rtt"/> and <see cref="LatestRtt"/> hold: nothing acknowledged was ever retransmitted (Karn).</summary>
    public bool HasRttSample { get; init; }

    /// <summary>Time since the oldest of the newly acknowledged was sent: the sample for the retransmission timeout.</summary>
    public TimeSpan Rtt { get; init; }

    /// <summary>When the latest retransmission among the newly acknowledged was sent; the clock's start when there is none.</summary>
    public Instant RetransmittedAt { get; init; }

    /// <summary>Time since the latest of the newly acknowledged was sent: free of the peer's delay of acknowledgments.</summary>
    public TimeSpan LatestRtt { get; init; }
}

/// <summary>What a SACK option has told.</summary>
internal readonly struct SackResult
{
    /// <summary>Sequence numbers newly reported as received.</summary>
    public int SackedBytes { get; init; }

    /// <summary>Whether the first block reports a duplicate (RFC 2883).</summary>
    public bool HasDuplicate { get; init; }

    /// <summary>The duplicate reported.</summary>
    public SackBlock Duplicate { get; init; }

    /// <summary>Blocks that cannot be true and were ignored.</summary>
    public int InvalidBlocks { get; init; }

    /// <summary>Whether <see cref="Rtt"/> holds: something newly reported was sent only once.</summary>
    public bool HasRttSample { get; init; }

    /// <summary>Time since the latest of the newly reported was sent, of what was never sent again.</summary>
    public TimeSpan Rtt { get; init; }
}
