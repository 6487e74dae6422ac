using System;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>
/// Sets up a device of the kernel's in the namespace of the calling thread: link, addresses and routes, by rtnetlink(7).
/// Methods return 0 or the kernel's error number, so that the caller can say what the failure means.
/// </summary>
internal sealed class RouteNetlink : IDisposable
{
    private const ushort NewLink = 16;
    private const ushort NewAddress = 20;
    private const ushort GetAddress = 22;
    private const ushort NewRoute = 24;
    private const ushort GetRoute = 26;

    private const ushort Request = 0x1;
    private const ushort Acknowledge = 0x4;
    private const ushort Exclusive = 0x200;
    private const ushort Create = 0x400;
    private const ushort Dump = 0x300;

    private const ushort LinkMtu = 4;
    private const ushort LinkFamilies = 26;
    private const ushort IPv6AddressGeneration = 8;
    private const byte GenerateNoAddress = 1;
    private const uint LinkUp = 1;

    private const ushort AddressPeer = 1;
    private const ushort AddressLocal = 2;
    private const byte AddressWithoutDetection = 2;

    private const ushort RouteDestination = 1;
    private const ushort RouteOutput = 4;
    private const byte RouteTableMain = 254;
    private const byte RouteByAdministrator = 4;
    private const byte RouteScopeLink = 253;
    private const byte RouteUnicast = 1;
    private const byte RouteLocal = 2;
    private const int RouteTypeOffset = 7;
    private const int RouteHeaderLength = 12;

    private const int AddressHeaderLength = 8;

    private readonly NetlinkSocket _socket = new();

    /// <summary>Sets a link's MTU.</summary>
    internal int SetMtu(int index, int mtu)
    {
        NetlinkRequest request = BeginLink(stackalloc byte[256], index, 0, 0);
        request.AddAttribute(LinkMtu, (uint)mtu);
        return _socket.Exchange(request);
    }

    /// <summary>Keeps the kernel from giving the link an IPv6 address of its own and soliciting routers over it.</summary>
    internal int DisableAutomaticIPv6(int index)
    {
        NetlinkRequest request = BeginLink(stackalloc byte[256], index, 0, 0);
        int families = request.BeginNested(LinkFamilies);
        int family = request.BeginNested(LibC.AddressFamilyIPv6);
        request.AddAttribute(IPv6AddressGeneration, [GenerateNoAddress]);
        request.EndNested(family);
        request.EndNested(families);
        return _socket.Exchange(request);
    }

    /// <summary>Brings a link up.</summary>
    internal int BringUp(int index) => _socket.Exchange(BeginLink(stackalloc byte[256], index, LinkUp, LinkUp));

    /// <summary>
    /// Gives a link an address; <paramref name="peer"/>, when not empty, is the address at the other end of a
    /// point-to-point link, and the prefix is then the peer's.
    /// </summary>
    internal int AddAddress(int index, ReadOnlySpan<byte> local, ReadOnlySpan<byte> peer, int prefixLength)
    {
        NetlinkRequest request = new(
            stackalloc byte[256], NewAddress, Request | Acknowledge | Create | Exclusive, _socket.NextSequence());
        request.Add(Family(local));
        request.Add((byte)prefixLength);
        // Duplicate address detection would hold an IPv6 address back for a second on a link with nobody else on it.
        request.Add(local.Length == 16 ? AddressWithoutDetection : (byte)0);
        request.Add((byte)0);
        request.Add(index);
        request.AddAttribute(AddressLocal, local);
        request.AddAttribute(AddressPeer, peer.IsEmpty ? local : peer);
        return _socket.Exchange(request);
    }

    /// <summary>Sends a network's packets to a link.</summary>
    internal int AddRoute(int index, ReadOnlySpan<byte> destination, int prefixLength)
    {
        NetlinkRequest request = new(
            stackalloc byte[256], NewRoute, Request | Acknowledge | Create | Exclusive, _socket.NextSequence());
        request.Add(Family(destination));
        request.Add((byte)prefixLength);
        request.Add((ushort)0);
        request.Add(RouteTableMain);
        request.Add(RouteByAdministrator);
        request.Add(destination.Length == 16 ? (byte)0 : RouteScopeLink);
        request.Add(RouteUnicast);
        request.Add(0u);
        request.AddAttribute(RouteDestination, destination);
        request.AddAttribute(RouteOutput, (uint)index);
        return _socket.Exchange(request);
    }

    /// <summary>Whether packets for the address are delivered to this namespace itself.</summary>
    internal bool IsDeliveredHere(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> route = FindRoute(address);
        return !route.IsEmpty && route[RouteTypeOffset] == RouteLocal;
    }

