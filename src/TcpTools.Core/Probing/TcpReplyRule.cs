using System;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>
/// When a TCP segment answers another whose ports are its own turned round (RFC 9293, 3.5.2 and 3.10.7.1). Stacks count
/// null and FIN probes differently, so that numbers may be off by two where no handshake fixes them.
/// </summary>
internal static class TcpReplyRule
{
    private const int Tolerance = 2;

    public static bool Answers(in PacketOutline reply, in PacketOutline probe)
    {
        if (Has(probe, TcpFlags.Rst))
        {
            return false; // nothing answers a reset
        }

        bool isReset = Has(reply, TcpFlags.Rst);
        bool acknowledges = Has(reply, TcpFlags.Ack);
        if (Has(reply, TcpFlags.Syn) && !isReset)
        {
            // A SYN alone would be the other side's own opening; with ACK it answers a SYN and all of it.
            return acknowledges && Has(probe, TcpFlags.Syn) && !Has(probe, TcpFlags.Ack)
                && reply.Acknowledgment - (probe.Sequence + 1) <= (uint)(probe.SegmentLength - 1);
        }

        if (isReset)
        {
            // To a segment with ACK a reset takes its sequence number from there; to one without it acknowledges all.
            return Has(probe, TcpFlags.Ack)
                ? IsNear(reply.Sequence, probe.Acknowledgment) || (acknowledges && reply.Sequence == 0 && Acknowledges(reply, probe))
                : !acknowledges || Acknowledges(reply, probe);
        }

        if (!acknowledges || !Acknowledges(reply, probe))
        {
            return false;
        }

        return Has(probe, TcpFlags.Ack)
            ? IsNear(reply.Sequence, probe.Acknowledgment)
            : !Has(probe, TcpFlags.Syn);
    }

    private static bool Has(in PacketOutline segment, TcpFlags flag) => (segment.Flags & flag) != 0;

    /// <summary>Whether a segment acknowledges what the probe holds, or nothing of it.</summary>
    private static bool Acknowledges(in PacketOutline reply, in PacketOutline probe) =>
        reply.Acknowledgment - (probe.Sequence - Tolerance) <= (uint)(probe.SegmentLength + (2 * Tolerance));

    private static bool IsNear(uint a, uint b) => Math.Abs((int)(a - b)) <= Tolerance;
}
