using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Fragments;

/// <summary>What can be wrong with fragments.</summary>
public enum FragmentAnomalyKind
{
    /// <summary>A fragment brings bytes that are there already, with the same values.</summary>
    Overlap,

    /// <summary>A fragment brings bytes that are there already, with other values: somebody is lied to.</summary>
    Conflict,

    /// <summary>A fragment ends beyond the largest packet there can be.</summary>
    Oversized,

    /// <summary>A fragment that is not the last is empty or no multiple of eight bytes, or has a header that is malformed.</summary>
    BadLength,

    /// <summary>Fragments disagree on where the packet ends.</summary>
    BadEnd,

    /// <summary>The fragments' ECN marks contradict each other (RFC 3168, 5.3).</summary>
    BadEcn,

    /// <summary>Some fragments did not come in time.</summary>
    TimedOut,

    /// <summary>A limit of memory, packets or fragments gave up the packet.</summary>
    LimitReached,
}

/// <summary>Something strange about fragments, as data: nothing is thrown for it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Source">Where the fragments are from.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Identification">What they have in common.</param>
/// <param name="Offset">Where in the data it is.</param>
/// <param name="Length">How many bytes it is about.</param>
/// <param name="Time">When it was noticed, by the time of the packets.</param>
public sealed record FragmentAnomaly(
    FragmentAnomalyKind Kind,
    NetworkAddress Source,
    NetworkAddress Destination,
    uint Identification,
    int Offset,
    int Length,
    Instant Time)
{
    /// <summary>Kind, addresses and place.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kind}: {Source} > {Destination}, id {Identification}, {Length} bytes at {Offset}");
}
