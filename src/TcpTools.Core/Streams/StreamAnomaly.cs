using System;
using System.Collections.Generic;

namespace TcpTools.Streams;

/// <summary>What can be strange about the packets that streams are made of.</summary>
public enum StreamAnomalyKind
{
    /// <summary>An IP header that is cut, or whose lengths cannot be true.</summary>
    BadIPHeader,

    /// <summary>An IP header with a wrong checksum.</summary>
    BadIPChecksum,

    /// <summary>Fragments that would make a packet of more than 65,535 bytes: the "ping of death".</summary>
    OversizedPacket,

    /// <summary>A fragment that no packet can have.</summary>
    InvalidFragment,

    /// <summary>Fragments that overlap.</summary>
    FragmentOverlap,

    /// <summary>A packet with a loose or strict source route.</summary>
    SourceRoute,

    /// <summary>A TCP header that is cut, or whose data offset cannot be true.</summary>
    BadTcpHeader,

    /// <summary>A segment with a wrong checksum.</summary>
    BadTcpChecksum,

    /// <summary>Control bits that no sound segment combines.</summary>
    BadFlags,

    /// <summary>More streams than three quarters of what can be followed.</summary>
    TooManyStreams,

    /// <summary>More data waiting for a gap to be filled than may; it was given up.</summary>
    QueueOverrun,

    /// <summary>A segment repeats bytes with other contents. Both copies are there.</summary>
    ConflictingData,

    /// <summary>Data outside the window that the receiver announced.</summary>
    OutsideWindow,

    /// <summary>A segment with an older timestamp than those before it (PAWS).</summary>
    OldTimestamp,

    /// <summary>A SYN with another number on an established stream.</summary>
    SynOnStream,

    /// <summary>A handshake segment whose acknowledgment does not fit.</summary>
    BadHandshake,

    /// <summary>Data after the end that the sender had announced.</summary>
    DataAfterFin,

    /// <summary>A segment with data on a stream that has ended.</summary>
    DataAfterEnd,

    /// <summary>A reset whose number does not fit; a receiver would question or ignore it (RFC 5961, 3).</summary>
    SuspiciousReset,

    /// <summary>A source tries many destinations in a short time.</summary>
    Scan,
}

/// <summary>One strange thing seen, as data: following goes on.</summary>
public sealed record StreamAnomaly
{
    /// <summary>What is strange.</summary>
    public required StreamAnomalyKind Kind { get; init; }

    /// <summary>When it was seen.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who sent the packet.</summary>
    public StreamEndpoint Source { get; init; }

    /// <summary>Who was to receive it.</summary>
    public StreamEndpoint Destination { get; init; }

    /// <summary>The stream it belongs to; null for none.</summary>
    public TcpStream? Stream { get; init; }

    /// <summary>Where in the stream's direction, in bytes from its start; null where that has no meaning.</summary>
    public long? Offset { get; init; }

    /// <summary>Of conflicting data: the bytes that count. At most <see cref="MaximumCopy"/>; empty otherwise.</summary>
    public byte[] Kept { get; init; } = [];

    /// <summary>Of conflicting data: the bytes that do not count. At most <see cref="MaximumCopy"/>; empty otherwise.</summary>
    public byte[] Discarded { get; init; } = [];

    /// <summary>Of a scan: what was tried. Empty otherwise.</summary>
    public IReadOnlyList<StreamEndpoint> Targets { get; init; } = [];

    /// <summary>The same for people, with the values.</summary>
    public required string Message { get; init; }

    /// <summary>Bytes of each copy of conflicting data that are kept at most.</summary>
    public const int MaximumCopy = 4096;

    /// <summary>source -> destination: message.</summary>
    public override string ToString() => Destination.Address.IsNone ? $"{Source}: {Message}" : $"{Source} -> {Destination}: {Message}";
}
