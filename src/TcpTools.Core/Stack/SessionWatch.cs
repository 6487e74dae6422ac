using System;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>
/// Somebody's interest in what happens to a session, or to all sessions of a stack or a listener, present and future ones.
/// It ends when disposed. Any thread may use it.
/// </summary>
public sealed class SessionWatch : IDisposable
{
    private readonly WatchList _list;
    private long _told;

    internal SessionWatch(WatchList list, SessionEvents events, EventHandler<SessionEventArgs>? handler)
    {
        _list = list;
        Events = events;
        Happened = handler;
    }

    /// <summary>
    /// Raised in the order in which things happen, on whichever thread moved the connection and outside all locks: a handler
    /// may use the session, and holds up the stack for as long as it takes. What it throws is ignored.
    /// The sender is the session.
    /// </summary>
    public event EventHandler<SessionEventArgs>? Happened;

    /// <summary>What it is interested in.</summary>
    public SessionEvents Events { get; }

    /// <summary>How much it has been told.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>Ends it: nothing is told any more, except by a thread that is just doing so.</summary>
    public void Dispose() => _list.Remove(this);

    internal void Tell(SessionEventArgs happened)
    {
        Interlocked.Increment(ref _told);
        Happened?.Invoke(happened.Session, happened);
    }
}

/// <summary>Who is interested in one thing.</summary>
internal sealed class WatchList
{
    private readonly Lock _lock = new();
    private SessionWatch[] _watches = [];
    private volatile int _mask;

    /// <summary>What anybody is interested in.</summary>
    public SessionEvents Wanted => (SessionEvents)_mask;

    public SessionWatch Add(SessionEvents events, EventHandler<SessionEventArgs>? handler)
    {
        if ((events & ~SessionEvents.All) != 0 || events == SessionEvents.None)
        {
            throw new StackException(
                StackError.InvalidArgument, "There is no such event.", $"Name some of: {SessionEvents.All:F} or All.");
        }

        SessionWatch watch = new(this, events, handler);
        lock (_lock)
        {
            Set([.. _watches, watch]);
        }

        return watch;
    }

    public void Remove(SessionWatch watch)
    {
        lock (_lock)
        {
            Set(Array.FindAll(_watches, other => other != watch));
        }
    }

    /// <summary>Tells all who are interested.</summary>
    /// <returns>How many of them have thrown.</returns>
    public int Tell(SessionEventArgs happened)
    {
        int failures = 0;
        foreach (SessionWatch watch in Volatile.Read(ref _watches))
        {
            if ((watch.Events & happened.Kind) == 0)
            {
                continue;
            }

            try
            {
                watch.Tell(happened);
            }
#pragma warning disable CA1031 // A handler's fault is its own: the stack serves everybody else.
            catch (Exception)
#pragma warning restore CA1031
            {
                failures++;
            }
        }

        return failures;
    }

    private void Set(SessionWatch[] watches)
    {
        int mask = 0;
        foreach (SessionWatch watch in watches)
        {
            mask |= (int)watch.Events;
        }

        Volatile.Write(ref _watches, watches);
        _mask = mask;
    }
}
