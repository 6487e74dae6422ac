using System.Collections.Generic;

namespace TcpTools.Fragments;

/// <summary>A stretch of a packet's data that becomes a fragment, wherever the others lie.</summary>
/// <param name="Start">Where it starts in the data, in bytes: a multiple of 8.</param>
/// <param name="End">Where it ends, not included.</param>
/// <param name="MoreFragments">Whether more are said to follow; null for what the place calls for.</param>
public readonly record struct FragmentRange(int Start, int End, bool? MoreFragments = null)
{
    /// <summary>Start-End, and + where more are said to follow.</summary>
    public override string ToString() => $"{Start}-{End}{(MoreFragments == true ? "+" : "")}";
}

/// <summary>How a packet is to be cut.</summary>
public sealed record FragmentOptions
{
    /// <summary>Bytes of an IP packet at most, header included; null when <see cref="DataSize"/> says.</summary>
    public int? Mtu { get; init; }

    /// <summary>Bytes of data in each fragment, rounded down to a multiple of 8, at least 8; null when <see cref="Mtu"/> says.</summary>
    public int? DataSize { get; init; }

    /// <summary>Exactly these fragments, in this order, overlapping or with gaps as they do; null to cut by size.</summary>
    public IReadOnlyList<FragmentRange>? Ranges { get; init; }

    /// <summary>
    /// What the fragments have in common. Without it an IPv4 packet keeps its own, and an IPv6 packet gets one at random.
    /// </summary>
    public uint? Identification { get; init; }

    /// <summary>Whether a packet is cut that says it must not be (DF); the fragments then do not say so.</summary>
    public bool Force { get; init; }
}
