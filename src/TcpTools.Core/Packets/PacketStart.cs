namespace TcpTools.Packets;

/// <summary>What a packet's first bytes are.</summary>
public enum PacketStart
{
    /// <summary>An IP header, as on a TUN device.</summary>
    IP,

    /// <summary>An Ethernet header, as on a TAP device or a network card.</summary>
    Ethernet,
}
