using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>Makes computed fields right again, or wrong.</summary>
internal static class Repair
{
    /// <summary>Lets checksums and lengths be computed, but for those in layers that are named.</summary>
    public static void Apply(Packet packet, bool checksums, bool lengths, IReadOnlySet<string> left)
    {
        foreach (PacketLayer layer in packet.Layers)
        {
            if (checksums && !left.Contains(layer.Name + ".Checksum"))
            {
                Uncheck(layer);
            }

            if (lengths && !left.Contains(layer.Name + ".Length"))
            {
                Unmeasure(layer);
            }
        }
    }

    /// <summary>Makes one of the checksums, or of the lengths, of a variant wrong; where it has none, nothing.</summary>
    public static void Break(Draft draft, FieldClass kind)
    {
        PacketField[] fields = [.. draft.Parse().GetFields().SelectMany(layer => layer.Fields).Where(field => FieldClasses.Of(field) == kind)];
        if (fields.Length == 0)
        {
            return;
        }

        // The innermost more often than the others: an outer one hides it.
        PacketField field = draft.OneIn(2) ? fields[^1] : draft.Pick(fields);
        ulong before = FieldBits.Read(draft.Bytes, field.BitOffset, field.BitLength);
        ulong mask = (1UL << field.BitLength) - 1;
        ulong after = kind == FieldClass.Length && draft.OneIn(2)
            ? draft.Pick<ulong>([0, 1, (before - 1) & mask, (before + 1) & mask, mask]) & mask
            : draft.Random.NextUInt64() & mask;
        after = after == before || IsNegativeZero(kind, before, after) ? before ^ 1 : after;
        FieldBits.Write(draft.Bytes, field.BitOffset, field.BitLength, after);
        draft.Note(FuzzStrategy.Field, field.Path, $"{before} -> {after}, wrong");
    }

    /// <summary>0 and 0xFFFF are the same sum, and as good as each other in one's complement.</summary>
    private static bool IsNegativeZero(FieldClass kind, ulong before, ulong after) =>
        kind == FieldClass.Checksum && ((before == 0 && after == 0xFFFF) || after == 0);

    private static void Uncheck(PacketLayer layer)
    {
        switch (layer)
        {
            case IPv4Layer ip:
                ip.Checksum = null;
                break;
            case TcpLayer tcp:
                tcp.Checksum = null;
                break;
            case UdpLayer udp:
                udp.Checksum = null;
                break;
            case IcmpMessageLayer icmp:
                icmp.Checksum = null;
                icmp.ExtensionChecksum = null;
                break;
            case GreLayer { Checksum: not null } gre:
                gre.Checksum = null;
                break;
        }
    }

    private static void Unmeasure(PacketLayer layer)
    {
        switch (layer)
        {
            case IPv4Layer ip:
                ip.TotalLength = null;
                ip.HeaderLength = null;
                break;
            case IPv6Layer ip:
                ip.PayloadLength = null;
                break;
            case IPv6SizedExtensionLayer header:
                header.HeaderExtensionLength = null;
                break;
            case TcpLayer tcp:
                tcp.DataOffset = null;
                break;
            case UdpLayer udp:
                udp.Length = null;
                break;
            case ArpLayer arp:
                arp.HardwareLength = null;
                arp.ProtocolLength = null;
                break;
        }
    }
}
