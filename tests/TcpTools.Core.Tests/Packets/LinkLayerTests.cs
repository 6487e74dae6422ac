using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>The layers beside IP: what is built is read back, and any bytes come out as they went in.</summary>
public class LinkLayerTests
{
    private static readonly MacAddress s_station = MacAddress.Parse("02:00:00:00:00:01");

    private static readonly PacketStart[] s_starts = Enum.GetValues<PacketStart>();

    [Fact]
    public void Arbitrary_bytes_come_out_as_they_went_in_whatever_they_start_with() => Prop.ForAll<byte[]>(bytes =>
        s_starts.All(start => Packet.Parse(bytes, start).ToBytes().SequenceEqual(bytes))).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutated_packets_of_every_kind_come_out_as_they_went_in()
    {
        foreach (IGrouping<PacketStart, Packet> kind in LayerSamples.All.GroupBy(packet => packet.Start))
        {
            byte[][] seeds = [.. kind.Select(packet => packet.ToBytes())];
            new ByteMutator((ulong)kind.Key + 40).Run(seeds, 3000, bytes => CheckRoundTrip(bytes, kind.Key));
        }
    }

    [Fact]
    public void Every_prefix_of_every_kind_comes_out_as_it_went_in()
    {
        foreach (Packet packet in LayerSamples.All)
        {
            byte[] bytes = packet.ToBytes();
            for (int length = 0; length <= bytes.Length; length++)
            {
                CheckRoundTrip(bytes[..length], packet.Start);
            }
        }
    }

    [Fact]
    public void What_is_built_is_read_back_layer_by_layer_and_nothing_is_wrong_with_it()
    {
        foreach (Packet packet in LayerSamples.All)
        {
            Packet read = Packet.Parse(packet.ToBytes(), packet.Start);
            Assert.Equal(packet.Layers.Select(layer => layer.ToString()), read.Layers.Select(layer => layer.ToString()));
            Assert.Equal(packet.Start, read.Start);
            Assert.All(read.Layers, layer => Assert.True(layer.FixedFields.Count == 0, $"{layer} of {packet}: {string.Join(',', layer.FixedFields)}"));
            Assert.Empty(read.Anomalies);
        }
    }

    [Fact]
    public void A_length_field_counts_what_follows_and_padding_stays_behind_it()
    {
        Packet frame = new EthernetLayer { Source = s_station } / new LlcLayer() / new SnapLayer() / LayerSamples.Datagram;
        int length = 3 + 5 + LayerSamples.Datagram.ToBytes().Length;
        Assert.Equal(length, frame.Ethernet!.EtherType!.Value);
        Assert.True(frame.Ethernet.IsLength);
        byte[] padded = [.. frame.ToBytes(), .. new byte[7]];
        Packet read = Packet.Parse(padded, PacketStart.Ethernet);
        Assert.Equal(7, read.Ethernet!.Trailer.Length);
        Assert.Empty(read.Anomalies);
        Assert.Equal(padded, read.ToBytes());
        read.Payload!.Text = "something that is longer";
        Assert.Equal(length + 19, read.Ethernet.EtherType!.Value);
    }

    [Fact]
    public void Tags_are_announced_by_their_own_protocols()
    {
        Packet frame = new EthernetLayer { Source = s_station }
            / new VlanLayer { TagProtocol = 0x88A8, VlanId = 100, Priority = 5 }
            / new VlanLayer { TagProtocol = 0x9100, VlanId = 200, DropEligible = true }
            / new VlanLayer { VlanId = 300 }
            / LayerSamples.Datagram;
        Assert.Equal("020000000001" + "88a8a064" + "910010c8" + "8100012c" + "0800", Convert.ToHexStringLower(frame.ToBytes().AsSpan(6, 20)));
        Packet read = Packet.Parse(frame.ToBytes(), PacketStart.Ethernet);
        Assert.Equal([0x88A8, 0x9100, 0x8100], read.Layers.OfType<VlanLayer>().Select(tag => (int)tag.TagProtocol));
        Assert.All(read.Layers, layer => Assert.Empty(layer.FixedFields));
        read.Layers.RemoveAt(1);
        Assert.Equal(0x9100, read.Ethernet!.EtherType!.Value);
    }

    [Fact]
    public void GRE_has_the_fields_that_are_set_and_its_checksum_covers_all_inside()
    {
        GreLayer gre = new() { HasChecksum = true, Key = 0xABCD, Sequence = 1 };
        Packet packet = new IPv4Layer() / gre / LayerSamples.Datagram;
        byte[] header = packet.ToBytes()[20..36];
        Assert.Equal("b0000800", Convert.ToHexStringLower(header[..4]));
        Assert.Equal("0000abcd00000001", Convert.ToHexStringLower(header[8..]));
        Assert.True(InternetChecksum.IsValid(InternetChecksum.Add(0, packet.ToBytes().AsSpan(20))));
        Assert.Equal(IPProtocol.Gre, packet.IP!.Protocol!.Value);

        byte[] damaged = packet.ToBytes();
        damaged[^1] ^= 1;
        Packet read = Packet.Parse(damaged);
        Assert.Contains(read.Anomalies, anomaly => anomaly is { Kind: PacketAnomalyKind.BadChecksum, Layer: "GRE" });
        Assert.Equal(damaged, read.ToBytes());

        // What the header of another version means is not known here.
        byte[] second = packet.ToBytes();
        second[21] |= 1;
        Assert.Empty(Packet.Parse(second).Layers.OfType<GreLayer>());
        Assert.Equal(second, Packet.Parse(second).ToBytes());
    }

