using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>What a transport got, copied out of its spans.</summary>
internal sealed record Delivery(
    NetworkAddress Source, NetworkAddress Destination, byte Protocol, byte[] Payload, byte[] Header, bool IsUnicast, bool IsLooped,
    bool IsReassembled, bool IsChecksumTrusted, byte TypeOfService, byte TimeToLive);

/// <summary>An IP layer at 10.0.0.1/24 with a gateway 10.0.0.254, whose environment is a few lists and whose clock is a property.</summary>
internal sealed class IPHost : IIPv4Environment
{
    public static readonly NetworkAddress Me = NetworkAddress.Parse("10.0.0.1");
    public static readonly NetworkAddress Peer = NetworkAddress.Parse("10.0.0.2");
    public static readonly NetworkAddress Gateway = NetworkAddress.Parse("10.0.0.254");
    public static readonly NetworkAddress Far = NetworkAddress.Parse("192.0.2.7");

    public IPHost(IPSettings? settings = null, ulong seed = 1)
    {
        Layer = new IPv4Protocol(settings ?? IPSettings.Default, this, RandomSource.FromSeed(seed), Pool);
        Layer.Routes.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        Layer.Routes.AddDefaultGateway(Gateway);
    }

    public PacketBufferPool Pool { get; } = new();

    public IPv4Protocol Layer { get; }

    public IPCounters Counters => Layer.Counters;

    public Instant Now { get; set; } = Instant.FromSeconds(100);

    public HashSet<byte> Protocols { get; } = [IPProtocol.Tcp, IPProtocol.Udp];

    public List<byte[]> Sent { get; } = [];

    public List<NetworkAddress> NextHops { get; } = [];

    public List<OffloadInfo> SentOffloads { get; } = [];

    public List<Delivery> Delivered { get; } = [];

    public List<IcmpError> Errors { get; } = [];

    /// <summary>Called within a delivery, as a transport that answers at once would be.</summary>
    public Action<Delivery>? OnDeliver { get; set; }

    public bool AcceptsProtocol(byte protocol) => Protocols.Contains(protocol);

    public void Deliver(in IPDatagram datagram, Instant now)
    {
        var delivery = new Delivery(
            datagram.Source, datagram.Destination, datagram.Protocol, datagram.Payload.ToArray(), datagram.Header.ToArray(),
            datagram.IsUnicast, datagram.IsLooped, datagram.IsReassembled, datagram.IsChecksumTrusted, datagram.TypeOfService,
            datagram.TimeToLive);
        Delivered.Add(delivery);
        OnDeliver?.Invoke(delivery);
    }

    public void DeliverError(in IcmpError error, Instant now) => Errors.Add(error);

    public void Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        Sent.Add(packet.Span.ToArray());
        SentOffloads.Add(packet.Offload);
        NextHops.Add(nextHop);
        packet.Release();
    }

    public void Receive(byte[] packet, OffloadInfo offload = default)
    {
        PacketBuffer buffer = Pool.Rent(packet.Length);
        packet.CopyTo(buffer.Append(packet.Length));
        buffer.Offload = offload;
        Layer.Receive(buffer, Now);
    }

    public bool Send(byte[] payload, in IPSendOptions options, OffloadInfo offload = default)
    {
        PacketBuffer buffer = Pool.Rent(payload.Length);
        payload.CopyTo(buffer.Append(payload.Length));
        buffer.Offload = offload;
        return Layer.Send(buffer, options, Now);
    }

    public void Advance(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        Layer.OnTimer(Now);
    }

    /// <summary>The single packet sent since the last call.</summary>
    public byte[] TakeSent()
    {
        byte[] packet = Assert.Single(Sent);
        Sent.Clear();
        NextHops.Clear();
        SentOffloads.Clear();
        return packet;
    }

    /// <summary>The layer answers a ping, and holds no buffer afterwards but those of incomplete datagrams.</summary>
    public void AssertAlive()
    {
        Sent.Clear();
        Receive(TestPacket.Echo(Peer, Me, [1, 2, 3]));
        Assert.Equal(0, new Icmpv4View(new IPv4View(Assert.Single(Sent)).Payload).Type);
        Sent.Clear();
        Assert.Equal(Layer.IncompleteDatagrams + Layer.LoopedPackets, Pool.Outstanding);
    }
}
