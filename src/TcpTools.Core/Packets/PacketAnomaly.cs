namespace TcpTools.Packets;

/// <summary>What can be wrong with a packet.</summary>
public enum PacketAnomalyKind
{
    /// <summary>The bytes end before the header does.</summary>
    TruncatedHeader,

    /// <summary>The bytes end before the packet does, by the length it claims.</summary>
    TruncatedPacket,

    /// <summary>The version is not that of the header.</summary>
    BadVersion,

    /// <summary>The header's own length (IHL, data offset) is less than the fixed header or more than there is.</summary>
    BadHeaderLength,

    /// <summary>The length field is less than the header.</summary>
    BadLength,

    /// <summary>The checksum does not fit the bytes.</summary>
    BadChecksum,

    /// <summary>An option's length is 0 or 1, or reaches beyond the header.</summary>
    MalformedOption,

    /// <summary>An option has a length that its kind cannot have.</summary>
    BadOptionLength,

    /// <summary>Something follows the end of the option list that is not zero.</summary>
    DataAfterEndOfOptions,

    /// <summary>Reserved bits are set.</summary>
    ReservedBits,

    /// <summary>Control bits that no sound segment combines: SYN with FIN or RST, or none at all.</summary>
    BadFlags,

    /// <summary>A fragment reaches beyond the largest packet there can be.</summary>
    OversizedFragment,

    /// <summary>More than one source route option (RFC 1122, 3.2.1.8).</summary>
    SeveralSourceRoutes,

    /// <summary>A message's counts, names or records do not fit its bytes.</summary>
    MalformedMessage,

    /// <summary>Bytes follow the packet that are not zero padding.</summary>
    TrailingData,

    /// <summary>More extension headers than are read.</summary>
    TooManyExtensionHeaders,

    /// <summary>An extension header where it may not stand (RFC 8200, 4.1).</summary>
    MisplacedExtensionHeader,

    /// <summary>An extension header that comes more often than it may (RFC 8200, 4.1).</summary>
    RepeatedExtensionHeader,

    /// <summary>A routing header of the forbidden type 0, or with more segments left than addresses.</summary>
    BadRoutingHeader,

    /// <summary>A jumbo payload option that does not fit the packet (RFC 2675, 3).</summary>
    BadJumbo,

    /// <summary>A hop limit that the message cannot have if it comes from the link (RFC 4861, 7.1).</summary>
    BadHopLimit,
}

/// <summary>One thing that is wrong with a packet, as data: nothing is ever thrown for it.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Layer">The name of the layer in which.</param>
/// <param name="Message">The same for people, with the values.</param>
public sealed record PacketAnomaly(PacketAnomalyKind Kind, string Layer, string Message)
{
    /// <summary>layer: message.</summary>
    public override string ToString() => $"{Layer}: {Message}";
}
