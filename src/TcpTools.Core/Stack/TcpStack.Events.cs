using System;
using System.Collections.Concurrent;
using System.Threading;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>What happens to sessions, told in order and outside the lock.</content>
public sealed partial class TcpStack
{
    private const int TimeoutsOfStall = 2;
    private const int ProbesOfStall = 2;

    private readonly ConcurrentQueue<SessionEventArgs> _news = new();
    private int _dispatching;

    /// <summary>Who wants to know what happens to the stack's sessions.</summary>
    internal WatchList Watches { get; } = new();

    /// <summary>From now on tells what happens to the stack's sessions, to those that there are and to those that there will be.</summary>
    /// <param name="events">What is of interest.</param>
    /// <param name="handler">Who is told; more can be added to the result.</param>
    /// <exception cref="StackException">No event is named.</exception>
    public SessionWatch WatchSessions(SessionEvents events, EventHandler<SessionEventArgs>? handler = null) =>
        Watches.Add(events, handler);

    /// <summary>There is something to read. Under the lock.</summary>
    internal void TellData(StackSession session)
    {
        bool isPeerFinished = session.Connection.IsPeerFinished;
        if ((session.Wanted & SessionEvents.DataAvailable) != 0 && session.ClaimDataNews(isPeerFinished))
        {
            _news.Enqueue(new SessionEventArgs
            {
                Kind = SessionEvents.DataAvailable,
                Session = session,
                Time = _now,
                State = session.State,
                Available = session.Connection.ReadableBytes,
                IsPeerFinished = isPeerFinished,
            });
        }
    }

    private void TellState(StackSession session, TcpState from, TcpState to)
    {
        session.Remember(to, _now);
        // A connection that comes in by a listener starts where that is (RFC 9293, figure 5).
        from = from == TcpState.Closed && session.Listener is not null ? TcpState.Listen : from;
        SessionEvents wanted = session.Wanted;
        if (session.HasStateHandlers || (wanted & SessionEvents.StateChanged) != 0)
        {
            _news.Enqueue(new SessionEventArgs
            {
                Kind = SessionEvents.StateChanged,
                Session = session,
                Time = _now,
                State = to,
                From = from,
                To = to,
            });
        }

        if (to == TcpState.Established && (wanted & SessionEvents.Opened) != 0)
        {
            _news.Enqueue(new SessionEventArgs { Kind = SessionEvents.Opened, Session = session, Time = _now, State = to });
        }

        if (to == TcpState.TimeWait)
        {
            TellClosed(session, TcpCloseReason.Finished);
        }
    }

    private void TellClosed(StackSession session, TcpCloseReason reason)
    {
        if (!session.ClaimCloseNews())
        {
            return;
        }

        SessionEvents wanted = session.Wanted;
        if (reason is TcpCloseReason.ResetByPeer or TcpCloseReason.Refused)
        {
            TellEnd(SessionEvents.Reset);
        }

        TellEnd(SessionEvents.Closed);

        void TellEnd(SessionEvents kind)
        {
            if ((wanted & kind) != 0)
            {
                _news.Enqueue(new SessionEventArgs
                {
                    Kind = kind,
                    Session = session,
                    Time = _now,
                    State = session.State,
                    CloseReason = reason,
                });
            }
        }
    }

    /// <summary>A segment goes out; when it was sent again, that is news.</summary>
    private void NoticeRetransmission(StackSession session, in OutgoingSegment segment)
    {
        long count = session.Connection.RetransmittedSegments;
        if (count == session.RetransmissionsSeen)
        {
            return;
        }

        session.RetransmissionsSeen = count;
        if ((session.Wanted & SessionEvents.Retransmit) != 0)
        {
            _news.Enqueue(new SessionEventArgs
            {
                Kind = SessionEvents.Retransmit,
                Session = session,
                Time = _now,
                State = session.State,
                Sequence = segment.Sequence,
                Length = segment.PayloadLength,
                Retransmissions = count,
                RetransmissionTimeout = session.Connection.RetransmissionTimeout,
            });
        }
    }

    /// <summary>A timer has run out; when it was not the first in a row, nothing goes on.</summary>
    private void NoticeStall(StackSession session, Instant now)
    {
        TcpConnection connection = session.Connection;
        bool isSilent = connection.UnansweredTimeouts >= TimeoutsOfStall;
        if (!isSilent && connection.PersistProbes < ProbesOfStall)
        {
            session.IsStallTold = false;
            return;
        }

        if (!session.IsStallTold && session.State != TcpState.Closed && (session.Wanted & SessionEvents.Stall) != 0)
        {
            session.IsStallTold = true;
            _news.Enqueue(new SessionEventArgs
            {
                Kind = SessionEvents.Stall,
                Session = session,
                Time = now,
                State = session.State,
                StallReason = isSilent ? StallReason.NoAcknowledgment : StallReason.ZeroWindow,
                Silence = now - connection.SilentSince,
                RetransmissionTimeout = connection.RetransmissionTimeout,
            });
        }
    }

    /// <summary>Tells handlers outside the lock, in order: one thread at a time tells, also what others have left.</summary>
    private void TellNews()
    {
        while (!_news.IsEmpty && Interlocked.CompareExchange(ref _dispatching, 1, 0) == 0)
        {
            try
            {
                while (_news.TryDequeue(out SessionEventArgs? happened))
                {
                    happened.Session.Tell(happened);
                }
            }
            finally
            {
                Volatile.Write(ref _dispatching, 0);
            }
        }
    }
}
