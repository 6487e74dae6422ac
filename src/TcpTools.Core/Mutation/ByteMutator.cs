using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Packets;

namespace TcpTools.Mutation;

/// <summary>Changes bytes wherever they are and whatever they mean.</summary>
internal static class ByteMutator
{
    private const int MostBytes = 65535;
    private const int LongestPiece = 64;

    private static readonly byte[] s_interesting = [0, 1, 0x7F, 0x80, 0xFF, 0xC0, 0x45, 0x60];

    /// <summary>Changes bytes once.</summary>
    public static void Mutate(Draft draft, IReadOnlyList<Packet> donors)
    {
        int length = draft.Bytes.Length;
        if (length == 0)
        {
            Replace(draft, 0, 0, draft.NextBytes(draft.Between(1, LongestPiece)), "put in");
            return;
        }

        int at = draft.Random.Next(length);
        int piece = draft.Between(1, Math.Min(LongestPiece, length - at));
        switch (draft.Random.Next(8))
        {
            case 0 or 1:
                int bit = draft.Random.Next(8);
                draft.Bytes[at] ^= (byte)(1 << bit);
                Note(draft, at, $"bit {bit} flipped");
                break;
            case 2:
                byte value = draft.Pick(s_interesting);
                draft.Bytes[at] = value == draft.Bytes[at] ? (byte)~value : value;
                Note(draft, at, $"0x{draft.Bytes[at]:x2}");
                break;
            case 3:
                Replace(draft, at, 0, draft.NextBytes(piece), "put in");
                break;
            case 4:
                Replace(draft, at, piece, [], "taken out");
                break;
            case 5:
                Replace(draft, at, 0, draft.Bytes.AsSpan(at, piece).ToArray(), "repeated");
                break;
            case 6:
                draft.NextBytes(piece).CopyTo(draft.Bytes, at);
                Note(draft, at, $"{piece} bytes drawn anew");
                break;
            default:
                byte[] donor = donors.Count > 0 ? draft.Pick(donors).ToBytes() : [.. draft.Bytes];
                int from = donor.Length == 0 ? 0 : draft.Random.Next(donor.Length);
                byte[] taken = donor.AsSpan(from, Math.Min(piece, donor.Length - from)).ToArray();
                Replace(draft, at, Math.Min(taken.Length, length - at), taken, donors.Count > 0 ? "from another packet" : "from elsewhere");
                break;
        }
    }

    /// <summary>Puts bytes into the place of others.</summary>
    public static void Replace(Draft draft, int at, int count, byte[] with, string what)
    {
        byte[] result = [.. draft.Bytes.AsSpan(0, at), .. with, .. draft.Bytes.AsSpan(at + count)];
        draft.Bytes = result.Length > MostBytes ? result[..MostBytes] : result;
        Note(draft, at, $"{Math.Max(count, with.Length)} bytes {what}");
    }

    private static void Note(Draft draft, int at, FormattableString what) => draft.Note(
        FuzzStrategy.Bytes, string.Create(CultureInfo.InvariantCulture, $"byte {at}"), FormattableString.Invariant(what));

    private static void Note(Draft draft, int at, string what) =>
        draft.Note(FuzzStrategy.Bytes, string.Create(CultureInfo.InvariantCulture, $"byte {at}"), what);
}
