using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What is sent when: retransmissions, new data, FIN and acknowledgments (RFC 9293, 3.7.4, 3.8.6 and 3.10.2).</content>
public sealed partial class TcpConnection
{
    private int _retransmissions; // of the oldest unacknowledged segment, in a row
    private int _persistProbes;
    private int _persistUnanswered;
    private Instant _lastSentAt;
    private Instant _lastReceivedAt;
    private SequenceNumber _lastSmallEnd; // SND.NXT after the last segment that was not full
    private bool _isOverride; // silly-window avoidance on the sender's side has waited long enough

    private int BytesOutstanding => _sendNext - _sendUnacknowledged;

    private bool MaySend => _state is TcpState.Established or TcpState.CloseWait or TcpState.FinWait1
        or TcpState.Closing or TcpState.LastAck;

    private void Output(Instant now)
    {
        if (MaySend)
        {
            SendLost(now);
            SendNew(now);
            GuardClosedWindow(now);
        }

        if (_delayedAck.IsDueNow && IsSynchronized)
        {
            SendAck(now);
        }
    }

    /// <summary>Sends again what is marked lost, as far as recovery allows.</summary>
    private void SendLost(Instant now)
    {
        RetransmissionQueue queue = _recovery.Queue;
        int mss = _recovery.MaximumSegment;
        while (queue.LostBytes > 0 && queue.TryGetRetransmission(mss, out SequenceNumber start, out int length))
        {
            // A peer that shrank its window still gets SND.UNA (RFC 9293, 3.8.6), and nothing beyond the edge.
            if (start != _sendUnacknowledged && start + length > _sendUnacknowledged + _sendWindow)
            {
                break;
            }

            if (!_recovery.TakeForced() && _recovery.Allowance < Math.Min(length, mss))
            {
                break;
            }

            Retransmit(start, length, now);
        }
    }

    private void Retransmit(SequenceNumber start, int length, Instant now)
    {
        bool fin = _isFinSent && start + length > DataEnd;
        int data = fin ? length - 1 : length;
        _segmentsRetransmitted++;
        _bytesRetransmitted += data;
        _services.Counters.RetransSegs++;
        SendData(start, data, fin, now, isRetransmission: true);
        _recovery.Queue.OnRetransmitted(start, length, now);
        if (!_timers.IsSet(TcpTimer.Retransmission))
        {
            RestartRetransmissionTimer(now);
        }
    }

    /// <summary>Sends data that was never sent, and the FIN behind it.</summary>
    private void SendNew(Instant now)
    {
        if (_pathMtu < _services.Mtu)
        {
            RaisePathMtu(now);
        }

        while (true)
        {
            SequenceNumber end = DataEnd;
            int unsent = Math.Max(0, end - _sendNext);
            bool fin = _isFinRequested && !_isFinSent;
            if (unsent == 0 && !fin)
            {
                return;
            }

            int usable = _sendUnacknowledged + _sendWindow - _sendNext;
            if (BytesOutstanding == 0)
            {
                RestartAfterIdle(now);
            }

            int length = ChooseLength(unsent, usable);
            if (length < 0)
            {
                return;
            }

            // A FIN rides on the last data, or goes alone when the window has room for it (RFC 9293, 3.8.6 counts it).
            fin &= length == unsent && usable > length;
            if (length == 0 && !fin)
            {
                return;
            }

            SequenceNumber start = _sendNext;
            _sendNext = start + length + (fin ? 1 : 0);
            _isFinSent |= fin;
            if (length % _recovery.MaximumSegment != 0)
            {
                _lastSmallEnd = _sendNext;
            }

            SendData(start, length, fin, now);
            _recovery.Queue.Append(start, _sendNext, now, fin ? TcpFlags.Fin : TcpFlags.None);
            _timers.Clear(TcpTimer.Persist);
            _isOverride = false;
            if (!_timers.IsSet(TcpTimer.Retransmission))
            {
                RestartRetransmissionTimer(now);
            }
        }
    }

