using System;
using System.Text;

namespace TcpTools.Streams;

/// <summary>A line of text that one side of a stream sent.</summary>
public sealed record TcpStreamLine
{
    /// <summary>The stream.</summary>
    public required TcpStream Stream { get; init; }

    /// <summary>Who sent it.</summary>
    public required StreamDirection Direction { get; init; }

    /// <summary>When its last byte was seen.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who sent it.</summary>
    public StreamEndpoint Source => Stream.Side(Direction).Endpoint;

    /// <summary>The line without its end.</summary>
    public required string Text { get; init; }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}

/// <summary>Cuts both directions of streams into lines, ended by LF or CR LF, or by the end or a gap.</summary>
/// <param name="found">Takes lines as they end.</param>
/// <param name="encoding">How bytes become text; null for UTF-8.</param>
/// <param name="strange">Takes what is strange; null for nobody.</param>
public sealed class TcpStreamLines(
    Action<TcpStreamLine> found, Encoding? encoding = null, Action<StreamAnomaly>? strange = null) : TcpStreamObserver
{
    /// <summary>Bytes of a line at most; a longer one is cut into several.</summary>
    public const int MaximumLine = 64 * 1024;

    private readonly Encoding _encoding = encoding ?? Encoding.UTF8;

    /// <inheritdoc/>
    public override void Data(TcpStream stream, in StreamData data)
    {
        ArgumentNullException.ThrowIfNull(stream);
        StreamBuffer buffer = BufferOf(stream, data.Direction);
        ReadOnlySpan<byte> rest = data.Bytes;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)'\n');
            int count = Math.Min(end < 0 ? rest.Length : end + 1, MaximumLine - buffer.Data.Length);
            buffer.Append(rest[..count]);
            rest = rest[count..];
            bool isLine = buffer.Data[^1] == '\n';
            if (isLine || buffer.Data.Length == MaximumLine)
            {
                Tell(stream, data.Direction, buffer, data.Time);
            }

            // What is told is let go; what is not waits.
            buffer.Discard(isLine || buffer.Data.Length == MaximumLine ? buffer.Data.Length : 0);
        }
    }

    /// <inheritdoc/>
    public override void Gap(TcpStream stream, StreamGap gap)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gap);
        Flush(stream, gap.Direction, StreamTime.From(gap.Time));
    }

    /// <inheritdoc/>
    public override void Ended(TcpStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Flush(stream, StreamDirection.FromClient, stream.LastSeen);
        Flush(stream, StreamDirection.FromServer, stream.LastSeen);
        stream.Tag = null;
    }

    /// <inheritdoc/>
    public override void Anomaly(StreamAnomaly anomaly) => strange?.Invoke(anomaly);

    private static StreamBuffer BufferOf(TcpStream stream, StreamDirection direction)
    {
        if (stream.Tag is not StreamBuffer[] buffers)
        {
            buffers = [new StreamBuffer(MaximumLine), new StreamBuffer(MaximumLine)];
            buffers[0].Discard(0);
            buffers[1].Discard(0);
            stream.Tag = buffers;
        }

        return buffers[(int)direction];
    }

    private void Flush(TcpStream stream, StreamDirection direction, Instant time)
    {
        StreamBuffer buffer = BufferOf(stream, direction);
        if (!buffer.Data.IsEmpty)
        {
            Tell(stream, direction, buffer, time);
            buffer.Discard(buffer.Data.Length);
        }
    }

    private void Tell(TcpStream stream, StreamDirection direction, StreamBuffer buffer, Instant time)
    {
        ReadOnlySpan<byte> line = buffer.Data;
        line = line[^1] == '\n' ? line[..^1] : line;
        line = !line.IsEmpty && line[^1] == '\r' ? line[..^1] : line;
        found(new TcpStreamLine
        {
            Stream = stream,
            Direction = direction,
            Time = StreamTime.ToDateTimeOffset(time),
            Text = _encoding.GetString(line),
        });
    }
}
