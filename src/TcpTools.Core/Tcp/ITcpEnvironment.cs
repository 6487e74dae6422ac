using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// What a connection needs of the world around it: a way out for segments, one timer, and somebody to tell. The stack
/// implements it; so does a test with a list. All calls come from within a call into the connection, under its stack's
/// lock, and must not call back into the connection, except to read it and, while a SYN is sent, to give it another number.
/// </summary>
public interface ITcpEnvironment
{
    /// <summary>Sends a segment now. Spans in it are valid during the call only.</summary>
    void Transmit(TcpConnection connection, in OutgoingSegment segment);

    /// <summary>
    /// Replaces the time at which <see cref="TcpConnection.OnTimer"/> is to be called; <see cref="Instant.Never"/> for not at all.
    /// </summary>
    void ScheduleTimer(TcpConnection connection, Instant deadline);

    /// <summary>
    /// The largest IP packet, in bytes with its header, that is known to reach the peer unfragmented (RFC 1191). Without
    /// such knowledge, what the link carries, or any larger value.
    /// </summary>
    int GetPathMtu(TcpConnection connection, Instant now) => int.MaxValue;

    /// <summary>The connection has moved from one state to another.</summary>
    void OnStateChanged(TcpConnection connection, TcpState from, TcpState to);

    /// <summary>There is more to read: data, an urgent mark, or the end of the peer's data.</summary>
    void OnReadable(TcpConnection connection);

    /// <summary>There is room again in a send buffer that was full, or everything sent has been acknowledged.</summary>
    void OnWritable(TcpConnection connection);

    /// <summary>
    /// The connection is gone (its control block is deleted): it will send nothing more. Buffered received data stays readable.
    /// </summary>
    void OnClosed(TcpConnection connection, TcpCloseReason reason);
}

/// <summary>A segment that a connection sends: its header's fields and where its payload lies.</summary>
public readonly ref struct OutgoingSegment
{
    /// <summary>SEG.SEQ.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>SEG.ACK; significant when <see cref="Flags"/> has <see cref="TcpFlags.Ack"/>.</summary>
    public SequenceNumber Acknowledgment { get; init; }

    /// <summary>The control bits.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>The window field as it goes into the header, already scaled.</summary>
    public ushort Window { get; init; }

    /// <summary>The urgent pointer field.</summary>
    public ushort UrgentPointer { get; init; }

    /// <summary>The encoded options, a multiple of 4 bytes, at most 40.</summary>
    public ReadOnlySpan<byte> Options { get; init; }

    /// <summary>The payload, or its first part where it lies in two places.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The payload's second part; empty where it lies in one place.</summary>
    public ReadOnlySpan<byte> PayloadRest { get; init; }

    /// <summary>
    /// Payload bytes of each packet when the payload is larger than one packet may be and is to be split below; else 0.
    /// </summary>
    public int SegmentSize { get; init; }

    /// <summary>Bytes of payload in all.</summary>
    public int PayloadLength => Payload.Length + PayloadRest.Length;
}

/// <summary>A segment that has arrived, its checksum verified: header fields, raw options and payload.</summary>
public readonly ref struct ArrivedSegment
{
    /// <summary>SEG.SEQ.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>SEG.ACK.</summary>
    public SequenceNumber Acknowledgment { get; init; }

    /// <summary>The control bits.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>SEG.WND as it stands in the header, unscaled.</summary>
    public ushort Window { get; init; }

    /// <summary>SEG.UP.</summary>
    public ushort UrgentPointer { get; init; }

    /// <summary>The option bytes of the header.</summary>
    public ReadOnlySpan<byte> Options { get; init; }

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>How many packets of the sender's this is, when the link joined them or did not split them; at least 1.</summary>
    public int PacketCount { get; init; }

    /// <summary>SEG.LEN: bytes of data, SYN and FIN counted (RFC 9293, 3.4).</summary>
    public int Length => Payload.Length + (Has(TcpFlags.Syn) ? 1 : 0) + (Has(TcpFlags.Fin) ? 1 : 0);

    /// <summary>Whether any of these control bits is set.</summary>
    public bool Has(TcpFlags flags) => (Flags & flags) != 0;
}
