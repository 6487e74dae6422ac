using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.Servers;

/// <summary>
/// Serves all clients of a listener by handlers that are told what happens, on one thread however many clients there are. A
/// handler that blocks holds up the other clients of its server, but not the stack. In simulated time the clock waits for
/// handlers. The server ends with its listener, and the listener with its stack.
/// </summary>
public sealed partial class TcpServer : IListenerServer
{
    private const int ReadSize = 65536;

    private readonly object _gate = new(); // taken after a stack's lock, never before
    private readonly Queue<ServedClient> _ready = new();
    private readonly HashSet<ServedClient> _clients = [];
    private readonly Func<object> _handlers;
    private readonly BoundedList<ServerError> _errors;
    private readonly BoundedList<object?> _output;
    private readonly AcceptSignal _accepting;
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[ReadSize];
    private WorkToken? _work;
    private bool _accepts = true;
    private bool _stopping;
    private bool _disposed;
    private long _served;
    private long _failed;

    private TcpServer(TcpListener listener, TcpServerOptions options, Func<object> handlers)
    {
        Listener = listener;
        Options = options;
        _handlers = handlers;
        _errors = new BoundedList<ServerError>(options.MaximumErrors);
        _output = new BoundedList<object?>(options.MaximumOutput);
        _accepting = new AcceptSignal(this);
        _thread = new Thread(Run) { IsBackground = true, Name = $"TcpTools server {listener.Port}" };
    }

    /// <summary>The listener.</summary>
    public TcpListener Listener { get; }

    /// <summary>How it serves.</summary>
    public TcpServerOptions Options { get; }

    /// <summary>The clients that are served at this moment, oldest first.</summary>
    public IReadOnlyList<ServedClient> Clients
    {
        get
        {
            lock (_gate)
            {
                return _clients.OrderBy(client => client.Session.Id).ToArray();
            }
        }
    }

