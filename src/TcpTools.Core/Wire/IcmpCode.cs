namespace TcpTools.Wire;

/// <summary>Codes of ICMP messages for IPv4, named after the type that they belong to.</summary>
public static class IcmpCode
{
    /// <summary>Unreachable: no route to the network.</summary>
    public const byte NetworkUnreachable = 0;

    /// <summary>Unreachable: no way to the host on its network.</summary>
    public const byte HostUnreachable = 1;

    /// <summary>Unreachable: nobody speaks the protocol there. A hard error for TCP (RFC 1122, 4.2.3.9).</summary>
    public const byte ProtocolUnreachable = 2;

    /// <summary>Unreachable: nobody listens at the port. A hard error for TCP (RFC 1122, 4.2.3.9).</summary>
    public const byte PortUnreachable = 3;

    /// <summary>Unreachable: too large and DF is set; the next hop's MTU is in the message (RFC 1191).</summary>
    public const byte FragmentationNeeded = 4;

    /// <summary>Unreachable: the source route failed.</summary>
    public const byte SourceRouteFailed = 5;

    /// <summary>Unreachable: destination network unknown (RFC 1122).</summary>
    public const byte NetworkUnknown = 6;

    /// <summary>Unreachable: destination host unknown (RFC 1122).</summary>
    public const byte HostUnknown = 7;

    /// <summary>Unreachable: source host isolated (RFC 1122).</summary>
    public const byte SourceIsolated = 8;

    /// <summary>Unreachable: the network is administratively prohibited (RFC 1122).</summary>
    public const byte NetworkProhibited = 9;

    /// <summary>Unreachable: the host is administratively prohibited (RFC 1122).</summary>
    public const byte HostProhibited = 10;

    /// <summary>Unreachable: the network, for this type of service (RFC 1122).</summary>
    public const byte NetworkUnreachableForService = 11;

    /// <summary>Unreachable: the host, for this type of service (RFC 1122).</summary>
    public const byte HostUnreachableForService = 12;

    /// <summary>Unreachable: communication administratively prohibited by filtering (RFC 1812).</summary>
    public const byte Prohibited = 13;

    /// <summary>Time exceeded: the time to live ran out on the way.</summary>
    public const byte TimeToLiveExceeded = 0;

    /// <summary>Time exceeded: fragments did not become whole in time.</summary>
    public const byte ReassemblyTimeExceeded = 1;

    /// <summary>Redirect: for the network.</summary>
    public const byte RedirectNetwork = 0;

    /// <summary>Redirect: for the host.</summary>
    public const byte RedirectHost = 1;

    /// <summary>Parameter problem: the pointer says which byte.</summary>
    public const byte PointerIndicatesError = 0;

    /// <summary>Parameter problem: a required option is missing (RFC 1108).</summary>
    public const byte MissingOption = 1;
}
