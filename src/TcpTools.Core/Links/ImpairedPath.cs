using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Buffers;

namespace TcpTools.Links;

/// <summary>One direction of an <see cref="ImpairmentLink"/>: packets go in, and come out when they are due, if at all.</summary>
internal sealed class ImpairedPath : IDisposable
{
    private readonly PriorityQueue<PacketBuffer, Due> _held = new();
    private readonly RandomSource _random;
    private readonly PacketBufferPool _pool;
    private readonly LinkMedium _medium;
    private Impairment _settings;
    private Instant _lastDue;
    private Instant _lineFreeAt;
    private long _order;

    internal ImpairedPath(Impairment settings, RandomSource random, PacketBufferPool pool, LinkMedium medium)
    {
        settings.Validate();
        _settings = settings;
        // A sequence of its own, so that what happens one way does not depend on what passes the other way.
        _random = RandomSource.FromSeed(random.NextUInt64());
        _pool = pool;
        _medium = medium;
    }

    /// <summary>What is done to packets that come from now on. May be replaced from any thread.</summary>
    internal Impairment Settings
    {
        get => Volatile.Read(ref _settings);
        set
        {
            value.Validate();
            Volatile.Write(ref _settings, value);
        }
    }

    internal ImpairmentCounters Counters { get; } = new();

    internal Instant NextDeadline => _held.TryPeek(out _, out Due due) ? due.Time : Instant.Never;

    /// <summary>Takes a frame in whatever form, and with it the ownership of its buffer.</summary>
    internal void Accept(PacketBuffer frame, Instant now)
    {
        Impairment settings = Settings;
        if (frame.Offload.Segmentation != SegmentationKind.None)
        {
            GsoSegmenter segments = new(frame.Span, in frame.Offload, _medium);
            if (segments.IsValid)
            {
                while (segments.TryNext(_pool, out PacketBuffer? packet))
                {
                    Impair(packet, settings, now);
                }

                frame.Release();
                return;
            }
        }

        if (frame.Offload.Segmentation == SegmentationKind.None && GsoSegmenter.TryCompleteChecksum(frame))
        {
            Impair(frame, settings, now);
            return;
        }

        Counters.Arrived++;
        Counters.Refused++;
        frame.Release();
    }

    /// <summary>Fills the front of <paramref name="frames"/> with packets that are due, and their ownership.</summary>
    internal int TakeDue(Span<PacketBuffer> frames, Instant now)
    {
        int count = 0;
        while (count < frames.Length && _held.TryPeek(out PacketBuffer? frame, out Due due) && due.Time <= now)
        {
            _held.Dequeue();
            frames[count++] = frame;
        }

        Counters.Held -= count;
        Counters.Delivered += count;
        return count;
    }

    /// <summary>Counts a packet that was due but that the link below did not take.</summary>
    internal void CountRefused()
    {
        Counters.Delivered--;
        Counters.Refused++;
    }

    public void Dispose()
    {
        while (_held.TryDequeue(out PacketBuffer? frame, out _))
        {
            frame.Release();
        }

        Counters.Lost += Counters.Held;
        Counters.Held = 0;
    }

    private void Impair(PacketBuffer packet, Impairment settings, Instant now)
    {
        Counters.Arrived++;
        FrameFate fate = settings.Rule?.Invoke(Counters.Arrived, packet.Span) ?? FrameFate.ByChance;
        if (fate == FrameFate.Drop || Happens(fate, settings.Loss))
        {
            Counters.Lost++;
            packet.Release();
            return;
        }

        if (settings.Mtu > 0 && packet.Length - GsoSegmenter.NetworkOffset(packet.Span, _medium) > settings.Mtu)
        {
            Counters.TooLong++;
            packet.Release();
            return;
        }

        // The copy is made before corruption: a duplicating network repeats what it was given.
        if (fate == FrameFate.Duplicate || Happens(fate, settings.Duplicate))
        {
            PacketBuffer copy = _pool.Rent(packet.Length);
            packet.Span.CopyTo(copy.Append(packet.Length));
            copy.Offload = packet.Offload;
            Counters.Duplicated++;
            Schedule(copy, settings, now, false);
        }

        if (fate == FrameFate.Corrupt || Happens(fate, settings.Corrupt))
        {
            FlipBits(packet, settings.CorruptBits);
            Counters.Corrupted++;
        }

        bool heldBack = fate == FrameFate.HoldBack || Happens(fate, settings.Reorder);
        Counters.Reordered += heldBack ? 1 : 0;
        Schedule(packet, settings, now, heldBack);
    }

    private bool Happens(FrameFate fate, double probability) =>
        fate == FrameFate.ByChance && probability > 0 && _random.NextDouble() < probability;

    private void FlipBits(PacketBuffer packet, int bits)
    {
        Span<byte> bytes = packet.Span;
        if (bytes.IsEmpty)
        {
            return;
        }

        for (int i = 0; i < bits; i++)
        {
            int bit = _random.Next(bytes.Length * 8);
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
        }

        // Nobody vouches for the checksum any more: the receiver is to find the damage.
        packet.Offload.ChecksumVerified = false;
    }

    private void Schedule(PacketBuffer packet, Impairment settings, Instant now, bool heldBack)
    {
        if (Counters.Held >= settings.HoldLimit || !TrySerialize(packet.Length, settings, now, out Instant due))
        {
            Counters.Overflowed++;
            packet.Release();
            return;
        }

        due += settings.Delay;
        if (settings.Jitter > TimeSpan.Zero)
        {
            due += TimeSpan.FromTicks((long)(settings.Jitter.Ticks * _random.NextDouble()));
        }

        // Only a packet that is held back may be overtaken. A shorter delay set at run time does not reorder either.
        due = Instant.Later(due, _lastDue);
        if (heldBack)
        {
            due += settings.ReorderDelay;
        }
        else
        {
            _lastDue = due;
        }

        _held.Enqueue(packet, new Due(due, _order++));
        Counters.Held++;
    }

    /// <summary>When the last bit of a packet has left a line of limited rate; false when the queue before it is full.</summary>
    private bool TrySerialize(int length, Impairment settings, Instant now, out Instant done)
    {
        done = now;
        if (settings.Rate == 0)
        {
            return true;
        }

        Instant start = Instant.Later(now, _lineFreeAt);
        double waitingBytes = (start - now).TotalSeconds * settings.Rate / 8;
        if (waitingBytes + length > settings.RateQueueBytes && start > now)
        {
            return false;
        }

        done = start + TimeSpan.FromSeconds(length * 8.0 / settings.Rate);
        _lineFreeAt = done;
        return true;
    }

    /// <summary>When a packet comes out; packets of the same time come out as they went in.</summary>
    private readonly record struct Due(Instant Time, long Order) : IComparable<Due>
    {
        public int CompareTo(Due other)
        {
            int byTime = Time.CompareTo(other.Time);
            return byTime != 0 ? byTime : Order.CompareTo(other.Order);
        }
    }
}
