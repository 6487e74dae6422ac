using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>Where a field's value comes from.</summary>
public enum PacketFieldState
{
    /// <summary>A field that nothing else determines: it is what it was set to.</summary>
    Plain,

    /// <summary>A field that follows from the rest of the packet, such as a length or a checksum, and was left to be computed.</summary>
    Computed,

    /// <summary>A field that could be computed but was set, wrong on purpose or because the bytes it was read from deviated.</summary>
    Fixed,
}

/// <summary>
/// One field of a packet as it is built: its name, its value, and the bits that hold it. Layers, options and quoted packets
/// are fields that have fields in turn; those without are leaves, and the leaves cover every bit of the packet exactly once.
/// </summary>
public sealed class PacketField
{
    /// <summary>The name that the layer's property has, or what the bits are called.</summary>
    public required string Name { get; init; }

    /// <summary>The names from the layer on, such as <c>IP.TimeToLive</c> or <c>TCP.Options[0].Value</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The value as it is in the bytes; of a field that has fields, the object it stands for.</summary>
    public object? Value { get; init; }

    /// <summary>The value for people.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the value was set or computed.</summary>
    public PacketFieldState State { get; init; }

    /// <summary>Where the field starts, in bits from the packet's first.</summary>
    public int BitOffset { get; init; }

    /// <summary>How many bits the field has.</summary>
    public int BitLength { get; init; }

    /// <summary>The byte in which the field starts.</summary>
    public int Offset => BitOffset / 8;

    /// <summary>How many bytes hold the field, whole or in part.</summary>
    public int Length => ((BitOffset + BitLength + 7) / 8) - Offset;

    /// <summary>Whether the field neither starts nor ends within a byte.</summary>
    public bool IsWholeBytes => BitOffset % 8 == 0 && BitLength % 8 == 0;

    /// <summary>Whether this is a layer.</summary>
    public bool IsLayer => Value is PacketLayer;

    /// <summary>The fields inside; empty for a leaf.</summary>
    public IReadOnlyList<PacketField> Fields { get; init; } = [];

    /// <summary>This field if it is a leaf, else the leaves inside, in the order in which they are told.</summary>
    public IEnumerable<PacketField> Leaves()
    {
        if (Fields.Count == 0)
        {
            yield return this;
            yield break;
        }

        foreach (PacketField field in Fields)
        {
            foreach (PacketField leaf in field.Leaves())
            {
                yield return leaf;
            }
        }
    }

    /// <summary>Path and value.</summary>
    public override string ToString() => $"{Path} = {Text}";
}
