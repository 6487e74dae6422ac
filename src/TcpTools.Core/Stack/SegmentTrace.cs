using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// The last segments that a stack sent and received, in a ring of fixed size: recording allocates nothing. A stack has
/// one only when asked to (<see cref="TcpStackOptions.Trace"/>). Any thread may read it.
/// </summary>
public sealed class SegmentTrace
{
    private const int MaximumOptionBytes = 40;

    private readonly Lock _lock = new();
    private readonly Entry[] _ring;
    private long _total;
    private long _cleared;

    internal SegmentTrace(int capacity)
    {
        _ring = new Entry[Math.Max(1, capacity)];
    }

    /// <summary>How many segments are kept.</summary>
    public int Capacity => _ring.Length;

    /// <summary>How many segments are kept at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return (int)(_total - FirstKept(0));
            }
        }
    }

    /// <summary>How many segments were recorded in all, overwritten ones included.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>The segments kept, oldest first.</summary>
    public IReadOnlyList<SegmentRecord> Snapshot() => Since(0);

    /// <summary>
    /// The segments kept whose number is higher than <paramref name="after"/>, oldest first: for following a trace.
    /// </summary>
    public IReadOnlyList<SegmentRecord> Since(long after)
    {
        Entry[] copy;
        long first;
        lock (_lock)
        {
            first = FirstKept(after);
            copy = new Entry[_total - first];
            for (int i = 0; i < copy.Length; i++)
            {
                copy[i] = _ring[(first + i) % _ring.Length];
            }
        }

        SegmentRecord[] records = new SegmentRecord[copy.Length];
        for (int i = 0; i < copy.Length; i++)
        {
            records[i] = copy[i].ToRecord(first + i + 1);
        }

        return records;
    }

    /// <summary>Forgets what was recorded; the numbers go on.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _cleared = _total;
        }
    }

    /// <summary>Records a segment and returns its number, by which the state after it can be added.</summary>
    internal long Record(
        Instant now,
        SegmentDirection direction,
        in FlowKey flow,
        long sessionId,
        TcpState state,
        in SegmentFields fields,
        ReadOnlySpan<byte> options)
    {
        lock (_lock)
        {
            ref Entry entry = ref _ring[_total % _ring.Length];
            entry.Time = now;
            entry.Direction = direction;
            entry.Flow = flow;
            entry.SessionId = sessionId;
            entry.Before = state;
            entry.After = state;
            entry.Fields = fields;
            entry.OptionLength = Math.Min(options.Length, MaximumOptionBytes);
            options[..entry.OptionLength].CopyTo(entry.Options);
            return ++_total;
        }
    }

    /// <summary>Adds to a record what became of its segment.</summary>
    internal void Complete(long number, long sessionId, TcpState after)
    {
        lock (_lock)
        {
            if (_total - number < _ring.Length)
            {
                ref Entry entry = ref _ring[(number - 1) % _ring.Length];
                entry.SessionId = sessionId;
                entry.After = after;
            }
        }
    }

    private long FirstKept(long after) => Math.Max(Math.Max(after, _cleared), _total - _ring.Length);

    /// <summary>The header fields of a segment that a record keeps.</summary>
    internal readonly record struct SegmentFields(
        SequenceNumber Sequence,
        SequenceNumber Acknowledgment,
        TcpFlags Flags,
        ushort Window,
        ushort UrgentPointer,
        int Length);

    [InlineArray(MaximumOptionBytes)]
    private struct OptionBytes
    {
        private byte _first;
    }

    private struct Entry
    {
        public Instant Time;
        public SegmentDirection Direction;
        public FlowKey Flow;
        public long SessionId;
        public TcpState Before;
        public TcpState After;
        public SegmentFields Fields;
        public int OptionLength;
        public OptionBytes Options;

        public readonly SegmentRecord ToRecord(long number) => new()
        {
            Number = number,
            Time = Time,
            Direction = Direction,
            Flow = Flow,
            SessionId = SessionId,
            Sequence = Fields.Sequence,
            Acknowledgment = Fields.Acknowledgment,
            Flags = Fields.Flags,
            Window = Fields.Window,
            UrgentPointer = Fields.UrgentPointer,
            Length = Fields.Length,
            Options = TcpOptionText.Describe(((ReadOnlySpan<byte>)Options)[..OptionLength]),
            StateBefore = Before,
            StateAfter = After,
        };
    }
}
