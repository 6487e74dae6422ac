using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Lab;
using TcpTools.Packets;
using TcpTools.Tests.Capture;
using TcpTools.Tests.Kernel;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>
/// tshark prints of packets of every kind what we print, field by field, with nothing more in any of the fields, and finds
/// nothing malformed and no wrong checksum.
/// </summary>
[Trait("Category", "Root")]
public sealed class TsharkCorpusTests : IDisposable
{
    private const int RandomFrames = 100;

    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [RootFact("tshark")]
    public void Tshark_prints_what_we_print_of_packets_of_every_kind()
    {
        Packet[] corpus = [.. Corpus()];
        Dictionary<PacketStart, CaptureInterface> interfaces = corpus.Select(packet => packet.Start).Distinct()
            .ToDictionary(start => start, start => new CaptureInterface { Name = $"{start}", LinkType = (CaptureLinkType)start.ToLinkType() });
        File.WriteAllBytes(_path, CaptureFiles.Write(
            new PcapWriterOptions(), corpus.Select(packet => CaptureFiles.Packet(interfaces[packet.Start], packet.ToBytes()))));

        // What we print is what our own dissection makes of the bytes.
        Dictionary<string, string>[] expected = [.. corpus.Select(packet => TsharkFields.Of(Packet.Parse(packet.ToBytes(), packet.Start)))];
        string[] fields = ["_ws.malformed", .. expected.SelectMany(values => values.Keys).Distinct().Order(StringComparer.Ordinal)];
        string[] lines = Tool.Run("tshark",
        [
            "-r", _path, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,",
            "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.defragment:FALSE",
            "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "tcp.relative_sequence_numbers:FALSE",
            .. fields.SelectMany(field => new[] { "-e", field }),
        ]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(corpus.Length, lines.Length);
        List<string> differences = [];
        for (int i = 0; i < corpus.Length; i++)
        {
            string[] values = lines[i].Split('\t');
            Assert.Equal(fields.Length, values.Length);
            differences.AddRange(fields.Zip(values)
                .Where(pair => expected[i].GetValueOrDefault(pair.First, "") != pair.Second)
                .Select(pair => $"{corpus[i].Summary}: {pair.First} is '{pair.Second}', not '{expected[i].GetValueOrDefault(pair.First, "")}'"));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(40)));
    }

    [RootFact("tcpdump")]
    public void Tcpdump_prints_of_tunnels_labels_and_messages_the_line_that_we_print()
    {
        // What tcpdump prints differently: types it does not know the inside of, and what is no IP at all.
        DnsLayer answer = new() { Id = 9, IsResponse = true, Questions = { new("example.org", DnsType.ANY) } };
        foreach (DnsRecord record in LayerSamples.Response.Answers.Where(record => record.Type != DnsType.CAA))
        {
            answer.Answers.Add(record);
        }

        Packet[] corpus =
        [
            .. LayerSamples.All.Where(packet => packet.Start == PacketStart.Ethernet && IsDumpedAlike(packet)),
            new EthernetLayer() / new IPv4Layer() / new UdpLayer { SourcePort = 53, DestinationPort = 61001 } / answer,
            new EthernetLayer() / new IPv4Layer() / new GreLayer() / new EthernetLayer() / new ArpLayer(),
        ];
        CaptureInterface on = new() { LinkType = CaptureLinkType.Ethernet };
        File.WriteAllBytes(_path, CaptureFiles.Write(
            new PcapWriterOptions(), corpus.Select(packet => CaptureFiles.Packet(on, packet.ToBytes()))));
        string[] lines = Tool.Run("tcpdump", "-r", _path, "-n", "-S", "-t").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(corpus.Length, lines.Length);
        Assert.All(corpus.Zip(lines), pair => Assert.Equal(pair.Second, Packet.Parse(pair.First.ToBytes(), PacketStart.Ethernet).ToString()));
        Assert.True(corpus.Length >= 15);
    }

    private static bool IsDumpedAlike(Packet packet) =>
        packet.IP is not null && packet.Vlan is null && packet.Layers.OfType<DnsLayer>().Count() < 2
        && packet.Udp?.DestinationPort != 5355 && !(packet.IPv6 is not null && packet.Layers.OfType<MplsLayer>().Any()) && packet.Dns?.Answers.Count is not > 0;

