using System.Collections.Generic;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>Lays what a stack has sent beside what the record has of a connection.</summary>
internal static class ReplayComparison
{
    private const TcpFlags Marks = TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst;

    /// <summary>The steps of one connection; those without a number are what the record does not have.</summary>
    public static IEnumerable<ReplayStep> Compare(ReplayFlow flow, FieldPattern ignored)
    {
        Dictionary<RecordedPacket, (Instant Time, RecordedPacket Packet)> partners = [];
        List<(Instant Time, RecordedPacket Packet)> extra = [];
        List<RecordedPacket> open = [.. flow.Recorded.Where(packet => !packet.IsIncoming)];
        foreach ((Instant Time, RecordedPacket Packet) sent in flow.Sent)
        {
            int at = open.FindIndex(packet => IsSamePlace(packet, sent.Packet) && packet.Acknowledgment == sent.Packet.Acknowledgment);
            if (at < 0 && (sent.Packet.SequenceLength > 0 || (sent.Packet.Flags & Marks) != 0))
            {
                // Data, SYN and FIN have their place; a bare acknowledgment is nothing but its number.
                at = open.FindIndex(packet => IsSamePlace(packet, sent.Packet));
            }

            if (at < 0)
            {
                extra.Add(sent);
                continue;
            }

            partners.Add(open[at], sent);
            open.RemoveAt(at);
        }

        foreach (RecordedPacket packet in flow.Recorded)
        {
            yield return packet.IsIncoming ? Incoming(packet)
                : partners.TryGetValue(packet, out (Instant Time, RecordedPacket Packet) sent) ? Outgoing(packet, sent, ignored)
                : new ReplayStep(
                    packet.IsTcp && flow.IsSaid(packet) ? ReplayStepKind.Covered : ReplayStepKind.Missing, packet.Number, null, packet.ToPacket(), null, []);
        }

        foreach ((Instant time, RecordedPacket packet) in extra)
        {
            yield return new ReplayStep(ReplayStepKind.Extra, null, time, null, packet.ToPacket(), []);
        }
    }

    public static ReplayStep Incoming(RecordedPacket packet) => new(
        packet.Delivered is null ? ReplayStepKind.Pending : ReplayStepKind.Delivered, packet.Number, packet.Delivered, packet.ToPacket(), null, []);

    public static ReplayStep Outgoing(RecordedPacket recorded, (Instant Time, RecordedPacket Packet) sent, FieldPattern ignored)
    {
        Packets.Packet expected = recorded.ToPacket();
        Packets.Packet actual = sent.Packet.ToPacket();
        IReadOnlyList<PacketDifference> differences = PacketDifference.Between(expected, actual, ignored);
        return new ReplayStep(
            differences.Count == 0 ? ReplayStepKind.Same : ReplayStepKind.Different, recorded.Number, sent.Time, expected, actual, differences);
    }

    private static bool IsSamePlace(RecordedPacket one, RecordedPacket other) =>
        one.Sequence == other.Sequence && one.SequenceLength == other.SequenceLength && (one.Flags & Marks) == (other.Flags & Marks);
}
