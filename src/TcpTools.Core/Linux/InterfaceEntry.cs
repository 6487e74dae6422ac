namespace TcpTools.Linux;

/// <summary>What the kernel says of one of its network interfaces.</summary>
internal sealed class InterfaceEntry
{
    internal const uint Up = 0x1;
    internal const uint Promiscuous = 0x100;
    internal const uint Carrier = 0x10000;

    /// <summary>ARPHRD_ETHER.</summary>
    internal const ushort EthernetType = 1;

    /// <summary>ARPHRD_LOOPBACK: frames have an Ethernet header of zeros.</summary>
    internal const ushort LoopbackType = 772;

    internal int Index { get; init; }

    internal string Name { get; init; } = "";

    internal ushort HardwareType { get; init; }

    internal uint Flags { get; init; }

    internal byte[] HardwareAddress { get; init; } = [];

    internal int Mtu { get; init; }

    /// <summary>The driver's word for what it is, such as veth or tun; empty for hardware.</summary>
    internal string Kind { get; init; } = "";

    /// <summary>How many have asked for promiscuous mode.</summary>
    internal int Promiscuity { get; init; }

    /// <summary>Packets, bytes, errors and drops, received and sent by turns (struct rtnl_link_stats64).</summary>
    internal ulong[] Statistics { get; init; } = [];

    /// <summary>Whether frames start with an Ethernet header.</summary>
    internal bool IsEthernet => HardwareType is EthernetType or LoopbackType;
}
