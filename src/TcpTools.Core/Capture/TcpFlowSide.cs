using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>What an onlooker remembers of one direction of a TCP connection.</summary>
internal sealed class TcpFlowSide
{
    private const int MaximumUnacknowledged = 256;

    private readonly Queue<(SequenceNumber Start, SequenceNumber End, long Time, bool IsRepeated)> _unacknowledged = new();

    public bool HasSent { get; set; }

    public SequenceNumber First { get; set; }

    /// <summary>Behind the highest sequence number seen.</summary>
    public SequenceNumber Next { get; set; }

    /// <summary>When that was.</summary>
    public long NextTime { get; set; }

    /// <summary>Behind the highest sequence number up to which nothing is missing here.</summary>
    public SequenceNumber Continuous { get; set; }

    public bool HasAcknowledged { get; set; }

    public SequenceNumber LastAck { get; set; }

    public long LastAckTime { get; set; }

    public int DuplicateAcks { get; set; }

    public ushort Window { get; set; }

    /// <summary>The window's shift; null while nobody knows, because the handshake was not seen.</summary>
    public int? Scale { get; set; }

    /// <summary>What the last acknowledgment says has arrived beyond it.</summary>
    public SackBlock[] Sacked { get; } = new SackBlock[4];

    public int SackedCount { get; set; }

    public bool LastWasKeepAlive { get; set; }

    public bool LastWasProbe { get; set; }

    /// <summary>Whether a place is in what the last acknowledgment says has arrived.</summary>
    public bool HasSacked(SequenceNumber sequence)
    {
        for (int i = 0; i < SackedCount; i++)
        {
            if (sequence >= Sacked[i].Left && sequence <= Sacked[i].Right)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a segment seen before, and not acknowledged, had all of these bytes.</summary>
    public bool HasSeen(SequenceNumber start, SequenceNumber end)
    {
        foreach ((SequenceNumber from, SequenceNumber to, _, _) in _unacknowledged)
        {
            if (start >= from && end <= to)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Remembers a segment until it is acknowledged; when there are too many, round trips go unmeasured.</summary>
    public void Remember(SequenceNumber start, SequenceNumber end, long time, bool isRepeated)
    {
        if (_unacknowledged.Count == MaximumUnacknowledged)
        {
            _unacknowledged.Dequeue();
        }

        _unacknowledged.Enqueue((start, end, time, isRepeated));
    }

    /// <summary>
    /// Forgets what is acknowledged. Returns the time at which the segment was sent that the acknowledgment exactly covers,
    /// unless it was sent more than once (Karn's rule); negative for none.
    /// </summary>
    public long Acknowledge(SequenceNumber ack)
    {
        long sent = -1;
        while (_unacknowledged.TryPeek(out (SequenceNumber Start, SequenceNumber End, long Time, bool IsRepeated) segment) && segment.End <= ack)
        {
            _unacknowledged.Dequeue();
            sent = segment.End == ack && !segment.IsRepeated ? segment.Time : -1;
        }

        return sent;
    }
}
