#pragma warning disable CA1822
using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// IPv4 of one host on one link (RFC 791; RFC 1122, section 3) with its ICMP: a passive object that packets, datagrams
/// and the time go into, and that calls its environment with what comes out. One thread at a time may be in it.
/// </summary>
public sealed class IPv4Layer
{
    private readonly PacketBufferPool _pool;

    /// <summary>A layer without addresses: give it some by <see cref="Routes"/>.</summary>
    /// <param name="settings">The constants.</param>
    /// <param name="environment">Who takes what comes out.</param>
    /// <param name="random">Keys for identification fields.</param>
    /// <param name="pool">Where buffers for fragments, reassembled datagrams and ICMP messages come from.</param>
    public IPv4Layer(IPSettings settings, IIPv4Environment environment, RandomSource random, PacketBufferPool pool)
    {
        Settings = settings;
        Environment = environment;
        _pool = pool;
        _ = random;
    }

    /// <summary>The constants.</summary>
    public IPSettings Settings { get; }

    /// <summary>This host's addresses and the ways to others.</summary>
    public RoutingTable Routes { get; } = new();

    /// <summary>What has happened so far.</summary>
    public IPCounters Counters { get; } = new();

    /// <summary>
    /// When <see cref="OnTimer"/> is to be called; <see cref="Instant.Never"/> when nothing waits. It may lie in the past:
    /// then at once, because this host has sent something to itself.
    /// </summary>
    public Instant NextDeadline => Instant.Never;

    /// <summary>Packets that this host has sent to itself and that wait for <see cref="OnTimer"/>.</summary>
    public int LoopedPackets => 0;

    internal IIPv4Environment Environment { get; }

    /// <summary>
    /// Takes a packet from the link, which starts with its IP header, and the ownership of its buffer. Faulty packets are
    /// counted and dropped.
    /// </summary>
    public void Receive(PacketBuffer packet, Instant now)
    {
        packet.Release();
    }

    /// <summary>
    /// Sends a datagram: pushes the IP header into the payload's headroom, fragments where the path MTU demands it, and
    /// hands the packets to the environment, or queues them when the destination is this host. Takes ownership of the
    /// buffer, also when it fails. Offsets in the payload's <see cref="PacketBuffer.Offload"/> count from the payload's
    /// first byte, and its <see cref="OffloadInfo.HeaderLength"/> counts the transport's header alone; the layer adds its own.
    /// </summary>
    /// <returns>
    /// False when nothing was sent: no route, a source that is not this host's, a payload too long, or one larger than
    /// the link's MTU that is not to be fragmented.
    /// </returns>
    public bool Send(PacketBuffer payload, in IPSendOptions options, Instant now)
    {
        payload.Release();
        return false;
    }

    /// <summary>
    /// Delivers what this host has sent to itself up to now, and gives up datagrams whose fragments did not come in time.
    /// What is sent to this host meanwhile waits for the next call.
    /// </summary>
    public void OnTimer(Instant now)
    {
    }

    /// <summary>
    /// Tells the sender of a datagram that it could not be delivered: an <see cref="IcmpCode"/> of type 3. Nothing is sent
    /// where RFC 1122, 3.2.2 forbids it or the rate is used up.
    /// </summary>
    /// <returns>Whether a message was sent.</returns>
    public bool SendUnreachable(in IPDatagram datagram, byte code, Instant now) => false;

    /// <summary>
    /// The largest packet, in bytes with its IP header, that reaches <paramref name="destination"/> unfragmented as far as
    /// is known: the link's MTU, or less where a router has said so lately (RFC 1191).
    /// </summary>
    public int GetPathMtu(NetworkAddress destination, Instant now) => Settings.Mtu;

    /// <summary>
    /// Believes an ICMP fragmentation-needed message, which the transport has checked to quote something it has in flight
    /// (RFC 5927, 7), and lowers the path MTU. It never raises it, nor lowers it below <see cref="IPSettings.MinimumPathMtu"/>.
    /// </summary>
    /// <returns>The path MTU from now on.</returns>
    public int LowerPathMtu(in IcmpError error, Instant now) => Settings.Mtu;

    /// <summary>Gives back all buffers that the layer holds: fragments, and packets to itself.</summary>
    public void Clear()
    {
    }
}
