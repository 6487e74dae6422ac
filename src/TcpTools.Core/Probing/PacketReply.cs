using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>
/// Makes the packets that answer others: addresses and ports turned round, numbers that fit. What cannot be answered, a
/// reset above all, gives null, so that two who answer each other's packets come to an end.
/// </summary>
public static class PacketReply
{
    private const byte UsualTimeToLive = 64;

    /// <summary>
    /// The usual answer: to an echo request its reply, to an ARP request or a neighbour solicitation the given Ethernet address, to a SYN a SYN-ACK, to
    /// another segment an ACK of all that it holds, to a datagram one without data, to any other IP packet one of the same
    /// protocol.
    /// </summary>
    /// <param name="packet">What was received.</param>
    /// <param name="address">The Ethernet address of who answers; without one, that which the packet went to.</param>
    /// <returns>A new packet; null when there is no answer.</returns>
    public static Packet? For(Packet packet, MacAddress? address = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (packet.Arp is { } arp)
        {
            return ForArp(packet, arp, address);
        }

        if (packet.IP is not { } ip || ip.IsFragment)
        {
            return null;
        }

        if (packet.Tcp is { } segment)
        {
            return (segment.Flags & TcpFlags.Rst) != 0 ? null : Turn(packet, ip, address) / Answer(segment);
        }

        if (packet.Udp is { } datagram)
        {
            return Turn(packet, ip, address) / new UdpLayer { SourcePort = datagram.DestinationPort, DestinationPort = datagram.SourcePort };
        }

        if (packet.Icmp is { } message)
        {
            return AnswerType(message.Type) is { } type
                ? WithPayload(
                    Turn(packet, ip, address) / new IcmpLayer { Type = type, RestOfHeader = message.RestOfHeader }, packet)
                : null;
        }

        if (packet.Icmpv6 is { } message6)
        {
            return message6.Type switch
            {
                Icmpv6Type.EchoRequest => WithPayload(
                    Turn(packet, ip, address) / new Icmpv6Layer { Type = Icmpv6Type.EchoReply, RestOfHeader = message6.RestOfHeader }, packet),
                Icmpv6Type.NeighborSolicitation => ForSolicitation(packet, ip, message6, address),
                _ => null,
            };
        }

        Packet reply = Turn(packet, ip, address);
        reply.IP!.Protocol = ip.Protocol;
        return reply;
    }

    /// <summary>The reset that a host sends for a segment of a connection that it does not have (RFC 9293, 3.10.7.1).</summary>
    /// <returns>A new packet; null for what is no TCP segment, and for a reset.</returns>
    public static Packet? ResetFor(Packet packet, MacAddress? address = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (packet.IP is not { IsFragment: false } ip || packet.Tcp is not { } segment || (segment.Flags & TcpFlags.Rst) != 0)
        {
            return null;
        }

        bool acknowledges = (segment.Flags & TcpFlags.Ack) != 0;
        return Turn(packet, ip, address) / new TcpLayer
        {
            SourcePort = segment.DestinationPort,
            DestinationPort = segment.SourcePort,
            Flags = acknowledges ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack,
            Sequence = acknowledges ? segment.Acknowledgment : 0,
            Acknowledgment = acknowledges ? 0 : segment.NextSequence,
            Window = 0,
        };
    }

    /// <summary>
    /// The ICMP error that quotes a packet, such as port unreachable. None for an ICMP error, for what went to many, and for
    /// a later fragment (RFC 1122, 3.2.2).
    /// </summary>
    /// <param name="packet">What was received, IPv4.</param>
    /// <param name="type">The error's type.</param>
    /// <param name="code">Its code.</param>
    /// <param name="address">The Ethernet address of who answers; without one, that which the packet went to.</param>
    /// <returns>A new packet; null when there must be no error.</returns>
    public static Packet? ErrorFor(
        Packet packet, byte type = IcmpType.DestinationUnreachable, byte code = IcmpCode.PortUnreachable, MacAddress? address = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (packet.IP is not IPv4Layer ip || ip.FragmentOffset != 0 || packet.Icmp is { IsError: true } || IsToMany(packet, ip))
        {
            return null;
        }

        const int MostQuoted = 548; // so that the whole is no longer than 576 bytes (RFC 1812, 4.3.2.3)
        int start = 0;
        while (packet.Layers[start] != ip)
        {
            start++;
        }

        Packet quoted = new();
        for (int i = start; i < packet.Layers.Count; i++)
        {
            quoted.Layers.Add(packet.Layers[i].Copy());
        }

        byte[] bytes = quoted.ToBytes();
        return Turn(packet, ip, address) / new IcmpLayer
        {
            Type = type,
            Code = code,
            Quoted = Packet.Parse(bytes.AsSpan(0, Math.Min(bytes.Length, MostQuoted))),
        };
    }

