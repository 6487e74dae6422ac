using System;

namespace TcpTools.Wire;

/// <summary>
/// Walks the options of a TCP header. Never throws and always ends: every step gets on by at least one byte. The end
/// marker is an option like any other, and the last; what follows it is <see cref="Rest"/>.
/// </summary>
public ref struct TcpOptionReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _raw;
    private bool _ended;

    /// <summary>Starts before the first option.</summary>
    public TcpOptionReader(ReadOnlySpan<byte> options) => _rest = options;

    /// <summary>The current option's kind: <see cref="TcpOptionKind"/>.</summary>
    public readonly byte Kind => WireField.Read8(_raw, 0);

    /// <summary>The current option's data, without kind and length.</summary>
    public readonly ReadOnlySpan<byte> Data => WireField.Cut(_raw, 2, int.MaxValue);

    /// <summary>All bytes of the current option.</summary>
    public readonly ReadOnlySpan<byte> Raw => _raw;

    /// <summary>Whether the current option has a length that its kind can have.</summary>
    public readonly bool HasPlausibleLength => TcpOptionKind.IsLengthPlausible(Kind, _raw.Length);

    /// <summary>Whether the walk stopped at an option whose length cannot be true; it is at the start of <see cref="Rest"/>.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>What has not been walked: after the end, padding, or what is malformed.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Gets on to the next option; false at the end, after an end marker and at a malformed option.</summary>
    public bool MoveNext()
    {
        int length = _ended || _rest.IsEmpty ? -1 : OptionWalk.Measure(_rest);
        if (length <= 0)
        {
            IsMalformed |= length == 0;
            _ended = true;
            _raw = default;
            return false;
        }

        _raw = _rest[..length];
        _rest = _rest[length..];
        _ended = _raw[0] == TcpOptionKind.End;
        return true;
    }

    /// <summary>Reads the current option's timestamps (RFC 7323, 3.2); false when it is not a proper timestamps option.</summary>
    public readonly bool TryReadTimestamps(out uint value, out uint echo)
    {
        value = WireField.Read32(_raw, 2);
        echo = WireField.Read32(_raw, 6);
        return Kind == TcpOptionKind.Timestamps && HasPlausibleLength;
    }

    /// <summary>Reads the current option's maximum segment size in bytes; false when it is not a proper one.</summary>
    public readonly bool TryReadMaximumSegmentSize(out ushort value)
    {
        value = WireField.Read16(_raw, 2);
        return Kind == TcpOptionKind.MaximumSegmentSize && HasPlausibleLength;
    }

    /// <summary>Reads the current option's window scale, not limited to 14; false when it is not a proper one.</summary>
    public readonly bool TryReadWindowScale(out byte shift)
    {
        shift = WireField.Read8(_raw, 2);
        return Kind == TcpOptionKind.WindowScale && HasPlausibleLength;
    }

    /// <summary>Copies the current option's SACK blocks and returns how many; 0 when it is not a proper SACK option.</summary>
    public readonly int ReadSack(scoped Span<SackBlock> blocks)
    {
        if (Kind != TcpOptionKind.Sack || !HasPlausibleLength)
        {
            return 0;
        }

        int count = Math.Min(blocks.Length, (_raw.Length - 2) / SackBlock.Size);
        for (int i = 0; i < count; i++)
        {
            int at = 2 + (i * SackBlock.Size);
            blocks[i] = new(new(WireField.Read32(_raw, at)), new(WireField.Read32(_raw, at + 4)));
        }

        return count;
    }
}
