using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using static TcpTools.Tests.Packets.TsharkFields;

namespace TcpTools.Tests.Packets;

/// <summary>What tshark should print of IP, its extension headers, ICMP and TCP.</summary>
internal static class TsharkIPFields
{
    public static IEnumerable<(string Field, string Value)> Of(PacketLayer layer) => layer switch
    {
        IPv4Layer ip =>
        [
            ("ip.src", $"{ip.Source}"), ("ip.dst", $"{ip.Destination}"), ("ip.ttl", $"{ip.TimeToLive}"), ("ip.id", Hex(ip.Identification, 4)),
            ("ip.len", $"{ip.TotalLength}"), ("ip.hdr_len", $"{ip.HeaderLength}"), ("ip.dsfield", Hex(ip.TypeOfService, 2)),
            ("ip.flags.df", Bit(ip.DontFragment)), ("ip.flags.mf", Bit(ip.MoreFragments)), ("ip.frag_offset", $"{ip.FragmentOffset / 8}"),
            ("ip.proto", $"{ip.Protocol}"), ("ip.checksum", Hex(ip.Checksum, 4)), ("ip.checksum.status", "1"),
        ],
        IPv6Layer ip =>
        [
            ("ipv6.src", $"{ip.Source}"), ("ipv6.dst", $"{ip.Destination}"), ("ipv6.hlim", $"{ip.HopLimit}"), ("ipv6.plen", $"{ip.PayloadLength}"),
            ("ipv6.nxt", $"{ip.NextHeader}"), ("ipv6.tclass", Hex(ip.TrafficClass, 8)), ("ipv6.flow", Hex(ip.FlowLabel, 6)),
        ],
        HopByHopLayer options => [("ipv6.hopopts.nxt", $"{options.NextHeader}"), ("ipv6.hopopts.len", $"{options.HeaderExtensionLength}")],
        DestinationOptionsLayer options => [("ipv6.dstopts.nxt", $"{options.NextHeader}"), ("ipv6.dstopts.len", $"{options.HeaderExtensionLength}")],
        RoutingLayer routing =>
        [
            ("ipv6.routing.nxt", $"{routing.NextHeader}"), ("ipv6.routing.type", $"{routing.RoutingType}"),
            ("ipv6.routing.segleft", $"{routing.SegmentsLeft}"),
        ],
        FragmentLayer fragment =>
        [
            ("ipv6.fraghdr.nxt", $"{fragment.NextHeader}"), ("ipv6.fraghdr.offset", $"{fragment.FragmentOffset / 8}"),
            ("ipv6.fraghdr.more", Bit(fragment.MoreFragments)), ("ipv6.fraghdr.ident", Hex(fragment.Identification, 8)),
        ],
        AuthenticationLayer authentication =>
        [
            ("ah.spi", Hex(authentication.SecurityParametersIndex, 8)), ("ah.sequence", $"{authentication.Sequence}"),
            ("ah.icv", Convert.ToHexStringLower(authentication.IntegrityCheckValue)),
        ],
        IcmpMessageLayer icmp => OfIcmp(icmp),
        TcpLayer tcp => OfTcp(tcp),
        _ => [],
    };

