using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// A received ICMP error, parsed: what it says and which datagram of ours it quotes. It proves nothing: anybody can send
/// one. A transport believes it only when the quote fits something it has sent and not yet seen acknowledged (RFC 5927).
/// </summary>
/// <param name="Kind">What it says.</param>
/// <param name="Type">The ICMP type as received.</param>
/// <param name="Code">The ICMP code as received.</param>
/// <param name="Reporter">Who sent it: a router on the way or the destination.</param>
/// <param name="Protocol">The protocol of the quoted datagram.</param>
/// <param name="Flow">The quoted datagram's addresses and, for TCP and UDP, ports, seen from this host; ports are 0 otherwise.</param>
/// <param name="Sequence">The quoted TCP sequence number; 0 for another protocol.</param>
/// <param name="QuotedLength">The quoted datagram's total length in bytes, as it left here.</param>
/// <param name="Mtu">
/// For <see cref="IcmpErrorKind.FragmentationNeeded"/>, the next hop's MTU in bytes: as reported, or estimated from the
/// plateaus of RFC 1191, 7.1 when an old router reported 0. Not yet limited by the floor. 0 for another kind.
/// </param>
public readonly record struct IcmpError(
    IcmpErrorKind Kind,
    byte Type,
    byte Code,
    NetworkAddress Reporter,
    byte Protocol,
    FlowKey Flow,
    SequenceNumber Sequence,
    int QuotedLength,
    int Mtu)
{
    /// <summary>
    /// Whether RFC 1122, 4.2.3.9 calls the condition hard: protocol or port unreachable. (RFC 5927, 5.2: a synchronized
    /// TCP connection treats it as soft all the same.)
    /// </summary>
    public bool IsHard => Kind is IcmpErrorKind.ProtocolUnreachable or IcmpErrorKind.PortUnreachable;
}
