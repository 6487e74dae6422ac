using System;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>One thread that waits for something to happen; each thread has one, since it can wait for one thing only.</summary>
internal sealed class SessionWaiter : IDisposable
{
    [ThreadStatic]
    private static SessionWaiter? s_current;

    private readonly ManualResetEventSlim _event = new(false);

    /// <summary>The calling thread's.</summary>
    public static SessionWaiter Current => s_current ??= new SessionWaiter();

    internal SessionWaiter? Next { get; set; }

    /// <summary>Makes ready to wait.</summary>
    public void Reset() => _event.Reset();

    /// <summary>Ends the wait.</summary>
    public void Signal() => _event.Set();

    /// <summary>Waits for the signal; false when the time has passed.</summary>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken) => _event.Wait(timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}

/// <summary>The threads that wait for something to happen to one object. Used under the stack's lock only.</summary>
internal struct WaiterList
{
    private SessionWaiter? _first;

    /// <summary>Whether nobody waits.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Adds a thread.</summary>
    public void Add(SessionWaiter waiter)
    {
        waiter.Next = _first;
        _first = waiter;
    }

    /// <summary>Takes a thread away, signalled or not.</summary>
    public void Remove(SessionWaiter waiter)
    {
        if (ReferenceEquals(_first, waiter))
        {
            _first = waiter.Next;
        }
        else
        {
            for (SessionWaiter? other = _first; other is not null; other = other.Next)
            {
                if (ReferenceEquals(other.Next, waiter))
                {
                    other.Next = waiter.Next;
                    break;
                }
            }
        }

        waiter.Next = null;
    }

    /// <summary>Lets all threads look again. They stay in the list until they take themselves away.</summary>
    public readonly void SignalAll()
    {
        for (SessionWaiter? waiter = _first; waiter is not null; waiter = waiter.Next)
        {
            waiter.Signal();
        }
    }
}
