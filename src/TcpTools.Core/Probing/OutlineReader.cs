using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>Reads a <see cref="PacketOutline"/> from bytes. Never throws, never allocates; missing bytes read as 0.</summary>
internal static class OutlineReader
{
    private const int IPv6HeaderLength = 40;
    private const int MostExtensionHeaders = 16;

    /// <summary>What a frame is about.</summary>
    public static PacketOutline Read(ReadOnlySpan<byte> frame, PacketStart start)
    {
        PacketOutline outline = default;
        if (start == PacketStart.IP)
        {
            ReadIP(frame, 0, ref outline);
            return outline;
        }

        EthernetView ethernet = new(frame);
        outline.FrameSource = ethernet.Source;
        outline.FrameDestination = ethernet.Destination;
        outline.Network = ethernet.IsComplete ? OutlineNetwork.Frame : OutlineNetwork.None;
        int offset = EthernetView.HeaderLength;
        ushort type = ethernet.EtherType;
        while (EtherType.IsVlan(type))
        {
            type = new VlanTagView(WireField.Cut(frame, offset, frame.Length)).EtherType;
            offset += VlanTagView.HeaderLength;
        }

        outline.EtherType = type;
        switch (type)
        {
            case EtherType.IPv4 or EtherType.IPv6:
                ReadIP(frame, offset, ref outline);
                break;
            case EtherType.Arp:
                ReadArp(new ArpView(WireField.Cut(frame, offset, frame.Length)), ref outline);
                break;
        }

        return outline;
    }

    /// <summary>What the packet is about that an ICMP error quotes.</summary>
    /// <param name="frame">The frame that holds the error.</param>
    /// <param name="error">Its outline.</param>
    public static PacketOutline ReadQuoted(ReadOnlySpan<byte> frame, in PacketOutline error)
    {
        PacketOutline outline = default;
        const int ErrorHeader = 8;
        ReadIP(frame, error.TransportOffset + ErrorHeader, ref outline);
        return outline;
    }

    /// <summary>Whether the checksums of network and transport fit, as far as the packet has any and is whole.</summary>
    public static bool AreChecksumsValid(ReadOnlySpan<byte> frame, in PacketOutline outline, int networkOffset)
    {
        if (outline.Network == OutlineNetwork.IPv4)
        {
            IPv4View ip = new(frame[networkOffset..]);
            if (!ip.IsChecksumValid)
            {
                return false;
            }

            if (ip.IsFragment)
            {
                return true;
            }
        }
        else if (outline.Network != OutlineNetwork.IPv6)
        {
            return true;
        }

        ReadOnlySpan<byte> transport = frame.Slice(outline.TransportOffset, outline.TransportLength);
        return outline.Protocol switch
        {
            IPProtocol.Tcp or IPProtocol.Icmpv6 => InternetChecksum.IsValid(InternetChecksum.Add(
                InternetChecksum.PseudoHeader(outline.Source, outline.Destination, (byte)outline.Protocol, transport.Length), transport)),
            IPProtocol.Udp => new UdpView(transport) is var udp && (!udp.HasChecksum || udp.IsChecksumValid(outline.Source, outline.Destination)),
            IPProtocol.Icmp => InternetChecksum.IsValid(InternetChecksum.Add(0, transport)),
            _ => true,
        };
    }

    /// <summary>Where the network header of a frame begins.</summary>
    public static int NetworkOffset(ReadOnlySpan<byte> frame, PacketStart start)
    {
        if (start == PacketStart.IP)
        {
            return 0;
        }

        int offset = EthernetView.HeaderLength;
        ushort type = new EthernetView(frame).EtherType;
        while (EtherType.IsVlan(type))
        {
            type = new VlanTagView(WireField.Cut(frame, offset, frame.Length)).EtherType;
            offset += VlanTagView.HeaderLength;
        }

        return Math.Min(offset, frame.Length);
    }

    private static void ReadArp(ArpView arp, ref PacketOutline outline)
    {
        outline.Network = OutlineNetwork.Arp;
        outline.Protocol = arp.Operation;
        outline.Source = arp.SenderProtocol;
        outline.Destination = arp.TargetProtocol;
    }

