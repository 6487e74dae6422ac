using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// Received bytes: those in order that wait for the reader, and those behind gaps, each stored in its place at once, so
/// that filling a gap moves no data. Memory is bounded by the capacity, whatever the peer sends.
/// </summary>
internal sealed class ReceiveBuffer(SlabPool pool, int capacity, int maximumRanges)
{
    private readonly SlabRing _ring = new(pool);
    private readonly OutOfOrderRanges _ranges = new(maximumRanges);

    // Positions count bytes of the stream from some start; unlike sequence numbers they do not wrap.
    private long _read;
    private long _next;

    /// <summary>RCV.NXT.</summary>
    public SequenceNumber Next { get; private set; }

    /// <summary>Bytes in order and unread.</summary>
    public int Available => (int)(_next - _read);

    /// <summary>Bytes that may be held. Lowering it drops nothing.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>Bytes that may be accepted from <see cref="Next"/> on; never negative.</summary>
    public int Window => Math.Max(0, Capacity - Available);

    /// <summary>Whether data waits behind a gap.</summary>
    public bool HasGap => _ranges.Count > 0;

    /// <summary>Separate pieces of data behind gaps.</summary>
    public int RangeCount => _ranges.Count;

    /// <summary>Bytes stored behind gaps.</summary>
    public int OutOfOrderBytes => _ranges.Bytes;

    /// <summary>Times that data was dropped because it would have made too many pieces.</summary>
    public long DroppedRanges { get; private set; }

    /// <summary>Slabs held.</summary>
    public int SlabCount => _ring.Count;

    /// <summary>Empties the buffer and begins at <paramref name="next"/>.</summary>
    public void Start(SequenceNumber next)
    {
        Clear();
        Next = next;
    }

    /// <summary>
    /// Stores data. What lies before <see cref="Next"/> or beyond the window is left out; of a byte that comes twice the
    /// first copy stays.
    /// </summary>
    public ReceiveResult Insert(SequenceNumber sequence, ReadOnlySpan<byte> data)
    {
        int distance = sequence - Next;
        if (distance != 0 || _ranges.Count != 0)
        {
            return InsertAnywhere(distance, data);
        }

        int length = Math.Min(data.Length, Window);
        _ring.Write(_read, _next, data[..length]);
        _next += length;
        Next += length;
        return new ReceiveResult { Advanced = length, Stored = length };
    }

    /// <summary>Moves RCV.NXT over a SYN or FIN, which takes a sequence number but no room. Drops what waits behind a gap.</summary>
    public void AdvanceNext(int count)
    {
        Next += count;
        if (_ranges.Count > 0)
        {
            // The slab that holds the last byte in order stays; rounding up is what keeps it.
            long end = _ranges.End;
            _ranges.Clear();
            _ring.Release(_next + pool.SlabSize - 1, end + pool.SlabSize - 1);
        }

        ReleaseWhenEmpty();
    }

    /// <summary>Takes bytes in order out of the buffer; returns how many.</summary>
    public int Read(Span<byte> destination)
    {
        int length = Peek(destination, 0);
        _ring.Release(_read, _read + length);
        _read += length;
        ReleaseWhenEmpty();
        return length;
    }

    /// <summary>Copies bytes in order, from <paramref name="offset"/> on, and leaves them; returns how many.</summary>
    public int Peek(Span<byte> destination, int offset)
    {
        offset = Math.Clamp(offset, 0, Available);
        int length = Math.Min(destination.Length, Available - offset);
        _ring.Read(_read + offset, destination[..length]);
        return length;
    }

    /// <summary>
    /// The SACK blocks to report, as many as fit: the one with the newest data first, then the most recently changed
    /// (RFC 2018, 4). Returns how many.
    /// </summary>
    public int WriteSackBlocks(Span<SackBlock> destination) => _ranges.WriteNewest(destination, Next, _next);

    /// <summary>Drops everything and returns the memory; <see cref="Next"/> stays.</summary>
    public void Clear()
    {
        _ring.Clear();
        _ranges.Clear();
        _read = 0;
        _next = 0;
    }

    private ReceiveResult InsertAnywhere(int distance, ReadOnlySpan<byte> data)
    {
        long start = _next + distance;
        long end = start + data.Length;
        SackBlock duplicate = default;
        if (start < _next && !data.IsEmpty)
        {
            long known = Math.Min(end, _next);
            duplicate = Block(start, known);
            data = data[(int)(known - start)..];
            start = known;
        }

        int room = (int)Math.Clamp(_next + Window - start, 0, data.Length);
        data = data[..room];
        end = start + room;
        if (data.IsEmpty)
        {
            return new ReceiveResult { HasDuplicate = duplicate.Length > 0, Duplicate = duplicate };
        }

        int index = _ranges.FindEndingFrom(start);
        bool isInOrder = start == _next;
        if (!isInOrder && _ranges.IsFull && (index == _ranges.Count || _ranges[index].Start > end))
        {
            DroppedRanges++;
            return new ReceiveResult { IsOutOfOrder = true, IsDropped = true };
        }

        int stored = FillHoles(ref start, ref end, data, index, out int count, ref duplicate);
        bool hadGap = _ranges.Count > 0;
        int advanced = 0;
        if (isInOrder)
        {
            advanced = (int)(end - _next);
            _ranges.RemoveFirst(count);
            _next = end;
            Next += advanced;
        }
        else
        {
            _ranges.Replace(index, count, start, end);
        }

        return new ReceiveResult
        {
            Advanced = advanced,
            Stored = stored,
            IsOutOfOrder = !isInOrder,
            FilledGap = isInOrder && hadGap,
            HasDuplicate = duplicate.Length > 0,
            Duplicate = duplicate,
        };
    }

    /// <summary>
    /// Stores what of [start, end) is missing among the pieces from <paramref name="index"/> on, and widens it to include
    /// the <paramref name="count"/> pieces that it meets or overlaps. Returns the bytes stored.
    /// </summary>
    private int FillHoles(
        ref long start, ref long end, ReadOnlySpan<byte> data, int index, out int count, ref SackBlock duplicate)
    {
        long dataStart = start;
        long dataEnd = end;
        long cursor = start;
        int stored = 0;
        count = 0;
        for (; index + count < _ranges.Count && _ranges[index + count].Start <= dataEnd; count++)
        {
            ref readonly OutOfOrderRanges.Range range = ref _ranges[index + count];
            stored += Store(cursor, range.Start, data, dataStart);
            long overlap = Math.Max(range.Start, dataStart);
            long overlapEnd = Math.Min(range.End, dataEnd);
            if (overlap < overlapEnd && duplicate.Length == 0)
            {
                duplicate = Block(overlap, overlapEnd);
            }

            cursor = Math.Max(cursor, range.End);
            start = Math.Min(start, range.Start);
            end = Math.Max(end, range.End);
        }

        return stored + Store(cursor, dataEnd, data, dataStart);
    }

    private int Store(long from, long to, ReadOnlySpan<byte> data, long dataStart)
    {
        if (from >= to)
        {
            return 0;
        }

        _ring.Write(_read, from, data[(int)(from - dataStart)..(int)(to - dataStart)]);
        return (int)(to - from);
    }

    private SackBlock Block(long start, long end) => new(Next + (int)(start - _next), Next + (int)(end - _next));

    private void ReleaseWhenEmpty()
    {
        if (_read == _next && _ranges.Count == 0)
        {
            _ring.Clear();
            _read = 0;
            _next = 0;
        }
    }
}
