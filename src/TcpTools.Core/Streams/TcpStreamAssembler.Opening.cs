using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <content>How streams begin: the handshake and its variants, the middle of a connection, and sockets used again.</content>
public sealed partial class TcpStreamAssembler
{
    /// <summary>A segment of a connection that is not followed.</summary>
    private void Start(in StreamSegment segment)
    {
        if (segment.HasReset)
        {
            return;
        }

        if (!segment.HasSyn)
        {
            StartInTheMiddle(segment);
            return;
        }

        bool isAnswer = segment.HasAck;
        TcpStream stream = isAnswer
            ? AddStream(segment.Destination, segment.Source, _table.Opening, segment)
            : AddStream(segment.Source, segment.Destination, _table.Opening, segment);
        TcpStreamSide side = isAnswer ? stream.ServerSide : stream.ClientSide;
        side.Segments++;
        StartSide(side, ReadSyn(side.Direction, segment));
        if (isAnswer)
        {
            // The SYN that this answers was not seen.
            stream.ClientSide.StartAt(segment.Acknowledgment);
        }
        else
        {
            KeepSynData(stream, segment);
        }
    }

    private void StartInTheMiddle(in StreamSegment segment)
    {
        if (!_settings.Midstream || segment.Payload.IsEmpty)
        {
            return;
        }

        bool fromServer = segment.Source.Port < segment.Destination.Port;
        TcpStream stream = fromServer
            ? AddStream(segment.Destination, segment.Source, _table.Opening, segment)
            : AddStream(segment.Source, segment.Destination, _table.Opening, segment);
        stream.IsMidstream = true;
        TcpStreamSide side = fromServer ? stream.ServerSide : stream.ClientSide;
        TcpStreamSide peer = stream.PeerOf(side);
        side.Segments++;
        side.StartAt(segment.Sequence);
        peer.StartAt(segment.Acknowledgment);
        Open(stream);
        ReceiveOpen(stream, side, peer, segment);
    }

    private static SynRecord ReadSyn(StreamDirection direction, in StreamSegment segment) => new()
    {
        Direction = direction,
        Number = segment.Sequence,
        Time = segment.Time,
        WindowShift = segment.ReadWindowShift(),
        Window = segment.Window,
        Timestamp = segment.TryReadTimestamp(out uint value) ? value : null,
    };

    private void StartSide(TcpStreamSide side, SynRecord syn)
    {
        TcpStreamSide peer = side.Stream.PeerOf(side);
        side.StartAt(syn.Number + 1);
        side.HasSyn = true;
        side.WindowShift = syn.WindowShift;
        side.Window = syn.Window;
        side.HasTimestamp = syn.Timestamp.HasValue;
        side.RecentTimestamp = syn.Timestamp ?? 0;
        side.RecentTimestampTime = syn.Time;
        // The window of a SYN is never scaled (RFC 7323, 2.2).
        peer.RightEdge = EdgeOf(0, syn.Window);
    }

    private long EdgeOf(long offset, long window) => _settings.CheckWindow ? offset + window : TcpStreamSide.NoEdge;

    /// <summary>Data that comes with a SYN waits until the server says that it took it (RFC 7413, 4.2; RFC 9293, 3.10.7.2).</summary>
    private void KeepSynData(TcpStream stream, in StreamSegment segment)
    {
        if (!segment.Payload.IsEmpty && stream.SynDataLength == 0 && segment.Payload.Length <= _settings.MaximumQueuedBytes)
        {
            stream.SynDataLength = segment.Payload.Length;
            Enqueue(stream.ClientSide, 0, segment.Payload, isTentative: false);
        }
    }

    private void ReceiveSyn(TcpStream stream, TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment)
    {
        bool isKnown = side.IsSynced && side.Base == segment.Sequence + 1;
        if (stream.State == TcpStreamState.Opening)
        {
            ReceiveSynWhileOpening(stream, side, peer, segment, isKnown);
            return;
        }

        if (isKnown)
        {
            return;
        }

        if (segment.HasAck)
        {
            if (stream.Candidate is { } candidate && candidate.Direction != side.Direction && segment.Acknowledgment == candidate.Number + 1)
            {
                Replace(stream, candidate, segment);
                return;
            }
        }
        else
        {
            // Either side may be the next connection's client. Whether this is one, the answer will tell.
            stream.Candidate = ReadSyn(side.Direction, segment);
        }

        Report(StreamAnomalyKind.SynOnStream, segment, side, $"a SYN with number {segment.Sequence} on a stream that is {stream.State}");
    }

