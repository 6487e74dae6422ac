namespace TcpTools.Wire;

/// <summary>Types of ICMPv6 messages (IANA ICMPv6 parameters).</summary>
public static class Icmpv6Type
{
    /// <summary>The packet could not be delivered (RFC 4443, 3.1).</summary>
    public const byte DestinationUnreachable = 1;

    /// <summary>The packet was longer than the next link takes (RFC 4443, 3.2).</summary>
    public const byte PacketTooBig = 2;

    /// <summary>The hop limit or the time for reassembly was used up (RFC 4443, 3.3).</summary>
    public const byte TimeExceeded = 3;

    /// <summary>A header made no sense (RFC 4443, 3.4).</summary>
    public const byte ParameterProblem = 4;

    /// <summary>Are you there? (RFC 4443, 4.1).</summary>
    public const byte EchoRequest = 128;

    /// <summary>I am here (RFC 4443, 4.2).</summary>
    public const byte EchoReply = 129;

    /// <summary>Who listens to which groups? (RFC 2710, RFC 3810).</summary>
    public const byte MulticastListenerQuery = 130;

    /// <summary>I listen to this group (RFC 2710).</summary>
    public const byte MulticastListenerReport = 131;

    /// <summary>I no longer listen to this group (RFC 2710).</summary>
    public const byte MulticastListenerDone = 132;

    /// <summary>Which routers are there? (RFC 4861, 4.1).</summary>
    public const byte RouterSolicitation = 133;

    /// <summary>I am a router (RFC 4861, 4.2).</summary>
    public const byte RouterAdvertisement = 134;

    /// <summary>Who has this address? (RFC 4861, 4.3).</summary>
    public const byte NeighborSolicitation = 135;

    /// <summary>I have this address (RFC 4861, 4.4).</summary>
    public const byte NeighborAdvertisement = 136;

    /// <summary>There is a better first hop (RFC 4861, 4.5).</summary>
    public const byte Redirect = 137;

    /// <summary>I listen to these groups (RFC 3810, 5.2).</summary>
    public const byte MulticastListenerReportV2 = 143;

    /// <summary>Whether messages of a type report an error and quote the packet that caused it (RFC 4443, 2.1).</summary>
    public static bool IsError(byte type) => type < 128;

    /// <summary>Whether messages of a type have an identifier and a sequence number.</summary>
    public static bool HasIdentifier(byte type) => type is EchoRequest or EchoReply;

    /// <summary>Whether a type is one of neighbor discovery, whose messages end in options (RFC 4861, 4).</summary>
    public static bool IsNeighborDiscovery(byte type) => type is >= RouterSolicitation and <= Redirect;
}
