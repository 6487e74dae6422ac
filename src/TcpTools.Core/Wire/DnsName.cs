using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TcpTools.Wire;

/// <summary>
/// A domain name as a value (RFC 1035, 3.1): labels of any bytes. As text it has no dot at its end, but for the root;
/// bytes that would not be read back from text stand as <c>\DDD</c> or behind a backslash (RFC 1035, 5.1), and labels
/// in UTF-8 stand as their characters. Nothing is converted to or from the ASCII form of international names.
/// </summary>
public sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Bytes of a name on the wire at most (RFC 1035, 2.3.4).</summary>
    public const int MaximumLength = 255;

    /// <summary>Bytes of a label at most.</summary>
    public const int MaximumLabelLength = 63;

    /// <summary>A name has no more labels than that, and needs no more pointers.</summary>
    private const int MaximumJumps = 128;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Labels, each behind its length, and the empty one at the end.</summary>
    private readonly byte[] _wire;

    private DnsName(byte[] wire) => _wire = wire;

    /// <summary>The root, which has no label: <c>.</c></summary>
    public static DnsName Root { get; } = new([0]);

    /// <summary>Bytes of the name on the wire, uncompressed.</summary>
    public int Length => _wire.Length;

    /// <summary>Whether this is the root.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>The labels as text, outermost last.</summary>
    public IReadOnlyList<string> Labels
    {
        get
        {
            List<string> labels = [];
            for (int at = 0; _wire[at] != 0; at += 1 + _wire[at])
            {
                labels.Add(Show(_wire.AsSpan(at + 1, _wire[at])));
            }

            return labels;
        }
    }

    /// <summary>The name's bytes, uncompressed; nobody may change them.</summary>
    internal ReadOnlySpan<byte> Wire => _wire;

    /// <summary>
    /// Reads the name at a place of a message, compressed or not. A pointer must lead backwards, and each further than
    /// the one before, so that no name goes on for ever (RFC 1035, 4.1.4: "a prior occurrence").
    /// </summary>
    /// <param name="message">The whole message, from its identifier on.</param>
    /// <param name="offset">Where the name starts.</param>
    /// <param name="name">The name; null when there is none.</param>
    /// <param name="end">Where the name ends at its own place: what follows it starts there.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, int offset, [NotNullWhen(true)] out DnsName? name, out int end)
    {
        Span<byte> labels = stackalloc byte[MaximumLength];
        int length = 0;
        int at = offset;
        int limit = offset;
        int jumps = 0;
        name = null;
        end = offset;
        while ((uint)at < (uint)message.Length)
        {
            int head = message[at];
            if (head >= 0xC0)
            {
                int target = WireField.Read16(message, at) & 0x3FFF;
                bool isFirst = end == offset;
                if (at + 2 > message.Length || target >= limit || ++jumps > MaximumJumps)
                {
                    return false;
                }

                end = isFirst ? at + 2 : end;
                at = limit = target;
                continue;
            }

            // Other lengths with their upper bits set belong to kinds of labels that nobody uses (RFC 6891, 5).
            int next = at + 1 + head;
            if (head > MaximumLabelLength || next > message.Length || length + 1 + head > MaximumLength)
            {
                return false;
            }

            message[at..next].CopyTo(labels[length..]);
            length += 1 + head;
            if (head == 0)
            {
                end = end == offset ? next : end;
                name = length == 1 ? Root : new(labels[..length].ToArray());
                return true;
            }

            at = next;
        }

        return false;
    }

    /// <summary>Reads a name as people write it; a dot at its end is optional, <c>.</c> or nothing is the root.</summary>
    /// <exception cref="FormatException">The text is no name.</exception>
    public static DnsName Parse(string text) => TryParse(text, out DnsName? name)
        ? name
        : throw new FormatException(
            $"'{text}' is no domain name: labels of 1 to 63 bytes with dots between them, 255 bytes in all, such as example.org.");

    /// <summary>Reads a name as people write it; a dot at its end is optional, <c>.</c> or nothing is the root.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (text is null)
        {
            return false;
        }

        if (text is "" or ".")
        {
            name = Root;
            return true;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        List<byte> wire = [0];
        int label = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == '.')
            {
                if (wire.Count == label + 1)
                {
                    return false;
                }

                label = wire.Count;
                wire.Add(0);
                continue;
            }

            int value = bytes[i] == '\\' ? Unescape(bytes, ref i) : bytes[i];
            if (value < 0 || wire.Count - label > MaximumLabelLength)
            {
                return false;
            }

            wire.Add((byte)value);
            wire[label]++;
        }

        if (wire[label] != 0)
        {
            wire.Add(0);
        }

        if (wire.Count > MaximumLength)
        {
            return false;
        }

        name = new([.. wire]);
        return true;
    }

    /// <summary>The name's bytes, uncompressed.</summary>
    public byte[] ToBytes() => [.. _wire];

    /// <summary>Whether both are the same name: letters of ASCII count the same in either case (RFC 4343).</summary>
    public bool Equals(DnsName? other)
    {
        if (other is null || other._wire.Length != _wire.Length)
        {
            return false;
        }

        for (int i = 0; i < _wire.Length; i++)
        {
            if (Lower(_wire[i]) != Lower(other._wire[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (byte value in _wire)
        {
            hash.Add(Lower(value));
        }

        return hash.ToHashCode();
    }

    /// <summary>The name as text, which <see cref="Parse"/> reads back as the same bytes.</summary>
    public override string ToString() => IsRoot ? "." : string.Join('.', Labels);

    /// <summary>Bytes of text as people write them: printable, or escaped (RFC 1035, 5.1).</summary>
    internal static string Show(ReadOnlySpan<byte> bytes, string special = ".\\\"();@$ ")
    {
        StringBuilder text = new(bytes.Length);
        string? characters = bytes.ContainsAnyInRange((byte)0x80, (byte)0xFF) ? ReadUtf8(bytes) : null;
        if (characters is not null)
        {
            foreach (char c in characters)
            {
                _ = c >= 0x80 ? text.Append(c) : Append(text, (byte)c, special);
            }

            return text.ToString();
        }

        foreach (byte value in bytes)
        {
            Append(text, value, special);
        }

        return text.ToString();
    }

    /// <summary>The byte that an escape stands for; -1 for none. Leaves the index at the escape's last character.</summary>
    internal static int Unescape(ReadOnlySpan<byte> text, ref int index)
    {
        if (index + 1 >= text.Length)
        {
            return -1;
        }

        if (text[index + 1] is < (byte)'0' or > (byte)'9')
        {
            index++;
            return text[index];
        }

        int value = 0;
        for (int i = 1; i <= 3; i++)
        {
            if (index + i >= text.Length || text[index + i] is < (byte)'0' or > (byte)'9')
            {
                return -1;
            }

            value = (10 * value) + (text[index + i] - '0');
        }

        index += 3;
        return value > byte.MaxValue ? -1 : value;
    }

    private static StringBuilder Append(StringBuilder text, byte value, string special) => value switch
    {
        <= 0x20 or >= 0x7F when value != ' ' || special.Contains(' ', StringComparison.Ordinal) => text.Append(CultureInfo.InvariantCulture, $"\\{value:D3}"),
        _ when special.Contains((char)value, StringComparison.Ordinal) => text.Append('\\').Append((char)value),
        _ => text.Append((char)value),
    };

    /// <summary>The characters of strict UTF-8 without control characters; null for anything else.</summary>
    private static string? ReadUtf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            string text = s_strict.GetString(bytes);
            foreach (char c in text)
            {
                if (c >= 0x80 && (char.IsControl(c) || char.IsWhiteSpace(c)))
                {
                    return null;
                }
            }

            return text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static byte Lower(byte value) => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
}
