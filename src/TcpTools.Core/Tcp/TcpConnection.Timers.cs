using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>Timeouts (RFC 9293, 3.10.8 and 3.8).</content>
public sealed partial class TcpConnection
{
    private Instant _progressAt; // when the peer last acknowledged something new, or the user let the connection go
    private Instant _outstandingSince; // when the oldest unacknowledged data was first not answered in time

    /// <summary>Does what is due. Calling it early or for nothing does no harm.</summary>
    public void OnTimer(Instant now)
    {
        _scheduled = Instant.Never;
        if (_timers.TakeIfDue(TcpTimer.DelayedAck, now) && _delayedAck.IsPending)
        {
            _services.Counters.DelayedAcks++;
            _delayedAck.Demand();
        }

        if (_timers.TakeIfDue(TcpTimer.Retransmission, now))
        {
            OnRetransmissionTimeout(now);
        }

        if (_timers.TakeIfDue(TcpTimer.Persist, now))
        {
            OnPersistTimeout(now);
        }

        if (_timers.TakeIfDue(TcpTimer.KeepAlive, now))
        {
            OnKeepAliveTimeout(now);
        }

        if (_timers.TakeIfDue(TcpTimer.Lifetime, now))
        {
            CloseNow(TcpCloseReason.Finished);
        }

        if (_state != TcpState.Closed)
        {
            Output(now);
        }

        // The stack's timer has fired and is gone, so it must be set again even for a deadline it knew.
        Reschedule();
    }

    /// <summary>RFC 6298, 5.4 to 5.7; for SYNs, and when to give up, RFC 9293, 3.8.3.</summary>
    private void OnRetransmissionTimeout(Instant now)
    {
        _timeouts++;
        _services.Counters.Timeouts++;
        if (_state is TcpState.SynSent or TcpState.SynReceived)
        {
            int limit = _state == TcpState.SynSent
                ? _settings.SynRetries + _settings.SynLinearRetries
                : _settings.SynAckRetries;
            if (_synTimeouts >= limit || IsPastUserTimeout(_synSentAt, now))
            {
                GiveUp(TcpCloseReason.TimedOut);
            }
            else
            {
                _synTimeouts++;
                SendSyn(now);
            }

            return;
        }

        if (_recovery.Queue.Count == 0)
        {
            return;
        }

        if (_retransmissions == 0)
        {
            _outstandingSince = now - _rtt.Timeout;
        }

        if (_retransmissions >= _settings.DataRetries || IsPastUserTimeout(_outstandingSince, now))
        {
            GiveUp(TcpCloseReason.TimedOut);
            return;
        }

        _retransmissions++;
        _rtt.BackOff();
        _recovery.OnTimeout(_sendNext, now);
        RestartRetransmissionTimer(now);
    }

    /// <summary>Probes a closed window, or ends silly-window avoidance where the window is merely small.</summary>
    private void OnPersistTimeout(Instant now)
    {
        if (!MaySend || BytesOutstanding > 0)
        {
            return;
        }

        if (_sendWindow > 0)
        {
            _isOverride = true;
            return;
        }

        if (_persistUnanswered == 0)
        {
            _outstandingSince = now;
        }

        // An answered probe keeps the connection for ever (RFC 9293, 3.8.6.1); only silence ends it.
        if (_persistUnanswered >= _settings.DataRetries || IsPastUserTimeout(_outstandingSince, now))
        {
            GiveUp(TcpCloseReason.TimedOut);
            return;
        }

        _persistProbes++;
        _persistUnanswered++;
        _windowProbes++;
        _services.Counters.WindowProbes++;
        SendProbe(now);
        _timers.Set(TcpTimer.Persist, now + PersistTimeout());
    }

    private void OnKeepAliveTimeout(Instant now)
    {
        if (!_keepAlive.IsEnabled || _state is not (TcpState.Established or TcpState.CloseWait or TcpState.FinWait1 or TcpState.FinWait2))
        {
            return;
        }

        TimeSpan silence = now - _lastReceivedAt;
        if (silence < _keepAlive.Time || BytesOutstanding > 0)
        {
            RestartKeepAlive(now);
            return;
        }

        if (_keepAlive.Unanswered >= _keepAlive.Probes || IsPastUserTimeout(_lastReceivedAt, now))
        {
            SendReset(_sendNext, ReceiveNext);
            GiveUp(TcpCloseReason.KeepAliveTimedOut);
            return;
        }

        _keepAlive.OnProbe();
        _keepAliveProbes++;
        _services.Counters.KeepAliveProbes++;
        SendProbe(now);
        _timers.Set(TcpTimer.KeepAlive, now + _keepAlive.Interval);
    }

    private void RestartKeepAlive(Instant now)
    {
        if (_keepAlive.IsEnabled && IsSynchronized)
        {
            Instant due = _lastReceivedAt + _keepAlive.Time;
            _timers.Set(TcpTimer.KeepAlive, due > now ? due : now + _keepAlive.Interval);
        }
        else
        {
            _timers.Clear(TcpTimer.KeepAlive);
        }
    }

    /// <summary>
    /// Whether what waits has waited too long: as long as the user said; or, when nobody holds the connection any more, so
    /// long without progress that it is not worth its memory (a peer that keeps its window closed could hold it for ever).
    /// </summary>
    private bool IsPastUserTimeout(Instant since, Instant now) =>
        (UserTimeout is { } limit && now - since >= limit)
        || (_isReadClosed && now - _progressAt >= _settings.OrphanTimeout);

    private void GiveUp(TcpCloseReason reason)
    {
        _services.Counters.AbortOnTimeout++;
        // What ICMP said on the way is the better reason (RFC 9293, 3.9.2.2: soft errors are reported).
        bool unreachable = reason == TcpCloseReason.TimedOut && _softError is not null && !IsSynchronized;
        CloseNow(unreachable ? TcpCloseReason.Unreachable : reason);
    }
}
