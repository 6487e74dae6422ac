using System;

namespace TcpTools.Streams;

/// <summary>
/// The last delivered bytes of all streams in one ring, so that a segment that comes again can be compared with what was
/// delivered. Costs one copy a segment, and a fixed amount of memory for all streams together.
/// </summary>
internal sealed class DeliveredLog
{
    /// <summary>Entries looked at for one segment: what is further back is not worth the time that a hostile sender could take.</summary>
    private const int MaximumSteps = 256;

    private readonly byte[] _bytes;
    private readonly Entry[] _entries;
    private long _written;
    private long _nextEntry;

    public DeliveredLog(int capacity)
    {
        _bytes = capacity > 0 ? GC.AllocateUninitializedArray<byte>(capacity) : [];
        _entries = new Entry[Math.Max(16, capacity / 256)];
    }

    /// <summary>The number that stands for no entry.</summary>
    public const long None = -1;

    /// <summary>Remembers delivered bytes. <paramref name="last"/> is the newest entry of their direction.</summary>
    public void Append(ref long last, long offset, ReadOnlySpan<byte> data)
    {
        if (data.Length > _bytes.Length)
        {
            return;
        }

        ref Entry newest = ref _entries[(int)((_nextEntry + _entries.Length - 1) % _entries.Length)];
        if (last != None && last == _nextEntry - 1 && newest.Offset + newest.Length == offset && newest.Length + data.Length <= _bytes.Length)
        {
            newest.Length += data.Length;
        }
        else
        {
            _entries[(int)(_nextEntry % _entries.Length)] = new Entry
            {
                Offset = offset,
                Length = data.Length,
                Position = _written,
                Previous = last,
            };
            last = _nextEntry++;
        }

        int at = (int)(_written % _bytes.Length);
        int first = Math.Min(data.Length, _bytes.Length - at);
        data[..first].CopyTo(_bytes.AsSpan(at));
        data[first..].CopyTo(_bytes);
        _written += data.Length;
    }

    /// <summary>Tells where bytes that come again differ from those delivered, as far as these are remembered.</summary>
    public void Compare(long last, long offset, ReadOnlySpan<byte> data, IConflictSink conflicts)
    {
        long end = offset + data.Length;
        long index = last;
        for (int step = 0; step < MaximumSteps && index >= 0 && index >= _nextEntry - _entries.Length; step++)
        {
            Entry entry = _entries[(int)(index % _entries.Length)];
            long from = Math.Max(offset, entry.Offset);
            // What has been overwritten is at the entry's front.
            from = Math.Max(from, entry.Offset + Math.Max(0, _written - _bytes.Length - entry.Position));
            long to = Math.Min(end, entry.Offset + entry.Length);
            if (from < to)
            {
                CompareAt(entry.Position + (from - entry.Offset), from, data.Slice((int)(from - offset), (int)(to - from)), conflicts);
            }

            if (entry.Offset <= offset || entry.Position + entry.Length <= _written - _bytes.Length)
            {
                return;
            }

            index = entry.Previous;
        }
    }

    private void CompareAt(long position, long offset, ReadOnlySpan<byte> data, IConflictSink conflicts)
    {
        int at = (int)(position % _bytes.Length);
        int first = Math.Min(data.Length, _bytes.Length - at);
        ReadOnlySpan<byte> front = _bytes.AsSpan(at, first);
        ReadOnlySpan<byte> back = _bytes.AsSpan(0, data.Length - first);
        if (!front.SequenceEqual(data[..first]))
        {
            conflicts.Conflict(offset, front, data[..first]);
        }

        if (!back.SequenceEqual(data[first..]))
        {
            conflicts.Conflict(offset + first, back, data[first..]);
        }
    }

    private struct Entry
    {
        public long Offset;
        public long Position;
        public long Previous;
        public int Length;
    }
}
