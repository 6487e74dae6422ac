using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Fragments;

/// <summary>What all fragments of one packet have in common (RFC 791, 3.2; RFC 8200, 4.5).</summary>
internal readonly record struct FragmentIdentity(NetworkAddress Source, NetworkAddress Destination, uint Identification, byte Protocol)
{
    // Seeded by the runtime, unlike a record's own: an outsider cannot aim at one chain of the dictionary.
    public override int GetHashCode() => HashCode.Combine(Source, Destination, Identification, Protocol);
}

/// <summary>
/// A packet of which fragments are missing. Each fragment's data is kept as it came, so that memory follows what was
/// received and not where it claims to belong; a map says which bytes of which fragment count.
/// </summary>
internal sealed class PendingPacket(FragmentIdentity identity, Instant expires)
{
    private const int FragmentOverhead = 96;

    private readonly List<(int Start, byte[] Data)> _fragments = [];
    private readonly FragmentMap _map = new();
    private byte[]? _front;
    private int _ipStart;
    private int _announcedAt;
    private byte _nextHeader;
    private int _end = -1;
    private int _highest;
    private bool _sawNotEcnCapable;
    private bool _sawCongestion;

    public FragmentIdentity Identity => identity;

    /// <summary>When it is given up.</summary>
    public Instant Expires => expires;

    /// <summary>Its place among all, by age.</summary>
    public LinkedListNode<PendingPacket>? Node { get; set; }

    /// <summary>The fragments as packets, when somebody wants them back.</summary>
    public List<Packet> Packets { get; } = [];

    /// <summary>Whether it has been given up and only stands here so that later fragments are not taken for a new packet.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Bytes held, with an estimate of what surrounds them.</summary>
    public int HeldBytes { get; private set; }

    public int Count => _fragments.Count;

    public bool HasFirst => _front is not null;

    public bool IsComplete => _end >= 0 && _front is not null && _map.Covered == _end;

    public bool HasContradictingMarks => _sawCongestion && _sawNotEcnCapable;

    public void Kill()
    {
        IsDead = true;
        _fragments.Clear();
        _map.Clear();
        Packets.Clear();
        _front = null;
        HeldBytes = FragmentOverhead;
    }

    /// <summary>Whether a fragment agrees with what is known of the packet's end.</summary>
    public bool Fits(in FragmentView fragment) => _end >= 0
        ? fragment.End <= _end && (fragment.MoreFragments || fragment.End == _end)
        : fragment.MoreFragments || fragment.End >= _highest;

    /// <summary>How many bytes of a fragment are there already, and whether one of them has another value.</summary>
    public (int Overlap, bool Conflict) Compare(in FragmentView fragment)
    {
        int overlap = 0;
        bool conflict = false;
        ReadOnlySpan<FragmentPiece> pieces = _map.Pieces;
        for (int i = _map.FirstPieceEndingAfter(fragment.Offset); i < pieces.Length && pieces[i].Start < fragment.End; i++)
        {
            int from = Math.Max(pieces[i].Start, fragment.Offset);
            int to = Math.Min(pieces[i].End, fragment.End);
            (int start, byte[] data) = _fragments[pieces[i].Source];
            overlap += to - from;
            conflict |= !data.AsSpan(from - start, to - from).SequenceEqual(fragment.Data[(from - fragment.Offset)..(to - fragment.Offset)]);
        }

        return (overlap, conflict);
    }

    /// <summary>Puts a fragment in its place.</summary>
    public void Add(ReadOnlySpan<byte> frame, in FragmentView fragment, FragmentOverlapPolicy policy)
    {
        _map.Place(fragment.Offset, fragment.End, _fragments.Count, policy);
        bool isFirst = fragment.Offset == 0 && _front is null;
        if (!_map.Written.IsEmpty)
        {
            _fragments.Add((fragment.Offset, fragment.Data.ToArray()));
            HeldBytes += fragment.Data.Length + FragmentOverhead;
        }

        if (!fragment.MoreFragments)
        {
            _end = fragment.End;
        }

        _highest = Math.Max(_highest, fragment.End);
        _sawNotEcnCapable |= (fragment.TrafficClass & 3) == 0;
        _sawCongestion |= (fragment.TrafficClass & 3) == 3;
        if (isFirst)
        {
            _front = frame[..fragment.FrontLength].ToArray();
            _ipStart = fragment.IPStart;
            _announcedAt = fragment.AnnouncedAt;
            _nextHeader = fragment.NextHeader;
            HeldBytes += _front.Length;
        }
    }

    /// <summary>The whole packet, with what lay in front of its first fragment's IP header; null when it is longer than a packet can be.</summary>
    public byte[]? Build()
    {
        byte[] front = _front!;
        byte[] bytes = new byte[front.Length + _end];
        front.CopyTo(bytes, 0);
        foreach (FragmentPiece piece in _map.Pieces)
        {
            (int start, byte[] data) = _fragments[piece.Source];
            data.AsSpan(piece.Start - start, piece.End - piece.Start).CopyTo(bytes.AsSpan(front.Length + piece.Start));
        }

        Span<byte> packet = bytes.AsSpan(_ipStart);
        bool isIPv4 = packet[0] >> 4 == 4;
        if (packet.Length - (isIPv4 ? 0 : IPv6View.HeaderLength) > ushort.MaxValue)
        {
            return null;
        }

        if (isIPv4)
        {
            IPv4Editor editor = new(packet)
            {
                TotalLength = (ushort)packet.Length,
                MoreFragments = false,
                FragmentOffset = 0,
            };
            editor.TypeOfService |= (byte)(_sawCongestion ? 3 : 0);
            editor.UpdateChecksum();
        }
        else
        {
            bytes[_announcedAt] = _nextHeader;
            IPv6Editor editor = new(packet) { PayloadLength = (ushort)(packet.Length - IPv6View.HeaderLength) };
            editor.TrafficClass |= (byte)(_sawCongestion ? 3 : 0);
        }

        return bytes;
    }
}
