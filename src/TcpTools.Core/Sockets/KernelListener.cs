using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Sockets;

/// <summary>A port of the kernel's on which connections are taken as sessions.</summary>
public sealed class KernelListener : IWatchedSocket, IDisposable
{
    private readonly Lock _lock = new();
    private readonly TcpSocket _socket;
    private readonly ulong _key;
    private WaiterList _waiters;
    private bool _stopped;

    private KernelListener(TcpSocket socket, NetworkAddress address)
    {
        _socket = socket;
        Address = address;
        Port = socket.ReadName(isPeer: false).Port;
        _key = SocketWatcher.Shared.Add(socket, this);
    }

    /// <summary>The address on which it listens.</summary>
    public NetworkAddress Address { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Whether it takes connections.</summary>
    public bool IsListening => !Volatile.Read(ref _stopped);

    /// <summary>Starts to listen.</summary>
    /// <param name="address">One of the host's addresses, or the one that stands for all.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <exception cref="StackException">
    /// <see cref="StackError.AddressInUse"/>, <see cref="StackError.NoRoute"/> (not an address of the host's),
    /// <see cref="StackError.NotPermitted"/> or <see cref="StackError.SystemError"/>.
    /// </exception>
    public static KernelListener Listen(NetworkAddress address, int port, int backlog = 1024)
    {
        if (port is < 0 or > 65535 || backlog < 1 || address.IsNone)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "To listen takes an address, a port from 1 to 65535, or 0 for any, and a backlog of at least 1.");
        }

        TcpSocket socket = TcpSocket.Open(address.IsIPv6);
        try
        {
            _ = socket.TrySet(LibC.SocketLevel, LibC.ReuseAddress, 1);
            KernelSession.Bind(socket, address, port);
            return socket.Listen(backlog) is not 0 and int error
                ? throw KernelErrors.OfBinding(error, address, port)
                : new KernelListener(socket, address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes a connection that waits.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="StackException">The process has no descriptor left for it.</exception>
    public bool TryAccept([NotNullWhen(true)] out KernelSession? session)
    {
        session = null;
        TcpSocket? accepted;
        lock (_lock)
        {
            if (_stopped)
            {
                return false;
            }

            accepted = _socket.Accept(out int error);
            if (accepted is null)
            {
                return error is KernelErrors.TryAgain or KernelErrors.Interrupted or KernelErrors.ConnectionAborted
                    ? false
                    : throw SystemError.ToException(error, "Accepting a connection");
            }
        }

        session = KernelSession.Adopt(accepted, this);
        return true;
    }

    /// <summary>Waits for a connection.</summary>
    /// <returns>The session, or null when none came in time.</returns>
    /// <exception cref="StackException">The listener was stopped.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public KernelSession? Accept(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Instant end = KernelClock.EndOf(timeout);
        SessionWaiter waiter = SessionWaiter.Current;
        AddWaiter(waiter);
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                waiter.Reset();
                if (TryAccept(out KernelSession? session))
                {
                    return session;
                }

                if (!IsListening)
                {
                    throw new StackException(StackError.SessionClosed, $"The listener on port {Port} has been stopped.");
                }

                TimeSpan left = KernelClock.Left(end);
                if (left == TimeSpan.Zero)
                {
                    return null;
                }

                waiter.Wait(KernelClock.Waitable(left), cancellationToken);
            }
        }
        finally
        {
            RemoveWaiter(waiter);
        }
    }

    /// <summary>Stops listening. The kernel resets connections that nobody has accepted; accepted ones live on.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            if (!_stopped)
            {
                _stopped = true;
                SocketWatcher.Shared.Remove(_key, _socket);
                _socket.Dispose();
                _waiters.SignalAll();
            }
        }
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();

    /// <summary>Address and port, in a line.</summary>
    public override string ToString() => $"kernel listener {(Address.IsIPv6 ? $"[{Address}]" : Address)}:{Port}";

    /// <inheritdoc/>
    void IWatchedSocket.OnReady(uint events)
    {
        lock (_lock)
        {
            _waiters.SignalAll();
        }
    }

    /// <inheritdoc/>
    void IWatchedSocket.OnDue()
    {
    }

    internal void AddWaiter(Waiter waiter)
    {
        lock (_lock)
        {
            _waiters.Add(waiter);
        }
    }

    internal void RemoveWaiter(Waiter waiter)
    {
        lock (_lock)
        {
            _waiters.Remove(waiter);
        }
    }
}
