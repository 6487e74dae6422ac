using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Reads records as zone files have them (RFC 1035, 5.1; RFC 3597, 5).</summary>
internal static class DnsRecordText
{
    public static DnsRecord Parse(string text)
    {
        try
        {
            return TryRead(new Queue<byte[]>(Split(text))) ?? throw Unreadable(text, null);
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            throw Unreadable(text, error);
        }
    }

    public static DnsQuestion ParseQuestion(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        DnsClass dnsClass = DnsClass.IN;
        return words.Length is 2 or 3 && DnsName.TryParse(words[0], out DnsName? name) && TryParseType(words[^1], out DnsType type)
            && (words.Length == 2 || TryParseCode(words[1], "CLASS", out dnsClass))
            ? new DnsQuestion(name, type, dnsClass)
            : throw new FormatException($"'{text}' is no DNS question. Examples: 'example.org A', 'example.org IN MX', 'example.org TYPE731'.");
    }

    /// <summary>A type's name or TYPE and its number.</summary>
    public static bool TryParseType(string text, out DnsType type) => TryParseCode(text, "TYPE", out type);

    private static bool TryParseCode<T>(string text, string prefix, out T value)
        where T : struct, Enum
    {
        value = default;
        if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(text.AsSpan(prefix.Length), CultureInfo.InvariantCulture, out ushort number))
        {
            value = (T)Enum.ToObject(typeof(T), number);
            return true;
        }

        return text.Length > 0 && char.IsAsciiLetter(text[0]) && Enum.TryParse(text, ignoreCase: true, out value);
    }

    private static DnsRecord? TryRead(Queue<byte[]> words)
    {
        DnsName name = DnsName.Parse(NextText(words));
        uint timeToLive = 3600;
        DnsClass dnsClass = DnsClass.IN;
        DnsType type;
        while (true)
        {
            string word = NextText(words);
            if (uint.TryParse(word, CultureInfo.InvariantCulture, out uint seconds))
            {
                timeToLive = seconds;
            }
            else if (!TryParseType(word, out type))
            {
                if (!TryParseCode(word, "CLASS", out dnsClass))
                {
                    return null;
                }
            }
            else
            {
                break;
            }
        }

        DnsData? data = words.Count > 0 && NextIs(words, "\\#") ? ReadRaw(type, words) : ReadData(type, words);
        return data is null || words.Count > 0 ? null : new DnsRecord(name, data, timeToLive, dnsClass);
    }

    private static DnsData? ReadData(DnsType type, Queue<byte[]> words)
    {
        switch (type)
        {
            case DnsType.A or DnsType.AAAA:
                DnsAddressData address = new(NetworkAddress.Parse(NextText(words)));
                return address.Type == type ? address : null;
            case DnsType.NS or DnsType.CNAME or DnsType.PTR or DnsType.DNAME:
                return new DnsNameData(type, NextName(words));
            case DnsType.MX:
                return new DnsMailData(Next16(words), NextName(words));
            case DnsType.SRV:
                return new DnsServiceData(Next16(words), Next16(words), Next16(words), NextName(words));
            case DnsType.SOA:
                return new DnsZoneData(
                    NextName(words), NextName(words), Next32(words), Next32(words), Next32(words), Next32(words), Next32(words));
            case DnsType.TXT:
                byte[][] texts = [.. words];
                words.Clear();
                return texts.Length == 0 ? null : new DnsTextData(texts);
            case DnsType.CAA:
                return new DnsCertificationData(Next8(words), NextText(words), words.Dequeue());
            case DnsType.DS:
                return new DnsDelegationData(Next16(words), Next8(words), Next8(words), Convert.FromHexString(NextRest(words)));
            case DnsType.DNSKEY:
                return new DnsKeyData(Next16(words), Next8(words), Next8(words), Convert.FromBase64String(NextRest(words)));
            case DnsType.RRSIG:
                return ReadSignature(words);
            default:
                return null;
        }
    }

    private static DnsSignatureData ReadSignature(Queue<byte[]> words)
    {
        DnsType covered = TryParseType(NextText(words), out DnsType type) ? type : throw new FormatException();
        return new DnsSignatureData(
            covered,
            Next8(words),
            Next8(words),
            Next32(words),
            NextTime(words),
            NextTime(words),
            Next16(words),
            NextName(words),
            Convert.FromBase64String(NextRest(words)));
    }

    private static DnsRawData? ReadRaw(DnsType type, Queue<byte[]> words)
    {
        _ = words.Dequeue();
        int length = Next16(words);
        byte[] bytes = Convert.FromHexString(NextRest(words));
        return bytes.Length == length ? new DnsRawData(type, bytes) : null;
    }

    /// <summary>
    /// Words between blanks, or in quotation marks; escapes stand for bytes in quoted words only, since names take care
    /// of their own.
    /// </summary>
    private static List<byte[]> Split(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        List<byte[]> words = [];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] is (byte)' ' or (byte)'\t')
            {
                continue;
            }

            List<byte> word = [];
            bool isQuoted = bytes[i] == '"';
            for (i += isQuoted ? 1 : 0; i < bytes.Length && (isQuoted ? bytes[i] != '"' : bytes[i] is not ((byte)' ' or (byte)'\t')); i++)
            {
                int value = isQuoted && bytes[i] == '\\' ? DnsName.Unescape(bytes, ref i) : bytes[i];
                word.Add(value < 0 ? throw new FormatException() : (byte)value);
            }

            if (isQuoted && i == bytes.Length)
            {
                throw new FormatException();
            }

            words.Add([.. word]);
        }

        return words;
    }

    private static bool NextIs(Queue<byte[]> words, string text) => Encoding.UTF8.GetString(words.Peek()) == text;

    private static string NextText(Queue<byte[]> words) => Encoding.UTF8.GetString(words.Dequeue());

    private static string NextRest(Queue<byte[]> words)
    {
        string rest = string.Concat(words.Select(Encoding.UTF8.GetString));
        words.Clear();
        return rest;
    }

    private static DnsName NextName(Queue<byte[]> words) => DnsName.Parse(NextText(words));

    private static byte Next8(Queue<byte[]> words) => byte.Parse(NextText(words), CultureInfo.InvariantCulture);

    private static ushort Next16(Queue<byte[]> words) => ushort.Parse(NextText(words), CultureInfo.InvariantCulture);

    private static uint Next32(Queue<byte[]> words) => uint.Parse(NextText(words), CultureInfo.InvariantCulture);

    /// <summary>A time as year to second, or in seconds since 1970.</summary>
    private static uint NextTime(Queue<byte[]> words)
    {
        string word = NextText(words);
        return word.Length == DnsSignatureData.TimeFormat.Length
            ? (uint)DateTimeOffset.ParseExact(
                word, DnsSignatureData.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeSeconds()
            : uint.Parse(word, CultureInfo.InvariantCulture);
    }

    private static FormatException Unreadable(string text, Exception? cause) => new(
        $"'{text}' is no DNS record. Examples: 'example.org A 192.0.2.1', 'example.org 300 IN MX 10 mail.example.org', "
        + "'example.org TXT \"some text\"', 'example.org TYPE731 \\# 2 abcd'.",
        cause);
}
