using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads a header of generic routing encapsulation, version 0 (RFC 2784, RFC 2890). Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The bytes from the flags on.</param>
public readonly ref struct GreView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header without its optional fields.</summary>
    public const int MinimumHeaderLength = 4;

    /// <summary>The bit that says that there is a checksum: C.</summary>
    public const ushort ChecksumBit = 0x8000;

    /// <summary>The bit that says that there is a source route (RFC 1701): no longer used.</summary>
    public const ushort RoutingBit = 0x4000;

    /// <summary>The bit that says that there is a key: K.</summary>
    public const ushort KeyBit = 0x2000;

    /// <summary>The bit that says that there is a sequence number: S.</summary>
    public const ushort SequenceBit = 0x1000;

    /// <summary>The flags that mean nothing in version 0.</summary>
    public const ushort ReservedBits = 0x0FF8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The first word: flags and version.</summary>
    public ushort Flags => WireField.Read16(_bytes, 0);

    /// <summary>The version: 0, or 1 for PPTP, whose header differs (RFC 2637).</summary>
    public byte Version => (byte)(Flags & 7);

    /// <summary>Whether the optional fields are those of RFC 2784 and RFC 2890: version 0 and no source route.</summary>
    public bool IsStandard => Version == 0 && (Flags & RoutingBit) == 0;

    /// <summary>What it carries: an Ethernet type.</summary>
    public ushort Protocol => WireField.Read16(_bytes, 2);

    /// <summary>Whether there is a checksum.</summary>
    public bool HasChecksum => (Flags & ChecksumBit) != 0;

    /// <summary>Whether there is a key.</summary>
    public bool HasKey => (Flags & KeyBit) != 0;

    /// <summary>Whether there is a sequence number.</summary>
    public bool HasSequence => (Flags & SequenceBit) != 0;

    /// <summary>Bytes of the header with the optional fields that it announces.</summary>
    public int HeaderLength => MinimumHeaderLength + (HasChecksum ? 4 : 0) + (HasKey ? 4 : 0) + (HasSequence ? 4 : 0);

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>The checksum over header and content; 0 without.</summary>
    public ushort Checksum => HasChecksum ? WireField.Read16(_bytes, 4) : (ushort)0;

    /// <summary>What stands behind the checksum: reserved.</summary>
    public ushort Reserved => HasChecksum ? WireField.Read16(_bytes, 6) : (ushort)0;

    /// <summary>The key; 0 without.</summary>
    public uint Key => HasKey ? WireField.Read32(_bytes, HasChecksum ? 8 : 4) : 0;

    /// <summary>The sequence number; 0 without.</summary>
    public uint Sequence => HasSequence ? WireField.Read32(_bytes, HeaderLength - 4) : 0;

    /// <summary>Whether the checksum fits, or there is none.</summary>
    public bool IsChecksumValid => !HasChecksum || InternetChecksum.IsValid(InternetChecksum.Add(0, _bytes));

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);
}
