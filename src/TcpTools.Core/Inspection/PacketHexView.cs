using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>Bytes in hexadecimal digits: as a dump, field by field, or two packets against each other.</summary>
public static class PacketHexView
{
    private const int RowLength = 16;
    private const int DigitsColumn = 6;
    private const int TextColumn = DigitsColumn + (3 * RowLength) + 2;

    /// <summary>Sixteen bytes a line, with the offset before and the text behind.</summary>
    public static IEnumerable<PacketLine> Render(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length; at += RowLength)
        {
            yield return Row(bytes, at, "", null);
        }
    }

    /// <summary>A line for each field, with its bytes or, where it shares a byte with others, its bits; long data take several.</summary>
    public static IEnumerable<PacketLine> RenderFields(byte[] bytes, IEnumerable<PacketField> layers)
    {
        foreach (PacketField field in layers.SelectMany(layer => layer.Leaves()).OrderBy(field => field.BitOffset))
        {
            if (!field.IsWholeBytes)
            {
                yield return About(Start(field.Offset).Add(Bits(bytes, field)), field);
                continue;
            }

            for (int done = 0; done < field.Length; done += RowLength)
            {
                PacketLine line = Start(field.Offset + done);
                line.Add(Digits(bytes.AsSpan(field.Offset + done, Math.Min(RowLength, field.Length - done))));
                yield return done == 0 ? About(line, field) : line;
            }
        }
    }

    /// <summary>
    /// Two packets against each other: rows that are the same once, others from both, with marks below what differs.
    /// </summary>
    public static IEnumerable<PacketLine> RenderDifference(byte[] reference, byte[] difference)
    {
        for (int at = 0; at < Math.Max(reference.Length, difference.Length); at += RowLength)
        {
            bool[] differs = [.. Enumerable.Range(at, RowLength).Select(i => At(reference, i) != At(difference, i))];
            if (!differs.Contains(true))
            {
                yield return Row(reference, at, "  ", null);
                continue;
            }

            if (at < reference.Length)
            {
                yield return Row(reference, at, "- ", differs);
            }

            if (at < difference.Length)
            {
                yield return Row(difference, at, "+ ", differs);
            }

            PacketLine marks = new PacketLine().Pad(DigitsColumn + 2);
            for (int i = 0; i < RowLength; i++)
            {
                marks.Add(differs[i] ? "^^ " : "   ", LineRole.Different).Add(i == 7 ? " " : "");
            }

            yield return marks;
        }
    }

    private static int At(byte[] bytes, int index) => index < bytes.Length ? bytes[index] : -1;

    private static PacketLine Start(int offset) => new PacketLine().Add(offset.ToString("x4", CultureInfo.InvariantCulture), LineRole.Place).Add("  ");

    private static PacketLine Row(byte[] bytes, int at, string prefix, bool[]? differs)
    {
        PacketLine line = new PacketLine().Add(prefix, differs is null ? LineRole.Plain : LineRole.Different);
        line.Add(at.ToString("x4", CultureInfo.InvariantCulture), LineRole.Place).Add("  ");
        int length = Math.Min(RowLength, bytes.Length - at);
        StringBuilder text = new();
        for (int i = 0; i < length; i++)
        {
            byte value = bytes[at + i];
            line.Add(value.ToString("x2", CultureInfo.InvariantCulture), differs?[i] == true ? LineRole.Different : LineRole.Plain);
            line.Add(i == 7 ? "  " : " ");
            text.Append(value is >= 0x20 and <= 0x7E ? (char)value : '.');
        }

        return line.Pad(TextColumn + prefix.Length).Add(text.ToString());
    }

    private static PacketLine About(PacketLine line, PacketField field)
    {
        line.Pad(TextColumn, 2).Add(field.Path, LineRole.Name).Add(" ");
        return field.State switch
        {
            PacketFieldState.Computed => line.Add(field.Text, LineRole.Computed).Add(" computed", LineRole.Computed),
            PacketFieldState.Fixed => line.Add(field.Text, LineRole.Fixed).Add(" set", LineRole.Fixed),
            _ => line.Add(field.Text),
        };
    }

    private static string Digits(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        for (int i = 0; i < bytes.Length; i++)
        {
            text.Append(i == 0 ? "" : i == 8 ? "  " : " ").Append(bytes[i].ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    /// <summary>The bits of the bytes that a field lies in, with points for those of others.</summary>
    private static string Bits(byte[] bytes, PacketField field)
    {
        StringBuilder text = new();
        for (int i = 0; i < field.Length * 8; i++)
        {
            int bit = (field.Offset * 8) + i;
            bool isIn = bit >= field.BitOffset && bit < field.BitOffset + field.BitLength;
            text.Append(i > 0 && i % 4 == 0 ? " " : "");
            text.Append(!isIn ? '.' : (bytes[bit / 8] >> (7 - (bit % 8)) & 1) != 0 ? '1' : '0');
        }

        return text.ToString();
    }
}
