using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>A field in which two packets differ.</summary>
/// <param name="Path">The field, such as <c>IP.TimeToLive</c>.</param>
/// <param name="Reference">What the reference has; null when it has no such field.</param>
/// <param name="Difference">What the other packet has; null when it has no such field.</param>
public sealed record PacketDifference(string Path, PacketField? Reference, PacketField? Difference)
{
    /// <summary>The name of the layer.</summary>
    public string Layer => Path.Split('.')[0];

    /// <summary>The name of the field in its layer; empty where a whole layer is missing.</summary>
    public string Field => Path.Contains('.', StringComparison.Ordinal) ? Path[(Path.IndexOf('.', StringComparison.Ordinal) + 1)..] : "";

    /// <summary>What the reference has, for people; "absent" when it has no such field.</summary>
    public string ReferenceText => Reference?.Text ?? "absent";

    /// <summary>What the other packet has, for people; "absent" when it has no such field.</summary>
    public string DifferenceText => Difference?.Text ?? "absent";

    /// <summary>Whether the field differs only because others do: it was computed in both packets.</summary>
    public bool IsConsequence => Reference?.State == PacketFieldState.Computed && Difference?.State == PacketFieldState.Computed;

    /// <summary>The field and both values.</summary>
    public override string ToString() => $"{Path}: {ReferenceText} -> {DifferenceText}";

    /// <summary>The fields in which two packets differ, in the order of the reference; empty when the bytes are the same.</summary>
    /// <param name="reference">The packet to compare with.</param>
    /// <param name="difference">The packet to compare.</param>
    /// <param name="ignored">Fields that may differ; null for none.</param>
    public static IReadOnlyList<PacketDifference> Between(Packet reference, Packet difference, FieldPattern? ignored = null)
    {
        if (reference.Start == difference.Start && reference.AsMemory().Span.SequenceEqual(difference.AsMemory().Span))
        {
            return [];
        }

        List<PacketDifference> found = [];
        Compare(reference.GetFields(), difference.GetFields(), found);
        return [.. found.Where(one => ignored?.Matches(one.Path) != true)];
    }

    private static void Compare(IReadOnlyList<PacketField> reference, IReadOnlyList<PacketField> difference, List<PacketDifference> found)
    {
        Dictionary<string, PacketField> others = difference.ToDictionary(field => field.Path);
        foreach (PacketField field in reference)
        {
            if (!others.Remove(field.Path, out PacketField? other))
            {
                found.Add(new PacketDifference(field.Path, field, null));
            }
            else if (HasParts(field) && HasParts(other))
            {
                Compare(field.Fields, other.Fields, found);
            }
            else if (!AreSame(field, other))
            {
                found.Add(new PacketDifference(field.Path, field, other));
            }
        }

        found.AddRange(difference.Where(field => others.ContainsKey(field.Path)).Select(field => new PacketDifference(field.Path, null, field)));
    }

    /// <summary>Layers and packets are looked into; an option differs as a whole, its kind and its values alike.</summary>
    private static bool HasParts(PacketField field) => field.Value is PacketLayer or Packet;

    private static bool AreSame(PacketField one, PacketField other) => (one.Value, other.Value) switch
    {
        (byte[] bytes, byte[] others) => bytes.AsSpan().SequenceEqual(others),
        _ when one.Fields.Count == 0 && other.Fields.Count == 0 => Equals(one.Value, other.Value),
        _ => one.Fields.Count == other.Fields.Count && one.Leaves().Zip(other.Leaves()).All(pair =>
            pair.First.Path == pair.Second.Path && AreSame(pair.First, pair.Second)),
    };
}
