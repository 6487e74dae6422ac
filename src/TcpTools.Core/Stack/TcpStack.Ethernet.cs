using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>What a stack does where frames start with an Ethernet header: its neighbours, and the addresses it claims.</content>
public sealed partial class TcpStack
{
    private const int ConflictsKept = 64;

    private readonly EthernetProtocol? _ethernet;
    private readonly Queue<AddressConflict> _conflicts = new();
    private WaiterList _linkWaiters;

    /// <summary>The stack's Ethernet address; null where frames start with an IP header.</summary>
    public MacAddress? HardwareAddress => _ethernet?.HardwareAddress;

    /// <summary>The neighbours that are known or asked for at this moment; none where frames start with an IP header.</summary>
    public IReadOnlyList<NeighborEntry> Neighbors
    {
        get
        {
            lock (_lock)
            {
                return _ethernet?.Neighbors ?? [];
            }
        }
    }

    /// <summary>How far the claims to the stack's addresses on an Ethernet link have come (RFC 5227).</summary>
    public IReadOnlyList<AddressClaim> Claims
    {
        get
        {
            lock (_lock)
            {
                return _ethernet?.Claims ?? [];
            }
        }
    }

    /// <summary>Who else used addresses of the stack's, the last 64 times.</summary>
    public IReadOnlyList<AddressConflict> Conflicts
    {
        get
        {
            lock (_lock)
            {
                return [.. _conflicts];
            }
        }
    }

    /// <summary>
    /// Finds out a neighbour's Ethernet address by ARP. In virtual mode the waiting moves the network; a manual stack only
    /// asks, and answers with what it knows.
    /// </summary>
    /// <returns>What is known of the neighbour; null when it did not answer in time.</returns>
    /// <exception cref="StackException">The link has no Ethernet frames, the address is no neighbour's, or the stack was stopped.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public NeighborEntry? ResolveNeighbor(NetworkAddress address, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Neighbor neighbor;
        using (Entry entry = Enter())
        {
            neighbor = RequireNeighbor(address).Resolve(address, entry.Now);
        }

