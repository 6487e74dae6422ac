using System.Collections.Generic;
using System.Globalization;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>One change that was made to a template.</summary>
/// <param name="Strategy">The kind of change.</param>
/// <param name="Target">What was changed: a field's path, a layer, or a place in the bytes.</param>
/// <param name="Description">What became of it.</param>
public sealed record PacketChange(FuzzStrategy Strategy, string Target, string Description)
{
    /// <summary>Target and description.</summary>
    public override string ToString() => $"{Target} {Description}";
}

/// <summary>How a variant came about: with the template and the same settings, seed and index make it again.</summary>
/// <param name="Seed">The seed of the series.</param>
/// <param name="Index">The variant's place in the series, from 0 on.</param>
/// <param name="Changes">What was changed, in order.</param>
public sealed record PacketMutation(ulong Seed, long Index, IReadOnlyList<PacketChange> Changes)
{
    /// <summary>Seed, index and changes in one line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed} index {Index}: {string.Join("; ", Changes)}");
}

/// <summary>A variant of a packet.</summary>
/// <param name="Packet">The variant, whose comment is the mutation in words, so that a capture file keeps it.</param>
/// <param name="Mutation">How it came about.</param>
public sealed record FuzzedPacket(Packet Packet, PacketMutation Mutation);
