using System;

namespace TcpTools.Wire;

/// <summary>What a PPP frame carries (IANA PPP numbers).</summary>
public static class PppProtocol
{
    /// <summary>IPv4 (RFC 1332).</summary>
    public const ushort IPv4 = 0x0021;

    /// <summary>IPv6 (RFC 5072).</summary>
    public const ushort IPv6 = 0x0057;

    /// <summary>A stack of labels (RFC 3032).</summary>
    public const ushort Mpls = 0x0281;
}

/// <summary>
/// Reads a PPP header (RFC 1661, 2; RFC 1662, 3.1), with or without address and control, its protocol field compressed
/// or not (RFC 1661, 6.5 and 6.6). Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The frame without flags and check sequence.</param>
public readonly ref struct PppView(ReadOnlySpan<byte> bytes)
{
    /// <summary>The address and the control field together: all stations, unnumbered information.</summary>
    public const ushort AddressControl = 0xFF03;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the frame starts with address and control.</summary>
    public bool HasAddressControl => _bytes.Length >= 2 && WireField.Read16(_bytes, 0) == AddressControl;

    /// <summary>Whether the protocol field has one byte: its last bit is then set (RFC 1661, 2).</summary>
    public bool IsProtocolCompressed => (WireField.Read8(_bytes, ProtocolStart) & 1) != 0;

    /// <summary>What the frame carries (<see cref="PppProtocol"/>).</summary>
    public ushort Protocol => IsProtocolCompressed
        ? WireField.Read8(_bytes, ProtocolStart)
        : WireField.Read16(_bytes, ProtocolStart);

    /// <summary>Bytes of the header: 1 to 4.</summary>
    public int HeaderLength => ProtocolStart + (IsProtocolCompressed ? 1 : 2);

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    private int ProtocolStart => HasAddressControl ? 2 : 0;
}

/// <summary>
/// Reads the four bytes of address family that precede packets of a BSD loopback device. They are in the byte order of
/// the machine that captured (LINKTYPE_NULL) or in network order (LINKTYPE_LOOP). Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The bytes from the address family on.</param>
public readonly ref struct LoopbackView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 4;

    /// <summary>The family of IPv4, the same everywhere.</summary>
    public const uint IPv4Family = 2;

    /// <summary>The family of IPv6 on NetBSD and OpenBSD; others are 28 (FreeBSD), 30 (Darwin) and 10 (Linux).</summary>
    public const uint IPv6Family = 24;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>The family, read in network order.</summary>
    public uint BigEndianFamily => WireField.Read32(_bytes, 0);

    /// <summary>The family, read with its least byte first.</summary>
    public uint LittleEndianFamily => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(BigEndianFamily);

    /// <summary>Whether the bytes make a family in network order rather than in the other: families are small numbers.</summary>
    public bool LooksBigEndian => BigEndianFamily <= ushort.MaxValue && BigEndianFamily != 0;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>Whether a family is that of IPv6 on some system.</summary>
    public static bool IsIPv6(uint family) => family is 10 or IPv6Family or 28 or 30;
}
