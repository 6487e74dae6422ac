using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>Received bytes: those in order that wait for the reader, and those behind gaps, each stored in its place.</summary>
internal sealed class ReceiveBuffer(SlabPool pool, int capacity, int maximumRanges)
{
    private readonly SlabPool _pool = pool;
    private readonly int _maximumRanges = maximumRanges;

    /// <summary>RCV.NXT.</summary>
    public SequenceNumber Next { get; private set; }

    /// <summary>Bytes in order and unread.</summary>
    public int Available { get; private set; }

    /// <summary>Bytes that may be held. Lowering it drops nothing.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>Bytes that may be accepted from <see cref="Next"/> on; never negative.</summary>
    public int Window => Math.Max(0, Capacity - Available);

    /// <summary>Whether data waits behind a gap.</summary>
    public bool HasGap => RangeCount > 0;

    /// <summary>Separate pieces of data behind gaps.</summary>
    public int RangeCount { get; private set; }

    /// <summary>Bytes stored behind gaps.</summary>
    public int OutOfOrderBytes { get; private set; }

    /// <summary>Times that data was dropped because it would have made too many pieces.</summary>
    public long DroppedRanges { get; private set; }

    /// <summary>Slabs held.</summary>
    public int SlabCount => _pool.Outstanding + _maximumRanges;

    /// <summary>Empties the buffer and begins at <paramref name="next"/>.</summary>
    public void Start(SequenceNumber next) => throw new NotSupportedException();

    /// <summary>
    /// Stores data. What lies before <see cref="Next"/> or beyond the window is left out; of a byte that comes twice the
    /// first copy stays.
    /// </summary>
    public ReceiveResult Insert(SequenceNumber sequence, ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <summary>Moves RCV.NXT over a SYN or FIN, which takes a sequence number but no room. Drops what waits behind a gap.</summary>
    public void AdvanceNext(int count) => throw new NotSupportedException();

    /// <summary>Takes bytes in order out of the buffer; returns how many.</summary>
    public int Read(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Copies bytes in order, from <paramref name="offset"/> on, and leaves them; returns how many.</summary>
    public int Peek(Span<byte> destination, int offset) => throw new NotSupportedException();

    /// <summary>
    /// The SACK blocks to report, as many as fit: the one with the newest data first, then the most recently changed
    /// (RFC 2018, 4). Returns how many.
    /// </summary>
    public int WriteSackBlocks(Span<SackBlock> destination) => throw new NotSupportedException();

    /// <summary>Drops everything and returns the memory; <see cref="Next"/> stays.</summary>
    public void Clear() => throw new NotSupportedException();
}
