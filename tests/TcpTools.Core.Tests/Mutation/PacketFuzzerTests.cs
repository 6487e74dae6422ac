using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Mutation;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Mutation;

public sealed class PacketFuzzerTests
{
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.2");

    private static Packet Syn => new IPv4Layer { Destination = s_far } / new TcpLayer
    {
        DestinationPort = 443,
        Options = [new TcpMaximumSegmentSizeOption(1460), TcpNoOperationOption.Instance, new TcpWindowScaleOption(7)],
    };

    public static TheoryData<string> Templates => [.. Make().Keys];

    [Fact]
    public void A_variant_follows_from_seed_and_index_alone()
    {
        FuzzOptions options = new() { Seed = 77 };
        FuzzedPacket[] series = [.. new PacketFuzzer(Syn, options).From().Take(200)];
        PacketFuzzer again = new(Syn, options);
        foreach (int index in new[] { 199, 0, 17, 4 })
        {
            FuzzedPacket one = again.Make(index);
            Assert.Equal(series[index].Packet.ToBytes(), one.Packet.ToBytes());
            Assert.Equal(series[index].Mutation.ToString(), one.Mutation.ToString());
            Assert.Equal(one.Mutation.ToString(), one.Packet.Comment);
        }

        Assert.NotEqual(series[0].Packet.ToBytes(), new PacketFuzzer(Syn, options with { Seed = 78 }).Make(0).Packet.ToBytes());
        Assert.Equal(series[150].Packet.ToBytes(), new PacketFuzzer(Syn, options).From(150).First().Packet.ToBytes());
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Every_variant_is_another_packet_and_says_what_was_changed(string name)
    {
        Packet template = Make()[name];
        byte[] before = template.ToBytes();
        HashSet<string> seen = [];
        foreach (FuzzedPacket variant in new PacketFuzzer(template, new FuzzOptions { Seed = 5 }).From().Take(300))
        {
            Assert.NotEmpty(variant.Mutation.Changes);
            Assert.NotEqual(before, variant.Packet.ToBytes());
            seen.Add(Convert.ToHexString(variant.Packet.ToBytes()));
        }

        Assert.True(seen.Count > 200, $"only {seen.Count} of 300 variants differ from each other");
        Assert.Equal(before, template.ToBytes());
    }

    [Theory]
    [MemberData(nameof(Templates))]
    public void Whatever_comes_out_everything_here_lives_with_it(string name)
    {
        Packet template = Make()[name];
        FuzzOptions options = new() { Seed = 9, Intensity = 6, Donors = [.. Make().Values] };
        Stopwatch watch = Stopwatch.StartNew();
        foreach (FuzzedPacket variant in new PacketFuzzer(template, options).From().Take(400))
        {
            byte[] bytes = variant.Packet.ToBytes();
            foreach (PacketStart start in new[] { PacketStart.IP, PacketStart.Ethernet, variant.Packet.Start })
            {
                Packet parsed = Packet.Parse(bytes, start);
                Assert.Equal(bytes, parsed.ToBytes());
                _ = parsed.ToString();
                _ = parsed.Summary;
                _ = parsed.Anomalies;
                Assert.Equal(bytes.Length * 8, parsed.GetFields().SelectMany(layer => layer.Leaves()).Sum(leaf => leaf.BitLength));
            }
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
    }

    [Fact]
    public void What_the_template_has_set_stays_and_the_rest_changes()
    {
        HashSet<string> changed = [];
        foreach (FuzzedPacket variant in Fields(Syn, new FuzzOptions { Options = FuzzOptionChoice.Keep, Lengths = FuzzComputed.Keep }).Take(300))
        {
            Assert.Equal(s_far, variant.Packet.IP!.Destination);
            Assert.Equal(443, new TcpView(variant.Packet.ToBytes().AsSpan(20)).DestinationPort);
            changed.UnionWith(variant.Mutation.Changes.Select(change => change.Target));
        }

        Assert.Superset(new HashSet<string> { "IP.TimeToLive", "IP.Source", "TCP.SourcePort", "TCP.Sequence", "TCP.Flags", "TCP.Window" }, changed);
        Assert.DoesNotContain("TCP.DestinationPort", changed);
        Assert.DoesNotContain("IP.Destination", changed);
        Assert.DoesNotContain("TCP.Checksum", changed);
    }

    [Fact]
    public void Everything_may_change_where_that_is_asked_for_or_the_packet_was_captured()
    {
        Packet captured = Syn;
        captured.Timestamp = DateTimeOffset.UnixEpoch;
        foreach (IEnumerable<FuzzedPacket> series in new[]
        {
            Fields(Syn, new FuzzOptions { ChangesSetFields = true }),
            Fields(captured, new FuzzOptions()),
        })
        {
            Assert.Contains(series.Take(300), variant => variant.Mutation.Changes.Any(change => change.Target == "TCP.DestinationPort"));
        }
    }

    [Fact]
    public void Only_the_fields_that_are_named_change_and_never_those_that_are_excluded()
    {
        FuzzOptions options = new() { Fields = new FieldPattern(["Tcp.*", "ip.timetolive"]), Excluded = new FieldPattern(["TCP.Flags"]) };
        HashSet<string> changed = [.. Fields(Syn, options).Take(400).SelectMany(variant => variant.Mutation.Changes).Select(change => change.Target)];
        Assert.Contains("TCP.DestinationPort", changed);
        Assert.Contains("TCP.Options[0].Value", changed);
        Assert.Contains("IP.TimeToLive", changed);
        Assert.All(changed, target => Assert.True(target.StartsWith("TCP.", StringComparison.Ordinal) || target == "IP.TimeToLive", target));
        Assert.DoesNotContain("TCP.Flags", changed);

        StackException error = Assert.Throws<StackException>(() => new PacketFuzzer(Syn, new FuzzOptions { Fields = new FieldPattern(["UDP.*"]) }));
        Assert.Contains("TCP.Window", error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_come_from_the_networks_that_are_given()
    {
        FuzzOptions options = new() { Fields = new FieldPattern(["IP.Source"]), Networks = [InterfaceAddress.Parse("192.168.4.0/22")] };
        HashSet<NetworkAddress> drawn = [.. Fields(Syn, options).Take(200).Select(variant => variant.Packet.IP!.Source)];
        Assert.All(drawn, address => Assert.True(address.IsInNetwork(NetworkAddress.Parse("192.168.4.0"), 22), address.ToString()));
        Assert.True(drawn.Count > 80);
    }

    [Fact]
    public void Checksums_and_lengths_are_right_wrong_or_either_as_asked()
    {
        FuzzOptions keep = new() { Lengths = FuzzComputed.Keep, Options = FuzzOptionChoice.Keep, Excluded = new FieldPattern(["IP.Version"]) };
        foreach (FuzzedPacket variant in Fields(Syn, keep).Take(300))
        {
            Assert.DoesNotContain(variant.Packet.Anomalies, anomaly => anomaly.Kind is PacketAnomalyKind.BadChecksum or PacketAnomalyKind.BadLength or PacketAnomalyKind.BadHeaderLength);
        }

        foreach (FuzzedPacket variant in Fields(Syn, keep with { Checksums = FuzzComputed.Break, Excluded = new FieldPattern(["IP.*"]) }).Take(300))
        {
            Assert.Contains(variant.Packet.Anomalies, anomaly => anomaly.Kind == PacketAnomalyKind.BadChecksum);
        }

        int lies = 0;
        foreach (FuzzedPacket variant in Fields(Syn, keep with { Lengths = FuzzComputed.Break }).Take(300))
        {
            IPv4Layer ip = variant.Packet.IPv4!;
            bool isLie = ip.FixedFields.Contains("TotalLength") || ip.FixedFields.Contains("HeaderLength") || ip.Trailer.Length > 0
                || variant.Packet.Tcp?.DataOffset != 32 || variant.Packet.Tcp.FixedFields.Contains("DataOffset");
            lies += isLie ? 1 : 0;
        }

        Assert.Equal(300, lies);
    }

    [Fact]
    public void A_checksum_that_the_template_has_wrong_on_purpose_stays_so()
    {
        Packet template = Syn;
        template.Tcp!.Checksum = 0xBEEF;
        Assert.All(
            Fields(template, new FuzzOptions { Lengths = FuzzComputed.Keep, Options = FuzzOptionChoice.Keep, Excluded = new FieldPattern(["IP.*"]) }).Take(100),
            variant => Assert.Equal((ushort?)0xBEEF, variant.Packet.Tcp!.Checksum));
    }

    [Fact]
    public void Valid_options_fit_the_header_and_have_the_lengths_of_their_kinds()
    {
        HashSet<byte> kinds = [];
        FuzzOptions options = new() { Options = FuzzOptionChoice.Valid, Lengths = FuzzComputed.Keep, Fields = new FieldPattern(["TCP.Window"]) };
        foreach (FuzzedPacket variant in Fields(Syn, options).Take(1000))
        {
            TcpLayer tcp = TcpOf(variant.Packet);
            Assert.InRange(tcp.DataOffset!.Value, 20, 60);
            Assert.InRange(tcp.Options.Sum(option => option.Length), 0, 40);
            Assert.All(tcp.Options, option => Assert.True(TcpOptionKind.IsLengthPlausible(option.Kind, option.Length), option.ToString()));
            Assert.DoesNotContain(variant.Packet.Anomalies, anomaly => anomaly.Kind is PacketAnomalyKind.MalformedOption or PacketAnomalyKind.BadOptionLength or PacketAnomalyKind.BadHeaderLength);
            kinds.UnionWith(tcp.Options.Select(option => option.Kind));
        }

        // Those that Scapy's draws wrongly or drops: MD5 signatures, and kinds nobody knows.
        Assert.Contains(TcpOptionKind.Md5Signature, kinds);
        Assert.Contains(kinds, kind => kind is > 90 and < 120);
    }

    [Fact]
    public void Malformed_options_are_malformed_each_time_and_are_kept_exactly()
    {
        FuzzOptions options = new() { Options = FuzzOptionChoice.Malformed, Fields = new FieldPattern(["TCP.Window"]), Lengths = FuzzComputed.Keep };
        int tooMany = 0;
        foreach (FuzzedPacket variant in Fields(Syn, options).Take(500))
        {
            byte[] bytes = variant.Packet.ToBytes();
            Assert.Equal(bytes, Packet.Parse(bytes).ToBytes());
            PacketChange change = Assert.Single(variant.Mutation.Changes, change => change.Target.EndsWith(".Options", StringComparison.Ordinal));
            tooMany += change.Description.EndsWith("bytes of options", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.InRange(tooMany, 20, 250);
    }

    [Fact]
    public void Strategies_can_be_had_one_by_one()
    {
        foreach (FuzzStrategy strategy in new[] { FuzzStrategy.Field, FuzzStrategy.Boundary, FuzzStrategy.Structure, FuzzStrategy.Bytes })
        {
            PacketFuzzer fuzzer = new(Syn, new FuzzOptions { Strategy = strategy, Options = FuzzOptionChoice.Keep, Seed = 3 });
            Assert.All(fuzzer.From().Take(100).SelectMany(variant => variant.Mutation.Changes), change => Assert.Equal(strategy, change.Strategy));
        }

        Assert.Throws<StackException>(() => new PacketFuzzer(Syn, new FuzzOptions { Strategy = FuzzStrategy.None }));
        Assert.Throws<StackException>(() => new PacketFuzzer(Syn, new FuzzOptions { Intensity = 0 }));
    }

    [Fact]
    public void Structure_reaches_layers_fragments_and_the_end_of_the_packet()
    {
        PacketFuzzer fuzzer = new(new EthernetLayer() / Syn, new FuzzOptions { Strategy = FuzzStrategy.Structure, Donors = [new IPv4Layer() / new UdpLayer()], Seed = 8 });
        string[] changes = [.. fuzzer.From().Take(1000).SelectMany(variant => variant.Mutation.Changes).Select(change => change.ToString())];
        foreach (string wanted in new[] { "cut to", "bytes more at the end", "left out", "repeated", "behind", "added behind", "a fragment at", "announces", "from another packet" })
        {
            Assert.Contains(changes, change => change.Contains(wanted, StringComparison.Ordinal));
        }
    }

    private static IEnumerable<FuzzedPacket> Fields(Packet template, FuzzOptions options) =>
        new PacketFuzzer(template, options with { Strategy = FuzzStrategy.Field | FuzzStrategy.Boundary, Seed = 1 }).From();

    private static TcpLayer TcpOf(Packet packet) => packet.Tcp ?? Packet.Parse(packet.ToBytes()).Layers.OfType<TcpLayer>().FirstOrDefault() ?? new TcpLayer { DestinationPort = 443 };

    private static Dictionary<string, Packet> Make() => new()
    {
        ["syn"] = Syn,
        ["data"] = Syn / "GET / HTTP/1.1\r\n\r\n",
        ["frame"] = new EthernetLayer() / new VlanLayer { VlanId = 5 } / new IPv4Layer { Options = [IPOption.RouterAlert()] } / new UdpLayer() / "question",
        ["arp"] = new EthernetLayer() / new ArpLayer(),
        ["icmp"] = new IPv4Layer() / new IcmpLayer { Type = IcmpType.DestinationUnreachable, Quoted = Syn },
        ["chain"] = new IPv6Layer() / new HopByHopLayer() / new RoutingLayer() / new FragmentLayer() / new DestinationOptionsLayer() / new TcpLayer(),
        ["query"] = new IPv4Layer() / new UdpLayer() / new DnsLayer { Questions = [new DnsQuestion("www.example.org", DnsType.A)] },
        ["gre"] = new IPv4Layer() / new GreLayer() / Syn,
        ["header alone"] = Packet.Of(new IPv4Layer()),
        ["bytes"] = Packet.Parse([1, 2, 3]),
        ["nothing"] = new Packet(),
    };
}
