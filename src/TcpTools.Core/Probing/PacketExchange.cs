using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>A packet that is to be sent now.</summary>
/// <param name="Entry">Which.</param>
internal readonly record struct DueProbe(ProbeEntry Entry)
{
    /// <summary>The packet.</summary>
    public Packet Packet => Entry.Probe;

    /// <summary>Its bytes.</summary>
    public ReadOnlySpan<byte> Frame => Entry.Frame;
}

/// <summary>
/// Packets and the answers to them: what is to be sent when, which frame answers which packet, and what has had its time.
/// It sends, receives and waits for nothing itself: <see cref="ExchangeRunner"/> does, in real or in simulated time.
/// </summary>
internal sealed class PacketExchange
{
    // More would only wait here instead of where they come from.
    private const int MostUnsent = 32;

    private readonly ExchangeOptions _options;
    private readonly Func<Instant, DateTimeOffset> _toDateTime;
    private readonly ReplyIndex _index;
    private readonly SendSchedule _schedule;
    private readonly Queue<ProbeEntry> _toSend = new();
    private readonly Queue<ProbeEntry> _toRepeat = new();
    private readonly Queue<(ProbeEntry Entry, int Attempt, Instant Deadline)> _waiting = new();
    private readonly Queue<(ProbeEntry Entry, Instant Until)> _remembered = new();
    private readonly Queue<ExchangeResult> _results = new();
    private readonly List<ProbeEntry> _parked = [];
    private readonly FlowGate? _gate;
    private int _waitingCount;
    private int _roundsLeft;
    private long _answersOfRound;
    private bool _isRepetition;
    private bool _givesNoMore;
    private bool _isEnded;

    public PacketExchange(ExchangeOptions options, Func<Instant, DateTimeOffset>? toDateTime = null)
    {
        options.Validate();
        _options = options;
        _toDateTime = toDateTime ?? (static time => DateTimeOffset.UnixEpoch.AddTicks(time.Ticks));
        _index = new ReplyIndex(options.Rules);
        _schedule = new SendSchedule(options.Interval, options.Rate);
        _gate = options.Rate == 0 && options.Interval == TimeSpan.Zero ? new FlowGate() : null;
        _roundsLeft = -options.Retry;
    }

    public ExchangeCounters Counters { get; } = new();

    /// <summary>Packets that are to be sent or waited for.</summary>
    public int Outstanding => _toSend.Count + _toRepeat.Count + _waitingCount;

    /// <summary>Whether another packet may be added.</summary>
    public bool HasRoom => _toSend.Count < MostUnsent && Outstanding < _options.Capacity;

    /// <summary>Whether nothing is left to send or to wait for. Results may still be there.</summary>
    public bool IsComplete => _isEnded || (_givesNoMore && Outstanding == 0 && _parked.Count == 0);

    /// <summary>In a repeated exchange, the round that results belong to.</summary>
    public int Round { get; set; } = 1;

    /// <summary>
    /// When something is to be done if nothing comes before: a packet to be sent, or an answer's time up.
    /// </summary>
    public Instant NextDeadline
    {
        get
        {
            if (_isEnded)
            {
                return Instant.Never;
            }

            Instant send = _toSend.Count + _toRepeat.Count > 0 ? _gate?.Next ?? _schedule.Next : Instant.Never;
            return Instant.Earlier(send, NextExpiry);
        }
    }

    private Instant NextExpiry
    {
        get
        {
            while (_waiting.TryPeek(out var first))
            {
                if (first.Entry.State == ProbeState.Waiting && first.Entry.Attempts == first.Attempt)
                {
                    return first.Deadline;
                }

                _waiting.Dequeue();
            }

            return Instant.Never;
        }
    }

