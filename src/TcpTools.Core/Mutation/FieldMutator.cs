using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>Gives fields other values, in the bits that hold them in the template.</summary>
internal sealed class FieldMutator
{
    private const int LongestNumber = 64;

    private static readonly ulong[] s_wellKnown = [7, 20, 40, 53, 60, 80, 127, 128, 255, 256, 1023, 1024, 1500, 32767, 32768, 65535];

    private readonly FuzzOptions _options;

    /// <summary>Sorts a template's fields.</summary>
    public FieldMutator(Packet template, FuzzOptions options)
    {
        _options = options;
        IReadOnlyList<PacketField> layers = template.GetFields();
        PacketField[] leaves = [.. layers.SelectMany(layer => layer.Leaves()).Where(leaf => !options.Excluded.Matches(leaf.Path))];
        Candidates = Choose(template, layers, leaves);
    }

    /// <summary>The fields that may be changed.</summary>
    public IReadOnlyList<PacketField> Candidates { get; }

    /// <summary>Changes one field.</summary>
    public void Mutate(Draft draft, FuzzStrategy strategy) => Mutate(draft, strategy, draft.Pick(Candidates));

    /// <summary>Changes this field.</summary>
    public void Mutate(Draft draft, FuzzStrategy strategy, PacketField field)
    {
        if (field.Value is NetworkAddress && field.IsWholeBytes)
        {
            SetAddress(draft, strategy, field);
        }
        else if (field.BitLength <= LongestNumber)
        {
            SetNumber(draft, strategy, field);
        }
        else
        {
            SetData(draft, strategy, field);
        }
    }

    private PacketField[] Choose(Packet template, IReadOnlyList<PacketField> layers, PacketField[] leaves)
    {
        if (!_options.Fields.IsEmpty)
        {
            PacketField[] named = [.. leaves.Where(leaf => _options.Fields.Matches(leaf.Path))];
            return named.Length > 0 ? named : throw new StackException(
                StackError.InvalidArgument,
                $"No field of the packet is meant: {template}",
                $"It has: {string.Join(", ", leaves.Take(40).Select(leaf => leaf.Path))}.");
        }

        // What was captured has nothing that somebody set by hand.
        bool all = _options.ChangesSetFields || template.Timestamp is not null;
        HashSet<string> unset = FieldClasses.Unset(template, layers);
        PacketField[] chosen = [.. leaves.Where(leaf => IsWanted(leaf, all || unset.Contains(leaf.Path), all))];
        return chosen.Any(leaf => FieldClasses.Of(leaf) is FieldClass.Plain or FieldClass.Data)
            ? chosen
            : [.. leaves.Where(leaf => IsWanted(leaf, true, true))];
    }

    private bool IsWanted(PacketField leaf, bool isFree, bool all) => FieldClasses.Of(leaf) switch
    {
        FieldClass.Plain or FieldClass.Data => isFree,
        FieldClass.Checksum => _options.Checksums == FuzzComputed.Vary && leaf.State == PacketFieldState.Computed,
        FieldClass.Length => _options.Lengths == FuzzComputed.Vary && leaf.State == PacketFieldState.Computed,
        FieldClass.Announcement => all,
        _ => false,
    };

    private static void SetNumber(Draft draft, FuzzStrategy strategy, PacketField field)
    {
        ulong mask = field.BitLength == LongestNumber ? ulong.MaxValue : (1UL << field.BitLength) - 1;
        ulong before = FieldBits.Read(draft.Bytes, field.BitOffset, field.BitLength);
        ulong after = (strategy == FuzzStrategy.Boundary ? NextBoundary(draft, before, field.BitLength) : draft.Random.NextUInt64()) & mask;
        after = after == before ? before ^ (1UL << draft.Random.Next(field.BitLength)) : after;
        FieldBits.Write(draft.Bytes, field.BitOffset, field.BitLength, after);
        draft.Note(strategy, field.Path, string.Create(CultureInfo.InvariantCulture, $"{before} -> {after}"));
    }

    private static ulong NextBoundary(Draft draft, ulong value, int bits)
    {
        ulong half = 1UL << (bits - 1);
        ulong largest = half | (half - 1);
        return draft.Random.Next(10) switch
        {
            0 => 0,
            1 => 1,
            2 => largest,
            3 => largest - 1,
            4 => half,
            5 => half - 1,
            6 => unchecked(value + 1),
            7 => unchecked(value - 1),
            8 => ~value,
            _ => draft.Pick(s_wellKnown),
        };
    }

    private void SetAddress(Draft draft, FuzzStrategy strategy, PacketField field)
    {
        int length = field.BitLength / 8;
        Span<byte> bytes = draft.Bytes.AsSpan().Slice(Math.Min(field.Offset, draft.Bytes.Length));
        if (bytes.Length < length)
        {
            return;
        }

        bytes = bytes[..length];
        NetworkAddress before = NetworkAddress.FromBytes(bytes);
        InterfaceAddress[] networks = [.. _options.Networks.Where(network => network.Address.Length == length)];
        NetworkAddress after = networks.Length > 0
            ? AddressValues.Within(draft, draft.Pick(networks), strategy == FuzzStrategy.Boundary)
            : strategy == FuzzStrategy.Boundary ? AddressValues.NextSpecial(draft, length) : NetworkAddress.FromBytes(draft.NextBytes(length));
        after.TryWriteBytes(bytes);
        draft.Note(strategy, field.Path, $"{before} -> {after}");
    }

    private static void SetData(Draft draft, FuzzStrategy strategy, PacketField field)
    {
        int end = Math.Min(field.Offset + field.Length, draft.Bytes.Length);
        if (field.Offset >= end)
        {
            return;
        }

        Span<byte> data = draft.Bytes.AsSpan(field.Offset, end - field.Offset);
        string what;
        if (strategy == FuzzStrategy.Boundary)
        {
            byte fill = draft.Pick<byte>([0, 0xFF, 0x7F, 0x80, (byte)'A', (byte)'%', 0x0A]);
            data.Fill(fill);
            what = $"filled with 0x{fill:x2}";
        }
        else
        {
            draft.NextBytes(data.Length).CopyTo(data);
            what = "drawn anew";
        }

        draft.Note(strategy, field.Path, what);
    }
}
