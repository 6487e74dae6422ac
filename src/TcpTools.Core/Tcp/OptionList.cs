using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// A layout written as a list, in the words of p0f's signatures: <c>mss,nop,ws,nop,nop,sok</c>. What a connection has nothing to
/// say about is left out.
/// </summary>
/// <remarks>
/// <para>Words: <c>mss</c>, <c>ws</c>, <c>sok</c> (SACK-permitted), <c>sack</c> (blocks), <c>ts</c>, <c>nop</c>, <c>eol</c>; <c>mss=1400</c> and
/// <c>ws=3</c> with a value of the list's own; <c>?253=f989</c> is an option of any kind with its data in hexadecimal
/// digits, <c>?28</c> one without data.</para>
/// <para>One list for SYN and SYN-ACK, and, if segments behind the handshake shall differ from what everybody does, one for them.</para>
/// </remarks>
public sealed class OptionList : ITcpOptionLayout
{
    private readonly Item[] _syn;
    private readonly Item[] _synAck;
    private readonly Item[]? _established;

    /// <summary>A layout.</summary>
    /// <param name="syn">The options of a SYN, and of a SYN-ACK where <paramref name="synAck"/> does not say otherwise.</param>
    /// <param name="synAck">The options of a SYN-ACK.</param>
    /// <param name="established">The options of all other segments; null for timestamps and SACK blocks, aligned.</param>
    /// <param name="name">The layout's name; null for the list itself.</param>
    /// <exception cref="StackException">A word is none of a layout's, or the options of the SYN need more than 40 bytes.</exception>
    public OptionList(string syn, string? synAck = null, string? established = null, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(syn);
        _syn = Parse(syn);
        _synAck = synAck is null ? _syn : Parse(synAck);
        _established = established is null ? null : Parse(established);
        Name = name ?? string.Join(',', _syn.Select(item => item.ToString()));
        foreach (Item[] items in new[] { _syn, _synAck, _established ?? [] })
        {
            int length = items.Sum(item => item.Length);
            if (length > TcpOptionWriter.MaximumLength)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"The options '{string.Join(',', items.Select(item => item.ToString()))}' take {length} bytes.",
                    $"A header has room for {TcpOptionWriter.MaximumLength}: leave some out.");
            }
        }
    }

    /// <summary>The words that a list may have.</summary>
    public static IReadOnlyList<string> Words { get; } = ["mss", "ws", "sok", "sack", "ts", "nop", "eol"];

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Whether a text looks like a list: it has more than one word, or its word is one of a list's.</summary>
    public static bool IsList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 || text.Contains(',', StringComparison.Ordinal) || text.Contains('=', StringComparison.Ordinal)
            || text.StartsWith('?') || Words.Contains(text, StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
    {
        Item[]? items = content.Place switch
        {
            OptionPlace.Syn => _syn,
            OptionPlace.SynAck => _synAck,
            _ => _established,
        };
        if (items is null)
        {
            EstablishedOptions.Write(ref writer, content);
            return;
        }

        foreach (Item item in items)
        {
            item.Write(ref writer, content);
        }
    }

    /// <summary>The list of the SYN.</summary>
    public override string ToString() => Name;

    private static Item[] Parse(string list)
    {
        string[] words = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. words.Select(Item.Parse)];
    }

    private readonly record struct Item(byte Kind, int? Value, byte[]? Data)
    {
        /// <summary>Bytes that it takes at least.</summary>
        public int Length => Data is not null ? 2 + Data.Length : Kind switch
        {
            TcpOptionKind.MaximumSegmentSize => 4,
            TcpOptionKind.WindowScale => 3,
            TcpOptionKind.SackPermitted => 2,
            TcpOptionKind.Timestamps => 10,
            TcpOptionKind.Sack => 0,
            _ => 1,
        };

        public static Item Parse(string word)
        {
            string[] halves = word.ToLowerInvariant().Split('=', 2, StringSplitOptions.TrimEntries);
            string? value = halves.Length > 1 ? halves[1] : null;
            return halves[0] switch
            {
                "mss" => new Item(TcpOptionKind.MaximumSegmentSize, Number(word, value, ushort.MaxValue), null),
                "ws" or "wscale" => new Item(TcpOptionKind.WindowScale, Number(word, value, 14), null),
                "sok" or "sackok" when value is null => new Item(TcpOptionKind.SackPermitted, null, null),
                "sack" when value is null => new Item(TcpOptionKind.Sack, null, null),
                "ts" or "timestamps" when value is null => new Item(TcpOptionKind.Timestamps, null, null),
                "nop" when value is null => new Item(TcpOptionKind.NoOperation, null, null),
                "eol" when value is null => new Item(TcpOptionKind.End, null, null),
                _ when halves[0].StartsWith('?') && byte.TryParse(halves[0].AsSpan(1), CultureInfo.InvariantCulture, out byte kind) && kind > 1 =>
                    new Item(kind, null, Hex(word, value)),
                _ => throw Unknown(word),
            };
        }

        public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
        {
            switch (Kind)
            {
                case var _ when Data is not null:
                    writer.AddRaw(Kind, Data);
                    break;
                case TcpOptionKind.MaximumSegmentSize when content.IsSyn:
                    writer.AddMaximumSegmentSize((ushort?)Value ?? content.MaximumSegmentSize);
                    break;
                case TcpOptionKind.WindowScale when content.WindowScale is { } scale:
                    writer.AddWindowScale((byte?)Value ?? scale);
                    break;
                case TcpOptionKind.SackPermitted when content.SackPermitted && content.IsSyn:
                    writer.AddSackPermitted();
                    break;
                case TcpOptionKind.Timestamps when content.HasTimestamps:
                    writer.AddTimestamps(content.TimestampValue, content.TimestampEcho);
                    break;
                case TcpOptionKind.Sack when !content.SackBlocks.IsEmpty:
                    writer.AddSack(content.SackBlocks);
                    break;
                case TcpOptionKind.NoOperation:
                    writer.AddNop();
                    break;
                case TcpOptionKind.End:
                    writer.AddEnd();
                    break;
                default:
                    break;
            }
        }

        public override string ToString()
        {
            string word = Data is not null ? $"?{Kind}" : Kind switch
            {
                TcpOptionKind.MaximumSegmentSize => "mss",
                TcpOptionKind.WindowScale => "ws",
                TcpOptionKind.SackPermitted => "sok",
                TcpOptionKind.Timestamps => "ts",
                TcpOptionKind.Sack => "sack",
                TcpOptionKind.NoOperation => "nop",
                _ => "eol",
            };
            return Value is { } value ? $"{word}={value}" : Data is { Length: > 0 } data ? $"{word}={Convert.ToHexStringLower(data)}" : word;
        }

        private static int? Number(string word, string? value, int most)
        {
            if (value is null)
            {
                return null;
            }

            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most
                ? number
                : throw new StackException(
                    StackError.InvalidArgument, $"'{word}' does not fit a list of options.", $"The value is a number from 0 to {most}.");
        }

        private static byte[] Hex(string word, string? value)
        {
            try
            {
                return value is null ? [] : Convert.FromHexString(value);
            }
            catch (FormatException e)
            {
                throw new StackException(
                    StackError.InvalidArgument, $"'{word}' does not fit a list of options.", "Write the data in pairs of hexadecimal digits, as in ?253=f989.", e);
            }
        }

        private static StackException Unknown(string word) => new(
            StackError.InvalidArgument,
            $"'{word}' is no word of a list of options.",
            $"Use {string.Join(", ", Words)}, mss=1400, ws=3, or an option of any kind such as ?253=f989.");
    }
}
