using System;
using System.Diagnostics;
using System.Numerics;
using System.Threading;

namespace TcpTools.Buffers;

/// <summary>
/// Lends byte arrays of one size, of which streams build their storage. Any thread may rent and return. What is lent is
/// counted, so that a test can prove that all came back. The arrays are pinned: system calls take their addresses as they are.
/// </summary>
public sealed class SlabPool
{
    /// <summary>Bytes in a slab unless the pool says otherwise: the largest IP packet's payload lies in two at most.</summary>
    public const int DefaultSlabSize = 65536;

    private readonly Lock _lock = new();
    private readonly byte[]?[] _free;
    private int _freeCount;
    private int _outstanding;

    /// <summary>A pool of slabs of <paramref name="slabSize"/> bytes, which must be a power of two.</summary>
    /// <param name="slabSize">Bytes in a slab.</param>
    /// <param name="keep">Free slabs to keep at most; more are left to the collector.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is no power of two, or a number is not positive.</exception>
    public SlabPool(int slabSize = DefaultSlabSize, int keep = 1024)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slabSize);
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        if (!BitOperations.IsPow2(slabSize))
        {
            throw new ArgumentOutOfRangeException(nameof(slabSize), slabSize, "The size of a slab must be a power of two.");
        }

        SlabSize = slabSize;
        _free = new byte[keep][];
    }

    /// <summary>The pool that serves whoever names no other.</summary>
    public static SlabPool Shared { get; } = new();

    /// <summary>Bytes in each slab, a power of two.</summary>
    public int SlabSize { get; }

    /// <summary>Slabs rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>A slab, contents undefined. The caller must <see cref="Return"/> it once.</summary>
    public byte[] Rent()
    {
        lock (_lock)
        {
            _outstanding++;
            if (_freeCount > 0)
            {
                // The last one returned comes first: its memory is likeliest to be in the processor's cache.
                ref byte[]? last = ref _free[--_freeCount];
                byte[] slab = last!;
                last = null;
                return slab;
            }
        }

        return GC.AllocateUninitializedArray<byte>(SlabSize, pinned: true);
    }

    /// <summary>Takes a slab back. The caller must not touch it afterwards.</summary>
    public void Return(byte[] slab)
    {
        Debug.Assert(slab.Length == SlabSize, "A slab was returned to a pool that is not its own.");
        lock (_lock)
        {
            _outstanding--;
            if (_freeCount < _free.Length)
            {
                _free[_freeCount++] = slab;
            }
        }
    }
}