    private static IEnumerable<Packet> Corpus()
    {
        RandomPackets random = new(77);
        return LayerSamples.All
            .Concat(Enumerable.Range(0, RandomFrames).Select(_ => random.NextFrame()))
            .Concat(Transports())
            .Concat(Networks());
    }

    private static IEnumerable<Packet> Transports()
    {
        EthernetLayer ethernet = new() { Source = MacAddress.Parse("02:00:00:00:00:01") };
        TcpOption[][] lists =
        [
            [new TcpMaximumSegmentSizeOption(1460), new TcpSackPermittedOption(), new TcpTimestampsOption(1, 2), TcpNoOperationOption.Instance, new TcpWindowScaleOption(7)],
            [new TcpUserTimeoutOption(300)],
            [new TcpUserTimeoutOption(5, inMinutes: true)],
            [new TcpFastOpenOption([1, 2, 3, 4, 5, 6, 7, 8])],
            [new TcpAccurateEcnOption(0, 1, 2, 3)],
            [new TcpAccurateEcnOption(1, 1, 2, 3)],
            [new TcpSackOption(new SackBlock(new(2000), new(3000)), new SackBlock(new(4000), new(5000)))],
            [new UnknownTcpOption(77, [1, 2])],
        ];
        foreach (TcpOption[] options in lists)
        {
            yield return ethernet / new IPv4Layer() / new TcpLayer { SourcePort = 61001, DestinationPort = 61002, Options = [.. options] } / "data";
        }

        Packet signed = ethernet / new IPv6Layer() / new TcpLayer { SourcePort = 61001, DestinationPort = 61002 } / "data";
        TcpMd5Signature.Sign(signed, "secret");
        yield return signed;
        Packet authenticated = ethernet / new IPv4Layer() / new TcpLayer { SourcePort = 61001, DestinationPort = 61002, Sequence = 9 } / "data";
        TcpAuthentication.Sign(authenticated, new TcpAuthenticationKey("secret") { KeyId = 61, ReceiveNextKeyId = 84 });
        yield return authenticated;
        yield return ethernet / new IPv4Layer() / new IcmpLayer { Identifier = 0x1234, Sequence = 5 } / "ping";
        yield return ethernet / new IPv4Layer() / new IcmpLayer { Type = IcmpType.EchoReply, Identifier = 0x1234, Sequence = 5 } / "ping";
        yield return ethernet / new IPv6Layer() / new Icmpv6Layer { Identifier = 0x1234, Sequence = 5 } / "ping";
        yield return ethernet / new IPv6Layer() / new Icmpv6Layer { Type = Icmpv6Type.EchoReply, Identifier = 0x1234, Sequence = 5 } / "ping";
        Packet lost = new IPv4Layer() / new UdpLayer { SourcePort = 61001, DestinationPort = 61002 } / new byte[100];
        yield return ethernet / new IPv4Layer() / new IcmpLayer { Type = IcmpType.DestinationUnreachable, Code = IcmpCode.PortUnreachable, Quoted = lost.Copy() };
        yield return ethernet / new IPv4Layer() / new IcmpLayer
        {
            Type = IcmpType.TimeExceeded,
            Quoted = Packet.Parse([.. lost.ToBytes(), .. new byte[128 - lost.GetLength() % 128]]),
            Extensions = [new IcmpLabelStackObject(new MplsLabelEntry(100, 0, true, 1))],
        };
    }

