using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>The fifth check of RFC 9293, 3.10.7.4: the ACK field.</content>
public sealed partial class TcpConnection
{
    private bool ProcessAcknowledgment(ref Arrival segment, Instant now)
    {
        SequenceNumber acknowledgment = segment.Acknowledgment;
        if (_state == TcpState.SynReceived)
        {
            if (acknowledgment <= _sendUnacknowledged || acknowledgment > _sendNext)
            {
                SendReset(acknowledgment);
                return false;
            }

            _sendUnacknowledged = _initialSend + 1;
            SetSendWindow(segment.Window << _sendScale, segment);
            Establish(now);
        }

        // RFC 5961, 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT, all else is challenged.
        if (acknowledgment > _sendNext || acknowledgment < _sendUnacknowledged - _maximumSendWindow)
        {
            SendChallengeAck(now);
            return false;
        }

        AcknowledgeData(segment, now);
        return _state != TcpState.Closed && AdvanceClosing(now);
    }

    private void AcknowledgeData(in Arrival segment, Instant now)
    {
        SequenceNumber acknowledgment = SequenceNumber.Later(segment.Acknowledgment, _sendUnacknowledged);
        int acked = acknowledgment - _sendUnacknowledged;
        bool isDuplicate = IsDuplicateAck(segment);
        TimeSpan sample = TimeSpan.Zero;
        RetransmissionQueue queue = _recovery.Queue;
        if (acked > 0)
        {
            sample = TakeAcknowledged(acknowledgment, segment, now);
        }

        int sacked = 0;
        if (_usesSack && segment.Options.SackCount > 0 && queue.Count + acked > 0)
        {
            sacked = ApplySack(segment.Options, now);
            // A duplicate in RFC 6675's sense reports something new, however its window or data look.
            isDuplicate = acked == 0 && sacked > 0;
        }

        UpdateSendWindow(segment, acked > 0);
        if (isDuplicate)
        {
            _duplicateAcksIn++;
        }

        if (acked > 0 || sacked > 0 || isDuplicate)
        {
            int before = _recovery.FastRetransmits;
            _recovery.OnAcknowledgment(_sendUnacknowledged, _sendNext, acked, sacked, isDuplicate, sample, now);
            _services.Counters.FastRetransmits += _recovery.FastRetransmits - before;
        }

        if (acked > 0)
        {
            // RFC 6298, 5.2 and 5.3.
            if (queue.Count == 0)
            {
                _timers.Clear(TcpTimer.Retransmission);
            }
            else
            {
                RestartRetransmissionTimer(now);
            }
        }

        _urgent.OnAcknowledged(_sendUnacknowledged);
    }

    /// <summary>RFC 5681, 2: outstanding data, no data, no SYN or FIN, the same acknowledgment and the same window.</summary>
    private bool IsDuplicateAck(in Arrival segment) =>
        segment.Acknowledgment == _sendUnacknowledged
        && _recovery.Queue.Count > 0
        && segment.Length == 0
        && segment.Window << _sendScale == _sendWindow;

    /// <summary>Moves SND.UNA forward and gives back what is acknowledged.</summary>
    /// <returns>The round-trip time that the acknowledgment shows; zero when it shows none.</returns>
    private TimeSpan TakeAcknowledged(SequenceNumber acknowledgment, in Arrival segment, Instant now)
    {
        AckResult result = _recovery.Queue.Acknowledge(acknowledgment, now);
        _progressAt = now;
        _sendUnacknowledged = acknowledgment;
        int data = Math.Min(acknowledgment - _sendBase, _sendBuffer.Count);
        bool wasFull = _sendBuffer.Free == 0;
        if (data > 0)
        {
            _sendBuffer.Discard(data);
            _sendBase += data;
            _bytesAcknowledged += data;
        }

        TimeSpan sample = result.Rtt;
        // A timestamp tells which transmission is acknowledged, so Karn's rule need not throw the sample away (RFC 7323,
        // 4.1). One from before the latest retransmission shows how long its acknowledgments were lost, not the path.
        bool hasSample = result.HasRttSample
            || (_usesTimestamps && segment.Options.HasTimestamps && segment.Options.TimestampEcho != 0
                && _timestampClock.TryMeasure(segment.Options.TimestampEcho, now, out sample)
                && sample <= now - result.RetransmittedAt + TimestampClock.Tick);
        if (hasSample)
        {
            _rtt.Update(sample, now);
            _recovery.Queue.MinimumRtt = _rtt.Minimum;
        }

        _retransmissions = 0;
        _persistProbes = 0;
        if (data > 0 && (_isWriterWaiting || wasFull || _sendBuffer.Count == 0))
        {
            // Half a buffer is worth waking a writer for; less would wake it for every segment.
            if (_sendBuffer.Count <= _sendBuffer.Capacity / 2)
            {
                _isWriterWaiting = false;
                _environment.OnWritable(this);
            }
        }

        return hasSample ? sample : TimeSpan.Zero;
    }

