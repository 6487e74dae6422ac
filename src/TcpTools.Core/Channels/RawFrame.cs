using System;
using System.Runtime.InteropServices;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>One frame as it came from a channel.</summary>
public sealed record RawFrame
{
    /// <summary>When it came, on the channel's clock.</summary>
    public Instant Time { get; init; }

    /// <summary>When it came, by the clock on the wall, as finely as the channel knows it.</summary>
    public CaptureTime Timestamp { get; init; }

    /// <summary>What it starts with.</summary>
    public PacketStart Start { get; init; }

    /// <summary>The frame; less of it than there was where <see cref="WireLength"/> is more.</summary>
    public ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>How many bytes it had on the wire.</summary>
    public int WireLength { get; init; }

    /// <summary>Where it was seen: the name of an interface or a link.</summary>
    public string Interface { get; init; } = "";

    /// <summary>Which way it went, seen from the host or the stack.</summary>
    public FrameDirection Direction { get; init; }

    /// <summary>The frame as a packet, with all that is known of it.</summary>
    public Packet ToPacket()
    {
        bool isWhole = MemoryMarshal.TryGetArray(Bytes, out ArraySegment<byte> piece) && piece.Count == piece.Array!.Length;
        Packet packet = Packet.FromFrame(isWhole ? piece.Array! : Bytes.ToArray(), Start);
        packet.TimestampNanoseconds = Timestamp.Nanoseconds;
        packet.WireLength = WireLength;
        packet.Interface = Interface;
        packet.Direction = Direction;
        return packet;
    }
}
