using System;
using TcpTools.Buffers;

namespace TcpTools.Tcp;

/// <summary>
/// The written bytes from SND.UNA on: unacknowledged first, then unsent. Offsets count from the byte at SND.UNA.
/// </summary>
internal sealed class SendBuffer(SlabPool pool, int capacity)
{
    private readonly SlabRing _ring = new(pool);
    private long _start;

    /// <summary>Bytes that may be held. Lowering it below <see cref="Count"/> drops nothing.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>Bytes held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that <see cref="Append"/> would take now.</summary>
    public int Free => Math.Max(0, Capacity - Count);

    /// <summary>Slabs held.</summary>
    public int SlabCount => _ring.Count;

    /// <summary>Takes in as much of <paramref name="data"/> as there is room for; returns how much that was.</summary>
    public int Append(ReadOnlySpan<byte> data)
    {
        int taken = Math.Min(data.Length, Free);
        _ring.Write(_start, _start + Count, data[..taken]);
        Count += taken;
        return taken;
    }

    /// <summary>Drops bytes from the front, at most all: they have been acknowledged.</summary>
    public void Discard(int bytes)
    {
        bytes = Math.Clamp(bytes, 0, Count);
        if (bytes == Count)
        {
            Clear();
            return;
        }

        _ring.Release(_start, _start + bytes);
        _start += bytes;
        Count -= bytes;
    }

    /// <summary>
    /// Where <paramref name="length"/> bytes from <paramref name="offset"/> on lie. Both are cut to what is held, and the
    /// length to what lies in two slabs (never less than a slab and a byte).
    /// </summary>
    public void Peek(int offset, int length, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest)
    {
        offset = Math.Clamp(offset, 0, Count);
        length = Math.Clamp(length, 0, Count - offset);
        first = length == 0 ? default : _ring.GetSpan(_start + offset, length);
        rest = first.Length == length ? default : _ring.GetSpan(_start + offset + first.Length, length - first.Length);
    }

    /// <summary>Drops everything and returns the memory.</summary>
    public void Clear()
    {
        _ring.Clear();
        _start = 0;
        Count = 0;
    }
}
