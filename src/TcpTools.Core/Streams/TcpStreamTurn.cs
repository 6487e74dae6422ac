using System;
using System.Text;
using TcpTools.Buffers;

namespace TcpTools.Streams;

/// <summary>What one side of a stream said before the other did, or before a gap.</summary>
public sealed class TcpStreamTurn
{
    private readonly StreamBytes _bytes;
    private readonly long _index;

    internal TcpStreamTurn(TcpStream stream, StreamDirection direction, long offset, Instant time, StreamBytes bytes)
    {
        Stream = stream;
        Direction = direction;
        Offset = offset;
        StartTime = StreamTime.ToDateTimeOffset(time);
        EndTime = StartTime;
        _bytes = bytes;
        _index = bytes.Length;
    }

    /// <summary>The stream.</summary>
    public TcpStream Stream { get; }

    /// <summary>Who spoke.</summary>
    public StreamDirection Direction { get; }

    /// <summary>Who spoke.</summary>
    public StreamEndpoint Source => Stream.Side(Direction).Endpoint;

    /// <summary>Where it starts, in bytes from the start of the direction.</summary>
    public long Offset { get; }

    /// <summary>How many bytes it has.</summary>
    public int Length { get; private set; }

    /// <summary>When its first byte was seen.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>When its last byte was seen.</summary>
    public DateTimeOffset EndTime { get; private set; }

    /// <summary>The bytes; a copy.</summary>
    public byte[] Data => _bytes.Copy(_index, Length);

    /// <summary>The bytes as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Data);

    internal void Extend(int length, Instant time)
    {
        Length += length;
        EndTime = StreamTime.ToDateTimeOffset(time);
    }

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
