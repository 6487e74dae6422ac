using System;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.Sockets;

/// <content>Waiting.</content>
public sealed partial class KernelSession
{
    // The kernel does not tell when written data has been acknowledged.
    private static readonly TimeSpan s_firstNap = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestNap = TimeSpan.FromMilliseconds(20);

    private WaiterList _waiters;

    /// <inheritdoc/>
    public override bool WaitFor(SessionCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Wait(new Want(condition, null), timeout, cancellationToken);

    /// <inheritdoc/>
    public override bool WaitFor(TcpState state, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Wait(new Want(default, state), timeout, cancellationToken);

    /// <inheritdoc/>
    internal override void AddWaiter(Waiter waiter)
    {
        lock (_lock)
        {
            _waiters.Add(waiter);
        }
    }

    /// <inheritdoc/>
    internal override void RemoveWaiter(Waiter waiter)
    {
        lock (_lock)
        {
            _waiters.Remove(waiter);
        }
    }

    private bool Wait(Want want, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Instant end = KernelClock.EndOf(timeout);
        TimeSpan nap = s_firstNap;
        SessionWaiter waiter = SessionWaiter.Current;
        bool waiting = false;
        try
        {
            while (true)
            {
                TimeSpan left = KernelClock.Left(end);
                lock (_lock)
                {
                    Refresh();
                    if (IsMet(want))
                    {
                        return true;
                    }

                    if (left == TimeSpan.Zero || _state == TcpState.Closed || (_closed && want.NeedsUser))
                    {
                        return false;
                    }

                    waiter.Reset();
                    if (!waiting)
                    {
                        waiting = true;
                        _waiters.Add(waiter);
                    }
                }

                if (want is { State: null, Condition: SessionCondition.Drained })
                {
                    left = left < TimeSpan.Zero || nap < left ? nap : left;
                    nap = nap * 2 < s_longestNap ? nap * 2 : s_longestNap;
                }

                waiter.Wait(KernelClock.Waitable(left), cancellationToken);
            }
        }
        finally
        {
            if (waiting)
            {
                RemoveWaiter(waiter);
            }
        }
    }

    private bool IsMet(Want want)
    {
        if (want.State is { } state)
        {
            return _state == state;
        }

        return want.Condition switch
        {
            SessionCondition.Established => _wasEstablished,
            SessionCondition.Readable => !_closed && (HasPeerFinished || (_isOpen && _socket.Unread > 0)),
            SessionCondition.Writable => CanWrite,
            SessionCondition.Drained => _isOpen && _state != TcpState.Closed
                ? _state is not (TcpState.SynSent or TcpState.SynReceived) && _socket.Unacknowledged == 0
                : _reason == TcpCloseReason.Finished,
            SessionCondition.PeerFinished => HasPeerFinished,
            _ => _state is TcpState.Closed or TcpState.TimeWait,
        };
    }

    /// <summary>What a caller waits for: a condition, or a state when that is not null.</summary>
    private readonly record struct Want(SessionCondition Condition, TcpState? State)
    {
        /// <summary>Whether only a session that its user has not closed can meet it.</summary>
        public bool NeedsUser => State is null && Condition is SessionCondition.Readable or SessionCondition.Writable;
    }
}
