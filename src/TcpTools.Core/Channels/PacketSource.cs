using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>Source addresses that were left to whoever sends.</summary>
internal static class PacketSource
{
    /// <summary>Whether a packet's outermost header is one of IP that has no source set.</summary>
    internal static bool IsOpen(Packet packet) => packet.IP is { IsSourceSet: false };

    /// <summary>A copy of the packet with the source.</summary>
    internal static Packet Fill(Packet packet, NetworkAddress source)
    {
        Packet copy = packet.Copy();
        copy.IP!.Source = source;
        return copy;
    }
}
