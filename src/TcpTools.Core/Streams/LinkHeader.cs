using System;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>Finds the IP packet in a frame, whatever the frame starts with (the tcpdump group's registry of link types).</summary>
internal static class LinkHeader
{
    private const int MaximumTags = 8;
    private const int Ppp = 9;
    private const int RawOld = 12;
    private const int RawOpenBsd = 14;
    private const int PppHdlc = 50;
    private const int PppEthernet = 51;
    private const int Loop = 108;

    /// <summary>The link type of packets that start so.</summary>
    public static int LinkTypeOf(PacketStart start) =>
        start == PacketStart.Ethernet ? (int)CaptureLinkType.Ethernet : (int)CaptureLinkType.Raw;

    /// <summary>Bytes in front of the IP header; negative when there is no IP packet in the frame.</summary>
    public static int Measure(ReadOnlySpan<byte> frame, int linkType) => linkType switch
    {
        (int)CaptureLinkType.Ethernet => AfterType(frame, 12),
        (int)CaptureLinkType.Raw or (int)CaptureLinkType.IPv4 or (int)CaptureLinkType.IPv6 or RawOld or RawOpenBsd => 0,
        (int)CaptureLinkType.Null or Loop => 4,
        (int)CaptureLinkType.LinuxCooked => AfterType(frame, 14),
        (int)CaptureLinkType.LinuxCooked2 => AfterType(frame, 0) < 0 ? -1 : 20,
        Ppp or PppHdlc => AfterPpp(frame, 0),
        PppEthernet => AfterPpp(frame, 6),
        _ => -1,
    };

    /// <summary>Follows the type field at a place through VLAN tags, LLC/SNAP and PPPoE.</summary>
    private static int AfterType(ReadOnlySpan<byte> frame, int at)
    {
        for (int tags = 0; tags <= MaximumTags; tags++)
        {
            ushort type = WireField.Read16(frame, at);
            at += 2;
            switch (type)
            {
                case EtherType.IPv4 or EtherType.IPv6:
                    return at;
                case EtherType.Vlan or EtherType.ServiceVlan or 0x9100:
                    at += 2;
                    break;
                case 0x8864:
                    return AfterPpp(frame, at + 6);
                case < EtherType.FirstType when WireField.Read32(frame, at) >> 8 == 0xAAAA03:
                    // 802.3 with LLC and SNAP (RFC 1042): three bytes, the organization, then a type again.
                    at += 6;
                    break;
                default:
                    return -1;
            }
        }

        return -1;
    }

    private static int AfterPpp(ReadOnlySpan<byte> frame, int at)
    {
        if (WireField.Read16(frame, at) == 0xFF03)
        {
            at += 2;
        }

        // A protocol number may be compressed to one byte, which is then odd (RFC 1661, 6.5).
        byte first = WireField.Read8(frame, at);
        int protocol = (first & 1) != 0 ? first : WireField.Read16(frame, at);
        at += (first & 1) != 0 ? 1 : 2;
        return protocol is 0x21 or 0x57 ? at : -1;
    }
}
