using System;
using TcpTools.Buffers;

namespace TcpTools.Tcp;

/// <summary>The written bytes from SND.UNA on: unacknowledged first, then unsent. Offsets count from SND.UNA's byte.</summary>
internal sealed class SendBuffer(SlabPool pool, int capacity)
{
    private readonly SlabPool _pool = pool;

    /// <summary>Bytes that may be held. Lowering it below <see cref="Count"/> drops nothing.</summary>
    public int Capacity { get; set; } = capacity;

    /// <summary>Bytes held.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes that <see cref="Append"/> would take now.</summary>
    public int Free => Math.Max(0, Capacity - Count);

    /// <summary>Slabs held.</summary>
    public int SlabCount => _pool.Outstanding;

    /// <summary>Takes in as much of <paramref name="data"/> as there is room for; returns how much that was.</summary>
    public int Append(ReadOnlySpan<byte> data) => throw new NotSupportedException();

    /// <summary>Drops bytes from the front, at most all: they have been acknowledged.</summary>
    public void Discard(int bytes) => throw new NotSupportedException();

    /// <summary>
    /// Where <paramref name="length"/> bytes from <paramref name="offset"/> on lie. Both are cut to what is held, and the
    /// length to what lies in two slabs (never less than a slab and a byte).
    /// </summary>
    public void Peek(int offset, int length, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest) =>
        throw new NotSupportedException();

    /// <summary>Drops everything and returns the memory.</summary>
    public void Clear() => throw new NotSupportedException();
}
