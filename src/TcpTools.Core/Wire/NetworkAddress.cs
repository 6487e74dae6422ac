using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace TcpTools.Wire;

/// <summary>
/// An IPv4 or IPv6 address as a value: it can be compared, hashed and copied to a header without allocating, which
/// <see cref="IPAddress"/> cannot. An IPv4 address and the IPv6 address with the same bits are different addresses.
/// </summary>
public readonly record struct NetworkAddress
{
    private readonly UInt128 _bits;
    private readonly byte _length;

    private NetworkAddress(UInt128 bits, byte length)
    {
        _bits = bits;
        _length = length;
    }

    /// <summary>0.0.0.0: "this host on this network" (RFC 1122, 3.2.1.3).</summary>
    public static NetworkAddress AnyIPv4 => FromIPv4(0);

    /// <summary>255.255.255.255.</summary>
    public static NetworkAddress BroadcastIPv4 => FromIPv4(uint.MaxValue);

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => _length == 4;

    /// <summary>Whether this is an IPv6 address.</summary>
    public bool IsIPv6 => _length == 16;

    /// <summary>Whether this is the value of a default-constructed address, of no family.</summary>
    public bool IsNone => _length == 0;

    /// <summary>Whether this is the unspecified address of its family (all zeros).</summary>
    public bool IsAny => _length != 0 && _bits == UInt128.Zero;

    /// <summary>Bytes on the wire: 4, 16, or 0 for no address.</summary>
    public int Length => _length;

    /// <summary>The 32 bits of an IPv4 address, first octet most significant.</summary>
    public uint IPv4Bits => (uint)_bits;

    /// <summary>Whether this is a multicast address (RFC 5771, RFC 4291).</summary>
    public bool IsMulticast => IsIPv4 ? (IPv4Bits >> 28) == 14 : IsIPv6 && (byte)(_bits >> 120) == 0xFF;

    /// <summary>Whether this is the limited broadcast address 255.255.255.255 (RFC 919).</summary>
    public bool IsLimitedBroadcast => IsIPv4 && IPv4Bits == uint.MaxValue;

    /// <summary>Whether this is a loopback address: 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => IsIPv4 ? IPv4Bits >> 24 == 127 : IsIPv6 && _bits == UInt128.One;

    /// <summary>An IPv4 address from its 32 bits, first octet most significant.</summary>
    public static NetworkAddress FromIPv4(uint bits) => new(bits, 4);

    /// <summary>An address from 4 or 16 bytes in network order; of no family for any other length.</summary>
    public static NetworkAddress FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => new(BinaryPrimitives.ReadUInt32BigEndian(bytes), 4),
        16 => new(BinaryPrimitives.ReadUInt128BigEndian(bytes), 16),
        _ => default,
    };

    /// <summary>The same address as .NET's type writes it.</summary>
    public static NetworkAddress From(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out int written) ? FromBytes(bytes[..written]) : default;
    }

    /// <summary>Reads dotted-decimal or RFC 4291 text.</summary>
    /// <exception cref="FormatException">The text is no address.</exception>
    public static NetworkAddress Parse(string text) => From(IPAddress.Parse(text));

    /// <summary>Reads dotted-decimal or RFC 4291 text.</summary>
    public static bool TryParse(string? text, out NetworkAddress address)
    {
        bool valid = IPAddress.TryParse(text, out IPAddress? parsed);
        address = valid ? From(parsed!) : default;
        return valid;
    }

    /// <summary>The address as a number, for counting through a network.</summary>
    internal UInt128 Bits => _bits;

    /// <summary>The address of 4 or 16 bytes that a number stands for.</summary>
    internal static NetworkAddress FromBits(UInt128 bits, int length) =>
        length == 4 ? FromIPv4((uint)bits) : new(bits, 16);

    /// <summary>Writes the address in network order; writes nothing when <paramref name="destination"/> is too short.</summary>
    public bool TryWriteBytes(Span<byte> destination)
    {
        if (destination.Length < _length)
        {
            return false;
        }

        if (_length == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, IPv4Bits);
        }
        else if (_length == 16)
        {
            BinaryPrimitives.WriteUInt128BigEndian(destination, _bits);
        }

        return true;
    }

    /// <summary>Whether the first <paramref name="prefixLength"/> bits of both addresses are the same.</summary>
    public bool IsInNetwork(NetworkAddress network, int prefixLength)
    {
        if (_length != network._length || _length == 0)
        {
            return false;
        }

        int hostBits = Math.Clamp((_length * 8) - prefixLength, 0, _length * 8);
        return hostBits == _length * 8 || _bits >> hostBits == network._bits >> hostBits;
    }

    /// <summary>The same address as .NET's type. Allocates: for people's eyes, not for the data path.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        return TryWriteBytes(bytes) && _length != 0 ? new IPAddress(bytes[.._length]) : IPAddress.None;
    }

    /// <summary>The address family in .NET's terms.</summary>
    public AddressFamily AddressFamily => _length switch
    {
        4 => AddressFamily.InterNetwork,
        16 => AddressFamily.InterNetworkV6,
        _ => AddressFamily.Unspecified,
    };

    /// <summary>Dotted decimal (IPv4) or RFC 5952 text (IPv6).</summary>
    public override string ToString() => _length == 0 ? "none" : ToIPAddress().ToString();
}
