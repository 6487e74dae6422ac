using System;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>The options that headers of one kind have: which there are, and how long each may be.</summary>
internal sealed class OptionKinds
{
    private readonly (byte Kind, int[] Lengths)[] _kinds;

    private OptionKinds(byte single, (byte Kind, int[] Lengths)[] kinds, int room)
    {
        Single = single;
        _kinds = kinds;
        Room = room;
    }

    /// <summary>Options of TCP.</summary>
    public static OptionKinds Tcp { get; } = new(
        TcpOptionKind.NoOperation,
        [
            (TcpOptionKind.MaximumSegmentSize, [4]),
            (TcpOptionKind.WindowScale, [3]),
            (TcpOptionKind.SackPermitted, [2]),
            (TcpOptionKind.Sack, [10, 18, 26, 34]),
            (TcpOptionKind.Timestamps, [10]),
            (TcpOptionKind.Md5Signature, [18]),
            (TcpOptionKind.UserTimeout, [4]),
            (TcpOptionKind.Authentication, [4, 16, 20]),
            (TcpOptionKind.Multipath, [3, 4, 12, 20, 22, 24]),
            (TcpOptionKind.FastOpen, [2, 6, 10, 18]),
            (TcpOptionKind.AccurateEcn0, [2, 5, 8, 11]),
            (TcpOptionKind.AccurateEcn1, [2, 5, 8, 11]),
            (TcpOptionKind.Experimental2, [4, 8, 12]),
        ],
        TcpHeaderRoom);

    /// <summary>Options of IPv4.</summary>
    public static OptionKinds IPv4 { get; } = new(
        IPv4OptionKind.NoOperation,
        [
            (IPv4OptionKind.RecordRoute, [3, 7, 11, 39]),
            (IPv4OptionKind.Timestamp, [4, 8, 12, 40]),
            (IPv4OptionKind.Security, [11]),
            (IPv4OptionKind.LooseSourceRoute, [7, 11]),
            (IPv4OptionKind.StrictSourceRoute, [7, 11]),
            (IPv4OptionKind.StreamId, [4]),
            (IPv4OptionKind.RouterAlert, [4]),
            (IPv4OptionKind.MtuProbe, [4]),
            (IPv4OptionKind.Traceroute, [12]),
        ],
        TcpHeaderRoom);

    /// <summary>Options of IPv6's two headers for options.</summary>
    public static OptionKinds IPv6 { get; } = new(
        0,
        [(1, [2, 3, 6]), (5, [4]), (0xC2, [6]), (0xC9, [18]), (0x26, [8])],
        120);

    /// <summary>Bytes that there are for options.</summary>
    public int Room { get; }

    /// <summary>The option of a single byte that means nothing.</summary>
    public byte Single { get; }

    private const int TcpHeaderRoom = 40;

    /// <summary>An option of a length that its kind has, of so many bytes at most; null when none fits.</summary>
    public byte[]? NextValid(Draft draft, int room)
    {
        if (room < 2 || draft.OneIn(6))
        {
            return room > 0 ? [Single] : null;
        }

        (byte kind, int[] lengths) = draft.OneIn(8) ? (NextUnknown(draft), [2, 4, 7]) : draft.Pick(_kinds);
        int length = draft.Pick(lengths);
        if (length > room)
        {
            return [Single];
        }

        byte[] option = draft.NextBytes(length);
        option[0] = kind;
        option[1] = (byte)(ReferenceEquals(this, IPv6) ? length - 2 : length);
        return option;
    }

    /// <summary>What no sound header has: a list of options with one that cannot be.</summary>
    public byte[] NextMalformed(Draft draft, int room, out string what)
    {
        (byte kind, int[] lengths) = draft.Pick(_kinds);
        byte[] option = draft.NextBytes(Math.Max(draft.Pick(lengths), 4));
        option[0] = kind;
        switch (draft.Random.Next(6))
        {
            case 0:
                option[1] = 0;
                what = $"option {kind} of length 0";
                break;
            case 1:
                option[1] = 1;
                what = $"option {kind} of length 1";
                break;
            case 2:
                option[1] = (byte)draft.Pick<int>([room + 1, room + 4, 127, 128, 255]);
                what = $"option {kind} that claims {option[1]} bytes";
                break;
            case 3:
                option[1] = (byte)(option.Length + draft.Between(1, 3));
                what = $"option {kind} that claims {option[1]} of {option.Length} bytes";
                break;
            case 4:
                // The kind alone, where the header ends: a multiple of 4 leaves no filling behind it.
                byte[] cut = new byte[4];
                Array.Fill(cut, Single);
                cut[^1] = kind;
                what = $"option {kind} without a length";
                return cut;
            default:
                option = draft.NextBytes(draft.Between(1, 10) * 4);
                option[0] = kind;
                option[1] = (byte)(option.Length + 1);
                what = $"{option.Length} bytes that are no options";
                break;
        }

        return option;
    }

    private static byte NextUnknown(Draft draft) => (byte)draft.Between(90, 120);
}
