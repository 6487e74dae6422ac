using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>What is known of a neighbour.</summary>
public enum NeighborState
{
    /// <summary>Its Ethernet address is being asked for, and packets wait.</summary>
    Incomplete,

    /// <summary>Its Ethernet address was told lately.</summary>
    Reachable,

    /// <summary>Its Ethernet address was told a while ago; it is asked again when something is sent there.</summary>
    Stale,

    /// <summary>It is being asked whether it is still there, while its old address is used.</summary>
    Probing,

    /// <summary>It did not answer.</summary>
    Failed,

    /// <summary>Its Ethernet address was given by hand and does not change.</summary>
    Permanent,
}

/// <summary>A neighbour on an Ethernet link, as a stack knew it at one moment.</summary>
/// <param name="Address">The IP address.</param>
/// <param name="HardwareAddress">The Ethernet address; null while it is not known.</param>
/// <param name="State">How well it is known.</param>
/// <param name="Confirmed">When the neighbour was last heard of by ARP, on the stack's clock.</param>
/// <param name="Used">When something was last sent there.</param>
/// <param name="Waiting">How many packets wait for the Ethernet address.</param>
public sealed record NeighborEntry(
    NetworkAddress Address, MacAddress? HardwareAddress, NeighborState State, Instant Confirmed, Instant Used, int Waiting)
{
    /// <summary>The entry in the manner of <c>ip neigh</c>.</summary>
    public override string ToString() => $"{Address} {HardwareAddress?.ToString() ?? "?"} {State}";
}
