using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>Encoding of option lists, alike in IPv4 and TCP.</summary>
internal static class OptionBytes
{
    /// <summary>The options one after another, filled up with zeros to a multiple of 4 bytes.</summary>
    public static byte[] Encode<T>(IList<T> options, Func<T, byte[]> getBytes)
    {
        if (options.Count == 0)
        {
            return [];
        }

        int length = 0;
        foreach (T option in options)
        {
            length += getBytes(option).Length;
        }

        byte[] bytes = new byte[(length + 3) / 4 * 4];
        int at = 0;
        foreach (T option in options)
        {
            byte[] raw = getBytes(option);
            raw.CopyTo(bytes, at);
            at += raw.Length;
        }

        return bytes;
    }

    /// <summary>
    /// Whether what follows the end of the list is just the filling that <see cref="Encode"/> adds after so many bytes.
    /// </summary>
    public static bool IsFilling(ReadOnlySpan<byte> rest, int after) =>
        rest.Length <= (4 - (after % 4)) % 4 && !rest.ContainsAnyExcept((byte)0);

    /// <summary>An option of kind, length and data. Data beyond 253 bytes leaves the length field at 255.</summary>
    public static byte[] Make(byte kind, ReadOnlySpan<byte> data)
    {
        byte[] bytes = new byte[2 + data.Length];
        bytes[0] = kind;
        bytes[1] = (byte)Math.Min(bytes.Length, byte.MaxValue);
        data.CopyTo(bytes.AsSpan(2));
        return bytes;
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

/// <summary>An option's bytes with kind and length, told apart by type from its data alone.</summary>
internal readonly record struct RawOption(byte[] Bytes);
