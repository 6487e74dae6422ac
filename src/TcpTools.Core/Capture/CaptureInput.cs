using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;

namespace TcpTools.Capture;

/// <summary>
/// A capture's bytes with their byte order and the place in the file, for clear words about damage. Reads ahead, but
/// waits for no more than is asked for, so that a capture that is still growing gives each frame as it comes.
/// </summary>
internal sealed class CaptureInput(Stream stream)
{
    private const int ReadAhead = 256 * 1024;

    private byte[] _buffer = new byte[ReadAhead];
    private int _start;
    private int _end;

    internal bool BigEndian { get; set; }

    /// <summary>Bytes taken so far.</summary>
    internal long Position { get; private set; }

    /// <summary>The next bytes without taking them, less at the end of the file; valid until the next call.</summary>
    /// <exception cref="StackException">The file's compression is damaged.</exception>
    internal ReadOnlySpan<byte> Peek(int count)
    {
        if (_end - _start < count)
        {
            Load(count);
        }

        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    /// <summary>The next bytes of the file, valid until the next call.</summary>
    /// <exception cref="StackException">The file ends before, or its compression is damaged.</exception>
    internal ReadOnlySpan<byte> Take(int count)
    {
        ReadOnlySpan<byte> bytes = Peek(count);
        if (bytes.Length < count)
        {
            throw Damaged("it ends in the middle of what should follow");
        }

        _start += count;
        Position += count;
        return bytes;
    }

    /// <summary>The next bytes, or none where the file ends just here.</summary>
    /// <exception cref="StackException">The file ends in the middle of them.</exception>
    internal bool TryTake(int count, string what, out ReadOnlySpan<byte> bytes)
    {
        bytes = Peek(count);
        if (bytes.IsEmpty)
        {
            return false;
        }

        if (bytes.Length < count)
        {
            throw Damaged($"it ends in the middle of {what}");
        }

        _start += count;
        Position += count;
        return true;
    }

    /// <summary>Passes over bytes of no interest.</summary>
    /// <exception cref="StackException">The file ends before.</exception>
    internal void Skip(long count)
    {
        while (count > 0)
        {
            int part = (int)Math.Min(count, ReadAhead);
            Take(part);
            count -= part;
        }
    }

    internal ushort UInt16(ReadOnlySpan<byte> bytes) => BigEndian
        ? BinaryPrimitives.ReadUInt16BigEndian(bytes)
        : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    internal uint UInt32(ReadOnlySpan<byte> bytes) => BigEndian
        ? BinaryPrimitives.ReadUInt32BigEndian(bytes)
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    internal ulong UInt64(ReadOnlySpan<byte> bytes) => BigEndian
        ? BinaryPrimitives.ReadUInt64BigEndian(bytes)
        : BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <summary>A time in two halves, the upper first, whatever the byte order.</summary>
    internal ulong HighLow(ReadOnlySpan<byte> bytes) => ((ulong)UInt32(bytes) << 32) | UInt32(bytes[4..]);

    /// <summary>The exception for a damaged file: what is wrong, and where.</summary>
    internal StackException Damaged(string what, Exception? cause = null) => new(
        StackError.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"The capture is damaged at byte {Position}: {what}."),
        "The frames before this place were read and are good.",
        cause);

    private void Load(int count)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_buffer.Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(count, _buffer.Length * 2));
        }

        try
        {
            while (_end < count && stream.Read(_buffer.AsSpan(_end)) is > 0 and int read)
            {
                _end += read;
            }
        }
        catch (InvalidDataException e)
        {
            throw Damaged("its compression is broken or cut off there or soon after", e);
        }
    }
}
