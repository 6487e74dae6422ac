using System;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Sockets;

/// <summary>
/// A connection that the kernel's TCP runs, with the face of a session of ours. States are those that the kernel tells
/// (TCP_INFO): it shows no TIME-WAIT, and passes through others unseen. A session that was closed keeps its socket until the
/// peer has acknowledged that, so that its state can be told, and no longer.
/// </summary>
public sealed partial class KernelSession : TcpSession, IWatchedSocket
{
    private readonly Lock _lock = new();
    private readonly TcpSocket _socket;
    private readonly FlowKey _flow;
    private ulong _key;
    private TcpState _state;
    private TcpCloseReason _reason;
    private TcpInfo? _lastInfo;
    private bool _isOpen = true;
    private bool _closed;
    private bool _wasEstablished;
    private bool _finishesWhenOpen;
    private bool _finished;
    private bool _keepAlive;

    private KernelSession(TcpSocket socket, FlowKey flow, KernelListener? listener)
    {
        _socket = socket;
        _flow = flow;
        KernelListener = listener;
        // Urgent data stays in the stream, as RFC 6093 recommends and as our stack has it.
        _ = socket.TrySet(LibC.SocketLevel, LibC.InlineUrgent, 1);
    }

    /// <summary>None: the kernel runs the connection.</summary>
    public override TcpStack? Stack => null;

    /// <summary>None: see <see cref="KernelListener"/>.</summary>
    public override TcpListener? Listener => null;

    /// <summary>The listener of the kernel's that the connection came in by; null when this side opened it.</summary>
    public KernelListener? KernelListener { get; }

