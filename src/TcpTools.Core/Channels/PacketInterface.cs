using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Linux;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>A network interface of the kernel's, as it was when it was asked for.</summary>
public sealed record PacketInterface
{
    private const ushort TunType = 65534;
    private const ushort RawIPType = 519;

    private PacketInterface(InterfaceEntry entry, IReadOnlyList<InterfaceAddress> addresses)
    {
        Entry = entry;
        Addresses = addresses;
        HardwareAddress = entry.HardwareAddress.Length == MacAddress.Length ? MacAddress.FromBytes(entry.HardwareAddress) : null;
    }

    /// <summary>The name.</summary>
    public string Name => Entry.Name;

    /// <summary>The kernel's number for it.</summary>
    public int Index => Entry.Index;

    /// <summary>What it is: the driver's word, such as veth or tun; Ethernet for hardware; Loopback.</summary>
    public string Kind => Entry.HardwareType == InterfaceEntry.LoopbackType ? "loopback"
        : Entry.Kind.Length > 0 ? Entry.Kind
        : Entry.HardwareType == InterfaceEntry.EthernetType ? "ethernet"
        : Entry.HardwareType.ToString(CultureInfo.InvariantCulture);

    /// <summary>The Ethernet address; null where there is none.</summary>
    public MacAddress? HardwareAddress { get; }

    /// <summary>The addresses of both IP versions.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; }

    /// <summary>The largest IP packet in bytes.</summary>
    public int Mtu => Entry.Mtu;

    /// <summary>Whether it was brought up.</summary>
    public bool IsUp => (Entry.Flags & InterfaceEntry.Up) != 0;

    /// <summary>Whether frames pass: it is up and has a carrier, where it can have one.</summary>
    public bool IsRunning => IsUp && (Entry.Flags & InterfaceEntry.Carrier) != 0;

    /// <summary>Whether anybody has it take frames for other stations.</summary>
    public bool IsPromiscuous => Entry.Promiscuity > 0 || (Entry.Flags & InterfaceEntry.Promiscuous) != 0;

    /// <summary>What frames start with.</summary>
    public PacketStart Start => Entry.IsEthernet ? PacketStart.Ethernet : PacketStart.IP;

    /// <summary>Packets received.</summary>
    public long ReceivedPackets => Statistic(0);

    /// <summary>Packets sent.</summary>
    public long SentPackets => Statistic(1);

    /// <summary>Bytes received.</summary>
    public long ReceivedBytes => Statistic(2);

    /// <summary>Bytes sent.</summary>
    public long SentBytes => Statistic(3);

    /// <summary>Packets lost on the way in.</summary>
    public long ReceiveDrops => Statistic(6);

    /// <summary>Packets lost on the way out.</summary>
    public long SendDrops => Statistic(7);

    internal InterfaceEntry Entry { get; }

    internal bool IsLoopback => Entry.HardwareType == InterfaceEntry.LoopbackType;

    /// <summary>Whether a packet socket must leave the link-layer header to the kernel, which knows one that we do not.</summary>
    internal bool IsCooked => !Entry.IsEthernet && Entry.HardwareType is not (TunType or RawIPType);

    /// <summary>All interfaces of the network namespace that the process is in.</summary>
    /// <exception cref="StackException">The kernel does not tell.</exception>
    public static IReadOnlyList<PacketInterface> GetAll()
    {
        using NetlinkSocket socket = new();
        return GetAll(socket);
    }

    /// <summary>The interface of a name; null when there is none.</summary>
    /// <exception cref="StackException">The kernel does not tell.</exception>
    public static PacketInterface? Find(string name) => GetAll().FirstOrDefault(i => i.Name == name);

    /// <summary>Whether there is an interface of a name; cheaper than to find it.</summary>
    public static bool Exists(string name) => IndexOf(name) != 0;

    /// <summary>Whether the interface of this name is still the same one.</summary>
    public static bool IsCurrent(PacketInterface place)
    {
        ArgumentNullException.ThrowIfNull(place);
        return IndexOf(place.Name) == place.Index;
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>The number of an interface; 0 when there is none of this name.</summary>
    internal static int IndexOf(string name) => (int)LibC.InterfaceIndex(name);

    internal static IReadOnlyList<PacketInterface> GetAll(NetlinkSocket socket)
    {
        ILookup<int, InterfaceAddress> addresses = InterfaceList.ReadAddresses(socket)
            .ToLookup(a => a.Index, a => new InterfaceAddress(NetworkAddress.FromBytes(a.Address), a.PrefixLength));
        return [.. InterfaceList.Read(socket).Select(entry => new PacketInterface(entry, [.. addresses[entry.Index]]))];
    }

    internal static StackException Missing(string name) => new(
        StackError.NoInterface, $"There is no network interface '{name}'.", "Get-PacketLink lists those that are there.");

    private long Statistic(int index) => index < Entry.Statistics.Length ? (long)Entry.Statistics[index] : 0;
}
