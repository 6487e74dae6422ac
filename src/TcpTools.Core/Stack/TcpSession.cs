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
public sealed partial class TcpSession : IDisposable
{
    private static long s_lastId;

    private bool _keepAlive;
    private bool _closed;

    internal TcpSession(TcpStack stack, TcpConnection connection, TcpListener? listener)
    {
        Stack = stack;
        Connection = connection;
        Key = connection.Key;
        Listener = listener;
        _keepAlive = connection.Settings.KeepAlive;
        Timer = new TimerNode(this);
        Id = Interlocked.Increment(ref s_lastId);
        connection.Owner = this;
    }

    /// <summary>
    /// Raised after the connection has moved from one state to another, in the order of the moves, on whichever thread
    /// moved the stack and outside the stack's lock. What a handler throws is ignored.
    /// </summary>
    public event EventHandler<SessionStateChangedEventArgs>? StateChanged;

    /// <summary>The session's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>The listener that the connection came in by; null when this side opened it.</summary>
    public TcpListener? Listener { get; }

    /// <summary>The connection's state (RFC 9293, 3.3.2).</summary>
    public TcpState State => Connection.State;

    /// <summary>
    /// Why the connection ended; <see cref="TcpCloseReason.None"/> while it has not. In TIME-WAIT it has, for its user.
    /// </summary>
    public TcpCloseReason CloseReason =>
        Connection.State == TcpState.TimeWait ? TcpCloseReason.Finished : Connection.CloseReason;

    /// <summary>The error that ended the connection; null while it lives or when it ended in order.</summary>
    public StackException? Failure => SessionErrors.FromCloseReason(CloseReason, this);

    /// <summary>The pair of sockets.</summary>
    public FlowKey Flow => Key;

    /// <summary>This side's address.</summary>
    public IPAddress LocalAddress => Key.LocalAddress.ToIPAddress();

    /// <summary>This side's port.</summary>
    public int LocalPort => Key.LocalPort;

    /// <summary>The peer's address.</summary>
    public IPAddress RemoteAddress => Key.RemoteAddress.ToIPAddress();

    /// <summary>The peer's port.</summary>
    public int RemotePort => Key.RemotePort;

