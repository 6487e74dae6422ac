using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// IPv4 of one host on one link (RFC 791; RFC 1122, section 3) with its ICMP: a passive object that packets, datagrams
/// and the time go into, and that calls its environment with what comes out. One thread at a time may be in it.
/// </summary>
public sealed class IPv4Protocol
{
    /// <summary>The smallest MTU that a link may have (RFC 791, 3.2).</summary>
    public const int SmallestMtu = 68;

    private readonly IPv4Output _output;
    private readonly IcmpOutput _icmpOutput;
    private readonly IcmpInput _icmpInput;
    private readonly Reassembler _reassembler;
    private readonly PathMtuCache _pathMtus;
    private readonly LoopQueue _looped;

    /// <summary>A layer without addresses: give it some by <see cref="Routes"/>.</summary>
    /// <param name="settings">The constants.</param>
    /// <param name="environment">Who takes what comes out.</param>
    /// <param name="random">Keys for identification fields.</param>
    /// <param name="pool">Where buffers for fragments, reassembled datagrams and ICMP messages come from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The MTU is none that IPv4 works with.</exception>
    public IPv4Protocol(IPSettings settings, IIPv4Environment environment, RandomSource random, PacketBufferPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Mtu, SmallestMtu);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.Mtu, ushort.MaxValue);
        Settings = settings;
        Environment = environment;
        _pathMtus = new PathMtuCache(settings);
        _looped = new LoopQueue(settings.LoopQueueLimit);
        _reassembler = new Reassembler(settings, Counters, pool);
        _output = new IPv4Output(this, _pathMtus, _looped, new IdentificationGenerator(settings.Identification, random), pool);
        _icmpOutput = new IcmpOutput(this, pool, random);
        _icmpInput = new IcmpInput(this);
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
    public Instant NextDeadline => Instant.Earlier(_looped.Since, _reassembler.NextDeadline);

    /// <summary>Packets that this host has sent to itself and that wait for <see cref="OnTimer"/>.</summary>
    public int LoopedPackets => _looped.Count;

    /// <summary>Datagrams of which fragments are still missing.</summary>
    public int IncompleteDatagrams => _reassembler.Count;

    /// <summary>Bytes of buffers that incomplete datagrams hold; never more than <see cref="IPSettings.ReassemblyHighWatermark"/>.</summary>
    public long ReassemblyBytes => _reassembler.HeldBytes;

    internal IIPv4Environment Environment { get; }

    /// <summary>
    /// Takes a packet from the link, which starts with its IP header, and the ownership of its buffer. Faulty packets are
    /// counted and dropped.
    /// </summary>
    public void Receive(PacketBuffer packet, Instant now)
    {
        Counters.InReceives++;
        Counters.InOctets += packet.Length;
        if (!Admit(packet, out bool isUnicast, now))
        {
            packet.Release();
            return;
        }

        if (!new IPv4View(packet.Span).IsFragment)
        {
            Deliver(packet, isUnicast, isLooped: false, isReassembled: false, now);
            return;
        }

        PacketBuffer? whole = _reassembler.Add(packet, isUnicast, now);
        if (whole is not null)
        {
            Deliver(whole, isUnicast, isLooped: false, isReassembled: true, now);
        }
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
    public bool Send(PacketBuffer payload, in IPSendOptions options, Instant now) => _output.Send(payload, options, now);

    /// <summary>
    /// Delivers what this host has sent to itself up to now, and gives up datagrams whose fragments did not come in time.
    /// What is sent to this host meanwhile waits for the next call.
    /// </summary>
    public void OnTimer(Instant now)
    {
        for (int count = _looped.Count; count > 0 && _looped.TryTake(out PacketBuffer? packet); count--)
        {
            Counters.InReceives++;
            Counters.InOctets += packet.Length;
            bool isUnicast = Routes.IsLocal(new IPv4View(packet.Span).Destination);
            Deliver(packet, isUnicast, isLooped: true, isReassembled: false, now);
        }

        while (_reassembler.TryTakeExpired(now, out PartialDatagram? expired))
        {
            if (expired.HasFirstFragment)
            {
                // RFC 792: code 1 is sent only by who holds fragment zero, since nobody could use a quote of another.
                _icmpOutput.SendError(
                    expired.AsQuotable(), IcmpType.TimeExceeded, IcmpCode.ReassemblyTimeExceeded, restOfHeader: 0, now);
            }

            _reassembler.Recycle(expired);
        }
    }

    /// <summary>
    /// Tells the sender of a datagram that it could not be delivered: an <see cref="IcmpCode"/> of type 3. Nothing is sent
    /// where RFC 1122, 3.2.2 forbids it or the rate is used up.
    /// </summary>
    /// <returns>Whether a message was sent.</returns>
    public bool SendUnreachable(in IPDatagram datagram, byte code, Instant now) =>
        _icmpOutput.SendError(datagram, IcmpType.DestinationUnreachable, code, restOfHeader: 0, now);

    /// <summary>
    /// The largest packet, in bytes with its IP header, that reaches <paramref name="destination"/> unfragmented as far as
    /// is known: the link's MTU, or less where a router has said so lately (RFC 1191).
    /// </summary>
    public int GetPathMtu(NetworkAddress destination, Instant now) => _pathMtus.Get(destination, now).Mtu;

    /// <summary>
    /// Believes an ICMP fragmentation-needed message, which the transport has checked to quote something it has in flight
    /// (RFC 5927, 7), and lowers the path MTU. It never raises it, nor lowers it below <see cref="IPSettings.MinimumPathMtu"/>.
    /// </summary>
    /// <returns>The path MTU from now on.</returns>
    public int LowerPathMtu(in IcmpError error, Instant now)
    {
        if (error.Kind == IcmpErrorKind.FragmentationNeeded)
        {
            _pathMtus.Lower(error.Flow.RemoteAddress, error.Mtu, now);
        }

        return GetPathMtu(error.Flow.RemoteAddress, now);
    }

    /// <summary>Gives back all buffers that the layer holds: fragments, and packets to itself.</summary>
    public void Clear()
    {
        while (_looped.TryTake(out PacketBuffer? packet))
        {
            packet.Release();
        }

        _reassembler.Clear();
    }

    /// <summary>The checks on arrival, before a packet may cost anything: its form, its addresses, its options.</summary>
    private bool Admit(PacketBuffer packet, out bool isUnicast, Instant now)
    {
        isUnicast = false;
        switch (IPv4InputRules.CheckHeader(packet.Span, Settings.VerifyChecksums))
        {
            case HeaderFault.None:
                break;
            case HeaderFault.Truncated:
                Counters.InTruncatedPkts++;
                Counters.InHdrErrors++;
                return false;
            case HeaderFault.Checksum:
                Counters.InCsumErrors++;
                Counters.InHdrErrors++;
                return false;
            default:
                Counters.InHdrErrors++;
                return false;
        }

        var header = new IPv4View(packet.Span);
        packet.Truncate(header.TotalLength);
        if (!IPv4InputRules.IsPossibleSource(header.Source, Routes))
        {
            Counters.InAddrErrors++;
            return false;
        }

        NetworkAddress destination = header.Destination;
        isUnicast = Routes.IsOwn(destination);
        if (!isUnicast)
        {
            if (destination.IsMulticast)
            {
                // RFC 1112: a host that has joined no group takes no group's datagrams.
                Counters.InMcastPkts++;
                return false;
            }

            if (!Routes.IsBroadcast(destination))
            {
                Counters.InAddrErrors++;
                return false;
            }

            Counters.InBcastPkts++;
        }

        return header.HeaderLength == IPv4View.MinimumHeaderLength || AdmitOptions(packet, isUnicast, now);
    }

    private bool AdmitOptions(PacketBuffer packet, bool isUnicast, Instant now)
    {
        switch (IPv4InputRules.CheckOptions(new IPv4View(packet.Span).Options, out int faultOffset))
        {
            case OptionFault.None:
                return true;
            case OptionFault.SourceRoute:
                Counters.InDiscards++;
                return false;
            default:
                Counters.InHdrErrors++;
                // RFC 1122, 3.2.2.5: the pointer is the offset of the faulty byte in the header.
                uint pointer = (uint)(IPv4View.MinimumHeaderLength + faultOffset) << 24;
                _icmpOutput.SendError(
                    IPv4InputRules.ToDatagram(packet, isUnicast, isLooped: false, isReassembled: false),
                    IcmpType.ParameterProblem,
                    IcmpCode.PointerIndicatesError,
                    pointer,
                    now);
                return false;
        }
    }

    private void Deliver(PacketBuffer packet, bool isUnicast, bool isLooped, bool isReassembled, Instant now)
    {
        bool taken = false;
        try
        {
            IPDatagram datagram = IPv4InputRules.ToDatagram(packet, isUnicast, isLooped, isReassembled);
            if (datagram.Protocol == IPProtocol.Icmp)
            {
                Counters.InDelivers++;
                taken = _icmpInput.Receive(packet, datagram, now);
            }
            else if (datagram.Protocol == IPProtocol.Tcp && !isUnicast)
            {
                // RFC 9293, 3.9.2.3 (MUST-57): silently.
                Counters.InDiscards++;
            }
            else if (Environment.AcceptsProtocol(datagram.Protocol))
            {
                Counters.InDelivers++;
                Environment.Deliver(datagram, now);
            }
            else
            {
                Counters.InUnknownProtos++;
                SendUnreachable(datagram, IcmpCode.ProtocolUnreachable, now);
            }
        }
        finally
        {
            if (!taken)
            {
                packet.Release();
            }
        }
    }
}
