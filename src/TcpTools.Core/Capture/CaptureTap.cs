using System;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// A link whose frames, both ways, also go to a capture. Frames pass unchanged. The capture gets them with checksums
/// completed, so that no reader takes an open one for a bad one; a segment that stands for several packets is captured
/// as the one that the link carries, as tools beside the kernel see it too.
/// </summary>
public sealed class CaptureTap : ILink
{
    private readonly ILink _inner;
    private readonly ICaptureSink _sink;
    private readonly TimeProvider? _wallClock;
    private readonly CaptureInterface _interface;
    private readonly byte[] _scratch = new byte[PacketBufferPool.LargeFrame];
    private long _startNanoseconds;
    private bool _hasStart;
    private PacketBuffer? _firstLeft;
    private int _leftCount;

    /// <summary>Puts a tap on a link, which then belongs to the tap. The sink stays the caller's.</summary>
    /// <param name="inner">The link.</param>
    /// <param name="sink">Where captured frames go.</param>
    /// <param name="wallClock">
    /// Tells, at the first frame, which time of day the stack's time stands for. Without it the capture starts where the
    /// stack's clock does, in 1970: right for simulated time.
    /// </param>
    /// <param name="description">What the capture says of the link; by default its name and medium.</param>
    public CaptureTap(
        ILink inner, ICaptureSink sink, TimeProvider? wallClock = null, CaptureInterface? description = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(sink);
        _inner = inner;
        _sink = sink;
        _wallClock = wallClock;
        _interface = description ?? CaptureInterface.For(inner);
    }

    /// <summary>The link below.</summary>
    public ILink Inner => _inner;

    /// <summary>Where captured frames go.</summary>
    public ICaptureSink Sink => _sink;

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public LinkCapabilities Capabilities => _inner.Capabilities;

    /// <inheritdoc/>
    public LinkCounters Counters => _inner.Counters;

    /// <inheritdoc/>
    public int PollDescriptor => _inner.PollDescriptor;

    /// <inheritdoc/>
    public Instant NextDeadline => _inner.NextDeadline;

    /// <inheritdoc/>
    public Action? Readable
    {
        get => _inner.Readable;
        set => _inner.Readable = value;
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        // Frames are the link's once it takes them, so they are captured before; those that it left the last time and
        // that come again now are in the capture already.
        int known = frames.Length > 0 && ReferenceEquals(frames[0], _firstLeft) ? _leftCount : 0;
        for (int i = known; i < frames.Length; i++)
        {
            Capture(frames[i], now, FrameDirection.Outgoing);
        }

        int taken = _inner.Send(frames, now);
        _firstLeft = taken < frames.Length ? frames[taken] : null;
        _leftCount = frames.Length - taken;
        return taken;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        int count = _inner.Receive(frames, now);
        for (int i = 0; i < count; i++)
        {
            Capture(frames[i], now, FrameDirection.Incoming);
        }

        return count;
    }

    /// <summary>Closes the link below. The sink stays open.</summary>
    public void Dispose() => _inner.Dispose();

    private void Capture(PacketBuffer frame, Instant now, FrameDirection direction)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        if (frame.Offload.NeedsChecksum && bytes.Length <= _scratch.Length)
        {
            Span<byte> copy = _scratch.AsSpan(0, bytes.Length);
            bytes.CopyTo(copy);
            GsoSegmenter.TryCompleteChecksum(copy, in frame.Offload);
            bytes = copy;
        }

        _sink.Add(new CapturedFrame
        {
            Timestamp = ToTime(now),
            Bytes = bytes,
            WireLength = bytes.Length,
            Interface = _interface,
            Direction = direction,
        });
    }

    private CaptureTime ToTime(Instant now)
    {
        long nanoseconds = now.Ticks * TimeSpan.NanosecondsPerTick;
        if (!_hasStart)
        {
            _hasStart = true;
            _startNanoseconds = _wallClock is null
                ? 0
                : CaptureTime.From(_wallClock.GetUtcNow()).Nanoseconds - nanoseconds;
        }

        return new CaptureTime(_startNanoseconds + nanoseconds);
    }
}