    /// <summary>Everything about the connection at this moment.</summary>
    public TcpInfo Info
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.GetInfo(entry.Now);
        }
    }

    /// <summary>Bytes that a read would give now.</summary>
    public int Available
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.ReadableBytes;
        }
    }

    /// <summary>Bytes that a write would take now.</summary>
    public int WritableBytes
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return _closed ? 0 : Connection.WritableBytes;
        }
    }

    /// <summary>Whether the peer has finished: its FIN has arrived, and all data before it (which may still be unread).</summary>
    public bool IsPeerFinished => Connection.IsPeerFinished;

    /// <summary>Whether this side's user has closed the session.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>
    /// Whether small writes go out at once although earlier data is unacknowledged (RFC 9293, 3.7.4: Nagle's algorithm off).
    /// </summary>
    public bool NoDelay
    {
        get => Connection.NoDelay;
        set
        {
            using TcpStack.Entry entry = Stack.Enter();
            Connection.NoDelay = value;
            Connection.Flush(entry.Now);
        }
    }

    /// <summary>Whether the peer is probed when the connection has been idle for long (RFC 9293, 3.8.4).</summary>
    public bool KeepAlive
    {
        get => _keepAlive;
        set => SetKeepAlive(value);
    }

    /// <summary>
    /// How long data may stay unacknowledged before the connection is given up (RFC 5482);
    /// <see cref="Timeout.InfiniteTimeSpan"/> for as long as retransmission goes on.
    /// </summary>
    public TimeSpan UserTimeout
    {
        get => Connection.UserTimeout ?? Timeout.InfiniteTimeSpan;
        set
        {
            using TcpStack.Entry entry = Stack.Enter();
            Connection.UserTimeout = value < TimeSpan.Zero ? null : value;
        }
    }

    /// <summary>
    /// How long <see cref="Close"/> lets buffered data go out before it resets the connection; null for as long as it takes,
    /// zero for a reset at once.
    /// </summary>
    public TimeSpan? Linger { get; set; }

    /// <summary>How the connection was set up to behave.</summary>
    public TcpSettings Settings => Connection.Settings;

    /// <summary>Bytes from the next one read to the peer's urgent mark; null when there is no mark ahead (RFC 6093).</summary>
    public int? UrgentOffset
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.UrgentMark;
        }
    }

    internal TcpConnection Connection { get; }

    internal FlowKey Key { get; }

    internal TimerNode Timer { get; }

    internal uint FlowHash { get; set; }

    // A field, since the hash table holds references to it while it walks a chain.
    internal TcpSession? NextInBucket;

    internal TcpSession? PreviousInOrder { get; set; }

    internal TcpSession? NextInOrder { get; set; }

    internal TcpSession? NextTouched { get; set; }

    internal bool IsTouched { get; set; }

    internal bool IsSignalled { get; set; }

    internal TcpSession? NextSignalled { get; set; }

    /// <summary>Whether the handshake was ever completed.</summary>
    internal bool WasEstablished { get; set; }

    /// <summary>When <see cref="Linger"/> runs out for a session that was closed.</summary>
    internal Instant LingerDeadline { get; set; } = Instant.Never;

    /// <summary>What the connection's own timer is set to.</summary>
    internal Instant ConnectionDeadline { get; set; } = Instant.Never;

    internal bool HasStateHandlers => StateChanged is not null;

    /// <summary>
    /// Sets how a silent peer is probed (RFC 9293, 3.8.4); what is null stays as it is.
    /// </summary>
    /// <param name="enabled">Whether to probe at all.</param>
    /// <param name="time">Silence before the first probe.</param>
    /// <param name="interval">Time between probes.</param>
    /// <param name="probes">Probes without an answer that end the connection.</param>
    public void SetKeepAlive(bool enabled, TimeSpan? time = null, TimeSpan? interval = null, int? probes = null)
    {
        using TcpStack.Entry entry = Stack.Enter();
        _keepAlive = enabled;
        Connection.SetKeepAlive(enabled, time, interval, probes, entry.Now);
    }

    /// <summary>Takes received data without waiting.</summary>
    /// <returns>How many bytes; 0 when there is none at present, or no more at all (<see cref="IsPeerFinished"/> tells).</returns>
    /// <exception cref="StackException">
    /// The connection ended in an error and all data received before has been read, or the session was closed.
    /// </exception>
    public int Read(Span<byte> destination)
    {
        using TcpStack.Entry entry = Stack.Enter();
        int read = ReadNow(destination, entry.Now);
        if (read == 0 && !destination.IsEmpty)
        {
            ThrowIfUnreadable();
        }

        return read;
    }

    /// <summary>Copies received data without taking it, starting <paramref name="offset"/> bytes in.</summary>
    /// <returns>How many bytes; 0 when there are none.</returns>
    public int Peek(Span<byte> destination, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using TcpStack.Entry entry = Stack.Enter();
        return offset >= Connection.ReadableBytes ? 0 : Connection.Peek(destination, offset);
    }

    /// <summary>Hands over data to send, as much as there is room for, without waiting.</summary>
    /// <returns>How many bytes were taken; 0 when there is no room at present.</returns>
    /// <exception cref="StackException">The connection has ended, or this side has finished sending.</exception>
    public int Write(ReadOnlySpan<byte> data)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfUnwritable();
        return data.IsEmpty ? 0 : Connection.Write(data, entry.Now);
    }

    /// <summary>Hands over data whose last byte is marked urgent (RFC 6093), as much as there is room for.</summary>
    /// <returns>How many bytes were taken.</returns>
    /// <exception cref="StackException">The connection has ended, or this side has finished sending.</exception>
    public int WriteUrgent(ReadOnlySpan<byte> data)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfUnwritable();
        return data.IsEmpty ? 0 : Connection.WriteUrgent(data, entry.Now);
    }

    /// <summary>Says that this side sends no more: a FIN follows the data that is buffered. Reading goes on.</summary>
    public void Shutdown()
    {
        using TcpStack.Entry entry = Stack.Enter();
        Connection.Shutdown(entry.Now);
        Stack.Signal(this);
    }

    /// <summary>
    /// Ends the use of the session: a FIN follows the data that is buffered, and nobody reads any more. When received data
    /// is left unread or still arrives, the peer gets a reset, so that it learns of the loss (RFC 9293, 3.6.1;
    /// RFC 2525, 2.17). Does not wait. Closing again does nothing.
    /// </summary>
    public void Close()
    {
        using TcpStack.Entry entry = Stack.Enter();
        if (_closed)
        {
            return;
        }

        _closed = true;
        if (Linger == TimeSpan.Zero)
        {
            Connection.Abort(entry.Now);
        }
        else
        {
            Connection.Close(entry.Now);
            if (Linger is { } linger && linger > TimeSpan.Zero && !IsGone)
            {
                LingerDeadline = entry.Now + linger;
                Stack.Reschedule(this);
            }
        }

        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    /// <summary>Ends the connection at once with a reset (RFC 9293, 3.10.5). Buffered data is lost.</summary>
    public void Abort()
    {
        using TcpStack.Entry entry = Stack.Enter();
        _closed = true;
        Connection.Abort(entry.Now);
        // A connection that had ended already still holds what nobody read.
        Connection.Close(entry.Now);
        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    /// <inheritdoc cref="Close"/>
    public void Dispose() => Close();

    /// <summary>Number, sockets and state, in a line.</summary>
    public override string ToString() => $"session {Id}: {Key} {State}";

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
            Stack.OnHandlerFailed();
        }
    }
}
