using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.Sockets;

/// <content>States, and how they end.</content>
public sealed partial class KernelSession
{
    // What the kernel keeps nobody waiting for, a socket without an owner included (tcp_fin_timeout).
    private static readonly TimeSpan s_finWait = TimeSpan.FromSeconds(60);

    private readonly Queue<SessionStateChangedEventArgs> _changes = new();
    private Instant _lingerEnd = Instant.Never;
    private Instant _finWaitEnd = Instant.Never;
    private bool _isTelling;

    /// <inheritdoc/>
    public override void Shutdown()
    {
        lock (_lock)
        {
            Refresh();
            if (!_isOpen || _closed || _finished || _state == TcpState.Closed)
            {
                return;
            }

            if (_state is TcpState.SynSent or TcpState.SynReceived)
            {
                // The kernel would give the connection up; finished is finished once it is open.
                _finishesWhenOpen = true;
                return;
            }

            FinishSending();
            _waiters.SignalAll();
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            Refresh();
            _closed = true;
            if (_isOpen)
            {
                CloseNow();
            }

            _waiters.SignalAll();
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        lock (_lock)
        {
            Refresh();
            _closed = true;
            if (_isOpen)
            {
                Reset();
            }

            _waiters.SignalAll();
        }
    }

    /// <inheritdoc/>
    void IWatchedSocket.OnReady(uint events)
    {
        const uint Ending = LibC.PollPeerFinished | (uint)LibC.PollHangUp | (uint)LibC.PollError;
        lock (_lock)
        {
            // Data alone changes no state, and asking for each piece would cost more than the piece.
            if ((events & Ending) != 0 || _state != TcpState.Established)
            {
                Refresh();
            }

            GoOnClosing();
            _waiters.SignalAll();
        }
    }

    /// <inheritdoc/>
    void IWatchedSocket.OnDue()
    {
        lock (_lock)
        {
            Refresh();
            GoOnClosing();
            if (!_isOpen || !_closed)
            {
                return;
            }

            Instant now = KernelClock.Now;
            if (_lingerEnd <= now && _socket.Unacknowledged > 0)
            {
                Reset();
            }
            else if (_finWaitEnd <= now && _state == TcpState.FinWait2)
            {
                // The peer has all and says nothing; the kernel forgets such connections, too.
                Release();
                End(TcpCloseReason.Finished);
            }
            else if (_finWaitEnd <= now)
            {
                _finWaitEnd = now + s_finWait;
                SocketWatcher.Shared.WakeAt(_key, _finWaitEnd);
            }

            _waiters.SignalAll();
        }
    }

    private void CloseNow()
    {
        if (_state == TcpState.Closed)
        {
            Release();
        }
        else if (Linger == TimeSpan.Zero)
        {
            Reset();
        }
        else if (_state is TcpState.SynSent or TcpState.SynReceived || _socket.Unread > 0)
        {
            // The kernel resets what is closed with unread data by itself (RFC 2525, 2.17).
            Release();
            End(TcpCloseReason.Aborted);
        }
        else
        {
            FinishSending();
            _finWaitEnd = KernelClock.Now + s_finWait;
            SocketWatcher.Shared.WakeAt(_key, _finWaitEnd);
            if (Linger is { } linger)
            {
                _lingerEnd = KernelClock.Now + linger;
                SocketWatcher.Shared.WakeAt(_key, _lingerEnd);
            }

            GoOnClosing();
        }
    }

    /// <summary>A closed session holds its socket until it has ended, or until data comes that nobody will read.</summary>
    private void GoOnClosing()
    {
        if (!_closed || !_isOpen)
        {
            return;
        }

        if (_state == TcpState.Closed)
        {
            Release();
        }
        else if (_socket.Unread > 0)
        {
            Release();
            End(TcpCloseReason.Aborted);
        }
    }

    private void FinishSending()
    {
        if (!_finished)
        {
            _finished = true;
            _finishesWhenOpen = false;
            _socket.Shutdown();
            Refresh();
        }
    }

    private void Reset()
    {
        _socket.ResetOnClose();
        Release();
        End(TcpCloseReason.Aborted);
    }

    /// <summary>Gives the socket back to the kernel.</summary>
    private void Release()
    {
        _lastInfo = ReadInfo();
        if (_key != 0)
        {
            SocketWatcher.Shared.Remove(_key, _socket);
        }

        _socket.Dispose();
        Volatile.Write(ref _isOpen, false);
    }

    private void End(TcpCloseReason reason)
    {
        if (_reason == TcpCloseReason.None)
        {
            _reason = reason;
        }

        SetState(TcpState.Closed);
    }

    /// <summary>Asks the kernel for the state, under the lock. An error that a call has taken from it is handed in.</summary>
    private void Refresh(int error = 0)
    {
        if (!_isOpen || _state == TcpState.Closed)
        {
            return;
        }

        Span<byte> first = stackalloc byte[8];
        if (_socket.ReadInfo(first) == 0)
        {
            return;
        }

        TcpState state = KernelTcpInfo.StateOf(first[0]);
        if (state == TcpState.Closed)
        {
            TcpCloseReason reason = KernelErrors.ToReason(
                error != 0 ? error : _socket.TakeError(), _wasEstablished, _keepAlive);
            End(reason != TcpCloseReason.None ? reason : TcpCloseReason.Finished);
            return;
        }

        SetState(state);
        if (state is not (TcpState.SynSent or TcpState.SynReceived))
        {
            _wasEstablished = true;
            if (_finishesWhenOpen)
            {
                FinishSending();
            }
        }
    }

    private void SetState(TcpState state)
    {
        if (state == _state)
        {
            return;
        }

        TcpState from = _state;
        _state = state;
        Remember(from, state, KernelClock.Now);
        if (HasStateHandlers)
        {
            _changes.Enqueue(new SessionStateChangedEventArgs(from, state, KernelClock.Now));
            if (!_isTelling)
            {
                _isTelling = true;
                ThreadPool.UnsafeQueueUserWorkItem(static session => session.TellChanges(), this, preferLocal: false);
            }
        }
    }

    private void TellChanges()
    {
        while (true)
        {
            SessionStateChangedEventArgs? change;
            lock (_lock)
            {
                if (!_changes.TryDequeue(out change))
                {
                    _isTelling = false;
                    return;
                }
            }

            RaiseStateChanged(change);
        }
    }
}
