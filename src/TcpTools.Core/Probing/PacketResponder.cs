using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>
/// Answers what comes in by a channel, until it is stopped: in real time on a thread of its own, in simulated time as the
/// network moves. Whatever goes wrong with a packet is counted, and the next one comes.
/// </summary>
public sealed class PacketResponder : IDisposable
{
    private static long s_lastId;

    private readonly IPacketChannel _channel;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread? _thread;
    private readonly IDisposable? _attachment;
    private readonly List<Packet> _replies = [];
    private long _seen;
    private long _matched;
    private long _replied;
    private long _errors;
    private long _dropped;
    private int _stopped;
    private int _closed;

    private PacketResponder(IPacketChannel channel, IPacketResponder responder, PacketFilter? filter, int capacity, string? name)
    {
        _channel = channel;
        Responder = responder;
        Id = Interlocked.Increment(ref s_lastId);
        Name = name ?? FormattableString.Invariant($"responder{Id}");
        channel.Listen(filter, capacity);
        _attachment = PacketChannel.TryAttach(channel, OnFrame);
        if (_attachment is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = $"TcpTools {Name}" };
            _thread.Start();
        }
    }

    /// <summary>The responder's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Who answers.</summary>
    public IPacketResponder Responder { get; }

    /// <summary>What it answers to, in a word or two.</summary>
    public string Kind => Responder.Name;

    /// <summary>The stack, link or interface where it listens.</summary>
    public string Channel => _channel.Name;

    /// <summary>Whether it works: until it is stopped, or its stack, link or interface goes.</summary>
    public bool IsRunning => Volatile.Read(ref _stopped) == 0;

    /// <summary>Packets that came.</summary>
    public long Seen => Interlocked.Read(ref _seen);

    /// <summary>Packets that were for it.</summary>
    public long Matched => Interlocked.Read(ref _matched);

    /// <summary>Packets sent in answer.</summary>
    public long Replied => Interlocked.Read(ref _replied);

    /// <summary>Packets that could not be answered because something failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Packets that came while too many were waiting, and were lost.</summary>
    public long Dropped => IsRunning ? _channel.Dropped : Interlocked.Read(ref _dropped);

    /// <summary>The last thing that failed; null when nothing has.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>Begins to answer.</summary>
    /// <param name="channel">Where; from now on the responder's, which closes it.</param>
    /// <param name="responder">Who; when it is disposable, disposed at the end.</param>
    /// <param name="filter">What does not pass it is not looked at; null for no filter.</param>
    /// <param name="capacity">How many packets may wait; more are dropped and counted.</param>
    /// <param name="name">Its name; null for one made up.</param>
    /// <exception cref="StackException">Nothing can be received there.</exception>
    public static PacketResponder Start(
        IPacketChannel channel, IPacketResponder responder, PacketFilter? filter = null, int capacity = 4096, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(responder);
        return new PacketResponder(channel, responder, filter, capacity, name);
    }

    /// <summary>Ends answering. Never waits long, even for a responder that does not come back.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        const int Patience = 1000; // ms
        _stop.Cancel();
        _attachment?.Dispose();
        (Responder as IDisposable)?.Dispose();
        if (_thread is null || _thread == Thread.CurrentThread || _thread.Join(Patience))
        {
            Close();
        }
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();

    /// <summary>Name, kind and place.</summary>
    public override string ToString() => $"{Name} ({Kind} on {Channel})";

    private void Run()
    {
        try
        {
            // Waiting without end comes to nothing only where nothing can come any more.
            while (_channel.Receive(Instant.Never, _stop.Token) is { } frame)
            {
                OnFrame(frame);
            }

            End();
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            // The place is gone, or something unforeseen: on a thread of its own, nothing may escape.
            LastError = e;
            End();
        }

        Close();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            (Responder as IDisposable)?.Dispose();
        }
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            Interlocked.Exchange(ref _dropped, _channel.Dropped);
            _channel.Dispose();
        }
    }

    private void OnFrame(RawFrame frame)
    {
        // On an interface one's own packets are seen as well.
        if (frame.Direction == FrameDirection.Outgoing || _stop.IsCancellationRequested)
        {
            return;
        }

        Interlocked.Increment(ref _seen);
        try
        {
            _replies.Clear();
            if (Responder.TryRespond(frame.ToPacket(), _replies))
            {
                Interlocked.Increment(ref _matched);
            }

            foreach (Packet reply in _replies)
            {
                _channel.Send(reply);
                Interlocked.Increment(ref _replied);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped in the middle.
        }
        catch (Exception e)
        {
            LastError = e;
            Interlocked.Increment(ref _errors);
        }
    }
}