    /// <summary>Takes a packet to be sent. Its bytes are made now: what happens to the packet later changes nothing.</summary>
    public void Add(Packet probe, object? tag = null)
    {
        byte[] frame = probe.ToBytes();
        ProbeEntry entry = new()
        {
            Probe = probe,
            Frame = frame,
            Start = probe.Start,
            Outline = OutlineReader.Read(frame, probe.Start),
            Tag = tag,
            Number = ++Counters.Probes,
        };
        if (_isEnded)
        {
            entry.State = ProbeState.Done;
            return;
        }

        _toSend.Enqueue(entry);
    }

    /// <summary>No more packets come.</summary>
    public void CompleteAdding() => _givesNoMore = true;

    /// <summary>Ends the exchange: what is not answered yet gives no result.</summary>
    public void End() => _isEnded = true;

    /// <summary>The next packet that is due to be sent; where that fails, <see cref="OnFailed"/> must follow.</summary>
    public bool TryTakeDue(Instant now, out DueProbe due)
    {
        due = default;
        if (_isEnded || !_schedule.IsDue(now) || _gate?.IsOpen(now) == false)
        {
            return false;
        }

        if (!TryDequeue(now, out ProbeEntry? entry))
        {
            return false;
        }

        // It is waiting from now on: on some links the answer is there before sending returns.
        _schedule.OnSent(now);
        _gate?.OnSent(entry, now);
        if (entry.Attempts++ == 0)
        {
            _index.Add(entry);
        }

        entry.State = ProbeState.Waiting;
        entry.SentAt = now;
        _waitingCount++;
        Counters.Sent++;
        if (_options.Timeout >= TimeSpan.Zero)
        {
            _waiting.Enqueue((entry, entry.Attempts, now + _options.Timeout));
        }

        due = new DueProbe(entry);
        return true;
    }

    /// <summary>A packet could not be sent: that is its result.</summary>
    public void OnFailed(DueProbe due, StackException failure)
    {
        Counters.Sent--;
        Counters.Failed++;
        Conclude(due.Entry);
        _index.Remove(due.Entry);
        _results.Enqueue(ResultOf(due.Entry, null, failure));
    }

    /// <summary>Takes a frame that was received; whether it answers a packet of this exchange.</summary>
    public bool OnReceived(RawFrame frame) => OnReceived(frame.Bytes.Span, frame.Start, frame.Time, frame);

    /// <inheritdoc cref="OnReceived(RawFrame)"/>
    public bool OnReceived(ReadOnlySpan<byte> frame, PacketStart start, Instant receivedAt, RawFrame? source = null)
    {
        Counters.Received++;
        if (_isEnded || _index.Find(frame, start) is not { Entry: { } entry } match)
        {
            return false;
        }

        if (entry.State == ProbeState.Done)
        {
            Counters.Duplicates += entry.Replies > 0 ? 1 : 0;
            Counters.Late += entry.Replies > 0 ? 0 : 1;
            return false;
        }

        _gate?.OnAnswered(entry);
        if (entry.Replies++ == 0)
        {
            Counters.Answered++;
            _answersOfRound++;
        }
        else
        {
            Counters.Duplicates++;
        }

        Packet reply = source?.ToPacket() ?? Packet.Parse(frame, start);
        reply.Timestamp ??= _toDateTime(receivedAt);
        TimeSpan roundTrip = receivedAt > entry.SentAt ? receivedAt - entry.SentAt : TimeSpan.Zero;
        _results.Enqueue(ResultOf(entry, reply, null, roundTrip, match.IsError));
        if (!_options.Multi)
        {
            Conclude(entry);
            Remember(entry, receivedAt);
        }

        _isEnded |= _options.First;
        return true;
    }

    /// <summary>Does what is due: repeats or gives up what has had its time.</summary>
    public void Move(Instant now)
    {
        if (_isEnded)
        {
            return;
        }

        while (NextExpiry <= now && _waiting.TryDequeue(out var expired))
        {
            Expire(expired.Entry, expired.Deadline);
        }

        while (_remembered.TryPeek(out var old) && (old.Until <= now || _remembered.Count > _options.Capacity))
        {
            _remembered.Dequeue();
            _index.Remove(old.Entry);
        }

        if (_parked.Count > 0 && _givesNoMore && Outstanding == 0)
        {
            EndRound(now);
        }
    }

