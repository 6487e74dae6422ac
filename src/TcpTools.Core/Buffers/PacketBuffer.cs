using System;
using System.Diagnostics;

namespace TcpTools.Buffers;

/// <summary>
/// One frame in pooled, pinned memory, with room in front for headers that lower layers add. It has one owner at a time;
/// who hands it on by a call that says so no longer touches it, and the last owner calls <see cref="Release"/>.
/// </summary>
public sealed class PacketBuffer
{
    private readonly PacketBufferPool _pool;
    private readonly byte[] _storage;
    private int _start;
    private int _length;
    private OffloadInfo _offload;

    internal PacketBuffer(PacketBufferPool pool, int capacity)
    {
        _pool = pool;
        // Pinned once and for all: system calls take its address without pinning it again.
        _storage = GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
    }

    /// <summary>What is left to do to the frame, or was done below.</summary>
    public ref OffloadInfo Offload => ref _offload;

    /// <summary>When the frame was received or handed to the link.</summary>
    public Instant Timestamp { get; set; }

    /// <summary>The frame's bytes.</summary>
    public Span<byte> Span => _storage.AsSpan(_start, _length);

    /// <summary>The frame's length in bytes.</summary>
    public int Length => _length;

    /// <summary>Bytes free in front of the frame.</summary>
    public int Headroom => _start;

    /// <summary>Bytes free behind the frame.</summary>
    public int Tailroom => _storage.Length - _start - _length;

    /// <summary>Bytes that the buffer can hold in all.</summary>
    public int Capacity => _storage.Length;

    /// <summary>The next free buffer while this one lies in its pool.</summary>
    internal PacketBuffer? NextFree { get; set; }

    /// <summary>Whether the buffer lies in its pool, where nobody may touch it.</summary>
    internal bool IsFree { get; set; }

    /// <summary>Takes <paramref name="count"/> bytes in front of the frame into it and returns them, contents undefined.</summary>
    public Span<byte> Push(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _start);
        _start -= count;
        _length += count;
        return _storage.AsSpan(_start, count);
    }

    /// <summary>Drops bytes from the frame's front.</summary>
    public void Pull(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _length);
        _start += count;
        _length -= count;
    }

    /// <summary>Takes <paramref name="count"/> bytes behind the frame into it and returns them, contents undefined.</summary>
    public Span<byte> Append(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Tailroom);
        _length += count;
        return _storage.AsSpan(_start + _length - count, count);
    }

    /// <summary>Cuts the frame to its first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    /// <summary>Empties the buffer, leaving <paramref name="headroom"/> bytes free in front.</summary>
    public void Reset(int headroom)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(headroom, _storage.Length);
        _start = headroom;
        _length = 0;
        _offload = default;
        Timestamp = default;
    }

    /// <summary>Gives the buffer back to its pool. The caller must not touch it afterwards.</summary>
    public void Release()
    {
        Debug.Assert(!IsFree, "A packet buffer was released twice.");
        _pool.Return(this);
    }
}
