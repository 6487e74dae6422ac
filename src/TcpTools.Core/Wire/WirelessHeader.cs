using System;
using System.Buffers.Binary;

namespace TcpTools.Wire;

/// <summary>Reads a frame of IEEE 802.11, whose fields have their least byte first. Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The frame from frame control on.</param>
public readonly ref struct Ieee80211View(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The first word: version, type, subtype and flags.</summary>
    public ushort FrameControl => Read16(0);

    /// <summary>0 for management, 1 for control, 2 for data.</summary>
    public byte Type => (byte)((FrameControl >> 2) & 3);

    /// <summary>The kind of frame among those of its type; 4 bits.</summary>
    public byte Subtype => (byte)((FrameControl >> 4) & 15);

    /// <summary>Whether the frame goes to the distribution system: from a station to its access point.</summary>
    public bool ToDistribution => (FrameControl & 0x0100) != 0;

    /// <summary>Whether the frame comes from the distribution system: from an access point to a station.</summary>
    public bool FromDistribution => (FrameControl & 0x0200) != 0;

    /// <summary>Whether the frame is sent again.</summary>
    public bool IsRetry => (FrameControl & 0x0800) != 0;

    /// <summary>Whether the content is encrypted.</summary>
    public bool IsProtected => (FrameControl & 0x4000) != 0;

    /// <summary>Whether this carries data: a data frame of a kind that is not just its header.</summary>
    public bool CarriesData => Type == 2 && (Subtype & 4) == 0;

    /// <summary>Whether quality of service control is there.</summary>
    public bool HasQualityOfService => Type == 2 && (Subtype & 8) != 0;

    /// <summary>Whether the content is several frames, each behind a header of its own (A-MSDU).</summary>
    public bool IsAggregate => HasQualityOfService && (WireField.Read8(_bytes, QualityOfServiceStart) & 0x80) != 0;

    /// <summary>For how long the medium is taken, in microseconds, or an association's number.</summary>
    public ushort Duration => Read16(2);

    /// <summary>Who is to receive this from the air.</summary>
    public MacAddress Address1 => MacAddress.FromBytes(WireField.Cut(_bytes, 4, 10));

    /// <summary>Who sends it through the air.</summary>
    public MacAddress Address2 => MacAddress.FromBytes(WireField.Cut(_bytes, 10, 16));

    /// <summary>A third address: the network's, the source or the destination, by the direction.</summary>
    public MacAddress Address3 => MacAddress.FromBytes(WireField.Cut(_bytes, 16, 22));

    /// <summary>The source between two access points.</summary>
    public MacAddress Address4 => ToDistribution && FromDistribution ? MacAddress.FromBytes(WireField.Cut(_bytes, 24, 30)) : default;

    /// <summary>The first sender: by the direction, one of the addresses (IEEE 802.11, 9.3.2.1).</summary>
    public MacAddress Source => (ToDistribution, FromDistribution) switch
    {
        (true, true) => Address4,
        (false, true) => Address3,
        _ => Address2,
    };

    /// <summary>The last receiver.</summary>
    public MacAddress Destination => ToDistribution ? Address3 : Address1;

    /// <summary>The sequence number; 12 bits.</summary>
    public ushort Sequence => (ushort)(Read16(22) >> 4);

    /// <summary>Bytes of the header, by type, subtype and flags.</summary>
    public int HeaderLength => Type switch
    {
        0 => 24 + (IsOrdered ? 4 : 0),
        // Acknowledgments and clearances have one address, other control frames two.
        1 => Subtype is 12 or 13 ? 10 : 16,
        2 => QualityOfServiceStart + (HasQualityOfService ? IsOrdered ? 6 : 2 : 0),
        _ => 24,
    };

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    private int QualityOfServiceStart => ToDistribution && FromDistribution ? 30 : 24;

    private bool IsOrdered => (FrameControl & 0x8000) != 0;

    private ushort Read16(int offset) => BinaryPrimitives.ReverseEndianness(WireField.Read16(_bytes, offset));
}

/// <summary>Reads a radiotap header, which capturing drivers put before a frame of IEEE 802.11. Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The bytes from the header's version on.</param>
public readonly ref struct RadiotapView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes up to the end of the first word of presence bits.</summary>
    public const int MinimumHeaderLength = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>The version: 0.</summary>
    public byte Version => WireField.Read8(_bytes, 0);

    /// <summary>Bytes of the header as it claims.</summary>
    public ushort HeaderLength => BinaryPrimitives.ReverseEndianness(WireField.Read16(_bytes, 2));

    /// <summary>Which fields follow, by their bits, as the first word says.</summary>
    public uint Present => BinaryPrimitives.ReverseEndianness(WireField.Read32(_bytes, 4));

    /// <summary>The flags field; 0 where there is none.</summary>
    public byte Flags
    {
        get
        {
            int at = 4;
            while ((WireField.Read8(_bytes, at + 3) & 0x80) != 0)
            {
                at += 4;
            }

            // The time of arrival comes before the flags, at a multiple of 8 bytes.
            at += 4;
            at = (Present & 1) != 0 ? ((at + 7) / 8 * 8) + 8 : at;
            return (Present & 2) != 0 && at < HeaderLength ? WireField.Read8(_bytes, at) : (byte)0;
        }
    }

    /// <summary>Whether the frame's check sequence stands at its end.</summary>
    public bool HasCheckSequence => (Flags & 0x10) != 0;

    /// <summary>Whether the content starts at a multiple of 4 bytes, filled up behind the frame's header.</summary>
    public bool HasPadding => (Flags & 0x20) != 0;
}

/// <summary>
/// Reads the headers that went before frames of IEEE 802.11 until radiotap came: Prism's, of 144 bytes, and AVS's, which
/// occurs in the same captures. Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The bytes from the header on.</param>
public readonly ref struct PrismView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of Prism's header.</summary>
    public const int PrismLength = 144;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether this is the header of AVS rather than Prism's, by its first word.</summary>
    public bool IsAvs => (WireField.Read32(_bytes, 0) & 0xFFFFF000) == 0x80211000;

    /// <summary>Bytes of the header: 144, or what AVS's header claims.</summary>
    public int HeaderLength => IsAvs ? (int)Math.Min(WireField.Read32(_bytes, 4), ushort.MaxValue) : PrismLength;
}
