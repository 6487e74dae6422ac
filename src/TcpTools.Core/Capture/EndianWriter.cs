using System;
using System.Buffers.Binary;
using System.Text;

namespace TcpTools.Capture;

/// <summary>Puts numbers of either byte order, bytes and pcapng options behind each other into a buffer that grows.</summary>
internal sealed class EndianWriter(bool bigEndian)
{
    private byte[] _buffer = new byte[4096];
    private int _length;

    internal ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    internal void Clear() => _length = 0;

    internal void UInt16(int value)
    {
        Span<byte> bytes = Take(2);
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        }
    }

    internal void UInt32(uint value) => Set(Take(4), value);

    internal void UInt64(ulong value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt64BigEndian(Take(8), value);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
        }
    }

    /// <summary>A time in two halves, the upper first, whatever the byte order.</summary>
    internal void HighLow(ulong value)
    {
        UInt32((uint)(value >> 32));
        UInt32((uint)value);
    }

    internal void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>Fills up to a multiple of four.</summary>
    internal void Pad() => Take(-_length & 3).Clear();

    /// <summary>So many zeros.</summary>
    internal void Fill(int count) => Take(count).Clear();

    internal void Option(int code, ReadOnlySpan<byte> value)
    {
        UInt16(code);
        UInt16(value.Length);
        Bytes(value);
        Pad();
    }

    internal void Option(int code, uint value)
    {
        UInt16(code);
        UInt16(4);
        UInt32(value);
    }

    internal void Option(int code, ulong value)
    {
        UInt16(code);
        UInt16(8);
        UInt64(value);
    }

    /// <summary>A text option, cut to what its length field can say; nothing for null.</summary>
    internal void Option(int code, string? text)
    {
        if (text is null)
        {
            return;
        }

        // Rare, and for people: this one may allocate.
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        Option(code, bytes.Length > ushort.MaxValue ? bytes[..ushort.MaxValue] : bytes);
    }

    /// <summary>Starts a pcapng block; its length is filled in by <see cref="EndBlock"/>.</summary>
    internal void BeginBlock(uint type)
    {
        Clear();
        UInt32(type);
        UInt32(0);
    }

    /// <summary>Ends a pcapng block with its length, in front and behind.</summary>
    internal void EndBlock()
    {
        uint length = (uint)_length + 4;
        UInt32(length);
        Set(_buffer.AsSpan(4), length);
    }

    private void Set(Span<byte> bytes, uint value)
    {
        if (bigEndian)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        }
    }

    private Span<byte> Take(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        Span<byte> taken = _buffer.AsSpan(_length, count);
        _length += count;
        return taken;
    }
}