    /// <summary>The index of the link over which packets for the address leave; null when there is none.</summary>
    internal int? FindOutput(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> route = FindRoute(address);
        ReadOnlySpan<byte> attributes = route.IsEmpty ? route : route[RouteHeaderLength..];
        while (attributes.Length >= NetlinkRequest.AttributeHeaderLength)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            if (length < NetlinkRequest.AttributeHeaderLength || length > attributes.Length)
            {
                break;
            }

            if (MemoryMarshal.Read<ushort>(attributes[2..]) == RouteOutput && length >= NetlinkRequest.AttributeHeaderLength + sizeof(int))
            {
                return MemoryMarshal.Read<int>(attributes[NetlinkRequest.AttributeHeaderLength..]);
            }

            attributes = attributes[Math.Min(NetlinkRequest.Align(length), attributes.Length)..];
        }

        return null;
    }

    /// <summary>The kernel's answer to where packets for the address go: header and attributes; empty when nowhere.</summary>
    private ReadOnlySpan<byte> FindRoute(ReadOnlySpan<byte> address)
    {
        NetlinkRequest request = new(stackalloc byte[64], GetRoute, Request, _socket.NextSequence());
        request.Add(Family(address));
        request.Add((byte)(address.Length * 8));
        request.Add((ushort)0);
        request.Add(0u);
        request.Add(0u);
        request.AddAttribute(RouteDestination, address);
        if (!_socket.Transmit(request.Bytes))
        {
            return [];
        }

        while (true)
        {
            ReadOnlySpan<byte> reply = _socket.ReceiveReply();
            while (NetlinkSocket.TryNext(ref reply, out ushort type, out uint sequence, out ReadOnlySpan<byte> body))
            {
                if (sequence == _socket.Sequence && type is (NewRoute or NetlinkSocket.ErrorMessage))
                {
                    return type == NewRoute && body.Length >= RouteHeaderLength ? body.ToArray() : [];
                }
            }

            if (_socket.LastError != 0)
            {
                return [];
            }
        }
    }

    /// <summary>Whether a link of this namespace has the address.</summary>
    internal bool IsAssigned(ReadOnlySpan<byte> address)
    {
        NetlinkRequest request = new(stackalloc byte[64], GetAddress, Request | Dump, _socket.NextSequence());
        request.Add(Family(address));
        request.Add((byte)0);
        request.Add((ushort)0);
        request.Add(0);
        if (!_socket.Transmit(request.Bytes))
        {
            return false;
        }

        bool found = false;
        while (true)
        {
            ReadOnlySpan<byte> reply = _socket.ReceiveReply();
            while (NetlinkSocket.TryNext(ref reply, out ushort type, out uint sequence, out ReadOnlySpan<byte> body))
            {
                if (sequence == _socket.Sequence && type is (NetlinkSocket.DoneMessage or NetlinkSocket.ErrorMessage))
                {
                    return found;
                }

                found |= sequence == _socket.Sequence && type == NewAddress && HasLocal(body, address);
            }

            if (_socket.LastError != 0)
            {
                return found;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static byte Family(ReadOnlySpan<byte> address) =>
        (byte)(address.Length == 16 ? LibC.AddressFamilyIPv6 : LibC.AddressFamilyIPv4);

    private NetlinkRequest BeginLink(Span<byte> memory, int index, uint flags, uint change)
    {
        NetlinkRequest request = new(memory, NewLink, Request | Acknowledge, _socket.NextSequence());
        request.Add(0u);
        request.Add(index);
        request.Add(flags);
        request.Add(change);
        return request;
    }

    private static bool HasLocal(ReadOnlySpan<byte> body, ReadOnlySpan<byte> address)
    {
        if (body.Length < AddressHeaderLength)
        {
            return false;
        }

        ReadOnlySpan<byte> attributes = body[AddressHeaderLength..];
        bool hasLocal = false;
        bool peerMatches = false;
        while (attributes.Length >= NetlinkRequest.AttributeHeaderLength)
        {
            int length = MemoryMarshal.Read<ushort>(attributes);
            ushort kind = MemoryMarshal.Read<ushort>(attributes[2..]);
            if (length < NetlinkRequest.AttributeHeaderLength || length > attributes.Length)
            {
                break;
            }

            ReadOnlySpan<byte> value = attributes[NetlinkRequest.AttributeHeaderLength..length];
            if (kind == AddressLocal)
            {
                hasLocal = true;
                if (value.SequenceEqual(address))
                {
                    return true;
                }
            }
            else if (kind == AddressPeer)
            {
                peerMatches = value.SequenceEqual(address);
            }

            attributes = attributes[Math.Min(NetlinkRequest.Align(length), attributes.Length)..];
        }

        // An IPv6 address without a peer comes as IFA_ADDRESS only.
        return !hasLocal && peerMatches;
    }
}
