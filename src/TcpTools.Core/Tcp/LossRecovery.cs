using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>Where loss recovery stands.</summary>
internal enum RecoveryPhase
{
    /// <summary>Nothing is believed lost.</summary>
    Open,

    /// <summary>Fast recovery (RFC 5681, 3.2; RFC 6675, 5; RFC 6582).</summary>
    Fast,

    /// <summary>After a retransmission timeout, until all that was outstanding then is acknowledged (RFC 5681, 3.1).</summary>
    Timeout,
}

/// <summary>
/// One connection's loss recovery: it brings together the queue of what is outstanding, the detection of losses, the
/// recovery policy and congestion control, and tells the sender how many bytes may go out now.
/// </summary>
internal sealed class LossRecovery(
    RetransmissionQueue queue, ICongestionControl congestion, ILossDetection detection, IRecoveryPolicy policy)
{
    private SequenceNumber _recoveryPoint;
    private int _inflation;
    private int _flightBefore; // FlightSize when the first duplicate came
    private bool _isForced;

    /// <summary>What is outstanding.</summary>
    public RetransmissionQueue Queue => queue;

    /// <summary>Congestion control.</summary>
    public ICongestionControl Congestion => congestion;

    /// <summary>Where recovery stands.</summary>
    public RecoveryPhase Phase { get; private set; }

    /// <summary>Duplicate acknowledgments in a row (RFC 5681, 2).</summary>
    public int DuplicateAcks { get; private set; }

    /// <summary>SMSS in bytes: the largest payload of one segment.</summary>
    public int MaximumSegment { get; set; } = 536;

    /// <summary>Whether duplicate acknowledgments before recovery allow new data (RFC 3042).</summary>
    public bool LimitedTransmit { get; set; } = true;

    /// <summary>Whether both sides agreed on selective acknowledgment.</summary>
    public bool UsesSack { get; set; }

    /// <summary>How often fast recovery was entered.</summary>
    public int FastRetransmits { get; private set; }

    /// <summary>Whether the congestion window held the sender back since the last acknowledgment (RFC 7661's question).</summary>
    public bool IsWindowLimited { get; set; }

    /// <summary>Bytes that congestion control and recovery let go out now; never negative.</summary>
    public int Allowance
    {
        get
        {
            // Each duplicate acknowledgment stands for a segment that has left the network (RFC 5681, 3.2 (4));
            // with SACK the queue's own count says so more exactly.
            int window = congestion.Window + _inflation;
            int allowance = Phase == RecoveryPhase.Fast
                ? policy.Allowance(window, queue.Pipe)
                : window - queue.Pipe;
            return Math.Max(0, allowance);
        }
    }

    /// <summary>Whether one retransmission must go out whatever the window says (RFC 5681, 3.2 (3)), once.</summary>
    public bool TakeForced()
    {
        bool forced = _isForced;
        _isForced = false;
        return forced;
    }

    /// <summary>Takes an acknowledgment that the queue has been told of already.</summary>
    /// <param name="unacknowledged">SND.UNA after it.</param>
    /// <param name="next">SND.NXT.</param>
    /// <param name="acked">Bytes that it newly acknowledges.</param>
    /// <param name="sacked">Bytes that it newly acknowledges selectively.</param>
    /// <param name="isDuplicate">Whether it is a duplicate in the sense of RFC 5681, 2.</param>
    /// <param name="rtt">The round-trip time that it shows; zero for none.</param>
    /// <param name="now">When it arrived.</param>
    public void OnAcknowledgment(
        SequenceNumber unacknowledged, SequenceNumber next, int acked, int sacked, bool isDuplicate, TimeSpan rtt, Instant now)
    {
        if (acked > 0)
        {
            DuplicateAcks = 0;
            // RFC 6582, 3.2 (5): a partial acknowledgment takes back what it acknowledges, less one segment.
            _inflation = Phase == RecoveryPhase.Fast ? Math.Max(0, _inflation - acked + MaximumSegment) : 0;
        }
        else if (isDuplicate)
        {
            DuplicateAcks++;
            _flightBefore = DuplicateAcks == 1 ? queue.Bytes : _flightBefore;
            if (!UsesSack && (Phase == RecoveryPhase.Fast || (LimitedTransmit && DuplicateAcks <= 2)))
            {
                _inflation += MaximumSegment;
            }
        }

        bool wasFast = Phase == RecoveryPhase.Fast;
        if (Phase != RecoveryPhase.Open && acked > 0 && unacknowledged >= _recoveryPoint)
        {
            Leave(now);
        }

        // RFC 6675 has no recovery end before data sent since its start is acknowledged; RFC 6582, 4.1 keeps late
        // duplicates of the old flight from starting it anew.
        LossSample sample = new(
            DuplicateAcks, UsesSack, MaximumSegment, Phase != RecoveryPhase.Open,
            Phase == RecoveryPhase.Fast && acked > 0, queue.MinimumRtt / 4, now);
        bool isNews = sacked > 0 || isDuplicate || (acked > 0 && Phase != RecoveryPhase.Open);
        bool hasLosses = isNews && detection.OnAcknowledgment(queue, sample);
        // RFC 6582, 3.2 (5): a partial acknowledgment sends the next hole at once.
        _isForced |= hasLosses && sample.IsPartial && !UsesSack;
        if (Phase == RecoveryPhase.Fast)
        {
            policy.OnAcknowledgment(acked + sacked, queue.Pipe, MaximumSegment);
        }
        else if (Phase == RecoveryPhase.Open && hasLosses)
        {
            Enter(next, now);
        }

        // The acknowledgment that ends recovery sets the window (RFC 6582, 3.2 (3)) and does not open it as well.
        congestion.OnAck(new AckSample(
            acked, sacked, queue.Pipe, rtt, IsWindowLimited, wasFast || Phase == RecoveryPhase.Fast, now));
        IsWindowLimited = false;
    }

    /// <summary>The retransmission timer has run out: everything outstanding counts as lost (RFC 6298, 5.4; RFC 5681, 3.1).</summary>
    public void OnTimeout(SequenceNumber next, Instant now)
    {
        int inFlight = queue.Bytes;
        queue.MarkAllLost();
        congestion.OnTimeout(inFlight, now);
        _recoveryPoint = next;
        Phase = RecoveryPhase.Timeout;
        DuplicateAcks = 0;
        _inflation = 0;
        _isForced = true;
    }

    /// <summary>Forgets everything: the connection is gone or starts.</summary>
    public void Clear()
    {
        queue.Clear();
        Phase = RecoveryPhase.Open;
        DuplicateAcks = 0;
        _inflation = 0;
        _isForced = false;
    }

    private void Enter(SequenceNumber next, Instant now)
    {
        // FlightSize without what limited transmit has sent since (RFC 5681, 3.2 (2)).
        int inFlight = DuplicateAcks > 0 ? Math.Min(queue.Bytes, _flightBefore) : queue.Bytes;
        congestion.OnLoss(inFlight, now);
        policy.OnEnter(inFlight, congestion.SlowStartThreshold);
        _recoveryPoint = next;
        _inflation = UsesSack ? 0 : DuplicateAcks * MaximumSegment;
        Phase = RecoveryPhase.Fast;
        FastRetransmits++;
        _isForced = true;
    }

    private void Leave(Instant now)
    {
        if (Phase == RecoveryPhase.Fast)
        {
            congestion.OnRecoveryExit(now);
        }

        Phase = RecoveryPhase.Open;
        _inflation = 0;
    }
}
