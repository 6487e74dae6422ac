using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;

namespace TcpTools.Capture;

/// <summary>A capture's bytes with their byte order and the place in the file, for clear words about damage.</summary>
internal sealed class CaptureInput(Stream stream)
{
    private byte[] _buffer = new byte[4096];

    internal bool BigEndian { get; set; }

    /// <summary>Bytes taken so far.</summary>
    internal long Position { get; private set; }

    /// <summary>Fills a span; what is missing at the end of the file stays. Returns how much there was.</summary>
    internal int Fill(Span<byte> bytes)
    {
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        Position += read;
        return read;
    }

    /// <summary>The next bytes of the file, valid until the next call.</summary>
    /// <exception cref="StackException">The file ends before.</exception>
    internal ReadOnlySpan<byte> Take(int count)
    {
        if (_buffer.Length < count)
        {
            _buffer = new byte[Math.Max(count, _buffer.Length * 2)];
        }

        Span<byte> bytes = _buffer.AsSpan(0, count);
        return Fill(bytes) == count ? bytes : throw Damaged("it ends in the middle of what should follow");
    }

    /// <summary>Passes over bytes of no interest.</summary>
    /// <exception cref="StackException">The file ends before.</exception>
    internal void Skip(long count)
    {
        while (count > 0)
        {
            int part = (int)Math.Min(count, _buffer.Length);
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

    internal long Int64(ReadOnlySpan<byte> bytes) => BigEndian
        ? BinaryPrimitives.ReadInt64BigEndian(bytes)
        : BinaryPrimitives.ReadInt64LittleEndian(bytes);

    /// <summary>The exception for a damaged file: what is wrong, and where.</summary>
    internal StackException Damaged(string what) => new(
        StackError.InvalidData,
        string.Create(CultureInfo.InvariantCulture, $"The capture is damaged at byte {Position}: {what}."),
        "The frames before this place were read and are good.");
}
