using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>The data path allocates nothing once it is warm: not for a packet in, a packet out, a ping, a fragment, an error.</summary>
public sealed class IPAllocationTests : IIPv4Environment
{
    private readonly PacketBufferPool _pool = new();
    private readonly IPv4Protocol _layer;
    private long _delivered;
    private long _sent;
    private long _errors;

    public IPAllocationTests()
    {
        _layer = new IPv4Protocol(IPSettings.Default, this, RandomSource.FromSeed(1), _pool);
        _layer.Routes.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        _layer.Routes.AddDefaultGateway(IPHost.Gateway);
    }

    [Fact]
    public void Receiving_and_delivering() =>
        AssertNoAllocation(Receiver(TestPacket.IPv4(IPHost.Peer, IPHost.Me, 6, new byte[1000])), () => _delivered);

    [Fact]
    public void Answering_a_ping() =>
        AssertNoAllocation(Receiver(TestPacket.Echo(IPHost.Peer, IPHost.Me, new byte[56])), () => _sent);

    [Fact]
    public void Refusing_what_is_faulty() =>
        AssertNoAllocation(Receiver(new byte[60]), () => _layer.Counters.InHdrErrors);

    [Fact]
    public void Taking_an_error() => AssertNoAllocation(
        Receiver(TestPacket.IPv4(
            IPHost.Peer, IPHost.Me, 1, TestPacket.Icmp(3, 1, 0, TestPacket.IPv4(IPHost.Me, IPHost.Far, 6, TestPacket.TcpStart(1, 2, 3))))),
        () => _errors);

    [Fact]
    public void Sending_an_error()
    {
        byte[] packet = TestPacket.IPv4(IPHost.Peer, IPHost.Me, 99, new byte[100]);
        Instant now = Instant.Zero;
        AssertNoAllocation(
            () =>
            {
                now += TimeSpan.FromSeconds(2);
                Receive(packet, now);
            },
            () => _sent);
    }

    [Fact]
    public void Reassembling()
    {
        byte[][] fragments = [.. TestPacket.Fragments(IPHost.Peer, IPHost.Me, 17, TestPacket.Pattern(5000), 1480)];
        AssertNoAllocation(
            () =>
            {
                for (int i = fragments.Length - 1; i >= 0; i--)
                {
                    Receive(fragments[i], Instant.Zero);
                }
            },
            () => _delivered);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(5000)]
    public void Sending_whole_and_in_fragments(int length) => AssertNoAllocation(
        () =>
        {
            PacketBuffer buffer = _pool.Rent(length);
            buffer.Append(length);
            _layer.Send(buffer, new IPSendOptions { Destination = IPHost.Far, Protocol = 17 }, Instant.Zero);
        },
        () => _sent);

    [Fact]
    public void Sending_to_oneself() => AssertNoAllocation(
        () =>
        {
            PacketBuffer buffer = _pool.Rent(100);
            buffer.Append(100);
            _layer.Send(buffer, new IPSendOptions { Destination = IPHost.Me, Protocol = 6 }, Instant.Zero);
            _layer.OnTimer(Instant.Zero);
        },
        () => _delivered);

    bool IIPv4Environment.AcceptsProtocol(byte protocol) => protocol is 6 or 17;

    void IIPv4Environment.Deliver(in IPDatagram datagram, Instant now) => _delivered++;

    void IIPv4Environment.DeliverError(in IcmpError error, Instant now) => _errors++;

    void IIPv4Environment.Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        _sent++;
        packet.Release();
    }

    private Action Receiver(byte[] packet) => () => Receive(packet, Instant.Zero);

    private void Receive(byte[] packet, Instant now)
    {
        PacketBuffer buffer = _pool.Rent(packet.Length);
        packet.CopyTo(buffer.Append(packet.Length));
        _layer.Receive(buffer, now);
    }

    private void AssertNoAllocation(Action once, Func<long> done)
    {
        const int Rounds = 1000;
        for (int i = 0; i < 300; i++)
        {
            once();
        }

        // The runtime itself may allocate for this thread while it compiles in better quality; a leak of the path's own
        // comes every round, and so in every attempt.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5 && least != 0; attempt++)
        {
            long doneBefore = done();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
            {
                once();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(done() >= doneBefore + Rounds);
        }

        Assert.Equal(0, least);
        Assert.Equal(0, _pool.Outstanding);
    }
}
