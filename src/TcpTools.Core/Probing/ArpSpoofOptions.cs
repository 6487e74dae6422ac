using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>Who is told by ARP that an address is somewhere else than it is.</summary>
public sealed record ArpSpoofOptions
{
    /// <summary>The address whose place is taken, such as a gateway's.</summary>
    public required NetworkAddress Address { get; init; }

    /// <summary>The hosts that are told; none: all of the link.</summary>
    public IReadOnlyList<NetworkAddress> Targets { get; init; } = [];

    /// <summary>Whether the owner of the address is told, too, that the targets are where the address is said to be.</summary>
    public bool BothWays { get; init; }

    /// <summary>The Ethernet address that is told: who receives what is meant for the address.</summary>
    public required MacAddress HardwareAddress { get; init; }

    /// <summary>Whether what comes in this way is passed on to where it belongs.</summary>
    public bool Forward { get; init; }

    /// <summary>Addresses for which nothing is passed on, because they are this host's own.</summary>
    public IReadOnlyList<NetworkAddress> OwnAddresses { get; init; } = [];

    /// <summary>How often the targets are told again; their entries age, and the owner speaks for himself.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the true Ethernet addresses are asked for before anything is told.</summary>
    public TimeSpan ResolveTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often the truth is told at once at the end; once more follows about a second later.</summary>
    public int Restorations { get; init; } = 3;

    /// <summary>The time between two of these.</summary>
    public TimeSpan RestorationInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A name; null for one made up.</summary>
    public string? Name { get; init; }
}
