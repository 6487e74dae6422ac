using System;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Reads options of IPv6 as people write them, and as they are printed.</summary>
internal static class IPv6OptionText
{
    public static IPv6Option Parse(string text)
    {
        try
        {
            return TryRead(text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)) ?? throw Unreadable(text, null);
        }
        catch (Exception error) when (error is FormatException or OverflowException)
        {
            throw Unreadable(text, error);
        }
    }

    private static IPv6Option? TryRead(string[] words)
    {
        if (words.Length == 0)
        {
            return null;
        }

        string name = words[0].ToUpperInvariant();
        return (name, words.Length) switch
        {
            ("PAD1", 1) => IPv6Option.Pad1,
            ("PADN", 1) => IPv6Option.Pad(2),
            ("PADN", 2) => IPv6Option.Pad(ReadByte(words[1])),
            ("RA" or "ROUTERALERT", 1) => new IPv6RouterAlertOption(),
            ("RA" or "ROUTERALERT", 2) => new IPv6RouterAlertOption(ushort.Parse(words[1], CultureInfo.InvariantCulture)),
            ("JUMBO", 2) => new IPv6JumboOption(uint.Parse(words[1], CultureInfo.InvariantCulture)),
            ("HOMEADDRESS" or "HAO", 2) when NetworkAddress.TryParse(words[1], out NetworkAddress address) && address.IsIPv6 =>
                new IPv6HomeAddressOption(address),
            ("QUICKSTART", 9) => new IPv6QuickStartOption(
                ReadByte(words[2]), ReadByte(words[4]), ReadByte(words[6]), ReadHexNumber(words[8])),
            _ when name.StartsWith("UNKNOWN-", StringComparison.Ordinal) => new IPv6Option(
                ReadByte(name[8..]), words.Length > 1 ? ReadHex(words[1]) : []),
            _ => null,
        };
    }

    private static byte ReadByte(string word) => byte.Parse(word, CultureInfo.InvariantCulture);

    private static uint ReadHexNumber(string word) =>
        uint.Parse(WithoutPrefix(word), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static byte[] ReadHex(string word) => Convert.FromHexString(WithoutPrefix(word));

    private static string WithoutPrefix(string word) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word[2..] : word;

    private static FormatException Unreadable(string text, Exception? cause) => new(
        $"'{text}' is no option of IPv6. Examples: 'RouterAlert 0', 'Jumbo 70000', 'HomeAddress 2001:db8::1', 'PadN 4', 'Pad1', 'unknown-77 0x0102'.",
        cause);
}
