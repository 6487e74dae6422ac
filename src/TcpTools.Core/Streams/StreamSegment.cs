using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>A TCP segment on its way into a stream.</summary>
internal readonly ref struct StreamSegment
{
    public required StreamEndpoint Source { get; init; }

    public required StreamEndpoint Destination { get; init; }

    public required TcpFlags Flags { get; init; }

    public required SequenceNumber Sequence { get; init; }

    public required SequenceNumber Acknowledgment { get; init; }

    public required ushort Window { get; init; }

    public ushort UrgentPointer { get; init; }

    public ReadOnlySpan<byte> Options { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Bytes of data that a capture did not keep.</summary>
    public int Missing { get; init; }

    public Instant Time { get; init; }

    public bool HasSyn => (Flags & TcpFlags.Syn) != 0;

    public bool HasAck => (Flags & TcpFlags.Ack) != 0;

    public bool HasFin => (Flags & TcpFlags.Fin) != 0;

    public bool HasReset => (Flags & TcpFlags.Rst) != 0;

    public static StreamSegment From(
        TcpView view, NetworkAddress source, NetworkAddress destination, int missing, Instant time) => new()
        {
            Source = new StreamEndpoint(source, view.SourcePort),
            Destination = new StreamEndpoint(destination, view.DestinationPort),
            Flags = view.Flags,
            Sequence = view.Sequence,
            Acknowledgment = view.Acknowledgment,
            Window = view.Window,
            UrgentPointer = view.UrgentPointer,
            Options = view.Options,
            Payload = view.Payload,
            Missing = missing,
            Time = time,
        };

    /// <summary>The sender's timestamp, if it sends one (RFC 7323, 3.2).</summary>
    public bool TryReadTimestamp(out uint value)
    {
        // Nearly all segments that have one have it so: two NOPs and the option (RFC 7323, appendix A).
        if (Options.Length >= 12 && WireField.Read32(Options, 0) == 0x0101080A)
        {
            value = WireField.Read32(Options, 4);
            return true;
        }

        TcpOptionReader options = new(Options);
        while (options.MoveNext())
        {
            if (options.TryReadTimestamps(out value, out _))
            {
                return true;
            }
        }

        value = 0;
        return false;
    }

    /// <summary>The shift that a SYN announces; negative without (RFC 7323, 2.2: more than 14 counts as 14).</summary>
    public int ReadWindowShift()
    {
        TcpOptionReader options = new(Options);
        while (options.MoveNext())
        {
            if (options.TryReadWindowScale(out byte shift))
            {
                return Math.Min(shift, (byte)14);
            }
        }

        return -1;
    }
}
