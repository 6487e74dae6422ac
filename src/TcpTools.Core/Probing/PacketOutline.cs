using System;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>What a packet is about, below the transport.</summary>
internal enum OutlineNetwork : byte
{
    None,
    Frame,
    Arp,
    IPv4,
    IPv6,
}

/// <summary>
/// What of a packet decides whether it answers another, read from its bytes without making an object: addresses, ports,
/// numbers, and where the packet that an ICMP error quotes begins. Fields that a protocol has not are zero.
/// </summary>
internal record struct PacketOutline
{
    public OutlineNetwork Network { get; set; }

    public MacAddress FrameSource { get; set; }

    public MacAddress FrameDestination { get; set; }

    public ushort EtherType { get; set; }

    /// <summary>The sender; of ARP, its protocol address.</summary>
    public NetworkAddress Source { get; set; }

    /// <summary>Where the packet ends up, beyond source routes and routing headers; of ARP, the target's protocol address.</summary>
    public NetworkAddress Destination { get; set; }

    /// <summary>The identification of IPv4, or that of an IPv6 fragment.</summary>
    public uint Identification { get; set; }

    /// <summary>The final upper-layer protocol; of ARP, the operation.</summary>
    public ushort Protocol { get; set; }

    /// <summary>Whether it is a fragment other than the first, which has no transport header.</summary>
    public bool IsLaterFragment { get; set; }

    /// <summary>Where the transport header begins.</summary>
    public int TransportOffset { get; set; }

    /// <summary>Bytes of transport header and data that are there.</summary>
    public int TransportLength { get; set; }

    public ushort SourcePort { get; set; }

    public ushort DestinationPort { get; set; }

    public uint Sequence { get; set; }

    public uint Acknowledgment { get; set; }

    public TcpFlags Flags { get; set; }

    /// <summary>What a TCP segment takes up of the sequence space: data, SYN and FIN.</summary>
    public int SegmentLength { get; set; }

    /// <summary>The type of an ICMP message of either version.</summary>
    public byte IcmpType { get; set; }

    /// <summary>Identifier and sequence number of an ICMP message, as one word.</summary>
    public uint IcmpWord { get; set; }

    /// <summary>The target of a neighbour solicitation or advertisement.</summary>
    public NetworkAddress NeighborTarget { get; set; }

    /// <summary>A hash of a DNS message's question; 0 without one.</summary>
    public ulong Question { get; set; }

    /// <summary>The identifier of a DNS message or the transaction of a DHCP one.</summary>
    public uint Transaction { get; set; }

    /// <summary>Whether it is a DNS message, or looks like one at a port of DNS.</summary>
    public bool IsDns { get; set; }

    /// <summary>Whether a DNS message is a response.</summary>
    public bool IsDnsResponse { get; set; }

    /// <summary>Whether an ICMP message reports an error and quotes the packet that caused it.</summary>
    public readonly bool IsError => Network switch
    {
        OutlineNetwork.IPv4 => Protocol == IPProtocol.Icmp && TransportLength > 8 && Wire.IcmpType.IsError(IcmpType),
        OutlineNetwork.IPv6 => Protocol == IPProtocol.Icmpv6 && TransportLength > 8 && IcmpType is >= 1 and < 128,
        _ => false,
    };

    public readonly bool IsIP => Network is OutlineNetwork.IPv4 or OutlineNetwork.IPv6;

    /// <summary>Whether the packet goes to more than one: what answers then comes from addresses of the answerers' own.</summary>
    public readonly bool IsToGroup =>
        IsIP && (Destination.IsMulticast || Destination.IsLimitedBroadcast || FrameDestination.IsGroup);
}
