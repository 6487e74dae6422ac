using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>Changes the options of a layer: as they may be, or as they must not.</summary>
internal static class OptionMutator
{
    /// <summary>Changes the options of one of the layers that have some; false where there is no such layer.</summary>
    public static bool Mutate(Draft draft, FuzzOptionChoice choice, FieldPattern excluded)
    {
        Packet packet = draft.Parse();
        PacketLayer[] layers = [.. packet.Layers.Where(layer => layer is TcpLayer or IPv4Layer or IPv6OptionsLayer && !excluded.Matches(layer.Name + ".Options"))];
        if (layers.Length == 0)
        {
            return false;
        }

        // TCP's options are what most parsers trip over; they come twice as often.
        PacketLayer layer = draft.OneIn(2) && layers.FirstOrDefault(layer => layer is TcpLayer) is { } tcp ? tcp : draft.Pick(layers);
        OptionKinds kinds = KindsOf(layer);
        List<byte[]> options = Read(layer);
        bool isValid = choice == FuzzOptionChoice.Valid || (choice == FuzzOptionChoice.Vary && draft.OneIn(2));
        string what = isValid ? ChangeValidly(draft, kinds, options) : Spoil(draft, kinds, options);
        Write(layer, options);
        draft.Take(packet);
        draft.Note(FuzzStrategy.Structure, layer.Name + ".Options", what);
        return true;
    }

    private static string ChangeValidly(Draft draft, OptionKinds kinds, List<byte[]> options)
    {
        options.RemoveAll(option => option.Length == 0);
        int used = Total(options);
        switch (draft.Random.Next(4))
        {
            case 0 when options.Count > 1:
                int from = draft.Random.Next(options.Count);
                byte[] moved = options[from];
                options.RemoveAt(from);
                options.Insert(draft.Random.Next(options.Count + 1), moved);
                return "in another order";
            case 1 when options.Count > 0 && used + options[^1].Length <= kinds.Room:
                options.Add(draft.Pick(options));
                if (Total(options) <= kinds.Room)
                {
                    return "one of them twice";
                }

                options.RemoveAt(options.Count - 1);
                goto default;
            case 2 when options.Count > 0:
                options.RemoveAt(draft.Random.Next(options.Count));
                return "one of them left out";
            default:
                options.Clear();
                used = 0;
                int wanted = draft.Between(1, 8);
                for (int i = 0; i < wanted && kinds.NextValid(draft, kinds.Room - used) is { } option; i++)
                {
                    options.Add(option);
                    used += option.Length;
                }

                return string.Create(CultureInfo.InvariantCulture, $"others: kinds {string.Join(' ', options.Select(option => option[0]))}");
        }
    }

    private static string Spoil(Draft draft, OptionKinds kinds, List<byte[]> options)
    {
        if (draft.OneIn(5))
        {
            // More than a header has room for: the length field ends at what it can say.
            int wanted = kinds.Room + (4 * draft.Between(1, 20));
            while (Total(options) < wanted)
            {
                options.Add(kinds.NextValid(draft, 20) ?? [kinds.Single]);
            }

            return string.Create(CultureInfo.InvariantCulture, $"{Total(options)} bytes of options");
        }

        byte[] bad = kinds.NextMalformed(draft, kinds.Room, out string what);
        while (Total(options) + bad.Length > kinds.Room && options.Count > 0)
        {
            options.RemoveAt(options.Count - 1);
        }

        if (draft.OneIn(3))
        {
            options.Insert(draft.Random.Next(options.Count + 1), bad);
        }
        else
        {
            // In front, so that nothing ends the list before it; what is cut short must be the last.
            options.Clear();
            options.Add(bad);
        }

        return what;
    }

    private static int Total(List<byte[]> options) => options.Sum(option => option.Length);

    private static OptionKinds KindsOf(PacketLayer layer) => layer switch
    {
        TcpLayer => OptionKinds.Tcp,
        IPv4Layer => OptionKinds.IPv4,
        _ => OptionKinds.IPv6,
    };

    private static List<byte[]> Read(PacketLayer layer) => layer switch
    {
        TcpLayer tcp => [.. tcp.Options.Select(option => option.ToBytes())],
        IPv4Layer ip => [.. ip.Options.Select(option => option.ToBytes())],
        IPv6OptionsLayer header => [.. header.Options.Select(option => option.ToBytes())],
        _ => throw new ArgumentOutOfRangeException(nameof(layer)),
    };

    private static void Write(PacketLayer layer, List<byte[]> options)
    {
        switch (layer)
        {
            case TcpLayer tcp:
                tcp.DataOffset = null;
                tcp.Options = [.. options.Select(option => TcpOption.FromBytes(option))];
                break;
            case IPv4Layer ip:
                ip.HeaderLength = null;
                ip.Options = [.. options.Select(option => IPOption.FromBytes(option))];
                break;
            case IPv6OptionsLayer header:
                header.HeaderExtensionLength = null;
                header.Options = [.. options.Select(option => IPv6Option.FromBytes(option))];
                break;
        }
    }
}