    private int ApplySack(in SegmentOptions options, Instant now)
    {
        SackResult result = _recovery.Queue.ApplySack(options.SackBlocks, _sendUnacknowledged, _sendNext, now);
        if (result.HasDuplicate)
        {
            _duplicateSacksIn++;
        }

        return result.SackedBytes;
    }

    /// <summary>
    /// "If SND.WL1 &lt; SEG.SEQ or (SND.WL1 = SEG.SEQ and SND.WL2 =&lt; SEG.ACK), set SND.WND": an old segment must not
    /// bring back an old window. Differs from the RFC in that what acknowledges new data always counts, as in Linux:
    /// a retransmission can bring the newest acknowledgment with an older SEG.SEQ, and if SND.UNA moved without the
    /// window, the right edge would move with it.
    /// </summary>
    private void UpdateSendWindow(in Arrival segment, bool isNewest)
    {
        if (segment.Acknowledgment < _sendUnacknowledged)
        {
            return;
        }

        if (isNewest
            || _windowUpdateSequence < segment.Sequence
            || (_windowUpdateSequence == segment.Sequence && _windowUpdateAcknowledgment <= segment.Acknowledgment))
        {
            SetSendWindow(segment.Window << _sendScale, segment);
        }
    }

    private void SetSendWindow(int window, in Arrival segment)
    {
        if (window > 0)
        {
            _timers.Clear(TcpTimer.Persist);
            _persistProbes = 0;
        }

        else
        {
            // What is sent again into a closed window is a probe as well: its answers keep the connection.
            _retransmissions = 0;
        }

        // An answer to a probe, even one that keeps the window closed, shows that the peer lives (RFC 9293, 3.8.6.1).
        _persistUnanswered = 0;
        _sendWindow = window;
        _maximumSendWindow = Math.Max(_maximumSendWindow, window);
        _windowUpdateSequence = segment.Sequence;
        _windowUpdateAcknowledgment = segment.Acknowledgment;
    }

    /// <summary>What the acknowledgment of our FIN leads to, state by state.</summary>
    /// <returns>Whether the segment is to be processed further.</returns>
    private bool AdvanceClosing(Instant now)
    {
        bool isFinAcknowledged = _isFinSent && _sendUnacknowledged == _sendNext;
        switch (_state)
        {
            case TcpState.FinWait1 when isFinAcknowledged:
                ChangeState(TcpState.FinWait2);
                if (_isReadClosed)
                {
                    // Nobody will ever read from it again, so it may not wait for ever (RFC 9293, 3.6 lets it).
                    _timers.Set(TcpTimer.Lifetime, now + _settings.FinWait2Timeout);
                }

                return true;
            case TcpState.Closing when isFinAcknowledged:
                EnterTimeWait(now);
                return false;
            case TcpState.LastAck when isFinAcknowledged:
                CloseNow(TcpCloseReason.Finished);
                return false;
            default:
                return true;
        }
    }

    private void EnterTimeWait(Instant now)
    {
        _timers = TimerSet.None;
        _sendBuffer.Clear();
        _recovery.Clear();
        _timers.Set(TcpTimer.Lifetime, now + _settings.TimeWait);
        ChangeState(TcpState.TimeWait);
    }
}
