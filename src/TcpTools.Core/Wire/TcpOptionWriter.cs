using System;
using System.Buffers.Binary;

namespace TcpTools.Wire;

/// <summary>
/// Writes TCP options one after another. Never throws: an option that does not fit is left out, and
/// <see cref="IsOverflowed"/> tells.
/// </summary>
public ref struct TcpOptionWriter
{
    /// <summary>Bytes of options that a header can hold: 60 - 20.</summary>
    public const int MaximumLength = 40;

    private readonly Span<byte> _bytes;

    /// <summary>Starts at the front of <paramref name="bytes"/>, which is at most as long as the options may be.</summary>
    public TcpOptionWriter(Span<byte> bytes) => _bytes = bytes;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes left.</summary>
    public readonly int Room => _bytes.Length - Length;

    /// <summary>Whether something did not fit and was left out.</summary>
    public bool IsOverflowed { get; private set; }

    /// <summary>What has been written.</summary>
    public readonly ReadOnlySpan<byte> Written => _bytes[..Length];

    /// <summary>No operation.</summary>
    public void AddNop()
    {
        if (Take(1, out Span<byte> option))
        {
            option[0] = TcpOptionKind.NoOperation;
        }
    }

    /// <summary>End of the list.</summary>
    public void AddEnd()
    {
        if (Take(1, out Span<byte> option))
        {
            option[0] = TcpOptionKind.End;
        }
    }

    /// <summary>Maximum segment size in bytes (4 bytes).</summary>
    public void AddMaximumSegmentSize(ushort value)
    {
        if (Begin(TcpOptionKind.MaximumSegmentSize, 4, out Span<byte> option))
        {
            BinaryPrimitives.WriteUInt16BigEndian(option[2..], value);
        }
    }

    /// <summary>Window scale (3 bytes).</summary>
    public void AddWindowScale(byte shift)
    {
        if (Begin(TcpOptionKind.WindowScale, 3, out Span<byte> option))
        {
            option[2] = shift;
        }
    }

    /// <summary>SACK permitted (2 bytes).</summary>
    public void AddSackPermitted() => Begin(TcpOptionKind.SackPermitted, 2, out _);

    /// <summary>Timestamps (10 bytes).</summary>
    public void AddTimestamps(uint value, uint echo)
    {
        if (Begin(TcpOptionKind.Timestamps, 10, out Span<byte> option))
        {
            BinaryPrimitives.WriteUInt32BigEndian(option[2..], value);
            BinaryPrimitives.WriteUInt32BigEndian(option[6..], echo);
        }
    }

    /// <summary>As many of the blocks, first ones first, as there is room for; nothing when there is room for none.</summary>
    public void AddSack(scoped ReadOnlySpan<SackBlock> blocks)
    {
        int count = Math.Min(blocks.Length, (Room - 2) / SackBlock.Size);
        IsOverflowed |= count < blocks.Length;
        if (count <= 0 || !Begin(TcpOptionKind.Sack, 2 + (count * SackBlock.Size), out Span<byte> option))
        {
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Span<byte> block = option[(2 + (i * SackBlock.Size))..];
            BinaryPrimitives.WriteUInt32BigEndian(block, blocks[i].Left.Value);
            BinaryPrimitives.WriteUInt32BigEndian(block[4..], blocks[i].Right.Value);
        }
    }

    /// <summary>An option of any kind with this data; its length field is written.</summary>
    public void AddRaw(byte kind, scoped ReadOnlySpan<byte> data)
    {
        if (data.Length > 253)
        {
            IsOverflowed = true;
        }
        else if (Begin(kind, 2 + data.Length, out Span<byte> option))
        {
            data.CopyTo(option[2..]);
        }
    }

    /// <summary>Bytes as they are, sound options or not.</summary>
    public void AddRaw(scoped ReadOnlySpan<byte> bytes)
    {
        if (Take(bytes.Length, out Span<byte> place))
        {
            bytes.CopyTo(place);
        }
    }

    /// <summary>Fills up to a multiple of 4 bytes, which a header's length must be: an end marker and zeros.</summary>
    public void AddPadding()
    {
        while (Length % 4 != 0 && !IsOverflowed)
        {
            AddEnd();
        }
    }

    private bool Begin(byte kind, int length, out Span<byte> option)
    {
        if (!Take(length, out option))
        {
            return false;
        }

        option[0] = kind;
        option[1] = (byte)length;
        return true;
    }

    private bool Take(int length, out Span<byte> place)
    {
        if (length > Room)
        {
            IsOverflowed = true;
            place = default;
            return false;
        }

        place = _bytes.Slice(Length, length);
        Length += length;
        return true;
    }
}
