using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Neighbors;

/// <summary>
/// Who has which Ethernet address (RFC 826), with entries that age and are asked again before they go (RFC 1122, 2.3.2.1),
/// packets that wait for an answer (2.3.2.2), and limits on everything.
/// </summary>
internal sealed class NeighborCache(EthernetProtocol layer, NeighborSettings settings, RandomSource random)
{
    private readonly Dictionary<NetworkAddress, Neighbor> _neighbors = [];
    private readonly List<Neighbor> _due = [];
    private int _waiting;

    /// <summary>When <see cref="OnTimer"/> has something to do; at times earlier than that, never later.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    public int Count => _neighbors.Count;

    public List<NeighborEntry> ToList()
    {
        List<NeighborEntry> entries = new(_neighbors.Count);
        foreach (Neighbor neighbor in _neighbors.Values)
        {
            entries.Add(neighbor.ToEntry());
        }

        return entries;
    }

    /// <summary>The Ethernet address to send to now, noting that it was used; false when it is not known.</summary>
    public bool TryUse(NetworkAddress address, out MacAddress hardware, Instant now)
    {
        if (!_neighbors.TryGetValue(address, out Neighbor? neighbor) || !neighbor.IsKnown)
        {
            hardware = default;
            return false;
        }

        neighbor.Used = now;
        hardware = neighbor.HardwareAddress;
        if (neighbor.State == NeighborState.Stale)
        {
            Poll(neighbor, now);
        }

        return true;
    }

    /// <summary>The neighbour of an address, which is asked for where it is not known.</summary>
    public Neighbor Resolve(NetworkAddress address, Instant now)
    {
        if (_neighbors.TryGetValue(address, out Neighbor? known))
        {
            return known;
        }

        Neighbor neighbor = Add(address, now);
        neighbor.State = NeighborState.Incomplete;
        Ask(neighbor, now);
        return neighbor;
    }

    /// <summary>Keeps a packet until the neighbour's address is known; takes ownership.</summary>
    public void Wait(PacketBuffer packet, NetworkAddress address, Instant now)
    {
        Neighbor neighbor = Resolve(address, now);
        neighbor.Used = now;
        bool isFull = _waiting >= settings.MaximumWaitingInAll;
        if ((isFull || neighbor.WaitingCount >= settings.MaximumWaiting) && neighbor.TryDequeue(out PacketBuffer? oldest))
        {
            // RFC 1122, 2.3.2.2: the latest packets are those worth keeping.
            Drop(oldest!);
        }
        else if (isFull)
        {
            layer.Counters.WaitingDrops++;
            packet.Release();
            return;
        }

        neighbor.Enqueue(packet);
        _waiting++;
    }

    /// <summary>A message came from a neighbour that says which Ethernet address it has (RFC 826: the merge flag).</summary>
    /// <param name="address">The sender's IP address.</param>
    /// <param name="hardware">The sender's Ethernet address.</param>
    /// <param name="mayAdd">Whether the message asks for us, so that it will want an answer.</param>
    /// <param name="now">The time.</param>
    public void Learn(NetworkAddress address, MacAddress hardware, bool mayAdd, Instant now)
    {
        if (!_neighbors.TryGetValue(address, out Neighbor? neighbor))
        {
            if (!mayAdd)
            {
                return;
            }

            neighbor = Add(address, now);
            Confirm(neighbor, hardware, now);
            return;
        }

        bool isOther = neighbor.IsKnown && neighbor.HardwareAddress != hardware;
        if (neighbor.State == NeighborState.Permanent || (isOther && now < neighbor.Confirmed + settings.LockTime))
        {
            return;
        }

        Confirm(neighbor, hardware, now);
        Deliver(neighbor, now);
    }

    /// <summary>Fixes a neighbour's address by hand.</summary>
    public void Set(NetworkAddress address, MacAddress hardware, Instant now)
    {
        if (!_neighbors.TryGetValue(address, out Neighbor? neighbor))
        {
            neighbor = Add(address, now);
        }

        Confirm(neighbor, hardware, now);
        neighbor.State = NeighborState.Permanent;
        neighbor.Deadline = Instant.Never;
        Deliver(neighbor, now);
    }

    /// <summary>Forgets a neighbour, and drops what waits for it.</summary>
    public bool Remove(NetworkAddress address)
    {
        if (!_neighbors.Remove(address, out Neighbor? neighbor))
        {
            return false;
        }

        DropAll(neighbor);
        layer.Environment.OnChange();
        return true;
    }

    public void OnTimer(Instant now)
    {
        if (NextDeadline > now)
        {
            return;
        }

        NextDeadline = Instant.Never;
        foreach (Neighbor neighbor in _neighbors.Values)
        {
            if (neighbor.Deadline <= now)
            {
                _due.Add(neighbor);
            }
            else
            {
                NextDeadline = Instant.Earlier(NextDeadline, neighbor.Deadline);
            }
        }

        foreach (Neighbor neighbor in _due)
        {
            // One that was told of a failure may have sent again, and new neighbours may have made this one go.
            if (neighbor.Deadline <= now && _neighbors.TryGetValue(neighbor.Address, out Neighbor? current) && current == neighbor)
            {
                Age(neighbor, now);
            }
        }

        _due.Clear();
    }

