using System;
using System.Text;

namespace TcpTools.Streams;

/// <summary>What happened on a stream.</summary>
public enum TcpStreamEventKind
{
    /// <summary>It is established, or was picked up in its middle.</summary>
    Opened,

    /// <summary>Data came and is in order.</summary>
    Data,

    /// <summary>An urgent byte came that is not part of the data.</summary>
    Urgent,

    /// <summary>Bytes are missing and will not come any more.</summary>
    Gap,

    /// <summary>One side has sent all that it had to send.</summary>
    Finished,

    /// <summary>Something strange was seen; of a stream, or of none.</summary>
    Warning,

    /// <summary>A source tries many destinations.</summary>
    Scan,

    /// <summary>It ended in order.</summary>
    Closed,

    /// <summary>A reset ended it.</summary>
    Reset,

    /// <summary>Nothing was seen of it for too long.</summary>
    TimedOut,

    /// <summary>An ICMP error ended it.</summary>
    Unreachable,

    /// <summary>Another connection took its sockets.</summary>
    Replaced,

    /// <summary>It was given up to make room.</summary>
    GivenUp,

    /// <summary>What was read came to its end before the stream did.</summary>
    EndOfInput,
}

/// <summary>Something that happened on a stream, to be kept. The stream in it goes on changing while it is followed.</summary>
public sealed record TcpStreamEvent
{
    /// <summary>What happened.</summary>
    public required TcpStreamEventKind Kind { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The stream; null for what belongs to none.</summary>
    public TcpStream? Stream { get; init; }

    /// <summary>Which way, where that has a meaning.</summary>
    public StreamDirection? Direction { get; init; }

    /// <summary>Who sent.</summary>
    public StreamEndpoint Source { get; init; }

    /// <summary>Who was to receive.</summary>
    public StreamEndpoint Destination { get; init; }

    /// <summary>Where the data or the gap starts, in bytes from the start of the direction.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes of data, or bytes missing.</summary>
    public long Length { get; init; }

    /// <summary>The data; empty where there is none or it is not kept.</summary>
    public byte[] Data { get; init; } = [];

    /// <summary>What is missing; null unless something is.</summary>
    public StreamGap? Gap { get; init; }

    /// <summary>What is strange; null unless something is.</summary>
    public StreamAnomaly? Anomaly { get; init; }

    /// <summary>The data as UTF-8, or what is missing or strange in words.</summary>
    public string Text => Anomaly?.Message ?? Gap?.ToString() ?? Encoding.UTF8.GetString(Data);

    /// <summary>kind source -> destination, and the length of data.</summary>
    public override string ToString() => Kind is TcpStreamEventKind.Data or TcpStreamEventKind.Gap
        ? $"{Kind} {Source} -> {Destination} {Length} bytes"
        : Anomaly is not null ? $"{Kind} {Anomaly}" : $"{Kind} {Source} -> {Destination}";
}

/// <summary>Makes a <see cref="TcpStreamEvent"/> of all that happens.</summary>
/// <param name="happened">Takes events.</param>
/// <param name="keepData">Whether events of data have the bytes.</param>
/// <param name="includeUnopened">Whether the end of what never opened is told too.</param>
public sealed class TcpStreamEvents(Action<TcpStreamEvent> happened, bool keepData = true, bool includeUnopened = false) : TcpStreamObserver
{
    /// <inheritdoc/>
    public override void Opened(TcpStream stream) => Tell(stream, TcpStreamEventKind.Opened);

    /// <inheritdoc/>
    public override void Data(TcpStream stream, in StreamData data) => Tell(stream, TcpStreamEventKind.Data, data);

    /// <inheritdoc/>
    public override void Urgent(TcpStream stream, in StreamData data) => Tell(stream, TcpStreamEventKind.Urgent, data);

    /// <inheritdoc/>
    public override void Gap(TcpStream stream, StreamGap gap)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gap);
        TcpStreamSide side = stream.Side(gap.Direction);
        happened(new TcpStreamEvent
        {
            Kind = TcpStreamEventKind.Gap,
            Time = gap.Time,
            Stream = stream,
            Direction = gap.Direction,
            Source = side.Endpoint,
            Destination = stream.PeerOf(side).Endpoint,
            Offset = gap.Offset,
            Length = gap.Length,
            Gap = gap,
        });
    }

    /// <inheritdoc/>
    public override void Finished(TcpStream stream, StreamDirection direction)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Tell(stream, TcpStreamEventKind.Finished, direction);
    }

    /// <inheritdoc/>
    public override void Ended(TcpStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (stream.WasOpened || includeUnopened)
        {
            Tell(stream, KindOf(stream.State));
        }
    }

    /// <inheritdoc/>
    public override void Anomaly(StreamAnomaly anomaly)
    {
        ArgumentNullException.ThrowIfNull(anomaly);
        happened(new TcpStreamEvent
        {
            Kind = anomaly.Kind == StreamAnomalyKind.Scan ? TcpStreamEventKind.Scan : TcpStreamEventKind.Warning,
            Time = anomaly.Time,
            Stream = anomaly.Stream,
            Direction = anomaly.Stream is null ? null
                : anomaly.Source == anomaly.Stream.Client ? StreamDirection.FromClient : StreamDirection.FromServer,
            Source = anomaly.Source,
            Destination = anomaly.Destination,
            Offset = anomaly.Offset ?? 0,
            Anomaly = anomaly,
        });
    }

    private static TcpStreamEventKind KindOf(TcpStreamState state) => state switch
    {
        TcpStreamState.Reset => TcpStreamEventKind.Reset,
        TcpStreamState.TimedOut => TcpStreamEventKind.TimedOut,
        TcpStreamState.Unreachable => TcpStreamEventKind.Unreachable,
        TcpStreamState.Replaced => TcpStreamEventKind.Replaced,
        TcpStreamState.GivenUp => TcpStreamEventKind.GivenUp,
        TcpStreamState.EndOfInput => TcpStreamEventKind.EndOfInput,
        _ => TcpStreamEventKind.Closed,
    };

    private void Tell(TcpStream stream, TcpStreamEventKind kind, StreamDirection? direction = null)
    {
        TcpStreamSide side = stream.Side(direction ?? StreamDirection.FromClient);
        happened(new TcpStreamEvent
        {
            Kind = kind,
            Time = stream.EndTime,
            Stream = stream,
            Direction = direction,
            Source = side.Endpoint,
            Destination = stream.PeerOf(side).Endpoint,
        });
    }

    private void Tell(TcpStream stream, TcpStreamEventKind kind, in StreamData data)
    {
        TcpStreamSide side = stream.Side(data.Direction);
        happened(new TcpStreamEvent
        {
            Kind = kind,
            Time = StreamTime.ToDateTimeOffset(data.Time),
            Stream = stream,
            Direction = data.Direction,
            Source = side.Endpoint,
            Destination = stream.PeerOf(side).Endpoint,
            Offset = data.Offset,
            Length = data.Bytes.Length,
            Data = keepData ? data.Bytes.ToArray() : [],
        });
    }
}
