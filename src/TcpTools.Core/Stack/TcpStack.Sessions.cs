using System;
using System.Collections.Generic;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Opening, listening, and the book-keeping of what is open.</content>
public sealed partial class TcpStack
{
    private readonly Dictionary<ListenKey, TcpListener> _listeners = [];
    private readonly HashSet<StackSession> _unread = [];
    private readonly Queue<StackSession> _timeWait = new();
    private StackSession? _firstSession;
    private StackSession? _lastSession;
    private int _established;
    private int _timeWaitCount;

    /// <summary>Connections whose TIME-WAIT was cut short because there were too many.</summary>
    internal long TimeWaitOverflows { get; private set; }

    /// <summary>
    /// Starts to open a connection and returns at once, in SYN-SENT; in CLOSED, where calls wait for a step of their own
    /// (<see cref="TcpStackOptions.DefersCalls"/>).
    /// </summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.NoRoute"/>, <see cref="StackError.AddressInUse"/>, <see cref="StackError.ResourceExhausted"/>,
    /// <see cref="StackError.InvalidArgument"/> or <see cref="StackError.StackStopped"/>.
    /// </exception>
    public TcpSession Connect(ConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NetworkAddress remote = options.RemoteAddress;
        if (options.RemotePort is < 1 or > 65535 || options.LocalPort is < 1 or > 65535)
        {
            throw new StackException(StackError.InvalidArgument, "A port is a number from 1 to 65535.");
        }

        if (!remote.IsIPv4 || remote.IsAny || remote.IsMulticast || remote.IsLimitedBroadcast)
        {
            // RFC 9293, 3.9.2.3: TCP speaks with one host, never with many.
            throw new StackException(
                StackError.InvalidArgument, $"{remote} is not the address of one IPv4 host, which a connection needs.");
        }

        _ = options.Settings?.Validate();
        options = AskOutsideLock(options);
        using Entry entry = Enter();
        ThrowIfStopped();
        if (_ip.Routes.IsBroadcast(remote))
        {
            throw new StackException(StackError.InvalidArgument, $"{remote} is a broadcast address.");
        }

        NetworkAddress local = SelectLocalAddress(options.LocalAddress, remote);
        if (_table.Count >= Options.MaximumSessions)
        {
            throw new StackException(
                StackError.ResourceExhausted,
                $"The stack '{Name}' has {_table.Count} connections, as many as it may have.",
                "Close some, or start the stack with a higher MaximumSessions.");
        }

        ushort remotePort = (ushort)options.RemotePort;
        FlowKey key = new(local, SelectLocalPort(options.LocalPort, local, remote, remotePort), remote, remotePort);
        TcpConnection connection = new(options.Settings ?? Options.Tcp, key, _callbacks, _services);
        StackSession session = new(this, connection, null);
        Register(session);
        session.Remember(TcpState.Closed, entry.Now);
        if (DefersCalls)
        {
            session.IsUnopened = true;
            Defer(session, CallKind.Open);
            Defer(session, options.InitialData.Span, isUrgent: false);
            return session;
        }

        connection.OpenActive(entry.Now);
        if (!options.InitialData.IsEmpty)
        {
            connection.Write(options.InitialData.Span, entry.Now);
        }

        return session;
    }

    /// <summary>Starts to take connections on a port.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.AddressInUse"/>, <see cref="StackError.NoRoute"/> (not an address of the stack's),
    /// <see cref="StackError.ResourceExhausted"/> (no port is free), <see cref="StackError.InvalidArgument"/> or
    /// <see cref="StackError.StackStopped"/>.
    /// </exception>
    public TcpListener Listen(ListenOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Port is < 0 or > 65535 || options.Backlog < 1)
        {
            throw new StackException(
                StackError.InvalidArgument, "A port is a number from 1 to 65535, or 0 for any; a backlog is at least 1.");
        }

        _ = options.Settings?.Validate();
        using Entry entry = Enter();
        ThrowIfStopped();
        NetworkAddress address = options.LocalAddress is { IsAny: false, IsNone: false } own ? own : default;
        if (!address.IsNone && !_ip.Routes.IsLocal(address))
        {
            throw NotLocal(address);
        }

