using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <content>From a segment to its stream: which one it is, and what it does there. Sections are those of RFC 9293.</content>
public sealed partial class TcpStreamAssembler
{
    private const int MaximumLosses = 10_000;
    private const TcpFlags Deciding = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst | TcpFlags.Ack;

    private void ReceiveSegment(in StreamSegment segment)
    {
        if (!segment.HasAck)
        {
            WatchForScan(segment);
            TcpFlags flags = segment.Flags & Deciding;
            if (flags is not (TcpFlags.Syn or TcpFlags.Rst))
            {
                Report(StreamAnomalyKind.BadFlags, segment, null, $"no connection has a segment with {Describe(segment.Flags)}");
                return;
            }
        }
        else if (segment.HasSyn && (segment.HasFin || segment.HasReset))
        {
            Report(StreamAnomalyKind.BadFlags, segment, null, $"no connection has a segment with {Describe(segment.Flags)}");
            return;
        }

        StreamKey key = StreamKey.Of(segment.Source, segment.Destination, out bool isSwapped);
        TcpStream? stream = _table.Find(key);
        if (stream is { IsEnded: true })
        {
            if (!segment.HasSyn)
            {
                ReceiveAfterEnd(stream, segment, isSwapped);
                return;
            }

            // A new connection may take the sockets at once: the old one's end was seen.
            _table.Remove(stream);
            stream = null;
        }

        if (stream is null)
        {
            Start(segment);
            return;
        }

        _table.Touch(stream, Now);
        TcpStreamSide side = isSwapped != stream.ClientIsFirst ? stream.ClientSide : stream.ServerSide;
        TcpStreamSide peer = stream.PeerOf(side);
        side.Segments++;
        if (segment.HasSyn)
        {
            ReceiveSyn(stream, side, peer, segment);
        }
        else if (segment.HasReset)
        {
            ReceiveReset(stream, side, peer, segment);
        }
        else if (stream.State != TcpStreamState.Opening)
        {
            ReceiveOpen(stream, side, peer, segment);
        }
        else if (CompletesHandshake(side, peer, segment))
        {
            Open(stream);
            ReceiveOpen(stream, side, peer, segment);
        }
    }

    private static string Describe(TcpFlags flags) => flags == TcpFlags.None ? "no flags" : flags.ToString();

    private void WatchForScan(in StreamSegment segment)
    {
        // A reset without ACK answers something.
        if (segment.HasReset || _scans.Add(segment.Source, segment.Destination, Now) is not { } targets)
        {
            return;
        }

        _observer.Anomaly(new StreamAnomaly
        {
            Kind = StreamAnomalyKind.Scan,
            Time = StreamTime.ToDateTimeOffset(Now),
            Source = segment.Source,
            Targets = targets,
            Message = $"tried {targets.Length} destinations within {_settings.ScanWindow.TotalSeconds:0.###} s",
        });
    }

    /// <summary>A segment of a stream in its data phase: 3.10.7.4, as far as an onlooker can tell.</summary>
    private void ReceiveOpen(TcpStream stream, TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment)
    {
        if (stream.Candidate is { } candidate && StartsCandidate(candidate, side, segment))
        {
            Replace(stream, candidate, segment);
            return;
        }

        if (_settings.CheckTimestamps && IsOld(side, segment))
        {
            Report(StreamAnomalyKind.OldTimestamp, segment, side, "the timestamp is older than the last one");
            return;
        }

        if (!side.IsSynced)
        {
            side.StartAt(segment.Sequence);
        }

        ReceiveAcknowledgment(side, peer, segment);
        int length = segment.Payload.Length + segment.Missing;
        if (length > 0 || segment.HasFin)
        {
            ReceiveText(stream, side, segment, length);
        }
        else if (segment.Sequence == side.NextSequence - 1 && !side.IsFinished)
        {
            side.KeepAlives++;
        }

        // The peer's data may have been waiting for this acknowledgment, and its loss may be certain now.
        if (peer.Queue.Count > 0)
        {
            Drain(stream, peer);
        }
    }

    /// <summary>PAWS (RFC 7323, 5.3), and the timestamp to compare the next one with.</summary>
    private bool IsOld(TcpStreamSide side, in StreamSegment segment)
    {
        if (!segment.TryReadTimestamp(out uint value))
        {
            return false;
        }

        int distance = (int)(value - side.RecentTimestamp);
        if (side.HasTimestamp && distance < 0 && Now - side.RecentTimestampTime < TimeSpan.FromDays(24))
        {
            return true;
        }

        if (!side.IsSynced || side.OffsetOf(segment.Sequence) <= side.NextOffset)
        {
            side.HasTimestamp = true;
            side.RecentTimestamp = value;
            side.RecentTimestampTime = Now;
        }

        return false;
    }

    private void ReceiveAcknowledgment(TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment)
    {
        if (!peer.IsSynced)
        {
            peer.StartAt(segment.Acknowledgment);
        }

        long acked = peer.OffsetOf(segment.Acknowledgment);
        if (acked - peer.NextOffset > (1 << 30) + 1)
        {
            return;
        }

        side.Window = (long)segment.Window << Math.Max(0, side.WindowShift);
        if (segment.Window == 0)
        {
            side.ZeroWindows++;
        }

        if (side.WindowShift >= 0 && _settings.CheckWindow)
        {
            long edge = acked + side.Window;
            peer.RightEdge = peer.RightEdge == TcpStreamSide.NoEdge ? edge : Math.Max(peer.RightEdge, edge);
        }

        if (peer.HasFin)
        {
            acked = Math.Min(acked, peer.FinOffset);
        }

        if (acked <= peer.AckedOffset)
        {
            return;
        }

        peer.AckedOffset = acked;
        if (acked > peer.NextOffset && peer.LossTime.IsNever)
        {
            peer.LossTime = Now + _settings.LossDelay;
            if (_losses.Count < MaximumLosses)
            {
                // Without an entry, the next segment of the stream finds it out.
                _losses.Enqueue((peer, peer.LossTime));
            }
        }
    }

    private void ReceiveText(TcpStream stream, TcpStreamSide side, in StreamSegment segment, int length)
    {
        long offset = side.OffsetOf(segment.Sequence);
        if (segment.UrgentPointer > 0 && (segment.Flags & TcpFlags.Urg) != 0)
        {
            // The pointer is where the next byte belongs; the urgent one is before it, as all systems have it (RFC 6093, 3.1).
            long urgent = offset + segment.UrgentPointer - 1;
            if (urgent >= side.NextOffset)
            {
                side.UrgentOffset = urgent;
            }
        }

        if (segment.HasFin && !side.HasFin && !ReceiveFin(stream, side, segment, offset + length))
        {
            return;
        }

        if (length > 0)
        {
            ReceiveData(stream, side, segment, offset, segment.Payload);
            if (segment.Missing > 0 && side.NextOffset == offset + segment.Payload.Length)
            {
                Skip(stream, side, offset + length, StreamGapReason.CutByCapture);
            }

            Drain(stream, side);
        }

        FinishSide(stream, side);
    }

    private void ReceiveAfterEnd(TcpStream stream, in StreamSegment segment, bool isSwapped)
    {
        if (segment.Payload.IsEmpty || segment.HasReset)
        {
            return;
        }

        TcpStreamSide side = isSwapped != stream.ClientIsFirst ? stream.ClientSide : stream.ServerSide;
        if (side.OffsetOf(segment.Sequence) + segment.Payload.Length > side.NextOffset)
        {
            Report(StreamAnomalyKind.DataAfterEnd, segment, side, $"{segment.Payload.Length} bytes after the stream had ended ({stream.State})");
        }
    }
}
