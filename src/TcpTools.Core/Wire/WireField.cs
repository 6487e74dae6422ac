using System;
using System.Buffers.Binary;

namespace TcpTools.Wire;

/// <summary>
/// Fixed fields in network order over bytes that may end too soon: what is missing reads as 0 and is not written. It is
/// what lets a view look at anything without throwing.
/// </summary>
internal static class WireField
{
    public static byte Read8(ReadOnlySpan<byte> bytes, int offset) =>
        (uint)offset < (uint)bytes.Length ? bytes[offset] : (byte)0;

    public static ushort Read16(ReadOnlySpan<byte> bytes, int offset) =>
        offset + 2 <= bytes.Length
            ? BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..])
            : (ushort)(Read8(bytes, offset) << 8);

    public static uint Read32(ReadOnlySpan<byte> bytes, int offset) =>
        offset + 4 <= bytes.Length
            ? BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..])
            : ((uint)Read16(bytes, offset) << 16) | Read16(bytes, offset + 2);

    public static void Write8(Span<byte> bytes, int offset, byte value)
    {
        if ((uint)offset < (uint)bytes.Length)
        {
            bytes[offset] = value;
        }
    }

    public static void Write16(Span<byte> bytes, int offset, ushort value)
    {
        if (offset + 2 <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);
        }
        else
        {
            Write8(bytes, offset, (byte)(value >> 8));
        }
    }

    public static void Write32(Span<byte> bytes, int offset, uint value)
    {
        if (offset + 4 <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);
        }
        else
        {
            Write16(bytes, offset, (ushort)(value >> 16));
            Write16(bytes, offset + 2, (ushort)value);
        }
    }

    /// <summary>An IPv6 address.</summary>
    public static NetworkAddress ReadIPv6(ReadOnlySpan<byte> bytes, int offset)
    {
        if (offset + 16 <= bytes.Length)
        {
            return NetworkAddress.FromBytes(bytes.Slice(offset, 16));
        }

        Span<byte> padded = stackalloc byte[16];
        padded.Clear();
        Cut(bytes, offset, bytes.Length).CopyTo(padded);
        return NetworkAddress.FromBytes(padded);
    }

    /// <summary>An address of either family, as far as there is room.</summary>
    public static void WriteAddress(Span<byte> bytes, int offset, NetworkAddress address)
    {
        if (offset >= bytes.Length || address.TryWriteBytes(bytes[offset..]))
        {
            return;
        }

        Span<byte> whole = stackalloc byte[16];
        address.TryWriteBytes(whole);
        whole[..(bytes.Length - offset)].CopyTo(bytes[offset..]);
    }

    public static void WriteMac(Span<byte> bytes, int offset, MacAddress address)
    {
        Write16(bytes, offset, (ushort)(address.Value >> 32));
        Write32(bytes, offset + 2, (uint)address.Value);
    }

    /// <summary>The bytes from <paramref name="start"/> to <paramref name="end"/>, as far as they exist.</summary>
    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> bytes, int start, int end)
    {
        end = Math.Min(end, bytes.Length);
        return start < end ? bytes[start..end] : default;
    }
}
