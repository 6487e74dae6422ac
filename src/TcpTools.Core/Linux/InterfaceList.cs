using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;

namespace TcpTools.Linux;

/// <summary>Asks the kernel for the interfaces of the calling thread's namespace, and for their addresses.</summary>
internal static class InterfaceList
{
    private const ushort NewLink = 16;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort GetAddress = 22;

    private const int LinkHeaderLength = 16;
    private const int AddressHeaderLength = 8;

    private const ushort LinkAddress = 1;
    private const ushort LinkName = 3;
    private const ushort LinkMtu = 4;
    private const ushort LinkInfo = 18;
    private const ushort LinkInfoKind = 1;
    private const ushort LinkStatistics = 23;
    private const ushort LinkPromiscuity = 30;

    private const ushort AddressPeer = 1;
    private const ushort AddressLocal = 2;

    /// <summary>All interfaces, in the order of their numbers.</summary>
    internal static List<InterfaceEntry> Read(NetlinkSocket socket)
    {
        List<InterfaceEntry> entries = [];
        NetlinkRequest request = new(
            stackalloc byte[64], GetLink, NetlinkSocket.Request | NetlinkSocket.Dump, socket.NextSequence());
        request.Add(0u);
        request.Add(0);
        request.Add(0u);
        request.Add(0u);
        Check(
            socket.Ask(request, isDump: true, (type, body) =>
            {
                if (type == NewLink && body.Length >= LinkHeaderLength)
                {
                    entries.Add(Parse(body));
                }
            }),
            "Asking for the network interfaces");
        entries.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        return entries;
    }

    /// <summary>The addresses of all interfaces: the interface's number, the address's bytes, the prefix length.</summary>
    internal static List<(int Index, byte[] Address, int PrefixLength)> ReadAddresses(NetlinkSocket socket)
    {
        List<(int, byte[], int)> addresses = [];
        NetlinkRequest request = new(
            stackalloc byte[64], GetAddress, NetlinkSocket.Request | NetlinkSocket.Dump, socket.NextSequence());
        request.Add(0u);
        request.Add(0);
        Check(
            socket.Ask(request, isDump: true, (type, body) =>
            {
                if (type != NewAddress || body.Length < AddressHeaderLength)
                {
                    return;
                }

                ReadOnlySpan<byte> attributes = body[AddressHeaderLength..];
                ReadOnlySpan<byte> local = NetlinkSocket.FindAttribute(attributes, AddressLocal);
                // An IPv6 address without a peer comes as IFA_ADDRESS only.
                local = local.IsEmpty ? NetlinkSocket.FindAttribute(attributes, AddressPeer) : local;
                if (local.Length is 4 or 16)
                {
                    addresses.Add((MemoryMarshal.Read<int>(body[4..]), local.ToArray(), body[1]));
                }
            }),
            "Asking for the addresses of the network interfaces");
        return addresses;
    }

    internal static void Check(int error, string action)
    {
        if (error != 0)
        {
            throw SystemError.ToException(error, action);
        }
    }

    private static InterfaceEntry Parse(ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> attributes = body[LinkHeaderLength..];
        ReadOnlySpan<byte> mtu = NetlinkSocket.FindAttribute(attributes, LinkMtu);
        ReadOnlySpan<byte> promiscuity = NetlinkSocket.FindAttribute(attributes, LinkPromiscuity);
        ReadOnlySpan<byte> statistics = NetlinkSocket.FindAttribute(attributes, LinkStatistics);
        return new InterfaceEntry
        {
            HardwareType = MemoryMarshal.Read<ushort>(body[2..]),
            Index = MemoryMarshal.Read<int>(body[4..]),
            Flags = MemoryMarshal.Read<uint>(body[8..]),
            Name = Text(NetlinkSocket.FindAttribute(attributes, LinkName)),
            HardwareAddress = NetlinkSocket.FindAttribute(attributes, LinkAddress).ToArray(),
            Mtu = mtu.Length >= sizeof(int) ? MemoryMarshal.Read<int>(mtu) : 0,
            Kind = Text(NetlinkSocket.FindAttribute(NetlinkSocket.FindAttribute(attributes, LinkInfo), LinkInfoKind)),
            Promiscuity = promiscuity.Length >= sizeof(int) ? MemoryMarshal.Read<int>(promiscuity) : 0,
            Statistics = MemoryMarshal.Cast<byte, ulong>(statistics).ToArray(),
        };
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));
}
