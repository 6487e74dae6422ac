using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Fragments;

/// <summary>What became of a packet that was given to a reassembly.</summary>
public enum ReassemblyOutcome
{
    /// <summary>It is no fragment: it has nothing to wait for.</summary>
    NotFragment,

    /// <summary>It waits for the others.</summary>
    Waiting,

    /// <summary>It was the last that was missing.</summary>
    Complete,

    /// <summary>It is of no use, by itself or with the others.</summary>
    Discarded,
}

/// <summary>A packet that did not become whole.</summary>
/// <param name="Source">Where the fragments are from.</param>
/// <param name="Destination">Where they go.</param>
/// <param name="Identification">What they have in common.</param>
/// <param name="Count">How many fragments there were.</param>
/// <param name="HasFirst">Whether the first was among them.</param>
/// <param name="Fragments">The fragments, when the reassembly was to keep them.</param>
public sealed record IncompletePacket(
    NetworkAddress Source, NetworkAddress Destination, uint Identification, int Count, bool HasFirst, IReadOnlyList<Packet> Fragments);

/// <summary>
/// Puts fragments of both IP versions together (RFC 791, 3.2; RFC 815; RFC 8200, 4.5), in whatever order they come, within
/// limits of time, memory and number. Reads no clock: time is that of the packets. For one thread at a time.
/// </summary>
public sealed class PacketReassembler
{
    private readonly Dictionary<FragmentIdentity, PendingPacket> _pending = [];
    private readonly LinkedList<PendingPacket> _byAge = new();
    private readonly ReassemblySettings _settings;

    /// <summary>A reassembly within limits.</summary>
    public PacketReassembler(ReassemblySettings? settings = null) => _settings = settings ?? new ReassemblySettings();

    /// <summary>Packets that wait for fragments.</summary>
    public int Count => _pending.Count;

    /// <summary>Bytes held.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Whether the fragments of packets that do not become whole are kept as packets, for <see cref="GivenUp"/>.</summary>
    public bool KeepFragments { get; set; }

    /// <summary>Is told what is strange about fragments.</summary>
    public Action<FragmentAnomaly>? Anomaly { get; set; }

    /// <summary>Is told which packets did not become whole.</summary>
    public Action<IncompletePacket>? GivenUp { get; set; }

    /// <summary>Takes a packet. <paramref name="whole"/> is what to go on with: the packet itself, or the one made of fragments.</summary>
    public ReassemblyOutcome Add(Packet packet, out Packet? whole)
    {
        ArgumentNullException.ThrowIfNull(packet);
        whole = null;
        Instant now = packet.Timestamp is { } time ? new Instant(time.UtcTicks) : Instant.Zero;
        ReassemblyOutcome outcome = Add(packet.AsMemory().Span, packet.Start.ToLinkType(), now, packet, out byte[]? bytes);
        if (outcome == ReassemblyOutcome.NotFragment)
        {
            whole = packet;
        }
        else if (bytes is not null)
        {
            // The time of the last fragment is when the packet is there.
            whole = Packet.FromFrame(bytes, packet.Start);
            whole.TimestampNanoseconds = packet.TimestampNanoseconds;
            whole.Interface = packet.Interface;
            whole.Direction = packet.Direction;
            whole.Number = packet.Number;
        }

        return outcome;
    }

    /// <summary>Takes a frame. <paramref name="whole"/> is the frame made of fragments when this was the last one missing.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="linkType">What it starts with, by the numbers of captures.</param>
    /// <param name="now">When it came.</param>
    /// <param name="whole">The whole frame; null unless the outcome is <see cref="ReassemblyOutcome.Complete"/>.</param>
    public ReassemblyOutcome Add(ReadOnlySpan<byte> frame, int linkType, Instant now, out byte[]? whole) =>
        Add(frame, linkType, now, null, out whole);

    /// <summary>Gives up what has waited too long.</summary>
    public void Expire(Instant now)
    {
        while (_byAge.First?.Value is { } oldest && oldest.Expires <= now)
        {
            GiveUp(oldest, FragmentAnomalyKind.TimedOut, now);
        }
    }

    /// <summary>Gives up everything that waits, the oldest first; no more is to come.</summary>
    public void Finish()
    {
        while (_byAge.First?.Value is { } oldest)
        {
            Remove(oldest);
        }
    }

