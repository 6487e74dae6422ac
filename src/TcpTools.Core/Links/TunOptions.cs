using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>The TUN or TAP device to make, and what the kernel's side of it is to be.</summary>
public sealed record TunOptions
{
    /// <summary>
    /// The device's name, 1 to 15 characters; <c>%d</c> in it stands for the first free number. Without a name the kernel
    /// gets <c>tcptools%d</c>.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>
    /// Whether frames start with an Ethernet header (TAP) instead of an IP header (TUN): the kernel then finds who is at our
    /// end by ARP.
    /// </summary>
    public bool Ethernet { get; init; }

    /// <summary>The Ethernet address of the kernel's side of a TAP device; by default the kernel makes one up.</summary>
    public MacAddress? HardwareAddress { get; init; }

    /// <summary>
    /// The number of the user who may use the device beside root, or null for nobody. The device goes with this process all the
    /// same.
    /// </summary>
    public int? Owner { get; init; }

    /// <summary>
    /// The kernel's own address on the device. Addresses of the same network, other than this one, are then a stack's to
    /// take. None: the device gets no address.
    /// </summary>
    public InterfaceAddress? Address { get; init; }

    /// <summary>
    /// The address at our end, when the device is to be point-to-point: the kernel then has a route to this one address
    /// and no network, and the prefix of <see cref="Address"/> is not used.
    /// </summary>
    public NetworkAddress? Peer { get; init; }

    /// <summary>
    /// Addresses at our end that the kernel must reach over the device. Where it would not, because the host has the address
    /// itself or another device has the network, opening fails.
    /// </summary>
    public IReadOnlyList<NetworkAddress> Hosts { get; init; } = [];

    /// <summary>More networks whose packets the kernel is to send to the device.</summary>
    public IReadOnlyList<InterfaceAddress> Routes { get; init; } = [];

    /// <summary>The largest packet in bytes, 68 to 65535.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>
    /// Whether checksums may stay open and TCP segments of up to 64 KB pass unsplit, in both directions. Without it every
    /// frame is a complete packet of at most <see cref="Mtu"/> bytes.
    /// </summary>
    public bool Offload { get; init; } = true;

    /// <summary>
    /// The network namespace in which the kernel's side of the device is to live: a name that <c>ip netns</c> knows, or a
    /// path. The process itself stays where it is.
    /// </summary>
    public string? NetworkNamespace { get; init; }

    /// <summary>Where received frames' buffers come from.</summary>
    public PacketBufferPool Pool { get; init; } = PacketBufferPool.Shared;
}