    /// <summary>Whether clients are served.</summary>
    public bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return !_stopping;
            }
        }
    }

    /// <inheritdoc/>
    public int Active
    {
        get
        {
            lock (_gate)
            {
                return _clients.Count;
            }
        }
    }

    /// <inheritdoc/>
    public long Served => Interlocked.Read(ref _served);

    /// <inheritdoc/>
    public long Failed => Interlocked.Read(ref _failed);

    /// <inheritdoc/>
    public IReadOnlyList<ServerError> Errors => _errors.Snapshot();

    /// <inheritdoc/>
    public IReadOnlyList<object?> Output => _output.Snapshot();

    /// <summary>Begins to serve the clients of a listener, those that wait already too.</summary>
    /// <exception cref="StackException">
    /// The options contradict each other, the handler is none, or the listener is stopped or served already.
    /// </exception>
    public static TcpServer Start(TcpListener listener, TcpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(listener);
        ArgumentNullException.ThrowIfNull(options);
        TcpServer server = new(listener, options, options.HandlerSource());
        listener.Serve(server, server._accepting, server.OnListenerStopped);
        server._timer = listener.Stack.Clock?.Network.Attach(server.EndLinger, server.LingerEnd);
        server._thread.Start();
        server.OnConnection();
        return server;
    }

    /// <summary>Starts to listen and to serve.</summary>
    /// <inheritdoc cref="Start(TcpListener, TcpServerOptions)"/>
    public static TcpServer Start(TcpStack stack, ListenOptions listen, TcpServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(stack);
        TcpListener listener = stack.Listen(listen);
        try
        {
            return Start(listener, options);
        }
        catch
        {
            listener.Stop();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Stop(bool abort = false)
    {
        ServedClient[] clients = Halt();
        Listener.Stop();
        foreach (ServedClient client in clients)
        {
            End(client, abort);
        }

        Finish();
    }

    /// <summary>Port and clients, in a line.</summary>
    public override string ToString() => $"server of {Listener}, {Active} clients";

    /// <summary>Something has happened to a client's session. Called under the stack's lock, as a rule.</summary>
    internal void OnSignalled(ServedClient client)
    {
        lock (_gate)
        {
            if (_stopping || client.IsQueued || !_clients.Contains(client))
            {
                return;
            }

            client.IsQueued = true;
            _ready.Enqueue(client);
            Awake();
        }
    }

    /// <summary>A client does not take what it is sent.</summary>
    internal void DropSlow(ServedClient client)
    {
        client.HasFailed = true;
        Note(client, ServerEvent.Data, new StackException(
            StackError.ResourceExhausted,
            $"The client did not take what it was sent, and more than {Options.MaximumPending} bytes waited.",
            "Send less, or start the server with a higher limit."));
        client.Session.Abort();
        OnSignalled(client);
    }

    private void OnConnection()
    {
        lock (_gate)
        {
            if (!_stopping)
            {
                _accepts = true;
                Awake();
            }
        }
    }

    /// <summary>The listener, or its stack, was stopped by somebody else. Called under the stack's lock.</summary>
    private void OnListenerStopped()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Makes the thread look, and holds simulated time until it has; in the gate.</summary>
    private void Awake()
    {
        _work ??= Listener.Stack.Clock?.Network.BeginWork();
        Monitor.Pulse(_gate);
    }

    private void Run()
    {
        try
        {
            while (Take(out ServedClient? client, out bool accepts))
            {
                if (accepts)
                {
                    AcceptAll();
                }

                if (client is not null)
                {
                    Serve(client);
                }
            }
        }
        finally
        {
            foreach (ServedClient client in Halt())
            {
                End(client, abort: false);
            }

            Finish();
        }
    }

    /// <summary>Waits for something to do; false at the end.</summary>
    private bool Take(out ServedClient? client, out bool accepts)
    {
        lock (_gate)
        {
            while (!_stopping && !_accepts && _ready.Count == 0)
            {
                _work?.Dispose();
                _work = null;
                Rest();
            }

            _work?.Adopt();
            accepts = _accepts;
            _accepts = false;
            if (_ready.TryDequeue(out client))
            {
                client.IsQueued = false;
            }

            return !_stopping;
        }
    }

    /// <summary>Waits in the gate for a signal, or until somebody has lingered long enough.</summary>
    private void Rest()
    {
        Instant end = _timer is null ? LingerEnd() : Instant.Never;
        double left = end.IsNever ? Timeout.Infinite : Math.Ceiling((end - Listener.Stack.Now).TotalMilliseconds);
        if (end.IsNever || left > 0)
        {
            _ = Monitor.Wait(_gate, (int)left);
        }
        else
        {
            _ = EndLinger();
        }
    }

    private void AcceptAll()
    {
        while (Active < Options.MaximumClients && Listener.TryAccept(out TcpSession? session))
        {
            object handler;
            try
            {
                handler = TcpServerOptions.Check(_handlers());
            }
#pragma warning disable CA1031 // Whatever a factory throws is the fault of one client's handler.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref _failed);
                _errors.Add(new ServerError(Listener.Stack.Now, session, "Factory", error));
                session.Abort();
                continue;
            }

            ServedClient client = new(this, session, handler);
            lock (_gate)
            {
                if (_stopping)
                {
                    session.Close();
                    return;
                }

                _clients.Add(client);
            }

            if (handler is not IDeferredTcpHandler { TakesSession: true })
            {
                session.AddWaiter(client.Signal);
            }

            OnSignalled(client);
        }
    }

    /// <summary>Stops taking up anything, and gives the clients that there were, once.</summary>
    private ServedClient[] Halt()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
            ServedClient[] clients = [.. _clients];
            _clients.Clear();
            _ready.Clear();
            return clients;
        }
    }

    /// <summary>Ends the use of a client.</summary>
    private void End(ServedClient client, bool abort)
    {
        client.Session.RemoveWaiter(client.Signal);
        if (abort)
        {
            client.Session.Abort();
        }
        else
        {
            client.Session.Close();
        }

        client.Forget();
        Interlocked.Increment(ref client.HasFailed || client.Failure is not null ? ref _failed : ref _served);
    }

    private void Finish()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _work?.Dispose();
            _work = null;
        }

        _timer?.Dispose();
        Options.Owned?.Dispose();
    }

    private void Note(ServedClient client, ServerEvent happened, Exception error, object? details = null)
    {
        client.HasFailed = true;
        // Who takes the session knows no events.
        string name = client.Handler is IDeferredTcpHandler { TakesSession: true } ? "Action" : happened.ToString();
        _errors.Add(new ServerError(Listener.Stack.Now, client.Session, name, error) { Details = details });
    }

    /// <summary>Tells the server that a connection waits.</summary>
    private sealed class AcceptSignal(TcpServer server) : Waiter
    {
        /// <inheritdoc/>
        public override void Signal() => server.OnConnection();
    }
}
