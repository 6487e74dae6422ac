using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>
/// Finds the answers among packets that were recorded: each packet either answers an earlier one or is one that may be
/// answered. Times are those of the record. What is kept is bounded by time and by number.
/// </summary>
public sealed class RecordedExchange
{
    private readonly ExchangeOptions _options;
    private readonly ReplyIndex _index;
    private readonly Queue<ProbeEntry> _open = new();
    private readonly Queue<ExchangeResult> _results = new();
    private long _number;

    /// <summary>Nothing has been recorded yet.</summary>
    /// <param name="options">How long a packet is waited for, how many may be waiting, and the rules; null for the defaults.</param>
    public RecordedExchange(ExchangeOptions? options = null)
    {
        _options = options ?? new ExchangeOptions();
        _options.Validate();
        _index = new ReplyIndex(_options.Rules);
    }

    /// <summary>Takes the next packet. Without a time, it counts as seen at the time of the one before.</summary>
    public void Add(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        byte[] frame = packet.ToBytes();
        Instant now = TimeOf(packet) ?? (_open.Count > 0 ? _open.Peek().SentAt : Instant.Zero);
        Expire(now);
        if (_index.Find(frame, packet.Start) is { Entry: { } answered } match && (answered.Replies == 0 || _options.Multi))
        {
            answered.Replies++;
            _results.Enqueue(ResultOf(answered, packet, match.IsError, now > answered.SentAt ? now - answered.SentAt : TimeSpan.Zero));
            ReplyIndex.Defer(answered);
            return;
        }

        ProbeEntry entry = new()
        {
            Probe = packet,
            Start = packet.Start,
            Outline = OutlineReader.Read(frame, packet.Start),
            Number = ++_number,
            SentAt = now,
        };
        _index.Add(entry);
        _open.Enqueue(entry);
    }

    /// <summary>No more packets come: what has not been answered is told.</summary>
    public void Complete()
    {
        while (_open.TryDequeue(out ProbeEntry? entry))
        {
            Close(entry);
        }
    }

    /// <summary>Takes the oldest result that nobody has taken.</summary>
    public bool TryTakeResult([NotNullWhen(true)] out ExchangeResult? result) => _results.TryDequeue(out result);

    private static Instant? TimeOf(Packet packet) =>
        packet.Timestamp is { } time ? new Instant(time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) : null;

    private void Expire(Instant now)
    {
        while (_open.TryPeek(out ProbeEntry? oldest) && (_open.Count >= _options.Capacity
            || (_options.Timeout >= TimeSpan.Zero && oldest.SentAt + _options.Timeout < now)))
        {
            Close(_open.Dequeue());
        }
    }

    private void Close(ProbeEntry entry)
    {
        _index.Remove(entry);
        if (entry.Replies == 0)
        {
            _results.Enqueue(ResultOf(entry, null, false, null));
        }
    }

    private static ExchangeResult ResultOf(ProbeEntry entry, Packet? reply, bool isError, TimeSpan? roundTrip) => new()
    {
        Probe = entry.Probe,
        Reply = reply,
        IsError = isError,
        RoundTripTime = roundTrip,
        Attempts = 1,
        Number = entry.Number,
        ReplyNumber = entry.Replies,
        Sent = entry.Probe.Timestamp ?? DateTimeOffset.UnixEpoch,
        ReceivedFrom = reply?.IP?.Source ?? reply?.Arp?.SenderProtocol,
    };
}