        WaitForLink(() => neighbor.State != NeighborState.Incomplete, timeout, cancellationToken);
        lock (_lock)
        {
            return neighbor.IsKnown ? neighbor.ToEntry() : null;
        }
    }

    /// <summary>Fixes a neighbour's Ethernet address; what its owner says by ARP does not change it.</summary>
    /// <exception cref="StackException">The link has no Ethernet frames, the address is no neighbour's, or the stack was stopped.</exception>
    public void SetNeighbor(NetworkAddress address, MacAddress hardware)
    {
        using Entry entry = Enter();
        RequireNeighbor(address).SetNeighbor(address, hardware, entry.Now);
    }

    /// <summary>Forgets a neighbour, so that it is asked again.</summary>
    /// <returns>Whether it was known.</returns>
    public bool RemoveNeighbor(NetworkAddress address)
    {
        using Entry entry = Enter();
        return _ethernet?.RemoveNeighbor(address) ?? false;
    }

    /// <summary>Waits until every address of the stack's is either claimed or lost.</summary>
    /// <returns>Whether that is so; true at once where there is nothing to claim.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitForClaims(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        WaitForLink(() => _ethernet is not { IsProbing: true }, timeout, cancellationToken);

    /// <summary>
    /// Sends an IPv4 packet as it is, without the stack knowing of it: on an Ethernet link to the next hop that the stack's routes say,
    /// which is asked for where it is not known.
    /// </summary>
    /// <exception cref="StackException">It is no IPv4 packet, no route leads to its destination, or the stack was stopped.</exception>
    public void SendRawPacket(ReadOnlySpan<byte> packet)
    {
        IPv4View ip = new(packet);
        if (_ethernet is null)
        {
            SendRaw(packet);
            return;
        }

        if (packet.Length is < IPv4View.MinimumHeaderLength or > ushort.MaxValue || ip.Version != 4)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "Only an IPv4 packet finds its next hop by ARP.",
                "Put other packets into a frame: New-EthernetFrame | New-IPPacket.");
        }

        using Entry entry = Enter();
        ThrowIfStopped();
        if (!_ip.Routes.TryLookup(ip.Destination, out Route route) || route.Kind == RouteKind.Local)
        {
            throw new StackException(
                StackError.NoRoute,
                $"The stack '{Name}' has no route to {ip.Destination} over its link.",
                "Give the stack a gateway, or put the packet into an Ethernet frame.");
        }

        PacketBuffer buffer = Options.Buffers.Rent(packet.Length);
        packet.CopyTo(buffer.Append(packet.Length));
        _ethernet.Send(buffer, route.NextHop(ip.Destination), entry.Now);
    }

    private EthernetProtocol? CreateEthernet() => _capabilities.Medium != LinkMedium.Ethernet ? null : new EthernetProtocol(
        Options.HardwareAddress ?? EthernetProtocol.CreateAddress(Options.Random),
        Options.Neighbors,
        _callbacks,
        Options.Random,
        Options.Buffers);

    private void ClaimAddresses()
    {
        if (_ethernet is null)
        {
            return;
        }

        using Entry entry = Enter();
        foreach (InterfaceAddress address in _ip.Routes.Addresses)
        {
            _ethernet.Claim(address.Address, entry.Now);
        }
    }

    /// <summary>A frame from the link, to whom it concerns.</summary>
    private void TakeFrame(PacketBuffer frame, Instant now)
    {
        if (_ethernet is null || _ethernet.Receive(frame, now))
        {
            _ip.Receive(frame, now);
        }
    }

    /// <summary>A packet on its way to a neighbour.</summary>
    private void PutPacket(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        if (_ethernet is null)
        {
            Put(packet, now);
        }
        else
        {
            _ethernet.Send(packet, nextHop, now);
        }
    }

    private Instant LinkLayerDeadline => _ethernet?.NextDeadline ?? Instant.Never;

    /// <summary>Does what is due among the neighbours; whether there was something.</summary>
    private bool ServiceLinkLayer(Instant now)
    {
        if (_ethernet is null || _ethernet.NextDeadline > now)
        {
            return false;
        }

        long before = _ethernet.Counters.OutRequests + _ethernet.Counters.Failures;
        _ethernet.OnTimer(now);
        return _ethernet.Counters.OutRequests + _ethernet.Counters.Failures != before;
    }

    /// <summary>A packet of ours found nobody at its next hop: whoever opens a connection need not wait any longer.</summary>
    private void OnNeighborUnreachable(PacketBuffer packet, Instant now)
    {
        IPv4View ip = new(packet.Span);
        TcpView tcp = new(ip.Payload);
        if (ip.IsValid && ip.Protocol == IPProtocol.Tcp && ip.FragmentOffset == 0 && tcp.IsValid
            && _table.Find(new FlowKey(ip.Source, tcp.SourcePort, ip.Destination, tcp.DestinationPort)) is { } session)
        {
            session.Connection.OnIcmpError(TcpPathError.NeighborUnreachable, tcp.Sequence, 0, now);
        }

        packet.Release();
    }

    private void OnAddressConflict(AddressConflict conflict)
    {
        _conflicts.Enqueue(conflict);
        if (_conflicts.Count > ConflictsKept)
        {
            _conflicts.Dequeue();
        }

        if (conflict.Outcome == AddressConflictOutcome.GivenUp)
        {
            // RFC 5227, 2.4: connections are reset while that can still be said from the address.
            AbortSessions(conflict.Address, conflict.Time);
        }

        if (conflict.Outcome != AddressConflictOutcome.Defended)
        {
            _ip.Routes.RemoveAddress(conflict.Address);
        }
    }

    private void EndLinkLayer()
    {
        _ethernet?.Clear();
        _linkWaiters.SignalAll();
    }

    private EthernetProtocol RequireNeighbor(NetworkAddress address)
    {
        ThrowIfStopped();
        if (_ethernet is null)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack '{Name}' has no neighbours: frames of its link {Link.Name} start with an IP header.",
                "Start a stack on an interface, on a TAP device, or on an Ethernet wire.");
        }

        return _callbacks.IsNeighbor(address) ? _ethernet : throw new StackException(
            StackError.NoRoute,
            $"{address} is not the address of a neighbour on the link {Link.Name}.",
            $"Name a host in a network of the stack's own addresses: {string.Join(", ", Addresses)}.");
    }

    private bool WaitForLink(Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        bool Look()
        {
            using Entry entry = Enter();
            ThrowIfStopped();
            return condition();
        }

        if (Mode == StackMode.Virtual)
        {
            return RunNetworkUntil(Look, timeout, cancellationToken);
        }

        if (Look() || Mode == StackMode.Manual)
        {
            return Look();
        }

        SessionWaiter waiter = SessionWaiter.Current;
        Deadline deadline = new(this, timeout);
        lock (_lock)
        {
            _linkWaiters.Add(waiter);
        }

        try
        {
            while (true)
            {
                waiter.Reset();
                if (Look())
                {
                    return true;
                }

                TimeSpan left = deadline.Waitable;
                if (left == TimeSpan.Zero)
                {
                    return false;
                }

                waiter.Wait(left, cancellationToken);
            }
        }
        finally
        {
            lock (_lock)
            {
                _linkWaiters.Remove(waiter);
            }
        }
    }

    /// <content>What the Ethernet layer reports.</content>
    private sealed partial class Callbacks : IEthernetEnvironment
    {
        public void Transmit(PacketBuffer frame, Instant now)
        {
            if (stack._notes is { } notes && new EthernetView(frame.Span).EtherType == EtherType.Arp)
            {
                notes.OnSent(frame.Span, LinkMedium.Ethernet);
            }

            stack.Put(frame, now);
        }

        public bool IsNeighbor(NetworkAddress address) => address.IsIPv4
            && stack._ip.Routes.TryLookup(address, out Route route) && route.Kind == RouteKind.Connected;

        public bool IsBroadcast(NetworkAddress address) => stack._ip.Routes.IsBroadcast(address);

        public NetworkAddress SelectSource(NetworkAddress neighbor) => stack._ip.Routes.SelectSource(neighbor);

        public void OnUnreachable(PacketBuffer packet, Instant now) => stack.OnNeighborUnreachable(packet, now);

        public void OnConflict(AddressConflict conflict) => stack.OnAddressConflict(conflict);

        public void OnChange() => stack._linkWaiters.SignalAll();
    }
}
