using System;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Management.Automation;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// What stands between a stack's events and PowerShell's, which handles some hundreds a second and queues the rest without
/// a limit: no more than a number of them wait, and what comes beyond that is counted and dropped. They are handed over one
/// after another, by a thread that may be held up: PowerShell itself keeps no order, and an idle runspace runs the action at once.
/// <c>(Get-EventSubscriber).SourceObject</c> is such a relay.
/// </summary>
public sealed class SessionEventRelay : IDisposable
{
    private readonly PSEventManager _manager;
    private readonly string _identifier;
    private readonly ConcurrentQueue<SessionEventArgs> _queue = new();
    private SessionWatch? _watch;
    private PSEventSubscriber? _subscriber;
    private long _raised;
    private long _dropped;
    private int _waiting;
    private int _isPumping;
    private PSObject? _data;
    private int _most;

    internal SessionEventRelay(object source, SessionEvents events, PSEventManager manager, string identifier, ScriptBlock? action, int capacity)
    {
        _manager = manager;
        _identifier = identifier;
        Source = source;
        Events = events;
        Action = action;
        Capacity = capacity;
    }

    /// <summary>What PowerShell subscribes to. Events are handed to it otherwise.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "PowerShell subscribes to events of objects.")]
    public event EventHandler<SessionEventArgs>? Happened
    {
        add { }
        remove { }
    }

    /// <summary>Whose events they are: a session, a listener or a stack.</summary>
    public object Source { get; }

    /// <summary>Which events.</summary>
    public SessionEvents Events { get; }

    /// <summary>The action; null when events wait for Get-Event and Wait-Event.</summary>
    public ScriptBlock? Action { get; }

    /// <summary>How many events may wait.</summary>
    public int Capacity { get; }

    /// <summary>Events handed to PowerShell.</summary>
    public long Raised => Interlocked.Read(ref _raised);

    /// <summary>Events that found too many others waiting.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Events that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting) + (Action is null ? CountReceived() : 0);

    /// <summary>Whether anything more will be raised.</summary>
    public bool IsActive => Volatile.Read(ref _watch) is not null;

    /// <summary>An action has come to its end. Called by the script that runs it.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);

    /// <summary>Ends the subscription.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _watch, null)?.Dispose();
        if (Interlocked.Exchange(ref _subscriber, null) is { } subscriber)
        {
            try
            {
                _manager.UnsubscribeEvent(subscriber);
            }
            catch (Exception e) when (e is InvalidOperationException or NullReferenceException)
            {
                // Its runspace is gone, and the subscription with it.
            }
        }
    }

    internal void Start(
        PSEventSubscriber subscriber, PSObject? data, int most, Func<SessionEvents, EventHandler<SessionEventArgs>, SessionWatch> watch)
    {
        _subscriber = subscriber;
        _data = data;
        _most = most;
        // Unregister-Event, a trigger count that is reached, and the end of the runspace all come here.
        subscriber.Unsubscribed += (_, _) =>
        {
            Interlocked.Exchange(ref _subscriber, null);
            Dispose();
        };
        _watch = watch(Events, OnHappened);
    }

    private void OnHappened(object? session, SessionEventArgs happened)
    {
        if (Waiting >= Capacity)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        Interlocked.Increment(ref _waiting);
        _queue.Enqueue(happened);
        if (Interlocked.Exchange(ref _isPumping, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static relay => relay.Pump(), this, preferLocal: false);
        }
    }

    /// <summary>Hands over what waits. The stack's thread does not: PowerShell would run the action on its account.</summary>
    private void Pump()
    {
        do
        {
            while (_queue.TryDequeue(out SessionEventArgs? happened))
            {
                bool isTaken = HandOver(happened);
                if (!isTaken || Action is null)
                {
                    // It waits among the events received, or nowhere. An action says itself when it is done.
                    Interlocked.Decrement(ref _waiting);
                }
            }

            Volatile.Write(ref _isPumping, 0);
        }
        while (!_queue.IsEmpty && Interlocked.Exchange(ref _isPumping, 1) == 0);
    }

    private bool HandOver(SessionEventArgs happened)
    {
        if (Volatile.Read(ref _subscriber) is null || (_most > 0 && Raised >= _most))
        {
            // An event that nobody subscribes to would wait for Get-Event for ever.
            return false;
        }

        try
        {
            Interlocked.Increment(ref _raised);
            _manager.GenerateEvent(
                _identifier,
                happened.Session,
                [happened.Session, happened],
                _data,
                processInCurrentThread: true,
                waitForCompletionInCurrentThread: false);
            return true;
        }
#pragma warning disable CA1031 // An exception on this thread would end the process, and whose runspace is gone wants no events.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    private int CountReceived()
    {
        int count = 0;
        PSEventArgsCollection received = _manager.ReceivedEvents;
        lock (received.SyncRoot)
        {
            foreach (PSEventArgs waiting in received)
            {
                count += waiting.SourceIdentifier == _identifier ? 1 : 0;
            }
        }

        return count;
    }
}