        ushort port = options.Port == 0 ? SelectListenPort(address) : (ushort)options.Port;
        if (IsListened(address, port))
        {
            throw new StackException(
                StackError.AddressInUse,
                $"Port {port} of the stack '{Name}' is listened on already.",
                "Choose another port, or stop the other listener.");
        }

        TcpListener listener = new(this, new ListenKey(address, port), options.Backlog, options.Settings ?? Options.Tcp)
        {
            ResetsWhenFull = options.ResetsWhenFull,
        };
        _listeners.Add(listener.Key, listener);
        return listener;
    }

    internal (int Established, int TimeWait) CountStates() => (_established, _timeWaitCount);

    internal void RemoveListener(TcpListener listener)
    {
        if (listener.IsCatchAll)
        {
            RemoveCatchAll(listener);
        }
        else
        {
            _listeners.Remove(listener.Key);
        }
    }

    /// <summary>The connection of a pair of sockets; null when there is none, or only one that is still to be opened.</summary>
    internal StackSession? FindSession(in FlowKey key) => _table.Find(key) is { IsUnopened: false } session ? session : null;

    /// <summary>A session that has ended holds nothing to read any more.</summary>
    internal void ForgetUnread(StackSession session)
    {
        if (session.IsGone)
        {
            _unread.Remove(session);
            session.Connection.Close(_now);
        }
    }

    /// <summary>Sets a session's one timer to the earlier of what its connection and its user's lingering need.</summary>
    internal void Reschedule(StackSession session) =>
        _wheel.Set(session.Timer, Instant.Earlier(session.ConnectionDeadline, session.LingerDeadline));

    private StackSession OpenPassive(TcpListener listener, in FlowKey key, in ArrivedSegment syn, Instant now)
    {
        TcpConnection connection = new(listener.Settings, key, _callbacks, _services);
        StackSession session = new(this, connection, listener);
        Register(session);
        session.Remember(TcpState.Listen, now);
        listener.Queue.Add(connection);
        connection.OpenPassive(syn, now);
        return session;
    }

    private void Register(StackSession session)
    {
        _table.Add(session);
        CountLent(session.Key.LocalAddress, 1);
        session.PreviousInOrder = _lastSession;
        if (_lastSession is null)
        {
            _firstSession = session;
        }
        else
        {
            _lastSession.NextInOrder = session;
        }

        _lastSession = session;
    }

    private void Unregister(StackSession session)
    {
        if (!_table.Remove(session))
        {
            return;
        }

        if (session.PreviousInOrder is { } previous)
        {
            previous.NextInOrder = session.NextInOrder;
        }
        else
        {
            _firstSession = session.NextInOrder;
        }

        if (session.NextInOrder is { } next)
        {
            next.PreviousInOrder = session.PreviousInOrder;
        }
        else
        {
            _lastSession = session.PreviousInOrder;
        }

        session.PreviousInOrder = null;
        session.NextInOrder = null;
        session.ConnectionDeadline = Instant.Never;
        session.LingerDeadline = Instant.Never;
        _wheel.Cancel(session.Timer);
        CountLent(session.Key.LocalAddress, -1);
    }

    private void OnStateChanged(StackSession session, TcpState from, TcpState to)
    {
        _established += (IsCurrent(to) ? 1 : 0) - (IsCurrent(from) ? 1 : 0);
        if (to == TcpState.Established)
        {
            session.WasEstablished = true;
            if (session.Listener is { } listener && listener.Queue.OnEstablished(session.Connection))
            {
                Signal(listener);
            }
        }

        if (to == TcpState.TimeWait)
        {
            _timeWaitCount++;
            _timeWait.Enqueue(session);
        }
        else if (from == TcpState.TimeWait)
        {
            _timeWaitCount--;
        }

        Signal(session);
        if (_hooks is not null)
        {
            HookStateChange(session, from, to);
        }

        TellState(session, from, to);
        _notes?.OnState(session, from, to);
    }

    // RFC 4022: tcpCurrEstab counts ESTABLISHED and CLOSE-WAIT.
    private static bool IsCurrent(TcpState state) => state is TcpState.Established or TcpState.CloseWait;

    private void OnClosed(StackSession session, TcpCloseReason reason)
    {
        Unregister(session);
        if (session.Listener?.Queue.Remove(session.Connection) == true)
        {
            // Nobody has accepted it, so nobody will read what it got.
            session.Connection.Close(_now);
        }
        else if (session.Connection.ReadableBytes > 0 && !session.IsClosed)
        {
            // Remembered only so that stopping the stack gives its memory back.
            _unread.Add(session);
        }

        Signal(session);
        TellClosed(session, reason);
        _notes?.Add(StepEventKind.SessionClosed, session.Id, $"session {session.Id} ended: {reason}");
    }

    /// <summary>Ends the oldest connections in TIME-WAIT when there are too many: what is left of them is a courtesy.</summary>
    private void TrimTimeWait(Instant now)
    {
        while (_timeWait.TryPeek(out StackSession? oldest)
            && (oldest.State != TcpState.TimeWait || _timeWaitCount > Options.MaximumTimeWait))
        {
            _timeWait.Dequeue();
            if (oldest.State == TcpState.TimeWait)
            {
                TimeWaitOverflows++;
                oldest.Connection.Abort(now, TcpCloseReason.Finished);
            }
        }
    }

    private NetworkAddress SelectLocalAddress(NetworkAddress? wanted, NetworkAddress remote)
    {
        NetworkAddress preferred = _ip.Routes.SelectSource(remote);
        if (preferred.IsNone)
        {
            throw new StackException(
                StackError.NoRoute,
                $"The stack '{Name}' has no route to {remote}.",
                "Give the stack a gateway, or an address in the destination's network.");
        }

        if (wanted is not { IsAny: false, IsNone: false } local)
        {
            return preferred;
        }

        return _ip.Routes.IsLocal(local) ? local : throw NotLocal(local);
    }

    private ushort SelectLocalPort(int? wanted, NetworkAddress local, NetworkAddress remote, ushort remotePort)
    {
        if (wanted is { } port)
        {
            FlowKey key = new(local, (ushort)port, remote, remotePort);
            return _table.Find(key) is not { } other
                ? (ushort)port
                : throw new StackException(
                    StackError.AddressInUse,
                    $"A connection {key} exists already, in state {other.State}.",
                    "Choose another local port, or none.");
        }

        return _ports.TrySelect(local, remote, remotePort, IsFreeHere, out ushort chosen)
            ? chosen
            : throw NoPort(remote, remotePort);

        bool IsFreeHere(ushort candidate) => IsFree(local, candidate, remote, remotePort);
    }

    private bool IsFree(NetworkAddress local, ushort candidate, NetworkAddress remote, ushort remotePort) =>
        !IsListened(local, candidate) && _table.Find(new FlowKey(local, candidate, remote, remotePort)) is null;

    private static StackException NoPort(NetworkAddress remote, ushort remotePort) => new(
        StackError.ResourceExhausted,
        $"No local port is free for a connection to {remote}:{remotePort}.",
        "Close connections, wait until their TIME-WAIT is over, or widen the range of ephemeral ports.");

    private ushort SelectListenPort(NetworkAddress address)
    {
        return _ports.TrySelect(address, default, 0, candidate => !IsListened(address, candidate), out ushort port)
            ? port
            : throw new StackException(StackError.ResourceExhausted, "No port is free to listen on.");
    }

    private bool IsListened(NetworkAddress address, ushort port)
    {
        if (address.IsNone)
        {
            foreach (ListenKey key in _listeners.Keys)
            {
                if (key.Port == port)
                {
                    return true;
                }
            }

            return false;
        }

        return _listeners.ContainsKey(new ListenKey(address, port)) || _listeners.ContainsKey(new ListenKey(default, port));
    }

    private TcpListener? FindListener(in FlowKey key)
    {
        if (_listeners.Count > 0
            && (_listeners.TryGetValue(new ListenKey(key.LocalAddress, key.LocalPort), out TcpListener? listener)
                || _listeners.TryGetValue(new ListenKey(default, key.LocalPort), out listener)))
        {
            return listener;
        }

        return _unclaimed is null ? null : FindUnclaimed(key.LocalPort)?.Listener;
    }

    private StackException NotLocal(NetworkAddress address) => new(
        StackError.NoRoute, $"{address} is not an address of the stack '{Name}'.", $"It has {string.Join(", ", Addresses)}.");

    private void ThrowIfStopped()
    {
        if (_state != StackState.Running)
        {
            throw SessionErrors.StackStopped(this);
        }
    }
}
