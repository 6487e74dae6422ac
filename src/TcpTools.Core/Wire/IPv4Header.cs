using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads an IPv4 packet (RFC 791, 3.1). Never throws; missing bytes read as 0, and lengths that lie are cut to what exists.
/// </summary>
/// <param name="bytes">The packet from the version on; what follows it, such as padding, may be there.</param>
public readonly ref struct IPv4View(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of a header without options.</summary>
    public const int MinimumHeaderLength = 20;

    /// <summary>Bytes of a header with all the options that fit.</summary>
    public const int MaximumHeaderLength = 60;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the header is there as far as its options.</summary>
    public bool IsComplete => _bytes.Length >= MinimumHeaderLength;

    /// <summary>
    /// Whether this is version 4 with a header that is whole and lengths that fit the bytes; says nothing of the checksum.
    /// </summary>
    public bool IsValid => HasValidHeader && TotalLength >= HeaderLength && TotalLength <= _bytes.Length;

    /// <summary>
    /// Whether this is version 4 with a whole header, though the data may be cut off, as in an ICMP message's quotation.
    /// </summary>
    public bool HasValidHeader =>
        _bytes.Length >= MinimumHeaderLength && Version == 4
        && HeaderLength >= MinimumHeaderLength && HeaderLength <= _bytes.Length;

    /// <summary>The version: 4.</summary>
    public byte Version => (byte)(WireField.Read8(_bytes, 0) >> 4);

    /// <summary>The header's length in bytes as it claims: 0 to 60 in steps of 4.</summary>
    public int HeaderLength => (WireField.Read8(_bytes, 0) & 15) * 4;

    /// <summary>Differentiated services and ECN (RFC 2474, RFC 3168), formerly type of service.</summary>
    public byte TypeOfService => WireField.Read8(_bytes, 1);

    /// <summary>Bytes of header and data as the packet claims.</summary>
    public ushort TotalLength => WireField.Read16(_bytes, 2);

    /// <summary>What fragments of one packet have in common.</summary>
    public ushort Identification => WireField.Read16(_bytes, 4);

    /// <summary>The reserved flag; 0 in packets of good intent (RFC 3514).</summary>
    public bool ReservedFlag => (WireField.Read8(_bytes, 6) & 0x80) != 0;

    /// <summary>DF.</summary>
    public bool DontFragment => (WireField.Read8(_bytes, 6) & 0x40) != 0;

    /// <summary>MF.</summary>
    public bool MoreFragments => (WireField.Read8(_bytes, 6) & 0x20) != 0;

    /// <summary>Where this fragment's data belongs, in bytes: a multiple of 8.</summary>
    public int FragmentOffset => (WireField.Read16(_bytes, 6) & 0x1FFF) * 8;

    /// <summary>Whether this is a part of a packet only.</summary>
    public bool IsFragment => (WireField.Read16(_bytes, 6) & 0x3FFF) != 0;

    /// <summary>How many more hops the packet may take.</summary>
    public byte TimeToLive => WireField.Read8(_bytes, 8);

    /// <summary>What it carries: <see cref="IPProtocol"/>.</summary>
    public byte Protocol => WireField.Read8(_bytes, 9);

    /// <summary>The header checksum.</summary>
    public ushort HeaderChecksum => WireField.Read16(_bytes, 10);

    /// <summary>The source address.</summary>
    public NetworkAddress Source => NetworkAddress.FromIPv4(WireField.Read32(_bytes, 12));

    /// <summary>The destination address.</summary>
    public NetworkAddress Destination => NetworkAddress.FromIPv4(WireField.Read32(_bytes, 16));

    /// <summary>The header's bytes, as far as they exist; at least the fixed part even if it claims less.</summary>
    public ReadOnlySpan<byte> Header => WireField.Cut(_bytes, 0, EffectiveHeaderLength);

    /// <summary>The option bytes; walk them with <see cref="IPv4OptionReader"/>.</summary>
    public ReadOnlySpan<byte> Options => WireField.Cut(_bytes, MinimumHeaderLength, HeaderLength);

    /// <summary>The data, cut to <see cref="TotalLength"/>.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, EffectiveHeaderLength, TotalLength);

    /// <summary>Whether the header checksum fits the header.</summary>
    public bool IsChecksumValid => HasValidHeader && InternetChecksum.IsValid(InternetChecksum.Add(0, Header));

    private int EffectiveHeaderLength => Math.Max(HeaderLength, MinimumHeaderLength);
}

