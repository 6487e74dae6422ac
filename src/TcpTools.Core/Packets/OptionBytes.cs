using System;

namespace TcpTools.Packets;

/// <summary>Encoding of option lists, alike in IPv4 and TCP.</summary>
internal static class OptionBytes
{
    /// <summary>So many bytes, filled up to a multiple of 4.</summary>
    public static int FillUp(int length) => (length + 3) & ~3;

    /// <summary>
    /// Whether what follows the end of the list is just the filling that is added after so many bytes.
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

/// <summary>An option that keeps its exact bytes.</summary>
internal interface IRawOption
{
    /// <summary>The option's bytes; nobody may change them.</summary>
    byte[] Raw { get; }

    /// <summary>How many they are.</summary>
    int RawLength => Raw.Length;

    /// <summary>Writes them to the start of a span.</summary>
    void WriteRaw(Span<byte> bytes) => Raw.CopyTo(bytes);
}

/// <summary>An option's bytes with kind and length, told apart by type from its data alone.</summary>
internal readonly record struct RawOption(byte[] Bytes);
