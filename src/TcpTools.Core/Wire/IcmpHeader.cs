using System;

namespace TcpTools.Wire;

/// <summary>Reads an ICMP message for IPv4 (RFC 792). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The message from the type to its end.</param>
public readonly ref struct Icmpv4View(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes before the data.</summary>
    public const int HeaderLength = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Whether the header is whole and the checksum fits.</summary>
    public bool IsValid => IsComplete && IsChecksumValid;

    /// <summary>The kind of message: <see cref="IcmpType"/>.</summary>
    public byte Type => WireField.Read8(_bytes, 0);

    /// <summary>The kind within the type: <see cref="IcmpCode"/>.</summary>
    public byte Code => WireField.Read8(_bytes, 1);

    /// <summary>The checksum over the whole message.</summary>
    public ushort Checksum => WireField.Read16(_bytes, 2);

    /// <summary>The header's second word, whatever the type makes of it.</summary>
    public uint RestOfHeader => WireField.Read32(_bytes, 4);

    /// <summary>Echo: which ping it belongs to.</summary>
    public ushort Identifier => WireField.Read16(_bytes, 4);

    /// <summary>Echo: which of its requests.</summary>
    public ushort Sequence => WireField.Read16(_bytes, 6);

    /// <summary>Redirect: the better gateway.</summary>
    public NetworkAddress Gateway => NetworkAddress.FromIPv4(WireField.Read32(_bytes, 4));

    /// <summary>Parameter problem: the offset of the byte that makes no sense.</summary>
    public byte Pointer => WireField.Read8(_bytes, 4);

    /// <summary>Fragmentation needed: the next hop's MTU in bytes, 0 from routers older than RFC 1191.</summary>
    public ushort NextHopMtu => WireField.Read16(_bytes, 6);

    /// <summary>Whether this reports an error; <see cref="Payload"/> then quotes the packet that caused it.</summary>
    public bool IsError => IcmpType.IsError(Type);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>Whether the checksum fits the message.</summary>
    public bool IsChecksumValid => InternetChecksum.IsValid(InternetChecksum.Add(0, _bytes));
}

/// <summary>Writes an ICMP message for IPv4. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The message from the type to its end.</param>
public readonly ref struct Icmpv4Editor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="Icmpv4View.Type"/>
    public byte Type
    {
        get => WireField.Read8(_bytes, 0);
        set => WireField.Write8(_bytes, 0, value);
    }

    /// <inheritdoc cref="Icmpv4View.Code"/>
    public byte Code
    {
        get => WireField.Read8(_bytes, 1);
        set => WireField.Write8(_bytes, 1, value);
    }

    /// <inheritdoc cref="Icmpv4View.Checksum"/>
    public ushort Checksum
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }

    /// <inheritdoc cref="Icmpv4View.RestOfHeader"/>
    public uint RestOfHeader
    {
        get => WireField.Read32(_bytes, 4);
        set => WireField.Write32(_bytes, 4, value);
    }

    /// <inheritdoc cref="Icmpv4View.Identifier"/>
    public ushort Identifier
    {
        get => WireField.Read16(_bytes, 4);
        set => WireField.Write16(_bytes, 4, value);
    }

    /// <inheritdoc cref="Icmpv4View.Sequence"/>
    public ushort Sequence
    {
        get => WireField.Read16(_bytes, 6);
        set => WireField.Write16(_bytes, 6, value);
    }

    /// <inheritdoc cref="Icmpv4View.Gateway"/>
    public NetworkAddress Gateway
    {
        get => NetworkAddress.FromIPv4(RestOfHeader);
        set => RestOfHeader = value.IPv4Bits;
    }

    /// <inheritdoc cref="Icmpv4View.Pointer"/>
    public byte Pointer
    {
        get => WireField.Read8(_bytes, 4);
        set => WireField.Write8(_bytes, 4, value);
    }

    /// <inheritdoc cref="Icmpv4View.NextHopMtu"/>
    public ushort NextHopMtu
    {
        get => WireField.Read16(_bytes, 6);
        set => WireField.Write16(_bytes, 6, value);
    }

    /// <summary>Computes the checksum over the whole message as it stands and writes it.</summary>
    public void UpdateChecksum()
    {
        Checksum = 0;
        Checksum = InternetChecksum.Compute(_bytes);
    }
}
