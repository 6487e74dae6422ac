using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>
/// Joins IPv6 fragments (RFC 8200, 4.5) within the limits of the settings. Fragments that overlap end their packet
/// (RFC 5722, 4), exact repeats do not (RFC 8200, 4.5).
/// </summary>
internal sealed class IPv6FragmentJoiner(IPSettings settings) : IFragmentJoiner
{
    private const int HeaderLength = 40;
    private const int FragmentHeaderLength = 8;

    private readonly Dictionary<Key, Partial> _partial = [];
    private readonly LinkedChain<Partial> _chain = new();
    private long _held;

    public FragmentOutcome Add(ReadOnlySpan<byte> packet, Instant now, out ReadOnlySpan<byte> whole)
    {
        whole = default;
        Expire(now);
        if (!TryFindFragmentHeader(packet, out int at, out int pointer))
        {
            return FragmentOutcome.Invalid;
        }

        int offset = WireField.Read16(packet, at + 2) & 0xFFF8;
        bool more = (packet[at + 3] & 1) != 0;
        ReadOnlySpan<byte> data = packet[(at + FragmentHeaderLength)..];
        if (data.IsEmpty || (more && data.Length % 8 != 0))
        {
            return FragmentOutcome.Invalid;
        }

        if (at - HeaderLength + offset + data.Length > ushort.MaxValue)
        {
            return FragmentOutcome.Oversized;
        }

        Key key = new(NetworkAddress.FromBytes(packet[8..24]), NetworkAddress.FromBytes(packet[24..40]), WireField.Read32(packet, at + 4));
        if (!_partial.TryGetValue(key, out Partial? partial))
        {
            while (_chain.Count >= settings.MaximumIncompleteDatagrams)
            {
                Forget(_chain.Oldest!);
            }

            partial = new Partial(key, now + settings.ReassemblyTimeout);
            _partial.Add(key, partial);
            _chain.Add(partial);
        }

        _held -= partial.Bytes;
        FragmentOutcome outcome = partial.Add(offset, more, data);
        _held += partial.Bytes;
        if (outcome != FragmentOutcome.Waiting)
        {
            Forget(partial);
            return outcome;
        }

        if (offset == 0 && partial.Header is null)
        {
            // What comes before the fragment header, which leads on to what followed it.
            byte[] header = packet[..at].ToArray();
            header[pointer] = packet[at];
            partial.Header = header;
        }

        if (partial.IsComplete)
        {
            whole = partial.Join();
            Forget(partial);
            return FragmentOutcome.Whole;
        }

        while ((_held > settings.ReassemblyHighWatermark || partial.Count > settings.MaximumFragments) && _chain.Oldest is { } oldest)
        {
            Forget(partial.Count > settings.MaximumFragments ? partial : oldest);
            if (partial.IsForgotten)
            {
                break;
            }
        }

        return FragmentOutcome.Waiting;
    }

    public void Expire(Instant now)
    {
        while (_chain.Oldest is { } oldest && oldest.Expires <= now)
        {
            Forget(oldest);
        }
    }

    private static bool TryFindFragmentHeader(ReadOnlySpan<byte> packet, out int at, out int pointer)
    {
        pointer = 6;
        at = HeaderLength;
        while (at + FragmentHeaderLength <= packet.Length)
        {
            switch (packet[pointer])
            {
                case 44:
                    return true;
                case 0 or 43 or 60:
                    pointer = at;
                    at += (packet[at + 1] + 1) * 8;
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private void Forget(Partial partial)
    {
        _held -= partial.Bytes;
        _partial.Remove(partial.Key);
        _chain.Remove(partial);
        partial.IsForgotten = true;
    }

    private readonly record struct Key(NetworkAddress Source, NetworkAddress Destination, uint Identification)
    {
        // Seeded by the runtime, so that an outsider cannot aim at one chain of the dictionary.
        public override int GetHashCode() => HashCode.Combine(Source, Destination, Identification);
    }

    private sealed class Partial(Key key, Instant expires) : ILinked<Partial>
    {
        private readonly SortedList<int, byte[]> _pieces = [];
        private int _end = -1;

        public Key Key => key;

        public Instant Expires => expires;

        public int Bytes { get; private set; }

        public int Count => _pieces.Count;

        public byte[]? Header { get; set; }

        public bool IsForgotten { get; set; }

        public bool IsComplete => Header is not null && Bytes == _end;

        public Partial? Older { get; set; }

        public Partial? Newer { get; set; }

        public LinkedChain<Partial>? Chain { get; set; }

        public FragmentOutcome Add(int offset, bool more, ReadOnlySpan<byte> data)
        {
            int end = offset + data.Length;
            if (_end >= 0 ? end > _end || (!more && end != _end) : !more && Bytes > 0 && LastEnd > end)
            {
                return FragmentOutcome.Invalid;
            }

            if (_pieces.TryGetValue(offset, out byte[]? known) && data.SequenceEqual(known))
            {
                return FragmentOutcome.Waiting;
            }

            foreach ((int start, byte[] piece) in _pieces)
            {
                if (start < end && offset < start + piece.Length)
                {
                    return FragmentOutcome.Overlap;
                }
            }

            _pieces.Add(offset, data.ToArray());
            Bytes += data.Length;
            _end = more ? _end : end;
            return FragmentOutcome.Waiting;
        }

        public byte[] Join()
        {
            byte[] whole = new byte[Header!.Length + _end];
            Header.CopyTo(whole, 0);
            foreach ((int start, byte[] piece) in _pieces)
            {
                piece.CopyTo(whole, Header.Length + start);
            }

            WireField.Write16(whole, 4, (ushort)(whole.Length - HeaderLength));
            return whole;
        }

        private int LastEnd => _pieces.GetKeyAtIndex(Count - 1) + _pieces.GetValueAtIndex(Count - 1).Length;
    }
}
