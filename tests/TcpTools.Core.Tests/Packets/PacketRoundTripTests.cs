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

/// <summary>Any bytes come out of a packet exactly as they went in.</summary>
public class PacketRoundTripTests
{
    [Fact]
    public void Arbitrary_bytes_come_out_as_they_went_in() => Prop.ForAll<byte[]>(bytes =>
        Packet.Parse(bytes).ToBytes().SequenceEqual(bytes)
        && Packet.Parse(bytes, PacketStart.Ethernet).ToBytes().SequenceEqual(bytes)).QuickCheckThrowOnFailure();

    [Fact]
    public void Mutated_packets_come_out_as_they_went_in() =>
        new ByteMutator(11).Run(SampleFrames.Packets, 15_000, static bytes => CheckRoundTrip(bytes, PacketStart.IP));

    [Fact]
    public void Mutated_frames_come_out_as_they_went_in() =>
        new ByteMutator(12).Run(SampleFrames.Frames, 15_000, static bytes => CheckRoundTrip(bytes, PacketStart.Ethernet));

    [Fact]
    public void Every_prefix_of_a_frame_comes_out_as_it_went_in()
    {
        foreach (byte[] frame in SampleFrames.Frames)
        {
            for (int length = 0; length <= frame.Length; length++)
            {
                CheckRoundTrip(frame[..length], PacketStart.Ethernet);
            }
        }
    }

    [Fact]
    public void A_sound_packet_leaves_everything_to_be_computed_and_so_stays_sound_when_it_is_changed()
    {
        Packet sound = new IPv4Layer { TimeToLive = 9, Options = [IPOption.RouterAlert()] }
            / new TcpLayer { Flags = TcpFlags.Ack, Options = [new TcpTimestampsOption(1, 2)] } / "hello";
        Packet read = Packet.Parse(sound.ToBytes());
        Assert.All(read.Layers, layer => Assert.Empty(layer.FixedFields));
        read.Payload!.Text = "something longer";
        read.IPv4!.Destination = NetworkAddress.Parse("10.1.2.3");
        read.Tcp!.Options.Clear();
        Assert.Empty(read.Anomalies);
        IPv4View view = new(read.ToBytes());
        Assert.True(view.IsValid && view.IsChecksumValid && view.TotalLength == 24 + 20 + 16);
        Assert.True(new TcpView(view.Payload).IsChecksumValid(view.Source, view.Destination));
    }

