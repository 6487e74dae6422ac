using System;
using System.Collections.Generic;
using System.Linq;

namespace TcpTools.Tests.Tcp;

/// <summary>
/// What a receive buffer must do, said as plainly as possible: a byte for every position, looked at one by one.
/// </summary>
internal sealed class ReceiveModel(int maximumRanges)
{
    private readonly Dictionary<long, byte> _held = [];
    private readonly Dictionary<long, int> _touched = [];
    private int _clock;

    public int Capacity { get; set; }

    public long ReadAt { get; private set; }

    public long Next { get; private set; }

    public int Available => (int)(Next - ReadAt);

    public int Window => Math.Max(0, Capacity - Available);

    public int Stored { get; private set; }

    public bool IsDropped { get; private set; }

    /// <summary>The first run of bytes of the last segment that had been there before; empty when there is none.</summary>
    public (long Start, long End) Duplicate { get; private set; }

    public byte[] Readable => [.. Enumerable.Range(0, Available).Select(i => _held[ReadAt + i])];

    /// <summary>Pieces behind gaps, the last touched first.</summary>
    public List<(long Start, long End)> Ranges
    {
        get
        {
            List<(long Start, long End)> ranges = [];
            foreach (long position in _held.Keys.Where(p => p > Next).Order())
            {
                if (ranges.Count > 0 && ranges[^1].End == position)
                {
                    ranges[^1] = (ranges[^1].Start, position + 1);
                }
                else
                {
                    ranges.Add((position, position + 1));
                }
            }

            return [.. ranges.OrderByDescending(range => _touched.Where(t => t.Key >= range.Start && t.Key < range.End).Max(t => t.Value))];
        }
    }

    public void Insert(long start, byte[] data)
    {
        Stored = 0;
        IsDropped = false;
        Duplicate = default;
        long limit = Next + Window;
        long from = Math.Max(start, Next);
        long to = Math.Min(start + data.Length, limit);
        bool touches = Enumerable.Range(0, (int)Math.Max(0, to - from + 2)).Any(i => _held.ContainsKey(from - 1 + i));
        if (from < to && from > Next && !touches && Ranges.Count >= maximumRanges)
        {
            IsDropped = true;
            return;
        }

        _clock++;
        for (int i = 0; i < data.Length; i++)
        {
            long position = start + i;
            if (position < Next || (position < limit && _held.ContainsKey(position)))
            {
                if (Duplicate.End == Duplicate.Start)
                {
                    Duplicate = (position, position);
                }

                if (Duplicate.End == position)
                {
                    Duplicate = (Duplicate.Start, position + 1);
                }
            }
            else if (position < limit)
            {
                _held[position] = data[i];
                Stored++;
            }

            if (position >= Next && position < limit)
            {
                _touched[position] = _clock;
            }
        }

        while (_held.ContainsKey(Next))
        {
            Next++;
        }
    }

    public byte[] Read(int count)
    {
        byte[] read = Readable[..Math.Min(count, Available)];
        for (int i = 0; i < read.Length; i++)
        {
            _held.Remove(ReadAt++);
        }

        return read;
    }
}
