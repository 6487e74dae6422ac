using System;
using System.Buffers.Binary;
using System.Globalization;

namespace TcpTools.Wire;

/// <summary>A 48-bit Ethernet address as a value.</summary>
/// <param name="Value">The 48 bits, first octet most significant.</param>
public readonly record struct MacAddress(ulong Value)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 6;

    /// <summary>ff:ff:ff:ff:ff:ff: every station.</summary>
    public static MacAddress Broadcast => new(0xFFFF_FFFF_FFFF);

    /// <summary>00:00:00:00:00:00: no station, as in the target of an ARP request.</summary>
    public static MacAddress None => default;

    /// <summary>Whether this is the broadcast address.</summary>
    public bool IsBroadcast => Value == 0xFFFF_FFFF_FFFF;

    /// <summary>Whether this addresses a group of stations (the first octet's lowest bit), broadcast included.</summary>
    public bool IsGroup => ((Value >> 40) & 1) != 0;

    /// <summary>Whether this was given by an administrator rather than a manufacturer (the first octet's second bit).</summary>
    public bool IsLocal => ((Value >> 40) & 2) != 0;

    /// <summary>The address in the first 6 bytes; missing bytes count as 0.</summary>
    public static MacAddress FromBytes(ReadOnlySpan<byte> bytes) =>
        new(((ulong)WireField.Read16(bytes, 0) << 32) | WireField.Read32(bytes, 2));

    /// <summary>Reads six pairs of hexadecimal digits, separated by colons or hyphens or not at all.</summary>
    /// <exception cref="FormatException">The text is no such address.</exception>
    public static MacAddress Parse(string text) =>
        TryParse(text, out MacAddress address)
            ? address
            : throw new FormatException($"'{text}' is no Ethernet address such as 02:00:00:00:00:01.");

    /// <summary>Reads six pairs of hexadecimal digits, separated by colons or hyphens or not at all.</summary>
    public static bool TryParse(string? text, out MacAddress address)
    {
        address = default;
        bool separated = text?.Length == 17;
        if (text is null || (!separated && text.Length != 12))
        {
            return false;
        }

        ulong value = 0;
        for (int i = 0; i < Length; i++)
        {
            int at = i * (separated ? 3 : 2);
            if ((separated && i > 0 && text[at - 1] is not (':' or '-'))
                || !byte.TryParse(text.AsSpan(at, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
            {
                return false;
            }

            value = (value << 8) | octet;
        }

        address = new(value);
        return true;
    }

    /// <summary>Writes the 6 bytes; writes nothing when <paramref name="destination"/> is too short.</summary>
    public bool TryWriteBytes(Span<byte> destination)
    {
        if (destination.Length < Length)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(destination[2..], (uint)Value);
        return true;
    }

    /// <summary>Six pairs of lower-case hexadecimal digits with colons.</summary>
    public override string ToString() => string.Create(17, Value, static (text, value) =>
    {
        const string Digits = "0123456789abcdef";
        for (int i = 0; i < Length; i++)
        {
            byte octet = (byte)(value >> (40 - (8 * i)));
            text[i * 3] = Digits[octet >> 4];
            text[(i * 3) + 1] = Digits[octet & 15];
            if (i < Length - 1)
            {
                text[(i * 3) + 2] = ':';
            }
        }
    });
}
