using System;
using System.Linq;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>
/// One network interface of the kernel's: frames go out and come in as they are on it, past the kernel's own processing,
/// which sees them as well. Needs root or CAP_NET_RAW. Nothing of it outlives the channel or its process.
/// </summary>
public sealed class InterfaceChannel : IPacketChannel
{
    private static readonly TimeSpan s_whilePending = TimeSpan.FromMilliseconds(2);

    private readonly InterfaceOptions _options;
    private readonly EthernetPort _port;
    private NetlinkSocket? _netlink;
    private NeighbourSender? _neighbours;
    private RouteCache? _routes;
    private RawIPSocket? _local;
    private FrameIntake? _intake;
    private FrameQueue? _queue;

    /// <summary>A channel over an interface.</summary>
    public InterfaceChannel(PacketInterface place, InterfaceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(place);
        _options = options ?? new InterfaceOptions();
        _port = new EthernetPort(place);
    }

    /// <summary>The interface, as it was when the channel was made.</summary>
    public PacketInterface Interface => _port.Interface;

    /// <inheritdoc/>
    public string Name => Interface.Name;

    /// <inheritdoc/>
    public PacketStart Start => Interface.Start;

    /// <inheritdoc/>
    public int Mtu => Interface.Mtu;

    /// <inheritdoc/>
    public Instant Now => WallClock.Now;

    /// <inheritdoc/>
    public long Dropped => _queue?.Dropped ?? _intake?.Dropped ?? 0;

    /// <summary>Opens the interface of a name.</summary>
    /// <exception cref="StackException">There is none of this name.</exception>
    public static InterfaceChannel Open(string name, InterfaceOptions? options = null) =>
        new(PacketInterface.Find(name) ?? throw PacketInterface.Missing(name), options);

    /// <inheritdoc/>
    public DateTimeOffset ToDateTime(Instant time) => WallClock.ToDateTime(time);

    /// <inheritdoc/>
    public void Listen(PacketFilter? filter = null, int capacity = 4096)
    {
        PacketChannel.CheckListen(this, filter, capacity);
        if (_intake is not null)
        {
            _intake.SetFilter(filter);
            return;
        }

        PacketSocketOptions options = new()
        {
            Interface = Interface.Index,
            IsCooked = Interface.IsCooked,
            VirtioHeader = !Interface.IsCooked,
            Promiscuous = _options.Promiscuous,
            // What goes over the loopback device would be seen on its way out and again on its way in.
            IgnoreOutgoing = _options.Direction == FrameDirection.Incoming
                || (Interface.IsLoopback && _options.Direction == FrameDirection.Unknown),
            BufferSize = _options.BufferSize,
            Ring = _options.Sniffs,
        };
        string name = Name;
        _intake = new FrameIntake(options, _options.Direction, Start, filter, _ => name);
        _queue = _options.Sniffs ? new FrameQueue(_intake, capacity, name) : null;
    }

    /// <inheritdoc/>
    /// <remarks>The source is the one that the kernel would choose on this interface, else the interface's first address.</remarks>
    public Packet Complete(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (!PacketSource.IsOpen(packet))
        {
            return packet;
        }

        NetworkAddress destination = packet.IP!.Destination;
        _netlink ??= new NetlinkSocket();
        _routes ??= new RouteCache(_netlink, Interface.Index);
        HostRoute? route = _routes.Find(destination, out _);
        NetworkAddress source = route is { Source.Length: > 0 }
            ? NetworkAddress.FromBytes(route.Source)
            : Interface.Addresses.Select(a => a.Address).FirstOrDefault(a => a.Length == destination.Length);
        return source.Length == destination.Length ? PacketSource.Fill(packet, source) : packet;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A packet without an Ethernet header gets one, as from the host: to its destination, or to the next hop that the host's
    /// routes have for it on this interface. On the loopback device it takes the way through the kernel that the host's own
    /// packets take, which refuses what it cannot send.
    /// </remarks>
    public void Send(Packet packet)
    {
        packet = Complete(packet);
        if (Start == PacketStart.Ethernet && packet.Start != PacketStart.Ethernet && packet.Layers.Count > 0)
        {
            switch (packet.Layers[0])
            {
                case IPLayer ip:
                    SendIP(ip, packet.AsMemory().Span);
                    return;
                case ArpLayer arp:
                    MacAddress target = arp.Operation == ArpOperation.Reply ? arp.TargetHardware : MacAddress.Broadcast;
                    _port.Send(target, packet.AsMemory().Span, EtherType.Arp);
                    return;
            }
        }

        _port.Send(PacketChannel.ToBytes(this, packet).Span);
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame) => _port.Send(frame);

    /// <inheritdoc/>
    public void Flush(Instant until, CancellationToken cancellationToken) => _neighbours?.Flush(until, cancellationToken);

    /// <inheritdoc/>
    public RawFrame? Receive(Instant until, CancellationToken cancellationToken)
    {
        if (_intake is null)
        {
            throw PacketChannel.NotListening(this);
        }

        _neighbours?.Service();
        return _queue is not null
            ? _queue.Take(until, cancellationToken)
            : ChannelWait.Receive(_intake, _neighbours, until, s_whilePending, cancellationToken);
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        _neighbours?.Service();
        if (_queue is not null)
        {
            _queue.Dispose();
        }
        else
        {
            _intake?.Dispose();
        }

        _port.Dispose();
        _local?.Dispose();
        _netlink?.Dispose();
    }

    private void SendIP(IPLayer ip, ReadOnlySpan<byte> packet)
    {
        NetworkAddress destination = ip.Destination;
        if (Interface.IsLoopback)
        {
            _local ??= new RawIPSocket();
            int error = _local.Send(packet, NeighbourSender.Bytes(destination, stackalloc byte[16]));
            if (error != 0)
            {
                throw _port.Explain(error, packet.Length);
            }

            return;
        }

        _netlink ??= new NetlinkSocket();
        _neighbours ??= new NeighbourSender(_netlink);
        _routes ??= new RouteCache(_netlink, Interface.Index);
        ushort etherType = destination.IsIPv6 ? EtherType.IPv6 : EtherType.IPv4;
        HostRoute? route = destination.IsMulticast ? null : _routes.Find(destination, out _);
        if (route is { Kind: HostRouting.Broadcast })
        {
            _port.Send(MacAddress.Broadcast, packet, etherType);
            return;
        }

        // Without a route the destination is taken to be on the link itself, which is what naming the interface says.
        NetworkAddress hop = route is { Gateway.Length: > 0 } ? NetworkAddress.FromBytes(route.Gateway) : destination;
        _neighbours.Send(_port, hop, packet, etherType);
        _neighbours.Service();
    }
}
