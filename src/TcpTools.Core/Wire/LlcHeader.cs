using System;

namespace TcpTools.Wire;

/// <summary>Service access points of logical link control (IEEE 802 numbers).</summary>
public static class ServiceAccessPoint
{
    /// <summary>IPv4 without SNAP (RFC 1042 replaced it).</summary>
    public const byte IPv4 = 0x06;

    /// <summary>Bridges: spanning tree (IEEE 802.1D).</summary>
    public const byte SpanningTree = 0x42;

    /// <summary>A SNAP header follows (IEEE 802).</summary>
    public const byte Snap = 0xAA;
}

/// <summary>Reads a header of logical link control (IEEE 802.2). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The bytes from the destination service access point on.</param>
public readonly ref struct LlcView(ReadOnlySpan<byte> bytes)
{
    /// <summary>The control byte of unnumbered information, which is what datagrams have.</summary>
    public const byte UnnumberedInformation = 0x03;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes of the header: 3 where the control field says that it is unnumbered, else 4.</summary>
    public int HeaderLength => IsUnnumbered(WireField.Read8(_bytes, 2)) ? 3 : 4;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Whom it is for (<see cref="ServiceAccessPoint"/>).</summary>
    public byte Destination => WireField.Read8(_bytes, 0);

    /// <summary>Whom it comes from.</summary>
    public byte Source => WireField.Read8(_bytes, 1);

    /// <summary>The control field, or its first byte where the frame is numbered.</summary>
    public byte Control => WireField.Read8(_bytes, 2);

    /// <summary>The control field's second byte; 0 where the frame is unnumbered and has none.</summary>
    public byte SecondControl => HeaderLength == 3 ? (byte)0 : WireField.Read8(_bytes, 3);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>Whether a first control byte is that of an unnumbered frame.</summary>
    public static bool IsUnnumbered(byte control) => (control & 3) == 3;
}

/// <summary>Reads a SNAP header (IEEE 802; RFC 1042). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The bytes after the LLC header.</param>
public readonly ref struct SnapView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 5;

    /// <summary>The organization whose protocol numbers are Ethernet types.</summary>
    public const int EtherTypes = 0x000000;

    /// <summary>The organization of bridges that tunnel Ethernet types (IEEE 802.1H).</summary>
    public const int BridgeTunnel = 0x0000F8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Whose protocol number it is; 24 bits.</summary>
    public int Organization => (WireField.Read8(_bytes, 0) << 16) | WireField.Read16(_bytes, 1);

    /// <summary>The protocol number.</summary>
    public ushort Protocol => WireField.Read16(_bytes, 3);

    /// <summary>Whether the protocol number is an Ethernet type.</summary>
    public bool HasEtherType => Organization is EtherTypes or BridgeTunnel;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}
