using System;
using TcpTools.IP;

namespace TcpTools.Fragments;

/// <summary>The limits and choices of a reassembly.</summary>
public sealed record ReassemblySettings
{
    /// <summary>Whose bytes count where fragments of an IPv4 packet overlap.</summary>
    public FragmentOverlapPolicy IPv4Policy { get; init; } = FragmentOverlapPolicy.Drop;

    /// <summary>The same for IPv6, where RFC 5722 and RFC 8200, 4.5, leave only one answer: the packet is given up.</summary>
    public FragmentOverlapPolicy IPv6Policy { get; init; } = FragmentOverlapPolicy.Drop;

    /// <summary>How long a packet waits for its fragments after the first that came (Linux: 30 s; RFC 8200: 60 s).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Packets that wait at most; one more costs the oldest.</summary>
    public int MaximumPackets { get; init; } = 4096;

    /// <summary>Fragments of one packet at most.</summary>
    public int MaximumFragments { get; init; } = 8192;

    /// <summary>Bytes held at most, bookkeeping included; what would exceed it costs the oldest packets.</summary>
    public long HighWatermark { get; init; } = 4 * 1024 * 1024;

    /// <summary>Where giving up the oldest packets ends.</summary>
    public long LowWatermark { get; init; } = 3 * 1024 * 1024;
}
