using System;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class IPv6PacketTests
{
    private static readonly NetworkAddress A = NetworkAddress.Parse("2001:db8::1");
    private static readonly NetworkAddress B = NetworkAddress.Parse("2001:db8::2");

    [Fact]
    public void Lengths_next_header_and_checksums_are_computed()
    {
        Packet packet = new IPv6Layer { Source = A, Destination = B, HopLimit = 9, TrafficClass = 0xB9, FlowLabel = 0x12345 }
            / new TcpLayer { SourcePort = 1, DestinationPort = 2 } / "hello";
        byte[] bytes = packet.ToBytes();
        IPv6View view = new(bytes);
        Assert.True(view.IsValid);
        Assert.Equal((6, 0xB9, 0x12345u, 25, 6, 9), (view.Version, view.TrafficClass, view.FlowLabel, view.PayloadLength, view.NextHeader, view.HopLimit));
        Assert.Equal((A, B), (view.Source, view.Destination));
        Assert.True(new TcpView(view.Payload).IsChecksumValid(A, B));
        Assert.Equal((ushort?)25, packet.IPv6!.PayloadLength);
        Assert.Equal(IPProtocol.Tcp, packet.IP!.Protocol!.Value);
        Assert.Equal("IP6 2001:db8::1.1 > 2001:db8::2.2: Flags [S], seq 0:5, win 8192, length 5", packet.ToString());
        Assert.Equal("IPv6 / TCP 2001:db8::1:1 > 2001:db8::2:2 S / 5 bytes", packet.Summary);
    }

    [Fact]
    public void What_is_sound_is_left_to_be_computed_and_follows_changes()
    {
        Packet packet = Packet.Parse((new IPv6Layer { Source = A, Destination = B } / new UdpLayer() / "hello").ToBytes());
        Assert.All(packet.Layers, layer => Assert.Empty(layer.FixedFields));
        Assert.Empty(packet.Anomalies);
        packet.Payload!.Text = "something longer";
        packet.IP!.Destination = A;
        packet.IP.Ecn = 1;
        Assert.Empty(packet.Anomalies);
        Assert.Equal((ushort?)24, packet.IPv6!.PayloadLength);
        Assert.Null(packet.IPv4);
    }

    [Fact]
    public void Each_version_travels_in_the_other_and_in_Ethernet()
    {
        Packet packet = new EthernetLayer() / new IPv6Layer() / (new IPv4Layer() / (new IPv6Layer() / new UdpLayer()));
        Packet read = Packet.Parse(packet.ToBytes(), PacketStart.Ethernet);
        Assert.Equal(EtherType.IPv6, read.Ethernet!.EtherType!.Value);
        Assert.Equal(["Ethernet", "IPv6", "IP", "IPv6", "UDP"], [.. System.Linq.Enumerable.Select(read.Layers, layer => layer.Name)]);
        Assert.Empty(read.Anomalies);
        Assert.Equal((IPProtocol.IPv4, IPProtocol.IPv6), (read.IPv6!.NextHeader, read.IPv4!.Protocol));
    }

    [Theory]
    [InlineData(0, PacketAnomalyKind.BadLength)]
    [InlineData(900, PacketAnomalyKind.TruncatedPacket)]
    public void A_wrong_payload_length_stays_and_is_told(int length, PacketAnomalyKind kind)
    {
        Packet packet = new IPv6Layer { PayloadLength = (ushort)length } / new UdpLayer() / "data";
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal([nameof(IPv6Layer.PayloadLength)], read.IPv6!.FixedFields);
        Assert.Equal("data", read.Payload!.Text);
        Assert.Contains(read.Anomalies, anomaly => anomaly.Kind == kind);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void A_header_alone_announces_nothing_and_what_follows_its_length_is_a_trailer()
    {
        Packet packet = new(new IPv6Layer { Trailer = new byte[6] });
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal(IPProtocol.NoNextHeader, read.IPv6!.NextHeader!.Value);
        Assert.Equal(6, read.IPv6.Trailer.Length);
        Assert.Empty(read.Anomalies);
        Assert.Empty(read.IPv6.FixedFields);
    }

    [Fact]
    public void An_address_of_the_wrong_family_is_refused() =>
        Assert.Throws<ArgumentException>(() => new IPv6Layer { Source = NetworkAddress.Parse("1.2.3.4") });

    [Fact]
    public void A_buffer_is_used_again_and_again_and_nothing_is_allocated()
    {
        Packet packet = new EthernetLayer() / new IPv4Layer() / new TcpLayer { Options = [TcpOption.Parse("mss 1460")] } / new byte[512];
        byte[] expected = packet.ToBytes();
        byte[] buffer = new byte[2000];
        Assert.Equal(expected.Length, packet.GetLength());
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                buffer.AsSpan().Fill(0xAA);
                packet.TryWrite(buffer, out _);
            }
        }));
        Assert.True(packet.TryWrite(buffer, out int written));
        Assert.Equal(expected, buffer.AsSpan(0, written).ToArray());
        Assert.Equal(0xAA, buffer[written]);
        Assert.False(packet.TryWrite(buffer.AsSpan(0, expected.Length - 1), out written));
        Assert.Equal(0, written);
    }

    [Fact]
    public void Mutated_packets_come_out_as_they_went_in()
    {
        byte[][] seeds =
        [
            (new IPv6Layer { Source = A, Destination = B } / new TcpLayer { Options = [TcpOption.Parse("mss 1460")] } / "data").ToBytes(),
            (new IPv6Layer() / (new IPv4Layer() / (new IPv6Layer() / new UdpLayer() / "data"))).ToBytes(),
        ];
        new ByteMutator(13).Run(seeds, 10_000, static bytes => PacketRoundTripTests.CheckRoundTrip(bytes, PacketStart.IP));
    }
}
