using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>Keeps the latest captured frames in memory; the oldest make room for new ones. Adding a frame allocates nothing.</summary>
public sealed class MemoryCaptureSink : ICaptureSink
{
    private readonly Lock _lock = new();
    private readonly byte[] _bytes;
    private readonly Entry[] _entries;
    private int _first;
    private int _count;
    private int _bytesStart;
    private int _bytesUsed;
    private long _dropped;

    /// <summary>A sink for so many frames of so many bytes altogether.</summary>
    /// <exception cref="StackException">A limit is less than 1.</exception>
    public MemoryCaptureSink(int frameCapacity = 65536, int byteCapacity = 16 * 1024 * 1024)
    {
        if (frameCapacity < 1 || byteCapacity < 1)
        {
            throw new StackException(StackError.InvalidArgument, "A capture in memory needs room for a frame and a byte.");
        }

        _bytes = new byte[byteCapacity];
        _entries = new Entry[frameCapacity];
    }

    /// <summary>Frames kept at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    /// <summary>Frames that made room for later ones or were too long to keep.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public void Add(in CapturedFrame frame)
    {
        ReadOnlySpan<byte> bytes = frame.Bytes;
        lock (_lock)
        {
            if (bytes.Length > _bytes.Length)
            {
                Interlocked.Increment(ref _dropped);
                return;
            }

            while (_count == _entries.Length || _bytesUsed + bytes.Length > _bytes.Length)
            {
                RemoveFirst();
                Interlocked.Increment(ref _dropped);
            }

            Store(bytes);
            _entries[Wrap(_first + _count, _entries.Length)] = new Entry(
                frame.Timestamp, bytes.Length, Math.Max(frame.WireLength, bytes.Length), frame.Interface, frame.Direction,
                frame.Comment);
            _count++;
        }
    }

    /// <summary>Copies of the frames kept, the oldest first.</summary>
    public IReadOnlyList<CapturedPacket> ToList()
    {
        lock (_lock)
        {
            return Copy();
        }
    }

    /// <summary>Copies of the frames kept, the oldest first, which are then no longer kept.</summary>
    public IReadOnlyList<CapturedPacket> Drain()
    {
        lock (_lock)
        {
            CapturedPacket[] packets = Copy();
            Clear();
            return packets;
        }
    }

    /// <summary>Writes the frames kept to a file, the oldest first.</summary>
    public void WriteTo(PcapWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (CapturedPacket packet in ToList())
        {
            writer.Write(packet.ToFrame());
        }
    }

    /// <summary>Forgets all frames.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            Array.Clear(_entries);
            _first = 0;
            _count = 0;
            _bytesStart = 0;
            _bytesUsed = 0;
        }
    }

    /// <summary>Nothing to release: what was captured can still be read.</summary>
    public void Dispose()
    {
    }

    private static int Wrap(int index, int length) => index >= length ? index - length : index;

    private void RemoveFirst()
    {
        int length = _entries[_first].Length;
        _entries[_first] = default;
        _first = Wrap(_first + 1, _entries.Length);
        _count--;
        _bytesStart = (int)(((long)_bytesStart + length) % _bytes.Length);
        _bytesUsed -= length;
    }

    private void Store(ReadOnlySpan<byte> bytes)
    {
        int end = (int)(((long)_bytesStart + _bytesUsed) % _bytes.Length);
        int untilWrap = Math.Min(bytes.Length, _bytes.Length - end);
        bytes[..untilWrap].CopyTo(_bytes.AsSpan(end));
        bytes[untilWrap..].CopyTo(_bytes);
        _bytesUsed += bytes.Length;
    }

    private CapturedPacket[] Copy()
    {
        CapturedPacket[] packets = new CapturedPacket[_count];
        int start = _bytesStart;
        for (int i = 0; i < packets.Length; i++)
        {
            ref Entry entry = ref _entries[Wrap(_first + i, _entries.Length)];
            byte[] bytes = new byte[entry.Length];
            int untilWrap = Math.Min(entry.Length, _bytes.Length - start);
            _bytes.AsSpan(start, untilWrap).CopyTo(bytes);
            _bytes.AsSpan(0, entry.Length - untilWrap).CopyTo(bytes.AsSpan(untilWrap));
            start = (int)(((long)start + entry.Length) % _bytes.Length);
            packets[i] = new CapturedPacket
            {
                Timestamp = entry.Timestamp,
                Bytes = bytes,
                WireLength = entry.WireLength,
                Interface = entry.Interface,
                Direction = entry.Direction,
                Comment = entry.Comment,
            };
        }

        return packets;
    }

    private readonly record struct Entry(
        CaptureTime Timestamp,
        int Length,
        int WireLength,
        CaptureInterface Interface,
        FrameDirection Direction,
        string? Comment);
}
