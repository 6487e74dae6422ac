using System;

namespace TcpTools.Streams;

/// <content>How streams end: FIN, reset, timeouts.</content>
public sealed partial class TcpStreamAssembler
{
    /// <summary>How far beyond a known window something may be that its receiver may have opened unseen.</summary>
    private const int Slack = 65536;

    /// <summary>Notes where the sender's data ends. False when that cannot be true.</summary>
    private bool ReceiveFin(TcpStream stream, TcpStreamSide side, in StreamSegment segment, long end)
    {
        if (end < side.HighestOffset || end < side.NextOffset || end - side.NextOffset > Farthest || end - Slack > side.RightEdge)
        {
            Report(StreamAnomalyKind.OutsideWindow, segment, side, $"a FIN at {end}, {end - side.NextOffset} from what is expected");
            return false;
        }

        side.FinOffset = end;
        side.AckedOffset = Math.Min(side.AckedOffset, end);
        stream.State = TcpStreamState.Closing;
        if (stream.PeerOf(side).HasFin)
        {
            StreamTable.Move(stream, _table.Closing, Now);
        }

        return true;
    }

    /// <summary>A side whose data is all told is finished; with both, the stream is closed.</summary>
    private void FinishSide(TcpStream stream, TcpStreamSide side)
    {
        if (side.IsFinished || !side.HasFin || side.NextOffset < side.FinOffset || stream.IsEnded)
        {
            return;
        }

        side.IsFinished = true;
        _observer.Finished(stream, side.Direction);
        if (stream.PeerOf(side).IsFinished)
        {
            EndStream(stream, TcpStreamState.Closed);
        }
    }

    private void ReceiveReset(TcpStream stream, TcpStreamSide side, TcpStreamSide peer, in StreamSegment segment)
    {
        if (stream.State == TcpStreamState.Opening)
        {
            // A refusal acknowledges the SYN (3.10.7.3); whoever opens may give up with the number that is next.
            bool refuses = segment.HasAck && peer.IsSynced && Acknowledges(peer, segment.Acknowledgment);
            bool givesUp = side.IsSynced && (segment.Sequence == side.Base || segment.Sequence == side.Base - 1);
            if (refuses || givesUp)
            {
                EndStream(stream, TcpStreamState.Reset);
            }
            else
            {
                Report(StreamAnomalyKind.SuspiciousReset, segment, side, "a reset that fits no SYN");
            }

            return;
        }

        long offset = side.OffsetOf(segment.Sequence);
        if (offset == side.NextOffset || offset == side.AckedOffset || offset == side.HighestOffset
            || (side.HasFin && offset == side.FinOffset + 1))
        {
            EndStream(stream, TcpStreamState.Reset);
            return;
        }

        Report(StreamAnomalyKind.SuspiciousReset, segment, side, $"a reset {offset - side.NextOffset} from what is expected");
        long edge = side.RightEdge == TcpStreamSide.NoEdge ? side.NextOffset + Farthest : side.RightEdge;
        if (offset > side.NextOffset && offset <= edge && !stream.IsResetPending)
        {
            // Older receivers believe it, and a sender may have sent what was not seen. Data in order refutes it.
            stream.IsResetPending = true;
            StreamTable.Move(stream, _table.Closing, Now);
        }
    }

    /// <summary>The end: what waits is told as far as it can have reached the receiver, and the stream leaves the table for those that have ended.</summary>
    private void EndStream(TcpStream stream, TcpStreamState state)
    {
        if (stream.WasOpened)
        {
            bool isCutShort = state is TcpStreamState.Reset or TcpStreamState.Unreachable;
            Flush(stream, stream.ClientSide, isCutShort);
            Flush(stream, stream.ServerSide, isCutShort);
        }

        Discard(stream.ClientSide);
        Discard(stream.ServerSide);
        stream.State = state;
        StreamTable.Move(stream, _table.Ended, Now);
        _observer.Ended(stream);
    }

    private void Flush(TcpStream stream, TcpStreamSide side, bool isCutShort)
    {
        while (side.Queue.Count > 0)
        {
            long start = side.Queue.First.Start;
            if (isCutShort && side.AckedOffset <= side.NextOffset)
            {
                return;
            }

            if (side.Queue.First.IsTentative && side.AckedOffset <= start)
            {
                Report(StreamAnomalyKind.OutsideWindow, side, start, $"{side.Queue.Bytes} bytes beyond the window were never acknowledged");
                return;
            }

            Skip(stream, side, start, side.AckedOffset > side.NextOffset ? StreamGapReason.LostByCapture : StreamGapReason.End);
            DrainQueue(stream, side, isForced: false);
        }

        // An acknowledgment of one byte more than was seen is most likely that of a FIN that was not.
        if (side.AckedOffset > side.NextOffset + (side.HasFin ? 0 : 1))
        {
            Skip(stream, side, side.AckedOffset, StreamGapReason.LostByCapture);
        }

        if (side.HasFin && !isCutShort)
        {
            Skip(stream, side, side.FinOffset, StreamGapReason.End);
            if (!side.IsFinished && side.NextOffset >= side.FinOffset)
            {
                side.IsFinished = true;
                _observer.Finished(stream, side.Direction);
            }
        }
    }

    private void Discard(TcpStreamSide side)
    {
        side.Queue.Clear();
        _waiting.Remove(side);
        side.LossTime = Instant.Never;
    }
}
