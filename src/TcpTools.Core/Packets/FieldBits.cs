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
}