    /// <summary>Whether a packet went to more than one, in its frame or by its address.</summary>
    internal static bool IsToMany(Packet packet, IPLayer ip) =>
        ip.Destination.IsMulticast || ip.Destination.IsLimitedBroadcast || packet.Ethernet is { Destination.IsGroup: true };

    /// <summary>The headers around the answer: addresses turned round, tags kept.</summary>
    internal static Packet Turn(Packet packet, IPLayer ip, MacAddress? address)
    {
        Packet reply = TurnFrame(packet, address);
        IPLayer header = ip.Version == 6
            ? new IPv6Layer { Source = ip.Destination, Destination = ip.Source }
            : new IPv4Layer { Source = ip.Destination, Destination = ip.Source };
        header.TimeToLive = UsualTimeToLive;
        reply.Layers.Add(header);
        return reply;
    }

    internal static Packet TurnFrame(Packet packet, MacAddress? address)
    {
        Packet reply = new();
        foreach (PacketLayer layer in packet.Layers)
        {
            switch (layer)
            {
                case EthernetLayer frame:
                    reply.Layers.Add(new EthernetLayer { Source = address ?? frame.Destination, Destination = frame.Source });
                    break;
                case VlanLayer tag:
                    VlanLayer copy = (VlanLayer)tag.Copy();
                    copy.EtherType = null;
                    reply.Layers.Add(copy);
                    break;
                default:
                    return reply;
            }
        }

        return reply;
    }

    private static Packet? ForArp(Packet packet, ArpLayer arp, MacAddress? address) =>
        arp.Operation != ArpOperation.Request || address is not { } own
            ? null
            : TurnFrame(packet, address) / new ArpLayer
            {
                Operation = ArpOperation.Reply,
                SenderHardware = own,
                SenderProtocol = arp.TargetProtocol,
                TargetHardware = arp.SenderHardware,
                TargetProtocol = arp.SenderProtocol,
            };

    /// <summary>The advertisement of the target's Ethernet address (RFC 4861, 7.2.4).</summary>
    private static Packet? ForSolicitation(Packet packet, IPLayer ip, Icmpv6Layer solicitation, MacAddress? address)
    {
        const byte MustNotHaveBeenRouted = 255;
        if (address is not { } own)
        {
            return null;
        }

        // Who asks without an address wants to know whether somebody has the target: all are told.
        bool isProbe = ip.Source.IsAny;
        Packet reply = TurnFrame(packet, address);
        reply.Layers.Add(new IPv6Layer
        {
            Source = solicitation.Target,
            Destination = isProbe ? NetworkAddress.Parse("ff02::1") : ip.Source,
            HopLimit = MustNotHaveBeenRouted,
        });
        Icmpv6Layer advertisement = new()
        {
            Type = Icmpv6Type.NeighborAdvertisement,
            IsSolicited = !isProbe,
            IsOverride = true,
            Target = solicitation.Target,
        };
        advertisement.Options.Add(new NeighborLinkAddressOption(own, ofTarget: true));
        return reply / advertisement;
    }

    private static TcpLayer Answer(TcpLayer segment)
    {
        bool opens = (segment.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn;
        return new TcpLayer
        {
            SourcePort = segment.DestinationPort,
            DestinationPort = segment.SourcePort,
            Flags = opens ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Ack,
            Sequence = opens ? 0 : segment.Acknowledgment,
            Acknowledgment = segment.NextSequence,
        };
    }

    private static byte? AnswerType(byte request) => request switch
    {
        IcmpType.EchoRequest => IcmpType.EchoReply,
        IcmpType.TimestampRequest => IcmpType.TimestampReply,
        IcmpType.InformationRequest => IcmpType.InformationReply,
        IcmpType.AddressMaskRequest => IcmpType.AddressMaskReply,
        _ => null,
    };

    private static Packet WithPayload(Packet reply, Packet request) => request.Payload is { } data ? reply / data.Data : reply;
}
