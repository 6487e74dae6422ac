using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>A neighbour as the cache keeps it.</summary>
internal sealed class Neighbor(NetworkAddress address)
{
    private readonly Queue<PacketBuffer> _waiting = new(1);

    public NetworkAddress Address { get; } = address;

    public MacAddress HardwareAddress { get; set; }

    public NeighborState State { get; set; }

    /// <summary>When its state is to be looked at next.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    public Instant Confirmed { get; set; }

    public Instant Used { get; set; }

    /// <summary>Requests sent since it was last heard of, in the present state.</summary>
    public int Requests { get; set; }

    /// <summary>Whether its Ethernet address may be sent to.</summary>
    public bool IsKnown => State is NeighborState.Reachable or NeighborState.Probing or NeighborState.Stale or NeighborState.Permanent;

    public int WaitingCount => _waiting.Count;

    public void Enqueue(PacketBuffer packet) => _waiting.Enqueue(packet);

    public bool TryDequeue(out PacketBuffer? packet) => _waiting.TryDequeue(out packet);

    public NeighborEntry ToEntry() => new(Address, IsKnown ? HardwareAddress : null, State, Confirmed, Used, WaitingCount);
}
