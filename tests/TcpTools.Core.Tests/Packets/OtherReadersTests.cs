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

/// <summary>tshark and tcpdump read in our packets what we wrote into them.</summary>
[Trait("Category", "Root")]
public sealed class OtherReadersTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    private static readonly string[] Fields =
    [
        "_ws.malformed", "eth.src", "eth.dst", "vlan.id", "vlan.priority", "arp.opcode", "arp.src.proto_ipv4", "arp.dst.hw_mac",
        "ip.src", "ip.dst", "ip.ttl", "ip.id", "ip.len", "ip.hdr_len", "ip.dsfield", "ip.flags.df", "ip.proto", "ip.checksum",
        "ip.checksum.status", "tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.hdr_len", "tcp.flags",
        "tcp.window_size_value", "tcp.checksum", "tcp.checksum.status", "tcp.len", "tcp.options.mss_val",
        "tcp.options.wscale.shift", "tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.options.sack_le",
        "udp.srcport", "udp.dstport", "udp.length", "udp.checksum", "udp.checksum.status", "icmp.type", "icmp.ident", "icmp.seq",
        "icmp.checksum", "icmp.checksum.status",
    ];

    public void Dispose() => File.Delete(_path);

    [RootFact("tshark")]
    public void Tshark_reads_every_field_as_it_was_set_and_finds_no_bad_checksum()
    {
        RandomPackets random = new(20);
        Packet[] packets = [.. Enumerable.Range(0, 400).Select(_ => random.NextFrame())];
        Write(packets, CaptureLinkType.Ethernet);
        string[] arguments =
        [
            "-r", _path, "-T", "fields", "-E", "separator=|", "-E", "occurrence=f", "-o", "ip.check_checksum:TRUE",
            "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "tcp.desegment_tcp_streams:FALSE",
            "-o", "tcp.relative_sequence_numbers:FALSE",
            .. Fields.SelectMany(field => new[] { "-e", field }),
        ];
        string[] lines = Tool.Run("tshark", arguments).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(packets.Length, lines.Length);
        foreach ((Packet packet, string line) in packets.Zip(lines))
        {
            string[] values = line.Split('|');
            foreach ((string field, string value) in Fields.Zip(values))
            {
                Assert.True(Expect(packet, field) == value, $"{field} is {value} in {packet} for {Expect(packet, field)}");
            }
        }
    }

    [RootFact("tcpdump")]
    public void Tcpdump_prints_the_line_that_we_print()
    {
        RandomPackets random = new(21);
        Packet[] packets = [.. Enumerable.Range(0, 400).Select(_ => random.NextIP())];
        Write(packets, CaptureLinkType.Raw);
        string[] lines = Tool.Run("tcpdump", "-r", _path, "-n", "-S", "-t").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(packets.Length, lines.Length);

        // Read back, because the filling behind the options then shows as the end of the list.
        Assert.All(packets.Zip(lines), pair => Assert.Equal(pair.Second, Packet.Parse(pair.First.ToBytes()).ToString()));
    }

    [RootFact("tcpdump")]
    public void Tcpdump_prints_what_we_print_of_IPv6_and_of_ICMP_of_both_versions()
    {
        Packet[] packets = [.. IcmpSamples.Version4, .. IcmpSamples.Version6, .. ExtensionHeaderTests.Samples.Select(bytes => Packet.Parse(bytes))];
        Write(packets, CaptureLinkType.Raw);
        string[] lines = [.. Tool.Run("tcpdump", "-r", _path, "-n", "-S", "-t").Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '\t')];
        Assert.Equal(packets.Length, lines.Length);
        Assert.All(packets.Zip(lines).Where(pair => IsUnderstood(pair.Second)), pair => Assert.Equal(pair.Second.Trim(), Packet.Parse(pair.First.ToBytes()).ToString()));

        // What tcpdump does not know, guesses, or runs together.
        static bool IsUnderstood(string line) => !line.Contains("(invalid)", StringComparison.Ordinal) && !line.Contains("mtrace", StringComparison.Ordinal)
            && !line.Contains("unknown unreach", StringComparison.Ordinal) && !line.Contains("mobility", StringComparison.Ordinal)
            && !line.Contains("HTTP", StringComparison.Ordinal) && !line.Contains("[0q]", StringComparison.Ordinal)
            && !line.Contains("max resp", StringComparison.Ordinal) && !line.Contains("ip-proto-60", StringComparison.Ordinal);
    }

    private static string Expect(Packet packet, string field)
    {
        IPv4Layer? ip = packet.IPv4;
        TcpLayer? tcp = packet.Tcp;
        UdpLayer? udp = packet.Udp;
        IcmpLayer? icmp = packet.Icmp;
        return field switch
        {
            "_ws.malformed" => "",
            "eth.src" => Text(packet.Ethernet!.Source),
            "eth.dst" => Text(packet.Ethernet!.Destination),
            "vlan.id" => Text(packet.Vlan?.VlanId),
            "vlan.priority" => Text(packet.Vlan?.Priority),
            "arp.opcode" => Text(packet.Arp?.Operation),
            "arp.src.proto_ipv4" => Text(packet.Arp?.SenderProtocol),
            "arp.dst.hw_mac" => Text(packet.Arp?.TargetHardware),
            "ip.src" => Text(ip?.Source),
            "ip.dst" => Text(ip?.Destination),
            "ip.ttl" => Text(ip?.TimeToLive),
            "ip.id" => Hex(ip?.Identification),
            "ip.len" => Text(ip?.TotalLength),
            "ip.hdr_len" => Text(ip?.HeaderLength),
            "ip.dsfield" => ip is null ? "" : $"0x{ip.TypeOfService:x2}",
            "ip.flags.df" => ip is null ? "" : ip.DontFragment ? "1" : "0",
            "ip.proto" => Text(ip?.Protocol),
            "ip.checksum" => Hex(ip?.Checksum),
            "ip.checksum.status" => ip is null ? "" : "1",
            "tcp.srcport" => Text(tcp?.SourcePort),
            "tcp.dstport" => Text(tcp?.DestinationPort),
            "tcp.seq_raw" => Text(tcp?.Sequence),
            "tcp.ack_raw" => Text(tcp?.Acknowledgment),
            "tcp.hdr_len" => Text(tcp?.DataOffset),
            "tcp.flags" => Hex((ushort?)tcp?.Flags),
            "tcp.window_size_value" => Text(tcp?.Window),
            "tcp.checksum" => Hex(tcp?.Checksum),
            "tcp.checksum.status" => tcp is null ? "" : "1",
            "tcp.len" => Text(tcp?.DataLength),
            "tcp.options.mss_val" => Text(tcp?.GetOption<TcpMaximumSegmentSizeOption>()?.Value),
            "tcp.options.wscale.shift" => Text(tcp?.GetOption<TcpWindowScaleOption>()?.Shift),
            "tcp.options.timestamp.tsval" => Text(tcp?.GetOption<TcpTimestampsOption>()?.Value),
            "tcp.options.timestamp.tsecr" => Text(tcp?.GetOption<TcpTimestampsOption>()?.Echo),
            "tcp.options.sack_le" => Text(tcp?.GetOption<TcpSackOption>()?.Blocks[0].Left),
            "udp.srcport" => Text(udp?.SourcePort),
            "udp.dstport" => Text(udp?.DestinationPort),
            "udp.length" => Text(udp?.Length),
            "udp.checksum" => Hex(udp?.Checksum),
            "udp.checksum.status" => udp is null ? "" : "1",
            "icmp.type" => Text(icmp?.Type),
            "icmp.ident" => Text(icmp?.Identifier),
            "icmp.seq" => Text(icmp?.Sequence),
            "icmp.checksum" => Hex(icmp?.Checksum),
            _ => icmp is null ? "" : "1",
        };
    }

    private static string Text<T>(T? value) => value?.ToString() ?? "";

    private static string Hex(ushort? value) => value is null ? "" : $"0x{value:x4}";

    private void Write(IEnumerable<Packet> packets, CaptureLinkType linkType)
    {
        CaptureInterface on = new() { LinkType = linkType };
        File.WriteAllBytes(_path, CaptureFiles.Write(
            new PcapWriterOptions(), packets.Select(packet => CaptureFiles.Packet(on, packet.ToBytes()))));
    }
}