    /// <summary>
    /// Bytes of data for the next segment, or -1 to send nothing now: the congestion window, the peer's window, Nagle's
    /// algorithm (RFC 9293, 3.7.4) and the sender's silly-window avoidance (3.8.6.2.1).
    /// </summary>
    private int ChooseLength(int unsent, int usable)
    {
        int mss = _recovery.MaximumSegment;
        int allowance = _recovery.Allowance;
        if (unsent == 0)
        {
            return 0;
        }

        int length = Math.Min(unsent, usable);
        if (length <= 0)
        {
            return -1;
        }

        int burst = Math.Max(mss, MaximumBurst / mss * mss);
        if (allowance < Math.Min(length, mss))
        {
            _recovery.IsWindowLimited = true;
            return -1;
        }

        if (length > allowance)
        {
            _recovery.IsWindowLimited = true;
            length = allowance;
        }

        length = Math.Min(length, burst);
        int tail = length % mss;
        if (length > tail && (tail == 0 || length < unsent || !MaySendSmall))
        {
            // Whole segments; what is left over is looked at by itself.
            return length - tail;
        }

        if (length > tail)
        {
            return length;
        }

        // Less than one segment: all that there is and Nagle does not mind, or a good part of the largest window.
        bool sendsAll = length == unsent && MaySendSmall;
        bool isGoodPart = BytesOutstanding == 0 && length >= Math.Max(1, _maximumSendWindow / 2);
        return sendsAll || isGoodPart || _isOverride ? length : -1;
    }

    /// <summary>
    /// Nagle's algorithm: no small segment while anything is outstanding (RFC 9293, 3.7.4); or, as Linux does it, while
    /// another small one is.
    /// </summary>
    private bool MaySendSmall =>
        NoDelay
        || BytesOutstanding == 0
        || _isFinRequested
        || (_settings.NagleMindsSmallOnly && _lastSmallEnd <= _sendUnacknowledged)
        || _urgent.TryGetPointer(_sendNext, out _);

    /// <summary>The most payload that the link splits by itself, one segment when it splits none.</summary>
    private int MaximumBurst =>
        Math.Clamp(
            Math.Min(_services.MaximumSegmentationLength, ushort.MaxValue) - HeaderLength - _dataOptionsLength, 0, _services.Slabs.SlabSize);

    /// <summary>After a pause of more than an RTO the old window no longer describes the path (RFC 5681, 4.1).</summary>
    private void RestartAfterIdle(Instant now)
    {
        if (_settings.IdleRestart != IdleRestart.Off && _lastSentAt != default && now - _lastSentAt > _rtt.Timeout)
        {
            _recovery.Congestion.OnIdle(now - _lastSentAt, _rtt.Timeout);
            _lastSentAt = now;
        }
    }

    /// <summary>
    /// When data waits and nothing is outstanding whose acknowledgment would open the window, only a probe can (RFC 9293,
    /// 3.8.6.1); the same timer ends the sender's silly-window avoidance (3.8.6.2.1 (4)).
    /// </summary>
    private void GuardClosedWindow(Instant now)
    {
        bool waits = DataEnd > _sendNext || (_isFinRequested && !_isFinSent);
        if (waits && BytesOutstanding == 0)
        {
            if (!_timers.IsSet(TcpTimer.Persist))
            {
                _timers.Set(TcpTimer.Persist, now + PersistTimeout());
            }
        }
        else
        {
            _timers.Clear(TcpTimer.Persist);
        }
    }

    private TimeSpan PersistTimeout()
    {
        TimeSpan timeout = _rtt.Timeout * (1 << Math.Min(_persistProbes, 12));
        timeout = timeout > _settings.PersistMinimum ? timeout : _settings.PersistMinimum;
        return timeout < _settings.PersistMaximum ? timeout : _settings.PersistMaximum;
    }

    private void RestartRetransmissionTimer(Instant now) =>
        _timers.Set(TcpTimer.Retransmission, now + _rtt.Timeout);
}