    [Fact]
    public void The_last_label_has_the_bottom_bit()
    {
        Packet packet = new EthernetLayer() / new MplsLayer { Label = 16 } / new MplsLayer { Label = 1048575, TrafficClass = 7, TimeToLive = 1 } / LayerSamples.Datagram;
        Assert.Equal("8847" + "00010040" + "ffffff01", Convert.ToHexStringLower(packet.ToBytes().AsSpan(12, 10)));
        Assert.Equal("MPLS (label 16, tc 0, ttl 64) (label 1048575, tc 7, [S], ttl 1) IP 10.0.0.1.61001 > 10.0.0.2.61002: UDP, length 5", packet.ToString());
    }

    [Fact]
    public void Labels_tags_and_tunnels_without_end_do_not_recurse_without_end()
    {
        byte[] labels = [.. SampleFrames.Hex("ffffffffffff0200000000018847"), .. Enumerable.Repeat((byte)0, 4000)];
        CheckRoundTrip(labels, PacketStart.Ethernet);
        List<byte> frames = [];
        List<byte> tunnels = [.. SampleFrames.Hex("4500ffff00000000402f0000 0a0000010a000002")];
        for (int i = 0; i < 2000; i++)
        {
            frames.AddRange(SampleFrames.Hex("ffffffffffff0200000000016558"));
            tunnels.AddRange(SampleFrames.Hex("000008004500ffff00000000402f0000 0a0000010a000002"));
        }

        CheckRoundTrip([.. frames], PacketStart.Ethernet);
        CheckRoundTrip([.. tunnels], PacketStart.IP);
    }

    [Theory]
    [InlineData(0, PacketStart.Null)]
    [InlineData(1, PacketStart.Ethernet)]
    [InlineData(101, PacketStart.IP)]
    [InlineData(113, PacketStart.LinuxCooked)]
    [InlineData(276, PacketStart.LinuxCooked2)]
    [InlineData(127, PacketStart.Radiotap)]
    [InlineData(147, PacketStart.Unknown)]
    [InlineData(249, PacketStart.Unknown)]
    public void Link_types_of_captures_tell_what_frames_start_with(int linkType, PacketStart start) =>
        Assert.Equal(start, PacketStarts.FromLinkType(linkType));

    [Fact]
    public void Every_start_has_a_link_type_that_leads_back_to_it() =>
        Assert.All(s_starts, start => Assert.Equal(start, PacketStarts.FromLinkType(start.ToLinkType())));

    [Fact]
    public void A_packet_of_an_unknown_kind_is_one_payload()
    {
        byte[] bytes = LayerSamples.Datagram.ToBytes();
        Packet packet = Packet.Parse(bytes, PacketStart.Unknown);
        Assert.Equal(bytes, Assert.IsType<PayloadLayer>(Assert.Single(packet.Layers)).Data);
        Assert.Equal(PacketStart.Unknown, packet.Start);
        Assert.Equal(PacketStart.Unknown, packet.Copy().Start);
        Assert.Empty(packet.Anomalies);
    }

    [Theory]
    [InlineData("02000000", PacketStart.Null, false)]
    [InlineData("00000002", PacketStart.Null, true)]
    [InlineData("1e000000", PacketStart.Null, false)]
    [InlineData("00000018", PacketStart.Loop, true)]
    public void A_loopback_header_is_read_in_either_byte_order(string family, PacketStart start, bool isBigEndian)
    {
        byte[] bytes = [.. SampleFrames.Hex(family), .. LayerSamples.Datagram.ToBytes()];
        Packet packet = Packet.Parse(bytes, start);
        Assert.Equal(isBigEndian, Assert.IsType<LoopbackLayer>(packet.Layers[0]).IsBigEndian);
        Assert.NotNull(packet.Udp);
        Assert.Equal(bytes, packet.ToBytes());
    }

    [Fact]
    public void A_wireless_frame_keeps_its_header_and_its_check_sequence()
    {
        // Radiotap says: check sequence at the end, header filled up to 4 bytes. The frame has quality of service, 26 bytes.
        byte[] bytes =
        [
            .. SampleFrames.Hex("00000900020000003000"[..18]), .. SampleFrames.Hex("8802000002000000000102000000000202000000000310000000"),
            0, 0, .. SampleFrames.Hex("aaaa030000000800"), .. LayerSamples.Datagram.ToBytes(), 1, 2, 3, 4,
        ];
        bytes[8] = 0x30;
        Packet packet = Packet.Parse(bytes, PacketStart.Radiotap);
        Ieee80211Layer air = packet.Layers.OfType<Ieee80211Layer>().Single();
        Assert.Equal(28, air.Header.Length);
        Assert.Equal([1, 2, 3, 4], air.Trailer);
        Assert.Equal(("02:00:00:00:00:03", "02:00:00:00:00:01", 1), (air.Source.ToString(), air.Destination.ToString(), air.Sequence));
        Assert.Equal("hello", packet.Payload!.Text);
        Assert.Equal(bytes, packet.ToBytes());

        // What is encrypted is not taken for LLC.
        bytes[10] |= 0x40;
        Assert.Null(Packet.Parse(bytes, PacketStart.Radiotap).Udp);
    }

    private static void CheckRoundTrip(byte[] bytes, PacketStart start)
    {
        Packet packet = Packet.Parse(bytes, start);
        Assert.Equal(bytes, packet.ToBytes());
        Assert.Equal(bytes, packet.Copy().ToBytes());
        Assert.NotEmpty(packet.ToString());
        Assert.NotEmpty(packet.Summary);
        Assert.NotNull(packet.Anomalies);
        Assert.All(packet.Layers, layer => Assert.NotNull(layer.ToString()));
    }
}
