using System;

namespace TcpTools.Wire;

/// <summary>
/// Walks the options of a neighbor discovery message (RFC 4861, 4.6), whose lengths count 8 bytes. Never throws and always
/// ends: it stops at a length of 0 and at one that reaches beyond the message.
/// </summary>
public ref struct NeighborOptionReader
{
    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _raw;

    /// <summary>Starts before the first option.</summary>
    public NeighborOptionReader(ReadOnlySpan<byte> options) => _rest = options;

    /// <summary>The current option's type: <see cref="NeighborOptionKind"/>.</summary>
    public readonly byte Kind => WireField.Read8(_raw, 0);

    /// <summary>All bytes of the current option.</summary>
    public readonly ReadOnlySpan<byte> Raw => _raw;

    /// <summary>What has not been walked; at the end, bytes that are no option.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Gets on to the next option; false at the end and at a malformed option.</summary>
    public bool MoveNext()
    {
        int length = 8 * WireField.Read8(_rest, 1);
        if (length == 0 || length > _rest.Length)
        {
            _raw = default;
            return false;
        }

        _raw = _rest[..length];
        _rest = _rest[length..];
        return true;
    }
}
