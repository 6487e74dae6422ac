using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>
/// One connection of a record, and the stack's connection in its place: which numbers stand for which, how far the stack has come, and
/// what it has sent.
/// </summary>
internal sealed class ReplayFlow(NetworkAddress remote, ushort remotePort, ushort localPort)
{
    // What the record's other side echoes, and what the stack has sent in its place.
    private readonly Dictionary<uint, uint> _echoes = [];
    private readonly Dictionary<(SequenceNumber, int, SequenceNumber), RecordedPacket> _places = [];
    private int _next;
    private uint _delta;
    private bool _hasDelta;
    private bool _hasReset;
    private SequenceNumber? _sentTo;
    private SequenceNumber? _acknowledgedTo;
    private uint? _lastTimestamp;

    public NetworkAddress Remote { get; } = remote;

    public ushort RemotePort { get; } = remotePort;

    /// <summary>The port that the host had in the record.</summary>
    public ushort LocalPort { get; } = localPort;

    /// <summary>The port that the stack has; null while it has not opened the connection.</summary>
    public ushort? StackPort { get; private set; }

    /// <summary>The record's packets of the connection, both ways, in its order.</summary>
    public List<RecordedPacket> Recorded { get; } = [];

    /// <summary>What the stack has sent, in the record's numbers.</summary>
    public List<(Instant Time, RecordedPacket Packet)> Sent { get; } = [];

    /// <summary>Whether the record has the stack's side open the connection.</summary>
    public bool IsOpenedHere => Recorded.Count > 0 && !Recorded[0].IsIncoming;

    /// <summary>The next packet for the stack; null when there are no more, or the stack has not said what it must have said before.</summary>
    public RecordedPacket? FindDue()
    {
        for (; _next < Recorded.Count; _next++)
        {
            RecordedPacket packet = Recorded[_next];
            if (packet.IsIncoming && packet.Delivered is null)
            {
                return packet;
            }

            if (!packet.IsIncoming && !IsSaid(packet))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Whether the stack has said by now all that a packet of the record says.</summary>
    public bool IsSaid(RecordedPacket packet)
    {
        if (!packet.IsTcp)
        {
            return true;
        }

        if ((packet.Flags & TcpFlags.Rst) != 0)
        {
            return _hasReset;
        }

        return (packet.SequenceLength == 0 || (_sentTo is { } sent && sent >= packet.End))
            && ((packet.Flags & TcpFlags.Ack) == 0 || (_acknowledgedTo is { } acknowledged && acknowledged >= packet.Acknowledgment));
    }

    /// <summary>The packet with the numbers that the stack has chosen.</summary>
    public void Translate(RecordedPacket packet, Span<byte> bytes)
    {
        if (packet.IsTcp)
        {
            SegmentRewriter segment = new(bytes);
            TcpEditor header = segment.Header;
            header.DestinationPort = StackPort ?? LocalPort;
            if (_hasDelta && (packet.Flags & TcpFlags.Ack) != 0)
            {
                header.Acknowledgment += _delta;
                segment.MoveSelectiveAcknowledgments(_delta);
            }

            if (segment.TryReadTimestamps(out uint value, out uint echo) && _lastTimestamp is { } last && (packet.Flags & TcpFlags.Ack) != 0)
            {
                segment.WriteTimestamps(value, _echoes.GetValueOrDefault(echo, last));
            }

            segment.Finish();
        }
        else if (IcmpQuotation.TryFind(bytes, out int at))
        {
            // An error about a segment of ours quotes its ports and its sequence number.
            TcpEditor quoted = new(bytes[at..]) { SourcePort = StackPort ?? LocalPort };
            quoted.Sequence += _delta;
            IPv4View ip = new(bytes);
            new Icmpv4Editor(bytes[ip.HeaderLength..Math.Min(ip.TotalLength, bytes.Length)]).UpdateChecksum();
        }
    }

    /// <summary>Takes note of a segment that the stack has sent, and translates it into the record's numbers.</summary>
    public void Note(byte[] bytes, Instant now)
    {
        TcpView tcp = new(new IPv4View(bytes).Payload);
        StackPort ??= tcp.SourcePort;
        if (!_hasDelta && (tcp.Flags & TcpFlags.Syn) != 0
            && Recorded.Find(p => !p.IsIncoming && (p.Flags & TcpFlags.Syn) != 0) is { } syn)
        {
            _hasDelta = true;
            _delta = tcp.Sequence.Value - syn.Sequence.Value;
        }

        SegmentRewriter segment = new(bytes);
        TcpEditor header = segment.Header;
        header.SourcePort = LocalPort;
        header.Sequence += 0u - _delta;
        RecordedPacket sent = RecordedPacket.Create(bytes, 0, 0, isIncoming: false);
        MatchTimestamps(segment, sent);
        segment.Finish();
        sent.Delivered = now;
        Sent.Add((now, sent));
        _hasReset |= (sent.Flags & TcpFlags.Rst) != 0;
        _sentTo = _sentTo is { } before ? SequenceNumber.Later(before, sent.End) : sent.End;
        if ((sent.Flags & TcpFlags.Ack) != 0)
        {
            _acknowledgedTo = _acknowledgedTo is { } known ? SequenceNumber.Later(known, sent.Acknowledgment) : sent.Acknowledgment;
        }
    }

    /// <summary>
    /// Finds the record's segment that says the same and gives the sent one its timestamps: what the record's other side echoes of them
    /// stands for what the stack has sent.
    /// </summary>
    private void MatchTimestamps(in SegmentRewriter segment, RecordedPacket sent)
    {
        if (!segment.TryReadTimestamps(out uint value, out _))
        {
            return;
        }

        _lastTimestamp = value;
        if (FindSame(sent) is { } same && new SegmentRewriter(same.Bytes).TryReadTimestamps(out uint recorded, out uint recordedEcho))
        {
            _echoes[recorded] = value;
            segment.WriteTimestamps(recorded, recordedEcho);
        }
    }

    /// <summary>The first segment of the record that has the same place in the stream as one that the stack sent.</summary>
    private RecordedPacket? FindSame(RecordedPacket sent)
    {
        if (_places.Count == 0)
        {
            foreach (RecordedPacket packet in Recorded)
            {
                if (packet is { IsIncoming: false, IsTcp: true })
                {
                    _places.TryAdd(PlaceOf(packet), packet);
                }
            }
        }

        return _places.GetValueOrDefault(PlaceOf(sent));

        static (SequenceNumber, int, SequenceNumber) PlaceOf(RecordedPacket p) => (p.Sequence, p.SequenceLength, p.Acknowledgment);
    }
}
