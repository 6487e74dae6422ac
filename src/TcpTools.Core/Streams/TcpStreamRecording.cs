using System;
using System.Collections.Generic;
using TcpTools.Buffers;

namespace TcpTools.Streams;

/// <summary>What a <see cref="TcpStreamRecorder"/> kept of a stream.</summary>
public sealed class TcpStreamRecording
{
    /// <summary>What a turn counts beside its bytes, so that a stream of single bytes is bounded too.</summary>
    private const int TurnOverhead = 128;

    private readonly TcpStream _stream;
    private readonly long _limit;
    private readonly KeptBudget _budget;
    private readonly StreamBytes _clientBytes = new();
    private readonly StreamBytes _serverBytes = new();
    private readonly StreamBytes _clientUrgent = new();
    private readonly StreamBytes _serverUrgent = new();
    private readonly List<TcpStreamTurn> _turns = [];
    private readonly List<StreamGap> _gaps = [];
    private readonly List<StreamAnomaly> _warnings = [];
    private byte[]? _clientData;
    private byte[]? _serverData;
    private bool _isBroken;

    internal TcpStreamRecording(TcpStream stream, long limit, KeptBudget budget)
    {
        _stream = stream;
        _limit = limit;
        _budget = budget;
    }

    /// <summary>What it took from the budget of all streams.</summary>
    internal long Charge { get; private set; }

    /// <summary>Who said what, in order.</summary>
    public IReadOnlyList<TcpStreamTurn> Turns => _turns;

    /// <summary>What is missing, in the order in which that was found out.</summary>
    public IReadOnlyList<StreamGap> Gaps => _gaps;

    /// <summary>What was strange.</summary>
    public IReadOnlyList<StreamAnomaly> Warnings => _warnings;

    /// <summary>Whether there was more data than was to be kept.</summary>
    public bool IsCut { get; private set; }

    /// <summary>The data of one direction, in order and without what is missing. Made once; the same array afterwards.</summary>
    public byte[] Data(StreamDirection direction)
    {
        ref byte[]? cached = ref direction == StreamDirection.FromClient ? ref _clientData : ref _serverData;
        StreamBytes bytes = Bytes(direction);
        if (cached is null || cached.Length != bytes.Length)
        {
            cached = bytes.Copy(0, bytes.Length);
        }

        return cached;
    }

    /// <summary>Urgent bytes of one direction that are not part of its data.</summary>
    public byte[] UrgentData(StreamDirection direction)
    {
        StreamBytes bytes = Urgent(direction);
        return bytes.Copy(0, bytes.Length);
    }

    internal void Add(in StreamData data)
    {
        StreamBytes bytes = Bytes(data.Direction);
        TcpStreamTurn? last = _turns.Count > 0 && !_isBroken ? _turns[^1] : null;
        bool isNew = last is null || last.Direction != data.Direction || last.Length > int.MaxValue - data.Bytes.Length;
        long overhead = isNew ? TurnOverhead : 0;
        long room = Math.Min(_limit - _clientBytes.Length - _serverBytes.Length - ((long)_turns.Count * TurnOverhead), _budget.Left) - overhead;
        int count = (int)Math.Clamp(room, 0, data.Bytes.Length);
        if (count < data.Bytes.Length)
        {
            IsCut = true;
        }

        if (count == 0)
        {
            return;
        }

        if (isNew)
        {
            last = new TcpStreamTurn(_stream, data.Direction, data.Offset, data.Time, bytes);
            _turns.Add(last);
            _isBroken = false;
        }

        Take(count + overhead);
        bytes.Append(data.Bytes[..count]);
        last!.Extend(count, data.Time);
    }

    internal void AddUrgent(in StreamData data)
    {
        StreamBytes bytes = Urgent(data.Direction);
        if (bytes.Length < Math.Min(_limit, 65536) && _budget.Left > 0)
        {
            Take(data.Bytes.Length);
            bytes.Append(data.Bytes);
        }
    }

    internal void Add(StreamGap gap)
    {
        _isBroken = true;
        if (_gaps.Count < 100_000 && _budget.Left > 0)
        {
            Take(TurnOverhead);
            _gaps.Add(gap);
        }
    }

    internal void Add(StreamAnomaly anomaly)
    {
        if (_budget.Left > 0)
        {
            Take((2 * TurnOverhead) + anomaly.Kept.Length + anomaly.Discarded.Length);
            _warnings.Add(anomaly);
        }
    }

    private void Take(long bytes)
    {
        Charge += bytes;
        _budget.Take(bytes);
    }

    private StreamBytes Bytes(StreamDirection direction) => direction == StreamDirection.FromClient ? _clientBytes : _serverBytes;

    private StreamBytes Urgent(StreamDirection direction) => direction == StreamDirection.FromClient ? _clientUrgent : _serverUrgent;
}