    /// <inheritdoc/>
    public override TcpState State
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _state;
            }
        }
    }

    /// <inheritdoc/>
    public override TcpCloseReason CloseReason
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _reason;
            }
        }
    }

    /// <inheritdoc/>
    public override FlowKey Flow => _flow;

    /// <inheritdoc/>
    public override TcpInfo Info
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return _isOpen
                    ? ReadInfo()
                    : _lastInfo! with { State = _state, CloseReason = _reason, TakenAt = KernelClock.Now };
            }
        }
    }

    /// <inheritdoc/>
    public override int Available
    {
        get
        {
            lock (_lock)
            {
                return _isOpen && !_closed ? _socket.Unread : 0;
            }
        }
    }

    /// <summary>Bytes that a write would take now, about: the kernel counts memory, not bytes.</summary>
    public override int WritableBytes
    {
        get
        {
            lock (_lock)
            {
                return CanWrite
                    ? Math.Max(1, _socket.Get(LibC.SocketLevel, LibC.SendBuffer) - _socket.Unacknowledged)
                    : 0;
            }
        }
    }

    /// <inheritdoc/>
    public override bool IsPeerFinished
    {
        get
        {
            lock (_lock)
            {
                Refresh();
                return HasPeerFinished;
            }
        }
    }

    /// <inheritdoc/>
    public override bool IsClosed => Volatile.Read(ref _closed);

    /// <inheritdoc/>
    public override bool NoDelay
    {
        get => GetOption(LibC.ProtocolTcp, LibC.TcpNoDelay) != 0;
        set => SetOption(LibC.ProtocolTcp, LibC.TcpNoDelay, value ? 1 : 0);
    }

    /// <inheritdoc/>
    public override bool KeepAlive
    {
        get => _keepAlive;
        set => SetKeepAlive(value);
    }

    /// <inheritdoc/>
    public override TimeSpan UserTimeout
    {
        get => GetOption(LibC.ProtocolTcp, LibC.TcpUserTimeout) is > 0 and int milliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Timeout.InfiniteTimeSpan;
        set => SetOption(
            LibC.ProtocolTcp,
            LibC.TcpUserTimeout,
            value < TimeSpan.Zero ? 0 : (int)Math.Clamp(value.TotalMilliseconds, 1, int.MaxValue));
    }

    /// <inheritdoc/>
    public override TimeSpan? Linger { get; set; }

    /// <summary>None: the kernel's own settings hold.</summary>
    public override TcpSettings? Settings => null;

    /// <inheritdoc/>
    public override int? UrgentOffset
    {
        get
        {
            lock (_lock)
            {
                return _isOpen ? FindUrgentMark() : null;
            }
        }
    }

    /// <summary>Whether the socket has been given back to the kernel: after the session was closed and has ended.</summary>
    public bool IsReleased => !Volatile.Read(ref _isOpen);

    private bool HasPeerFinished =>
        _state is TcpState.CloseWait or TcpState.Closing or TcpState.LastAck or TcpState.TimeWait
        || (_state == TcpState.Closed && _reason == TcpCloseReason.Finished);

    private bool CanWrite => _isOpen && !_closed && !_finished && !_finishesWhenOpen
        && (_socket.Poll(LibC.PollOut) & LibC.PollOut) != 0 && _state is not (TcpState.SynSent or TcpState.Closed);

    /// <summary>Starts to open a connection and returns at once, in SYN-SENT as a rule.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.NoRoute"/>, <see cref="StackError.AddressInUse"/>, <see cref="StackError.InvalidArgument"/>,
    /// <see cref="StackError.NotPermitted"/> or <see cref="StackError.SystemError"/>.
    /// </exception>
    public static KernelSession Connect(KernelConnectOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        NetworkAddress remote = options.RemoteAddress;
        if (options.RemotePort is < 1 or > 65535 || options.LocalPort is < 1 or > 65535)
        {
            throw new StackException(StackError.InvalidArgument, "A port is a number from 1 to 65535.");
        }

        if (remote.IsNone || remote.IsAny || remote.IsMulticast || remote.IsLimitedBroadcast)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{remote} is not the address of one host, which a connection needs.");
        }

        TcpSocket socket = TcpSocket.Open(remote.IsIPv6);
        try
        {
            Span<byte> bytes = stackalloc byte[16];
            if (options.LocalAddress is not null || options.LocalPort is not null)
            {
                Bind(socket, options.LocalAddress ?? AnyLike(remote), options.LocalPort ?? 0);
            }

            remote.TryWriteBytes(bytes);
            int error = socket.Connect(bytes[..remote.Length], options.RemotePort);
            TcpCloseReason ended = TcpCloseReason.None;
            if (error is not (0 or KernelErrors.InProgress))
            {
                ended = KernelErrors.ToReason(error, false, false);
                if (ended is TcpCloseReason.None or TcpCloseReason.Unreachable)
                {
                    throw KernelErrors.OfConnecting(error, remote, options.RemotePort);
                }
            }

            (byte[] local, int port) = socket.ReadName(isPeer: false);
            FlowKey flow = new(NetworkAddress.FromBytes(local), (ushort)port, remote, (ushort)options.RemotePort);
            KernelSession session = new(socket, flow, null) { _state = TcpState.SynSent };
            session.Begin(ended);
            return session;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override void SetKeepAlive(bool enabled, TimeSpan? time = null, TimeSpan? interval = null, int? probes = null)
    {
        lock (_lock)
        {
            _keepAlive = enabled;
            if (!_isOpen)
            {
                return;
            }

            // The kernel counts in seconds.
            bool done = Set(LibC.TcpKeepAliveTime, Seconds(time)) && Set(LibC.TcpKeepAliveInterval, Seconds(interval))
                && Set(LibC.TcpKeepAliveProbes, probes);
            if (!done)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    "The kernel takes 1 to 32767 seconds for keep-alive times, and 1 to 127 probes.");
            }

            _ = _socket.TrySet(LibC.SocketLevel, LibC.SocketKeepAlive, enabled ? 1 : 0);
        }

        bool Set(int option, int? value) => value is not { } number || _socket.TrySet(LibC.ProtocolTcp, option, number);

        static int? Seconds(TimeSpan? span) => span is { } given ? (int)Math.Clamp(Math.Ceiling(given.TotalSeconds), 0, int.MaxValue) : null;
    }

    /// <summary>A connection that a listener has taken.</summary>
    internal static KernelSession Adopt(TcpSocket socket, KernelListener listener)
    {
        (byte[] local, int localPort) = socket.ReadName(isPeer: false);
        (byte[] remote, int remotePort) = socket.ReadName(isPeer: true);
        FlowKey flow = new(NetworkAddress.FromBytes(local), (ushort)localPort, AddressOf(remote), (ushort)remotePort);
        KernelSession session = new(socket, flow, listener) { _state = TcpState.Established, _wasEstablished = true };
        session.Begin(TcpCloseReason.None);
        return session;

        // Who was reset before being accepted has no name any more.
        NetworkAddress AddressOf(byte[] bytes) => bytes.Length > 0 ? NetworkAddress.FromBytes(bytes) : AnyLike(listener.Address);
    }

    internal static void Bind(TcpSocket socket, NetworkAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes);
        if (socket.Bind(bytes[..address.Length], port) is not 0 and int error)
        {
            throw KernelErrors.OfBinding(error, address, port);
        }
    }

    private protected override void OnHandlerFailed()
    {
    }

    private static NetworkAddress AnyLike(NetworkAddress address) =>
        address.IsIPv6 ? NetworkAddress.FromBytes(new byte[16]) : NetworkAddress.AnyIPv4;

    private void Begin(TcpCloseReason ended)
    {
        lock (_lock)
        {
            if (ended != TcpCloseReason.None)
            {
                _reason = ended;
                _state = TcpState.Closed;
                Release();
                return;
            }

            _key = SocketWatcher.Shared.Add(_socket, this);
            Refresh();
        }
    }

    private TcpInfo ReadInfo() => KernelTcpInfo.Read(
        _socket, _flow, _reason, SessionErrors.FromCloseReason(_reason, this)?.Message ?? "") with { State = _state };

    private int GetOption(int level, int option)
    {
        lock (_lock)
        {
            return _isOpen ? _socket.Get(level, option) : 0;
        }
    }

    private void SetOption(int level, int option, int value)
    {
        lock (_lock)
        {
            if (_isOpen)
            {
                _ = _socket.TrySet(level, option, value);
            }
        }
    }
}
