using System;

namespace TcpTools.Wire;

/// <summary>Which way a frame of a Linux cooked capture went.</summary>
public enum CookedPacketType : ushort
{
    /// <summary>To this host.</summary>
    Host = 0,

    /// <summary>To all hosts.</summary>
    Broadcast = 1,

    /// <summary>To a group.</summary>
    Multicast = 2,

    /// <summary>To another host.</summary>
    OtherHost = 3,

    /// <summary>From this host.</summary>
    Outgoing = 4,
}

/// <summary>
/// Reads a Linux cooked header (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of the tcpdump group), which stands in a
/// capture for whatever the device had. Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The bytes from the header on.</param>
/// <param name="version">1 or 2.</param>
public readonly ref struct LinuxCookedView(ReadOnlySpan<byte> bytes, int version)
{
    /// <summary>Bytes that either version has for an address.</summary>
    public const int AddressRoom = 8;

    /// <summary>The protocol that says that an LLC header follows.</summary>
    public const ushort Llc = 4;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Bytes of the header.</summary>
    public int HeaderLength => LengthOf(version);

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Which way the frame went.</summary>
    public CookedPacketType PacketType =>
        (CookedPacketType)(version == 1 ? WireField.Read16(_bytes, 0) : WireField.Read8(_bytes, 10));

    /// <summary>The kind of device, by the kernel's ARPHRD numbers: 1 for Ethernet, 772 for loopback.</summary>
    public ushort DeviceType => WireField.Read16(_bytes, version == 1 ? 2 : 8);

    /// <summary>Bytes of the sender's link address.</summary>
    public ushort AddressLength => version == 1 ? WireField.Read16(_bytes, 4) : WireField.Read8(_bytes, 11);

    /// <summary>The sender's link address, filled up to 8 bytes or cut to them.</summary>
    public ReadOnlySpan<byte> Address =>
        version == 1 ? WireField.Cut(_bytes, 6, 14) : WireField.Cut(_bytes, 12, 20);

    /// <summary>What the frame carries: an Ethernet type, or a number below for what has none.</summary>
    public ushort Protocol => WireField.Read16(_bytes, version == 1 ? 14 : 0);

    /// <summary>The reserved word of version 2.</summary>
    public ushort Reserved => version == 1 ? (ushort)0 : WireField.Read16(_bytes, 2);

    /// <summary>The interface's number in version 2.</summary>
    public uint InterfaceIndex => version == 1 ? 0 : WireField.Read32(_bytes, 4);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>Bytes of the header in a version.</summary>
    public static int LengthOf(int version) => version == 1 ? 16 : 20;
}
