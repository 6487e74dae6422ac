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
/// One TCP connection as its user holds it. Any thread may use it. Reads and writes that do not wait work in the caller's
/// own thread; calls that wait return within milliseconds when cancelled. In virtual mode they move the virtual network
/// and their limits are simulated time; <see cref="Timeout.InfiniteTimeSpan"/> means no limit.
/// </summary>
public sealed class TcpSession : IDisposable
{
    internal TcpSession(TcpStack stack)
    {
        Stack = stack;
    }

    /// <summary>
    /// Raised after the connection has moved from one state to another, in the order of the moves, on whichever thread
    /// moved the stack and outside the stack's lock. What a handler throws is ignored.
    /// </summary>
    public event EventHandler<SessionStateChangedEventArgs>? StateChanged;

    /// <summary>The session's number in the process: rising, never used again.</summary>
    public long Id => throw new NotImplementedException();

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>The listener that the connection came in by; null when this side opened it.</summary>
    public TcpListener? Listener => throw new NotImplementedException();

    /// <summary>The connection's state (RFC 9293, 3.3.2).</summary>
    public TcpState State => throw new NotImplementedException();

    /// <summary>Why the connection ended; <see cref="TcpCloseReason.None"/> while it has not.</summary>
    public TcpCloseReason CloseReason => throw new NotImplementedException();

    /// <summary>The pair of sockets.</summary>
    public FlowKey Flow => throw new NotImplementedException();

    /// <summary>This side's address.</summary>
    public IPAddress LocalAddress => throw new NotImplementedException();

    /// <summary>This side's port.</summary>
    public int LocalPort => throw new NotImplementedException();

    /// <summary>The peer's address.</summary>
    public IPAddress RemoteAddress => throw new NotImplementedException();

    /// <summary>The peer's port.</summary>
    public int RemotePort => throw new NotImplementedException();

    /// <summary>Everything about the connection at this moment.</summary>
    public TcpInfo Info => throw new NotImplementedException();

    /// <summary>Bytes that a read would give now.</summary>
    public int Available => throw new NotImplementedException();

    /// <summary>Bytes that a write would take now.</summary>
    public int WritableBytes => throw new NotImplementedException();

    /// <summary>Whether the peer has finished: its FIN has arrived, and all data before it (which may still be unread).</summary>
    public bool IsPeerFinished => throw new NotImplementedException();

    /// <summary>
    /// Whether small writes go out at once although earlier data is unacknowledged (RFC 9293, 3.7.4: Nagle's algorithm off).
    /// </summary>
    public bool NoDelay
    {
        get => throw new NotImplementedException();
        set => throw new NotImplementedException();
    }

    /// <summary>Whether the peer is probed when the connection has been idle for long (RFC 9293, 3.8.4).</summary>
    public bool KeepAlive
    {
        get => throw new NotImplementedException();
        set => throw new NotImplementedException();
    }

    /// <summary>
    /// How long data may stay unacknowledged before the connection is given up (RFC 5482);
    /// <see cref="Timeout.InfiniteTimeSpan"/> for as long as retransmission goes on.
    /// </summary>
    public TimeSpan UserTimeout
    {
        get => throw new NotImplementedException();
        set => throw new NotImplementedException();
    }

    /// <summary>
    /// How long <see cref="Close"/> lets buffered data go out before it resets the connection; null for as long as it takes,
    /// zero for a reset at once.
    /// </summary>
    public TimeSpan? Linger
    {
        get => throw new NotImplementedException();
        set => throw new NotImplementedException();
    }

    /// <summary>How the connection behaves at present.</summary>
    public TcpSettings Settings => throw new NotImplementedException();

    /// <summary>Changes how the connection behaves; what the handshake has agreed stays as it is.</summary>
    public void SetOption(Func<TcpSettings, TcpSettings> change) => throw new NotImplementedException();

    /// <summary>Takes received data without waiting.</summary>
    /// <returns>How many bytes; 0 when there is none at present, or no more at all (<see cref="IsPeerFinished"/> tells).</returns>
    /// <exception cref="StackException">The connection ended in an error, and all data received before has been read.</exception>
    public int Read(Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Copies received data without taking it, starting <paramref name="offset"/> bytes in.</summary>
    /// <returns>How many bytes; 0 when there are none.</returns>
    public int Peek(Span<byte> destination, int offset = 0) => throw new NotImplementedException();

    /// <summary>Waits for data and takes what there is.</summary>
    /// <returns>At least one byte, or 0 at the end of the peer's data.</returns>
    /// <exception cref="StackException">
    /// <see cref="StackError.TimedOut"/>: nothing came in time; <see cref="StackError.ConnectionReset"/>,
    /// <see cref="StackError.ConnectionTimedOut"/>, ...: the connection ended so.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public int ReadSome(Span<byte> destination, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Hands over data to send, as much as there is room for, without waiting.</summary>
    /// <returns>How many bytes were taken; 0 when there is no room at present.</returns>
    /// <exception cref="StackException">The connection has ended, or this side has finished sending.</exception>
    public int Write(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>Hands over all of the data, waiting for room. It has then been buffered, not yet acknowledged.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.TimedOut"/>: there was no room in time, and a part may have been taken; or the connection ended.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; a part may have been taken.</exception>
    public void WriteAll(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Hands over data whose last byte is marked urgent (RFC 6093), as much as there is room for.</summary>
    /// <returns>How many bytes were taken.</returns>
    public int WriteUrgent(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>Bytes from the next one read to the peer's urgent mark; null when there is no mark ahead (RFC 6093).</summary>
    public int? UrgentOffset => throw new NotImplementedException();

    /// <summary>Waits until a condition is met.</summary>
    /// <returns>Whether it was met in time. False, too, when it can never be met because the connection has ended.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitFor(SessionCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Waits until the connection is in a state. States that it passes through quickly may be missed.</summary>
    /// <returns>Whether it was in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitFor(TcpState state, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Says that this side sends no more: a FIN follows the data that is buffered. Reading goes on.</summary>
    public void Shutdown() => throw new NotImplementedException();

    /// <summary>
    /// Ends the use of the session: a FIN follows the data that is buffered, and nobody reads any more. When received data
    /// is left unread or still arrives, the peer gets a reset, so that it learns of the loss (RFC 9293, 3.6.1;
    /// RFC 2525, 2.17). Does not wait. Closing again does nothing.
    /// </summary>
    public void Close() => throw new NotImplementedException();

    /// <summary>Ends the connection at once with a reset (RFC 9293, 3.10.5). Buffered data is lost.</summary>
    public void Abort() => throw new NotImplementedException();

    /// <inheritdoc cref="Close"/>
    public void Dispose() => Close();

    internal void RaiseStateChanged(SessionStateChangedEventArgs change) => StateChanged?.Invoke(this, change);
}
