using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>
/// A TCP connection as an onlooker sees it. It changes while a <see cref="TcpStreamAssembler"/> follows it, and no more
/// after its end. What a <see cref="TcpStreamRecorder"/> kept of it is in <see cref="Recording"/>.
/// </summary>
public sealed class TcpStream : ILinked<TcpStream>
{
    internal TcpStream(long number, StreamEndpoint client, StreamEndpoint server, QueueBudget budget)
    {
        Number = number;
        ClientSide = new TcpStreamSide(this, StreamDirection.FromClient, client, budget);
        ServerSide = new TcpStreamSide(this, StreamDirection.FromServer, server, budget);
        Key = StreamKey.Of(client, server, out bool isSwapped);
        ClientIsFirst = !isSwapped;
    }

    /// <summary>Which stream it is, counted from 1.</summary>
    public long Number { get; }

    /// <summary>The side that opened the connection; of one that was picked up in its middle, the side with the higher port.</summary>
    public StreamEndpoint Client => ClientSide.Endpoint;

    /// <summary>The side that accepted it.</summary>
    public StreamEndpoint Server => ServerSide.Endpoint;

    /// <summary>Where in its life it is, and in the end how it ended.</summary>
    public TcpStreamState State { get; internal set; }

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => State > TcpStreamState.Closing;

    /// <summary>Whether its start was not seen.</summary>
    public bool IsMidstream { get; internal set; }

    /// <summary>Whether both sides sent a SYN before they got one (RFC 9293, 3.5).</summary>
    public bool IsSimultaneousOpen { get; internal set; }

    /// <summary>Whether the handshake was completed, or skipped by being picked up in the middle.</summary>
    public bool WasOpened { get; internal set; }

    /// <summary>When its first segment was seen.</summary>
    public DateTimeOffset StartTime => StreamTime.ToDateTimeOffset(FirstSeen);

    /// <summary>When its last segment was seen.</summary>
    public DateTimeOffset EndTime => StreamTime.ToDateTimeOffset(LastSeen);

    /// <summary>From the first segment to the last.</summary>
    public TimeSpan Duration => LastSeen - FirstSeen;

    /// <summary>What the client sent.</summary>
    public TcpStreamSide ClientSide { get; }

    /// <summary>What the server sent.</summary>
    public TcpStreamSide ServerSide { get; }

    /// <summary>Strange things seen on it, told or not.</summary>
    public int AnomalyCount { get; internal set; }

    /// <summary>What was kept of it; null where nobody keeps anything.</summary>
    public TcpStreamRecording? Recording { get; internal set; }

    /// <summary>Data that the client sent, in order and without what is missing. Empty where nothing is kept.</summary>
    public byte[] ClientData => Recording?.Data(StreamDirection.FromClient) ?? [];

    /// <summary>Data that the server sent, in order and without what is missing. Empty where nothing is kept.</summary>
    public byte[] ServerData => Recording?.Data(StreamDirection.FromServer) ?? [];

    /// <summary>Who said what, in order.</summary>
    public IReadOnlyList<TcpStreamTurn> Turns => Recording?.Turns ?? [];

    /// <summary>What is missing.</summary>
    public IReadOnlyList<StreamGap> Gaps => Recording?.Gaps ?? [];

    /// <summary>What was strange.</summary>
    public IReadOnlyList<StreamAnomaly> Warnings => Recording?.Warnings ?? [];

    /// <summary>Anything that an observer wants to find again with the stream.</summary>
    public object? Tag { get; set; }

    TcpStream? ILinked<TcpStream>.Older { get; set; }

    TcpStream? ILinked<TcpStream>.Newer { get; set; }

    LinkedChain<TcpStream>? ILinked<TcpStream>.Chain { get; set; }

    internal StreamKey Key { get; }

    /// <summary>Whether the client is the first endpoint of the key.</summary>
    internal bool ClientIsFirst { get; }

    internal Instant FirstSeen { get; set; }

    internal Instant LastSeen { get; set; }

    /// <summary>When it was put into its chain: never later than <see cref="LastSeen"/>.</summary>
    internal Instant ChainTime { get; set; }

    /// <summary>A SYN for the same sockets that may be the start of a new connection.</summary>
    internal SynRecord? Candidate { get; set; }

    /// <summary>Whether a reset came that may have ended it.</summary>
    internal bool IsResetPending { get; set; }

    /// <summary>Bytes that came with the client's SYN and wait for the server to take them (RFC 7413).</summary>
    internal int SynDataLength { get; set; }

    /// <summary>The side that sends in a direction.</summary>
    public TcpStreamSide Side(StreamDirection direction) => direction == StreamDirection.FromClient ? ClientSide : ServerSide;

    internal TcpStreamSide PeerOf(TcpStreamSide side) => side == ClientSide ? ServerSide : ClientSide;

    /// <summary>client -> server state.</summary>
    public override string ToString() => $"{Client} -> {Server} {State}";
}

/// <summary>What a SYN says of its sender.</summary>
internal sealed class SynRecord
{
    public required StreamDirection Direction { get; init; }

    public required SequenceNumber Number { get; init; }

    public required Instant Time { get; init; }

    public int WindowShift { get; init; }

    public ushort Window { get; init; }

    public uint? Timestamp { get; init; }
}

/// <summary>The two ends of a stream, in an order that does not depend on who sends.</summary>
internal readonly record struct StreamKey(StreamEndpoint First, StreamEndpoint Second)
{
    public static StreamKey Of(StreamEndpoint source, StreamEndpoint destination, out bool isSwapped)
    {
        isSwapped = source.Port != destination.Port
            ? source.Port > destination.Port
            : Compare(source.Address, destination.Address) > 0;
        return isSwapped ? new StreamKey(destination, source) : new StreamKey(source, destination);
    }

    // Seeded by the runtime, so that an outsider cannot aim at one chain of the dictionary.
    public override int GetHashCode() =>
        HashCode.Combine(First.Address, Second.Address, ((uint)First.Port << 16) | Second.Port);

    private static int Compare(NetworkAddress a, NetworkAddress b)
    {
        Span<byte> first = stackalloc byte[16];
        Span<byte> second = stackalloc byte[16];
        first.Clear();
        second.Clear();
        a.TryWriteBytes(first);
        b.TryWriteBytes(second);
        return first.SequenceCompareTo(second);
    }
}
