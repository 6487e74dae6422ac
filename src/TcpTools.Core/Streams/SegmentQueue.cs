using System;

namespace TcpTools.Streams;

/// <summary>Bytes that wait for a gap before them to be filled.</summary>
internal struct QueuedPiece
{
    /// <summary>Where it starts and ends, in bytes from the start of its direction.</summary>
    public long Start;

    /// <inheritdoc cref="Start"/>
    public long End;

    /// <summary>Where the segment started and ended that brought it: what overlap policies compare.</summary>
    public long SegmentStart;

    /// <inheritdoc cref="SegmentStart"/>
    public long SegmentEnd;

    /// <summary>The byte at <see cref="Start"/> is at <see cref="Index"/>.</summary>
    public byte[] Bytes;

    /// <inheritdoc cref="Bytes"/>
    public int Index;

    /// <summary>Whether it lies beyond the window that was announced when it came: anything better founded replaces it.</summary>
    public bool IsTentative;

    public readonly ReadOnlySpan<byte> Span => Bytes.AsSpan(Index, (int)(End - Start));
}

/// <summary>Bytes that all queues together hold.</summary>
internal sealed class QueueBudget
{
    public long Used { get; set; }
}

/// <summary>Is told where two segments have different bytes for the same place.</summary>
internal interface IConflictSink
{
    void Conflict(long offset, ReadOnlySpan<byte> kept, ReadOnlySpan<byte> discarded);
}

/// <summary>
/// One direction's segments that came too early: disjoint pieces in order, in a ring that grows and shrinks at both ends,
/// so that neither ascending nor descending arrival moves what is there.
/// </summary>
internal sealed class SegmentQueue(QueueBudget budget)
{
    private QueuedPiece[] _items = new QueuedPiece[8];
    private int _head;

    public int Count { get; private set; }

    /// <summary>Bytes held, with what each piece counts beside its bytes.</summary>
    public long Charge { get; private set; }

    /// <summary>Bytes held.</summary>
    public long Bytes => Charge - ((long)Count * TcpStreamSettings.SegmentOverhead);

    public ref QueuedPiece First => ref Item(0);

    /// <summary>Adds a segment's bytes; where it overlaps others, the policy decides and differences are told.</summary>
    public void Insert(long start, ReadOnlySpan<byte> data, bool isTentative, StreamOverlapPolicy policy, IConflictSink conflicts)
    {
        long end = start + data.Length;
        long at = start;
        // What of the segment counts and is not in a piece yet.
        long run = start;
        int index = FindEndingAfter(start);
        while (at < end && index < Count && Item(index).Start < end)
        {
            at = Math.Max(at, Item(index).Start);
            long overlapEnd = Math.Min(end, Item(index).End);
            if (LaterWins(Item(index), at, overlapEnd, start, data, isTentative, policy, conflicts))
            {
                Cut(ref index, at, overlapEnd);
            }
            else
            {
                if (run < at)
                {
                    Add(index++, run, at, start, data, isTentative);
                }

                run = overlapEnd;
                index++;
            }

            at = overlapEnd;
        }

        if (run < end)
        {
            Add(index, run, end, start, data, isTentative);
        }
    }

    /// <summary>Takes away the first piece.</summary>
    public void RemoveFirst()
    {
        ref QueuedPiece first = ref Item(0);
        Account(-(first.End - first.Start) - TcpStreamSettings.SegmentOverhead);
        first = default;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        if (Count == 0 && _items.Length > 64)
        {
            _items = new QueuedPiece[8];
            _head = 0;
        }
    }

    /// <summary>Takes away the first bytes of the first piece, fewer than it has.</summary>
    public void TrimFirst(int count)
    {
        ref QueuedPiece first = ref Item(0);
        first.Start += count;
        first.Index += count;
        Account(-count);
    }

    public void Clear()
    {
        Account(-Charge);
        Count = 0;
        _head = 0;
        _items = new QueuedPiece[8];
    }

    private static bool LaterWins(
        in QueuedPiece piece, long at, long overlapEnd, long start, ReadOnlySpan<byte> data, bool isTentative, StreamOverlapPolicy policy, IConflictSink conflicts)
    {
        ReadOnlySpan<byte> earlier = piece.Span.Slice((int)(at - piece.Start), (int)(overlapEnd - at));
        ReadOnlySpan<byte> later = data.Slice((int)(at - start), (int)(overlapEnd - at));
        bool wins = piece.IsTentative != isTentative
            ? piece.IsTentative
            : StreamOverlap.LaterWins(policy, piece.SegmentStart, piece.SegmentEnd, start, start + data.Length);
        if (!earlier.SequenceEqual(later))
        {
            conflicts.Conflict(at, wins ? later : earlier, wins ? earlier : later);
        }

        return wins;
    }

    /// <summary>
    /// Takes bytes out of a piece. What is left of it stays, in arrays no longer than they need to be;
    /// <paramref name="index"/> becomes that of the place between.
    /// </summary>
    private void Cut(ref int index, long from, long to)
    {
        QueuedPiece piece = Item(index);
        RemoveAt(index);
        if (piece.Start < from)
        {
            Put(index++, piece, piece.Start, from);
        }

        if (piece.End > to)
        {
            Put(index, piece, to, piece.End);
        }
    }

    private int FindEndingAfter(long offset)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Item(middle).End > offset)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private void Add(int index, long from, long to, long start, ReadOnlySpan<byte> data, bool isTentative)
    {
        InsertAt(index, new QueuedPiece
        {
            Start = from,
            End = to,
            SegmentStart = start,
            SegmentEnd = start + data.Length,
            Bytes = data.Slice((int)(from - start), (int)(to - from)).ToArray(),
            IsTentative = isTentative,
        });
    }

    private void Put(int index, QueuedPiece piece, long from, long to)
    {
        piece.Bytes = piece.Bytes.AsSpan(piece.Index + (int)(from - piece.Start), (int)(to - from)).ToArray();
        piece.Index = 0;
        piece.Start = from;
        piece.End = to;
        InsertAt(index, piece);
    }

    private ref QueuedPiece Item(int index) => ref _items[(_head + index) & (_items.Length - 1)];

    private void InsertAt(int index, QueuedPiece piece)
    {
        if (Count == _items.Length)
        {
            var larger = new QueuedPiece[_items.Length * 2];
            for (int i = 0; i < Count; i++)
            {
                larger[i] = Item(i);
            }

            _items = larger;
            _head = 0;
        }

        if (index < Count - index)
        {
            _head = (_head - 1) & (_items.Length - 1);
            for (int i = 0; i < index; i++)
            {
                Item(i) = Item(i + 1);
            }
        }
        else
        {
            for (int i = Count; i > index; i--)
            {
                Item(i) = Item(i - 1);
            }
        }

        Item(index) = piece;
        Count++;
        Account(piece.End - piece.Start + TcpStreamSettings.SegmentOverhead);
    }

    private void RemoveAt(int index)
    {
        Account(Item(index).Start - Item(index).End - TcpStreamSettings.SegmentOverhead);
        for (int i = index; i < Count - 1; i++)
        {
            Item(i) = Item(i + 1);
        }

        Count--;
        Item(Count) = default;
    }

    private void Account(long bytes)
    {
        Charge += bytes;
        budget.Used += bytes;
    }
}
