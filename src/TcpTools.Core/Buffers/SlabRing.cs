using System;
using System.Diagnostics;
using System.Numerics;

namespace TcpTools.Buffers;

/// <summary>
/// Storage of a moving stretch of a byte stream, in slabs: byte n of the stream lies in slab n / size. Slabs come when
/// something is written into them and go when the stretch has passed them; nothing is ever moved to make room.
/// </summary>
internal sealed class SlabRing
{
    private const int InitialSlots = 4;

    private readonly SlabPool _pool;
    private readonly int _shift;
    private byte[]?[] _slots = new byte[]?[InitialSlots];

    public SlabRing(SlabPool pool)
    {
        _pool = pool;
        _shift = BitOperations.Log2((uint)pool.SlabSize);
    }

    /// <summary>Slabs held.</summary>
    public int Count { get; private set; }

    /// <summary>Copies data into the stream at <paramref name="position"/>.</summary>
    /// <param name="oldest">The oldest position that is still of use.</param>
    /// <param name="position">Where the data goes; not before <paramref name="oldest"/>.</param>
    /// <param name="data">The data.</param>
    public void Write(long oldest, long position, ReadOnlySpan<byte> data)
    {
        Debug.Assert(position >= oldest, "Data was stored before the oldest position.");
        if (data.IsEmpty)
        {
            return;
        }

        long first = oldest >> _shift;
        long last = (position + data.Length - 1) >> _shift;
        if (last - first >= _slots.Length)
        {
            Grow(first, (int)(last - first + 1));
        }

        while (true)
        {
            ref byte[]? slab = ref Slot(position >> _shift);
            if (slab is null)
            {
                slab = _pool.Rent();
                Count++;
            }

            int offset = Offset(position);
            int room = slab.Length - offset;
            if (data.Length <= room)
            {
                data.CopyTo(slab.AsSpan(offset));
                return;
            }

            data[..room].CopyTo(slab.AsSpan(offset));
            data = data[room..];
            position += room;
        }
    }

    /// <summary>Copies what was written from <paramref name="position"/> on.</summary>
    public void Read(long position, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> piece = GetSpan(position, destination.Length);
            piece.CopyTo(destination);
            destination = destination[piece.Length..];
            position += piece.Length;
        }
    }

    /// <summary>What was written from <paramref name="position"/> on, as far as it lies in one slab.</summary>
    public ReadOnlySpan<byte> GetSpan(long position, int length)
    {
        byte[] slab = Slot(position >> _shift)!;
        int offset = Offset(position);
        return slab.AsSpan(offset, Math.Min(length, slab.Length - offset));
    }

    /// <summary>Returns the slabs that lie wholly in the stretch between two positions, the first of which a slab may begin before.</summary>
    public void Release(long from, long to)
    {
        long last = to >> _shift;
        for (long number = from >> _shift; number < last; number++)
        {
            ReleaseSlab(number);
        }
    }

    /// <summary>Returns all slabs.</summary>
    public void Clear()
    {
        for (int i = 0; Count > 0 && i < _slots.Length; i++)
        {
            ReleaseSlab(i);
        }
    }

    private void ReleaseSlab(long number)
    {
        ref byte[]? slot = ref Slot(number);
        if (slot is not null)
        {
            _pool.Return(slot);
            slot = null;
            Count--;
        }
    }

    private void Grow(long first, int needed)
    {
        byte[]?[] slots = new byte[]?[(int)BitOperations.RoundUpToPowerOf2((uint)needed)];
        for (long number = first; number < first + _slots.Length; number++)
        {
            slots[number & (slots.Length - 1)] = Slot(number);
        }

        _slots = slots;
    }

    private ref byte[]? Slot(long number) => ref _slots[number & (_slots.Length - 1)];

    private int Offset(long position) => (int)position & (_pool.SlabSize - 1);
}
