using System;

namespace TcpTools.Wire;

/// <summary>
/// Walks the options of an IPv4 header. Never throws and always ends: every step gets on by at least one byte. The end
/// marker is an option like any other, and the last; what follows it is <see cref="Rest"/>.
/// </summary>
public ref struct IPv4OptionReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _raw;
    private bool _ended;

    /// <summary>Starts before the first option.</summary>
    public IPv4OptionReader(ReadOnlySpan<byte> options) => _rest = options;

    /// <summary>The current option's type: <see cref="IPv4OptionKind"/>.</summary>
    public readonly byte Kind => WireField.Read8(_raw, 0);

    /// <summary>The current option's data, without type and length.</summary>
    public readonly ReadOnlySpan<byte> Data => WireField.Cut(_raw, 2, int.MaxValue);

    /// <summary>All bytes of the current option.</summary>
    public readonly ReadOnlySpan<byte> Raw => _raw;

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
        _ended = _raw[0] == IPv4OptionKind.End;
        return true;
    }
}
