namespace TcpTools.Tcp;

/// <summary>What ICMP can report about a segment, as far as it makes a difference to a connection (RFC 5927, 5; RFC 9293, 3.9.2.2).</summary>
public enum TcpPathError
{
    /// <summary>The network or the host cannot be reached, for now.</summary>
    HostUnreachable,

    /// <summary>The protocol or the port is unreachable: nobody there speaks TCP.</summary>
    PortUnreachable,

    /// <summary>Nobody on the link itself answers for the next hop: this host knows it, no router needs to tell.</summary>
    NeighborUnreachable,

    /// <summary>The packet was too big for a link on the way (RFC 1191).</summary>
    MessageTooBig,

    /// <summary>The packet's time to live ran out.</summary>
    TimeExceeded,

    /// <summary>The packet's header was not understood.</summary>
    ParameterProblem,
}
