using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// Which stretches of the stream have been received behind gaps: sorted, apart from each other, at most so many.
/// Positions count bytes of the stream and do not wrap.
/// </summary>
internal sealed class OutOfOrderRanges(int maximum)
{
    private const int InitialLength = 8;
    private const int MaximumWritten = 64;

    private Range[] _ranges = [];
    private long _clock;

    /// <summary>Stretches held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes in them.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether another one, apart from all others, would be too many.</summary>
    public bool IsFull => Count >= maximum;

    /// <summary>The position after the last stretch; 0 when there is none.</summary>
    public long End => Count == 0 ? 0 : _ranges[Count - 1].End;

    /// <summary>The stretch at <paramref name="index"/>, lowest first.</summary>
    public ref readonly Range this[int index] => ref _ranges[index];

    /// <summary>Index of the first stretch that ends at or after a position; <see cref="Count"/> when none does.</summary>
    public int FindEndingFrom(long position)
    {
        // Most segments behind a gap follow the last one.
        if (Count == 0 || _ranges[Count - 1].End < position)
        {
            return Count;
        }

        int low = 0;
        int high = Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].End < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Puts one stretch in the place of <paramref name="count"/> (or none) that it includes, as the newest of all.</summary>
    public void Replace(int index, int count, long start, long end)
    {
        for (int i = index; i < index + count; i++)
        {
            Bytes -= _ranges[i].Length;
        }

        if (count == 0 && Count == _ranges.Length)
        {
            Array.Resize(ref _ranges, Math.Max(InitialLength, Count * 2));
        }

        Move(index + count, index + 1);
        _ranges[index] = new Range(start, end, ++_clock);
        Bytes += _ranges[index].Length;
    }

    /// <summary>Removes the lowest <paramref name="count"/> stretches.</summary>
    public void RemoveFirst(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Bytes -= _ranges[i].Length;
        }

        Move(count, 0);
    }

    /// <summary>Removes all.</summary>
    public void Clear()
    {
        Count = 0;
        Bytes = 0;
        _clock = 0;
    }

    /// <summary>
    /// The most recently changed stretches, newest first, as sequence numbers: RCV.NXT is <paramref name="next"/> at
    /// <paramref name="nextPosition"/>. Returns how many fitted.
    /// </summary>
    public int WriteNewest(Span<SackBlock> destination, SequenceNumber next, long nextPosition)
    {
        // One pass that keeps the newest so far in order: an option holds few.
        Span<int> newest = stackalloc int[MaximumWritten];
        newest = newest[..Math.Min(destination.Length, MaximumWritten)];
        int written = 0;
        for (int i = 0; i < Count; i++)
        {
            long change = _ranges[i].ChangedAt;
            if (written == newest.Length && (written == 0 || change < _ranges[newest[written - 1]].ChangedAt))
            {
                continue;
            }

            int place = written < newest.Length ? written++ : written - 1;
            for (; place > 0 && _ranges[newest[place - 1]].ChangedAt < change; place--)
            {
                newest[place] = newest[place - 1];
            }

            newest[place] = i;
        }

        for (int i = 0; i < written; i++)
        {
            ref readonly Range range = ref _ranges[newest[i]];
            destination[i] = new SackBlock(
                next + (int)(range.Start - nextPosition), next + (int)(range.End - nextPosition));
        }

        return written;
    }

    private void Move(int from, int to)
    {
        if (from != to)
        {
            Array.Copy(_ranges, from, _ranges, to, Count - from);
            Count += to - from;
        }
    }

    /// <summary>A stretch of the stream.</summary>
    /// <param name="Start">Its first position.</param>
    /// <param name="End">The position after its last.</param>
    /// <param name="ChangedAt">Rises with every change: the order in which SACK reports the stretches.</param>
    internal readonly record struct Range(long Start, long End, long ChangedAt)
    {
        public int Length => (int)(End - Start);
    }
}
