using System;

namespace TcpTools.Wire;

/// <summary>Reads an ICMPv6 message (RFC 4443). Never throws; missing bytes read as 0.</summary>
/// <param name="bytes">The message from the type to its end.</param>
public readonly ref struct Icmpv6View(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes before what the type makes different.</summary>
    public const int HeaderLength = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>The kind of message: <see cref="Icmpv6Type"/>.</summary>
    public byte Type => WireField.Read8(_bytes, 0);

    /// <summary>The kind within the type.</summary>
    public byte Code => WireField.Read8(_bytes, 1);

    /// <summary>The checksum over the message and the pseudo header.</summary>
    public ushort Checksum => WireField.Read16(_bytes, 2);

    /// <summary>The header's second word, whatever the type makes of it.</summary>
    public uint RestOfHeader => WireField.Read32(_bytes, 4);

    /// <summary>Echo: which ping it belongs to.</summary>
    public ushort Identifier => WireField.Read16(_bytes, 4);

    /// <summary>Echo: which of its requests.</summary>
    public ushort Sequence => WireField.Read16(_bytes, 6);

    /// <summary>Neighbor solicitation, advertisement and redirect: the address that it is about.</summary>
    public NetworkAddress Target => WireField.ReadIPv6(_bytes, HeaderLength);

    /// <summary>Whether this reports an error; <see cref="Payload"/> then quotes the packet that caused it.</summary>
    public bool IsError => Icmpv6Type.IsError(Type);

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, int.MaxValue);

    /// <summary>Whether the checksum fits the message and its addresses.</summary>
    public bool IsChecksumValid(NetworkAddress source, NetworkAddress destination) => InternetChecksum.IsValid(
        InternetChecksum.Add(InternetChecksum.PseudoHeader(source, destination, IPProtocol.Icmpv6, _bytes.Length), _bytes));
}
