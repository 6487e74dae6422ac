using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// What the IP layer needs of the world around it: transports above and a way out below. All calls come from within a
/// call into the layer. Calling <see cref="IPv4Protocol.Send"/> from any of them is allowed: what is sent to an own address
/// is queued, never delivered from inside another delivery.
/// </summary>
public interface IIPv4Environment
{
    /// <summary>
    /// Whether <see cref="Deliver"/> knows what to do with datagrams of this protocol. A sender of any other gets ICMP
    /// protocol unreachable (RFC 1122, 3.2.2.1). Asked for ICMP (1) too: when taken, messages that answer a request, such
    /// as echo replies, are delivered; requests and errors are always the layer's own.
    /// </summary>
    bool AcceptsProtocol(byte protocol);

    /// <summary>
    /// Takes a whole, valid datagram for an address of this host, reassembled where it came in fragments. TCP datagrams are
    /// always unicast. The spans in it are valid during the call only.
    /// </summary>
    void Deliver(in IPDatagram datagram, Instant now);

    /// <summary>
    /// An ICMP error about a datagram that claims to come from here has arrived and is well-formed. Whether it is about
    /// something that was really sent is for the transport to check against <see cref="IcmpError.Sequence"/>
    /// (RFC 5927, 4.1) before it believes it or calls <see cref="IPv4Protocol.LowerPathMtu"/>.
    /// </summary>
    void DeliverError(in IcmpError error, Instant now);

    /// <summary>
    /// Sends a packet, which starts with its IP header, on the link; takes ownership. <paramref name="nextHop"/> is the
    /// neighbour to give it to: the gateway, or the destination itself where it is on the link or a broadcast.
    /// </summary>
    void Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now);
}
