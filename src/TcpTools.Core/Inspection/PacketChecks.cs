using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>
/// All that can be found out about a packet's soundness: versions, lengths, checksums, options, control bits, what its
/// <see cref="Packet.Anomalies"/> tell, and what only suspicious packets have.
/// </summary>
public static class PacketChecks
{
    /// <summary>What is looked at in a layer that has a field of a name, and what the check is called.</summary>
    private static readonly (string Field, string Check)[] s_checked =
    [
        ("Version", "Version"), ("HeaderLength", "HeaderLength"), ("DataOffset", "HeaderLength"), ("TotalLength", "Length"),
        ("PayloadLength", "Length"), ("Length", "Length"), ("Checksum", "Checksum"), ("Flags", "Flags"), ("Reserved", "Reserved"),
        ("ReservedFlag", "Reserved"), ("Options[0]", "Options"), ("FragmentOffset", "Fragment"), ("Trailer", "Trailer"),
    ];

    /// <summary>The checks of a packet as it is built, layer by layer, those that nothing was found by included.</summary>
    public static IReadOnlyList<PacketCheck> Of(Packet packet)
    {
        List<PacketCheck> found = [.. packet.Anomalies.Select(FromAnomaly), .. PacketSuspicions.Of(packet)];
        List<PacketCheck> result = [];
        HashSet<PacketCheck> told = [];
        foreach (PacketField layer in packet.GetFields())
        {
            string name = ((PacketLayer)layer.Value!).Name;
            foreach (IGrouping<string, PacketField> fields in layer.Fields.SelectMany(Checked).GroupBy(pair => pair.Check, pair => pair.Field))
            {
                PacketCheck[] here = [.. found.Where(check => check.Layer == name && check.Name == fields.Key)];
                result.AddRange(here.Where(told.Add));
                if (here.Length == 0)
                {
                    result.Add(new PacketCheck(name, fields.Key, PacketCheckResult.Passed, fields.First().Text));
                }
            }

            result.AddRange(found.Where(check => check.Layer == name).Where(told.Add));
        }

        result.AddRange(found.Where(told.Add));
        return result;
    }

    private static IEnumerable<(string Check, PacketField Field)> Checked(PacketField field) =>
        s_checked.Where(pair => pair.Field == field.Name).Select(pair => (pair.Check, field));

    private static PacketCheck FromAnomaly(PacketAnomaly anomaly) => new(anomaly.Layer, CheckOf(anomaly.Kind), ResultOf(anomaly.Kind), anomaly.Message);

    private static PacketCheckResult ResultOf(PacketAnomalyKind kind) =>
        kind is PacketAnomalyKind.ReservedBits or PacketAnomalyKind.TrailingData ? PacketCheckResult.Suspicious : PacketCheckResult.Failed;

    private static string CheckOf(PacketAnomalyKind kind) => kind switch
    {
        PacketAnomalyKind.BadVersion => "Version",
        PacketAnomalyKind.TruncatedHeader or PacketAnomalyKind.BadHeaderLength => "HeaderLength",
        PacketAnomalyKind.TruncatedPacket or PacketAnomalyKind.BadLength => "Length",
        PacketAnomalyKind.BadChecksum => "Checksum",
        PacketAnomalyKind.MalformedOption or PacketAnomalyKind.BadOptionLength or PacketAnomalyKind.DataAfterEndOfOptions
            or PacketAnomalyKind.SeveralSourceRoutes => "Options",
        PacketAnomalyKind.ReservedBits => "Reserved",
        PacketAnomalyKind.BadFlags => "Flags",
        PacketAnomalyKind.OversizedFragment => "Fragment",
        PacketAnomalyKind.TrailingData => "Trailer",
        _ => kind.ToString(),
    };
}
