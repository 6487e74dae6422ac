using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>One side of a followed stream: what it sent, and how far that has been put in order.</summary>
public sealed class TcpStreamSide : ILinked<TcpStreamSide>
{
    /// <summary>The limit of what may be sent when no window is known.</summary>
    internal const long NoEdge = long.MaxValue;

    internal TcpStreamSide(TcpStream stream, StreamDirection direction, StreamEndpoint endpoint, QueueBudget budget)
    {
        Stream = stream;
        Direction = direction;
        Endpoint = endpoint;
        Queue = new SegmentQueue(budget);
    }

    /// <summary>Which way its data goes.</summary>
    public StreamDirection Direction { get; }

    /// <summary>Its address and port.</summary>
    public StreamEndpoint Endpoint { get; }

    /// <summary>Segments seen of it.</summary>
    public long Segments { get; internal set; }

    /// <summary>Bytes of data told in order; urgent bytes told apart and gaps do not count.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Bytes that were never seen.</summary>
    public long GapBytes { get; internal set; }

    /// <summary>Segments with data that brought nothing new.</summary>
    public long Retransmissions { get; internal set; }

    /// <summary>Segments with data that came before something that should have come first.</summary>
    public long OutOfOrder { get; internal set; }

    /// <summary>Keep-alive probes: segments that repeat the last number (RFC 9293, 3.8.4).</summary>
    public long KeepAlives { get; internal set; }

    /// <summary>Segments that announced a window of 0.</summary>
    public long ZeroWindows { get; internal set; }

    /// <summary>Urgent bytes told apart.</summary>
    public long UrgentBytes { get; internal set; }

    /// <summary>Bytes waiting for a gap to be filled.</summary>
    public long QueuedBytes => Queue.Bytes;

    /// <summary>Whether it has announced that no more data comes.</summary>
    public bool HasFin => FinOffset >= 0;

    /// <summary>Whether all that it sent has been told.</summary>
    public bool IsFinished { get; internal set; }

    /// <summary>The number of the next byte expected from it; meaningless before one of its numbers is known.</summary>
    public SequenceNumber NextSequence => Base + (uint)NextOffset + (IsFinished ? 1u : 0u);

    /// <summary>The window in bytes that it announced last, scaled where the scale is known.</summary>
    public long Window { get; internal set; }

    TcpStreamSide? ILinked<TcpStreamSide>.Older { get; set; }

    TcpStreamSide? ILinked<TcpStreamSide>.Newer { get; set; }

    LinkedChain<TcpStreamSide>? ILinked<TcpStreamSide>.Chain { get; set; }

    internal TcpStream Stream { get; }

    internal SegmentQueue Queue { get; }

    /// <summary>Whether one of its sequence numbers is known.</summary>
    internal bool IsSynced { get; private set; }

    /// <summary>Whether its SYN was seen.</summary>
    internal bool HasSyn { get; set; }

    /// <summary>The number of the byte at offset 0: the first after the SYN.</summary>
    internal SequenceNumber Base { get; private set; }

    /// <summary>Where the next byte in order belongs.</summary>
    internal long NextOffset { get; set; }

    /// <summary>The end of what has been seen, whether in order or not.</summary>
    internal long HighestOffset { get; set; }

    /// <summary>Up to where its peer has acknowledged.</summary>
    internal long AckedOffset { get; set; }

    /// <summary>Up to where its peer's window lets it send.</summary>
    internal long RightEdge { get; set; } = NoEdge;

    /// <summary>Where its FIN stands; negative without.</summary>
    internal long FinOffset { get; set; } = -1;

    /// <summary>Where the byte stands that is urgent; negative without.</summary>
    internal long UrgentOffset { get; set; } = -1;

    /// <summary>The shift of windows that it announces; negative when unknown.</summary>
    internal int WindowShift { get; set; } = -1;

    internal bool HasTimestamp { get; set; }

    internal uint RecentTimestamp { get; set; }

    internal Instant RecentTimestampTime { get; set; }

    /// <summary>From when on bytes that the peer acknowledged and nobody saw count as lost; never when none are.</summary>
    internal Instant LossTime { get; set; } = Instant.Never;

    /// <summary>Its newest entry in the log of delivered bytes.</summary>
    internal long LogEntry = DeliveredLog.None;

    /// <summary>Begins with the number of the first byte.</summary>
    internal void StartAt(SequenceNumber firstByte)
    {
        IsSynced = true;
        Base = firstByte;
    }

    /// <summary>Where a number stands. Right for numbers less than 2^31 from the next one.</summary>
    internal long OffsetOf(SequenceNumber number) => NextOffset + (number - (Base + (uint)NextOffset));

    /// <summary>Endpoint and counts.</summary>
    public override string ToString() => $"{Endpoint}: {Bytes} bytes in {Segments} segments";
}
