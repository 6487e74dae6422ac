using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>
/// Captures what channels receive, in threads of its own, until it is stopped, has enough, or its channels end. What was
/// captured is handed to the operating system whenever nothing more comes for a moment, and at least every second.
/// </summary>
public sealed class BackgroundCapture : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestUnwritten = TimeSpan.FromSeconds(1);

    private static long s_lastId;

    private readonly Lock _lock = new();
    private readonly IPacketChannel[] _channels;
    private readonly Thread[] _threads;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _snapLength;
    private readonly long _limit;
    private long _taken;
    private long _captured;
    private long _bytes;
    private long _droppedAtEnd;
    private int _working;
    private bool _isClosed;

    private BackgroundCapture(IReadOnlyList<IPacketChannel> channels, ICaptureSink sink, int snapLength, long limit)
    {
        Id = Interlocked.Increment(ref s_lastId);
        Sink = sink;
        _snapLength = snapLength;
        _limit = limit;
        _channels = [.. channels];
        _working = _channels.Length;
        Start = TimeProvider.System.GetUtcNow();
        _threads = [.. _channels.Select(channel => new Thread(() => Run(channel)) { IsBackground = true, Name = $"TcpTools captures on {channel.Name}" })];
    }

    /// <summary>The capture's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>Where it listens.</summary>
    public string Link => string.Join(", ", _channels.Select(c => c.Name));

    /// <summary>Where frames go.</summary>
    public ICaptureSink Sink { get; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>Whether it still captures.</summary>
    public bool IsRunning => Volatile.Read(ref _working) > 0;

    /// <summary>Frames captured.</summary>
    public long Captured => Interlocked.Read(ref _captured);

    /// <summary>Bytes of the frames captured, as they are kept.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Frames that were lost for want of room: in the kernel, in the queue, in the sink.</summary>
    public long Dropped
    {
        get
        {
            lock (_lock)
            {
                return (_isClosed ? _droppedAtEnd : _channels.Sum(c => c.Dropped)) + Sink.Dropped;
            }
        }
    }

    /// <summary>The files, oldest first; none when it captures into memory.</summary>
    public IReadOnlyList<string> Files => (Sink as RingFileSink)?.Files ?? [];

    /// <summary>What ended it before its time; null when nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Begins.</summary>
    /// <param name="channels">Where to listen; they listen already, and belong to the capture from now on.</param>
    /// <param name="sink">Where frames go; closed with the capture.</param>
    /// <param name="snapLength">Bytes kept of each frame at most.</param>
    /// <param name="limit">Frames after which it ends by itself; 0 for none.</param>
    public static BackgroundCapture Begin(
        IReadOnlyList<IPacketChannel> channels, ICaptureSink sink, int snapLength = int.MaxValue, long limit = 0)
    {
        ArgumentNullException.ThrowIfNull(channels);
        ArgumentNullException.ThrowIfNull(sink);
        BackgroundCapture capture = new(channels, sink, snapLength, limit == 0 ? long.MaxValue : limit);
        Array.ForEach(capture._threads, thread => thread.Start());
        return capture;
    }

    /// <summary>Ends the capture: what has arrived by now is in it, and its files are complete.</summary>
    public void Stop()
    {
        _stop.Cancel();
        Array.ForEach(_threads, thread => thread.Join());
        Close();
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    /// <summary>Number, place and counts in a line.</summary>
    public override string ToString() => FormattableString.Invariant($"capture {Id} on {Link}: {Captured} frames, {Dropped} lost");

    private static CaptureInterface Describe(IPacketChannel channel, string name) => new()
    {
        Name = name,
        LinkType = channel.Start == PacketStart.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.Raw,
        HardwareAddress = (channel as InterfaceChannel)?.Interface.HardwareAddress,
        Addresses = (channel as InterfaceChannel)?.Interface.Addresses.Select(a => a.Address).ToArray() ?? [],
    };

    private void Run(IPacketChannel channel)
    {
        Dictionary<string, CaptureInterface> places = [];
        try
        {
            Instant flushed = channel.Now;
            Instant end = Instant.Never;
            while (true)
            {
                // After the stop, what waits already is still taken, and nothing that comes later.
                bool isStopping = _stop.IsCancellationRequested;
                end = isStopping && end.IsNever ? channel.Now : end;
                RawFrame? frame = Receive(channel, isStopping);
                if (isStopping && (frame is null || frame.Time > end))
                {
                    break;
                }

                if (frame is not null && !Add(channel, frame, places))
                {
                    break;
                }

                if (frame is null || channel.Now - flushed > s_longestUnwritten)
                {
                    (Sink as RingFileSink)?.Flush();
                    flushed = channel.Now;
                }
            }
        }
#pragma warning disable CA1031 // Whatever ends the thread is told by Failure; escaping, it would end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Failure ??= exception;
        }

        if (Interlocked.Decrement(ref _working) == 0)
        {
            Close();
        }
    }

    private RawFrame? Receive(IPacketChannel channel, bool isStopping)
    {
        try
        {
            return isStopping
                ? channel.Receive(channel.Now, CancellationToken.None)
                : channel.Receive(channel.Now + s_pause, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Hands a frame to the sink; false when it was the last one wanted.</summary>
    private bool Add(IPacketChannel channel, RawFrame frame, Dictionary<string, CaptureInterface> places)
    {
        long number = Interlocked.Increment(ref _taken);
        if (number > _limit)
        {
            return false;
        }

        if (!places.TryGetValue(frame.Interface, out CaptureInterface? place))
        {
            place = Describe(channel, frame.Interface);
            places.Add(frame.Interface, place);
        }

        ReadOnlySpan<byte> bytes = frame.Bytes.Span;
        bytes = bytes[..Math.Min(bytes.Length, _snapLength)];
        Sink.Add(new CapturedFrame
        {
            Timestamp = frame.Timestamp,
            Bytes = bytes,
            WireLength = frame.WireLength,
            Interface = place,
            Direction = frame.Direction,
        });
        Interlocked.Increment(ref _captured);
        Interlocked.Add(ref _bytes, bytes.Length);
        if (number < _limit && (Sink as RingFileSink)?.Failure is null)
        {
            return true;
        }

        Failure ??= (Sink as RingFileSink)?.Failure;
        _stop.Cancel();
        return false;
    }

    private void Close()
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _droppedAtEnd = _channels.Sum(c => c.Dropped);
            _isClosed = true;
            Array.ForEach(_channels, channel => channel.Dispose());
            if (Sink is RingFileSink)
            {
                Sink.Dispose();
            }
        }
    }
}
