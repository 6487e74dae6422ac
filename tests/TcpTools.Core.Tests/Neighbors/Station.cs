using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Neighbors;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Neighbors;

/// <summary>An ARP message in a frame.</summary>
internal sealed record Arp(
    ushort Operation, MacAddress SenderHardware, NetworkAddress Sender, MacAddress TargetHardware, NetworkAddress Target)
{
    public MacAddress From { get; init; } = SenderHardware;

    public MacAddress To { get; init; } = MacAddress.Broadcast;

    public byte[] ToFrame()
    {
        byte[] frame = new byte[60];
        _ = new EthernetEditor(frame) { Destination = To, Source = From, EtherType = EtherType.Arp };
        _ = new ArpEditor(frame.AsSpan(14))
        {
            HardwareType = 1,
            ProtocolType = EtherType.IPv4,
            HardwareLength = 6,
            ProtocolLength = 4,
            Operation = Operation,
            SenderHardware = SenderHardware,
            SenderProtocol = Sender,
            TargetHardware = TargetHardware,
            TargetProtocol = Target,
        };
        return frame;
    }

    public static Arp? Read(byte[] frame)
    {
        EthernetView ethernet = new(frame);
        ArpView arp = new(ethernet.Payload);
        return ethernet.EtherType != EtherType.Arp ? null : new Arp(
            arp.Operation, arp.SenderHardware, arp.SenderProtocol, arp.TargetHardware, arp.TargetProtocol)
        {
            From = ethernet.Source,
            To = ethernet.Destination,
        };
    }
}

/// <summary>An Ethernet layer at 10.0.0.1/24 whose environment is a few lists and whose clock is a property.</summary>
internal sealed class Station : IEthernetEnvironment
{
    public static readonly NetworkAddress Me = NetworkAddress.Parse("10.0.0.1");
    public static readonly NetworkAddress Peer = NetworkAddress.Parse("10.0.0.2");
    public static readonly NetworkAddress Other = NetworkAddress.Parse("10.0.0.3");
    public static readonly NetworkAddress Outside = NetworkAddress.Parse("192.0.2.7");
    public static readonly MacAddress MyMac = MacAddress.Parse("02:00:00:00:00:01");
    public static readonly MacAddress PeerMac = MacAddress.Parse("02:00:00:00:00:02");
    public static readonly MacAddress OtherMac = MacAddress.Parse("02:00:00:00:00:03");

    private readonly RoutingTable _routes = new();

    /// <summary>Without other settings, addresses are used at once and nobody is told.</summary>
    public Station(NeighborSettings? settings = null, ulong seed = 1)
    {
        _routes.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        Layer = new EthernetProtocol(
            MyMac, settings ?? new NeighborSettings { ClaimMode = AddressClaimMode.None }, this, RandomSource.FromSeed(seed), Pool);
        Layer.Claim(Me, Now);
    }

    public PacketBufferPool Pool { get; } = new();

    public EthernetProtocol Layer { get; }

    public EthernetCounters Counters => Layer.Counters;

    public Instant Now { get; set; } = Instant.FromSeconds(100);

    public List<byte[]> Sent { get; } = [];

    public List<(Instant Time, Arp Message)> Messages { get; } = [];

    public List<byte[]> Unreachable { get; } = [];

    public List<byte[]> Received { get; } = [];

    public List<AddressConflict> Conflicts { get; } = [];

    public Action? OnUnreachableDo { get; set; }

    public NeighborEntry? Find(NetworkAddress address) => Layer.Neighbors.FirstOrDefault(n => n.Address == address);

    public void Transmit(PacketBuffer frame, Instant now)
    {
        byte[] bytes = frame.Span.ToArray();
        if (Arp.Read(bytes) is { } message)
        {
            Messages.Add((now, message));
        }
        else
        {
            Sent.Add(bytes);
        }

        frame.Release();
    }

    public bool IsNeighbor(NetworkAddress address) =>
        address.IsIPv4 && _routes.TryLookup(address, out Route route) && route.Kind == RouteKind.Connected;

    public bool IsBroadcast(NetworkAddress address) => _routes.IsBroadcast(address);

    public NetworkAddress SelectSource(NetworkAddress neighbor) => _routes.SelectSource(neighbor);

    public void OnUnreachable(PacketBuffer packet, Instant now)
    {
        Unreachable.Add(packet.Span.ToArray());
        packet.Release();
        OnUnreachableDo?.Invoke();
    }

    public void OnConflict(AddressConflict conflict) => Conflicts.Add(conflict);

    public void OnChange()
    {
        // Nobody waits here.
    }

    /// <summary>A packet for a neighbour, with a number by which it is known again.</summary>
    public void Send(byte number, NetworkAddress? nextHop = null)
    {
        byte[] packet = TestPacket.Echo(Me, nextHop ?? Peer, [number]);
        PacketBuffer buffer = Pool.Rent(packet.Length);
        packet.CopyTo(buffer.Append(packet.Length));
        Layer.Send(buffer, nextHop ?? Peer, Now);
    }

    public void Receive(Arp message) => Receive(message.ToFrame());

    public void Receive(byte[] frame)
    {
        PacketBuffer buffer = Pool.Rent(frame.Length);
        frame.CopyTo(buffer.Append(frame.Length));
        if (Layer.Receive(buffer, Now))
        {
            Received.Add(buffer.Span.ToArray());
            buffer.Release();
        }
    }

    /// <summary>The peer tells us its Ethernet address, asked or not.</summary>
    public void Answer(MacAddress? hardware = null, NetworkAddress? address = null) => Receive(
        new Arp(ArpOperation.Reply, hardware ?? PeerMac, address ?? Peer, MyMac, Me) { To = MyMac });

    /// <summary>Lets time pass, deadline by deadline.</summary>
    public void Advance(double seconds)
    {
        Instant end = Now + TimeSpan.FromSeconds(seconds);
        while (Layer.NextDeadline <= end)
        {
            Now = Instant.Later(Now, Layer.NextDeadline);
            Layer.OnTimer(Now);
        }

        Now = end;
    }

    public (Instant Time, Arp Message) TakeMessage()
    {
        (Instant, Arp) message = Assert.Single(Messages);
        Messages.Clear();
        return message;
    }

    /// <summary>The numbers of the packets sent so far.</summary>
    public byte[] SentNumbers() => [.. Sent.Select(frame => frame[^1])];
}
