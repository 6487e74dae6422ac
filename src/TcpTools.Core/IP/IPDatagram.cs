using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>A received datagram on its way up: whole, valid, and for this host. Its spans live as long as the call that brings it.</summary>
public readonly ref struct IPDatagram
{
    /// <summary>Who sent it: always a unicast address.</summary>
    public NetworkAddress Source { get; init; }

    /// <summary>The address of this host, or the broadcast or multicast address, it was sent to.</summary>
    public NetworkAddress Destination { get; init; }

    /// <summary>The protocol of the payload: an <see cref="IPProtocol"/> value or any other.</summary>
    public byte Protocol { get; init; }

    /// <summary>The type-of-service byte: DSCP and, in the low two bits, ECN (RFC 2474, RFC 3168).</summary>
    public byte TypeOfService { get; init; }

    /// <summary>The time to live as it arrived.</summary>
    public byte TimeToLive { get; init; }

    /// <summary>What follows the IP header, without link padding.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The IP header with its options; of a reassembled datagram, the first fragment's with length and flags made whole.</summary>
    public ReadOnlySpan<byte> Header { get; init; }

    /// <summary>What the link has done or left open; offsets count from the IP header's first byte.</summary>
    public OffloadInfo Offload { get; init; }

    /// <summary>Whether the destination is one address of this host rather than a broadcast or multicast group.</summary>
    public bool IsUnicast { get; init; }

    /// <summary>Whether this host sent it to itself, so that it never was on a link.</summary>
    public bool IsLooped { get; init; }

    /// <summary>Whether it came in fragments.</summary>
    public bool IsReassembled { get; init; }

    /// <summary>
    /// Whether the transport need not verify its checksum: the link has done so, or the datagram comes from a local sender
    /// that left the checksum to a device it never passed.
    /// </summary>
    public bool IsChecksumTrusted => Offload.ChecksumVerified || Offload.NeedsChecksum;
}
