using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>
/// Which packet answers which, by the rules of the protocols: TCP by ports and numbers, UDP by ports, DNS by its id and
/// question too, ICMP by identifier and sequence number, ARP and neighbour discovery by the address asked for, every other
/// protocol by its addresses; and errors of both versions of ICMP by the packet that they quote.
/// </summary>
public sealed record ReplyRules
{
    /// <summary>The usual rules.</summary>
    public static ReplyRules Default { get; } = new();

    /// <summary>
    /// An answer may come from another address than the probe went to, as from a host with several. To a group's address
    /// this is always so.
    /// </summary>
    public bool AnySource { get; init; }

    /// <summary>
    /// A reply with a wrong checksum is none. Off as long as nothing else is said: on its way between two interfaces of one
    /// machine a packet's checksum is often left open.
    /// </summary>
    public bool VerifyChecksums { get; init; }

    /// <summary>Whether a packet answers another.</summary>
    /// <param name="reply">What was received.</param>
    /// <param name="probe">What was sent.</param>
    public bool Answers(Packet reply, Packet probe)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ArgumentNullException.ThrowIfNull(probe);
        return Answers(reply.ToBytes(), reply.Start, probe.ToBytes(), probe.Start);
    }

    /// <summary>Whether a frame answers another.</summary>
    public bool Answers(ReadOnlySpan<byte> reply, PacketStart replyStart, ReadOnlySpan<byte> probe, PacketStart probeStart)
    {
        ReplyIndex index = new(this);
        ProbeEntry entry = new() { Outline = OutlineReader.Read(probe, probeStart) };
        index.Add(entry);
        return index.Find(reply, replyStart).Entry == entry;
    }

    /// <summary>Whether a packet answers a probe directly, given that their keys agree.</summary>
    internal bool IsDirectAnswer(in PacketOutline reply, in PacketOutline probe)
    {
        if (reply.Network != probe.Network || reply.IsLaterFragment)
        {
            return false;
        }

        switch (reply.Network)
        {
            case OutlineNetwork.Arp:
                return reply.Protocol == probe.Protocol + 1;
            case OutlineNetwork.Frame:
                return probe.FrameDestination.IsGroup || reply.FrameSource == probe.FrameDestination;
        }

        if (!(AnySource || probe.IsToGroup || reply.Source == probe.Destination || IsFromAnyone(probe)))
        {
            return false;
        }

        return reply.Protocol switch
        {
            IPProtocol.Tcp => TcpReplyRule.Answers(reply, probe),
            IPProtocol.Udp when probe.IsDns => reply is { IsDnsResponse: true } && !probe.IsDnsResponse
                && (reply.Question == probe.Question || reply.Question == 0 || probe.Question == 0),
            _ => true,
        };
    }

    /// <summary>
    /// How well a quoted packet fits a probe whose key agrees: 0 not at all, 1 but for the identification, which routers
    /// must not change and yet do, 2 with an identification of zero, 3 in everything.
    /// </summary>
    internal static int QuotationFit(in PacketOutline quoted, in PacketOutline probe)
    {
        const int SequenceEnd = 8;
        if (quoted.Network != probe.Network
            || (quoted.Protocol == IPProtocol.Tcp && quoted.TransportLength >= SequenceEnd && quoted.Sequence != probe.Sequence))
        {
            return 0;
        }

        if (quoted.Network != OutlineNetwork.IPv4 || quoted.Identification == probe.Identification
            || quoted.Identification == Swap(probe.Identification))
        {
            return 3;
        }

        return quoted.Identification == 0 || probe.Identification == 0 ? 2 : 1;
    }

    /// <summary>Questions to all that single hosts answer from their own addresses.</summary>
    private static bool IsFromAnyone(in PacketOutline probe)
    {
        const byte DhcpServer = 67;
        return probe.Source.IsAny || (probe.Protocol == IPProtocol.Udp && probe.DestinationPort == DhcpServer)
            || !probe.NeighborTarget.IsNone;
    }

    private static uint Swap(uint identification) => ((identification & 0xFF) << 8) | (identification >> 8);
}
