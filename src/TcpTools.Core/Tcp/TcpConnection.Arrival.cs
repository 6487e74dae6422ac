using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>
/// Segments that arrive in every state from SYN-RECEIVED on: the checks of RFC 9293, 3.10.7.4 in their order, with the
/// stricter rules of RFC 5961 and the timestamps check of RFC 7323 where they belong.
/// </content>
public sealed partial class TcpConnection
{
    /// <summary>Takes a segment addressed to this connection.</summary>
    /// <param name="segment">The segment; its checksum has been verified.</param>
    /// <param name="now">The time.</param>
    /// <param name="moreFollow">
    /// Whether more segments for this connection follow at once. Then what need not go out immediately waits for
    /// <see cref="Flush"/>, which the caller owes: one acknowledgment then answers a whole batch.
    /// </param>
    public void Receive(in ArrivedSegment segment, Instant now, bool moreFollow = false)
    {
        if (_state is TcpState.Closed or TcpState.Listen)
        {
            return;
        }

        _segmentsIn += Math.Max(1, segment.PacketCount);
        Arrival arrival = new(segment, now);
        if (_state == TcpState.SynSent)
        {
            ArriveInSynSent(ref arrival, now);
        }
        else
        {
            ArriveSynchronized(ref arrival, now);
        }

        if (moreFollow)
        {
            Reschedule();
        }
        else
        {
            Flush(now);
        }
    }

    /// <summary>Sends what has become due: data that the window allows and acknowledgments.</summary>
    public void Flush(Instant now)
    {
        Output(now);
        Reschedule();
    }

    /// <summary>
    /// Whether a SYN that came to this connection in TIME-WAIT may open a new one in its place (RFC 9293, 3.10.7.4 and
    /// RFC 6191, 2): its timestamp or its sequence number is newer than all the old connection can have used.
    /// </summary>
    public bool CanBeReplacedBy(in ArrivedSegment syn)
    {
        if (_state != TcpState.TimeWait || (syn.Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) != TcpFlags.Syn)
        {
            return false;
        }

        SegmentOptions options = SegmentOptions.Parse(syn.Options);
        int newer = _usesTimestamps && options.HasTimestamps ? (int)(options.TimestampValue - _paws.Recent) : 0;
        return newer > 0 || (newer == 0 && syn.Sequence > ReceiveNext);
    }

    private void ArriveSynchronized(ref Arrival segment, Instant now)
    {
        if (_state == TcpState.SynReceived && segment.Has(TcpFlags.Syn) && segment.Sequence == _initialReceive && !segment.Has(TcpFlags.Rst))
        {
            if (!segment.Has(TcpFlags.Ack))
            {
                // Our SYN-ACK got lost. A bare ACK, the RFC's answer, would leave the peer in SYN-SENT until our timer.
                SendSyn(now);
                return;
            }

            // The peer's SYN-ACK after both opened at once: its SYN is known, its ACK is what counts (3.5, figure 8).
            segment.RemoveSyn();
        }

        SequenceNumber sequence = segment.Sequence;
        if (!PassTimestamps(segment, now) || !PassSequence(ref segment, now)
            || !PassReset(segment, now) || !PassSyn(segment, now))
        {
            return;
        }

        if (_usesTimestamps)
        {
            _paws.Update(segment.Options, sequence, _lastAckSent, now);
        }

        // Fifth, check the ACK field: "if the ACK bit is off, drop the segment and return".
        if (!segment.Has(TcpFlags.Ack) || !ProcessAcknowledgment(ref segment, now))
        {
            return;
        }

        _lastReceivedAt = now;
        _keepAlive.OnHeard();
        if (_state is TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2)
        {
            ProcessUrgent(segment);
            ProcessText(segment, now);
        }

        ProcessFin(segment, now);
    }

    /// <summary>The timestamps check comes before the sequence check (RFC 7323, 5.3, R1 to R3).</summary>
    private bool PassTimestamps(in Arrival segment, Instant now)
    {
        if (!_usesTimestamps)
        {
            return true;
        }

        if (!segment.Options.HasTimestamps)
        {
            // RFC 7323, 3.2 says SHOULD drop; Linux takes such segments, and some middleboxes strip the option.
            return segment.Has(TcpFlags.Rst) || !_settings.DropSegmentsWithoutTimestamps;
        }

        if (_paws.IsOld(segment.Options, segment.Flags, now))
        {
            _pawsDrops++;
            _services.Counters.PawsDropped++;
            AnswerUnacceptable(segment, now);
            return false;
        }

        return true;
    }

