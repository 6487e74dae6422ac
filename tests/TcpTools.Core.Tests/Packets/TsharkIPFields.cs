using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;
using static TcpTools.Tests.Packets.TsharkFields;

namespace TcpTools.Tests.Packets;

/// <summary>What tshark should print of IP, its extension headers, ICMP and TCP.</summary>
internal static class TsharkIPFields
{
    public static IEnumerable<(string Field, string Value)> Of(PacketLayer layer) => layer switch
    {
        IPv4Layer ip =>
        [
            // tshark takes the end of a source route for the destination.
            ("ip.src", $"{ip.Source}"), ("ip.dst", $"{ip.FinalDestination}"), ("ip.ttl", $"{ip.TimeToLive}"), ("ip.id", Hex(ip.Identification, 4)),
            ("ip.len", $"{ip.TotalLength}"), ("ip.hdr_len", $"{ip.HeaderLength}"), ("ip.dsfield", Hex(ip.TypeOfService, 2)),
            ("ip.flags.df", Bit(ip.DontFragment)), ("ip.flags.mf", Bit(ip.MoreFragments)), ("ip.frag_offset", $"{ip.FragmentOffset / 8}"),
            ("ip.proto", $"{ip.Protocol}"), ("ip.checksum", Hex(ip.Checksum, 4)), ("ip.checksum.status", "1"),
            .. OfOptions(ip),
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
            .. routing.Addresses.Select(address => (AddressField(routing), $"{address}")),
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

    private static string AddressField(RoutingLayer routing) => routing.RoutingType switch
    {
        RoutingHeaderType.Source => "ipv6.routing.src.addr",
        RoutingHeaderType.Mobile => "ipv6.routing.mipv6.home_address",
        _ => "ipv6.routing.srh.addr",
    };

    private static IEnumerable<(string Field, string Value)> OfOptions(IPv4Layer ip)
    {
        foreach (IPOption option in ip.Options)
        {
            yield return ("ip.opt.type", $"{option.Kind}");
            if (option.Length > 1)
            {
                yield return ("ip.opt.len", $"{option.Length}");
            }
        }

        // What fills the header up is the end of the list.
        if (ip.Options.Sum(option => option.Length) % 4 != 0 && ip.Options.All(option => option.Kind != IPv4OptionKind.End))
        {
            yield return ("ip.opt.type", "0");
        }
    }

    private static IEnumerable<(string Field, string Value)> OfBody(IcmpMessageLayer message) => message switch
    {
        IcmpLayer { Type: IcmpType.Redirect } icmp => [("icmp.redir_gw", $"{icmp.Gateway}")],
        IcmpLayer { Type: IcmpType.ParameterProblem } icmp => [("icmp.pointer", $"{icmp.Pointer}")],
        IcmpLayer { Type: IcmpType.TimestampRequest or IcmpType.TimestampReply } icmp =>
        [
            ("icmp.originate_timestamp", $"{icmp.OriginateTimestamp}"), ("icmp.receive_timestamp", $"{icmp.ReceiveTimestamp}"),
            ("icmp.transmit_timestamp", $"{icmp.TransmitTimestamp}"),
        ],
        IcmpLayer { Type: IcmpType.AddressMaskRequest or IcmpType.AddressMaskReply } icmp => [("icmp.address_mask", $"{icmp.AddressMask}")],
        Icmpv6Layer { Type: Icmpv6Type.PacketTooBig } icmp => [("icmpv6.mtu", $"{icmp.Mtu}")],
        Icmpv6Layer { Type: Icmpv6Type.ParameterProblem } icmp => [("icmpv6.pointer", $"{icmp.Pointer}")],
        Icmpv6Layer { Type: Icmpv6Type.NeighborSolicitation } icmp => [("icmpv6.nd.ns.target_address", $"{icmp.Target}")],
        Icmpv6Layer { Type: Icmpv6Type.NeighborAdvertisement } icmp => [("icmpv6.nd.na.target_address", $"{icmp.Target}")],
        Icmpv6Layer { Type: Icmpv6Type.Redirect } icmp => [("icmpv6.nd.rd.target_address", $"{icmp.Target}")],
        Icmpv6Layer { Type: Icmpv6Type.RouterAdvertisement } icmp =>
        [
            ("icmpv6.nd.ra.cur_hop_limit", $"{icmp.CurrentHopLimit}"), ("icmpv6.nd.ra.router_lifetime", $"{icmp.RouterLifetime}"),
            ("icmpv6.nd.ra.reachable_time", $"{icmp.ReachableTime}"), ("icmpv6.nd.ra.retrans_timer", $"{icmp.RetransmitTime}"),
        ],
        _ => [],
    };

    private static IEnumerable<(string Field, string Value)> OfNeighborOptions(Icmpv6Layer icmp)
    {
        foreach (NeighborOption option in icmp.Options)
        {
            yield return ("icmpv6.opt.type", $"{option.Kind}");
            if (option is NeighborLinkAddressOption link)
            {
                yield return ("icmpv6.opt.linkaddr", $"{link.Address}");
            }
            else if (option is NeighborMtuOption mtu)
            {
                yield return ("icmpv6.opt.mtu", $"{mtu.Mtu}");
            }
        }
    }

    private static IEnumerable<(string Field, string Value)> OfIcmp(IcmpMessageLayer icmp)
    {
        bool isVersion6 = icmp is Icmpv6Layer;
        string name = isVersion6 ? "icmpv6" : "icmp";
        yield return ($"{name}.type", $"{icmp.Type}");
        yield return ($"{name}.code", $"{icmp.Code}");
        yield return ($"{name}.checksum", Hex(icmp.Checksum, 4));
        yield return ($"{name}.checksum.status", "1");
        if (isVersion6 ? icmp.Type is 128 or 129 : icmp.Type is 0 or 8 or 13 or 14 or 17 or 18)
        {
            yield return isVersion6 ? ("icmpv6.echo.identifier", Hex(icmp.Identifier, 4)) : ("icmp.ident", $"{icmp.Identifier}");
            yield return (isVersion6 ? "icmpv6.echo.sequence_number" : "icmp.seq", $"{icmp.Sequence}");
        }

        foreach ((string Field, string Value) field in OfBody(icmp).Concat(icmp is Icmpv6Layer six ? OfNeighborOptions(six) : []))
        {
            yield return field;
        }

        foreach (PacketLayer layer in icmp.Quoted?.Layers ?? Enumerable.Empty<PacketLayer>())
        {
            foreach ((string Field, string Value) field in TsharkFields.Of(layer))
            {
                // In a redirect's quotation tshark does not check it.
                bool isUnchecked = field.Field == "udp.checksum.status" && icmp is IcmpLayer { Type: IcmpType.Redirect };
                yield return isUnchecked ? (field.Field, "2") : field;
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
