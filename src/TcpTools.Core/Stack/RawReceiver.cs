using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Links;

namespace TcpTools.Stack;

/// <summary>One frame as it came from a link.</summary>
/// <param name="Time">When the stack took it from the link, on the stack's clock.</param>
/// <param name="Medium">What the frame starts with.</param>
/// <param name="Bytes">The whole frame.</param>
public sealed record ReceivedFrame(Instant Time, LinkMedium Medium, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Whether the stack sent the frame rather than received it.</summary>
    public bool IsSent { get; init; }
}

/// <summary>
/// A look at every frame that a stack receives, and if wanted sends, beside the stack's own processing: a bounded queue of copies. Frames that
/// arrive while it is full are dropped and counted. Any thread may read it.
/// </summary>
public sealed class RawReceiver : IDisposable
{
    private readonly Queue<ReceivedFrame> _frames = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly TcpStack _stack;
    private bool _closed;
    private long _dropped;

    internal RawReceiver(TcpStack stack, int capacity, FrameFilter? filter)
    {
        _stack = stack;
        Capacity = capacity;
        Filter = filter;
    }

    /// <summary>Which frames are kept; null for all. May be changed at any time.</summary>
    public FrameFilter? Filter { get; set; }

    /// <summary>Whether frames that the stack sends are kept too. May be changed at any time.</summary>
    public bool IncludesSent { get; set; }

    /// <summary>How many frames wait at most.</summary>
    public int Capacity { get; }

    /// <summary>How many frames wait now.</summary>
    public int Count
    {
        get
        {
            lock (_frames)
            {
                return _frames.Count;
            }
        }
    }

    /// <summary>How many frames were dropped because the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Takes the oldest waiting frame, if there is one.</summary>
    public bool TryReceive(out ReceivedFrame? frame)
    {
        lock (_frames)
        {
            return _frames.TryDequeue(out frame);
        }
    }

    /// <summary>
    /// Waits for a frame. In virtual mode the waiting moves the network, and the limit is one of simulated time.
    /// </summary>
    /// <returns>The frame, or null when none came in time or the receiver was closed.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ReceivedFrame? Receive(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        ReceivedFrame? frame = null;
        if (_stack.Mode == StackMode.Virtual)
        {
            _stack.RunNetworkUntil(() => _closed || TryReceive(out frame), timeout, cancellationToken);
            return frame;
        }

        Deadline deadline = new(_stack, timeout);
        while (!TryReceive(out frame) && !_closed)
        {
            TimeSpan left = deadline.Waitable;
            if (left == TimeSpan.Zero)
            {
                break;
            }

            _arrived.Wait(left, cancellationToken);
        }

        return frame;
    }

    /// <summary>Closes the receiver; waiting calls return.</summary>
    public void Dispose()
    {
        _closed = true;
        _stack.Detach(this);
        _arrived.Release();
    }

    internal void Close()
    {
        _closed = true;
        _arrived.Release();
    }

    internal void Offer(PacketBuffer frame, LinkMedium medium, Instant now, bool isSent = false)
    {
        if (isSent && !IncludesSent)
        {
            return;
        }

        if (Filter is { } filter && !filter(frame.Span))
        {
            return;
        }

        lock (_frames)
        {
            if (_frames.Count >= Capacity)
            {
                _dropped++;
                return;
            }

            // Whoever looks at raw bytes takes a checksum that is still to be completed for a wrong one.
            byte[] bytes = frame.Span.ToArray();
            GsoSegmenter.TryCompleteChecksum(bytes, in frame.Offload);
            _frames.Enqueue(new ReceivedFrame(now, medium, bytes) { IsSent = isSent });
        }

        if (_arrived.CurrentCount == 0)
        {
            _arrived.Release();
        }
    }
}
