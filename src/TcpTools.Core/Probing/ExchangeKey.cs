using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>What kind of answer a key is for.</summary>
internal enum ExchangeKind : byte
{
    None,
    Frame,
    Arp,
    Ports,
    Dns,
    Dhcp,
    Icmp,
    Neighbor,
    Router,
    Protocol,
    Quotation,
}

/// <summary>
/// By what an answer finds its probe among many: both sides compute it, from what was sent and from what came.
/// </summary>
internal readonly record struct ExchangeKey(ExchangeKind Kind, NetworkAddress Near, NetworkAddress Far, ulong Detail)
{
    /// <summary>The key of answers to a probe; wild where they may come from any address.</summary>
    public static ExchangeKey OfAnswers(in PacketOutline probe, bool anySource)
    {
        switch (probe.Network)
        {
            case OutlineNetwork.Frame:
                return new(ExchangeKind.Frame, default, default, probe.FrameSource.Value | ((ulong)probe.EtherType << 48));
            case OutlineNetwork.Arp:
                return new(ExchangeKind.Arp, default, probe.Destination, (ulong)probe.Protocol + 1);
            case OutlineNetwork.None:
                return default;
        }

        if (probe.IsLaterFragment)
        {
            return default;
        }

        (ExchangeKind kind, ulong detail) = Describe(probe, isReply: false);
        if (kind == ExchangeKind.Neighbor)
        {
            return new(kind, default, probe.NeighborTarget, 0);
        }

        bool isToGroupOnly = kind is ExchangeKind.Dhcp or ExchangeKind.Router || (probe.IsDns && probe.Destination.IsMulticast);
        return isToGroupOnly || probe.Source.IsAny
            ? new(kind, default, default, detail)
            : new(kind, probe.Source, anySource || probe.IsToGroup ? default : probe.Destination, detail);
    }

    /// <summary>The keys under which a probe may wait that this packet answers, the narrowest first.</summary>
    /// <returns>How many there are.</returns>
    public static int OfReply(in PacketOutline reply, System.Span<ExchangeKey> keys)
    {
        switch (reply.Network)
        {
            case OutlineNetwork.Frame:
                keys[0] = new(ExchangeKind.Frame, default, default, reply.FrameDestination.Value | ((ulong)reply.EtherType << 48));
                return 1;
            case OutlineNetwork.Arp:
                keys[0] = new(ExchangeKind.Arp, default, reply.Source, reply.Protocol);
                return 1;
            case OutlineNetwork.None:
                return 0;
        }

        if (reply.IsLaterFragment)
        {
            return 0;
        }

        (ExchangeKind kind, ulong detail) = Describe(reply, isReply: true);
        switch (kind)
        {
            case ExchangeKind.None:
                return 0;
            case ExchangeKind.Neighbor:
                keys[0] = new(kind, default, reply.NeighborTarget, 0);
                return 1;
            case ExchangeKind.Router or ExchangeKind.Dhcp:
                keys[0] = new(kind, default, default, detail);
                return 1;
        }

        keys[0] = new(kind, reply.Destination, reply.Source, detail);
        keys[1] = new(kind, reply.Destination, default, detail);

        // Multicast DNS: both sides may talk to the group, and a response has no id.
        const ulong Ports = 0xFF00_0000_FFFF_FFFF;
        keys[2] = kind == ExchangeKind.Dns ? new(ExchangeKind.Ports, default, default, detail & Ports) : new(kind, default, default, detail);
        return 3;
    }

    /// <summary>The key of errors about a packet; the same for the probe and for what an error quotes of it.</summary>
    public static ExchangeKey OfQuotation(in PacketOutline packet)
    {
        if (!packet.IsIP)
        {
            return default;
        }

        const ulong Later = 1UL << 55;
        ulong detail = packet.Protocol switch
        {
            _ when packet.IsLaterFragment => Later | packet.Identification,
            IPProtocol.Icmp or IPProtocol.Icmpv6 => ((ulong)packet.IcmpType << 32) | packet.IcmpWord,
            _ => ((ulong)packet.SourcePort << 16) | packet.DestinationPort,
        };
        return new(ExchangeKind.Quotation, packet.Source, packet.Destination, detail | ((ulong)packet.Protocol << 56));
    }

    private static (ExchangeKind Kind, ulong Detail) Describe(in PacketOutline packet, bool isReply)
    {
        ulong detail = isReply
            ? ((ulong)packet.DestinationPort << 16) | packet.SourcePort
            : ((ulong)packet.SourcePort << 16) | packet.DestinationPort;
        detail |= (ulong)packet.Protocol << 56;
        switch (packet.Protocol)
        {
            case IPProtocol.Icmp or IPProtocol.Icmpv6:
                return DescribeIcmp(packet, isReply);
            case IPProtocol.Udp when packet.IsDns && !packet.Destination.IsMulticast:
                return (ExchangeKind.Dns, detail | ((ulong)packet.Transaction << 32));
            case IPProtocol.Udp when packet.Transaction != 0 && !packet.IsDns:
                return (ExchangeKind.Dhcp, packet.Transaction);
            case 0 or IPProtocol.Tcp or IPProtocol.Udp:
                return (ExchangeKind.Ports, detail);
            default:
                return (packet.SourcePort | packet.DestinationPort) != 0 ? (ExchangeKind.Ports, detail) : (ExchangeKind.Protocol, detail);
        }
    }

    private static (ExchangeKind Kind, ulong Detail) DescribeIcmp(in PacketOutline packet, bool isReply)
    {
        const byte RouterSolicitation = 133, RouterAdvertisement = 134, NeighborSolicitation = 135, NeighborAdvertisement = 136;
        byte type = packet.IcmpType;
        ulong family = (ulong)packet.Protocol << 56;
        if (packet.Protocol == IPProtocol.Icmp)
        {
            if (type == (isReply ? IcmpType.RouterAdvertisement : IcmpType.RouterSolicitation))
            {
                return (ExchangeKind.Router, family);
            }

            return (isReply ? RequestOf(type) : IsRequest(type) ? type : (byte?)null) is { } request
                ? (ExchangeKind.Icmp, family | ((ulong)request << 32) | Word(request, packet.IcmpWord))
                : default;
        }

        if (type == (isReply ? RouterAdvertisement : RouterSolicitation))
        {
            return (ExchangeKind.Router, family);
        }

        if (type == (isReply ? NeighborAdvertisement : NeighborSolicitation))
        {
            return (ExchangeKind.Neighbor, 0);
        }

        const byte EchoRequest = 128, NodeQuery = 139, ExtendedEchoRequest = 160;
        byte asked = isReply ? (byte)(type - 1) : type;
        return asked is EchoRequest or NodeQuery or ExtendedEchoRequest
            ? (ExchangeKind.Icmp, family | ((ulong)asked << 32) | (asked == NodeQuery ? 0 : Word(asked, packet.IcmpWord)))
            : default;
    }

    private static bool IsRequest(byte type) => type is IcmpType.EchoRequest or IcmpType.TimestampRequest
        or IcmpType.InformationRequest or IcmpType.AddressMaskRequest or IcmpType.ExtendedEchoRequest;

    private static byte? RequestOf(byte reply) => reply switch
    {
        IcmpType.EchoReply => IcmpType.EchoRequest,
        IcmpType.TimestampReply => IcmpType.TimestampRequest,
        IcmpType.InformationReply => IcmpType.InformationRequest,
        IcmpType.AddressMaskReply => IcmpType.AddressMaskRequest,
        IcmpType.ExtendedEchoReply => IcmpType.ExtendedEchoRequest,
        _ => null,
    };

    /// <summary>Of an extended echo the last byte holds flags, which differ between the two (RFC 8335).</summary>
    private static uint Word(byte request, uint word)
    {
        const byte ExtendedEchoV6 = 160;
        return request is IcmpType.ExtendedEchoRequest or ExtendedEchoV6 ? word & 0xFFFF_FF00 : word;
    }
}
