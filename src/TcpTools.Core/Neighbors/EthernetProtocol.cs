using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>
/// One station on an Ethernet link (RFC 894) with its ARP (RFC 826): puts IP packets into frames and takes them out, without
/// copying them, knows its neighbours, and claims its addresses. A passive object: frames, packets and the time go in, and it calls
/// its environment with what comes out. One thread at a time may be in it.
/// </summary>
public sealed class EthernetProtocol
{
    private readonly NeighborCache _neighbors;
    private readonly AddressClaims _claims;
    private readonly PacketBufferPool _pool;

    /// <summary>A station that has no address yet.</summary>
    /// <param name="hardware">Its Ethernet address.</param>
    /// <param name="settings">Times, counts and limits.</param>
    /// <param name="environment">Who takes what comes out.</param>
    /// <param name="random">When probes are sent and for how long neighbours are believed.</param>
    /// <param name="pool">Where buffers for ARP messages come from.</param>
    /// <exception cref="StackException">The settings make no sense, or the address is a group's or nobody's.</exception>
    public EthernetProtocol(
        MacAddress hardware, NeighborSettings settings, IEthernetEnvironment environment, RandomSource random, PacketBufferPool pool)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(random);
        if (hardware.IsGroup || hardware == MacAddress.None)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"{hardware} is not the Ethernet address of one station.",
                "The first octet of a station's address is even, such as in 02:00:00:00:00:01.");
        }

        HardwareAddress = hardware;
        Settings = settings.Validate();
        Environment = environment;
        _pool = pool;
        _neighbors = new NeighborCache(this, settings, random);
        _claims = new AddressClaims(this, settings, random);
    }

    /// <summary>The station's own Ethernet address.</summary>
    public MacAddress HardwareAddress { get; }

    /// <summary>Times, counts and limits.</summary>
    public NeighborSettings Settings { get; }

    /// <summary>What has happened so far.</summary>
    public EthernetCounters Counters { get; } = new();

    /// <summary>When <see cref="OnTimer"/> is to be called; it may turn out that nothing was to be done then.</summary>
    public Instant NextDeadline => Instant.Earlier(_neighbors.NextDeadline, _claims.NextDeadline);

    /// <summary>The neighbours that are known or asked for.</summary>
    public IReadOnlyList<NeighborEntry> Neighbors => _neighbors.ToList();

    /// <summary>Our addresses and how far the claims to them have come.</summary>
    public IReadOnlyList<AddressClaim> Claims => _claims.ToList();

    /// <summary>Whether some address is still being asked for.</summary>
    public bool IsProbing => _claims.AnyProbing;

    internal IEthernetEnvironment Environment { get; }

    /// <summary>An Ethernet address for a station that nobody has given one: unicast and locally administered.</summary>
    public static MacAddress CreateAddress(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new MacAddress((random.NextUInt64() & 0xFCFF_FFFF_FFFF) | 0x0200_0000_0000);
    }

    /// <summary>
    /// Takes a frame from the link. An IP packet comes back in the same buffer, without the Ethernet header, and stays the
    /// caller's; of everything else the layer takes ownership.
    /// </summary>
    /// <returns>Whether <paramref name="frame"/> is now an IPv4 packet for the layer above.</returns>
    public bool Receive(PacketBuffer frame, Instant now)
    {
        ArgumentNullException.ThrowIfNull(frame);
        EthernetView ethernet = new(frame.Span);
        MacAddress destination = ethernet.Destination;
        if (!ethernet.IsComplete)
        {
            Counters.InDiscards++;
        }
        else if (destination != HardwareAddress && !destination.IsGroup)
        {
            Counters.InForeign++;
        }
        else if (ethernet.EtherType == EtherType.IPv4)
        {
            if (Unwrap(frame, destination.IsGroup))
            {
                return true;
            }

            Counters.InDiscards++;
        }
        else if (ethernet.EtherType == EtherType.Arp)
        {
            ReceiveArp(new ArpView(ethernet.Payload), now);
        }
        else
        {
            Counters.InUnknownProtocols++;
        }

        frame.Release();
        return false;
    }

    /// <summary>
    /// Sends an IP packet to a neighbour, at once where its Ethernet address is known, else when it has told it. Takes
    /// ownership.
    /// </summary>
    public void Send(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (!_claims.AllUsable && !_claims.MayUse(new IPv4View(packet.Span).Source))
        {
            Counters.UnclaimedDrops++;
            packet.Release();
        }
        else if (_neighbors.TryUse(nextHop, out MacAddress hardware, now) || TryCompute(nextHop, out hardware))
        {
            SendTo(packet, hardware, now);
        }
        else
        {
            _neighbors.Wait(packet, nextHop, now);
        }
    }

    /// <summary>What is due: requests, polls, probes, announcements, the end of what was not heard of.</summary>
    public void OnTimer(Instant now)
    {
        _neighbors.OnTimer(now);
        _claims.OnTimer(now);
    }

    /// <summary>Begins to claim an address, as <see cref="NeighborSettings.ClaimMode"/> says or as told.</summary>
    public void Claim(NetworkAddress address, Instant now, AddressClaimMode? mode = null) =>
        _claims.Start(address, mode ?? Settings.ClaimMode, now);

    /// <summary>Gives an address up: it is no longer answered for.</summary>
    public void Release(NetworkAddress address) => _claims.Stop(address);

    /// <summary>The state of the claim to an address; null when there is none.</summary>
    public AddressClaimState? GetClaim(NetworkAddress address)
    {
        foreach (AddressClaim claim in _claims.ToList())
        {
            if (claim.Address == address)
            {
                return claim.State;
            }
        }

        return null;
    }

    /// <summary>Fixes a neighbour's Ethernet address by hand; what its owner says by ARP does not change it.</summary>
    public void SetNeighbor(NetworkAddress address, MacAddress hardware, Instant now) => _neighbors.Set(address, hardware, now);

    /// <summary>Forgets a neighbour.</summary>
    /// <returns>Whether it was known.</returns>
    public bool RemoveNeighbor(NetworkAddress address) => _neighbors.Remove(address);

    /// <summary>Gives back all buffers that the layer holds, and forgets the neighbours.</summary>
    public void Clear() => _neighbors.Clear();

    /// <summary>The neighbour of an address, which is asked for where it is not known.</summary>
    internal Neighbor Resolve(NetworkAddress address, Instant now) => _neighbors.Resolve(address, now);

    internal void SendTo(PacketBuffer packet, MacAddress hardware, Instant now)
    {
        if (packet.Headroom < EthernetView.HeaderLength)
        {
            packet = Copy(packet);
        }

        WriteHeader(packet.Push(EthernetView.HeaderLength), hardware, EtherType.IPv4);
        ShiftOffsets(ref packet.Offload, EthernetView.HeaderLength);
        packet.Timestamp = now;
        Environment.Transmit(packet, now);
    }

    internal void SendRequest(NetworkAddress target, MacAddress to, Instant now)
    {
        NetworkAddress source = Environment.SelectSource(target);
        if (source.IsNone || !_claims.MayUse(source))
        {
            // Nobody must learn an address that is not ours yet.
            source = NetworkAddress.AnyIPv4;
        }

        SendArp(ArpOperation.Request, to, source, default, target, now);
    }

    /// <summary>RFC 5227, 2.1.1: a request that tells nobody anything of the sender's addresses.</summary>
    internal void SendProbe(NetworkAddress address, Instant now) =>
        SendArp(ArpOperation.Request, MacAddress.Broadcast, NetworkAddress.AnyIPv4, default, address, now);

    /// <summary>RFC 5227, 2.3: a request for the address from the address itself.</summary>
    internal void SendAnnouncement(NetworkAddress address, Instant now) =>
        SendArp(ArpOperation.Request, MacAddress.Broadcast, address, default, address, now);

    private void ReceiveArp(in ArpView message, Instant now)
    {
        if (!message.IsValid || message.Operation is not (ArpOperation.Request or ArpOperation.Reply))
        {
            Counters.InErrors++;
            return;
        }

        bool isRequest = message.Operation == ArpOperation.Request;
        Counters.InRequests += isRequest ? 1 : 0;
        Counters.InReplies += isRequest ? 0 : 1;
        MacAddress hardware = message.SenderHardware;
        if (hardware == HardwareAddress || hardware.IsGroup || hardware == MacAddress.None || _claims.Check(message, now))
        {
            // Our own, nobody's, or somebody's who has an address of ours: nothing to learn and nothing to answer.
            return;
        }

        NetworkAddress sender = message.SenderProtocol;
        NetworkAddress target = message.TargetProtocol;
        bool isForUs = isRequest && _claims.MayUse(target);
        if (Environment.IsNeighbor(sender))
        {
            _neighbors.Learn(sender, hardware, mayAdd: isForUs, now);
        }
        else if (!sender.IsAny)
        {
            // From outside the link's networks: an answer would go to whom the stack could not send a packet.
            return;
        }

        if (isForUs)
        {
            SendArp(ArpOperation.Reply, hardware, target, hardware, sender, now);
        }
    }

    private void SendArp(
        ushort operation, MacAddress to, NetworkAddress source, MacAddress targetHardware, NetworkAddress target, Instant now)
    {
        const int Length = EthernetView.HeaderLength + ArpView.EthernetIPv4Length;
        PacketBuffer buffer = _pool.Rent(Length);
        Span<byte> frame = buffer.Append(Length);
        WriteHeader(frame, to, EtherType.Arp);
        _ = new ArpEditor(frame[EthernetView.HeaderLength..])
        {
            HardwareType = 1,
            ProtocolType = EtherType.IPv4,
            HardwareLength = MacAddress.Length,
            ProtocolLength = 4,
            Operation = operation,
            SenderHardware = HardwareAddress,
            SenderProtocol = source,
            TargetHardware = targetHardware,
            TargetProtocol = target,
        };
        Counters.OutRequests += operation == ArpOperation.Request ? 1 : 0;
        Counters.OutReplies += operation == ArpOperation.Reply ? 1 : 0;
        buffer.Timestamp = now;
        Environment.Transmit(buffer, now);
    }

    private void WriteHeader(Span<byte> frame, MacAddress destination, ushort etherType) =>
        _ = new EthernetEditor(frame) { Destination = destination, Source = HardwareAddress, EtherType = etherType };

    /// <summary>Takes the header off; false for a frame to everybody whose packet is for one host only (RFC 1122, 3.3.6).</summary>
    private bool Unwrap(PacketBuffer frame, bool isToGroup)
    {
        frame.Pull(EthernetView.HeaderLength);
        ShiftOffsets(ref frame.Offload, -EthernetView.HeaderLength);
        if (!isToGroup)
        {
            return true;
        }

        NetworkAddress destination = new IPv4View(frame.Span).Destination;
        return destination.IsMulticast || Environment.IsBroadcast(destination);
    }

    /// <summary>All stations and groups have addresses that nobody needs to tell (RFC 894; RFC 1112, 6.4).</summary>
    private bool TryCompute(NetworkAddress nextHop, out MacAddress hardware)
    {
        hardware = MacAddress.Broadcast;
        if (nextHop.IsMulticast)
        {
            hardware = new MacAddress(0x0100_5E00_0000UL | (nextHop.IPv4Bits & 0x7F_FFFF));
            return true;
        }

        return Environment.IsBroadcast(nextHop);
    }

    private static void ShiftOffsets(ref OffloadInfo offload, int by)
    {
        if (offload.NeedsChecksum)
        {
            offload.ChecksumStart = (ushort)(offload.ChecksumStart + by);
        }

        if (offload.Segmentation != SegmentationKind.None)
        {
            offload.HeaderLength = (ushort)(offload.HeaderLength + by);
        }
    }

    private PacketBuffer Copy(PacketBuffer packet)
    {
        PacketBuffer copy = _pool.Rent(packet.Length);
        packet.Span.CopyTo(copy.Append(packet.Length));
        copy.Offload = packet.Offload;
        packet.Release();
        return copy;
    }
}
