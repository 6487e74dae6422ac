using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Links;

namespace TcpTools.Stack;

/// <summary>
/// A link with layers of the user's on top: what they pass up is what the stack receives, what they pass down goes to the link below. Packets in it
/// are as on the wire: what the link below has joined is split, and checksums that were left open are completed.
/// </summary>
public sealed class LayerLink : ILink
{
    private const int MostWaiting = 1000;
    private const int BatchesAtOnce = 16;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(1);

    private readonly ILink _inner;
    private readonly PacketBufferPool _pool;
    private readonly Queue<PacketBuffer> _ready = new();
    private readonly Queue<PacketBuffer> _leaving = new();
    private readonly PacketBuffer[] _batch;
    private readonly PacketBuffer[] _one = new PacketBuffer[1];
    private LayerChain? _below; // the layers below IP
    private LayerChain? _above; // those above it, for their timers
    private Instant _resumeAt = Instant.Never;
    private bool _isBlocked; // the link below is full

    internal LayerLink(ILink inner, PacketBufferPool pool)
    {
        _inner = inner;
        _pool = pool;
        Capabilities = inner.Capabilities with { CompletesChecksums = false, MaximumSegmentationLength = 0 };
        _batch = new PacketBuffer[Math.Max(1, Capabilities.BatchSize)];
    }

    /// <summary>The link below.</summary>
    public ILink Inner => _inner;

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public LinkCounters Counters => _inner.Counters;

    /// <inheritdoc/>
    public int PollDescriptor => _inner.PollDescriptor;

    /// <inheritdoc/>
    public Instant NextDeadline
    {
        get
        {
            Instant earliest = Instant.Earlier(_inner.NextDeadline, _resumeAt);
            earliest = Instant.Earlier(earliest, _below?.NextDeadline ?? Instant.Never);
            earliest = Instant.Earlier(earliest, _above?.NextDeadline ?? Instant.Never);
            return _ready.Count > 0 || (_leaving.Count > 0 && !_isBlocked) ? Instant.Zero : earliest;
        }
    }

    /// <inheritdoc/>
    public Action? Readable
    {
        get => _inner.Readable;
        set => _inner.Readable = value;
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        Flush(now);
        if (_leaving.Count > 0)
        {
            return 0;
        }

        foreach (PacketBuffer frame in frames)
        {
            _below!.Send(frame, now);
        }

        Flush(now);
        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        _resumeAt = Instant.Never;
        _below!.OnTimer(now);
        _above!.OnTimer(now);
        int arrived = -1;
        int batches = 0;
        for (; batches < BatchesAtOnce && _ready.Count < frames.Length && arrived != 0; batches++)
        {
            arrived = _inner.Receive(_batch, now);
            for (int i = 0; i < arrived; i++)
            {
                PacketBuffer frame = _batch[i];
                _batch[i] = null!;
                Take(frame, now);
            }
        }

        if (batches == BatchesAtOnce && arrived != 0)
        {
            // The caller takes an unfilled span for "no more at present".
            _resumeAt = now;
        }

        Flush(now);
        int count = Math.Min(frames.Length, _ready.Count);
        for (int i = 0; i < count; i++)
        {
            frames[i] = _ready.Dequeue();
            frames[i].Timestamp = now;
        }

        return count;
    }

    /// <summary>Gives back every packet under way and closes the link below.</summary>
    public void Dispose()
    {
        Clear();
        _inner.Dispose();
    }

    internal void Attach(LayerChain below, LayerChain above) => (_below, _above) = (below, above);

    /// <summary>What the layers pass up.</summary>
    internal void Raise(PacketBuffer packet, Instant now)
    {
        if (_ready.Count >= MostWaiting)
        {
            Counters.ReceiveDrops++;
            packet.Release();
            return;
        }

        _ready.Enqueue(packet);
    }

    /// <summary>What the layers pass down.</summary>
    internal void Lower(PacketBuffer packet, Instant now)
    {
        if (_leaving.Count >= MostWaiting)
        {
            Counters.SendDrops++;
            packet.Release();
            return;
        }

        _leaving.Enqueue(packet);
    }

    internal void Clear()
    {
        foreach (Queue<PacketBuffer> queue in new[] { _ready, _leaving })
        {
            while (queue.TryDequeue(out PacketBuffer? packet))
            {
                packet.Release();
            }
        }
    }

    internal void Flush(Instant now)
    {
        _isBlocked = false;
        while (_leaving.TryPeek(out PacketBuffer? packet))
        {
            _one[0] = packet;
            if (_inner.Send(_one, now) == 0)
            {
                _isBlocked = true;
                _resumeAt = Instant.Earlier(_resumeAt, now + s_retry);
                return;
            }

            _leaving.Dequeue();
        }
    }

    private void Take(PacketBuffer frame, Instant now)
    {
        GsoSegmenter packets = new(frame.Span, frame.Offload, Capabilities.Medium);
        if (!packets.IsValid)
        {
            GsoSegmenter.TryCompleteChecksum(frame);
            _below!.Receive(frame, now);
            return;
        }

        while (packets.TryNext(_pool, out PacketBuffer? packet))
        {
            packet.Timestamp = frame.Timestamp;
            _below!.Receive(packet, now);
        }

        frame.Release();
    }
}