    /// <summary>Takes the oldest result that nobody has taken.</summary>
    public bool TryTakeResult([NotNullWhen(true)] out ExchangeResult? result) => _results.TryDequeue(out result);

    private bool TryDequeue(Instant now, [NotNullWhen(true)] out ProbeEntry? entry)
    {
        while (_toRepeat.TryDequeue(out entry))
        {
            // An answer may have come in the meantime.
            if (entry.State == ProbeState.Done)
            {
                continue;
            }

            if (entry.Replies == 0)
            {
                return true;
            }

            Conclude(entry);
            Remember(entry, now);
        }

        return _toSend.TryDequeue(out entry);
    }

    private void Expire(ProbeEntry entry, Instant now)
    {
        _waitingCount--;
        entry.State = ProbeState.Parked;
        if (entry.Replies > 0)
        {
            Conclude(entry);
            Remember(entry, now);
        }
        else if (entry.Attempts <= _options.Retry)
        {
            Requeue(entry);
        }
        else if (_options.Retry < 0)
        {
            _parked.Add(entry);
        }
        else
        {
            GiveUp(entry, now);
        }
    }

    /// <summary>All have had their time: the unanswered go out again, unless too many rounds have brought nothing.</summary>
    private void EndRound(Instant now)
    {
        if (_isRepetition && _answersOfRound > 0)
        {
            _roundsLeft = -_options.Retry;
        }

        _isRepetition = true;
        _answersOfRound = 0;
        bool again = _roundsLeft-- > 0;
        foreach (ProbeEntry entry in _parked)
        {
            // An answer may have come after all.
            if (entry.Replies > 0)
            {
                if (entry.State != ProbeState.Done)
                {
                    Conclude(entry);
                    Remember(entry, now);
                }
            }
            else if (again)
            {
                Requeue(entry);
            }
            else
            {
                GiveUp(entry, now);
            }
        }

        _parked.Clear();
    }

    private void Requeue(ProbeEntry entry)
    {
        entry.State = ProbeState.Queued;
        _toRepeat.Enqueue(entry);
    }

    private void GiveUp(ProbeEntry entry, Instant now)
    {
        Counters.Unanswered++;
        Conclude(entry);
        _results.Enqueue(ResultOf(entry, null, null));
        Remember(entry, now);
    }

    /// <summary>Nothing more is expected of a packet.</summary>
    private void Conclude(ProbeEntry entry)
    {
        if (entry.State == ProbeState.Waiting)
        {
            _waitingCount--;
        }

        entry.State = ProbeState.Done;
    }

    /// <summary>Keeps a packet for a while, so that a second or a late answer is known for what it is.</summary>
    private void Remember(ProbeEntry entry, Instant now)
    {
        ReplyIndex.Defer(entry);
        TimeSpan span = _options.Timeout >= TimeSpan.Zero ? _options.Timeout : TimeSpan.FromSeconds(2);
        _remembered.Enqueue((entry, now + span));
    }

    private ExchangeResult ResultOf(
        ProbeEntry entry, Packet? reply, StackException? failure, TimeSpan? roundTrip = null, bool isError = false) => new()
        {
            Probe = entry.Probe,
            Reply = reply,
            IsError = isError,
            RoundTripTime = roundTrip,
            Attempts = failure is null ? entry.Attempts : entry.Attempts - 1,
            Number = entry.Number,
            ReplyNumber = reply is null ? 0 : entry.Replies,
            Round = Round,
            Sent = _toDateTime(entry.SentAt),
            ReceivedFrom = reply?.IP?.Source ?? reply?.Arp?.SenderProtocol,
            Failure = failure,
            Tag = entry.Tag,
        };
}
