using System;

namespace TcpTools.Streams;

/// <content>How data gets into its order: what is new of a segment, what waits, what is missing.</content>
public sealed partial class TcpStreamAssembler
{
    /// <summary>Data beyond what is expected by more than this belongs to no window there can be.</summary>
    private const long Farthest = 1L << 30;

    /// <summary>Takes a segment's data.</summary>
    private void ReceiveData(TcpStream stream, TcpStreamSide side, in StreamSegment segment, long offset, ReadOnlySpan<byte> data)
    {
        long end = offset + data.Length;
        if (offset == side.NextOffset && side.Queue.Count == 0 && end <= side.RightEdge && !side.HasFin)
        {
            side.HighestOffset = Math.Max(side.HighestOffset, end);
            stream.IsResetPending = false;
            Deliver(stream, side, data);
            return;
        }

        if (end <= side.NextOffset)
        {
            ReceiveAgain(side, offset, data);
            return;
        }

        if (offset < side.NextOffset)
        {
            int known = (int)(side.NextOffset - offset);
            Compare(side, offset, data[..known]);
            data = data[known..];
            offset = side.NextOffset;
        }

        if (side.HasFin && end > side.FinOffset)
        {
            Report(StreamAnomalyKind.DataAfterFin, segment, side, $"{end - Math.Max(offset, side.FinOffset)} bytes after the end that was announced");
            data = data[..(int)Math.Clamp(side.FinOffset - offset, 0, data.Length)];
            end = offset + data.Length;
        }

        long farthest = side.RightEdge == TcpStreamSide.NoEdge
            ? side.NextOffset + Farthest
            : side.RightEdge + Slack;
        if (offset >= farthest)
        {
            Report(StreamAnomalyKind.OutsideWindow, segment, side, $"{data.Length} bytes at {offset}, {offset - side.NextOffset} beyond what is expected");
            return;
        }

        if (data.IsEmpty)
        {
            return;
        }

        if (offset > side.NextOffset)
        {
            side.OutOfOrder++;
        }

        side.HighestOffset = Math.Max(side.HighestOffset, end);
        if (end <= side.RightEdge && offset == side.NextOffset && (side.Queue.Count == 0 || end <= side.Queue.First.Start))
        {
            stream.IsResetPending = false;
            Deliver(stream, side, data);
            return;
        }

        // Beyond the window a receiver takes nothing, unless it opened the window in a segment that was not seen: its
        // acknowledgment will tell.
        int inside = (int)Math.Clamp(side.RightEdge - offset, 0, data.Length);
        if (inside > 0)
        {
            Enqueue(side, offset, data[..inside], isTentative: false);
        }

        if (inside < data.Length)
        {
            Enqueue(side, offset + inside, data[inside..], isTentative: true);
        }
    }

    /// <summary>Nothing of the data is new.</summary>
    private void ReceiveAgain(TcpStreamSide side, long offset, ReadOnlySpan<byte> data)
    {
        if (data.Length == 1 && offset == side.NextOffset - 1)
        {
            // A probe may carry one byte of garbage (RFC 9293, 3.8.4).
            side.KeepAlives++;
            return;
        }

        side.Retransmissions++;
        Compare(side, offset, data);
    }

    private void Compare(TcpStreamSide side, long offset, ReadOnlySpan<byte> data)
    {
        if (_settings.HistoryBytes > 0)
        {
            _comparedSide = side;
            _log.Compare(side.LogEntry, offset, data, this);
        }
    }

    private void Enqueue(TcpStreamSide side, long offset, ReadOnlySpan<byte> data, bool isTentative)
    {
        _comparedSide = side;
        side.Queue.Insert(offset, data, isTentative, _settings.OverlapPolicy, this);
        if (((ILinked<TcpStreamSide>)side).Chain is null)
        {
            _waiting.Add(side);
        }

        if (side.Queue.Charge > _settings.MaximumQueuedBytes)
        {
            RelieveQueue(side);
        }

        while (_budget.Used > _settings.MaximumTotalQueuedBytes && _waiting.Oldest is { } oldest)
        {
            RelieveQueue(oldest);
        }
    }

    private void Dequeued(TcpStreamSide side)
    {
        if (side.Queue.Count == 0)
        {
            _waiting.Remove(side);
        }
    }

