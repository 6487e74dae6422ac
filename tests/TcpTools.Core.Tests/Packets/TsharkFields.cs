using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Packets;

/// <summary>
/// What tshark should print of a packet, field by field, as our own dissection has it. A field that occurs in several
/// layers has the values of all, in their order. Layers add fields in <see cref="Of(PacketLayer)"/>: a new kind of layer is
/// a case more.
/// </summary>
internal static class TsharkFields
{
    /// <summary>Every field of every layer of a packet, with all its values.</summary>
    public static Dictionary<string, string> Of(Packet packet)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        foreach ((string field, string value) in packet.Layers.SelectMany(Of))
        {
            fields[field] = fields.TryGetValue(field, out string? before) ? $"{before},{value}" : value;
        }

        return fields;
    }

    public static IEnumerable<(string Field, string Value)> Of(PacketLayer layer) => layer switch
    {
        EthernetLayer ethernet =>
        [
            ("eth.dst", $"{ethernet.Destination}"), ("eth.src", $"{ethernet.Source}"),
            ethernet.IsLength ? ("eth.len", $"{ethernet.EtherType}") : ("eth.type", Hex(ethernet.EtherType, 4)),
        ],
        VlanLayer { TagProtocol: EtherType.ServiceVlan } tag =>
        [
            ("ieee8021ad.id", $"{tag.VlanId}"), ("ieee8021ad.priority", $"{tag.Priority}"), ("ieee8021ad.dei", Bit(tag.DropEligible)),
        ],
        VlanLayer tag =>
        [
            ("vlan.id", $"{tag.VlanId}"), ("vlan.priority", $"{tag.Priority}"), ("vlan.dei", Bit(tag.DropEligible)),
            tag.EtherType < EtherType.FirstType ? ("vlan.len", $"{tag.EtherType}") : ("vlan.etype", Hex(tag.EtherType, 4)),
        ],
        LlcLayer llc =>
        [
            ("llc.dsap", Hex(llc.Destination, 2)), ("llc.ssap", Hex(llc.Source, 2)),
            ("llc.control", Hex((llc.SecondControl << 8) | llc.Control, 4)),
        ],
        SnapLayer snap => [("llc.oui", $"{snap.Organization}"), ("llc.type", Hex(snap.Protocol, 4))],
        ArpLayer arp =>
        [
            ("arp.opcode", $"{arp.Operation}"), ("arp.src.proto_ipv4", $"{arp.SenderProtocol}"), ("arp.dst.hw_mac", $"{arp.TargetHardware}"),
        ],
        MplsLayer mpls =>
        [
            ("mpls.label", $"{mpls.Label}"), ("mpls.exp", $"{mpls.TrafficClass}"), ("mpls.bottom", Bit(mpls.IsBottom == true)),
            ("mpls.ttl", $"{mpls.TimeToLive}"),
        ],
        GreLayer gre => OfGre(gre),
        LinuxCookedLayer cooked => OfCooked(cooked),
        LoopbackLayer loopback => [("null.family", $"{loopback.Family}")],
        PppLayer ppp => [("ppp.protocol", Hex(ppp.Protocol, 4))],
        TokenRingLayer ring => [("tr.ac", Hex(ring.AccessControl, 2)), ("tr.fc", Hex(ring.FrameControl, 2)), ("tr.sr", Bit(ring.Route.Length > 0))],
        FddiLayer fddi => [("fddi.fc", Hex(fddi.FrameControl, 2))],
        Ieee80211Layer air =>
        [
            ("wlan.fc.type", $"{air.Type}"), ("wlan.fc.subtype", $"{air.Subtype}"), ("wlan.ra", $"{air.Address1}"), ("wlan.ta", $"{air.Address2}"),
            ("wlan.sa", $"{air.Source}"), ("wlan.da", $"{air.Destination}"), ("wlan.seq", $"{air.Sequence}"), ("wlan.duration", $"{air.Duration}"),
        ],
        RadiotapLayer tap => [("radiotap.length", $"{tap.Header.Length}")],
        UdpLayer udp =>
        [
            ("udp.srcport", $"{udp.SourcePort}"), ("udp.dstport", $"{udp.DestinationPort}"), ("udp.length", $"{udp.Length}"),
            ("udp.checksum", Hex(udp.Checksum, 4)), ("udp.checksum.status", "1"),
        ],
        DnsLayer dns => TsharkDnsFields.Of(dns),
        _ => TsharkIPFields.Of(layer),
    };

    private static IEnumerable<(string Field, string Value)> OfGre(GreLayer gre)
    {
        int flags = (gre.HasChecksum ? 0x8000 : 0) | (gre.Key is null ? 0 : 0x2000) | (gre.Sequence is null ? 0 : 0x1000);
        yield return ("gre.flags_and_version", Hex(flags, 4));
        yield return ("gre.proto", Hex(gre.Protocol, 4));
        if (gre.Checksum is { } checksum)
        {
            yield return ("gre.checksum", Hex(checksum, 4));
            yield return ("gre.checksum.status", "1");
        }

        if (gre.Key is { } key)
        {
            yield return ("gre.key", Hex(key, 8));
        }

        if (gre.Sequence is { } sequence)
        {
            yield return ("gre.sequence_number", $"{sequence}");
        }
    }

    private static IEnumerable<(string Field, string Value)> OfCooked(LinuxCookedLayer cooked)
    {
        yield return ("sll.pkttype", $"{(int)cooked.PacketType}");
        yield return ("sll.hatype", $"{cooked.DeviceType}");
        yield return ("sll.halen", $"{cooked.AddressLength}");
        yield return ("sll.src.eth", $"{cooked.Address}");
        yield return (cooked.Protocol < EtherType.FirstType ? "sll.ltype" : "sll.etype", Hex(cooked.Protocol, 4));
        if (cooked.Version == 2)
        {
            yield return ("sll.ifindex", $"{cooked.InterfaceIndex}");
        }
    }

    public static string Hex(long? value, int digits) => value is null ? "" : "0x" + value.Value.ToString($"x{digits}", CultureInfo.InvariantCulture);

    public static string Bit(bool value) => value ? "1" : "0";
}
