using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Reads options as they are printed.</summary>
internal static class TcpOptionText
{
    public static TcpOption Parse(string text)
    {
        try
        {
            return TryRead(text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)) ?? throw Unreadable(text, null);
        }
        catch (Exception error) when (error is FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw Unreadable(text, error);
        }
    }

    private static TcpOption? TryRead(string[] words)
    {
        if (words.Length == 0)
        {
            return null;
        }

        string name = words[0].ToUpperInvariant();
        return (name, words.Length) switch
        {
            ("EOL", 1) => TcpEndOption.Instance,
            ("NOP", 1) => TcpNoOperationOption.Instance,
            ("MSS", 2) => new TcpMaximumSegmentSizeOption(ushort.Parse(words[1], CultureInfo.InvariantCulture)),
            ("WSCALE", 2) => new TcpWindowScaleOption(byte.Parse(words[1], CultureInfo.InvariantCulture)),
            ("SACKOK", 1) => new TcpSackPermittedOption(),
            ("SACK", > 1) => new TcpSackOption(ReadBlocks(words[1..])),
            ("TS", 5) => new TcpTimestampsOption(ReadNumber(words[2]), ReadNumber(words[4])),
            ("TS", 3) => new TcpTimestampsOption(ReadNumber(words[1]), ReadNumber(words[2])),
            ("MD5", 2) => new TcpMd5SignatureOption(ReadHex(words[1])),
            ("UTO", 2) => new TcpUserTimeoutOption(
                ushort.Parse(words[1].TrimEnd('s', 'm'), CultureInfo.InvariantCulture), words[1].EndsWith('m')),
            ("AO", 7) => new TcpAuthenticationOption(
                byte.Parse(words[2], CultureInfo.InvariantCulture), byte.Parse(words[4], CultureInfo.InvariantCulture), ReadHex(words[6])),
            ("MPTCP", 2) => new TcpMultipathOption((ReadOnlySpan<byte>)ReadHex(words[1])),
            ("TFO" or "EXP-TFO", 2) when words[1] == "cookiereq" => new TcpFastOpenOption([], name != "TFO"),
            ("TFO" or "EXP-TFO", 3) => new TcpFastOpenOption(ReadHex(words[2]), name != "TFO"),
            ("ACCECN0" or "ACCECN1", _) => ReadAccurateEcn(name[^1] - '0', words[1..]),
            ("ALTCKREQ", 2) => new TcpAlternateChecksumRequestOption(byte.Parse(words[1], CultureInfo.InvariantCulture)),
            ("ALTCK", 2) => new TcpAlternateChecksumOption(ReadHex(words[1])),
            ("MOOD", 2) => TcpMoodOption.FromText(words[1]),
            ("BYTES", 2) => new UnknownTcpOption(ReadHex(words[1])),
            (_, 2) when name.StartsWith("UNKNOWN-", StringComparison.Ordinal) => new UnknownTcpOption(
                byte.Parse(name.AsSpan(8), CultureInfo.InvariantCulture), ReadHex(words[1])),
            _ => null,
        };
    }

    private static IEnumerable<SackBlock> ReadBlocks(string[] words)
    {
        // The count that tcpdump prints in front is optional; blocks are {left:right}, together or apart.
        string blocks = string.Join(' ', words.Length > 1 && !words[0].Contains(':', StringComparison.Ordinal) ? words[1..] : words);
        foreach (string block in blocks.Split(['{', '}', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            string[] edges = block.Split(':');
            yield return new SackBlock(new(ReadNumber(edges[0])), new(ReadNumber(edges[1])));
        }
    }

    private static TcpAccurateEcnOption ReadAccurateEcn(int order, string[] words)
    {
        List<uint> counters = [];
        for (int i = 1; i < words.Length; i += 2)
        {
            counters.Add(ReadNumber(words[i]));
        }

        return new TcpAccurateEcnOption(order, [.. counters]);
    }

    private static uint ReadNumber(string word) => uint.Parse(word, CultureInfo.InvariantCulture);

    private static byte[] ReadHex(string word) =>
        Convert.FromHexString(word.StartsWith("0x", StringComparison.Ordinal) ? word[2..] : word);

    private static FormatException Unreadable(string text, Exception? cause) => new(
        $"'{text}' is no TCP option. Examples: 'mss 1460', 'sackOK', 'TS val 1 ecr 0', 'nop', 'wscale 7', 'sack {{1:2}}', 'unknown-77 0x0102'.", cause);
}
