using System;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>One frame on its way into a capture or out of one. Its bytes are valid until the call that gave it returns, or the next one.</summary>
public readonly ref struct CapturedFrame
{
    /// <summary>When it was seen; the epoch itself where a capture does not say (simple packet blocks).</summary>
    public CaptureTime Timestamp { get; init; }

    /// <summary>The bytes that were kept of it.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>Its length on the wire, which is more than <see cref="Bytes"/> has when the capture cut it. 0: the same.</summary>
    public int WireLength { get; init; }

    /// <summary>Where it was seen.</summary>
    public required CaptureInterface Interface { get; init; }

    /// <summary>Which way it went.</summary>
    public FrameDirection Direction { get; init; }

    /// <summary>Frames lost between this one and the one before; null when the capture does not say.</summary>
    public long? LostBefore { get; init; }

    /// <summary>A person's remark about it; several are on lines of their own. Null when there is none.</summary>
    public string? Comment { get; init; }

    /// <summary>
    /// The frame as a packet, with a copy of its bytes and all that is known beside them. It is taken apart only when
    /// somebody looks into it.
    /// </summary>
    /// <param name="number">The frame's place in its capture, from 1 on; null when nobody counts.</param>
    public Packet Parse(long? number = null) => Describe(
        Packet.FromFrame(Bytes.ToArray(), Interface.LinkType.ToPacketStart()), number);

    /// <summary>A copy that may be kept.</summary>
    public CapturedPacket ToPacket() => new()
    {
        Timestamp = Timestamp,
        Bytes = Bytes.ToArray(),
        WireLength = Math.Max(WireLength, Bytes.Length),
        Interface = Interface,
        Direction = Direction,
        LostBefore = LostBefore,
        Comment = Comment,
    };

    private Packet Describe(Packet packet, long? number)
    {
        packet.TimestampNanoseconds = Timestamp.Nanoseconds;
        packet.Interface = Interface.Name;
        packet.Direction = Direction;
        packet.Comment = Comment;
        packet.Number = number;
        packet.LinkType = packet.Start == PacketStart.Unknown ? (int)Interface.LinkType : null;
        if (WireLength > Bytes.Length)
        {
            packet.WireLength = WireLength;
        }

        return packet;
    }
}

/// <summary>A captured frame with bytes of its own.</summary>
public sealed record CapturedPacket
{
    /// <inheritdoc cref="CapturedFrame.Timestamp"/>
    public CaptureTime Timestamp { get; init; }

    /// <inheritdoc cref="CapturedFrame.Bytes"/>
    public required byte[] Bytes { get; init; }

    /// <summary>Its length on the wire, which is more than <see cref="Bytes"/> has when the capture cut it.</summary>
    public int WireLength { get; init; }

    /// <inheritdoc cref="CapturedFrame.Interface"/>
    public required CaptureInterface Interface { get; init; }

    /// <inheritdoc cref="CapturedFrame.Direction"/>
    public FrameDirection Direction { get; init; }

    /// <inheritdoc cref="CapturedFrame.LostBefore"/>
    public long? LostBefore { get; init; }

    /// <inheritdoc cref="CapturedFrame.Comment"/>
    public string? Comment { get; init; }

    /// <summary>The same frame in the form that sinks and writers take.</summary>
    public CapturedFrame ToFrame() => new()
    {
        Timestamp = Timestamp,
        Bytes = Bytes,
        WireLength = WireLength,
        Interface = Interface,
        Direction = Direction,
        LostBefore = LostBefore,
        Comment = Comment,
    };
}
