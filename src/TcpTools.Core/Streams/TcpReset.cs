using System;
using System.Collections.Generic;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>
/// Resets that end somebody else's connection: to each side in the name of the other one with the number that is expected,
/// and one half a window further on, in case data is on its way (RFC 9293, 3.10.7.4; RFC 5961, 3 wants the exact number).
/// </summary>
public sealed record TcpReset
{
    /// <summary>One side.</summary>
    public required StreamEndpoint First { get; init; }

    /// <summary>The other side.</summary>
    public required StreamEndpoint Second { get; init; }

    /// <summary>The number that the second side expects next of the first; null when nothing is known of it.</summary>
    public SequenceNumber? FirstNumber { get; init; }

    /// <summary>The number that the first side expects next of the second; null when nothing is known of it.</summary>
    public SequenceNumber? SecondNumber { get; init; }

    /// <summary>The window in bytes that the first side announced.</summary>
    public long FirstWindow { get; init; }

    /// <summary>The window in bytes that the second side announced.</summary>
    public long SecondWindow { get; init; }

    /// <summary>The resets for a stream, from what is known of it now.</summary>
    public static TcpReset Of(TcpStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new TcpReset
        {
            First = stream.Client,
            Second = stream.Server,
            FirstNumber = stream.ClientSide.IsSynced ? stream.ClientSide.NextSequence : null,
            SecondNumber = stream.ServerSide.IsSynced ? stream.ServerSide.NextSequence : null,
            FirstWindow = stream.ClientSide.Window,
            SecondWindow = stream.ServerSide.Window,
        };
    }

    /// <summary>The resets for the connection of which a segment was seen just now; null when it is no segment that tells.</summary>
    public static TcpReset? Of(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (packet.IP is not { } ip || packet.Tcp is not { } tcp || (tcp.Flags & TcpFlags.Rst) != 0)
        {
            return null;
        }

        return new TcpReset
        {
            First = new StreamEndpoint(ip.Source, tcp.SourcePort),
            Second = new StreamEndpoint(ip.Destination, tcp.DestinationPort),
            FirstNumber = new SequenceNumber(tcp.NextSequence),
            SecondNumber = (tcp.Flags & TcpFlags.Ack) != 0 ? new SequenceNumber(tcp.Acknowledgment) : null,
            FirstWindow = tcp.Window,
            SecondWindow = tcp.Window,
        };
    }

    /// <summary>The packets: two to each side whose expected number is known.</summary>
    public IReadOnlyList<Packet> ToPackets()
    {
        List<Packet> packets = [];
        Add(packets, First, Second, FirstNumber, SecondNumber, SecondWindow);
        Add(packets, Second, First, SecondNumber, FirstNumber, FirstWindow);
        return packets;
    }

    /// <summary>Both sides.</summary>
    public override string ToString() => $"{First} <-> {Second}";

    private static void Add(
        List<Packet> packets, StreamEndpoint from, StreamEndpoint to, SequenceNumber? number, SequenceNumber? ack, long window)
    {
        if (number is not { } expected)
        {
            return;
        }

        packets.Add(Make(from, to, expected, ack));
        packets.Add(Make(from, to, expected + (uint)(Math.Clamp(window, 2, 1L << 30) / 2), ack));
    }

    private static Packet Make(StreamEndpoint from, StreamEndpoint to, SequenceNumber number, SequenceNumber? ack)
    {
        IPLayer ip = from.Address.IsIPv6
            ? new IPv6Layer { Source = from.Address, Destination = to.Address }
            : new IPv4Layer { Source = from.Address, Destination = to.Address };
        return new Packet(ip, new TcpLayer
        {
            SourcePort = from.Port,
            DestinationPort = to.Port,
            Sequence = number.Value,
            Acknowledgment = ack?.Value ?? 0,
            Flags = ack is null ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack,
            Window = 0,
        });
    }
}
