using System;

namespace TcpTools.Wire;

/// <summary>Reads one entry of a label stack (RFC 3032, 2.1; RFC 5462). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The bytes from the label on.</param>
public readonly ref struct MplsLabelView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of an entry.</summary>
    public const int HeaderLength = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole entry is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>The label; 20 bits.</summary>
    public int Label => (int)(WireField.Read32(_bytes, 0) >> 12);

    /// <summary>The traffic class; 3 bits.</summary>
    public byte TrafficClass => (byte)((WireField.Read8(_bytes, 2) >> 1) & 7);

    /// <summary>Whether this is the last entry of the stack.</summary>
    public bool IsBottom => (WireField.Read8(_bytes, 2) & 1) != 0;

    /// <summary>Through how many routers it may still go.</summary>
    public byte TimeToLive => WireField.Read8(_bytes, 3);

    /// <summary>What follows the entry.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}
