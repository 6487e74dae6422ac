using System;

namespace TcpTools.Wire;

/// <summary>ARP operations (RFC 826, RFC 903).</summary>
public static class ArpOperation
{
    /// <summary>Who has this address?</summary>
    public const ushort Request = 1;

    /// <summary>I have.</summary>
    public const ushort Reply = 2;

    /// <summary>Reverse ARP: which address have I? (RFC 903)</summary>
    public const ushort ReverseRequest = 3;

    /// <summary>Reverse ARP: this one (RFC 903).</summary>
    public const ushort ReverseReply = 4;
}

/// <summary>
/// Reads an ARP message (RFC 826). The addresses are read as Ethernet and IPv4 addresses when their lengths say so; raw
/// bytes otherwise. Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The message from the hardware type on.</param>
public readonly ref struct ArpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of a message between Ethernet and IPv4 addresses.</summary>
    public const int EthernetIPv4Length = 28;

    /// <summary>Bytes before the first address.</summary>
    public const int FixedLength = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The kind of link: 1 for Ethernet.</summary>
    public ushort HardwareType => WireField.Read16(_bytes, 0);

    /// <summary>The kind of address asked about, an <see cref="EtherType"/>.</summary>
    public ushort ProtocolType => WireField.Read16(_bytes, 2);

    /// <summary>Bytes of each link address.</summary>
    public byte HardwareLength => WireField.Read8(_bytes, 4);

    /// <summary>Bytes of each protocol address.</summary>
    public byte ProtocolLength => WireField.Read8(_bytes, 5);

    /// <summary>What is asked or answered: <see cref="ArpOperation"/>.</summary>
    public ushort Operation => WireField.Read16(_bytes, 6);

    /// <summary>Whether all addresses are there, whatever their lengths.</summary>
    public bool IsComplete => _bytes.Length >= FixedLength + (2 * (HardwareLength + ProtocolLength));

    /// <summary>Whether this is a complete message between Ethernet and IPv4 addresses.</summary>
    public bool IsValid =>
        _bytes.Length >= EthernetIPv4Length && HardwareType == 1 && ProtocolType == EtherType.IPv4
        && HardwareLength == MacAddress.Length && ProtocolLength == 4;

    /// <summary>The sender's link address, of <see cref="HardwareLength"/> bytes as far as they exist.</summary>
    public ReadOnlySpan<byte> SenderHardwareBytes => WireField.Cut(_bytes, FixedLength, FixedLength + HardwareLength);

    /// <summary>The sender's protocol address, of <see cref="ProtocolLength"/> bytes as far as they exist.</summary>
    public ReadOnlySpan<byte> SenderProtocolBytes => Slice(HardwareLength, ProtocolLength);

    /// <summary>The target's link address.</summary>
    public ReadOnlySpan<byte> TargetHardwareBytes => Slice(HardwareLength + ProtocolLength, HardwareLength);

    /// <summary>The target's protocol address.</summary>
    public ReadOnlySpan<byte> TargetProtocolBytes => Slice((2 * HardwareLength) + ProtocolLength, ProtocolLength);

    /// <summary>The sender's Ethernet address.</summary>
    public MacAddress SenderHardware => MacAddress.FromBytes(SenderHardwareBytes);

    /// <summary>The sender's IP address; none when it is of no known length.</summary>
    public NetworkAddress SenderProtocol => NetworkAddress.FromBytes(SenderProtocolBytes);

    /// <summary>The target's Ethernet address.</summary>
    public MacAddress TargetHardware => MacAddress.FromBytes(TargetHardwareBytes);

    /// <summary>The target's IP address; none when it is of no known length.</summary>
    public NetworkAddress TargetProtocol => NetworkAddress.FromBytes(TargetProtocolBytes);

    /// <summary>What follows the message: padding of the frame.</summary>
    public ReadOnlySpan<byte> Trailer =>
        WireField.Cut(_bytes, FixedLength + (2 * (HardwareLength + ProtocolLength)), int.MaxValue);

    private ReadOnlySpan<byte> Slice(int offset, int length) =>
        WireField.Cut(_bytes, FixedLength + offset, FixedLength + offset + length);
}

/// <summary>
/// Writes an ARP message between Ethernet and IPv4 addresses. Never throws; what lies outside the bytes is not written.
/// </summary>
/// <param name="bytes">The message from the hardware type on, 28 bytes.</param>
public readonly ref struct ArpEditor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="ArpView.HardwareType"/>
    public ushort HardwareType
    {
        get => WireField.Read16(_bytes, 0);
        set => WireField.Write16(_bytes, 0, value);
    }

    /// <inheritdoc cref="ArpView.ProtocolType"/>
    public ushort ProtocolType
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }

    /// <inheritdoc cref="ArpView.HardwareLength"/>
    public byte HardwareLength
    {
        get => WireField.Read8(_bytes, 4);
        set => WireField.Write8(_bytes, 4, value);
    }

    /// <inheritdoc cref="ArpView.ProtocolLength"/>
    public byte ProtocolLength
    {
        get => WireField.Read8(_bytes, 5);
        set => WireField.Write8(_bytes, 5, value);
    }

    /// <inheritdoc cref="ArpView.Operation"/>
    public ushort Operation
    {
        get => WireField.Read16(_bytes, 6);
        set => WireField.Write16(_bytes, 6, value);
    }

    /// <inheritdoc cref="ArpView.SenderHardware"/>
    public MacAddress SenderHardware
    {
        get => ReadMac(8);
        set => WriteMac(8, value);
    }

    /// <inheritdoc cref="ArpView.SenderProtocol"/>
    public NetworkAddress SenderProtocol
    {
        get => NetworkAddress.FromIPv4(WireField.Read32(_bytes, 14));
        set => WireField.Write32(_bytes, 14, value.IPv4Bits);
    }

    /// <inheritdoc cref="ArpView.TargetHardware"/>
    public MacAddress TargetHardware
    {
        get => ReadMac(18);
        set => WriteMac(18, value);
    }

    /// <inheritdoc cref="ArpView.TargetProtocol"/>
    public NetworkAddress TargetProtocol
    {
        get => NetworkAddress.FromIPv4(WireField.Read32(_bytes, 24));
        set => WireField.Write32(_bytes, 24, value.IPv4Bits);
    }

    private MacAddress ReadMac(int offset) => MacAddress.FromBytes(WireField.Cut(_bytes, offset, offset + 6));

    private void WriteMac(int offset, MacAddress address)
    {
        WireField.Write16(_bytes, offset, (ushort)(address.Value >> 32));
        WireField.Write32(_bytes, offset + 2, (uint)address.Value);
    }
}
