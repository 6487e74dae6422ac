using System;
using System.Collections.Generic;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>The kinds of changes that variants are made by.</summary>
[Flags]
public enum FuzzStrategy
{
    /// <summary>None at all.</summary>
    None = 0,

    /// <summary>Fields get values drawn at random.</summary>
    Field = 1,

    /// <summary>Fields get the values at which programs err: none, one, the largest, the sign bit, one off.</summary>
    Boundary = 2,

    /// <summary>Layers are left out, repeated, exchanged and added; packets are cut, filled up and split.</summary>
    Structure = 4,

    /// <summary>Bits flip; bytes are overwritten, inserted, taken out, repeated and taken from elsewhere.</summary>
    Bytes = 8,

    /// <summary>All of them.</summary>
    All = Field | Boundary | Structure | Bytes,
}

/// <summary>What becomes of fields that follow from the rest of the packet.</summary>
public enum FuzzComputed
{
    /// <summary>They are right: computed anew, whatever else is changed. What the template has set by hand stays set.</summary>
    Keep,

    /// <summary>They are changed like other fields, now and then.</summary>
    Vary,

    /// <summary>In each variant at least one is wrong.</summary>
    Break,
}

/// <summary>What becomes of options.</summary>
public enum FuzzOptionChoice
{
    /// <summary>Sometimes they stay, sometimes they are as they may be, and sometimes as they must not.</summary>
    Vary,

    /// <summary>They stay as they are.</summary>
    Keep,

    /// <summary>In each variant they are others, each of a length that its kind has, and all of them within the header's room.</summary>
    Valid,

    /// <summary>In each variant something is wrong with them: lengths of 0 and 1, lengths beyond the room, no end, too many.</summary>
    Malformed,
}

/// <summary>How variants of a packet are made.</summary>
public sealed record FuzzOptions
{
    /// <summary>What everything random follows from: the same seed gives the same variants, anywhere and always.</summary>
    public ulong Seed { get; init; }

    /// <summary>The kinds of changes that there are.</summary>
    public FuzzStrategy Strategy { get; init; } = FuzzStrategy.All;

    /// <summary>How many changes a variant has at most, from 1 on.</summary>
    public int Intensity { get; init; } = 3;

    /// <summary>The fields to change, also such as the template has set; empty for all that it has not.</summary>
    public FieldPattern Fields { get; init; } = new([]);

    /// <summary>The fields to leave alone.</summary>
    public FieldPattern Excluded { get; init; } = new([]);

    /// <summary>Whether fields are changed too that the template has set to something of its own.</summary>
    public bool ChangesSetFields { get; init; }

    /// <summary>What becomes of checksums.</summary>
    public FuzzComputed Checksums { get; init; } = FuzzComputed.Keep;

    /// <summary>What becomes of lengths: of packets, of headers, data offsets.</summary>
    public FuzzComputed Lengths { get; init; } = FuzzComputed.Vary;

    /// <summary>What becomes of options.</summary>
    public FuzzOptionChoice Options { get; init; } = FuzzOptionChoice.Vary;

    /// <summary>The networks that addresses are drawn from; empty for any.</summary>
    public IReadOnlyList<InterfaceAddress> Networks { get; init; } = [];

    /// <summary>Other packets, whose bytes and layers may get into variants.</summary>
    public IReadOnlyList<Packet> Donors { get; init; } = [];
}
