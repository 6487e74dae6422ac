using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Forwarding;

/// <summary>
/// Takes connections on a port, of the kernel's or of a stack's, and passes what goes over them on by connections of its own, of
/// a stack's or of the kernel's: so that programs that know nothing of a stack use it, and so that somebody in the middle
/// may look, change and put in. One thread accepts; the connections have none of their own. It ends with its stack.
/// </summary>
public sealed class TcpForwarder : IDisposable
{
    private static readonly TimeSpan s_accept = TimeSpan.FromSeconds(1);
    private static long s_lastId;

    private readonly ConcurrentDictionary<long, ForwardedConnection> _connections = new();
    private readonly Lock _counting = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _places;
    private readonly KernelListener? _kernelListener;
    private readonly TcpListener? _stackListener;
    private readonly Thread _thread;
    private readonly Timer _timer;
    private long _accepted;
    private long _failed;
    private long _hookFailures;
    private long _endedToPeer;
    private long _endedToClient;
    private int _stopped;

    private TcpForwarder(ForwarderOptions options)
    {
        Options = options;
        Id = Interlocked.Increment(ref s_lastId);
        Name = options.Name.Length > 0 ? options.Name : $"forwarder{Id}";
        _places = new SemaphoreSlim(options.MaximumConnections);
        ForwardTarget listen = options.Listen;
        if (listen.Stack is { } stack)
        {
            _stackListener = stack.Listen(new ListenOptions { LocalAddress = listen.Address, Port = listen.Port, Backlog = 1024 });
        }
        else
        {
            NetworkAddress address = listen.Address.IsNone ? NetworkAddress.AnyIPv4 : listen.Address;
            _kernelListener = KernelListener.Listen(address, listen.Port);
        }

        _timer = new Timer(_ => LookAfter(), null, s_accept, s_accept);
        _thread = new Thread(AcceptAll) { IsBackground = true, Name = "TcpTools " + Name };
        _thread.Start();
    }

    /// <summary>The forwarder's number in the process.</summary>
    public long Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it was started with.</summary>
    public ForwarderOptions Options { get; }

    /// <summary>The port on which it listens.</summary>
    public int Port => _stackListener?.Port ?? _kernelListener!.Port;

    /// <summary>Where it listens.</summary>
    public ForwardTarget Listen => Options.Listen with { Port = Port };

    /// <summary>Where connections go on to.</summary>
    public ForwardTarget Peer => Options.Peer;

    /// <summary>Whether it takes connections.</summary>
    public bool IsRunning => Volatile.Read(ref _stopped) == 0;

    /// <summary>The connections at this moment, oldest first.</summary>
    public IReadOnlyList<ForwardedConnection> Connections => [.. _connections.Values.OrderBy(connection => connection.Id)];

    /// <summary>How many there are.</summary>
    public int Active => _connections.Count;

    /// <summary>Clients accepted since the start.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Connections that ended in an error, those included that found no peer.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Bytes passed on to peers.</summary>
    public long BytesToPeer
    {
        get
        {
            lock (_counting)
            {
                return _endedToPeer + _connections.Values.Sum(connection => connection.BytesToPeer);
            }
        }
    }

    /// <summary>Bytes passed on to clients.</summary>
    public long BytesToClient
    {
        get
        {
            lock (_counting)
            {
                return _endedToClient + _connections.Values.Sum(connection => connection.BytesToClient);
            }
        }
    }

    /// <summary>Pieces at which the hook failed; they went on as they had come.</summary>
    public long HookFailures => Interlocked.Read(ref _hookFailures);

    /// <summary>What went wrong last, in words; empty when nothing did.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Starts to forward.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidArgument"/>: a stack that does not work in real time by itself, or numbers out of range;
    /// otherwise as for listening.
    /// </exception>
    public static TcpForwarder Start(ForwarderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (ForwardTarget side in (ReadOnlySpan<ForwardTarget>)[options.Listen, options.Peer])
        {
            if (side.Stack is { Mode: not StackMode.Threaded } stack)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"The stack '{stack.Name}' does not move by itself in real time, as a forwarder needs.",
                    "Start it without -Virtual and -Manual.");
            }
        }

        if (options.Peer.Port is < 1 or > 65535 || options.MaximumConnections < 1)
        {
            throw new StackException(StackError.InvalidArgument, "The peer's port is a number from 1 to 65535, and at least one connection is allowed.");
        }

        return new TcpForwarder(options);
    }

    /// <summary>Stops listening and resets all connections.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _stop.Cancel();
        _kernelListener?.Stop();
        _stackListener?.Stop();
        _timer.Dispose();
        if (!ReferenceEquals(Thread.CurrentThread, _thread))
        {
            _thread.Join();
        }

        foreach (ForwardedConnection connection in Connections)
        {
            connection.Abort();
        }

        _stop.Dispose();
        (Options.Hook as IDisposable)?.Dispose();
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();

    /// <summary>Name, where from and where to, in a line.</summary>
    public override string ToString() => $"{Name}: {Listen} -> {Peer}";

    internal void OnHookFailed(Exception fault)
    {
        Interlocked.Increment(ref _hookFailures);
        LastError = fault.Message;
    }

    internal void OnEnded(ForwardedConnection connection)
    {
        lock (_counting)
        {
            // Either among the living or among the ended, never in both sums or in none.
            _endedToPeer += connection.BytesToPeer;
            _endedToClient += connection.BytesToClient;
            _connections.TryRemove(connection.Id, out _);
        }

        _places.Release();

        if (connection.Failure is { } failure && IsRunning)
        {
            OnFailed(failure);
        }
    }

    private void AcceptAll()
    {
        try
        {
            while (true)
            {
                _places.Wait(_stop.Token);
                TcpSession? client = null;
                while (client is null)
                {
                    client = _kernelListener is not null
                        ? _kernelListener.Accept(s_accept, _stop.Token)
                        : _stackListener!.Accept(s_accept, _stop.Token);
                }

                Interlocked.Increment(ref _accepted);
                Forward(client);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (StackException e)
        {
            // The stack has gone, and with it the port.
            if (IsRunning)
            {
                LastError = e.Message;
                ThreadPool.UnsafeQueueUserWorkItem(static forwarder => forwarder.Stop(), this, preferLocal: false);
            }
        }
    }

    private void Forward(TcpSession client)
    {
        try
        {
            client.NoDelay = true;
            ForwardedConnection connection = new(this, client, Options.Peer.Connect());
            _connections[connection.Id] = connection;
            connection.Start();
        }
        catch (StackException e)
        {
            client.Abort();
            _places.Release();
            OnFailed(e);
        }
    }

    private void OnFailed(StackException failure)
    {
        Interlocked.Increment(ref _failed);
        LastError = failure.Message;
    }

    private void LookAfter()
    {
        if (Options.Peer.Stack is { State: not StackState.Running } stack && IsRunning)
        {
            LastError = $"The stack '{stack.Name}' has been stopped.";
            Stop();
            return;
        }

        foreach (ForwardedConnection connection in _connections.Values)
        {
            connection.CheckConnected(Options.ConnectTimeout);
        }
    }
}
