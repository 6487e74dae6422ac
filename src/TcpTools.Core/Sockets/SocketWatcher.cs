using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Linux;

namespace TcpTools.Sockets;

/// <summary>What a <see cref="SocketWatcher"/> tells, on its own thread: whoever is told must not wait.</summary>
internal interface IWatchedSocket
{
    /// <summary>Something has happened to the socket.</summary>
    void OnReady(uint events);

    /// <summary>A time that was asked for has come.</summary>
    void OnDue();
}

/// <summary>
/// One thread for all sockets of the process, which sleeps until something happens to one of them. It is there only while
/// there are sockets, and for a little longer.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "Its thread disposes the descriptor when it ends.")]
internal sealed class SocketWatcher
{
    private const int IdleMilliseconds = 3000;

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, IWatchedSocket> _sockets = [];
    private readonly PriorityQueue<ulong, long> _due = new();
    private EventPoll? _poll;
    private ulong _lastKey;

    private SocketWatcher()
    {
    }

    /// <summary>The one of the process.</summary>
    public static SocketWatcher Shared { get; } = new();

    /// <summary>Sockets watched now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sockets.Count;
            }
        }
    }

    /// <summary>Watches a socket. What holds already is told, too.</summary>
    /// <returns>The key to remove it with.</returns>
    public ulong Add(TcpSocket socket, IWatchedSocket owner)
    {
        lock (_lock)
        {
            if (_poll is null)
            {
                _poll = new EventPoll();
                new Thread(Run) { IsBackground = true, Name = "TcpTools sockets" }.Start(_poll);
            }

            ulong key = ++_lastKey;
            _sockets.Add(key, owner);
            if (_poll.Add(socket.Descriptor, key) is not 0 and int error)
            {
                _sockets.Remove(key);
                throw SystemError.ToException(error, "Watching a socket");
            }

            return key;
        }
    }

    /// <summary>Stops watching; before the socket is closed.</summary>
    public void Remove(ulong key, TcpSocket socket)
    {
        lock (_lock)
        {
            if (_sockets.Remove(key))
            {
                _poll?.Remove(socket.Descriptor);
            }
        }
    }

    /// <summary>Tells a socket's owner when a time has come, unless it was removed before.</summary>
    public void WakeAt(ulong key, Instant time)
    {
        lock (_lock)
        {
            bool isFirst = !_due.TryPeek(out _, out long first) || time.Ticks < first;
            _due.Enqueue(key, time.Ticks);
            if (isFirst)
            {
                _poll?.Wake();
            }
        }
    }

    private void Run(object? state)
    {
        EventPoll poll = (EventPoll)state!;
        Poller.UsePreciseTimers();
        bool wasIdle = false;
        while (true)
        {
            int wait;
            lock (_lock)
            {
                if (_sockets.Count == 0 && wasIdle)
                {
                    _poll = null;
                    _due.Clear();
                    poll.Dispose();
                    return;
                }

                wasIdle = _sockets.Count == 0;
                wait = wasIdle ? IdleMilliseconds : MillisecondsToNext();
            }

            int count = poll.Wait(wait);
            for (int i = 0; i < count; i++)
            {
                (uint events, ulong key) = poll.Get(i);
                Find(key)?.OnReady(events);
            }

            while (TakeDue(out IWatchedSocket? due))
            {
                due?.OnDue();
            }
        }
    }

    private int MillisecondsToNext()
    {
        if (!_due.TryPeek(out _, out long ticks))
        {
            return -1;
        }

        double left = (new Instant(ticks) - KernelClock.Now).TotalMilliseconds;
        return (int)Math.Clamp(Math.Ceiling(left), 0, 60_000);
    }

    private IWatchedSocket? Find(ulong key)
    {
        lock (_lock)
        {
            return _sockets.GetValueOrDefault(key);
        }
    }

    private bool TakeDue(out IWatchedSocket? due)
    {
        due = null;
        lock (_lock)
        {
            if (!_due.TryPeek(out ulong key, out long ticks) || ticks > KernelClock.Now.Ticks)
            {
                return false;
            }

            _due.Dequeue();
            due = _sockets.GetValueOrDefault(key);
            return true;
        }
    }
}
