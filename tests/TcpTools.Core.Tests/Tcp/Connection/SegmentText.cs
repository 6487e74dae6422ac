using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Tests.Tcp;

/// <summary>
/// A segment as a line of text: <c>FLAGS start:end [ack n] [win n] [urg n] [fill c] [&lt;options&gt;]</c>, numbers relative to
/// both sides' initial sequence numbers, payload bytes taken from <see cref="Pattern"/> unless <c>fill</c> says otherwise.
/// What a line leaves out is 0 in a segment to inject and of no interest in one that is expected.
/// </summary>
internal sealed class SegmentText
{
    public TcpFlags Flags { get; private set; }

    public long Start { get; private set; }

    public long End { get; private set; }

    public long? Ack { get; private set; }

    public int? Window { get; private set; }

    public ushort? Urgent { get; private set; }

    public char? Fill { get; private set; }

    public string? Options { get; private set; }

    public int Length => (int)(End - Start);

    /// <summary>The byte at a relative sequence number of a stream: any part of it can be made and checked by itself.</summary>
    public static byte Pattern(long position) => (byte)((position * 7) + (position >> 8) + (position >> 16));

    public static byte[] PatternBytes(long start, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = Pattern(start + i);
        }

        return bytes;
    }

    public static SegmentText Parse(string text)
    {
        SegmentText result = new();
        int bracket = text.IndexOf('<', StringComparison.Ordinal);
        if (bracket >= 0)
        {
            result.Options = text[(bracket + 1)..text.LastIndexOf('>')].Trim();
            text = text[..bracket];
        }

        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        result.Flags = ParseFlags(words[0]);
        for (int i = 1; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "ack":
                    result.Ack = long.Parse(words[++i], CultureInfo.InvariantCulture);
                    break;
                case "win":
                    result.Window = int.Parse(words[++i], CultureInfo.InvariantCulture);
                    break;
                case "urg":
                    result.Urgent = ushort.Parse(words[++i], CultureInfo.InvariantCulture);
                    break;
                case "fill":
                    result.Fill = words[++i][0];
                    break;
                default:
                    string[] ends = words[i].Split('(')[0].Split(':');
                    result.Start = long.Parse(ends[0], CultureInfo.InvariantCulture);
                    result.End = ends.Length > 1 ? long.Parse(ends[1], CultureInfo.InvariantCulture) : result.Start;
                    break;
            }
        }

        return result;
    }

    public byte[] MakePayload() =>
        Fill is { } fill ? Enumerable.Repeat((byte)fill, Length).ToArray() : PatternBytes(Start + ((Flags & TcpFlags.Syn) != 0 ? 1 : 0), Length);

    /// <summary>The option bytes; sequence numbers are absolute with <paramref name="origin"/> added, echoes with <paramref name="echoOrigin"/>.</summary>
    public static byte[] MakeOptions(string? text, SequenceNumber origin, uint echoOrigin)
    {
        TcpOptionWriter writer = new(new byte[40]);
        foreach (string option in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] words = option.Split(' ');
            switch (words[0])
            {
                case "mss":
                    writer.AddMaximumSegmentSize(ushort.Parse(words[1], CultureInfo.InvariantCulture));
                    break;
                case "wscale":
                    writer.AddWindowScale(byte.Parse(words[1], CultureInfo.InvariantCulture));
                    break;
                case "sackOK":
                    writer.AddSackPermitted();
                    break;
                case "nop":
                    writer.AddNop();
                    break;
                case "eol":
                    writer.AddEnd();
                    break;
                case "TS":
                    uint echo = words[2] == "-" ? 0 : (uint)long.Parse(words[2], CultureInfo.InvariantCulture) + echoOrigin;
                    writer.AddTimestamps((uint)long.Parse(words[1], CultureInfo.InvariantCulture), echo);
                    break;
                case "sack":
                    writer.AddSack(words[1..].Select(word => ParseBlock(word, origin)).ToArray());
                    break;
                case "hex":
                    writer.AddRaw(Convert.FromHexString(words[1]));
                    break;
                default:
                    throw new FormatException(option);
            }
        }

        while (writer.Length % 4 != 0)
        {
            writer.AddEnd();
        }

        return writer.Written.ToArray();
    }

    /// <summary>Option bytes as text, in the order they stand.</summary>
    public static string FormatOptions(ReadOnlySpan<byte> bytes, SequenceNumber origin, uint valueOrigin)
    {
        List<string> words = [];
        TcpOptionReader reader = new(bytes);
        while (reader.MoveNext())
        {
            words.Add(FormatOption(reader.Kind, reader.Data, origin, valueOrigin));
        }

        return string.Join(',', words);
    }

    public static string FormatFlags(TcpFlags flags)
    {
        StringBuilder text = new();
        foreach ((TcpFlags flag, char letter) in Letters)
        {
            if ((flags & flag) != 0)
            {
                text.Append(letter);
            }
        }

        return text.Length == 0 ? "-" : text.ToString();
    }

    private static readonly (TcpFlags Flag, char Letter)[] Letters =
    [
        (TcpFlags.Syn, 'S'), (TcpFlags.Fin, 'F'), (TcpFlags.Rst, 'R'), (TcpFlags.Psh, 'P'), (TcpFlags.Urg, 'U'), (TcpFlags.Ack, '.'),
    ];

    private static TcpFlags ParseFlags(string text)
    {
        TcpFlags flags = TcpFlags.None;
        foreach (char letter in text.Where(c => c != '-'))
        {
            flags |= Letters.Single(pair => pair.Letter == letter).Flag;
        }

        return flags;
    }

    private static SackBlock ParseBlock(string word, SequenceNumber origin)
    {
        string[] ends = word.Split(':');
        return new SackBlock(
            origin + (uint)long.Parse(ends[0], CultureInfo.InvariantCulture),
            origin + (uint)long.Parse(ends[1], CultureInfo.InvariantCulture));
    }

    private static string FormatOption(byte kind, ReadOnlySpan<byte> data, SequenceNumber origin, uint valueOrigin)
    {
        switch (kind)
        {
            case TcpOptionKind.End:
                return "eol";
            case TcpOptionKind.NoOperation:
                return "nop";
            case TcpOptionKind.MaximumSegmentSize:
                return $"mss {ReadUInt16(data)}";
            case TcpOptionKind.WindowScale:
                return $"wscale {data[0]}";
            case TcpOptionKind.SackPermitted:
                return "sackOK";
            case TcpOptionKind.Timestamps:
                return $"TS {ReadUInt32(data) - valueOrigin} {ReadUInt32(data[4..])}";
            case TcpOptionKind.Sack:
                StringBuilder text = new("sack");
                for (; data.Length >= 8; data = data[8..])
                {
                    text.Append(CultureInfo.InvariantCulture, $" {ReadUInt32(data) - origin.Value}:{ReadUInt32(data[4..]) - origin.Value}");
                }

                return text.ToString();
            default:
                return $"hex {kind:x2}{data.Length + 2:x2}{Convert.ToHexString(data)}";
        }
    }

    private static int ReadUInt16(ReadOnlySpan<byte> data) => (data[0] << 8) | data[1];

    private static uint ReadUInt32(ReadOnlySpan<byte> data) => ((uint)ReadUInt16(data) << 16) | (uint)ReadUInt16(data[2..]);
}
