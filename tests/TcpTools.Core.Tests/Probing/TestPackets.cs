using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Probing;

/// <summary>Packets of either version.</summary>
internal static class TestPackets
{
    public static Packet IP(NetworkAddress source, NetworkAddress destination) =>
        Packet.Of(source.IsIPv6
            ? new IPv6Layer { Source = source, Destination = destination }
            : new IPv4Layer { Source = source, Destination = destination });

    public static IPv4Layer IPv4(this Packet packet) => (IPv4Layer)packet.IP!;
}
