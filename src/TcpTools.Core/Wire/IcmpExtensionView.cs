using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads the extension structure behind the quotation of an ICMP error (RFC 4884, 7): a version, a checksum and objects.
/// Never throws.
/// </summary>
/// <param name="bytes">The structure to the message's end.</param>
public readonly ref struct IcmpExtensionView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes before the objects.</summary>
    public const int HeaderLength = 4;

    /// <summary>What a quotation in front of a structure is filled up to (RFC 4884, 3).</summary>
    public const int MinimumQuotation = 128;

    /// <summary>The version there is.</summary>
    public const byte CurrentVersion = 2;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether there is room for a header, and its version is known.</summary>
    public bool IsValid => _bytes.Length >= HeaderLength && Version == CurrentVersion;

    /// <summary>The version: 2.</summary>
    public byte Version => (byte)(WireField.Read8(_bytes, 0) >> 4);

    /// <summary>Twelve reserved bits.</summary>
    public ushort Reserved => (ushort)(WireField.Read16(_bytes, 0) & 0xFFF);

    /// <summary>The checksum over the structure; 0 for none.</summary>
    public ushort Checksum => WireField.Read16(_bytes, 2);

    /// <summary>Whether there is no checksum, or one that fits.</summary>
    public bool IsChecksumValid => Checksum == 0 || InternetChecksum.IsValid(InternetChecksum.Add(0, _bytes));

    /// <summary>The objects' bytes: each has a length of 16 bits that counts itself, a class and a type.</summary>
    public ReadOnlySpan<byte> Objects => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>The length of the object at the start of some bytes; 0 where there is none.</summary>
    public static int MeasureObject(ReadOnlySpan<byte> rest)
    {
        int length = WireField.Read16(rest, 0);
        return length >= 4 && length <= rest.Length ? length : 0;
    }
}
