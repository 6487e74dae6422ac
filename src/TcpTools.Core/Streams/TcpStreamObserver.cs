using System;

namespace TcpTools.Streams;

/// <summary>Data of a stream in its order, valid until the call that brings it returns.</summary>
public readonly ref struct StreamData
{
    /// <summary>Which way it goes.</summary>
    public StreamDirection Direction { get; init; }

    /// <summary>Where it starts, in bytes from the start of its direction. Gaps and urgent bytes count.</summary>
    public long Offset { get; init; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>When the segment was seen that brought them, or that filled the gap before them.</summary>
    public Instant Time { get; init; }
}

/// <summary>
/// Is told what happens on the streams that a <see cref="TcpStreamAssembler"/> follows. Calls come while a frame is being
/// processed and must not call the assembler.
/// </summary>
public abstract class TcpStreamObserver
{
    /// <summary>A connection is established, or was picked up in its middle.</summary>
    public virtual void Opened(TcpStream stream)
    {
    }

    /// <summary>Data came and is in order.</summary>
    public virtual void Data(TcpStream stream, in StreamData data)
    {
    }

    /// <summary>An urgent byte came that is not part of the stream (<see cref="UrgentHandling.Apart"/>).</summary>
    public virtual void Urgent(TcpStream stream, in StreamData data)
    {
    }

    /// <summary>Bytes are missing and will not come any more; data goes on behind them.</summary>
    public virtual void Gap(TcpStream stream, StreamGap gap)
    {
    }

    /// <summary>One side has sent all that it had to send, and all of it was told.</summary>
    public virtual void Finished(TcpStream stream, StreamDirection direction)
    {
    }

    /// <summary>The stream ended; <see cref="TcpStream.State"/> says how.</summary>
    public virtual void Ended(TcpStream stream)
    {
    }

    /// <summary>Something strange was seen.</summary>
    public virtual void Anomaly(StreamAnomaly anomaly)
    {
    }
}