    private static void ReadIP(ReadOnlySpan<byte> frame, int offset, ref PacketOutline outline)
    {
        switch (WireField.Read8(frame, offset) >> 4)
        {
            case 4:
                ReadIPv4(frame, offset, ref outline);
                break;
            case 6:
                ReadIPv6(frame, offset, ref outline);
                break;
        }
    }

    private static void ReadIPv4(ReadOnlySpan<byte> frame, int offset, ref PacketOutline outline)
    {
        IPv4View ip = new(frame[offset..]);
        outline.Network = OutlineNetwork.IPv4;
        outline.Source = ip.Source;
        outline.Destination = FinalDestination(ip);
        outline.Identification = ip.Identification;
        outline.Protocol = ip.Protocol;
        outline.IsLaterFragment = ip.FragmentOffset != 0;
        int header = Math.Max(ip.HeaderLength, IPv4View.MinimumHeaderLength);

        // A length of zero is that of a packet which a network card is to split: all that is there belongs to it.
        int total = ip.TotalLength == 0 ? frame.Length - offset : Math.Min(ip.TotalLength, frame.Length - offset);
        SetTransport(frame, offset + header, offset + total, ip.TotalLength - header, ref outline);
    }

    private static NetworkAddress FinalDestination(IPv4View ip)
    {
        const byte LooseRoute = 131;
        const byte StrictRoute = 137;
        const int AddressLength = 4;
        IPv4OptionReader options = new(ip.Options);
        while (options.MoveNext())
        {
            ReadOnlySpan<byte> raw = options.Raw;
            if (raw[0] is LooseRoute or StrictRoute && raw.Length >= 3 + AddressLength && raw[2] + 3 <= raw.Length)
            {
                return NetworkAddress.FromBytes(raw[^AddressLength..]);
            }
        }

        return ip.Destination;
    }

    private static void ReadIPv6(ReadOnlySpan<byte> frame, int offset, ref PacketOutline outline)
    {
        outline.Network = OutlineNetwork.IPv6;
        outline.Source = Address(frame, offset + 8);
        outline.Destination = Address(frame, offset + 24);
        int length = WireField.Read16(frame, offset + 4);
        int end = length == 0 ? frame.Length : Math.Min(frame.Length, offset + IPv6HeaderLength + length);
        int declaredEnd = offset + IPv6HeaderLength + length;
        byte next = WireField.Read8(frame, offset + 6);
        int at = offset + IPv6HeaderLength;
        for (int i = 0; i < MostExtensionHeaders && at < end && TryPassExtension(frame, ref next, ref at, ref outline); i++)
        {
        }

        outline.Protocol = next;
        SetTransport(frame, at, end, declaredEnd - at, ref outline);
    }

    private static bool TryPassExtension(ReadOnlySpan<byte> frame, ref byte next, ref int at, ref PacketOutline outline)
    {
        const byte HopByHop = 0, Routing = 43, Fragment = 44, Authentication = 51, DestinationOptions = 60, Mobility = 135,
            HostIdentity = 139, Shim = 140;
        int length = 8 * (WireField.Read8(frame, at + 1) + 1);
        switch (next)
        {
            case Routing:
                ReadRouting(frame, at, length, ref outline);
                break;
            case Fragment:
                length = 8;
                outline.IsLaterFragment |= (WireField.Read16(frame, at + 2) & 0xFFF8) != 0;
                outline.Identification = WireField.Read32(frame, at + 4);
                break;
            case Authentication:
                length = 4 * (WireField.Read8(frame, at + 1) + 2);
                break;
            case HopByHop or DestinationOptions or Mobility or HostIdentity or Shim:
                break;
            default:
                return false;
        }

        next = WireField.Read8(frame, at);
        at += length;
        return !outline.IsLaterFragment;
    }

    /// <summary>The last address of a routing header that is not used up: of type 0 and 2 the last, of type 4 the first in the list.</summary>
    private static void ReadRouting(ReadOnlySpan<byte> frame, int at, int length, ref PacketOutline outline)
    {
        const int FirstAddress = 8;
        const int AddressLength = 16;
        byte type = WireField.Read8(frame, at + 2);
        bool isUsedUp = WireField.Read8(frame, at + 3) == 0;
        if (isUsedUp || length < FirstAddress + AddressLength || at + length > frame.Length)
        {
            return;
        }

        outline.Destination = type switch
        {
            0 or 2 => Address(frame, at + length - AddressLength),
            4 => Address(frame, at + FirstAddress),
            _ => outline.Destination,
        };
    }