    private void ReceiveSynWhileOpening(
        TcpStream stream, TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment, bool isKnown)
    {
        if (segment.HasAck)
        {
            if (!peer.IsSynced || !Acknowledges(peer, segment.Acknowledgment))
            {
                Report(StreamAnomalyKind.BadHandshake, segment, side, "the answer acknowledges no SYN that was seen");
                return;
            }

            if (!side.IsSynced)
            {
                StartSide(side, ReadSyn(side.Direction, segment));
            }

            if (isKnown || side.Base == segment.Sequence + 1)
            {
                peer.AckedOffset = Math.Max(peer.AckedOffset, peer.OffsetOf(segment.Acknowledgment));
            }

            return;
        }

        if (!isKnown && side.IsSynced)
        {
            if (peer.IsSynced)
            {
                stream.Candidate = ReadSyn(side.Direction, segment);
                return;
            }

            // The client tries again with other numbers, which the server has not answered yet.
            side.Queue.Clear();
            stream.SynDataLength = 0;
        }

        stream.IsSimultaneousOpen |= side == stream.ServerSide && peer.IsSynced;
        if (!isKnown)
        {
            StartSide(side, ReadSyn(side.Direction, segment));
        }

        if (side == stream.ClientSide)
        {
            KeepSynData(stream, segment);
        }
    }

    /// <summary>Whether an acknowledgment is one of the SYN, or of data that came with it.</summary>
    private static bool Acknowledges(TcpStreamSide side, SequenceNumber number)
    {
        int past = number - side.Base;
        return past >= 0 && past <= (side == side.Stream.ClientSide ? side.Stream.SynDataLength : 0);
    }

    /// <summary>Whether a segment shows that both sides have agreed: the last of the handshake, or what follows it.</summary>
    private static bool CompletesHandshake(TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment)
    {
        // What of the handshake was not seen, this segment stands for. It must fit what was.
        if (side.IsSynced && (uint)(segment.Sequence - side.Base) > 1 << 20)
        {
            return false;
        }

        return !peer.IsSynced || (uint)(segment.Acknowledgment - peer.Base) <= 1 << 20;
    }

    private void Open(TcpStream stream)
    {
        stream.State = TcpStreamState.Established;
        stream.WasOpened = true;
        TcpStreamSide client = stream.ClientSide;
        TcpStreamSide server = stream.ServerSide;
        if (client.WindowShift < 0 || server.WindowShift < 0)
        {
            // Scales count only where both sides offered one (RFC 7323, 2.2); where a SYN was not seen nobody knows.
            int shift = client.HasSyn && server.HasSyn ? 0 : -1;
            client.WindowShift = shift;
            server.WindowShift = shift;
        }

        if (client.WindowShift < 0)
        {
            client.RightEdge = TcpStreamSide.NoEdge;
            server.RightEdge = TcpStreamSide.NoEdge;
        }

        StreamTable.Move(stream, _table.Open, Now);
        _observer.Opened(stream);
        if (stream.SynDataLength > 0)
        {
            if (client.AckedOffset >= stream.SynDataLength)
            {
                Drain(stream, client);
            }
            else
            {
                // The server did not take it; the client sends it again.
                client.Queue.Clear();
                Dequeued(client);
            }
        }
    }

    /// <summary>Whether a segment belongs to the connection that a SYN announced rather than to the stream.</summary>
    private static bool StartsCandidate(SynRecord candidate, TcpStreamSide side, in StreamSegment segment)
    {
        return side.Direction == candidate.Direction
            && segment.Sequence == candidate.Number + 1
            && Math.Abs(side.OffsetOf(segment.Sequence) - side.NextOffset) > 1 << 20;
    }

    /// <summary>The stream is over, though no end was seen: its sockets belong to another connection.</summary>
    private void Replace(TcpStream stream, SynRecord syn, in StreamSegment segment)
    {
        TcpStreamSide old = stream.Side(syn.Direction);
        StreamEndpoint client = old.Endpoint;
        StreamEndpoint server = stream.PeerOf(old).Endpoint;
        EndStream(stream, TcpStreamState.Replaced);
        _table.Remove(stream);
        TcpStream next = AddStream(client, server, _table.Opening, segment);
        next.FirstSeen = syn.Time;
        next.ClientSide.Segments++;
        StartSide(next.ClientSide, syn);
        ReceiveSegment(segment);
    }
}
