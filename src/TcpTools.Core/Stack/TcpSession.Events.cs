using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>What happens to a session, told to who wants to know.</content>
public abstract partial class TcpSession
{
    private readonly List<StateRecord> _history = [];
    private WatchList? _watches;
    private DataWatcher? _dataWatcher;
    private bool _isDataTold;
    private bool _isEndTold;
    private int _isCloseTold;

    /// <summary>
    /// The states that the connection has come to, the first one first: where it started from, CLOSED or LISTEN, included.
    /// </summary>
    public virtual IReadOnlyList<StateRecord> StateHistory
    {
        get
        {
            lock (_history)
            {
                return _history.Count > 0 ? [.. _history] : [new StateRecord(State, Instant.Zero)];
            }
        }
    }

    /// <summary>What anybody wants to know of this session.</summary>
    internal virtual SessionEvents Wanted => _watches?.Wanted ?? SessionEvents.None;

    /// <summary>
    /// From now on tells what happens. Where data waits to be read already, that is told at once.
    /// </summary>
    /// <param name="events">What is of interest.</param>
    /// <param name="handler">Who is told; more can be added to the result.</param>
    /// <exception cref="StackException">No event is named.</exception>
    public SessionWatch Watch(SessionEvents events, EventHandler<SessionEventArgs>? handler = null)
    {
        WatchList list = Volatile.Read(ref _watches) ?? Interlocked.CompareExchange(ref _watches, new WatchList(), null) ?? _watches!;
        SessionWatch watch = list.Add(events, handler);
        if ((events & SessionEvents.DataAvailable) != 0)
        {
            Volatile.Write(ref _isDataTold, false);
            OnDataWatched();
        }

        return watch;
    }

    /// <summary>Something was read: the next arrival is news again.</summary>
    internal void OnRead() => Volatile.Write(ref _isDataTold, false);

    /// <summary>Whether an arrival is to be told; from then on it has been.</summary>
    internal bool ClaimDataNews(bool isPeerFinished)
    {
        bool isNews = !Volatile.Read(ref _isDataTold) || (isPeerFinished && !_isEndTold);
        Volatile.Write(ref _isDataTold, true);
        _isEndTold |= isPeerFinished;
        return isNews;
    }

    /// <summary>Whether the end is to be told; from then on it has been.</summary>
    internal bool ClaimCloseNews() => Interlocked.Exchange(ref _isCloseTold, 1) == 0;

    /// <summary>Remembers a change of state, for a session that no stack of ours runs.</summary>
    private protected void Remember(TcpState from, TcpState to, Instant now)
    {
        lock (_history)
        {
            if (_history.Count == 0)
            {
                if (from == TcpState.SynSent)
                {
                    _history.Add(new StateRecord(TcpState.Closed, now));
                }

                _history.Add(new StateRecord(from, now));
            }

            _history.Add(new StateRecord(to, now));
        }
    }

    /// <summary>Tells who is interested; outside all locks.</summary>
    internal virtual void Tell(SessionEventArgs happened) => CountFailures(_watches?.Tell(happened) ?? 0);

    private protected void CountFailures(int failures)
    {
        for (int i = 0; i < failures; i++)
        {
            OnHandlerFailed();
        }
    }

    /// <summary>Somebody wants to know of data. A session that a stack of ours runs knows by itself when it arrives.</summary>
    private protected virtual void OnDataWatched()
    {
        DataWatcher watcher = new(this);
        if (Interlocked.CompareExchange(ref _dataWatcher, watcher, null) is null)
        {
            AddWaiter(watcher);
        }

        _dataWatcher.Signal();
    }

    /// <summary>What follows from a change of state, for a session that no stack of ours runs.</summary>
    private void TellFromState(SessionStateChangedEventArgs change)
    {
        SessionEvents wanted = Wanted;
        if (wanted == SessionEvents.None)
        {
            return;
        }

        Tell(Make(SessionEvents.StateChanged, change));
        if (change.To == TcpState.Established)
        {
            Tell(Make(SessionEvents.Opened, change));
        }

        if (change.To is TcpState.Closed or TcpState.TimeWait && ClaimCloseNews())
        {
            if (CloseReason is TcpCloseReason.ResetByPeer or TcpCloseReason.Refused)
            {
                Tell(Make(SessionEvents.Reset, change));
            }

            Tell(Make(SessionEvents.Closed, change));
        }
    }

    private SessionEventArgs Make(SessionEvents kind, SessionStateChangedEventArgs change) => new()
    {
        Kind = kind,
        Session = this,
        Time = change.Time,
        State = change.To,
        From = change.From,
        To = change.To,
        CloseReason = CloseReason,
    };

    /// <summary>Looks for data whenever something may have happened to a session that no stack of ours runs.</summary>
    private sealed class DataWatcher(TcpSession session) : Waiter
    {
        private int _isQueued;

        public override void Signal()
        {
            if ((session.Wanted & SessionEvents.DataAvailable) != 0 && Interlocked.Exchange(ref _isQueued, 1) == 0)
            {
                // Signalled under the session's lock, where nothing may be asked.
                ThreadPool.UnsafeQueueUserWorkItem(static watcher => watcher.Look(), this, preferLocal: false);
            }
        }

        private void Look()
        {
            Volatile.Write(ref _isQueued, 0);
            int available = session.Available;
            bool isPeerFinished = session.IsPeerFinished;
            if ((available > 0 || isPeerFinished) && session.ClaimDataNews(isPeerFinished))
            {
                session.Tell(new SessionEventArgs
                {
                    Kind = SessionEvents.DataAvailable,
                    Session = session,
                    Time = session.Info.TakenAt,
                    State = session.State,
                    Available = available,
                    IsPeerFinished = isPeerFinished,
                });
            }
        }
    }
}
