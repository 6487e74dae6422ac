using System;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Forwarding;

/// <summary>
/// A client's connection and the one that it goes on by. What ends on one side ends on the other: a FIN behind all data, a
/// reset at once. It has no thread: it moves when one of its sessions tells that something has happened.
/// </summary>
public sealed class ForwardedConnection
{
    private static long s_lastId;

    private readonly TcpForwarder _forwarder;
    private readonly SessionSignal _clientSignal;
    private readonly ForwardLane _toPeer;
    private readonly ForwardLane _toClient;
    private readonly Lock _lock = new();
    private SessionSignal _peerSignal;
    private TcpSession _peer;
    private int _work; // of Work: changed without the lock, since signals come under the locks of sessions
    private DateTimeOffset _connectingSince;
    private bool _isConnected;
    private bool _hasEnded;

    internal ForwardedConnection(TcpForwarder forwarder, TcpSession client, TcpSession peer)
    {
        Id = Interlocked.Increment(ref s_lastId);
        _forwarder = forwarder;
        Client = client;
        _peer = peer;
        StartedAt = _connectingSince = DateTimeOffset.Now;
        _toPeer = new ForwardLane(this, ForwardDirection.ToPeer);
        _toClient = new ForwardLane(this, ForwardDirection.ToClient);
        _clientSignal = new SessionSignal(this);
        _peerSignal = new SessionSignal(this);
    }

    private static class Work
    {
        public const int None = 0;
        public const int Running = 1;
        public const int Again = 2;
    }

    /// <summary>The connection's number in the process.</summary>
    public long Id { get; }

    /// <summary>The client's session.</summary>
    public TcpSession Client { get; }

    /// <summary>The session with the peer.</summary>
    public TcpSession Peer => Volatile.Read(ref _peer);

    /// <summary>When the client was accepted.</summary>
    public DateTimeOffset StartedAt { get; }

    /// <summary>Bytes passed on to the peer.</summary>
    public long BytesToPeer => _toPeer.Bytes;

    /// <summary>Bytes passed on to the client.</summary>
    public long BytesToClient => _toClient.Bytes;

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>The error that it ended with; null when it lives or ended in order.</summary>
    public StackException? Failure { get; private set; }

    internal IForwardHook? Hook => _forwarder.Options.Hook;

    /// <summary>Sends something one way, between what goes there by itself.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.SessionClosed"/>: that direction has finished; <see cref="StackError.ResourceExhausted"/>: too much waits.
    /// </exception>
    public void Inject(ForwardDirection direction, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (HasEnded)
        {
            throw new StackException(StackError.SessionClosed, $"Connection {Id} has ended.");
        }

        (direction == ForwardDirection.ToPeer ? _toPeer : _toClient).Put(data);
        Schedule();
    }

    /// <summary>From now on the client speaks with another peer, over the same TCP. The old one is reset.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidArgument"/>, <see cref="StackError.SessionClosed"/> (the client has been told that the old
    /// peer has finished), or as for connecting.
    /// </exception>
    public void RedirectTo(string address, int port)
    {
        if (!NetworkAddress.TryParse(address, out NetworkAddress parsed))
        {
            throw new StackException(StackError.InvalidArgument, $"'{address}' is not an address.");
        }

        lock (_lock)
        {
            if (_hasEnded || !_toClient.TryRestart())
            {
                throw new StackException(StackError.SessionClosed, $"Connection {Id} has finished and cannot be redirected.");
            }

            TcpSession old = _peer;
            TcpSession next = (_forwarder.Options.Peer with { Address = parsed, Port = port }).Connect();
            old.RemoveWaiter(_peerSignal);
            _peerSignal = new SessionSignal(this);
            _isConnected = false;
            _connectingSince = DateTimeOffset.Now;
            Volatile.Write(ref _peer, next);
            next.AddWaiter(_peerSignal);
            old.Abort();
        }

        Schedule();
    }

    /// <summary>Resets both sides.</summary>
    public void Abort() => End(new StackException(StackError.ConnectionAborted, "The connection was aborted here."));

    /// <summary>Sockets and bytes, in a line.</summary>
    public override string ToString() => $"connection {Id}: {Client.Flow.Reverse()}, {Peer.Flow}";

    internal void Start()
    {
        Client.AddWaiter(_clientSignal);
        _peer.AddWaiter(_peerSignal);
        Schedule();
    }

    /// <summary>Ends it when the peer has not answered in time.</summary>
    internal void CheckConnected(TimeSpan limit)
    {
        if (!_isConnected && !HasEnded && DateTimeOffset.Now - _connectingSince > limit)
        {
            End(new StackException(
                StackError.ConnectionTimedOut, $"{Peer.Flow.RemoteAddress}:{Peer.RemotePort} did not answer in time."));
        }
    }

    internal void OnHookFailed(Exception fault) => _forwarder.OnHookFailed(fault);

    /// <summary>Moves it soon, on a thread of the pool; when it is moving, once more.</summary>
    internal void Schedule()
    {
        if (Interlocked.CompareExchange(ref _work, Work.Running, Work.None) == Work.None)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Run(), this, preferLocal: false);
            return;
        }

        // It is moving, and may have looked already where there is something now.
        if (Interlocked.Exchange(ref _work, Work.Again) == Work.None)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Run(), this, preferLocal: false);
        }
    }

    private void Run()
    {
        Volatile.Write(ref _work, Work.Running);
        bool hasMore = !HasEnded && Move();
        if (!hasMore && Interlocked.CompareExchange(ref _work, Work.None, Work.Running) == Work.Running)
        {
            return;
        }

        // Others on the pool have their turn first.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.Run(), this, preferLocal: false);
    }

    private bool Move()
    {
        TcpSession peer = Peer;
        try
        {
            bool hasMore = _toPeer.Move(Client, peer) | _toClient.Move(peer, Client);
            _isConnected = _isConnected || peer.State is not (TcpState.SynSent or TcpState.SynReceived);
            if (_toPeer.IsFinished && _toClient.IsFinished)
            {
                End(null);
            }
            else if (_toPeer.HasSourceEnded && Client.Failure is { } lostClient)
            {
                // Nobody reads there any more, and so nobody would notice.
                End(lostClient);
            }
            else if (_toClient.HasSourceEnded && peer.Failure is { } lostPeer)
            {
                End(lostPeer);
            }

            return hasMore;
        }
        catch (StackException e)
        {
            if (!ReferenceEquals(peer, Peer))
            {
                // The client was redirected meanwhile, and the old peer is nobody's any more.
                return true;
            }

            End(e);
            return false;
        }
#pragma warning disable CA1031 // A fault in one connection is not to end the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            End(new StackException(StackError.SystemError, e.Message, "", e));
            return false;
        }
    }

    private void End(StackException? failure)
    {
        lock (_lock)
        {
            if (_hasEnded)
            {
                return;
            }

            Volatile.Write(ref _hasEnded, true);
            Failure = failure;
            Client.RemoveWaiter(_clientSignal);
            _peer.RemoveWaiter(_peerSignal);
        }

        if (failure is null)
        {
            Client.Close();
            Peer.Close();
        }
        else
        {
            // Who is lost on one side is reset on the other: it would wait in vain.
            Client.Abort();
            Peer.Abort();
        }

        _forwarder.OnEnded(this);
    }

    private sealed class SessionSignal(ForwardedConnection connection) : Waiter
    {
        public override void Signal() => connection.Schedule();
    }
}
