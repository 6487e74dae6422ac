using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>What a field is to the fuzzer.</summary>
internal enum FieldClass
{
    /// <summary>A field that nothing else determines.</summary>
    Plain,

    /// <summary>A checksum.</summary>
    Checksum,

    /// <summary>The length of a packet or of a header.</summary>
    Length,

    /// <summary>Another field that follows from the rest: what a layer announces, how many of something there are.</summary>
    Announcement,

    /// <summary>A part of the options.</summary>
    Option,

    /// <summary>Data without structure.</summary>
    Data,
}

/// <summary>The fields of a template, sorted by what they are, and which of them nobody has set.</summary>
internal static class FieldClasses
{
    private const int LongestNumber = 64;

    /// <summary>What a leaf is.</summary>
    public static FieldClass Of(PacketField leaf)
    {
        if (leaf.Path.Contains(".Options[", StringComparison.Ordinal) || leaf.Name == "Padding")
        {
            return FieldClass.Option;
        }

        if (leaf.Name.EndsWith("Checksum", StringComparison.Ordinal) && leaf.BitLength <= LongestNumber)
        {
            return FieldClass.Checksum;
        }

        if (leaf.State == PacketFieldState.Plain)
        {
            return leaf.BitLength > LongestNumber && leaf.Value is not NetworkAddress ? FieldClass.Data : FieldClass.Plain;
        }

        return leaf.Name.EndsWith("Length", StringComparison.Ordinal) || leaf.Name == "DataOffset" ? FieldClass.Length : FieldClass.Announcement;
    }

    /// <summary>
    /// The paths of the fields that have the value which a new layer has, and so are taken for not set. A packet cannot
    /// know more: setting a field to what it is already leaves no trace.
    /// </summary>
    public static HashSet<string> Unset(Packet template, IReadOnlyList<PacketField> layers)
    {
        HashSet<string> unset = [];
        for (int i = 0; i < layers.Count; i++)
        {
            Dictionary<string, string>? usual = MakeNew(template.Layers[i]) is { } made
                ? new Packet([made]).GetFields()[0].Leaves().DistinctBy(leaf => leaf.Path).ToDictionary(leaf => leaf.Name, leaf => leaf.Text, StringComparer.Ordinal)
                : null;
            foreach (PacketField leaf in layers[i].Fields.Where(field => field.Fields.Count == 0))
            {
                if (usual is null || (usual.TryGetValue(leaf.Name, out string? text) && text == leaf.Text))
                {
                    unset.Add(leaf.Path);
                }
            }
        }

        return unset;
    }

    /// <summary>A layer of the same kind as its class makes it; null for kinds of which everything may be changed.</summary>
    private static PacketLayer? MakeNew(PacketLayer layer) => layer switch
    {
        EthernetLayer => new EthernetLayer(),
        VlanLayer => new VlanLayer(),
        ArpLayer => new ArpLayer(),
        IPv4Layer => new IPv4Layer(),
        IPv6Layer => new IPv6Layer(),
        IcmpLayer => new IcmpLayer(),
        Icmpv6Layer => new Icmpv6Layer(),
        UdpLayer => new UdpLayer(),
        TcpLayer => new TcpLayer(),
        PayloadLayer => new PayloadLayer(),
        _ => null,
    };
}
