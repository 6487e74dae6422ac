using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>What the kernel would do with a packet: the interface, the next hop, the source address.</summary>
/// <param name="Interface">The number of the interface that it leaves by.</param>
/// <param name="Kind">The kind of route: <see cref="HostRouting.Unicast"/>, <see cref="HostRouting.Local"/> and so on.</param>
/// <param name="Gateway">The next hop's address; empty when the destination is on the link itself.</param>
/// <param name="Source">The address that the kernel would put into a packet of its own; empty when it has none.</param>
internal sealed record HostRoute(int Interface, byte Kind, byte[] Gateway, byte[] Source);

/// <summary>Asks the kernel for routes and neighbours, and lets it look for a neighbour.</summary>
internal static class HostRouting
{
    internal const byte Unicast = 1;
    internal const byte Local = 2;
    internal const byte Broadcast = 3;
    internal const byte Multicast = 5;

    // States of a neighbour (NUD_*): only some have an address to send to.
    private const ushort Usable = 0x02 | 0x04 | 0x08 | 0x10 | 0x40 | 0x80;
    private const ushort Failed = 0x20;

    private const ushort NewRoute = 24;
    private const ushort GetRoute = 26;
    private const ushort NewNeighbour = 28;
    private const ushort GetNeighbour = 30;

    private const int RouteHeaderLength = 12;
    private const int NeighbourHeaderLength = 12;
    private const ushort RouteDestination = 1;
    private const ushort RouteOutput = 4;
    private const ushort RouteGateway = 5;
    private const ushort RoutePreferredSource = 7;
    private const ushort RouteVia = 18;
    private const ushort NeighbourDestination = 1;
    private const ushort NeighbourHardware = 2;
    private const byte UseNeighbour = 1;

    /// <summary>The way to a destination, over any interface or (when not 0) over this one; null with the kernel's reason when there is none.</summary>
    internal static HostRoute? FindRoute(NetlinkSocket socket, ReadOnlySpan<byte> destination, int output, out int error)
    {
        NetlinkRequest request = new(stackalloc byte[96], GetRoute, NetlinkSocket.Request, socket.NextSequence());
        request.Add(Family(destination));
        request.Add((byte)(destination.Length * 8));
        request.Add((ushort)0);
        request.Add(0u);
        request.Add(0u);
        request.AddAttribute(RouteDestination, destination);
        if (output != 0)
        {
            request.AddAttribute(RouteOutput, (uint)output);
        }

        HostRoute? route = null;
        error = socket.Ask(request, isDump: false, (type, body) =>
        {
            if (type != NewRoute || body.Length < RouteHeaderLength)
            {
                return;
            }

            ReadOnlySpan<byte> attributes = body[RouteHeaderLength..];
            ReadOnlySpan<byte> index = NetlinkSocket.FindAttribute(attributes, RouteOutput);
            ReadOnlySpan<byte> gateway = NetlinkSocket.FindAttribute(attributes, RouteGateway);
            ReadOnlySpan<byte> via = NetlinkSocket.FindAttribute(attributes, RouteVia);
            // An IPv4 route by way of an IPv6 neighbour has the address behind a family (RFC 8950).
            gateway = gateway.IsEmpty && via.Length > 2 ? via[2..] : gateway;
            route = index.Length < sizeof(int)
                ? null
                : new HostRoute(
                    MemoryMarshal.Read<int>(index),
                    body[7],
                    gateway.ToArray(),
                    NetlinkSocket.FindAttribute(attributes, RoutePreferredSource).ToArray());
        });
        return error == 0 ? route : null;
    }

    /// <summary>
    /// The hardware address of a neighbour as the kernel has it at present; empty when it has none, and then
    /// <paramref name="hasFailed"/> tells whether it has looked in vain.
    /// </summary>
    internal static byte[] FindNeighbour(NetlinkSocket socket, int index, ReadOnlySpan<byte> address, out bool hasFailed)
    {
        NetlinkRequest request = Neighbour(stackalloc byte[96], socket, GetNeighbour, NetlinkSocket.Request, index, 0, address);
        byte[] hardware = [];
        bool failed = false;
        _ = socket.Ask(request, isDump: false, (type, body) =>
        {
            if (type == NewNeighbour && body.Length >= NeighbourHeaderLength)
            {
                ushort state = MemoryMarshal.Read<ushort>(body[8..]);
                failed = (state & Failed) != 0;
                if ((state & Usable) != 0)
                {
                    hardware = NetlinkSocket.FindAttribute(body[NeighbourHeaderLength..], NeighbourHardware).ToArray();
                }
            }
        });
        hasFailed = failed;
        return hardware;
    }

    /// <summary>Lets the kernel look for a neighbour by ARP or neighbour discovery, as if it had something to send there.</summary>
    /// <returns>0 or the kernel's error number.</returns>
    internal static int Solicit(NetlinkSocket socket, int index, ReadOnlySpan<byte> address) => socket.Exchange(Neighbour(
        stackalloc byte[96],
        socket,
        NewNeighbour,
        NetlinkSocket.Request | NetlinkSocket.Acknowledge | NetlinkSocket.Create,
        index,
        UseNeighbour,
        address));

    private static NetlinkRequest Neighbour(
        Span<byte> memory, NetlinkSocket socket, ushort type, ushort flags, int index, byte use, ReadOnlySpan<byte> address)
    {
        NetlinkRequest request = new(memory, type, flags, socket.NextSequence());
        request.Add((uint)Family(address));
        request.Add(index);
        request.Add((ushort)0);
        request.Add(use);
        request.Add((byte)0);
        request.AddAttribute(NeighbourDestination, address);
        return request;
    }

    private static byte Family(ReadOnlySpan<byte> address) =>
        (byte)(address.Length == 16 ? LibC.AddressFamilyIPv6 : LibC.AddressFamilyIPv4);
}
