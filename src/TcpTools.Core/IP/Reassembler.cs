using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// Puts datagrams together again (RFC 791, 3.2; RFC 815; RFC 1122, 3.3.2) within limits of time, of memory, and of the
/// number of datagrams and fragments: what is over a limit costs the oldest datagrams, never more memory.
/// </summary>
internal sealed class Reassembler(IPSettings settings, IPCounters counters, PacketBufferPool pool)
{
    private readonly Dictionary<FragmentKey, PartialDatagram> _partial = [];
    private PartialDatagram? _oldest;
    private PartialDatagram? _newest;
    private PartialDatagram? _unused;

    /// <summary>Incomplete datagrams held.</summary>
    public int Count => _partial.Count;

    /// <summary>Bytes of buffers held.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>When the oldest datagram is given up. All wait equally long, so that the order of arrival is that of deadlines.</summary>
    public Instant NextDeadline => _oldest?.Expires ?? Instant.Never;

    /// <summary>Takes a fragment with a valid header and the ownership of its buffer.</summary>
    /// <returns>The whole packet when this was the last that was missing; the caller owns it.</returns>
    public PacketBuffer? Add(PacketBuffer packet, bool isUnicast, Instant now)
    {
        counters.ReasmReqds++;
        PacketBuffer? whole = Add(new IPv4View(packet.Span), isUnicast, now);
        if (whole is not null)
        {
            counters.ReasmOKs++;
            whole.Timestamp = packet.Timestamp;
        }

        packet.Release();
        return whole;
    }

    /// <summary>
    /// Takes out the oldest datagram when its time is over. The caller gives it back by <see cref="Recycle"/>.
    /// </summary>
    public bool TryTakeExpired(Instant now, [NotNullWhen(true)] out PartialDatagram? expired)
    {
        expired = _oldest;
        if (expired is null || expired.Expires > now)
        {
            expired = null;
            return false;
        }

        counters.ReasmTimeout++;
        counters.ReasmFails++;
        Remove(expired);
        return true;
    }

    /// <summary>Releases what a datagram holds that has been taken out, and keeps the object for the next.</summary>
    public void Recycle(PartialDatagram datagram)
    {
        Hold(datagram, null);
        datagram.Newer = _unused;
        _unused = datagram;
    }

    /// <summary>Gives up everything.</summary>
    public void Clear()
    {
        while (_oldest is not null)
        {
            Remove(_oldest, recycle: true);
        }
    }

    private PacketBuffer? Add(in IPv4View fragment, bool isUnicast, Instant now)
    {
        int length = fragment.Payload.Length;
        int end = fragment.FragmentOffset + length;
        bool isForm = length > 0 && (!fragment.MoreFragments || length % 8 == 0);
        if (!isForm || end + fragment.HeaderLength > ushort.MaxValue)
        {
            // No datagram has such a fragment; "ping of death" is one that ends beyond the longest packet.
            counters.ReasmFails++;
            return null;
        }

        var key = new FragmentKey(
            fragment.Source.IPv4Bits, fragment.Destination.IPv4Bits, fragment.Identification, fragment.Protocol);
        if (_partial.TryGetValue(key, out PartialDatagram? datagram) && datagram.Expires <= now)
        {
            // The timer is late; the fragment belongs to another datagram with the same identification.
            counters.ReasmTimeout++;
            GiveUp(datagram);
            datagram = null;
        }

        datagram ??= Start(key, isUnicast, now);
        if (!Reserve(datagram, end))
        {
            GiveUp(datagram);
            return null;
        }

        switch (datagram.Add(fragment, settings.OverlapPolicy))
        {
            case FragmentVerdict.Overlap:
                counters.ReasmOverlaps++;
                GiveUp(datagram);
                return null;
            case FragmentVerdict.Refused:
                counters.ReasmFails++;
                break;
            default:
                break;
        }

        if (!datagram.IsComplete)
        {
            if (datagram.Fragments >= settings.MaximumFragments)
            {
                GiveUp(datagram);
            }

            return null;
        }

        return Finish(datagram);
    }

    private PacketBuffer? Finish(PartialDatagram datagram)
    {
        int capacity = datagram.Buffer!.Capacity;
        PacketBuffer? packet = datagram.TakePacket();
        if (packet is null)
        {
            GiveUp(datagram);
            return null;
        }

        HeldBytes -= capacity;
        Remove(datagram, recycle: true);
        return packet;
    }

    private PartialDatagram Start(FragmentKey key, bool isUnicast, Instant now)
    {
        while (_oldest is not null && _partial.Count >= settings.MaximumIncompleteDatagrams)
        {
            GiveUp(_oldest);
        }

        PartialDatagram datagram = _unused ?? new PartialDatagram();
        _unused = datagram.Newer;
        datagram.Start(key, isUnicast, now + settings.ReassemblyTimeout);
        datagram.Newer = null;
        datagram.Older = _newest;
        if (_newest is null)
        {
            _oldest = datagram;
        }
        else
        {
            _newest.Newer = datagram;
        }

        _newest = datagram;
        _partial.Add(key, datagram);
        return datagram;
    }

    /// <summary>Makes room in the datagram's buffer for data up to <paramref name="end"/>, at the cost of older datagrams.</summary>
    private bool Reserve(PartialDatagram datagram, int end)
    {
        PacketBuffer? held = datagram.Buffer;
        if (held is not null && end - held.Length <= held.Tailroom)
        {
            return true;
        }

        int needed = PacketBufferPool.DefaultHeadroom
            + (end > PacketBufferPool.SmallFrame ? PacketBufferPool.LargeFrame : PacketBufferPool.SmallFrame)
            - (held?.Capacity ?? 0);
        if (HeldBytes + needed > settings.ReassemblyHighWatermark)
        {
            while (_oldest is not null && _oldest != datagram && HeldBytes + needed > settings.ReassemblyLowWatermark)
            {
                GiveUp(_oldest);
            }

            if (HeldBytes + needed > settings.ReassemblyHighWatermark)
            {
                return false;
            }
        }

        Hold(datagram, pool.Rent(end));
        return true;
    }

    private void Hold(PartialDatagram datagram, PacketBuffer? buffer)
    {
        HeldBytes += buffer?.Capacity ?? 0;
        PacketBuffer? old = datagram.Replace(buffer);
        if (old is not null)
        {
            HeldBytes -= old.Capacity;
            old.Release();
        }
    }

    private void GiveUp(PartialDatagram datagram)
    {
        counters.ReasmFails++;
        Remove(datagram, recycle: true);
    }

    private void Remove(PartialDatagram datagram, bool recycle = false)
    {
        _partial.Remove(datagram.Key);
        if (datagram.Older is null)
        {
            _oldest = datagram.Newer;
        }
        else
        {
            datagram.Older.Newer = datagram.Newer;
        }

        if (datagram.Newer is null)
        {
            _newest = datagram.Older;
        }
        else
        {
            datagram.Newer.Older = datagram.Older;
        }

        datagram.Older = null;
        datagram.Newer = null;
        if (recycle)
        {
            Recycle(datagram);
        }
    }
}
