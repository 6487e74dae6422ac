using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Reads IPv4 options as people write them, and as they are printed.</summary>
internal static class IPOptionText
{
    private const int AllSlots = 9;

    /// <summary>Options that are no more than a name and bytes.</summary>
    private static readonly Dictionary<string, byte> s_kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["MTUP"] = IPv4OptionKind.MtuProbe,
        ["MTUR"] = IPv4OptionKind.MtuReply,
        ["TR"] = IPv4OptionKind.Traceroute,
        ["SEC"] = IPv4OptionKind.Security,
        ["SID"] = IPv4OptionKind.StreamId,
        ["ADDEXT"] = IPv4OptionKind.AddressExtension,
        ["RA"] = IPv4OptionKind.RouterAlert,
        ["SDB"] = IPv4OptionKind.SelectiveDirectedBroadcast,
    };

    public static IPOption Parse(string text)
    {
        try
        {
            return TryRead(text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)) ?? throw Unreadable(text, null);
        }
        catch (Exception error) when (error is FormatException or OverflowException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            throw Unreadable(text, error);
        }
    }

    private static IPOption? TryRead(string[] words)
    {
        if (words.Length == 0)
        {
            return null;
        }

        string name = words[0].ToUpperInvariant();
        return (name, words.Length) switch
        {
            ("EOL", 1) => IPOption.End,
            ("NOP", 1) => IPOption.NoOperation,
            ("RR", _) => ReadRoute(IPv4OptionKind.RecordRoute, words[1..]),
            ("LSRR", _) => ReadRoute(IPv4OptionKind.LooseSourceRoute, words[1..]),
            ("SSRR", _) => ReadRoute(IPv4OptionKind.StrictSourceRoute, words[1..]),
            ("TS", _) => ReadTimestamps(words[1..]),
            ("RA", 1) => IPOption.RouterAlert(),
            ("TR", 5) => new IPTracerouteOption(ReadWord(words[1]), ReadWord(words[2]), ReadWord(words[3]), NetworkAddress.Parse(words[4])),
            ("ADDEXT", 3) => new IPAddressExtensionOption(NetworkAddress.Parse(words[1]), NetworkAddress.Parse(words[2])),
            ("SDB", >= 2) when words[1].Contains('.', StringComparison.Ordinal) => new IPBroadcastOption([.. words[1..].Select(NetworkAddress.Parse)]),
            ("UNKNOWN", >= 2) => new IPOption(ReadByte(words[1]), words.Length > 2 ? ReadHex(words[2]) : []),
            ("BYTES", 2) => IPOption.FromBytes(ReadHex(words[1])),
            _ when s_kinds.TryGetValue(name, out byte kind) && words.Length <= 2 =>
                IPOption.FromBytes(OptionBytes.Make(kind, words.Length == 2 ? ReadValue(words[1]) : [])),
            _ when name.StartsWith("UNKNOWN-", StringComparison.Ordinal) => new IPOption(
                ReadByte(name[8..]), words.Length > 1 ? ReadHex(words[1]) : []),
            _ => null,
        };
    }

    /// <summary>Addresses, or a number of free slots; "pointer" and a number may follow.</summary>
    private static IPRouteOption ReadRoute(byte kind, string[] words)
    {
        byte pointer = 4;
        if (words.Length >= 2 && words[^2].Equals("pointer", StringComparison.OrdinalIgnoreCase))
        {
            pointer = ReadByte(words[^1]);
            words = words[..^2];
        }

        bool isCount = words.Length == 0 || (words.Length == 1 && !words[0].Contains('.', StringComparison.Ordinal));
        int slots = words.Length == 0 ? AllSlots : isCount ? ReadByte(words[0]) : 0;
        return isCount
            ? new IPRouteOption(kind, Enumerable.Repeat(NetworkAddress.AnyIPv4, slots), pointer)
            : new IPRouteOption(kind, words.Select(NetworkAddress.Parse), pointer);
    }

    /// <summary>"flag" and a number, then the words of the slots; or a number of free slots alone.</summary>
    private static IPTimestampOption ReadTimestamps(string[] words)
    {
        if (words.Length >= 2 && words[0].Equals("flag", StringComparison.OrdinalIgnoreCase))
        {
            return new IPTimestampOption(ReadByte(words[1]), words[2..].Select(ReadSlot).ToArray());
        }

        return new IPTimestampOption(0, new uint[words.Length == 0 ? AllSlots : ReadByte(words[0])]);
    }

    private static uint ReadSlot(string word) => word.Contains('.', StringComparison.Ordinal)
        ? NetworkAddress.Parse(word).IPv4Bits
        : uint.Parse(word, CultureInfo.InvariantCulture);

    private static ushort ReadWord(string word) => ushort.Parse(word, CultureInfo.InvariantCulture);

    private static byte ReadByte(string word) => byte.Parse(word, CultureInfo.InvariantCulture);

    /// <summary>A 16-bit number in decimal digits, or bytes in hexadecimal ones.</summary>
    private static byte[] ReadValue(string word)
    {
        if (word.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            return ReadHex(word);
        }

        ushort value = ushort.Parse(word, CultureInfo.InvariantCulture);
        return [(byte)(value >> 8), (byte)value];
    }

    private static byte[] ReadHex(string word) =>
        Convert.FromHexString(word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word[2..] : word);

    private static FormatException Unreadable(string text, Exception? cause) => new(
        $"'{text}' is no IPv4 option. Examples: 'rr', 'rr 3', 'lsrr 10.0.0.1,10.0.0.2', 'ssrr 10.0.0.1', 'ts', 'ts flag 1 0 0', 'ra', 'nop', 'eol', 'unknown-77 0x0102'.",
        cause);
}
