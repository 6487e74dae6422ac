using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Numbers that start and end anywhere in bytes, most significant bit first.</summary>
internal static class FieldBits
{
    /// <summary>Reads up to 64 bits; those that are not there read as 0.</summary>
    public static ulong Read(ReadOnlySpan<byte> bytes, int bit, int bits)
    {
        ulong value = 0;
        int end = bit + bits;
        while (bit < end)
        {
            int free = 8 - (bit % 8);
            int take = Math.Min(free, end - bit);
            int part = (WireField.Read8(bytes, bit / 8) >> (free - take)) & ((1 << take) - 1);
            value = (value << take) | (uint)part;
            bit += take;
        }

        return value;
    }

    /// <summary>Writes the low bits of a number; those for which there are no bytes are left out.</summary>
    public static void Write(Span<byte> bytes, int bit, int bits, ulong value)
    {
        for (int i = 0; i < bits; i++)
        {
            int at = bit + i;
            if (at / 8 < bytes.Length)
            {
                byte mask = (byte)(0x80 >> (at % 8));
                bool isSet = ((value >> (bits - 1 - i)) & 1) != 0;
                bytes[at / 8] = (byte)(isSet ? bytes[at / 8] | mask : bytes[at / 8] & ~mask);
            }
        }
    }
}