    private static IEnumerable<(string Field, string Value)> OfIcmp(IcmpMessageLayer icmp)
    {
        bool isVersion6 = icmp is Icmpv6Layer;
        string name = isVersion6 ? "icmpv6" : "icmp";
        yield return ($"{name}.type", $"{icmp.Type}");
        yield return ($"{name}.code", $"{icmp.Code}");
        yield return ($"{name}.checksum", Hex(icmp.Checksum, 4));
        yield return ($"{name}.checksum.status", "1");
        if (isVersion6 ? icmp.Type is 128 or 129 : icmp.Type is 0 or 8)
        {
            yield return isVersion6 ? ("icmpv6.echo.identifier", Hex(icmp.Identifier, 4)) : ("icmp.ident", $"{icmp.Identifier}");
            yield return (isVersion6 ? "icmpv6.echo.sequence_number" : "icmp.seq", $"{icmp.Sequence}");
        }

        foreach (PacketLayer layer in icmp.Quoted?.Layers ?? Enumerable.Empty<PacketLayer>())
        {
            foreach ((string Field, string Value) field in TsharkFields.Of(layer))
            {
                yield return field;
            }
        }

        if (icmp.Extensions.Count > 0)
        {
            yield return ("icmp.ext.version", $"{icmp.ExtensionVersion}");
            yield return ("icmp.ext.checksum", Hex(icmp.ExtensionChecksum, 4));
            yield return ("icmp.ext.checksum.status", "1");
        }

        foreach (IcmpExtensionObject item in icmp.Extensions)
        {
            yield return ("icmp.ext.length", $"{item.Length}");
            yield return ("icmp.ext.class", $"{item.Class}");
            yield return ("icmp.ext.ctype", $"{item.Type}");
        }
    }

    private static IEnumerable<(string Field, string Value)> OfTcp(TcpLayer tcp)
    {
        yield return ("tcp.srcport", $"{tcp.SourcePort}");
        yield return ("tcp.dstport", $"{tcp.DestinationPort}");
        yield return ("tcp.seq_raw", $"{tcp.Sequence}");
        yield return ("tcp.ack_raw", $"{tcp.Acknowledgment}");
        yield return ("tcp.hdr_len", $"{tcp.DataOffset}");
        yield return ("tcp.flags", Hex((long)tcp.Flags, 4));
        yield return ("tcp.window_size_value", $"{tcp.Window}");
        yield return ("tcp.checksum", Hex(tcp.Checksum, 4));
        yield return ("tcp.checksum.status", "1");
        yield return ("tcp.len", $"{tcp.DataLength}");
        foreach ((string Field, string Value) field in tcp.Options.SelectMany(OfOption))
        {
            yield return field;
        }
    }

    private static IEnumerable<(string Field, string Value)> OfOption(TcpOption option) => option switch
    {
        TcpMaximumSegmentSizeOption mss => [("tcp.options.mss_val", $"{mss.Value}")],
        TcpWindowScaleOption scale => [("tcp.options.wscale.shift", $"{scale.Shift}")],
        TcpTimestampsOption clock => [("tcp.options.timestamp.tsval", $"{clock.Value}"), ("tcp.options.timestamp.tsecr", $"{clock.Echo}")],
        TcpSackOption sack => sack.Blocks.SelectMany(block => new[]
        {
            ("tcp.options.sack_le", $"{block.Left}"), ("tcp.options.sack_re", $"{block.Right}"),
        }),
        TcpMd5SignatureOption md5 => [("tcp.options.md5.digest", Convert.ToHexStringLower(md5.Digest))],
        TcpUserTimeoutOption timeout => [("tcp.options.user_to_granularity", Bit(timeout.InMinutes)), ("tcp.options.user_to_val", $"{timeout.Value}")],
        TcpAuthenticationOption code =>
        [
            ("tcp.options.ao.keyid", $"{code.KeyId}"), ("tcp.options.ao.rnextkeyid", $"{code.ReceiveNextKeyId}"),
            ("tcp.options.ao.mac", Convert.ToHexStringLower(code.Code)),
        ],
        TcpFastOpenOption { IsRequest: false, IsExperimental: false } open => [("tcp.options.tfo.cookie", Convert.ToHexStringLower(open.Cookie))],
        TcpAccurateEcnOption counts => OfCounters(counts),
        _ => [],
    };

    private static IEnumerable<(string Field, string Value)> OfCounters(TcpAccurateEcnOption counts)
    {
        if (counts.Ect0Bytes is { } first)
        {
            yield return ("tcp.options.acc_ecn.ee0b", $"{first}");
        }

        if (counts.CongestionBytes is { } second)
        {
            yield return ("tcp.options.acc_ecn.eceb", $"{second}");
        }

        if (counts.Ect1Bytes is { } third)
        {
            yield return ("tcp.options.acc_ecn.ee1b", $"{third}");
        }
    }
}