    public void Clear()
    {
        foreach (Neighbor neighbor in _neighbors.Values)
        {
            DropAll(neighbor);
        }

        _neighbors.Clear();
        NextDeadline = Instant.Never;
    }

    private void Age(Neighbor neighbor, Instant now)
    {
        switch (neighbor.State)
        {
            case NeighborState.Reachable when neighbor.Used > neighbor.Confirmed:
                Poll(neighbor, now);
                break;
            case NeighborState.Reachable:
                neighbor.State = NeighborState.Stale;
                Schedule(neighbor, now + settings.StaleTime);
                layer.Environment.OnChange();
                break;
            case NeighborState.Probing when neighbor.Requests < settings.UnicastRequests:
            case NeighborState.Incomplete when neighbor.Requests < settings.BroadcastRequests:
                Ask(neighbor, now);
                break;
            case NeighborState.Probing:
                // It may have another Ethernet address by now: everybody is asked.
                neighbor.State = NeighborState.Incomplete;
                neighbor.Requests = 0;
                Ask(neighbor, now);
                break;
            case NeighborState.Incomplete:
                Fail(neighbor, now);
                break;
            default:
                _neighbors.Remove(neighbor.Address);
                break;
        }
    }

    /// <summary>Asks a neighbour whether it is still there; meanwhile its address is used.</summary>
    private void Poll(Neighbor neighbor, Instant now)
    {
        neighbor.Requests = 0;
        neighbor.State = settings.UnicastRequests > 0 ? NeighborState.Probing : NeighborState.Incomplete;
        Ask(neighbor, now);
    }

    private void Ask(Neighbor neighbor, Instant now)
    {
        neighbor.Requests++;
        Schedule(neighbor, now + settings.RequestInterval);
        layer.SendRequest(neighbor.Address, neighbor.State == NeighborState.Probing ? neighbor.HardwareAddress : MacAddress.Broadcast, now);
    }

    private void Fail(Neighbor neighbor, Instant now)
    {
        layer.Counters.Failures++;
        neighbor.State = NeighborState.Failed;
        // Gone before anybody is told: who is told may send again at once, and that is a new beginning.
        _neighbors.Remove(neighbor.Address);
        while (neighbor.TryDequeue(out PacketBuffer? packet))
        {
            _waiting--;
            layer.Environment.OnUnreachable(packet!, now);
        }

        layer.Environment.OnChange();
    }

    private void Confirm(Neighbor neighbor, MacAddress hardware, Instant now)
    {
        neighbor.HardwareAddress = hardware;
        neighbor.State = NeighborState.Reachable;
        neighbor.Confirmed = now;
        neighbor.Requests = 0;
        Schedule(neighbor, now + (settings.ReachableTime * (0.5 + random.NextDouble())));
        layer.Environment.OnChange();
    }

    private void Deliver(Neighbor neighbor, Instant now)
    {
        while (neighbor.TryDequeue(out PacketBuffer? packet))
        {
            _waiting--;
            neighbor.Used = now;
            layer.SendTo(packet!, neighbor.HardwareAddress, now);
        }
    }

    private Neighbor Add(NetworkAddress address, Instant now)
    {
        if (_neighbors.Count >= settings.MaximumEntries)
        {
            Evict();
        }

        Neighbor neighbor = new(address) { Confirmed = now };
        _neighbors.Add(address, neighbor);
        return neighbor;
    }

    /// <summary>Forgets the neighbour that was not used for the longest time; those that somebody put there only if there are no others.</summary>
    private void Evict()
    {
        Neighbor? oldest = null;
        foreach (Neighbor neighbor in _neighbors.Values)
        {
            if (oldest is null || Rank(neighbor).CompareTo(Rank(oldest)) < 0)
            {
                oldest = neighbor;
            }
        }

        layer.Counters.Evictions++;
        _neighbors.Remove(oldest!.Address);
        oldest.State = NeighborState.Failed;
        DropAll(oldest);

        static (bool IsPermanent, Instant Used, Instant Confirmed) Rank(Neighbor n) => (n.State == NeighborState.Permanent, n.Used, n.Confirmed);
    }

    private void DropAll(Neighbor neighbor)
    {
        while (neighbor.TryDequeue(out PacketBuffer? packet))
        {
            Drop(packet!);
        }
    }

    private void Drop(PacketBuffer packet)
    {
        _waiting--;
        layer.Counters.WaitingDrops++;
        packet.Release();
    }

    private void Schedule(Neighbor neighbor, Instant deadline)
    {
        neighbor.Deadline = deadline;
        NextDeadline = Instant.Earlier(NextDeadline, deadline);
    }
}