    /// <summary>
    /// Too much waits. What the receiver has acknowledged, and all where nothing is seen of the receiver, goes on behind a
    /// gap; otherwise the receiver waits too, and what is ahead is given up, to be sent again.
    /// </summary>
    private void RelieveQueue(TcpStreamSide side)
    {
        TcpStream stream = side.Stream;
        bool isOneWay = stream.PeerOf(side).Segments == 0;
        if (stream.WasOpened && (isOneWay || side.AckedOffset > side.NextOffset))
        {
            while (side.Queue.Count > 0 && (isOneWay || side.AckedOffset > side.NextOffset))
            {
                Skip(stream, side, side.Queue.First.Start, StreamGapReason.QueueLimit);
                DrainQueue(stream, side, isForced: true);
            }

            if (side.Queue.Count == 0)
            {
                return;
            }
        }

        if (side.Queue.Charge > _settings.MaximumQueuedBytes || _budget.Used > _settings.MaximumTotalQueuedBytes)
        {
            long bytes = side.Queue.Bytes;
            side.Queue.Clear();
            Dequeued(side);
            Report(StreamAnomalyKind.QueueOverrun, side, side.NextOffset, $"{bytes} bytes that waited for a gap at {side.NextOffset} were given up");
        }
    }

    /// <summary>Tells what is in order now, and passes over what is certainly lost.</summary>
    private void Drain(TcpStream stream, TcpStreamSide side)
    {
        if (stream.State == TcpStreamState.Opening)
        {
            return;
        }

        DrainQueue(stream, side, isForced: false);
        while (side.LossTime <= Now && side.AckedOffset > side.NextOffset && side.Queue.Count > 0)
        {
            Skip(stream, side, Math.Min(side.AckedOffset, side.Queue.First.Start), StreamGapReason.LostByCapture);
            DrainQueue(stream, side, isForced: false);
        }

        if (side.AckedOffset <= side.NextOffset)
        {
            side.LossTime = Instant.Never;
        }

        FinishSide(stream, side);
    }

    private void DrainQueue(TcpStream stream, TcpStreamSide side, bool isForced)
    {
        SegmentQueue queue = side.Queue;
        while (queue.Count > 0 && queue.First.Start <= side.NextOffset)
        {
            ref QueuedPiece first = ref queue.First;
            long edge = isForced || !first.IsTentative ? long.MaxValue : Math.Max(side.RightEdge, side.AckedOffset);
            int count = (int)(Math.Min(first.End, edge) - first.Start);
            if (count <= 0)
            {
                break;
            }

            ReadOnlySpan<byte> bytes = first.Span[..count];
            bool isWhole = first.Start + count == first.End;
            if (isWhole)
            {
                queue.RemoveFirst();
            }
            else
            {
                queue.TrimFirst(count);
            }

            stream.IsResetPending = false;
            Deliver(stream, side, bytes);
        }

        Dequeued(side);
    }

    private void Deliver(TcpStream stream, TcpStreamSide side, ReadOnlySpan<byte> data)
    {
        long urgent = side.UrgentOffset - side.NextOffset;
        if (urgent >= 0 && urgent < data.Length && _settings.UrgentData == UrgentHandling.Apart)
        {
            side.UrgentOffset = -1;
            DeliverPlain(stream, side, data[..(int)urgent]);
            DeliverUrgent(stream, side, data.Slice((int)urgent, 1));
            DeliverPlain(stream, side, data[((int)urgent + 1)..]);
            return;
        }

        DeliverPlain(stream, side, data);
    }

    private void DeliverPlain(TcpStream stream, TcpStreamSide side, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
        {
            return;
        }

        long offset = side.NextOffset;
        side.NextOffset += data.Length;
        side.Bytes += data.Length;
        Bytes += data.Length;
        if (_settings.HistoryBytes > 0)
        {
            _log.Append(ref side.LogEntry, offset, data);
        }

        _observer.Data(stream, new StreamData { Direction = side.Direction, Offset = offset, Bytes = data, Time = Now });
    }

    private void DeliverUrgent(TcpStream stream, TcpStreamSide side, ReadOnlySpan<byte> data)
    {
        long offset = side.NextOffset;
        side.NextOffset += data.Length;
        side.UrgentBytes += data.Length;
        _observer.Urgent(stream, new StreamData { Direction = side.Direction, Offset = offset, Bytes = data, Time = Now });
    }

    /// <summary>Passes over bytes that will not come.</summary>
    private void Skip(TcpStream stream, TcpStreamSide side, long to, StreamGapReason reason)
    {
        long from = side.NextOffset;
        if (to <= from)
        {
            return;
        }

        side.NextOffset = to;
        side.HighestOffset = Math.Max(side.HighestOffset, to);
        side.GapBytes += to - from;
        _observer.Gap(stream, new StreamGap(side.Direction, from, to - from, reason, StreamTime.ToDateTimeOffset(Now)));
    }

    /// <summary>Acknowledged bytes have not come in time: what is behind them goes on.</summary>
    private void GiveUpLosses()
    {
        while (_losses.Count > 0 && _losses.Peek().Due <= Now)
        {
            TcpStreamSide side = _losses.Dequeue().Side;
            if (!side.Stream.IsEnded)
            {
                Drain(side.Stream, side);
            }
        }
    }
}
