using System;
using TcpTools.Buffers;

namespace TcpTools.Links;

/// <summary>
/// A link with a worse network in it: loses, delays, reorders, repeats and damages packets in either direction, the same
/// way for the same seed. It works on packets as a wire carries them: segments that stand for several packets are split
/// and open checksums completed before anything happens to them.
/// </summary>
public sealed class ImpairmentLink : ILink
{
    /// <summary>
    /// How many batches of the link below one call looks at when none of them is due: where all is lost, a fast sender
    /// must not keep the stack here for ever.
    /// </summary>
    private const int BatchesAtOnce = 16;

    private readonly ILink _inner;
    private readonly ImpairedPath _outgoing;
    private readonly ImpairedPath _incoming;
    private readonly PacketBuffer[] _batch;
    private Instant _resumeAt = Instant.Never;

    /// <summary>Puts the same impairment into both directions of a link, which then belongs to this one.</summary>
    /// <exception cref="StackException">A setting means nothing.</exception>
    public ImpairmentLink(ILink inner, Impairment settings, RandomSource random)
        : this(inner, settings, settings, random)
    {
    }

    /// <summary>Puts impairments into a link, which then belongs to this one.</summary>
    /// <exception cref="StackException">A setting means nothing.</exception>
    public ImpairmentLink(
        ILink inner, Impairment outgoing, Impairment incoming, RandomSource random, PacketBufferPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(outgoing);
        ArgumentNullException.ThrowIfNull(incoming);
        ArgumentNullException.ThrowIfNull(random);
        _inner = inner;
        LinkMedium medium = inner.Capabilities.Medium;
        pool ??= PacketBufferPool.Shared;
        _outgoing = new ImpairedPath(outgoing, random, pool, medium);
        _incoming = new ImpairedPath(incoming, random, pool, medium);
        Capabilities = inner.Capabilities with { CompletesChecksums = true, MaximumSegmentationLength = 0 };
        _batch = new PacketBuffer[Math.Max(1, Capabilities.BatchSize)];
    }

    /// <summary>The link below.</summary>
    public ILink Inner => _inner;

    /// <summary>What happens to packets on their way out. Replacing it concerns packets sent from then on.</summary>
    public Impairment Outgoing
    {
        get => _outgoing.Settings;
        set => _outgoing.Settings = value;
    }

    /// <summary>What happens to packets on their way in. Replacing it concerns packets that arrive from then on.</summary>
    public Impairment Incoming
    {
        get => _incoming.Settings;
        set => _incoming.Settings = value;
    }

    /// <summary>What has become of packets on their way out.</summary>
    public ImpairmentCounters OutgoingCounters => _outgoing.Counters;

    /// <summary>What has become of packets on their way in.</summary>
    public ImpairmentCounters IncomingCounters => _incoming.Counters;

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <summary>What the stack above has handed over and taken; what became of it is in the other counters.</summary>
    public LinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public int PollDescriptor => _inner.PollDescriptor;

    /// <inheritdoc/>
    public Instant NextDeadline => Instant.Earlier(
        Instant.Earlier(_inner.NextDeadline, _resumeAt),
        Instant.Earlier(_outgoing.NextDeadline, _incoming.NextDeadline));

    /// <inheritdoc/>
    public Action? Readable
    {
        get => _inner.Readable;
        set => _inner.Readable = value;
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        long droppedBefore = _outgoing.Counters.Dropped;
        foreach (PacketBuffer frame in frames)
        {
            Counters.SentFrames++;
            Counters.SentBytes += frame.Length;
            _outgoing.Accept(frame, now);
        }

        Flush(now);
        Counters.SendDrops += _outgoing.Counters.Dropped - droppedBefore;
        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        Flush(now);
        long droppedBefore = _incoming.Counters.Dropped;
        int count = _incoming.TakeDue(frames, now);
        int arrived = -1;
        int batches = 0;
        for (; batches < BatchesAtOnce && count < frames.Length && arrived != 0; batches++)
        {
            arrived = _inner.Receive(_batch, now);
            for (int i = 0; i < arrived; i++)
            {
                _incoming.Accept(_batch[i], now);
                _batch[i] = null!;
            }

            count += _incoming.TakeDue(frames[count..], now);
        }

        // The caller takes an unfilled span for "no more at present" and must be called back for the rest.
        _resumeAt = batches == BatchesAtOnce && count < frames.Length && arrived != 0 ? now : Instant.Never;

        for (int i = 0; i < count; i++)
        {
            frames[i].Timestamp = now;
            Counters.ReceivedFrames++;
            Counters.ReceivedBytes += frames[i].Length;
        }

        Counters.ReceiveDrops += _incoming.Counters.Dropped - droppedBefore;
        return count;
    }

    /// <summary>Gives back every packet under way and closes the link below.</summary>
    public void Dispose()
    {
        _outgoing.Dispose();
        _incoming.Dispose();
        _inner.Dispose();
    }

    /// <summary>Hands packets on their way out that are due to the link below.</summary>
    private void Flush(Instant now)
    {
        int count;
        while ((count = _outgoing.TakeDue(_batch, now)) > 0)
        {
            int taken = _inner.Send(_batch.AsSpan(0, count), now);
            // A network has nowhere to keep what the next hop does not take.
            for (int i = taken; i < count; i++)
            {
                _outgoing.CountRefused();
                _batch[i].Release();
            }

            _batch.AsSpan(0, count).Clear();
        }
    }
}