    private ReassemblyOutcome Add(ReadOnlySpan<byte> frame, int linkType, Instant now, Packet? packet, out byte[]? whole)
    {
        whole = null;
        Expire(now);
        if (!FragmentView.TryRead(frame, linkType, out FragmentView fragment))
        {
            return ReassemblyOutcome.NotFragment;
        }

        if (fragment.Data.IsEmpty || (fragment.MoreFragments && fragment.Data.Length % 8 != 0))
        {
            Report(FragmentAnomalyKind.BadLength, fragment, fragment.Data.Length, now);
            return ReassemblyOutcome.Discarded;
        }

        if (fragment.CountedFront + fragment.End > ushort.MaxValue)
        {
            Report(FragmentAnomalyKind.Oversized, fragment, fragment.Data.Length, now);
            return ReassemblyOutcome.Discarded;
        }

        if (!_pending.TryGetValue(fragment.Identity, out PendingPacket? pending))
        {
            pending = Start(fragment.Identity, now);
        }

        if (pending.IsDead)
        {
            return ReassemblyOutcome.Discarded;
        }

        FragmentOverlapPolicy policy = fragment.IsIPv6 ? _settings.IPv6Policy : _settings.IPv4Policy;
        if (!pending.Fits(fragment))
        {
            Report(FragmentAnomalyKind.BadEnd, fragment, fragment.Data.Length, now);
            return policy == FragmentOverlapPolicy.Drop ? Kill(pending) : ReassemblyOutcome.Discarded;
        }

        (int overlap, bool conflict) = pending.Compare(fragment);
        if (overlap > 0)
        {
            Report(conflict ? FragmentAnomalyKind.Conflict : FragmentAnomalyKind.Overlap, fragment, overlap, now);
            if (policy == FragmentOverlapPolicy.Drop)
            {
                // What only repeats bytes is a duplicate; all else is given up, and what still comes of it too (RFC 5722).
                return conflict || overlap < fragment.Data.Length ? Kill(pending) : ReassemblyOutcome.Discarded;
            }
        }

        Place(pending, frame, fragment, policy, packet);
        if (pending.IsComplete)
        {
            return Complete(pending, fragment, now, out whole);
        }

        MakeRoom(pending, now);
        return pending.Count > _settings.MaximumFragments || HeldBytes > _settings.HighWatermark
            ? GiveUp(pending, FragmentAnomalyKind.LimitReached, now)
            : ReassemblyOutcome.Waiting;
    }

    private void Place(PendingPacket pending, ReadOnlySpan<byte> frame, in FragmentView fragment, FragmentOverlapPolicy policy, Packet? packet)
    {
        int before = pending.HeldBytes;
        pending.Add(frame, fragment, policy);
        HeldBytes += pending.HeldBytes - before;
        if (KeepFragments && packet is not null)
        {
            pending.Packets.Add(packet);
        }
    }

    private ReassemblyOutcome Complete(PendingPacket pending, in FragmentView fragment, Instant now, out byte[]? whole)
    {
        whole = pending.HasContradictingMarks ? null : pending.Build();
        if (whole is null)
        {
            Report(
                pending.HasContradictingMarks ? FragmentAnomalyKind.BadEcn : FragmentAnomalyKind.Oversized,
                fragment, fragment.Data.Length, now);
        }

        Remove(pending, isWhole: whole is not null);
        return whole is null ? ReassemblyOutcome.Discarded : ReassemblyOutcome.Complete;
    }

    private PendingPacket Start(FragmentIdentity identity, Instant now)
    {
        while (_pending.Count >= _settings.MaximumPackets)
        {
            GiveUp(_byAge.First!.Value, FragmentAnomalyKind.LimitReached, now);
        }

        PendingPacket pending = new(identity, now + _settings.Timeout);
        _pending.Add(identity, pending);
        pending.Node = _byAge.AddLast(pending);
        return pending;
    }

    /// <summary>Above the upper mark, the oldest packets go until the lower one is reached.</summary>
    private void MakeRoom(PendingPacket keep, Instant now)
    {
        if (HeldBytes <= _settings.HighWatermark)
        {
            return;
        }

        while (HeldBytes > _settings.LowWatermark && _byAge.First!.Value is { } oldest && oldest != keep)
        {
            GiveUp(oldest, FragmentAnomalyKind.LimitReached, now);
        }
    }

    private ReassemblyOutcome Kill(PendingPacket pending)
    {
        Tell(pending);
        HeldBytes -= pending.HeldBytes;
        pending.Kill();
        HeldBytes += pending.HeldBytes;
        return ReassemblyOutcome.Discarded;
    }

    private ReassemblyOutcome GiveUp(PendingPacket pending, FragmentAnomalyKind why, Instant now)
    {
        if (!pending.IsDead)
        {
            FragmentIdentity identity = pending.Identity;
            Anomaly?.Invoke(new FragmentAnomaly(why, identity.Source, identity.Destination, identity.Identification, 0, 0, now));
        }

        Remove(pending);
        return ReassemblyOutcome.Discarded;
    }

    private void Remove(PendingPacket pending, bool isWhole = false)
    {
        if (!isWhole && !pending.IsDead)
        {
            Tell(pending);
        }

        HeldBytes -= pending.HeldBytes;
        _byAge.Remove(pending.Node!);
        _pending.Remove(pending.Identity);
    }

    private void Tell(PendingPacket pending)
    {
        FragmentIdentity identity = pending.Identity;
        GivenUp?.Invoke(new IncompletePacket(
            identity.Source, identity.Destination, identity.Identification, pending.Count, pending.HasFirst, [.. pending.Packets]));
    }

    private void Report(FragmentAnomalyKind kind, in FragmentView fragment, int length, Instant now)
    {
        FragmentIdentity identity = fragment.Identity;
        Anomaly?.Invoke(new FragmentAnomaly(
            kind, identity.Source, identity.Destination, identity.Identification, fragment.Offset, length, now));
    }
}