    /// <summary>First, check the sequence number: RFC 9293, 3.4 table 6, then trim to the window.</summary>
    private bool PassSequence(ref Arrival segment, Instant now)
    {
        SequenceNumber next = ReceiveNext;
        int window = _announced.Remaining(next);
        int length = segment.Length;
        bool acceptable = (length, window) switch
        {
            (0, 0) => segment.Sequence == next,
            // A peer whose whole window is in flight acknowledges with the number at the edge: dropping that would
            // leave our side waiting (Linux takes it as well). A RST or SYN there proves nothing.
            (0, _) => segment.Sequence >= next
                && (segment.Sequence < next + window || (segment.Sequence == next + window && !segment.Has(TcpFlags.Rst))),
            (_, 0) => false,
            _ => segment.Sequence < next + window && segment.End > next,
        };
        if (acceptable)
        {
            if (segment.Sequence < next && segment.Payload.Length > 0 && segment.Has(TcpFlags.Ack))
            {
                NoteDuplicate(segment.Sequence, SequenceNumber.Earlier(next, segment.End));
            }

            segment.TrimFront(next);
            segment.TrimBack(next + window);
            return true;
        }

        if (segment.Has(TcpFlags.Rst))
        {
            // "If the RST bit is set, drop the segment and return." One exactly at the edge of a closed window counts.
            return segment.Sequence == next;
        }

        // "If RCV.WND is zero, special allowance should be made to accept valid ACKs, URGs, and RSTs."
        if (segment.Sequence == next && window == 0 && segment.Has(TcpFlags.Ack) && !segment.Has(TcpFlags.Syn))
        {
            bool hadText = length > 0;
            segment.TrimBack(next);
            if (hadText)
            {
                _delayedAck.Demand();
            }

            return true;
        }

        if (_state == TcpState.TimeWait && segment.Has(TcpFlags.Fin))
        {
            // "Acknowledge it, and restart the 2 MSL timeout."
            _timers.Set(TcpTimer.Lifetime, now + _settings.TimeWait);
        }

        if (_usesTimestamps && length > 0 && segment.End <= next && next - segment.Sequence <= _receiveBuffer.Capacity
            && segment.Options.HasTimestamps && _paws.IsPlausible(segment.Options, now))
        {
            // Sent again because our acknowledgments got lost: the echo must tell of the newer copy (RFC 7323, 4.3 (2)), or
            // the sender, who may not measure by the older one, stays in back-off.
            _paws.Update(segment.Options, segment.Sequence, _lastAckSent, now);
        }

        if (segment.Payload.Length > 0 && segment.End <= next)
        {
            NoteDuplicate(segment.Sequence, segment.Sequence + segment.Payload.Length);
        }

        AnswerUnacceptable(segment, now);
        return false;
    }

    /// <summary>
    /// Answers a segment outside the window with where we stand. Without a rate limit, two ends that each believe the
    /// other wrong would answer each other for ever, so segments without data are answered at most every 500 ms, as
    /// Linux does.
    /// </summary>
    private void AnswerUnacceptable(in Arrival segment, Instant now)
    {
        if (segment.Payload.Length > 0 || segment.Has(TcpFlags.Fin) || _outOfWindowLimiter.TryAcquire(now))
        {
            SendAck(now);
        }
    }

    /// <summary>Second, check the RST bit (RFC 5961, 3.2).</summary>
    private bool PassReset(in Arrival segment, Instant now)
    {
        if (!segment.Has(TcpFlags.Rst))
        {
            return true;
        }

        if (segment.Sequence != ReceiveNext)
        {
            SendChallengeAck(now);
            return false;
        }

        switch (_state)
        {
            case TcpState.SynReceived:
                // Opened passively, the listener never hears of it (3.10.7.4); opened actively, it was refused.
                CloseNow(_isPassive ? TcpCloseReason.ResetByPeer : TcpCloseReason.Refused);
                break;
            case TcpState.TimeWait when _settings.Rfc1337:
                break;
            case TcpState.Closing or TcpState.LastAck or TcpState.TimeWait:
                CloseNow(TcpCloseReason.Finished);
                break;
            default:
                CloseNow(TcpCloseReason.ResetByPeer);
                break;
        }

        return false;
    }

    /// <summary>Fourth, check the SYN bit: in the window it proves nothing, so it is challenged (RFC 5961, 4.2).</summary>
    private bool PassSyn(in Arrival segment, Instant now)
    {
        if (!segment.Has(TcpFlags.Syn))
        {
            return true;
        }

        if (_state == TcpState.SynReceived && _isPassive)
        {
            // "If the connection was initiated with a passive OPEN, then return it to the LISTEN state."
            CloseNow(TcpCloseReason.ResetByPeer);
            return false;
        }

        SendChallengeAck(now);
        return false;
    }

    private void SendChallengeAck(Instant now)
    {
        if (_challengeLimiter.TryAcquire(now))
        {
            _challengeAcks++;
            _services.Counters.ChallengeAcks++;
            SendAck(now);
        }
    }

    private void NoteDuplicate(SequenceNumber start, SequenceNumber end)
    {
        if (_usesSack && _settings.DuplicateSack && end > start)
        {
            _duplicateBlock = new SackBlock(start, end);
        }

        _delayedAck.Demand();
    }
}
