using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.Servers;

/// <content>What is done for one client: its events in order, one at a time.</content>
public sealed partial class TcpServer
{
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(5);

    private readonly Queue<ServedClient> _lingering = new();
    private IDisposable? _timer;

    /// <summary>Does the next thing for a client, on the server's thread.</summary>
    private void Serve(ServedClient client)
    {
        while (!client.IsBusy)
        {
            ServerEvent? next;
            try
            {
                next = FindNext(client);
            }
            catch (StackException error)
            {
                // A session that was closed here, by its handler or anybody, has not failed.
                client.Failure = error.Error == StackError.SessionClosed ? null : error;
                next = client.WasClosed ? null : ServerEvent.Closed;
                if (next is null)
                {
                    Remove(client);
                }
            }

            if (next is not { } happened)
            {
                return;
            }

            client.WasOpened = true;
            client.WasClosed |= happened == ServerEvent.Closed;
            Tell(client, happened);
            if (happened == ServerEvent.Data && !client.IsBusy)
            {
                // The others first: who sends without end must not keep them waiting.
                OnSignalled(client);
                return;
            }
        }
    }

    private bool IsServed(ServedClient client)
    {
        lock (_gate)
        {
            return _clients.Contains(client);
        }
    }

    /// <summary>The next event of a client; null when there is none at present.</summary>
    private ServerEvent? FindNext(ServedClient client)
    {
        if (!IsServed(client))
        {
            return null;
        }

        if (!client.WasOpened)
        {
            return ServerEvent.Opened;
        }

        if (client.LingersUntil is { } limit)
        {
            Discard(client, limit);
            return null;
        }

        bool isFlushed = client.Flush();
        if (client.WasClosed || client.IsClosing)
        {
            if (!isFlushed)
            {
                return null;
            }

            if (!client.WasClosed)
            {
                return ServerEvent.Closed;
            }

            Linger(client);
            return null;
        }

        // Who does not take the answers is not asked for more.
        int count = isFlushed ? client.Session.Read(_buffer) : 0;
        if (count > 0)
        {
            client.SetData(_buffer.AsSpan(0, count).ToArray());
            return ServerEvent.Data;
        }

        return isFlushed && client.Session.IsPeerFinished && client.Session.Available == 0 ? ServerEvent.Closed : null;
    }

    private void Tell(ServedClient client, ServerEvent happened)
    {
        if (happened != ServerEvent.Data)
        {
            client.SetData([]);
        }

        if (client.Handler is IDeferredTcpHandler deferred)
        {
            TellDeferred(deferred, client, happened);
            return;
        }

        try
        {
            ITcpHandler handler = (ITcpHandler)client.Handler;
            switch (happened)
            {
                case ServerEvent.Opened:
                    handler.OnOpened(client);
                    break;
                case ServerEvent.Data:
                    handler.OnData(client, client.Data);
                    break;
                default:
                    handler.OnClosed(client, client.Failure);
                    break;
            }
        }
#pragma warning disable CA1031 // What a handler throws is its own fault: the server goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Note(client, happened, error);
        }
    }

    private void TellDeferred(IDeferredTcpHandler handler, ServedClient client, ServerEvent happened)
    {
        if (!handler.Wants(happened))
        {
            return;
        }

        client.IsBusy = true;
        int calls = 0;
        try
        {
            handler.Begin(client, happened, Done);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Done(new HandlerOutcome([], [(error, null)]));
        }

        void Done(HandlerOutcome outcome)
        {
            if (Interlocked.Exchange(ref calls, 1) != 0)
            {
                return;
            }

            foreach (object? written in outcome.Output)
            {
                _output.Add(written);
            }

            // What was ended by force because the server was stopped has not failed.
            foreach ((Exception error, object? details) in IsRunning ? outcome.Failures : [])
            {
                Note(client, happened, error, details);
            }

            lock (_gate)
            {
                client.IsBusy = false;
            }

            if (handler.TakesSession && Options.KeepOpen)
            {
                Remove(client);
            }
            else if (handler.TakesSession)
            {
                client.WasClosed = true;
                Linger(client);
            }
            else
            {
                OnSignalled(client);
            }
        }
    }

    /// <summary>
    /// Says that no more will be sent, and takes what still comes for a while and forgets it: closing at once would reset the
    /// connection, and the peer could lose the end of what it was sent (RFC 2525, 2.17).
    /// </summary>
    private void Linger(ServedClient client)
    {
        if (client.Session.IsClosed || client.Session.IsPeerFinished || client.Session.State == TcpState.Closed)
        {
            Remove(client);
            return;
        }

        client.Session.Shutdown();
        lock (_gate)
        {
            client.LingersUntil = Listener.Stack.Now + s_linger;
            _lingering.Enqueue(client);
        }

        if (client.Handler is IDeferredTcpHandler { TakesSession: true })
        {
            client.Session.AddWaiter(client.Signal);
        }

        OnSignalled(client);
    }

    private void Discard(ServedClient client, Instant limit)
    {
        while (client.Session.Read(_buffer) > 0)
        {
            // Nobody wants it.
        }

        if (client.Session.IsPeerFinished || Listener.Stack.Now >= limit)
        {
            Remove(client);
        }
    }

    /// <summary>When the first client has lingered long enough.</summary>
    private Instant LingerEnd()
    {
        lock (_gate)
        {
            while (_lingering.TryPeek(out ServedClient? first) && !_clients.Contains(first))
            {
                _lingering.Dequeue();
            }

            return _lingering.TryPeek(out ServedClient? next) ? next.LingersUntil!.Value : Instant.Never;
        }
    }

    /// <summary>Looks after the first client that has lingered long enough, if one has.</summary>
    private bool EndLinger()
    {
        if (LingerEnd() is { IsNever: false } end && end <= Listener.Stack.Now)
        {
            ServedClient client;
            lock (_gate)
            {
                client = _lingering.Dequeue();
            }

            OnSignalled(client);
            return true;
        }

        return false;
    }

    /// <summary>Is done with a client.</summary>
    private void Remove(ServedClient client)
    {
        bool accepts;
        lock (_gate)
        {
            if (!_clients.Remove(client))
            {
                return;
            }

            accepts = _clients.Count == Options.MaximumClients - 1;
        }

        client.Session.RemoveWaiter(client.Signal);
        if (!Options.KeepOpen || client.Handler is not IDeferredTcpHandler { TakesSession: true })
        {
            client.Session.Close();
        }

        client.Forget();
        Interlocked.Increment(ref client.HasFailed || client.Failure is not null ? ref _failed : ref _served);
        if (accepts)
        {
            OnConnection();
        }
    }
}
