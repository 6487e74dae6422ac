using System;
using System.Threading;
using System.Threading.Tasks;

namespace TcpTools.Stack;

/// <summary>Waits for a session without a thread: a task for each time that something may have happened to it.</summary>
internal sealed class AsyncWaiter : Waiter, IDisposable
{
    private readonly TcpSession _session;
    private TaskCompletionSource _signal = Make();

    /// <summary>From now on it is told of what happens to the session.</summary>
    public AsyncWaiter(TcpSession session)
    {
        _session = session;
        session.AddWaiter(this);
    }

    /// <summary>
    /// A task that ends when something happens from now on. To be asked for before the session is looked at, so that
    /// nothing is missed.
    /// </summary>
    public Task Rearm()
    {
        TaskCompletionSource signal = Volatile.Read(ref _signal);
        if (signal.Task.IsCompleted)
        {
            TaskCompletionSource next = Make();
            // Only this side replaces it, so that what is signalled is always the one that is waited for.
            Volatile.Write(ref _signal, next);
            signal = next;
        }

        return signal.Task;
    }

    /// <inheritdoc/>
    public override void Signal() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>It is told no more.</summary>
    public void Dispose() => _session.RemoveWaiter(this);

    private static TaskCompletionSource Make() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
