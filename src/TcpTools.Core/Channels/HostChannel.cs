using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>
/// The host's own ways: an IP packet leaves by the interface, to the next hop and (where none is set) with the source
/// address that the kernel would choose for its destination. What comes in is seen without its link-layer header, on the
/// interfaces that something was sent over, or on all before. Needs root or CAP_NET_RAW.
/// </summary>
/// <remarks>
/// Packets to the host itself take the way through the kernel that its own take (raw(7)); all others go out exactly as they
/// are, past the kernel's own processing.
/// </remarks>
public sealed class HostChannel : IPacketChannel
{
    private static readonly TimeSpan s_whilePending = TimeSpan.FromMilliseconds(2);

    private readonly InterfaceOptions _options;
    private readonly NetlinkSocket _netlink = new();
    private readonly NeighbourSender _neighbours;
    private readonly RawIPSocket _local = new();
    private readonly Dictionary<int, EthernetPort> _ports = [];
    private readonly RouteCache _routes;
    private readonly Dictionary<int, string> _names = [];
    private readonly HashSet<int> _used = [];
    private FrameIntake? _intake;
    private FrameQueue? _queue;

    /// <summary>A channel over the host's routes.</summary>
    /// <exception cref="StackException">The kernel does not tell its routes.</exception>
    public HostChannel(InterfaceOptions? options = null)
    {
        _options = options ?? new InterfaceOptions();
        _neighbours = new NeighbourSender(_netlink);
        _routes = new RouteCache(_netlink, 0);
    }

    /// <inheritdoc/>
    public string Name => "host";

    /// <inheritdoc/>
    public PacketStart Start => PacketStart.IP;

    /// <summary>What every interface takes; one may take more.</summary>
    public int Mtu => 1500;

    /// <inheritdoc/>
    public Instant Now => WallClock.Now;

    /// <inheritdoc/>
    public long Dropped => _queue?.Dropped ?? _intake?.Dropped ?? 0;

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
            IsCooked = true,
            // Of what goes over the loopback device both sides would be seen.
            IgnoreOutgoing = _options.Direction == FrameDirection.Incoming,
            BufferSize = _options.BufferSize,
            Ring = _options.Sniffs,
        };
        _intake = new FrameIntake(options, _options.Direction, Start, filter, NameOf, IsWanted);
        _queue = _options.Sniffs ? new FrameQueue(_intake, capacity, Name) : null;
    }

    /// <inheritdoc/>
    public Packet Complete(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (!PacketSource.IsOpen(packet))
        {
            return packet;
        }

        HostRoute route = FindRoute(packet.IP!.Destination);
        return route.Source.Length == packet.IP.Destination.Length
            ? PacketSource.Fill(packet, NetworkAddress.FromBytes(route.Source))
            : packet;
    }

    /// <inheritdoc/>
    public void Send(Packet packet) => Send(PacketChannel.ToBytes(this, Complete(packet)).Span);

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame)
    {
        NetworkAddress destination = DestinationOf(frame);
        HostRoute route = FindRoute(destination);
        Use(route.Interface);
        if (route.Kind == HostRouting.Local)
        {
            int error = _local.Send(frame, NeighbourSender.Bytes(destination, stackalloc byte[16]));
            if (error != 0)
            {
                throw PortOf(route.Interface).Explain(error, frame.Length);
            }

            return;
        }

        EthernetPort port = PortOf(route.Interface);
        ushort etherType = destination.IsIPv6 ? EtherType.IPv6 : EtherType.IPv4;
        if (!port.IsEthernet)
        {
            port.Send(frame);
        }
        else if (route.Kind == HostRouting.Broadcast)
        {
            port.Send(MacAddress.Broadcast, frame, etherType);
        }
        else
        {
            _neighbours.Service();
            NetworkAddress hop = route.Gateway.Length > 0 ? NetworkAddress.FromBytes(route.Gateway) : destination;
            _neighbours.Send(port, hop, frame, etherType);
        }
    }

    /// <inheritdoc/>
    public void Flush(Instant until, CancellationToken cancellationToken) => _neighbours.Flush(until, cancellationToken);

    /// <inheritdoc/>
    public RawFrame? Receive(Instant until, CancellationToken cancellationToken)
    {
        if (_intake is null)
        {
            throw PacketChannel.NotListening(this);
        }

        if (_queue is null)
        {
            return ChannelWait.Receive(_intake, _neighbours, until, s_whilePending, cancellationToken);
        }

        _neighbours.Service();
        return _queue.Take(until, cancellationToken);
    }

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        _neighbours.Service();
        if (_queue is not null)
        {
            _queue.Dispose();
        }
        else
        {
            _intake?.Dispose();
        }

        foreach (EthernetPort port in _ports.Values)
        {
            port.Dispose();
        }

        _local.Dispose();
        _netlink.Dispose();
    }

    private static NetworkAddress DestinationOf(ReadOnlySpan<byte> packet)
    {
        const int IPv4Destination = 16;
        const int IPv6Destination = 24;
        int version = packet.IsEmpty ? 0 : packet[0] >> 4;
        return version switch
        {
            6 when packet.Length >= IPv6Destination + 16 => NetworkAddress.FromBytes(packet.Slice(IPv6Destination, 16)),
            not 6 when packet.Length >= IPv4Destination + 4 => NetworkAddress.FromBytes(packet.Slice(IPv4Destination, 4)),
            _ => throw new StackException(
                StackError.InvalidArgument, "What has no IP header has no way over the host's routes.", "Name an interface with -Link."),
        };
    }

    private HostRoute FindRoute(NetworkAddress destination) => _routes.Find(destination, out int error) ?? throw new StackException(
        StackError.NoRoute,
        $"The host has no route to {destination} ({new System.ComponentModel.Win32Exception(error).Message}).",
        "Name the interface with -Link, or give the host a route (ip route add).");

    private EthernetPort PortOf(int index)
    {
        if (!_ports.TryGetValue(index, out EthernetPort? port))
        {
            foreach (PacketInterface place in PacketInterface.GetAll(_netlink))
            {
                if (place.Index == index)
                {
                    port = new EthernetPort(place);
                    _ports.Add(index, port);
                }
            }
        }

        return port ?? throw new StackException(StackError.LinkDown, $"The interface number {index} has gone.");
    }

    private void Use(int index)
    {
        lock (_used)
        {
            _used.Add(index);
        }
    }

    /// <summary>Whether frames of an interface matter; asked by the thread that receives.</summary>
    private bool IsWanted(int index)
    {
        lock (_used)
        {
            return _used.Count == 0 || _used.Contains(index);
        }
    }

    private string NameOf(int index)
    {
        lock (_names)
        {
            if (!_names.TryGetValue(index, out string? name))
            {
                _names.Clear();
                using NetlinkSocket netlink = new();
                foreach (InterfaceEntry entry in InterfaceList.Read(netlink))
                {
                    _names[entry.Index] = entry.Name;
                }

                _names.TryAdd(index, "");
                name = _names[index];
            }

            return name;
        }
    }
}
