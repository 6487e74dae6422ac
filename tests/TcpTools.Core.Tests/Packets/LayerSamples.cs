using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Packets;

/// <summary>Sound packets with every layer beside IP, in many combinations.</summary>
internal static class LayerSamples
{
    /// <summary>A datagram between two hosts, with five bytes that no protocol claims.</summary>
    public static Packet Datagram { get; } = IPv4() / new UdpLayer { SourcePort = 61001, DestinationPort = 61002 } / "hello";

    /// <summary>The same over IPv6.</summary>
    public static Packet Datagram6 { get; } = IPv6() / new UdpLayer { SourcePort = 61001, DestinationPort = 61002 } / "hello";

    /// <summary>A response with a record of every type that is taken apart.</summary>
    public static DnsLayer Response { get; } = new()
    {
        Id = 3,
        IsResponse = true,
        RecursionAvailable = true,
        IsAuthoritative = true,
        Questions = { new("example.org", DnsType.ANY) },
        Answers =
        {
            DnsRecord.Parse("example.org 300 IN A 192.0.2.1"),
            DnsRecord.Parse("example.org AAAA 2001:db8::1"),
            DnsRecord.Parse("www.example.org CNAME example.org"),
            DnsRecord.Parse("example.org MX 10 mail.example.org"),
            DnsRecord.Parse("example.org TXT \"v=spf1 -all\" \"second \\\"part\\\"\""),
            DnsRecord.Parse("_sip._tcp.example.org SRV 1 2 5060 sip.example.org"),
            DnsRecord.Parse("1.2.0.192.in-addr.arpa PTR example.org"),
            DnsRecord.Parse("example.org CAA 0 issue \"ca.example.net\""),
            DnsRecord.Parse("example.org DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
            DnsRecord.Parse("example.org DNSKEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3"),
            DnsRecord.Parse("example.org RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.org oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTr"),
            DnsRecord.Parse("example.org TYPE65280 \\# 4 0a000001"),
        },
        Authorities =
        {
            DnsRecord.Parse("example.org SOA ns.example.org hostmaster.example.org 2024010101 7200 3600 1209600 300"),
            DnsRecord.Parse("example.org NS ns.example.org"),
        },
        Additionals = { new DnsEdns { UdpPayloadSize = 4096 }.ToRecord() },
    };

    public static IReadOnlyList<Packet> All { get; } = [.. Framed().Concat(Tunnelled()).Concat(Captured()).Concat(Dns())];

    private static IPv4Layer IPv4() => new() { Source = NetworkAddress.Parse("10.0.0.1"), Destination = NetworkAddress.Parse("10.0.0.2") };

    private static IPv6Layer IPv6() => new() { Source = NetworkAddress.Parse("fd00::1"), Destination = NetworkAddress.Parse("fd00::2") };

    private static EthernetLayer Ethernet() => new()
    {
        Source = MacAddress.Parse("02:00:00:00:00:01"),
        Destination = MacAddress.Parse("02:00:00:00:00:02"),
    };

    private static UdpLayer Udp(ushort port) => new() { SourcePort = 61001, DestinationPort = port };

    private static IEnumerable<Packet> Framed()
    {
        yield return Ethernet() / new VlanLayer { VlanId = 100, Priority = 3 } / Datagram;
        yield return Ethernet() / new VlanLayer { TagProtocol = EtherType.ServiceVlan, VlanId = 7 } / new VlanLayer { VlanId = 8, DropEligible = true } / Datagram6;
        yield return Ethernet() / new VlanLayer { TagProtocol = EtherType.OldServiceVlan, VlanId = 7 } / new VlanLayer { VlanId = 8 } / Datagram;
        yield return Ethernet() / new LlcLayer() / new SnapLayer() / Datagram;
        yield return Ethernet() / new VlanLayer { VlanId = 5 } / new LlcLayer() / new SnapLayer() / Datagram6;
        yield return Ethernet() / new LlcLayer { Destination = ServiceAccessPoint.IPv4, Source = ServiceAccessPoint.IPv4 } / Datagram;
        yield return Ethernet() / new LlcLayer { Destination = 0xF0, Source = 0xF0, Control = 0x01, SecondControl = 0x04 };
        yield return Ethernet() / new MplsLayer { Label = 100, TrafficClass = 2 } / new MplsLayer { Label = 200 } / Datagram;
        yield return Ethernet() / new MplsLayer { Label = 3 } / Datagram6;
    }

    private static IEnumerable<Packet> Tunnelled()
    {
        yield return Ethernet() / IPv4() / new GreLayer() / Datagram;
        yield return Ethernet() / IPv4() / new GreLayer { Key = 7, Sequence = 9, HasChecksum = true } / Datagram6;
        yield return Ethernet() / IPv6() / new GreLayer { Sequence = 9 } / Datagram;
        yield return Ethernet() / IPv4() / new GreLayer { Key = 1 } / Ethernet() / new VlanLayer { VlanId = 2 } / Datagram;
        yield return Ethernet() / IPv4() / new GreLayer() / new MplsLayer { Label = 77 } / Datagram;
        yield return Ethernet() / IPv4() / Datagram;
        yield return Ethernet() / IPv4() / Datagram6;
        yield return Ethernet() / IPv6() / Datagram;
        yield return Ethernet() / IPv6() / Datagram6;
    }

    private static IEnumerable<Packet> Captured()
    {
        MacAddress sender = MacAddress.Parse("02:00:00:00:00:09");
        yield return new LinuxCookedLayer { Address = sender } / Datagram;
        yield return new LinuxCookedLayer { Address = sender, PacketType = CookedPacketType.Outgoing } / new VlanLayer { VlanId = 3 } / Datagram6;
        yield return new LinuxCookedLayer { Address = sender } / new LlcLayer() / new SnapLayer() / Datagram;
        yield return new LinuxCookedLayer { Version = 2, Address = sender, InterfaceIndex = 3 } / Datagram;
        yield return new LinuxCookedLayer { Version = 2, Address = sender, PacketType = CookedPacketType.Multicast } / Datagram6;
        yield return new LoopbackLayer() / Datagram;
        yield return new LoopbackLayer() / Datagram6;
        yield return new LoopbackLayer { IsBigEndian = true } / Datagram;
        yield return new LoopbackLayer { IsBigEndian = true } / Datagram6;
        yield return new PppLayer() / Datagram;
        yield return new PppLayer { IsProtocolCompressed = true, HasAddressControl = false } / Datagram;
        yield return new PppLayer() / Datagram6;
        yield return new PppLayer() / new MplsLayer { Label = 5 } / Datagram;
        yield return new Ieee80211Layer { Address1 = sender, Address3 = sender, Sequence = 5 } / new LlcLayer() / new SnapLayer() / Datagram;
        yield return new RadiotapLayer() / new Ieee80211Layer() / new LlcLayer() / new SnapLayer() / Datagram6;
        yield return new PrismLayer() / new Ieee80211Layer() / new LlcLayer() / new SnapLayer() / Datagram;
        yield return new FddiLayer { Source = sender } / new LlcLayer() / new SnapLayer() / Datagram;
        yield return new TokenRingLayer { Source = sender } / new LlcLayer() / new SnapLayer() / Datagram;
        yield return new TokenRingLayer { Source = new(sender.Value | 0x8000_0000_0000), Route = [0x06, 0x30, 0x00, 0x11, 0x00, 0x22] } / new LlcLayer() / new SnapLayer() / Datagram;
    }

    private static IEnumerable<Packet> Dns()
    {
        DnsLayer question = new() { Id = 1, Questions = { new("example.org", DnsType.A) } };
        yield return Ethernet() / IPv4() / Udp(53) / question;
        yield return Ethernet() / IPv6() / Udp(53) / new DnsLayer
        {
            Id = 2,
            Questions = { new("_sip._tcp.example.org", DnsType.SRV) },
            Edns = new DnsEdns { DnssecOk = true, Options = [new(10, [1, 2, 3, 4, 5, 6, 7, 8])] },
        };
        yield return Ethernet() / IPv4() / new UdpLayer { SourcePort = 53, DestinationPort = 61001 } / Response;
        yield return Ethernet() / IPv4() / Udp(5353) / new DnsLayer { Flags = 0, Questions = { new("printer.local", DnsType.PTR, (DnsClass)0x8001) } };
        yield return Ethernet() / IPv4() / Udp(5355) / new DnsLayer { Flags = 0, Questions = { new("host", DnsType.AAAA) } };
        TcpLayer tcp = new() { SourcePort = 61001, DestinationPort = 53, Flags = TcpFlags.Psh | TcpFlags.Ack };
        yield return Ethernet() / IPv4() / tcp / question;
        yield return Ethernet() / IPv6() / tcp / question / Response;
    }
}
