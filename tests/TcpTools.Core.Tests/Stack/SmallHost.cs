using System;
using TcpTools;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Examples;

/// <summary>A host made by hand: a link, IP, and one TCP connection. Nothing moves unless Move is called.</summary>
public sealed class SmallHost : IIPv4Environment, ITcpEnvironment
{
    private readonly ILink _link;
    private readonly IPv4Protocol _ip;
    private readonly TcpServices _services;
    private readonly TcpSettings _settings;
    private readonly PacketBuffer[] _frames = new PacketBuffer[1];
    private Instant _deadline = Instant.Never;
    private Instant _now;
    private ushort _listenPort;

    public SmallHost(ILink link, string address, TcpSettings settings)
    {
        _link = link;
        _settings = settings;
        _ip = new IPv4Protocol(
            IPSettings.Default with { Mtu = link.Capabilities.Mtu }, this, RandomSource.System, PacketBufferPool.Shared);
        _ip.Routes.AddAddress(InterfaceAddress.Parse(address));
        _services = new TcpServices
        {
            InitialSequence = new InitialSequenceGenerator(RandomSource.System),
            Mtu = link.Capabilities.Mtu,
        };
    }

    public TcpConnection? Connection { get; private set; }

    public void Listen(ushort port) => _listenPort = port;

    public void Connect(string remote, ushort port, Instant now)
    {
        _now = now;
        NetworkAddress to = NetworkAddress.Parse(remote);
        FlowKey flow = new FlowKey(_ip.Routes.SelectSource(to), 40000, to, port);
        Connection = new TcpConnection(_settings, flow, this, _services);
        Connection.OpenActive(now);
    }

    // What has arrived goes up, and what is due is done.
    public void Move(Instant now)
    {
        _now = now;
        while (_link.Receive(_frames, now) == 1)
        {
            _ip.Receive(_frames[0], now);
        }

        if (_deadline <= now)
        {
            _deadline = Instant.Never;
            Connection?.OnTimer(now);
        }
    }

    // From IP to TCP.
    void IIPv4Environment.Deliver(in IPDatagram datagram, Instant now)
    {
        if (TcpSegments.Read(datagram, out FlowKey flow, out ArrivedSegment segment) != SegmentFault.None)
        {
            return;
        }

        if (Connection is null && flow.LocalPort == _listenPort && segment.Flags == TcpFlags.Syn)
        {
            Connection = new TcpConnection(_settings, flow, this, _services);
            Connection.OpenPassive(segment, now);
        }
        else if (Connection?.Key == flow)
        {
            Connection.Receive(segment, now);
        }
    }

    // From TCP to IP.
    void ITcpEnvironment.Transmit(TcpConnection connection, in OutgoingSegment segment)
    {
        bool leavesChecksum = _link.Capabilities.CompletesChecksums;
        _ip.Send(
            TcpSegments.Build(PacketBufferPool.Shared, connection.Key, segment, leavesChecksum),
            new IPSendOptions
            {
                Source = connection.Key.LocalAddress,
                Destination = connection.Key.RemoteAddress,
                Protocol = IPProtocol.Tcp,
                DontFragment = true,
            },
            _now);
    }

    // From IP to the link. With ARP, an EthernetProtocol would stand in between.
    void IIPv4Environment.Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        _frames[0] = packet;
        if (_link.Send(_frames, now) == 0)
        {
            packet.Release();
        }
    }

    void ITcpEnvironment.ScheduleTimer(TcpConnection connection, Instant deadline) => _deadline = deadline;

    bool IIPv4Environment.AcceptsProtocol(byte protocol) => protocol == IPProtocol.Tcp;

    void IIPv4Environment.DeliverError(in IcmpError error, Instant now) { }

    void ITcpEnvironment.OnStateChanged(TcpConnection connection, TcpState from, TcpState to) { }

    void ITcpEnvironment.OnReadable(TcpConnection connection) { }

    void ITcpEnvironment.OnWritable(TcpConnection connection) { }

    void ITcpEnvironment.OnClosed(TcpConnection connection, TcpCloseReason reason) { }
}