    private static IEnumerable<Packet> Networks()
    {
        EthernetLayer ethernet = new() { Source = MacAddress.Parse("02:00:00:00:00:01") };
        UdpLayer udp = new() { SourcePort = 61001, DestinationPort = 61002 };
        yield return ethernet / new IPv4Layer { Options = [IPOption.RouterAlert(), IPOption.NoOperation] } / udp / "data";
        yield return ethernet / new IPv4Layer { FragmentOffset = 1480, MoreFragments = true, Protocol = IPProtocol.Udp } / new byte[64];
        yield return ethernet / new IPv6Layer { FlowLabel = 0x12345, TrafficClass = 0xB8, HopLimit = 3 } / udp / "data";
        IPOption[][] lists =
        [
            [IPOption.Parse("RR 10.0.0.1,10.0.0.2")],
            [IPOption.Parse("LSRR 10.0.0.9")],
            [IPOption.Parse("SSRR 10.0.0.9,10.0.0.10"), IPOption.NoOperation],
            [new IPTimestampOption(0, [1, 2, 0], pointer: 13)],
            [new IPOption(130, 0, 1, 0, 2, 0, 3, 0, 0, 4)],
            [new IPOption(136, 0, 77)],
        ];
        foreach (IPOption[] options in lists)
        {
            yield return ethernet / new IPv4Layer { Options = [.. options] } / udp / "data";
        }

        foreach (byte type in new byte[] { RoutingHeaderType.Source, RoutingHeaderType.Mobile, RoutingHeaderType.Segment })
        {
            RoutingLayer routing = new() { RoutingType = type };
            routing.Addresses = [NetworkAddress.Parse("fd00::5")];
            yield return ethernet / new IPv6Layer() / routing / udp / "data";
        }

        foreach (Packet message in Messages())
        {
            yield return ethernet / message;
        }

        yield return ethernet / new IPv6Layer() / new HopByHopLayer { Options = [new IPv6RouterAlertOption()] } / udp / "data";
        yield return ethernet / new IPv6Layer() / new DestinationOptionsLayer() / udp / "data";
        yield return ethernet / new IPv6Layer() / new FragmentLayer { FragmentOffset = 1448, MoreFragments = true, Identification = 77, NextHeader = IPProtocol.Udp } / new byte[64];
        yield return ethernet / new IPv6Layer() / new AuthenticationLayer { SecurityParametersIndex = 0x1001, Sequence = 5 } / udp / "data";
    }

    private static IEnumerable<Packet> Messages()
    {
        Packet lost = new IPv4Layer() / new UdpLayer { SourcePort = 61001, DestinationPort = 61002 } / "data";
        Packet lost6 = new IPv6Layer() / new UdpLayer { SourcePort = 61001, DestinationPort = 61002 } / "data";
        NetworkAddress target = NetworkAddress.Parse("fd00::7");
        NeighborLinkAddressOption link = new(MacAddress.Parse("02:00:00:00:00:05"));
        IPv6Layer near = new() { HopLimit = 255 };
        yield return new IPv4Layer() / new IcmpLayer { Type = IcmpType.Redirect, Gateway = NetworkAddress.Parse("10.0.0.3"), Quoted = lost.Copy() };
        yield return new IPv4Layer() / new IcmpLayer { Type = IcmpType.ParameterProblem, Pointer = 20, Quoted = lost.Copy() };
        yield return new IPv4Layer() / new IcmpLayer { Type = IcmpType.TimestampReply, Identifier = 7, OriginateTimestamp = 5, ReceiveTimestamp = 6, TransmitTimestamp = 7 };
        yield return new IPv4Layer() / new IcmpLayer { Type = IcmpType.AddressMaskReply, Identifier = 7, AddressMask = NetworkAddress.Parse("255.255.255.0") };
        yield return new IPv6Layer() / new Icmpv6Layer { Type = Icmpv6Type.PacketTooBig, Mtu = 1400, Quoted = lost6.Copy() };
        yield return new IPv6Layer() / new Icmpv6Layer { Type = Icmpv6Type.ParameterProblem, Pointer = 6, Quoted = lost6.Copy() };
        yield return near / new Icmpv6Layer { Type = Icmpv6Type.RouterSolicitation, Options = [link] };
        yield return near / new Icmpv6Layer
        {
            Type = Icmpv6Type.RouterAdvertisement,
            CurrentHopLimit = 64,
            RouterLifetime = 1800,
            ReachableTime = 5,
            RetransmitTime = 6,
            Options = [link, new NeighborMtuOption(1400)],
        };
        yield return near / new Icmpv6Layer { Type = Icmpv6Type.NeighborSolicitation, Target = target, Options = [link] };
        yield return near / new Icmpv6Layer { Type = Icmpv6Type.NeighborAdvertisement, Target = target };
        yield return near / new Icmpv6Layer { Type = Icmpv6Type.Redirect, Target = target };
    }
}
