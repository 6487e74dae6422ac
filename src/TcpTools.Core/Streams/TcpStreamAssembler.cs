using System;
using System.Collections.Generic;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>
/// Follows TCP connections through the frames that an onlooker sees: puts the data of both directions in order as the
/// receiver does, tells an observer what happens, and reports what is missing or strange. The time comes with the frames;
/// nothing runs by itself. For one thread at a time.
/// </summary>
/// <remarks>
/// This part of it: what users call, timeouts and room. Memory is bounded by <see cref="TcpStreamSettings"/> whatever is
/// fed in. In order, nothing is allocated for a segment.
/// </remarks>
public sealed partial class TcpStreamAssembler : IConflictSink
{
    private static readonly TimeSpan s_sweepInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>A time so much earlier than the one before it is that of a clock which was set.</summary>
    private static readonly TimeSpan s_clockStep = TimeSpan.FromHours(1);

    private readonly TcpStreamObserver _observer;
    private readonly TcpStreamSettings _settings;
    private readonly StreamTable _table = new();
    private readonly QueueBudget _budget = new();
    private readonly LinkedChain<TcpStreamSide> _waiting = new();
    private readonly Queue<(TcpStreamSide Side, Instant Due)> _losses = new();
    private readonly DeliveredLog _log;
    private readonly ScanDetector _scans;
    private Instant _nextSweep = Instant.Zero;
    private bool _isCrowded;
    private long _lastNumber;

    /// <summary>An assembler that tells one observer.</summary>
    /// <param name="observer">Who is told.</param>
    /// <param name="settings">Limits and choices; null for <see cref="TcpStreamSettings.Default"/>.</param>
    /// <param name="joiner">Puts fragments together; null for a reassembly within the settings' limits.</param>
    public TcpStreamAssembler(TcpStreamObserver observer, TcpStreamSettings? settings = null, IFragmentJoiner? joiner = null)
    {
        ArgumentNullException.ThrowIfNull(observer);
        _observer = observer;
        _settings = settings ?? TcpStreamSettings.Default;
        _log = new DeliveredLog(_settings.HistoryBytes);
        _scans = new ScanDetector(_settings);
        _joiner = joiner ?? new FragmentJoiner(_settings.Fragments);
    }

    /// <summary>The time of the newest frame, or the time that was last given to <see cref="Advance"/>.</summary>
    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>Frames taken.</summary>
    public long Frames { get; private set; }

    /// <summary>TCP segments in them, those that were left out for a wrong checksum not counted.</summary>
    public long Segments { get; private set; }

    /// <summary>Bytes of data told in order.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes that wait for gaps to be filled, in all streams.</summary>
    public long QueuedBytes => _budget.Used;

    /// <summary>Streams that have not ended.</summary>
    public int StreamCount => _table.Count;

    /// <summary>The streams that have not ended, handshakes in progress first; a copy.</summary>
    public IReadOnlyList<TcpStream> Streams => [.. _table.Opening.ToList(), .. _table.Open.ToList(), .. _table.Closing.ToList()];

    /// <summary>When <see cref="Advance"/> may have something to do though no frame comes.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant next = _losses.Count > 0 ? _losses.Peek().Due : Instant.Never;
            return _table.Total > 0 ? Instant.Earlier(next, _nextSweep) : next;
        }
    }

    /// <summary>Takes a frame that starts with the given header.</summary>
    /// <param name="frame">The frame's bytes.</param>
    /// <param name="start">What they start with.</param>
    /// <param name="time">When it was seen, counted from the Unix epoch (<see cref="StreamTime"/>).</param>
    /// <param name="wireLength">Its length on the wire when that is more.</param>
    public void Receive(ReadOnlySpan<byte> frame, PacketStart start, Instant time, int wireLength = 0) =>
        Receive(frame, start.ToLinkType(), time, wireLength);

    /// <summary>Takes a frame of a capture.</summary>
    public void Receive(in CapturedFrame frame) =>
        Receive(frame.Bytes, (int)frame.Interface.LinkType, StreamTime.From(frame.Timestamp), frame.WireLength);

    /// <summary>Lets time pass without a frame: timeouts end streams, and what was lost by the capture is given up.</summary>
    public void Advance(Instant now)
    {
        // Frames of several interfaces may be out of order: the clock goes forward only, unless it was set.
        if (now > Now || Now - now > s_clockStep)
        {
            Now = now;
            _nextSweep = Instant.Earlier(_nextSweep, now + s_sweepInterval);
        }

        if (_losses.Count > 0 && _losses.Peek().Due <= Now)
        {
            GiveUpLosses();
        }

        if (Now >= _nextSweep)
        {
            _nextSweep = Now + s_sweepInterval;
            Sweep();
        }
    }

    /// <summary>What was read is at its end: so is every stream that is not.</summary>
    public void Finish()
    {
        foreach (TcpStream stream in Streams)
        {
            EndStream(stream, stream.IsResetPending ? TcpStreamState.Reset : TcpStreamState.EndOfInput);
        }

        while (_table.Ended.Oldest is { } ended)
        {
            _table.Remove(ended);
        }
    }

    private void Receive(ReadOnlySpan<byte> frame, int linkType, Instant time, int wireLength)
    {
        Frames++;
        Advance(time);
        int header = LinkHeader.Measure(frame, linkType);
        if (header >= 0 && header < frame.Length)
        {
            ReceiveIP(frame[header..], Math.Max(0, wireLength - frame.Length) > 0, 0);
        }
    }

    private void Sweep()
    {
        while (StreamTable.NextIdle(_table.Opening, _settings.OpeningTimeout, Now) is { } stream)
        {
            EndStream(stream, TcpStreamState.TimedOut);
        }

        while (StreamTable.NextIdle(_table.Open, _settings.IdleTimeout, Now) is { } stream)
        {
            EndStream(stream, TcpStreamState.TimedOut);
        }

        while (StreamTable.NextDue(_table.Closing, _settings.CloseTimeout, Now) is { } stream)
        {
            if (!stream.IsResetPending && !(stream.ClientSide.HasFin && stream.ServerSide.HasFin))
            {
                // The reset that brought it here has been refuted.
                StreamTable.Move(stream, _table.Open, Now);
                continue;
            }

            EndStream(stream, stream.IsResetPending ? TcpStreamState.Reset : TcpStreamState.Closed);
        }

        while (StreamTable.NextDue(_table.Ended, _settings.LingerTimeout, Now) is { } stream)
        {
            _table.Remove(stream);
        }

        _joiner.Expire(Now);
    }

    /// <summary>A new stream in the table, where others make room for it if they must.</summary>
    private TcpStream AddStream(StreamEndpoint client, StreamEndpoint server, LinkedChain<TcpStream> chain, in StreamSegment segment)
    {
        int limit = _settings.MaximumStreams;
        bool isCrowded = _table.Count >= Math.Max(1, limit / 4 * 3);
        if (isCrowded && !_isCrowded)
        {
            Report(StreamAnomalyKind.TooManyStreams, segment, null, $"{_table.Count + 1} streams of {limit} that can be followed");
        }

        _isCrowded = isCrowded || (_isCrowded && _table.Count > limit / 2);
        while (_table.Count >= limit && _table.Victim() is { } victim)
        {
            EndStream(victim, TcpStreamState.GivenUp);
        }

        while (_table.Total >= (long)limit * 2 && _table.Ended.Oldest is { } ended)
        {
            _table.Remove(ended);
        }

        TcpStream stream = new(++_lastNumber, client, server, _budget) { FirstSeen = segment.Time, LastSeen = segment.Time };
        _table.Add(stream, chain, Now);
        return stream;
    }
}
