using System;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>Who wants to look again when something has happened to an object; in one list at a time.</summary>
internal abstract class Waiter
{
    internal Waiter? Next { get; set; }

    /// <summary>Something has happened. Called under the lock of what it happened to: nothing may be done with that here.</summary>
    public abstract void Signal();
}

/// <summary>One thread that waits for something to happen; each thread has one, since it can wait for one thing only.</summary>
internal sealed class SessionWaiter : Waiter, IDisposable
{
    [ThreadStatic]
    private static SessionWaiter? s_current;

    private readonly ManualResetEventSlim _event = new(false);

    /// <summary>The calling thread's.</summary>
    public static SessionWaiter Current => s_current ??= new SessionWaiter();

    /// <summary>Makes ready to wait.</summary>
    public void Reset() => _event.Reset();

    /// <inheritdoc/>
    public override void Signal() => _event.Set();

    /// <summary>Waits for the signal; false when the time has passed.</summary>
    public bool Wait(TimeSpan timeout, CancellationToken cancellationToken) => _event.Wait(timeout, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _event.Dispose();
}

/// <summary>Who waits for something to happen to one object. Used under one lock, as a rule the stack's.</summary>
internal struct WaiterList
{
    private Waiter? _first;

    /// <summary>Whether nobody waits.</summary>
    public readonly bool IsEmpty => _first is null;

    /// <summary>Adds one.</summary>
    public void Add(Waiter waiter)
    {
        waiter.Next = _first;
        _first = waiter;
    }

    /// <summary>Takes one away, signalled or not.</summary>
    public void Remove(Waiter waiter)
    {
        if (ReferenceEquals(_first, waiter))
        {
            _first = waiter.Next;
        }
        else
        {
            for (Waiter? other = _first; other is not null; other = other.Next)
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

    /// <summary>Lets all look again. They stay in the list until they take themselves away.</summary>
    public readonly void SignalAll()
    {
        for (Waiter? waiter = _first; waiter is not null; waiter = waiter.Next)
        {
            waiter.Signal();
        }
    }
}
