using System;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>A frame's way through the protocols.</summary>
public sealed partial class CaptureStatistics
{
    private const int EthernetLinkType = 1;

    private readonly ProtocolTree _protocols = new();

    /// <summary>Counts a frame's protocols and conversations; returns what TCP found wrong with it.</summary>
    private long Walk(ReadOnlySpan<byte> frame, int linkType, CaptureTime time, int wireLength)
    {
        ProtocolTree.Cursor at = _protocols.Begin(wireLength);
        if (linkType == EthernetLinkType)
        {
            at.Into("Ethernet", ProtocolTree.Link);
            EthernetView ethernet = new(frame);
            if (frame.Length >= EthernetView.HeaderLength)
            {
                Count(ConversationKind.Ethernet, new(default, 0, default, 0, ethernet.Source, ethernet.Destination), time, wireLength);
            }
        }
        else
        {
            at.Into(((CaptureLinkType)linkType).ToString(), ProtocolTree.Link | linkType);
        }

        int start = LinkHeader.Measure(frame, linkType);
        if (start < 0 || start >= frame.Length)
        {
            if (linkType == EthernetLinkType)
            {
                at.IntoEtherType(WireField.Read16(frame, 12));
            }

            return 0;
        }

        return (frame[start] >> 4) switch
        {
            4 => WalkIPv4(frame[start..], ref at, time, wireLength),
            6 => WalkIPv6(frame[start..], ref at, time, wireLength),
            _ => 0,
        };
    }

    private long WalkIPv4(ReadOnlySpan<byte> bytes, ref ProtocolTree.Cursor at, CaptureTime time, int wireLength)
    {
        at.Into("IPv4", ProtocolTree.Network | 4);
        IPv4View ip = new(bytes);
        if (!ip.HasValidHeader)
        {
            return 0;
        }

        ConversationKey key = new(ip.Source, 0, ip.Destination, 0, default, default);
        Count(ConversationKind.IP, key, time, wireLength);
        at.IntoProtocol(ip.Protocol);

        // A length of 0 is what a sender's card was to fill in: all that is there belongs to the packet.
        int end = ip.TotalLength == 0 ? bytes.Length : Math.Min(ip.TotalLength, bytes.Length);
        int claimed = (ip.TotalLength == 0 ? wireLength - 0 : ip.TotalLength) - ip.HeaderLength;
        return ip.FragmentOffset > 0 || end < ip.HeaderLength
            ? 0
            : WalkTransport(ip.Protocol, bytes[ip.HeaderLength..end], claimed, ip.MoreFragments, key, time, wireLength);
    }

    private long WalkIPv6(ReadOnlySpan<byte> bytes, ref ProtocolTree.Cursor at, CaptureTime time, int wireLength)
    {
        at.Into("IPv6", ProtocolTree.Network | 6);
        IPv6View ip = new(bytes);
        if (!ip.IsComplete)
        {
            return 0;
        }

        ConversationKey key = new(ip.Source, 0, ip.Destination, 0, default, default);
        Count(ConversationKind.IP, key, time, wireLength);
        IPv6ExtensionReader reader = new(ip.NextHeader, ip.Payload);
        while (reader.MoveNext())
        {
        }

        at.IntoProtocol(reader.Protocol);
        int walked = ip.Payload.Length - reader.Rest.Length;
        return reader.IsLaterFragment
            ? 0
            : WalkTransport(reader.Protocol, reader.Rest, ip.PayloadLength - walked, reader.IsFragment, key, time, wireLength);
    }

    private long WalkTransport(
        byte protocol, ReadOnlySpan<byte> bytes, int claimed, bool isFragment, ConversationKey key, CaptureTime time, int wireLength)
    {
        if (protocol == IPProtocol.Udp && bytes.Length >= 4)
        {
            UdpView udp = new(bytes);
            Count(ConversationKind.Udp, key with { PortA = udp.SourcePort, PortB = udp.DestinationPort }, time, wireLength);
        }

        if (protocol != IPProtocol.Tcp || bytes.Length < 4)
        {
            return 0;
        }

        TcpView tcp = new(bytes);
        key = key with { PortA = tcp.SourcePort, PortB = tcp.DestinationPort };
        Conversation? conversation = Find(ConversationKind.Tcp, key, time, out bool fromA);
        if (conversation is TcpConversation old && tcp.IsComplete && old.IsReplacedBy(tcp, fromA))
        {
            _current[(int)ConversationKind.Tcp].Remove(old.Key);
            conversation = Begin(ConversationKind.Tcp, key, time);
            fromA = true;
        }

        if (conversation is not TcpConversation known)
        {
            _others[(int)ConversationKind.Tcp]++;
            return 0;
        }

        known.Count(fromA, wireLength, time);
        if (!tcp.IsComplete || tcp.DataOffset < TcpView.MinimumHeaderLength || isFragment)
        {
            return 0;
        }

        long before = known.Problems;
        known.Analyze(tcp, Math.Max(claimed - tcp.DataOffset, 0), fromA, time.Nanoseconds);
        return known.Problems - before;
    }

    private void Count(ConversationKind kind, in ConversationKey key, CaptureTime time, int wireLength)
    {
        if (Find(kind, key, time, out bool fromA) is { } conversation)
        {
            conversation.Count(fromA, wireLength, time);
        }
        else
        {
            _others[(int)kind]++;
        }
    }
}