/// <summary>Writes an IPv4 header. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The packet from the version on.</param>
public readonly ref struct IPv4Editor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="IPv4View.Version"/>
    public byte Version
    {
        get => new IPv4View(_bytes).Version;
        set => WireField.Write8(_bytes, 0, (byte)((WireField.Read8(_bytes, 0) & 0x0F) | (value << 4)));
    }

    /// <inheritdoc cref="IPv4View.HeaderLength"/>
    public int HeaderLength
    {
        get => new IPv4View(_bytes).HeaderLength;
        set => WireField.Write8(_bytes, 0, (byte)((WireField.Read8(_bytes, 0) & 0xF0) | ((value / 4) & 15)));
    }

    /// <inheritdoc cref="IPv4View.TypeOfService"/>
    public byte TypeOfService
    {
        get => WireField.Read8(_bytes, 1);
        set => WireField.Write8(_bytes, 1, value);
    }

    /// <inheritdoc cref="IPv4View.TotalLength"/>
    public ushort TotalLength
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }

    /// <inheritdoc cref="IPv4View.Identification"/>
    public ushort Identification
    {
        get => WireField.Read16(_bytes, 4);
        set => WireField.Write16(_bytes, 4, value);
    }

    /// <inheritdoc cref="IPv4View.ReservedFlag"/>
    public bool ReservedFlag
    {
        get => new IPv4View(_bytes).ReservedFlag;
        set => WriteFlag(0x80, value);
    }

    /// <inheritdoc cref="IPv4View.DontFragment"/>
    public bool DontFragment
    {
        get => new IPv4View(_bytes).DontFragment;
        set => WriteFlag(0x40, value);
    }

    /// <inheritdoc cref="IPv4View.MoreFragments"/>
    public bool MoreFragments
    {
        get => new IPv4View(_bytes).MoreFragments;
        set => WriteFlag(0x20, value);
    }

    /// <inheritdoc cref="IPv4View.FragmentOffset"/>
    public int FragmentOffset
    {
        get => new IPv4View(_bytes).FragmentOffset;
        set => WireField.Write16(_bytes, 6, (ushort)((WireField.Read16(_bytes, 6) & 0xE000) | ((value / 8) & 0x1FFF)));
    }

    /// <inheritdoc cref="IPv4View.TimeToLive"/>
    public byte TimeToLive
    {
        get => WireField.Read8(_bytes, 8);
        set => WireField.Write8(_bytes, 8, value);
    }

    /// <inheritdoc cref="IPv4View.Protocol"/>
    public byte Protocol
    {
        get => WireField.Read8(_bytes, 9);
        set => WireField.Write8(_bytes, 9, value);
    }

    /// <inheritdoc cref="IPv4View.HeaderChecksum"/>
    public ushort HeaderChecksum
    {
        get => WireField.Read16(_bytes, 10);
        set => WireField.Write16(_bytes, 10, value);
    }

    /// <inheritdoc cref="IPv4View.Source"/>
    public NetworkAddress Source
    {
        get => new IPv4View(_bytes).Source;
        set => WireField.Write32(_bytes, 12, value.IPv4Bits);
    }

    /// <inheritdoc cref="IPv4View.Destination"/>
    public NetworkAddress Destination
    {
        get => new IPv4View(_bytes).Destination;
        set => WireField.Write32(_bytes, 16, value.IPv4Bits);
    }

    /// <summary>Computes the header checksum over the header as it stands, options included, and writes it.</summary>
    public void UpdateChecksum()
    {
        HeaderChecksum = 0;
        HeaderChecksum = InternetChecksum.Compute(new IPv4View(_bytes).Header);
    }

    private void WriteFlag(byte bit, bool value) =>
        WireField.Write8(_bytes, 6, (byte)((WireField.Read8(_bytes, 6) & ~bit) | (value ? bit : 0)));
}
