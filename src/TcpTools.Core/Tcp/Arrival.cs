using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>A segment while it goes through the checks of RFC 9293, 3.10.7: what has been trimmed off is gone from it.</summary>
internal ref struct Arrival
{
    /// <summary>Takes a segment as it arrived.</summary>
    public Arrival(in ArrivedSegment segment, Instant now)
    {
        Sequence = segment.Sequence;
        Acknowledgment = segment.Acknowledgment;
        Flags = segment.Flags;
        Window = segment.Window;
        UrgentPointer = segment.UrgentPointer;
        Payload = segment.Payload;
        PacketCount = Math.Max(1, segment.PacketCount);
        Options = SegmentOptions.Parse(segment.Options);
        ArrivedAt = now;
    }

    /// <summary>SEG.SEQ.</summary>
    public SequenceNumber Sequence { get; private set; }

    /// <summary>SEG.ACK.</summary>
    public SequenceNumber Acknowledgment { get; }

    /// <summary>The control bits that are left.</summary>
    public TcpFlags Flags { get; private set; }

    /// <summary>SEG.WND, unscaled.</summary>
    public ushort Window { get; }

    /// <summary>SEG.UP.</summary>
    public ushort UrgentPointer { get; private set; }

    /// <summary>The data that is left.</summary>
    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>How many packets of the peer's it stands for.</summary>
    public int PacketCount { get; }

    /// <summary>The options that matter to the connection.</summary>
    public SegmentOptions Options { get; }

    /// <summary>When it arrived.</summary>
    public Instant ArrivedAt { get; }

    /// <summary>SEG.LEN.</summary>
    public readonly int Length => Payload.Length + (Has(TcpFlags.Syn) ? 1 : 0) + (Has(TcpFlags.Fin) ? 1 : 0);

    /// <summary>The sequence number after the segment's last.</summary>
    public readonly SequenceNumber End => Sequence + Length;

    /// <summary>Whether any of these control bits is set.</summary>
    public readonly bool Has(TcpFlags flags) => (Flags & flags) != 0;

    /// <summary>Cuts off what lies before <paramref name="start"/> (RFC 9293, 3.10.7.4: "only the new parts").</summary>
    public void TrimFront(SequenceNumber start)
    {
        int count = start - Sequence;
        if (count <= 0)
        {
            return;
        }

        if (Has(TcpFlags.Syn))
        {
            Flags &= ~TcpFlags.Syn;
            count--;
            Sequence += 1;
            UrgentPointer -= (ushort)Math.Min((ushort)1, UrgentPointer);
        }

        int bytes = Math.Min(count, Payload.Length);
        Payload = Payload[bytes..];
        Sequence += bytes;
        // The pointer counts from SEG.SEQ, which has moved.
        UrgentPointer = (ushort)Math.Max(0, UrgentPointer - bytes);
        if (bytes < count)
        {
            Flags &= ~TcpFlags.Fin;
            Sequence = start;
        }
    }

    /// <summary>Cuts off what lies at or behind <paramref name="edge"/>, the FIN included.</summary>
    public void TrimBack(SequenceNumber edge)
    {
        int excess = End - edge;
        if (excess <= 0)
        {
            return;
        }

        if (Has(TcpFlags.Fin))
        {
            Flags &= ~TcpFlags.Fin;
            excess--;
        }

        Payload = Payload[..Math.Max(0, Payload.Length - excess)];
    }

    /// <summary>Takes the SYN out, as when a SYN-ACK crosses ours (RFC 9293, 3.5, simultaneous open).</summary>
    public void RemoveSyn()
    {
        if (Has(TcpFlags.Syn))
        {
            Flags &= ~TcpFlags.Syn;
            Sequence += 1;
        }
    }
}
