using System;
using System.Net;
using System.Threading;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>What <see cref="TcpSession.StateChanged"/> tells.</summary>
public sealed class SessionStateChangedEventArgs : EventArgs
{
    internal SessionStateChangedEventArgs(TcpState from, TcpState to, Instant time)
    {
        From = from;
        To = to;
        Time = time;
    }

    /// <summary>The state before.</summary>
    public TcpState From { get; }

    /// <summary>The state after.</summary>
    public TcpState To { get; }

    /// <summary>When, on the stack's clock.</summary>
    public Instant Time { get; }
}

/// <summary>
/// One TCP connection as its user holds it, whoever runs its protocol. Any thread may use it. Reads and writes that do not
/// wait work in the caller's own thread; calls that wait return within milliseconds when cancelled. Over a virtual stack
/// they move the virtual network and their limits are simulated time; <see cref="Timeout.InfiniteTimeSpan"/> means no limit.
/// </summary>
public abstract partial class TcpSession : IDisposable
{
    private static long s_lastId;

    private protected TcpSession()
    {
        Id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>
    /// Raised after the connection has moved from one state to another, in the order of the moves, on whichever thread
    /// moved it and outside all locks. What a handler throws is ignored.
    /// </summary>
    public event EventHandler<SessionStateChangedEventArgs>? StateChanged;

    /// <summary>The session's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>The stack of ours that runs the connection; null when it is none of ours.</summary>
    public abstract TcpStack? Stack { get; }

    /// <summary>The listener that the connection came in by; null when this side opened it.</summary>
    public abstract TcpListener? Listener { get; }

    /// <summary>The connection's state (RFC 9293, 3.3.2).</summary>
    public abstract TcpState State { get; }

    /// <summary>
    /// Why the connection ended; <see cref="TcpCloseReason.None"/> while it has not. In TIME-WAIT it has, for its user.
    /// </summary>
    public abstract TcpCloseReason CloseReason { get; }

    /// <summary>The error that ended the connection; null while it lives or when it ended in order.</summary>
    public StackException? Failure => SessionErrors.FromCloseReason(CloseReason, this);

    /// <summary>The pair of sockets.</summary>
    public abstract FlowKey Flow { get; }

    /// <summary>This side's address.</summary>
    public IPAddress LocalAddress => Flow.LocalAddress.ToIPAddress();

    /// <summary>This side's port.</summary>
    public int LocalPort => Flow.LocalPort;

    /// <summary>The peer's address.</summary>
    public IPAddress RemoteAddress => Flow.RemoteAddress.ToIPAddress();

    /// <summary>The peer's port.</summary>
    public int RemotePort => Flow.RemotePort;

    /// <summary>Everything about the connection at this moment.</summary>
    public abstract TcpInfo Info { get; }

    /// <summary>Bytes that a read would give now.</summary>
    public abstract int Available { get; }

    /// <summary>Bytes that a write would take now.</summary>
    public abstract int WritableBytes { get; }

    /// <summary>Whether the peer has finished: its FIN has arrived, and all data before it (which may still be unread).</summary>
    public abstract bool IsPeerFinished { get; }

    /// <summary>Whether this side's user has closed the session.</summary>
    public abstract bool IsClosed { get; }

    /// <summary>
    /// Whether small writes go out at once although earlier data is unacknowledged (RFC 9293, 3.7.4: Nagle's algorithm off).
    /// </summary>
    public abstract bool NoDelay { get; set; }

    /// <summary>Whether the peer is probed when the connection has been idle for long (RFC 9293, 3.8.4).</summary>
    public abstract bool KeepAlive { get; set; }

    /// <summary>
    /// How long data may stay unacknowledged before the connection is given up (RFC 5482);
    /// <see cref="Timeout.InfiniteTimeSpan"/> for as long as retransmission goes on.
    /// </summary>
    public abstract TimeSpan UserTimeout { get; set; }

    /// <summary>
    /// How long <see cref="Close"/> lets buffered data go out before it resets the connection; null for as long as it takes,
    /// zero for a reset at once.
    /// </summary>
    public abstract TimeSpan? Linger { get; set; }

    /// <summary>How the connection was set up to behave; null when no stack of ours runs it.</summary>
    public abstract TcpSettings? Settings { get; }

    /// <summary>Bytes from the next one read to the peer's urgent mark; null when there is no mark ahead (RFC 6093).</summary>
    public abstract int? UrgentOffset { get; }

    internal bool HasStateHandlers => StateChanged is not null || _watches is not null;

    /// <summary>
    /// Sets how a silent peer is probed (RFC 9293, 3.8.4); what is null stays as it is.
    /// </summary>
    /// <param name="enabled">Whether to probe at all.</param>
    /// <param name="time">Silence before the first probe.</param>
    /// <param name="interval">Time between probes.</param>
    /// <param name="probes">Probes without an answer that end the connection.</param>
    public abstract void SetKeepAlive(bool enabled, TimeSpan? time = null, TimeSpan? interval = null, int? probes = null);

    /// <summary>Takes received data without waiting.</summary>
    /// <returns>How many bytes; 0 when there is none at present, or no more at all (<see cref="IsPeerFinished"/> tells).</returns>
    /// <exception cref="StackException">
    /// The connection ended in an error and all data received before has been read, or the session was closed.
    /// </exception>
    public abstract int Read(Span<byte> destination);

    /// <summary>Waits for data and takes what there is.</summary>
    /// <returns>At least one byte, or 0 at the end of the peer's data.</returns>
    /// <exception cref="StackException">
    /// <see cref="StackError.TimedOut"/>: nothing came in time; <see cref="StackError.ConnectionReset"/>,
    /// <see cref="StackError.ConnectionTimedOut"/>, ...: the connection ended so.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public abstract int ReadSome(Span<byte> destination, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Copies received data without taking it, starting <paramref name="offset"/> bytes in.</summary>
    /// <returns>How many bytes; 0 when there are none.</returns>
    public abstract int Peek(Span<byte> destination, int offset = 0);

    /// <summary>Hands over data to send, as much as there is room for, without waiting.</summary>
    /// <returns>How many bytes were taken; 0 when there is no room at present.</returns>
    /// <exception cref="StackException">The connection has ended, or this side has finished sending.</exception>
    public abstract int Write(ReadOnlySpan<byte> data);

    /// <summary>Hands over all of the data, waiting for room. It has then been buffered, not yet acknowledged.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.TimedOut"/>: there was no room in time, and a part may have been taken; or the connection ended.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; a part may have been taken.</exception>
    public abstract void WriteAll(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Hands over data whose last byte is marked urgent (RFC 6093), as much as there is room for.</summary>
    /// <returns>How many bytes were taken.</returns>
    /// <exception cref="StackException">The connection has ended, or this side has finished sending.</exception>
    public abstract int WriteUrgent(ReadOnlySpan<byte> data);

    /// <summary>Says that this side sends no more: a FIN follows the data that is buffered. Reading goes on.</summary>
    public abstract void Shutdown();

    /// <summary>
    /// Ends the use of the session: a FIN follows the data that is buffered, and nobody reads any more. When received data
    /// is left unread or still arrives, the peer gets a reset, so that it learns of the loss (RFC 9293, 3.6.1;
    /// RFC 2525, 2.17). Does not wait. Closing again does nothing.
    /// </summary>
    public abstract void Close();

    /// <summary>Ends the connection at once with a reset (RFC 9293, 3.10.5). Buffered data is lost.</summary>
    public abstract void Abort();

    /// <summary>Waits until a condition is met.</summary>
    /// <returns>Whether it was met in time. False, too, when it can never be met because the connection has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public abstract bool WaitFor(
        SessionCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <summary>Waits until the connection is in a state. States that it passes through quickly may be missed.</summary>
    /// <returns>Whether it was in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public abstract bool WaitFor(TcpState state, TimeSpan timeout, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="Close"/>
    public void Dispose()
    {
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Number, sockets and state, in a line.</summary>
    public override string ToString() => $"session {Id}: {Flow} {State}";

    /// <summary>
    /// Whether the session has come to a condition or, when that is null, to a state; false when it never will, null when
    /// it may yet. Waits for nothing.
    /// </summary>
    internal virtual bool? Look(SessionCondition? condition, TcpState state)
    {
        bool isMet = condition is { } wanted ? WaitFor(wanted, TimeSpan.Zero) : State == state;
        return isMet ? true : State == TcpState.Closed ? false : null;
    }

    /// <summary>From now on somebody is signalled whenever something may have happened; also for nothing, at times.</summary>
    internal abstract void AddWaiter(Waiter waiter);

    /// <summary>Somebody is signalled no more.</summary>
    internal abstract void RemoveWaiter(Waiter waiter);

    internal void RaiseStateChanged(SessionStateChangedEventArgs change)
    {
        try
        {
            StateChanged?.Invoke(this, change);
        }
#pragma warning disable CA1031 // A handler's fault is its own: the stack serves everybody else.
        catch (Exception)
#pragma warning restore CA1031
        {
            OnHandlerFailed();
        }

        if (Stack is null)
        {
            TellFromState(change);
        }
    }

    /// <summary>A handler of <see cref="StateChanged"/> has thrown.</summary>
    private protected abstract void OnHandlerFailed();
}
