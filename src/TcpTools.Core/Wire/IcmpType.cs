namespace TcpTools.Wire;

/// <summary>Types of ICMP messages for IPv4 (RFC 792, RFC 1122, RFC 1256, RFC 950, RFC 8335).</summary>
public static class IcmpType
{
    /// <summary>The answer to an echo request.</summary>
    public const byte EchoReply = 0;

    /// <summary>A datagram could not be delivered; the code says why.</summary>
    public const byte DestinationUnreachable = 3;

    /// <summary>Slow down; obsolete, to be ignored by TCP (RFC 6633).</summary>
    public const byte SourceQuench = 4;

    /// <summary>Another gateway is the better first hop.</summary>
    public const byte Redirect = 5;

    /// <summary>Echo request: ping.</summary>
    public const byte EchoRequest = 8;

    /// <summary>A router tells that it is there (RFC 1256).</summary>
    public const byte RouterAdvertisement = 9;

    /// <summary>A host asks for routers (RFC 1256).</summary>
    public const byte RouterSolicitation = 10;

    /// <summary>The time to live ran out, or the time for reassembly.</summary>
    public const byte TimeExceeded = 11;

    /// <summary>A header field makes no sense; the pointer says which byte.</summary>
    public const byte ParameterProblem = 12;

    /// <summary>Asks for the time of day.</summary>
    public const byte TimestampRequest = 13;

    /// <summary>The time of day.</summary>
    public const byte TimestampReply = 14;

    /// <summary>Asks for the network's number; obsolete (RFC 6918).</summary>
    public const byte InformationRequest = 15;

    /// <summary>The network's number; obsolete (RFC 6918).</summary>
    public const byte InformationReply = 16;

    /// <summary>Asks for the address mask (RFC 950); obsolete (RFC 6918).</summary>
    public const byte AddressMaskRequest = 17;

    /// <summary>The address mask (RFC 950); obsolete (RFC 6918).</summary>
    public const byte AddressMaskReply = 18;

    /// <summary>Extended echo request (RFC 8335).</summary>
    public const byte ExtendedEchoRequest = 42;

    /// <summary>Extended echo reply (RFC 8335).</summary>
    public const byte ExtendedEchoReply = 43;

    /// <summary>
    /// Whether messages of this type report an error and quote the packet that caused it; none may be sent in answer to
    /// one (RFC 1122, 3.2.2).
    /// </summary>
    public static bool IsError(byte type) =>
        type is DestinationUnreachable or SourceQuench or Redirect or TimeExceeded or ParameterProblem;

    /// <summary>Whether messages of this type carry an identifier and a sequence number in the second word.</summary>
    public static bool HasIdentifier(byte type) =>
        type is EchoReply or EchoRequest or (>= TimestampRequest and <= AddressMaskReply)
            or ExtendedEchoRequest or ExtendedEchoReply;
}
