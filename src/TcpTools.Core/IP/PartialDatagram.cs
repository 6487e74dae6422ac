using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>What all fragments of one datagram have in common (RFC 791, 3.2: the BUFID).</summary>
internal readonly record struct FragmentKey(uint Source, uint Destination, ushort Identification, byte Protocol)
{
    // Seeded by the runtime, unlike a record's own: an outsider cannot aim at one chain of the dictionary.
    public override int GetHashCode() => HashCode.Combine(Source, Destination, Identification, Protocol);
}

/// <summary>What became of a fragment.</summary>
internal enum FragmentVerdict
{
    /// <summary>It is in its place, or brought nothing new.</summary>
    Kept,

    /// <summary>It cannot belong to the datagram: the rest can still become whole.</summary>
    Refused,

    /// <summary>It contradicts the others: the datagram is to be given up.</summary>
    Overlap,
}

/// <summary>
/// A datagram of which fragments are missing. Data lies in its place in one buffer from the start; a map says what is there.
/// </summary>
internal sealed class PartialDatagram
{
    private readonly FragmentMap _map = new();
    private readonly byte[] _header = new byte[IPv4View.MaximumHeaderLength];
    private int _headerLength;
    private int _end;
    private bool _isEndKnown;
    private bool _isUnicast;
    private bool _sawNotEcnCapable;
    private bool _sawCongestion;

    public FragmentKey Key { get; private set; }

    /// <summary>When it is given up.</summary>
    public Instant Expires { get; private set; }

    /// <summary>How many fragments have been added.</summary>
    public int Fragments { get; private set; }

    public PacketBuffer? Buffer { get; private set; }

    public bool HasFirstFragment => _headerLength != 0;

    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => _isEndKnown && _map.Covered == _end && HasFirstFragment;

    /// <summary>The next older and next newer datagram, or a neighbour in the list of unused objects.</summary>
    public PartialDatagram? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public PartialDatagram? Newer { get; set; }

    /// <summary>Makes the object stand for a new datagram.</summary>
    public void Start(FragmentKey key, bool isUnicast, Instant expires)
    {
        Key = key;
        Expires = expires;
        Fragments = 0;
        _map.Clear();
        _headerLength = 0;
        _end = 0;
        _isEndKnown = false;
        _isUnicast = isUnicast;
        _sawNotEcnCapable = false;
        _sawCongestion = false;
    }

    /// <summary>Takes a buffer with room for all that is known so far, and the old one's bytes into it.</summary>
    /// <returns>The old buffer, to be released.</returns>
    public PacketBuffer? Replace(PacketBuffer? buffer)
    {
        PacketBuffer? old = Buffer;
        if (old is not null && buffer is not null)
        {
            old.Span.CopyTo(buffer.Append(old.Length));
        }

        Buffer = buffer;
        return old;
    }

    /// <summary>Puts a fragment in its place. The buffer must have room for it.</summary>
    public FragmentVerdict Add(in IPv4View fragment, FragmentOverlapPolicy policy)
    {
        Fragments++;
        ReadOnlySpan<byte> data = fragment.Payload;
        int start = fragment.FragmentOffset;
        int end = start + data.Length;
        if (!Fits(end, isLast: !fragment.MoreFragments))
        {
            return policy == FragmentOverlapPolicy.Drop ? FragmentVerdict.Overlap : FragmentVerdict.Refused;
        }

        if (Buffer!.Length < end)
        {
            Buffer.Append(end - Buffer.Length);
        }

        if (!Place(start, end, data, policy))
        {
            return FragmentVerdict.Overlap;
        }

        _end = Math.Max(_end, end);
        _isEndKnown |= !fragment.MoreFragments;
        _sawNotEcnCapable |= (fragment.TypeOfService & 3) == 0;
        _sawCongestion |= (fragment.TypeOfService & 3) == 3;
        if (start == 0 && !HasFirstFragment)
        {
            fragment.Header.CopyTo(_header);
            _headerLength = fragment.HeaderLength;
        }

        return FragmentVerdict.Kept;
    }

    /// <summary>
    /// Gives away the buffer with the whole packet in it; null when header and data are longer than a packet can be, or
    /// when the fragments' ECN marks contradict each other (RFC 3168, 5.3).
    /// </summary>
    public PacketBuffer? TakePacket()
    {
        int totalLength = _headerLength + _end;
        if (totalLength > ushort.MaxValue || (_sawCongestion && _sawNotEcnCapable))
        {
            return null;
        }

        PacketBuffer packet = Replace(null)!;
        packet.Truncate(_end);
        Span<byte> header = packet.Push(_headerLength);
        _header.AsSpan(0, _headerLength).CopyTo(header);
        var editor = new IPv4Editor(header)
        {
            TotalLength = (ushort)totalLength,
            MoreFragments = false,
            FragmentOffset = 0,
        };
        if (_sawCongestion)
        {
            editor.TypeOfService |= 3;
        }

        editor.UpdateChecksum();
        return packet;
    }

    /// <summary>The first fragment as it came, with what else of the data follows it without a gap, for an ICMP error.</summary>
    public IPDatagram AsQuotable()
    {
        ReadOnlySpan<byte> header = _header.AsSpan(0, _headerLength);
        var view = new IPv4View(header);
        return new IPDatagram
        {
            Source = view.Source,
            Destination = view.Destination,
            Protocol = view.Protocol,
            TypeOfService = view.TypeOfService,
            TimeToLive = view.TimeToLive,
            Header = header,
            Payload = Buffer!.Span[.._map.Pieces[0].End],
            IsUnicast = _isUnicast,
        };
    }

    /// <summary>Whether a fragment that ends there agrees with what is known about the datagram's end.</summary>
    private bool Fits(int end, bool isLast)
    {
        if (_isEndKnown)
        {
            return end <= _end && (!isLast || end == _end);
        }

        return !isLast || end >= _end;
    }

    private bool Place(int start, int end, ReadOnlySpan<byte> data, FragmentOverlapPolicy policy)
    {
        if (policy == FragmentOverlapPolicy.Drop && _map.Overlaps(start, end))
        {
            // All these bytes there already, with the same values: a duplicate.
            return _map.Covers(start, end) && Buffer!.Span[start..end].SequenceEqual(data);
        }

        _map.Place(start, end, source: 0, policy);
        foreach (FragmentPiece piece in _map.Written)
        {
            data[(piece.Start - start)..(piece.End - start)].CopyTo(Buffer!.Span[piece.Start..]);
        }

        return true;
    }
}
