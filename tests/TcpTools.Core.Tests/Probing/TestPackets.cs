using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Probing;

/// <summary>Packets of either version.</summary>
internal static class TestPackets
{
    public static Packet IP(NetworkAddress source, NetworkAddress destination) =>
        Packet.Of(new IPLayer { Source = source, Destination = destination });

    public static IPLayer IPv4(this Packet packet) => packet.IP!;
}
