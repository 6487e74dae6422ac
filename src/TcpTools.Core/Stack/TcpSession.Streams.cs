using System;
using System.Threading;
using System.Threading.Tasks;

namespace TcpTools.Stack;

/// <content>Sessions for what works with streams and tasks.</content>
public abstract partial class TcpSession
{
    // Nobody tells of every acknowledgment.
    private static readonly TimeSpan s_nap = TimeSpan.FromMilliseconds(20);

    /// <summary>The session as a .NET stream. What a reader has taken and not given is read first.</summary>
    /// <param name="leaveOpen">Whether the session stays open when the stream is disposed.</param>
    public TcpSessionStream AsStream(bool leaveOpen = false) => new(this, leaveOpen);

    /// <summary>
    /// Waits until a condition is met, without a thread. Over a virtual stack it moves the network before it returns.
    /// </summary>
    /// <returns>Whether it was met in time. False, too, when it can never be met because the connection has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public async Task<bool> WaitForAsync(
        SessionCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        if (Stack?.Mode == StackMode.Virtual)
        {
            return WaitFor(condition, timeout, cancellationToken);
        }

        using AsyncWaiter waiter = new(this);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout >= TimeSpan.Zero)
        {
            limit.CancelAfter(timeout);
        }

        while (true)
        {
            Task signal = waiter.Rearm();
            if (WaitFor(condition, TimeSpan.Zero, cancellationToken))
            {
                return true;
            }

            if (State == Tcp.TcpState.Closed || limit.IsCancellationRequested)
            {
                return WaitFor(condition, TimeSpan.Zero, cancellationToken);
            }

            try
            {
                Task next = condition == SessionCondition.Drained && Stack is null
                    ? Task.WhenAny(signal, Task.Delay(s_nap, limit.Token))
                    : signal;
                await next.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The time is over: one last look.
            }
        }
    }

    /// <summary>Takes received data without waiting, and tells whether there will be no more.</summary>
    /// <exception cref="StackException">As for <see cref="Read"/>.</exception>
    internal abstract int TryRead(Span<byte> destination, out bool isAtEnd);
}
