using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TcpTools.Wire;

/// <summary>
/// The Internet checksum (RFC 1071): the complement of the ones' complement sum of 16-bit words. A partial sum is
/// opaque: it is kept in the machine's own byte order (RFC 1071, 2(B)) and turned over only when it is folded.
/// </summary>
public static class InternetChecksum
{
    /// <summary>From this length on, vectors beat 64-bit words.</summary>
    private const int VectorThreshold = 128;

    /// <summary>
    /// Adds bytes that start at an even offset of what is summed. An odd last byte counts as if a zero byte followed
    /// (RFC 1071, 4.1); to add more after it use <see cref="Combine"/>.
    /// </summary>
    public static ulong Add(ulong partial, ReadOnlySpan<byte> bytes)
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        nuint offset = 0;
        nuint left = (nuint)bytes.Length;
        if (left >= VectorThreshold)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                partial = AddWithCarry(partial, Sum512(ref start, ref offset, left));
            }
            else if (Vector256.IsHardwareAccelerated)
            {
                partial = AddWithCarry(partial, Sum256(ref start, ref offset, left));
            }

            left -= offset;
        }

        for (; left >= 8; left -= 8, offset += 8)
        {
            partial = AddWithCarry(partial, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));
        }

        return left == 0 ? partial : AddWithCarry(partial, ReadTail(bytes[(int)offset..]));
    }

    /// <summary>
    /// The sum over the pseudo-header of a transport protocol: of IPv4 (RFC 9293, 3.1) or IPv6 (RFC 8200, 8.1), by the
    /// family of the addresses.
    /// </summary>
    /// <param name="source">The source address.</param>
    /// <param name="destination">The (final) destination address.</param>
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="length">Bytes of transport header and data.</param>
    public static ulong PseudoHeader(NetworkAddress source, NetworkAddress destination, byte protocol, int length)
    {
        // No carry can get lost: each term has at most 33 bits.
        ulong tail = (ulong)ToNative((uint)length) + ToNative((uint)protocol);
        if (source.IsIPv4 && destination.IsIPv4)
        {
            return tail + ToNative(source.IPv4Bits) + ToNative(destination.IPv4Bits);
        }

        Span<byte> addresses = stackalloc byte[32];
        addresses.Clear();
        source.TryWriteBytes(addresses);
        destination.TryWriteBytes(addresses[16..]);
        return Add(tail, addresses);
    }

    /// <summary>The sum over the pseudo-header of IPv4 alone, by the addresses' bits.</summary>
    internal static ulong PseudoHeader(uint source, uint destination, byte protocol, int length) =>
        (ulong)ToNative((uint)length) + ToNative((uint)protocol) + ToNative(source) + ToNative(destination);

    /// <summary>
    /// The 16-bit sum in network order, not complemented: what a field holds whose checksum a device completes.
    /// </summary>
    public static ushort Fold(ulong partial)
    {
        // Adding the halves twice leaves no carry; each step keeps the value modulo the smaller 2^n - 1.
        partial = (partial & 0xFFFFFFFF) + (partial >> 32);
        partial = (partial & 0xFFFFFFFF) + (partial >> 32);
        partial = (partial & 0xFFFF) + (partial >> 16);
        partial = (partial & 0xFFFF) + (partial >> 16);
        ushort sum = (ushort)partial;
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(sum) : sum;
    }

    /// <summary>The checksum field's value: the complement of <see cref="Fold"/>.</summary>
    public static ushort Finish(ulong partial) => (ushort)~Fold(partial);

    /// <summary>The checksum field's value for UDP, where 0 means that there is none, so that 0 is sent as 0xFFFF (RFC 768).</summary>
    public static ushort FinishUdp(ulong partial)
    {
        ushort checksum = Finish(partial);
        return checksum == 0 ? (ushort)0xFFFF : checksum;
    }

    /// <summary>The checksum field's value over these bytes alone, the field itself being zero or left out.</summary>
    public static ushort Compute(ReadOnlySpan<byte> bytes) => Finish(Add(0, bytes));

    /// <summary>
    /// Whether the bytes that a partial sum was made of, the checksum field among them, fit together: the sum is then
    /// "all ones" (RFC 1071, 1).
    /// </summary>
    public static bool IsValid(ulong partial) => Fold(partial) == 0xFFFF;

    /// <summary>The checksum after one 16-bit word has changed: RFC 1624, equation 3.</summary>
    public static ushort Update(ushort checksum, ushort oldWord, ushort newWord)
    {
        uint sum = (uint)(ushort)~checksum + (ushort)~oldWord + newWord;
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }

    /// <summary>The checksum after two 16-bit words have changed that stand for one 32-bit field: RFC 1624, equation 3.</summary>
    public static ushort Update32(ushort checksum, uint oldValue, uint newValue) =>
        Update(
            Update(checksum, (ushort)(oldValue >> 16), (ushort)(newValue >> 16)), (ushort)oldValue, (ushort)newValue);

    /// <summary>
    /// The partial sum of two pieces that follow each other. When the second starts at an odd offset, its bytes stand in
    /// the other halves of their words, which is a rotation by 8 bits (RFC 1071, 2(B)).
    /// </summary>
    public static ulong Combine(ulong a, ulong b, bool bStartsOdd) =>
        AddWithCarry(a, bStartsOdd ? BitOperations.RotateLeft(b, 8) : b);

    private static ulong AddWithCarry(ulong a, ulong b)
    {
        ulong sum = a + b;
        return sum < a ? sum + 1 : sum;
    }

    private static uint ToNative(uint networkOrder) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(networkOrder) : networkOrder;

    /// <summary>Fewer than 8 bytes as if zero bytes followed.</summary>
    private static ulong ReadTail(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[8];
        padded.Clear();
        bytes.CopyTo(padded);
        return MemoryMarshal.Read<ulong>(padded);
    }

    /// <summary>
    /// Sums 32-bit words in 64-bit lanes, where 2^32 of them fit before a carry could get lost: more than a span holds.
    /// </summary>
    private static ulong Sum256(ref byte start, ref nuint offset, nuint length)
    {
        Vector256<ulong> lowHalves = Vector256.Create(0xFFFFFFFFUL);
        Vector256<ulong> low = Vector256<ulong>.Zero;
        Vector256<ulong> high = Vector256<ulong>.Zero;
        nuint i = offset;
        for (; i + 64 <= length; i += 64)
        {
            Vector256<ulong> a = Vector256.LoadUnsafe(ref start, i).AsUInt64();
            Vector256<ulong> b = Vector256.LoadUnsafe(ref start, i + 32).AsUInt64();
            low += (a & lowHalves) + (b & lowHalves);
            high += (a >>> 32) + (b >>> 32);
        }

        offset = i;
        return SumLanes(low + high);
    }

    /// <inheritdoc cref="Sum256"/>
    private static ulong Sum512(ref byte start, ref nuint offset, nuint length)
    {
        Vector512<ulong> lowHalves = Vector512.Create(0xFFFFFFFFUL);
        Vector512<ulong> low = Vector512<ulong>.Zero;
        Vector512<ulong> high = Vector512<ulong>.Zero;
        nuint i = offset;
        for (; i + 64 <= length; i += 64)
        {
            Vector512<ulong> a = Vector512.LoadUnsafe(ref start, i).AsUInt64();
            low += a & lowHalves;
            high += a >>> 32;
        }

        offset = i;
        Vector512<ulong> sum = low + high;
        return SumLanes(sum.GetLower() + sum.GetUpper());
    }

    private static ulong SumLanes(Vector256<ulong> lanes) =>
        AddWithCarry(AddWithCarry(lanes[0], lanes[1]), AddWithCarry(lanes[2], lanes[3]));
}