    [Theory]
    [InlineData("IP.Checksum", PacketAnomalyKind.BadChecksum)]
    [InlineData("IP.TotalLength", PacketAnomalyKind.TruncatedPacket)]
    [InlineData("IP.HeaderLength", PacketAnomalyKind.BadHeaderLength)]
    [InlineData("TCP.Checksum", PacketAnomalyKind.BadChecksum)]
    [InlineData("TCP.DataOffset", PacketAnomalyKind.BadHeaderLength)]
    public void What_is_wrong_on_purpose_stays_wrong_is_told_and_survives_the_round_trip(string field, PacketAnomalyKind kind)
    {
        Packet packet = new IPv4Layer() / new TcpLayer() / "data";
        switch (field)
        {
            case "IP.Checksum": packet.IPv4!.Checksum = 0xBEEF; break;
            case "IP.TotalLength": packet.IPv4!.TotalLength = 1000; break;
            case "IP.HeaderLength": packet.IPv4!.HeaderLength = 16; break;
            case "TCP.Checksum": packet.Tcp!.Checksum = 0xBEEF; break;
            default: packet.Tcp!.DataOffset = 12; break;
        }

        Packet read = Packet.Parse(packet.ToBytes());
        string[] parts = field.Split('.');
        Assert.Contains(parts[1], read.Layers.Single(layer => layer.Name == parts[0]).FixedFields);
        Assert.Contains(read.Anomalies, anomaly => anomaly.Kind == kind && anomaly.Layer == parts[0]);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void Ethernet_padding_is_kept_apart_from_the_data()
    {
        byte[] frame = [.. SampleFrames.Hex("0200000000020200000000010800"), .. SampleFrames.UdpPacket, .. new byte[13]];
        Packet packet = Packet.Parse(frame, PacketStart.Ethernet);
        Assert.Equal("hello", packet.Payload!.Text);
        Assert.Equal(13, packet.IPv4!.Trailer.Length);
        Assert.Equal(frame, packet.ToBytes());

        byte[] bareAck = [.. frame.AsSpan(0, 14), .. (new IPv4Layer() / new TcpLayer { Flags = TcpFlags.Ack }).ToBytes(), .. new byte[6]];
        Assert.Null(Packet.Parse(bareAck, PacketStart.Ethernet).Payload);
    }

    [Fact]
    public void A_total_length_of_zero_keeps_the_payload()
    {
        // As offloaded packets are captured before the device fills the length in.
        byte[] bytes = (new IPv4Layer() / new TcpLayer() / "payload").ToBytes();
        bytes[2] = bytes[3] = 0;
        Packet packet = Packet.Parse(bytes);
        Assert.Equal("payload", packet.Payload!.Text);
        Assert.Equal(bytes, packet.ToBytes());
    }

    [Fact]
    public void A_later_fragment_is_not_taken_for_the_start_of_a_segment()
    {
        Packet packet = new IPv4Layer { FragmentOffset = 64, Protocol = IPProtocol.Tcp } / new byte[40];
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Null(read.Tcp);
        Assert.Equal(IPProtocol.Tcp, read.IPv4!.Protocol!.Value);
        Assert.Equal(64, read.IPv4.FragmentOffset);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void An_ICMP_error_keeps_the_packet_it_quotes_down_to_eight_bytes_of_TCP()
    {
        Packet original = new IPv4Layer { Source = NetworkAddress.Parse("10.0.0.1"), Destination = NetworkAddress.Parse("10.0.0.2") }
            / new TcpLayer { SourcePort = 1234, DestinationPort = 80, Sequence = 0x12345678 } / "long since sent";
        IcmpLayer error = new() { Type = IcmpType.DestinationUnreachable, Code = IcmpCode.PortUnreachable };
        Packet message = new IPv4Layer() / error / original.ToBytes()[..28];
        Packet read = Packet.Parse(message.ToBytes());
        Assert.Null(read.Tcp);
        Assert.Equal((1234, 80, 0x12345678u), (read.Icmp!.Quoted!.Tcp!.SourcePort, read.Icmp.Quoted.Tcp.DestinationPort, read.Icmp.Quoted.Tcp.Sequence));
        Assert.Equal("10.0.0.2", read.Icmp.Quoted.IPv4!.Destination.ToString());
        Assert.Equal(original.IPv4!.TotalLength, read.Icmp.Quoted.IPv4.TotalLength);
        Assert.Empty(read.Anomalies);
        Assert.Equal(message.ToBytes(), read.ToBytes());
        Assert.Equal("IP 127.0.0.1 > 127.0.0.1: ICMP 10.0.0.2 tcp port 80 unreachable, length 36", read.ToString());

        // The same by composition.
        Packet composed = new IPv4Layer() / error / Packet.Parse(original.ToBytes().AsSpan(0, 28).ToArray());
        Assert.Equal(message.ToBytes(), composed.ToBytes());
    }

    [Fact]
    public void Quotations_and_tunnels_nested_without_end_do_not_recurse_without_end()
    {
        List<byte> icmp = [];
        for (int i = 0; i < 2000; i++)
        {
            icmp.AddRange(SampleFrames.Hex("4500001c0001000040010000 0a0900020a090001 0303000000000000"));
        }

        CheckRoundTrip([.. icmp], PacketStart.IP);
        List<byte> tunnels = [];
        List<byte> tags = [.. SampleFrames.Hex("0200000000020200000000018100")];
        for (int i = 0; i < 3000; i++)
        {
            tunnels.AddRange(SampleFrames.Hex("4500ffff0001000040040000 0a0900020a090001"));
            tags.AddRange(SampleFrames.Hex("00018100"));
        }

        CheckRoundTrip([.. tunnels], PacketStart.IP);
        CheckRoundTrip([.. tags], PacketStart.Ethernet);
    }

    [Fact]
    public void VLAN_tags_and_ARP_are_taken_apart()
    {
        Packet tagged = Packet.Parse(SampleFrames.Frames[^1], PacketStart.Ethernet);
        Assert.Equal([100, 1], tagged.Layers.OfType<VlanLayer>().Select(vlan => (int)vlan.VlanId));
        Assert.Equal(TcpFlags.Syn, tagged.Tcp!.Flags);
        Assert.Equal((ushort)EtherType.ServiceVlan, tagged.Ethernet!.EtherType);

        Packet arp = Packet.Parse(SampleFrames.ArpFrame, PacketStart.Ethernet);
        Assert.Equal("ARP, Request who-has 10.9.0.2 tell 10.9.0.1, length 28", arp.ToString());
        Assert.Empty(arp.Anomalies);
    }

    internal static void CheckRoundTrip(byte[] bytes, PacketStart start)
    {
        Packet packet = Packet.Parse(bytes, start);
        Assert.Equal(bytes, packet.ToBytes());
        Assert.Equal(bytes, packet.Copy().ToBytes());

        // Whatever the bytes, they can be looked at: as text, field by field, and for what is wrong.
        Assert.NotEmpty(packet.ToString());
        Assert.NotEmpty(packet.Summary);
        Assert.NotNull(packet.Anomalies);
        Assert.All(packet.Layers, layer => Assert.NotNull(layer.ToString()));
        _ = (packet.IPv4?.Checksum, packet.Tcp?.Checksum, packet.Udp?.Length, packet.Icmp?.Checksum, packet.Tcp?.NextSequence, packet.IPv4?.FinalDestination);
    }
}
