using System;

namespace TcpTools.Wire;

/// <summary>Reads an IPv6 header (RFC 8200, 3). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The packet from the version on.</param>
public readonly ref struct IPv6View(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header without extension headers.</summary>
    public const int HeaderLength = 40;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Whether this is version 6 with a whole header and a length that fits the bytes.</summary>
    public bool IsValid => IsComplete && Version == 6 && HeaderLength + PayloadLength <= _bytes.Length;

    /// <summary>The version: 6.</summary>
    public byte Version => (byte)(WireField.Read8(_bytes, 0) >> 4);

    /// <summary>Differentiated services and ECN (RFC 2474, RFC 3168).</summary>
    public byte TrafficClass => (byte)(WireField.Read16(_bytes, 0) >> 4);

    /// <summary>The flow label, 20 bits (RFC 6437).</summary>
    public uint FlowLabel => WireField.Read32(_bytes, 0) & 0xFFFFF;

    /// <summary>Bytes behind this header; 0 in jumbograms (RFC 2675).</summary>
    public ushort PayloadLength => WireField.Read16(_bytes, 4);

    /// <summary>What follows this header: <see cref="IPProtocol"/>.</summary>
    public byte NextHeader => WireField.Read8(_bytes, 6);

    /// <summary>How many more hops the packet may take.</summary>
    public byte HopLimit => WireField.Read8(_bytes, 7);

    /// <summary>The source address.</summary>
    public NetworkAddress Source => WireField.ReadIPv6(_bytes, 8);

    /// <summary>The destination address, which may be that of a waypoint only.</summary>
    public NetworkAddress Destination => WireField.ReadIPv6(_bytes, 24);

    /// <summary>The bytes behind this header, extension headers included, cut to <see cref="PayloadLength"/>.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, HeaderLength + PayloadLength);
}

/// <summary>Writes an IPv6 header. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The packet from the version on.</param>
public readonly ref struct IPv6Editor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="IPv6View.Version"/>
    public byte Version
    {
        get => new IPv6View(_bytes).Version;
        set => WireField.Write8(_bytes, 0, (byte)((WireField.Read8(_bytes, 0) & 0x0F) | (value << 4)));
    }

    /// <inheritdoc cref="IPv6View.TrafficClass"/>
    public byte TrafficClass
    {
        get => new IPv6View(_bytes).TrafficClass;
        set => WireField.Write16(_bytes, 0, (ushort)((WireField.Read16(_bytes, 0) & 0xF00F) | (value << 4)));
    }

    /// <inheritdoc cref="IPv6View.FlowLabel"/>
    public uint FlowLabel
    {
        get => new IPv6View(_bytes).FlowLabel;
        set => WireField.Write32(_bytes, 0, (WireField.Read32(_bytes, 0) & 0xFFF00000) | (value & 0xFFFFF));
    }

    /// <inheritdoc cref="IPv6View.PayloadLength"/>
    public ushort PayloadLength
    {
        get => WireField.Read16(_bytes, 4);
        set => WireField.Write16(_bytes, 4, value);
    }

    /// <inheritdoc cref="IPv6View.NextHeader"/>
    public byte NextHeader
    {
        get => WireField.Read8(_bytes, 6);
        set => WireField.Write8(_bytes, 6, value);
    }

    /// <inheritdoc cref="IPv6View.HopLimit"/>
    public byte HopLimit
    {
        get => WireField.Read8(_bytes, 7);
        set => WireField.Write8(_bytes, 7, value);
    }

    /// <inheritdoc cref="IPv6View.Source"/>
    public NetworkAddress Source
    {
        get => new IPv6View(_bytes).Source;
        set => WireField.WriteAddress(_bytes, 8, value);
    }

    /// <inheritdoc cref="IPv6View.Destination"/>
    public NetworkAddress Destination
    {
        get => new IPv6View(_bytes).Destination;
        set => WireField.WriteAddress(_bytes, 24, value);
    }
}
