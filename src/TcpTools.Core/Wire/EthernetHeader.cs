using System;

namespace TcpTools.Wire;

/// <summary>Reads an Ethernet II frame without its check sequence. Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The frame from the destination address on.</param>
public readonly ref struct EthernetView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 14;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Who is to receive the frame.</summary>
    public MacAddress Destination => MacAddress.FromBytes(_bytes);

    /// <summary>Who sent it.</summary>
    public MacAddress Source => MacAddress.FromBytes(WireField.Cut(_bytes, 6, 12));

    /// <summary>What it carries (<see cref="Wire.EtherType"/>), or a length when less than <see cref="EtherType.FirstType"/>.</summary>
    public ushort EtherType => WireField.Read16(_bytes, 12);

    /// <summary>What follows the header, padding included.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}

/// <summary>Writes an Ethernet II header. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The frame from the destination address on.</param>
public readonly ref struct EthernetEditor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="EthernetView.Destination"/>
    public MacAddress Destination
    {
        get => new EthernetView(_bytes).Destination;
        set => Write(0, value);
    }

    /// <inheritdoc cref="EthernetView.Source"/>
    public MacAddress Source
    {
        get => new EthernetView(_bytes).Source;
        set => Write(6, value);
    }

    /// <inheritdoc cref="EthernetView.EtherType"/>
    public ushort EtherType
    {
        get => WireField.Read16(_bytes, 12);
        set => WireField.Write16(_bytes, 12, value);
    }

    private void Write(int offset, MacAddress address)
    {
        WireField.Write16(_bytes, offset, (ushort)(address.Value >> 32));
        WireField.Write32(_bytes, offset + 2, (uint)address.Value);
    }
}
