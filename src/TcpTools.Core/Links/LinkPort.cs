using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Linux;

namespace TcpTools.Links;

/// <summary>
/// A link in the hands of somebody who sends and receives single frames, without a stack: what raw packets need. The link
/// stays the caller's. One thread may send while another receives.
/// </summary>
[SuppressMessage("Usage", "CA2213", Justification = "See Dispose: others may still release the semaphore.")]
public sealed class LinkPort : IDisposable
{
    /// <summary>A wait is cut into pieces of this length where nothing else would end it when it is cancelled.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(50);

    private const int EthernetHeaderWithTags = 14 + 8;

    private readonly Lock _lock = new(); // a link is for one thread at a time
    private readonly ILink _link;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Action? _previous;
    private readonly Queue<byte[]> _received = new();
    private Poller? _poller;
    private int _watched;
    // One at a time: what is taken from the link must not be lost with the port.
    private readonly PacketBuffer[] _batch = new PacketBuffer[1];

    /// <summary>Takes a link to send to and to receive from.</summary>
    /// <param name="link">The link, which no stack may be using.</param>
    /// <param name="time">The clock that tells the link what time it is.</param>
    public LinkPort(ILink link, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
        _time = time ?? TimeProvider.System;
        _previous = link.Readable;
        link.Readable = () =>
        {
            if (_arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }
        };
    }

    /// <summary>The link.</summary>
    public ILink Link => _link;

    /// <summary>The time as the link is told it; that of every port of the same clock, so that a link may change hands.</summary>
    public Instant Now => new(_time.GetElapsedTime(0).Ticks);

    /// <summary>Sends one frame. That it arrives nobody promises: a queue may be full, a network bad.</summary>
    /// <exception cref="StackException">The frame is empty or too long, or the link had no room for it.</exception>
    public void Send(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty || frame.Length > PacketBufferPool.LargeFrame)
        {
            throw new StackException(
                StackError.InvalidArgument, $"A frame has 1 to {PacketBufferPool.LargeFrame} bytes; this one has {frame.Length}.");
        }

        int linkHeader = _link.Capabilities.Medium == LinkMedium.Ethernet ? EthernetHeaderWithTags : 0;
        if (frame.Length > _link.Capabilities.Mtu + linkHeader)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"A frame of {frame.Length} bytes does not fit the link {_link.Name}, whose MTU is {_link.Capabilities.Mtu} bytes.");
        }

        PacketBuffer buffer = PacketBufferPool.Shared.Rent(frame.Length);
        frame.CopyTo(buffer.Append(frame.Length));
        PacketBuffer[] one = [buffer];
        int taken;
        lock (_lock)
        {
            taken = _link.Send(one, Now);
        }

        if (taken == 0)
        {
            buffer.Release();
            throw new StackException(StackError.ResourceExhausted, $"The link {_link.Name} takes no more frames at present.");
        }
    }

    /// <summary>Takes a frame that has arrived, complete as on a wire; null when there is none.</summary>
    public byte[]? TryReceive()
    {
        lock (_lock)
        {
            if (_received.Count == 0)
            {
                int count = _link.Receive(_batch, Now);
                for (int i = 0; i < count; i++)
                {
                    Split(_batch[i]);
                    _batch[i].Release();
                    _batch[i] = null!;
                }
            }

            return _received.TryDequeue(out byte[]? frame) ? frame : null;
        }
    }

    /// <summary>Waits for a frame.</summary>
    /// <returns>The frame, complete as on a wire; null when none came in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public byte[]? Receive(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Instant end = timeout < TimeSpan.Zero ? Instant.Never : Now + timeout;
        Poller? poller = Watch();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryReceive() is { } frame)
            {
                return frame;
            }

            Instant now = Now;
            if (now >= end)
            {
                return null;
            }

            TimeSpan wait = Instant.Earlier(Instant.Earlier(end, LinkDeadline()), now + s_longestWait) - now;
            if (poller is null)
            {
                wait = wait < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : wait;
                _arrived.Wait(wait, cancellationToken);
            }
            else
            {
                poller.Wait(wait);
            }
        }
    }

    /// <summary>Gives the link back.</summary>
    public void Dispose()
    {
        // The semaphore is left alone: whoever sends over the link may be about to tell that a frame has come, and what
        // that throws would end the sender's stack. Without a wait handle it holds nothing.
        _link.Readable = _previous;
        _poller?.Dispose();
        _poller = null;
    }

    private Instant LinkDeadline()
    {
        lock (_lock)
        {
            return _link.NextDeadline;
        }
    }

    /// <summary>What waits for the link's descriptor; null when it has none.</summary>
    private Poller? Watch()
    {
        int descriptor = _link.PollDescriptor;
        if (descriptor < 0)
        {
            return null;
        }

        if (_poller is null)
        {
            _poller = new Poller();
            _watched = _poller.Watch(descriptor);
        }

        _poller.Replace(_watched, descriptor);
        return _poller;
    }

    private void Split(PacketBuffer frame)
    {
        GsoSegmenter segments = new(frame.Span, in frame.Offload, _link.Capabilities.Medium);
        if (frame.Offload.Segmentation == SegmentationKind.None || !segments.IsValid)
        {
            GsoSegmenter.TryCompleteChecksum(frame);
            _received.Enqueue(frame.Span.ToArray());
            return;
        }

        while (segments.TryNext(PacketBufferPool.Shared, out PacketBuffer? packet))
        {
            _received.Enqueue(packet.Span.ToArray());
            packet.Release();
        }
    }
}