    private static NetworkAddress Address(ReadOnlySpan<byte> frame, int offset)
    {
        ReadOnlySpan<byte> bytes = WireField.Cut(frame, offset, offset + 16);
        return bytes.Length == 16 ? NetworkAddress.FromBytes(bytes) : default;
    }

    /// <param name="frame">The frame.</param>
    /// <param name="start">Where the transport header begins.</param>
    /// <param name="end">Where the packet ends, of what is there.</param>
    /// <param name="declared">Bytes from the transport header on, as the network header tells; a quotation has less.</param>
    /// <param name="outline">What is filled.</param>
    private static void SetTransport(ReadOnlySpan<byte> frame, int start, int end, int declared, ref PacketOutline outline)
    {
        outline.TransportOffset = Math.Min(start, frame.Length);
        outline.TransportLength = Math.Max(0, end - outline.TransportOffset);
        if (!outline.IsLaterFragment && outline.TransportLength > 0)
        {
            ReadTransport(frame.Slice(outline.TransportOffset, outline.TransportLength), Math.Max(declared, 0), ref outline);
        }
    }

    private static void ReadTransport(ReadOnlySpan<byte> bytes, int declared, ref PacketOutline outline)
    {
        const byte Sctp = 132, UdpLite = 136, Dccp = 33;
        switch (outline.Protocol)
        {
            case IPProtocol.Tcp:
                TcpView tcp = new(bytes);
                (outline.SourcePort, outline.DestinationPort) = (tcp.SourcePort, tcp.DestinationPort);
                (outline.Sequence, outline.Acknowledgment, outline.Flags) = (tcp.Sequence.Value, tcp.Acknowledgment.Value, tcp.Flags);
                outline.SegmentLength = Math.Max(0, Math.Max(declared, bytes.Length) - Math.Max(tcp.DataOffset, TcpView.MinimumHeaderLength))
                    + ((tcp.Flags & TcpFlags.Syn) != 0 ? 1 : 0) + ((tcp.Flags & TcpFlags.Fin) != 0 ? 1 : 0);
                break;
            case IPProtocol.Udp:
                UdpView udp = new(bytes);
                (outline.SourcePort, outline.DestinationPort) = (udp.SourcePort, udp.DestinationPort);
                ReadDatagram(udp.Payload, ref outline);
                break;
            case UdpLite or Sctp or Dccp:
                (outline.SourcePort, outline.DestinationPort) = (WireField.Read16(bytes, 0), WireField.Read16(bytes, 2));
                break;
            case IPProtocol.Icmp or IPProtocol.Icmpv6:
                const byte NeighborSolicitation = 135, NeighborAdvertisement = 136;
                outline.IcmpType = WireField.Read8(bytes, 0);
                outline.IcmpWord = WireField.Read32(bytes, 4);
                if (outline.Protocol == IPProtocol.Icmpv6 && outline.IcmpType is NeighborSolicitation or NeighborAdvertisement)
                {
                    outline.NeighborTarget = Address(bytes, 8);
                }

                break;
        }
    }

    private static void ReadDatagram(ReadOnlySpan<byte> data, ref PacketOutline outline)
    {
        const int DhcpServer = 67, DhcpClient = 68;
        if (IsDnsPort(outline.SourcePort) || IsDnsPort(outline.DestinationPort))
        {
            outline.IsDns = data.Length >= DnsQuestionHash.HeaderLength;
            outline.IsDnsResponse = (WireField.Read8(data, 2) & 0x80) != 0;
            outline.Transaction = WireField.Read16(data, 0);
            outline.Question = DnsQuestionHash.Of(data);
        }
        else if (outline is { SourcePort: DhcpServer or DhcpClient, DestinationPort: DhcpServer or DhcpClient })
        {
            outline.Transaction = WireField.Read32(data, 4);
        }
    }

    private static bool IsDnsPort(ushort port)
    {
        const int Dns = 53, MulticastDns = 5353, LinkLocalNames = 5355;
        return port is Dns or MulticastDns or LinkLocalNames;
    }
}
