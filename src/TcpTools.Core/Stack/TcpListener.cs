using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Threading;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>A port on which a stack takes connections (RFC 9293, 3.3.2: LISTEN).</summary>
public sealed class TcpListener : IDisposable
{
    private static long s_lastId;

    private WaiterList _waiters;
    private Action? _onStopped;
    private bool _stopped;

    internal TcpListener(TcpStack stack, in ListenKey key, int backlog, TcpSettings settings)
    {
        Stack = stack;
        Key = key;
        Queue = new TcpListenQueue(backlog);
        Settings = settings;
        LastPort = key.Port;
        Id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>The listener's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>The address on which it listens; <see cref="IPAddress.Any"/> for all of the stack's.</summary>
    public IPAddress LocalAddress => Key.Address.IsNone ? IPAddress.Any : Key.Address.ToIPAddress();

    /// <summary>The port.</summary>
    public int Port => Key.Port;

    /// <summary>The highest port, where it takes connections to a range of ports that nobody holds; else <see cref="Port"/>.</summary>
    public int LastPort { get; internal init; }

    /// <summary>Whether it takes connections to ports that nobody holds (<see cref="TcpStack.SetUnclaimedPorts"/>).</summary>
    public bool IsCatchAll { get; internal init; }

    /// <summary>Whether a SYN for which there is no room is answered with a reset instead of silence.</summary>
    public bool ResetsWhenFull { get; internal init; }

    /// <summary>How many complete connections may wait to be accepted.</summary>
    public int Backlog => Queue.Backlog;

    /// <summary>How accepted connections behave.</summary>
    public TcpSettings Settings { get; }

    /// <summary>How many complete connections wait to be accepted.</summary>
    public int Pending
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Queue.Pending;
        }
    }

    /// <summary>How many handshakes are under way.</summary>
    public int HalfOpen
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Queue.SynCount;
        }
    }

    /// <summary>SYNs dropped because there was no room.</summary>
    public long Drops
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Queue.Drops;
        }
    }

    /// <summary>Connections that were taken.</summary>
    public long Accepted { get; private set; }

    /// <summary>Who serves the connections; null when they wait for somebody to take them.</summary>
    public IListenerServer? Server { get; private set; }

    /// <summary>Clients that are served at this moment.</summary>
    public int Active => Server?.Active ?? 0;

    /// <summary>Clients whose serving has ended without an error.</summary>
    public long Served => Server?.Served ?? 0;

    /// <summary>Clients whose serving has ended with an error.</summary>
    public long Failed => Server?.Failed ?? 0;

    /// <summary>The last errors of who serves the connections, oldest first.</summary>
    public IReadOnlyList<ServerError> Errors => Server?.Errors ?? Array.Empty<ServerError>();

    /// <summary>The last things that handlers of the connections wrote, oldest first.</summary>
    public IReadOnlyList<object?> Output => Server?.Output ?? Array.Empty<object?>();

    /// <summary>Whether it takes connections.</summary>
    public bool IsListening => !Volatile.Read(ref _stopped);

    internal ListenKey Key { get; }

    internal TcpListenQueue Queue { get; }

    /// <summary>Who wants to know what happens to the sessions that come in here.</summary>
    internal WatchList Watches { get; } = new();

    internal bool HasWaiters => !_waiters.IsEmpty;

    internal bool IsSignalled { get; set; }

    internal TcpListener? NextSignalled { get; set; }

    /// <summary>From now on tells what happens to sessions that came or will come in here.</summary>
    /// <param name="events">What is of interest.</param>
    /// <param name="handler">Who is told; more can be added to the result.</param>
    /// <exception cref="StackException">No event is named.</exception>
    public SessionWatch WatchSessions(SessionEvents events, EventHandler<SessionEventArgs>? handler = null) =>
        Watches.Add(events, handler);

    /// <summary>Takes the oldest complete connection, if one waits.</summary>
    public bool TryAccept([NotNullWhen(true)] out TcpSession? session)
    {
        using TcpStack.Entry entry = Stack.Enter();
        return TryTake(out session);
    }

    /// <summary>
    /// Waits for a connection. In virtual mode the waiting moves the network, and the limit is one of simulated time.
    /// </summary>
    /// <returns>The connection, or null when none came in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="StackException">The listener or its stack was stopped.</exception>
    public TcpSession? Accept(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TcpSession? session = null;
        if (Stack.Mode == StackMode.Virtual)
        {
            if (!TryAccept(out session) && IsListening)
            {
                Stack.RunNetworkUntil(() => TryAccept(out session) || !IsListening, timeout, cancellationToken);
            }

            return session ?? ThrowIfStopped();
        }

        Deadline deadline = new(Stack, timeout);
        SessionWaiter waiter = SessionWaiter.Current;
        bool waiting = false;
        try
        {
            while (true)
            {
                using (Stack.Enter())
                {
                    if (TryTake(out session))
                    {
                        return session;
                    }

                    if (_stopped || deadline.Left == TimeSpan.Zero)
                    {
                        return ThrowIfStopped();
                    }

                    waiter.Reset();
                    if (!waiting)
                    {
                        waiting = true;
                        _waiters.Add(waiter);
                    }
                }

                waiter.Wait(deadline.Waitable, cancellationToken);
            }
        }
        finally
        {
            if (waiting)
            {
                using (Stack.Enter())
                {
                    _waiters.Remove(waiter);
                }
            }
        }
    }

    /// <summary>Stops listening and frees the port. Connections that nobody has accepted are reset; accepted ones live on.</summary>
    public void Stop()
    {
        using TcpStack.Entry entry = Stack.Enter();
        StopNow(entry.Now, TcpCloseReason.Aborted);
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();

    /// <summary>Number, address and port, in a line.</summary>
    public override string ToString() =>
        LastPort == Port ? $"listener {Id}: {LocalAddress}:{Port}" : $"listener {Id}: {LocalAddress}:{Port}-{LastPort}";

    internal void StopNow(Instant now, TcpCloseReason reason)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        Stack.RemoveListener(this);
        foreach (TcpConnection connection in Queue.Clear())
        {
            connection.Abort(now, reason);
            Stack.ForgetUnread((StackSession)connection.Owner!);
        }

        SignalWaiters();
        _onStopped?.Invoke();
    }

    /// <summary>From now on somebody serves the connections.</summary>
    /// <param name="server">Who.</param>
    /// <param name="connected">Signalled when connections wait, and at the end.</param>
    /// <param name="stopped">Called when the listener stops, under the stack's lock.</param>
    internal void Serve(IListenerServer server, Waiter connected, Action stopped)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfStopped();
        if (Server is not null)
        {
            throw new StackException(
                StackError.AddressInUse, $"The connections of {this} are served already.", "Stop that server, or start another listener.");
        }

        Server = server;
        _onStopped = stopped;
        _waiters.Add(connected);
    }

    internal void SignalWaiters() => _waiters.SignalAll();

    private bool TryTake([NotNullWhen(true)] out TcpSession? session)
    {
        session = Queue.TryAccept(out TcpConnection? connection) ? (StackSession)connection!.Owner! : null;
        Accepted += session is null ? 0 : 1;
        return session is not null;
    }

    private TcpSession? ThrowIfStopped()
    {
        if (!IsListening)
        {
            throw Stack.State is StackState.Running
                ? new StackException(StackError.SessionClosed, $"The listener on port {Port} has been stopped.")
                : SessionErrors.StackStopped(Stack);
        }

        return null;
    }
}

/// <summary>What a listener listens on; an address of no family stands for all of the stack's.</summary>
internal readonly record struct ListenKey(NetworkAddress Address, ushort Port);
