using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TcpTools.Wire;

/// <summary>
/// Control bits as people write them: names (<c>Syn,Ack</c>, <c>SYN|ACK</c>), letters (<c>SA</c>, or <c>S.</c> as tcpdump
/// prints them) or numbers (<c>0x12</c>, <c>18</c>).
/// </summary>
public static class TcpFlagsText
{
    private const string Letters = "FSRPAUECN";
    private const string DumpLetters = "FSRP.UEWe";
    private static readonly string[] Names = ["Fin", "Syn", "Rst", "Psh", "Ack", "Urg", "Ece", "Cwr"];

    /// <summary>Reads control bits in any of the forms; letters and names mean the same in either case.</summary>
    /// <exception cref="FormatException">The text is none of the forms.</exception>
    public static TcpFlags Parse(string text) =>
        TryParse(text, out TcpFlags flags)
            ? flags
            : throw new FormatException(
                $"'{text}' are no TCP flags. Write letters such as SA (FSRPAUECN), names such as 'Syn,Ack', or a number such as 0x12.");

    /// <summary>Reads control bits in any of the forms.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TcpFlags flags)
    {
        flags = TcpFlags.None;
        if (text is null)
        {
            return false;
        }

        foreach (string token in text.Split([',', '|', '+', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!TryParseToken(token, out TcpFlags part))
            {
                return false;
            }

            flags |= part;
        }

        return true;
    }

    /// <summary>One letter a bit, lowest bit first: <c>SA</c> for SYN and ACK; empty for none.</summary>
    public static string ToLetters(TcpFlags flags) => Spell(flags, Letters);

    /// <summary>As tcpdump prints them: <c>S.</c> for SYN and ACK; <c>none</c> for none.</summary>
    public static string ToDump(TcpFlags flags) => flags == TcpFlags.None ? "none" : Spell(flags, DumpLetters);

    private static bool TryParseToken(string token, out TcpFlags flags)
    {
        flags = TcpFlags.None;

        // "AE" is ACK and ECE in letters; the bit of that name has to be written as it is declared.
        if (token == nameof(TcpFlags.Ae))
        {
            flags = TcpFlags.Ae;
            return true;
        }

        if (token.Equals(nameof(TcpFlags.None), StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        int named = Array.FindIndex(Names, name => name.Equals(token, StringComparison.OrdinalIgnoreCase));
        if (named >= 0)
        {
            flags = (TcpFlags)(1 << named);
            return true;
        }

        return char.IsAsciiDigit(token[0]) ? TryParseNumber(token, out flags) : TryParseLetters(token, out flags);
    }

    private static bool TryParseNumber(string token, out TcpFlags flags)
    {
        bool valid = token.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ushort.TryParse(token.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number)
            : ushort.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        valid &= number <= 0x1FF;
        flags = valid ? (TcpFlags)number : TcpFlags.None;
        return valid;
    }

    private static bool TryParseLetters(string token, out TcpFlags flags)
    {
        flags = TcpFlags.None;
        foreach (char letter in token)
        {
            int bit = letter switch
            {
                '.' => 4,
                'W' or 'w' => 7,
                _ => Letters.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal),
            };
            if (bit < 0)
            {
                return false;
            }

            flags |= (TcpFlags)(1 << bit);
        }

        return true;
    }

    private static string Spell(TcpFlags flags, string letters)
    {
        StringBuilder text = new();
        for (int bit = 0; bit < letters.Length; bit++)
        {
            if (((int)flags >> bit & 1) != 0)
            {
                text.Append(letters[bit]);
            }
        }

        return text.ToString();
    }
}
