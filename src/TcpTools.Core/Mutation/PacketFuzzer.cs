using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>
/// Makes variants of a packet: an endless series, each of which follows from the template, the settings, the seed and its
/// index alone, so that the one at which something failed can be made again without the others.
/// </summary>
public sealed class PacketFuzzer
{
    private const ulong Spread = 0xD1342543DE82EF95;
    private const int Tries = 8;

    private readonly Packet _template;
    private readonly byte[] _bytes;
    private readonly FuzzOptions _options;
    private readonly FieldMutator _fields;
    private readonly HashSet<string> _left;
    private readonly FuzzStrategy[] _strategies;

    /// <summary>Prepares variants of a template, which stays as it is.</summary>
    /// <exception cref="StackException">The options cannot be met: no field is meant by their patterns, or there is no strategy.</exception>
    public PacketFuzzer(Packet template, FuzzOptions options)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(options);
        _template = template.Copy();
        _bytes = template.ToBytes();
        _options = options;
        _fields = new FieldMutator(_template, options);
        _left = SetByHand(_template);
        _strategies = [.. Enum.GetValues<FuzzStrategy>().Where(one => IsSingle(one) && options.Strategy.HasFlag(one) && IsPossible(one))];
        if (_strategies.Length == 0 || options.Intensity < 1)
        {
            throw new StackException(
                StackError.InvalidArgument, "There is nothing to change.", "Give a strategy, an intensity of 1 or more, and fields that the packet has.");
        }
    }

    /// <summary>The variants from an index on, without end, made as they are asked for.</summary>
    public IEnumerable<FuzzedPacket> From(long index = 0)
    {
        for (long i = index; ; i++)
        {
            yield return Make(i);
        }
    }

    /// <summary>The variant of an index.</summary>
    public FuzzedPacket Make(long index)
    {
        RandomSource seeds = RandomSource.FromSeed(_options.Seed ^ (unchecked((ulong)index + 1) * Spread));
        Draft draft = new([.. _bytes], _template.Start, RandomSource.FromSeed(seeds.NextUInt64()));
        Packet packet = Change(draft);
        for (int i = 0; i < Tries && packet.AsMemory().Span.SequenceEqual(_bytes); i++)
        {
            packet = Change(draft);
        }

        PacketMutation mutation = new(_options.Seed, index, [.. draft.Changes]);
        packet.TimestampNanoseconds = _template.TimestampNanoseconds;
        packet.Interface = _template.Interface;
        packet.Comment = mutation.ToString();
        return new FuzzedPacket(packet, mutation);
    }

    /// <summary>What is set in the template though it could be computed: wrong on purpose, and not to be made right.</summary>
    private static HashSet<string> SetByHand(Packet template)
    {
        HashSet<string> set = [];
        foreach (PacketField field in template.GetFields().SelectMany(layer => layer.Fields).Where(field => field.State == PacketFieldState.Fixed))
        {
            if (FieldClasses.Of(field) is FieldClass.Checksum or FieldClass.Length)
            {
                string layer = field.Path[..field.Path.IndexOf('.', StringComparison.Ordinal)];
                set.Add($"{layer}.{FieldClasses.Of(field)}");
            }
        }

        return set;
    }

    private static bool IsSingle(FuzzStrategy strategy) => strategy is FuzzStrategy.Field or FuzzStrategy.Boundary or FuzzStrategy.Structure or FuzzStrategy.Bytes;

    private bool IsPossible(FuzzStrategy strategy) =>
        strategy is not (FuzzStrategy.Field or FuzzStrategy.Boundary) || _fields.Candidates.Count > 0;

    private Packet Change(Draft draft)
    {
        // Fields first, at the places that the template has them; then what moves places.
        int count = draft.Between(1, _options.Intensity);
        FuzzStrategy[] drawn = new FuzzStrategy[count];
        for (int i = 0; i < count; i++)
        {
            drawn[i] = draft.Pick(_strategies);
        }

        bool isMoved = draft.Changes.Count > 0;
        foreach (FuzzStrategy strategy in drawn.Where(one => !isMoved && one is FuzzStrategy.Field or FuzzStrategy.Boundary))
        {
            _fields.Mutate(draft, strategy);
        }

        bool always = _options.Options is FuzzOptionChoice.Valid or FuzzOptionChoice.Malformed;
        bool sometimes = _options.Options == FuzzOptionChoice.Vary && _options.Strategy.HasFlag(FuzzStrategy.Structure) && draft.OneIn(4);
        if (always || sometimes)
        {
            OptionMutator.Mutate(draft, _options.Options, _options.Excluded);
        }

        foreach (FuzzStrategy strategy in drawn.Where(one => one is FuzzStrategy.Structure or FuzzStrategy.Bytes).Order())
        {
            if (strategy == FuzzStrategy.Structure)
            {
                StructureMutator.Mutate(draft, _options.Donors);
            }
            else
            {
                ByteMutator.Mutate(draft, _options.Donors);
            }
        }

        return Finish(draft);
    }

    private Packet Finish(Draft draft)
    {
        Packet packet = draft.Parse();
        bool checksums = _options.Checksums != FuzzComputed.Vary || draft.OneIn(2);
        Repair.Apply(packet, checksums && !IsNamed(FieldClass.Checksum), _options.Lengths != FuzzComputed.Vary && !IsNamed(FieldClass.Length), _left);
        if (_options.Checksums != FuzzComputed.Break && _options.Lengths != FuzzComputed.Break)
        {
            return packet;
        }

        draft.Take(packet);
        if (_options.Lengths == FuzzComputed.Break)
        {
            Repair.Break(draft, FieldClass.Length);
            packet = draft.Parse();
            Repair.Apply(packet, checksums, false, _left);
            draft.Take(packet);
        }

        if (_options.Checksums == FuzzComputed.Break)
        {
            Repair.Break(draft, FieldClass.Checksum);
        }

        return draft.Parse();
    }

    /// <summary>Whether fields of a kind are changed because somebody named them, and then stay changed.</summary>
    private bool IsNamed(FieldClass kind) =>
        !_options.Fields.IsEmpty && _fields.Candidates.Any(field => FieldClasses.Of(field) == kind);
}
