using System;

namespace TcpTools.Wire;

/// <summary>
/// Walks the options of a hop-by-hop or destination options header (RFC 8200, 4.2). Never throws and always ends: every
/// step gets on by at least one byte. Padding is an option like any other.
/// </summary>
public ref struct IPv6OptionReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _raw;

    /// <summary>Starts before the first option.</summary>
    /// <param name="options">The header without its first two bytes.</param>
    public IPv6OptionReader(ReadOnlySpan<byte> options) => _rest = options;

    /// <summary>The current option's type: <see cref="IPv6OptionKind"/>.</summary>
    public readonly byte Kind => WireField.Read8(_raw, 0);

    /// <summary>The current option's data, without type and length.</summary>
    public readonly ReadOnlySpan<byte> Data => WireField.Cut(_raw, 2, int.MaxValue);

    /// <summary>All bytes of the current option.</summary>
    public readonly ReadOnlySpan<byte> Raw => _raw;

    /// <summary>Whether the walk stopped at an option that reaches beyond the header; it is at the start of <see cref="Rest"/>.</summary>
    public readonly bool IsMalformed => _raw.IsEmpty && !_rest.IsEmpty;

    /// <summary>What has not been walked.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether the current option has a length that its kind can have.</summary>
    public readonly bool HasPlausibleLength =>
        IPv6OptionKind.GetDataLength(Kind) is var length && (length < 0 || length == Data.Length);

    /// <summary>Gets on to the next option; false at the end and at a malformed option.</summary>
    public bool MoveNext()
    {
        int length = _rest.IsEmpty ? int.MaxValue
            : _rest[0] == IPv6OptionKind.Pad1 ? 1
            : _rest.Length < 2 ? int.MaxValue
            : 2 + _rest[1];
        if (length > _rest.Length)
        {
            _raw = default;
            return false;
        }

        _raw = _rest[..length];
        _rest = _rest[length..];
        return true;
    }
}
