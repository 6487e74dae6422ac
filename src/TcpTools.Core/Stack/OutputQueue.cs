using System;
using TcpTools.Buffers;
using TcpTools.Links;

namespace TcpTools.Stack;

/// <summary>
/// Frames on their way to a link: gathered so that the link gets them in batches, and kept in order while its queue is
/// full, up to a limit.
/// </summary>
internal sealed class OutputQueue
{
    private readonly ILink _link;
    private readonly PacketBuffer?[] _ring;
    private readonly int _batch;
    private readonly int _limit;
    private int _first;

    public OutputQueue(ILink link, int batch, int limit)
    {
        _link = link;
        _batch = Math.Max(1, batch);
        _limit = Math.Max(_batch, limit);
        _ring = new PacketBuffer?[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_limit + 1))];
    }

    /// <summary>Frames that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Frames dropped because too many waited.</summary>
    public long Drops { get; private set; }

    /// <summary>Whether the link took less than it was offered last time.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>Takes a frame and its ownership.</summary>
    public void Add(PacketBuffer frame, Instant now)
    {
        if (Count >= _limit)
        {
            Flush(now);
            if (Count >= _limit)
            {
                Drops++;
                frame.Release();
                return;
            }
        }

        _ring[(_first + Count) & (_ring.Length - 1)] = frame;
        Count++;
        if (Count >= _batch && !IsBlocked)
        {
            Flush(now);
        }
    }

    /// <summary>Hands over what the link takes.</summary>
    public void Flush(Instant now)
    {
        IsBlocked = false;
        while (Count > 0)
        {
            int run = Math.Min(Math.Min(Count, _ring.Length - _first), _batch);
            int taken = _link.Send(_ring.AsSpan(_first, run)!, now);
            _ring.AsSpan(_first, taken).Clear();
            _first = (_first + taken) & (_ring.Length - 1);
            Count -= taken;
            if (taken < run)
            {
                IsBlocked = true;
                return;
            }
        }
    }

    /// <summary>Gives back all frames that wait.</summary>
    public void Clear()
    {
        for (; Count > 0; Count--)
        {
            _ring[_first]!.Release();
            _ring[_first] = null;
            _first = (_first + 1) & (_ring.Length - 1);
        }

        IsBlocked = false;
    }
}
