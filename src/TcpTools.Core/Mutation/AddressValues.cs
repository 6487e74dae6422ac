using System;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>Addresses to put into fields.</summary>
internal static class AddressValues
{
    private static readonly NetworkAddress[] s_special4 =
    [
        NetworkAddress.FromIPv4(0),
        NetworkAddress.FromIPv4(uint.MaxValue),
        NetworkAddress.FromIPv4(0x7F000001),
        NetworkAddress.FromIPv4(0xE0000001),
        NetworkAddress.FromIPv4(0xEFFFFFFF),
        NetworkAddress.FromIPv4(0xF0000001),
        NetworkAddress.FromIPv4(0xA9FE0001),
        NetworkAddress.FromIPv4(0x0A000000),
        NetworkAddress.FromIPv4(0x0AFFFFFF),
    ];

    private static readonly NetworkAddress[] s_special6 =
    [
        NetworkAddress.Parse("::"),
        NetworkAddress.Parse("::1"),
        NetworkAddress.Parse("::ffff:10.0.0.1"),
        NetworkAddress.Parse("ff02::1"),
        NetworkAddress.Parse("fe80::1"),
        NetworkAddress.Parse("2002:7f00:1::1"),
        NetworkAddress.Parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ];

    /// <summary>An address that is treated in its own way somewhere: none, everybody, ourselves, a group.</summary>
    public static NetworkAddress NextSpecial(Draft draft, int length) => draft.Pick(length == 4 ? s_special4 : s_special6);

    /// <summary>An address of a network, at its edge if so wanted.</summary>
    public static NetworkAddress Within(Draft draft, InterfaceAddress network, bool atEdge)
    {
        int length = network.Address.Length;
        int hostBits = (length * 8) - network.PrefixLength;
        UInt128 hosts = hostBits >= 128 ? UInt128.MaxValue : (UInt128.One << hostBits) - UInt128.One;
        UInt128 first = network.Address.Bits & ~hosts;
        UInt128 host = atEdge
            ? draft.Pick<UInt128>([UInt128.Zero, UInt128.One, hosts, unchecked(hosts - UInt128.One)])
            : new UInt128(draft.Random.NextUInt64(), draft.Random.NextUInt64());
        return NetworkAddress.FromBits(first | (host & hosts), length);
    }
}
