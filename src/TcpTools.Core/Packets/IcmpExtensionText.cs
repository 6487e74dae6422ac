using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace TcpTools.Packets;

/// <summary>Reads the objects behind quotations of ICMP errors as people write them.</summary>
internal static class IcmpExtensionText
{
    public static IcmpExtensionObject Parse(string text)
    {
        try
        {
            string[] words = text.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return (words.FirstOrDefault()?.ToUpperInvariant(), words.Length) switch
            {
                ("MPLS", 2) => ReadLabels(words[1]),
                ("OBJECT", 2) => ReadObject(words[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)),
                _ => throw Unreadable(text, null),
            };
        }
        catch (Exception error) when (error is OverflowException or IndexOutOfRangeException or FormatException { InnerException: null })
        {
            throw Unreadable(text, error);
        }
    }

    /// <summary>Labels with "tc" and "ttl", one after another; only the last is the bottom of the stack.</summary>
    private static IcmpLabelStackObject ReadLabels(string text)
    {
        string[] labels = text.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries);
        List<MplsLabelEntry> entries = [];
        for (int i = 0; i < labels.Length; i++)
        {
            string[] words = labels[i].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            byte trafficClass = 0;
            byte timeToLive = 1;
            for (int at = 1; at < words.Length; at += 2)
            {
                byte value = byte.Parse(words[at + 1], CultureInfo.InvariantCulture);
                (trafficClass, timeToLive) = words[at].ToUpperInvariant() switch
                {
                    "TC" => (value, timeToLive),
                    "TTL" => (trafficClass, value),
                    _ => throw new FormatException(),
                };
            }

            entries.Add(new MplsLabelEntry(uint.Parse(words[0], CultureInfo.InvariantCulture), trafficClass, i == labels.Length - 1, timeToLive));
        }

        return new IcmpLabelStackObject([.. entries]);
    }

    private static IcmpExtensionObject ReadObject(string[] words)
    {
        byte[] numbers = [.. words[0].Split('/').Select(number => byte.Parse(number, CultureInfo.InvariantCulture))];
        string digits = words.Length > 1 ? words[1] : "";
        digits = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? digits[2..] : digits;
        return new IcmpExtensionObject(numbers[0], numbers[1], Convert.FromHexString(digits));
    }

    private static FormatException Unreadable(string text, Exception? cause) => new(
        $"'{text}' is no object behind a quotation. Examples: 'mpls 16005', 'mpls 16005 tc 3 ttl 1, 17 ttl 1', 'object 1/1 0x0102'.", cause);
}
