namespace TcpTools.Wire;

/// <summary>Codes of ICMPv6 messages (RFC 4443), named after the type that they belong to.</summary>
public static class Icmpv6Code
{
    /// <summary>Unreachable: no route to the destination.</summary>
    public const byte NoRoute = 0;

    /// <summary>Unreachable: communication administratively prohibited.</summary>
    public const byte Prohibited = 1;

    /// <summary>Unreachable: beyond the scope of the source address.</summary>
    public const byte BeyondScope = 2;

    /// <summary>Unreachable: no way to the address on its link.</summary>
    public const byte AddressUnreachable = 3;

    /// <summary>Unreachable: nobody listens at the port.</summary>
    public const byte PortUnreachable = 4;

    /// <summary>Unreachable: the source address failed a policy.</summary>
    public const byte SourceAddressFailed = 5;

    /// <summary>Unreachable: the route is one that rejects.</summary>
    public const byte RejectRoute = 6;

    /// <summary>Time exceeded: the hop limit ran out on the way.</summary>
    public const byte HopLimitExceeded = 0;

    /// <summary>Time exceeded: fragments did not become whole in time.</summary>
    public const byte ReassemblyTimeExceeded = 1;

    /// <summary>Parameter problem: a field makes no sense.</summary>
    public const byte ErroneousHeader = 0;

    /// <summary>Parameter problem: a next header that is not known.</summary>
    public const byte UnknownNextHeader = 1;

    /// <summary>Parameter problem: an option that is not known.</summary>
    public const byte UnknownOption = 2;
}
