using System;

namespace TcpTools.Wire;

/// <summary>Finds the IP packet in a frame, whatever the frame starts with (the tcpdump group's registry of link types).</summary>
public static class LinkHeader
{
    private const int MaximumTags = 8;
    private const int Null = 0;
    private const int Ethernet = 1;
    private const int Raw = 101;
    private const int LinuxCooked = 113;
    private const int IPv4 = 228;
    private const int IPv6 = 229;
    private const int LinuxCooked2 = 276;
    private const int RawOld = 12;
    private const int RawOpenBsd = 14;
    private const int TokenRing = 6;
    private const int Ppp = 9;
    private const int Fddi = 10;
    private const int PppHdlc = 50;
    private const int PppEthernet = 51;
    private const int Wireless = 105;
    private const int Loop = 108;
    private const int Prism = 119;
    private const int Radiotap = 127;
    private const int Avs = 163;

    /// <summary>Bytes in front of the IP header; negative when there is no IP packet in the frame.</summary>
    public static int Measure(ReadOnlySpan<byte> frame, int linkType) => linkType switch
    {
        Ethernet => AfterType(frame, 12),
        Raw or IPv4 or IPv6 or RawOld or RawOpenBsd => 0,
        Null or Loop => 4,
        LinuxCooked => AfterType(frame, 14),
        LinuxCooked2 => AfterType(frame, 0) < 0 ? -1 : 20,
        Ppp or PppHdlc => AfterPpp(frame, 0),
        PppEthernet => AfterPpp(frame, 6),
        Fddi => AfterLlc(frame, 13),
        TokenRing => AfterLlc(frame, 14 + ((WireField.Read8(frame, 8) & 0x80) != 0 ? WireField.Read8(frame, 14) & 0x1F : 0)),
        Wireless => AfterWireless(frame, 0),
        Radiotap => AfterWireless(frame, WireField.Read8(frame, 2) | (WireField.Read8(frame, 3) << 8)),
        Prism or Avs => AfterWireless(frame, WireField.Read32(frame, 0) >> 4 == 0x8021100 ? WireField.Read16(frame, 6) : 144),
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

    /// <summary>LLC and SNAP (RFC 1042), then a type.</summary>
    private static int AfterLlc(ReadOnlySpan<byte> frame, int at) =>
        WireField.Read32(frame, at) >> 8 == 0xAAAA03 ? AfterType(frame, at + 6) : -1;

    /// <summary>A data frame of IEEE 802.11 that is not encrypted.</summary>
    private static int AfterWireless(ReadOnlySpan<byte> frame, int at)
    {
        byte kind = WireField.Read8(frame, at);
        byte flags = WireField.Read8(frame, at + 1);
        if ((kind & 0x0C) != 8 || (kind & 0x40) != 0 || (flags & 0x40) != 0)
        {
            return -1;
        }

        return AfterLlc(frame, at + 24 + ((flags & 3) == 3 ? 6 : 0) + ((kind & 0x80) != 0 ? 2 : 0));
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
