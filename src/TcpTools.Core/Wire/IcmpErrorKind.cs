namespace TcpTools.Wire;

/// <summary>
/// What an ICMP error says about a datagram of ours, independent of IP version: the word that IP and the transports
/// above it share.
/// </summary>
public enum IcmpErrorKind
{
    /// <summary>No error.</summary>
    None,

    /// <summary>A router knows no way to the network (RFC 792: type 3, codes 0, 6, 8, 11).</summary>
    NetworkUnreachable,

    /// <summary>The last router cannot reach the host (type 3, codes 1, 7, 12).</summary>
    HostUnreachable,

    /// <summary>The host does not know the protocol (type 3, code 2).</summary>
    ProtocolUnreachable,

    /// <summary>Nobody has the port (type 3, code 3).</summary>
    PortUnreachable,

    /// <summary>The datagram was too large and must not be fragmented (type 3, code 4; RFC 1191).</summary>
    FragmentationNeeded,

    /// <summary>A source route could not be followed (type 3, code 5).</summary>
    SourceRouteFailed,

    /// <summary>A policy forbids the communication (type 3, codes 9, 10, 13, 14, 15; RFC 1812, 5.2.7.1).</summary>
    AdministrativelyProhibited,

    /// <summary>The time to live ran out on the way (type 11, code 0).</summary>
    TimeExceeded,

    /// <summary>The receiver did not get all fragments in time (type 11, code 1).</summary>
    ReassemblyTimeExceeded,

    /// <summary>A header field or an option was not understood (type 12).</summary>
    ParameterProblem,
}
