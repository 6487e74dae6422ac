using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What the stack's hooks need: another initial sequence number, what is newly readable, which timer is due.</content>
public sealed partial class TcpConnection
{
    private bool _isInitialSequenceFixed;
    private SequenceNumber? _readableSeen;

    /// <summary>
    /// Moves the send sequence space so that it begins at another number, as long as nothing but the SYN is in it
    /// (RFC 9293, 3.4.1 leaves the choice to who sends). Only the first SYN decides: those that are sent again repeat its
    /// number, since the peer may have seen it. Unlike all else it may be called while a segment is being sent.
    /// </summary>
    /// <returns>The number that the SYN is to carry.</returns>
    internal SequenceNumber AdoptInitialSequence(SequenceNumber wanted)
    {
        if (_state is not (TcpState.SynSent or TcpState.SynReceived) || _isInitialSequenceFixed || _sendUnacknowledged != _initialSend)
        {
            return _initialSend;
        }

        _isInitialSequenceFixed = true;
        int distance = wanted - _initialSend;
        _initialSend += distance;
        _sendUnacknowledged += distance;
        _sendNext += distance;
        _sendBase += distance;
        _lastSmallEnd += distance;
        _urgent.OnRebased(distance);
        return _initialSend;
    }

    /// <summary>How many bytes have become readable since the last call.</summary>
    internal int TakeNewlyReadable()
    {
        if (_state is TcpState.SynSent or TcpState.Listen or TcpState.Closed)
        {
            return 0;
        }

        SequenceNumber end = ReceiveNext - (_isPeerFinished ? 1 : 0);
        int fresh = end - (_readableSeen ?? (_initialReceive + 1));
        _readableSeen = end;
        return Math.Max(0, fresh);
    }

    /// <summary>Lets one timer run out later than it would; the others stay as they are.</summary>
    internal void PostponeTimer(TcpTimer timer, Instant until)
    {
        _timers.Set(timer, until);
        _scheduled = Instant.Never;
        Reschedule();
    }

    /// <summary>The timer that is due, the first one where several are; null for none.</summary>
    internal TcpTimer? FindDueTimer(Instant now)
    {
        TcpTimer? due = null;
        for (TcpTimer timer = TcpTimer.Retransmission; timer <= TcpTimer.Lifetime; timer++)
        {
            if (_timers[timer] <= now && (due is null || _timers[timer] < _timers[due.Value]))
            {
                due = timer;
            }
        }

        return due;
    }
}
