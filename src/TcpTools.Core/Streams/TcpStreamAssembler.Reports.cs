using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <content>What is strange becomes a record, as many of a stream as the settings allow.</content>
public sealed partial class TcpStreamAssembler
{
    /// <summary>The direction whose segment is being compared with what is there.</summary>
    private TcpStreamSide? _comparedSide;

    /// <inheritdoc/>
    void IConflictSink.Conflict(long offset, ReadOnlySpan<byte> kept, ReadOnlySpan<byte> discarded)
    {
        TcpStreamSide side = _comparedSide!;
        if (!MayReport(side.Stream))
        {
            return;
        }

        // Only what differs, and not the bytes around it.
        int first = kept.CommonPrefixLength(discarded);
        int last = kept.Length;
        while (last > first && kept[last - 1] == discarded[last - 1])
        {
            last--;
        }

        int count = Math.Min(last - first, StreamAnomaly.MaximumCopy);
        _observer.Anomaly(new StreamAnomaly
        {
            Kind = StreamAnomalyKind.ConflictingData,
            Time = StreamTime.ToDateTimeOffset(Now),
            Source = side.Endpoint,
            Destination = side.Stream.PeerOf(side).Endpoint,
            Stream = side.Stream,
            Offset = offset + first,
            Kept = kept.Slice(first, count).ToArray(),
            Discarded = discarded.Slice(first, count).ToArray(),
            Message = $"{last - first} bytes at {offset + first} came with two contents",
        });
    }

    private bool MayReport(TcpStream stream) => ++stream.AnomalyCount <= _settings.MaximumAnomaliesPerStream;

    private void Report(StreamAnomalyKind kind, in StreamSegment segment, TcpStreamSide? side, string message)
    {
        if (side is null || MayReport(side.Stream))
        {
            _observer.Anomaly(new StreamAnomaly
            {
                Kind = kind,
                Time = StreamTime.ToDateTimeOffset(Now),
                Source = segment.Source,
                Destination = segment.Destination,
                Stream = side?.Stream,
                Offset = side is { IsSynced: true } ? side.OffsetOf(segment.Sequence) : null,
                Message = message,
            });
        }
    }

    private void Report(StreamAnomalyKind kind, TcpStreamSide side, long offset, string message)
    {
        if (MayReport(side.Stream))
        {
            _observer.Anomaly(new StreamAnomaly
            {
                Kind = kind,
                Time = StreamTime.ToDateTimeOffset(Now),
                Source = side.Endpoint,
                Destination = side.Stream.PeerOf(side).Endpoint,
                Stream = side.Stream,
                Offset = offset,
                Message = message,
            });
        }
    }

    private void Report(StreamAnomalyKind kind, NetworkAddress source, NetworkAddress destination, string message) =>
        _observer.Anomaly(new StreamAnomaly
        {
            Kind = kind,
            Time = StreamTime.ToDateTimeOffset(Now),
            Source = new StreamEndpoint(source, 0),
            Destination = new StreamEndpoint(destination, 0),
            Message = message,
        });
}
