using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>What the Ethernet layer needs of the world around it. All calls come from within a call into the layer.</summary>
public interface IEthernetEnvironment
{
    /// <summary>Sends a complete frame; takes ownership.</summary>
    void Transmit(PacketBuffer frame, Instant now);

    /// <summary>Whether an address can be one neighbour's on this link: in a connected network, not ours, no broadcast.</summary>
    bool IsNeighbor(NetworkAddress address);

    /// <summary>Whether a next hop means all hosts on the link.</summary>
    bool IsBroadcast(NetworkAddress address);

    /// <summary>The address of ours from which to ask for a neighbour's.</summary>
    NetworkAddress SelectSource(NetworkAddress neighbor);

    /// <summary>A packet, which starts with its IP header, could not be sent because its next hop does not answer; takes ownership.</summary>
    void OnUnreachable(PacketBuffer packet, Instant now);

    /// <summary>Somebody else uses an address of ours.</summary>
    void OnConflict(AddressConflict conflict);

    /// <summary>A neighbour or a claim has come into another state.</summary>
    void OnChange();
}
