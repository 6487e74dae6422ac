using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// What is sent and not cumulatively acknowledged, with the SACK scoreboard of RFC 6675. Its runs adjoin each other, so
/// that they cover SND.UNA up to SND.NXT.
/// </summary>
internal sealed class RetransmissionQueue
{
    /// <summary>Runs held.</summary>
    public int Count { get; private set; }

    /// <summary>Sequence numbers held: FlightSize.</summary>
    public int Bytes { get; private set; }

    /// <summary>Sequence numbers estimated to be in the network (SetPipe of RFC 6675, 4).</summary>
    public int Pipe => Bytes;

    /// <summary>Sequence numbers SACKed.</summary>
    public int SackedBytes { get; private set; }

    /// <summary>Sequence numbers taken for lost and not SACKed, sent again or not.</summary>
    public int LostBytes { get; private set; }

    /// <summary>The number after the highest SACKed one; the first held, when none is.</summary>
    public SequenceNumber HighestSacked { get; private set; }

    /// <summary>Whether the first run is SACKed though not acknowledged: the peer has dropped what it had reported.</summary>
    public bool IsReneged => throw new NotSupportedException();

    /// <summary>The run at <paramref name="index"/>, oldest sequence number first.</summary>
    public ref readonly SentSegment this[int index] => throw new NotSupportedException();

    /// <summary>Adds what is sent for the first time; <paramref name="flags"/> tells of SYN and FIN, both counted in the run.</summary>
    public void Append(SequenceNumber start, SequenceNumber end, Instant now, TcpFlags flags) => throw new NotSupportedException();

    /// <summary>Removes what lies before <paramref name="una"/>.</summary>
    public AckResult Acknowledge(SequenceNumber una, Instant now) => throw new NotSupportedException();

    /// <summary>
    /// Marks what the blocks report. Blocks outside <paramref name="una"/>..<paramref name="max"/> (SND.NXT) are ignored,
    /// except a first block that reports a duplicate.
    /// </summary>
    public SackResult ApplySack(ReadOnlySpan<SackBlock> blocks, SequenceNumber una, SequenceNumber max, Instant now) =>
        throw new NotSupportedException();

    /// <summary>Marks what IsLost (RFC 6675, 4) says is lost; returns whether anything was newly marked.</summary>
    public bool MarkLost(int mss, int dupThresh) => throw new NotSupportedException();

    /// <summary>
    /// Marks the first run not SACKed, at most <paramref name="maximumBytes"/> of it, as lost, even when it has been sent again.
    /// </summary>
    public void MarkFirstLost(int maximumBytes = int.MaxValue) => throw new NotSupportedException();

    /// <summary>
    /// Marks everything not SACKed as lost: the retransmission timer has expired. Forgets the SACK marks only when the peer
    /// has reneged (RFC 2018, 8).
    /// </summary>
    public void MarkAllLost() => throw new NotSupportedException();

    /// <summary>Takes back all loss marks: the retransmissions were not needed.</summary>
    public void ClearLost() => throw new NotSupportedException();

    /// <summary>
    /// The first run, up to <paramref name="maximumBytes"/>, that is lost and not sent again since (NextSeg (1) of RFC 6675).
    /// Lost runs that adjoin are taken together.
    /// </summary>
    public bool TryGetRetransmission(int maximumBytes, out SequenceNumber start, out int length) =>
        throw new NotSupportedException();

    /// <summary>
    /// The first run below the highest SACKed one that is neither SACKed nor sent again nor lost (NextSeg (3) of RFC 6675).
    /// </summary>
    public bool TryGetRescue(int maximumBytes, out SequenceNumber start, out int length) => throw new NotSupportedException();

    /// <summary>Records that a part was sent again.</summary>
    public void OnRetransmitted(SequenceNumber start, int length, Instant now) => throw new NotSupportedException();

    /// <summary>Forgets everything.</summary>
    public void Clear() => throw new NotSupportedException();
}
