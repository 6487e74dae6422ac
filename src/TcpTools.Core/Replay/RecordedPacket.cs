using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>A packet of a record: from its IP header to the frame's end, padding included.</summary>
internal sealed class RecordedPacket(byte[] bytes, long number, long nanoseconds, bool isIncoming)
{
    public byte[] Bytes { get; } = bytes;

    public long Number { get; } = number;

    public long Nanoseconds { get; } = nanoseconds;

    /// <summary>Whether it goes to the stack.</summary>
    public bool IsIncoming { get; } = isIncoming;

    /// <summary>When it was delivered; null while it was not.</summary>
    public Instant? Delivered { get; set; }

    /// <summary>The sequence numbers that it takes up: data, SYN and FIN.</summary>
    public int SequenceLength { get; private init; }

    public SequenceNumber Sequence { get; private init; }

    public SequenceNumber Acknowledgment { get; private init; }

    public TcpFlags Flags { get; private init; }

    /// <summary>Whether it is a TCP segment; else the three above mean nothing.</summary>
    public bool IsTcp { get; private init; }

    public SequenceNumber End => Sequence + SequenceLength;

    public static RecordedPacket Create(byte[] bytes, long number, long nanoseconds, bool isIncoming)
    {
        IPv4View ip = new(bytes);
        TcpView tcp = new(ip.Payload);
        if (ip.Protocol != IPProtocol.Tcp || ip.FragmentOffset != 0 || !tcp.IsValid)
        {
            return new RecordedPacket(bytes, number, nanoseconds, isIncoming);
        }

        return new RecordedPacket(bytes, number, nanoseconds, isIncoming)
        {
            IsTcp = true,
            Sequence = tcp.Sequence,
            Acknowledgment = tcp.Acknowledgment,
            Flags = tcp.Flags,
            SequenceLength = tcp.Payload.Length + ((tcp.Flags & TcpFlags.Syn) != 0 ? 1 : 0) + ((tcp.Flags & TcpFlags.Fin) != 0 ? 1 : 0),
        };
    }

    /// <summary>The packet without what lies behind its IP length.</summary>
    public Packet ToPacket()
    {
        int length = Math.Clamp((int)new IPv4View(Bytes).TotalLength, 0, Bytes.Length);
        Packet packet = Packet.FromFrame(Bytes[..(length == 0 ? Bytes.Length : length)]);
        packet.Number = Number;
        return packet;
    }
}
