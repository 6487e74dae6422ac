using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>
/// A packet of defaults is the one that users of other packet tools know: 127.0.0.1 to itself, id 1, TTL 64, port 20 to
/// 80, SYN, window 8192; so that the checksums they have seen for years come out.
/// </summary>
public class PacketDefaultsTests
{
    private const string TenAs = "AAAAAAAAAA";

    [Fact]
    public void Default_TCP_checksums() => Check(new IPv4Layer() / new TcpLayer(), 0x7CCD, 0x917C);

    [Fact]
    public void Default_TCP_checksums_with_data() => Check(new IPv4Layer() / new TcpLayer() / TenAs, 0x7CC3, 0x4B2C);

    [Fact]
    public void Default_UDP_checksums() => Check(new IPv4Layer() / new UdpLayer(), 0x7CCE, 0x0172);

    [Fact]
    public void Default_UDP_checksums_with_data() => Check(new IPv4Layer() / new UdpLayer() / TenAs, 0x7CC4, 0xBB17);

    [Fact]
    public void Setting_lengths_to_their_true_values_changes_nothing()
    {
        Check(new IPv4Layer { TotalLength = 40 } / new TcpLayer(), 0x7CCD, 0x917C);
        Check(new IPv4Layer { TotalLength = 40, HeaderLength = 20 } / new TcpLayer(), 0x7CCD, 0x917C);
        Check(new IPv4Layer { TotalLength = 50 } / new TcpLayer { DataOffset = 20 } / TenAs, 0x7CC3, 0x4B2C);
        Check(new IPv4Layer { TotalLength = 38, HeaderLength = 20 } / new UdpLayer { Length = 18 } / TenAs, 0x7CC4, 0xBB17);
    }

    [Fact]
    public void An_empty_record_route_and_an_empty_timestamp_option_change_the_header_checksum_only()
    {
        Check(new IPv4Layer { Options = [new IPRouteOption(IPv4OptionKind.RecordRoute, [])] } / new TcpLayer() / TenAs, 0x70BC, 0x4B2C);
        Check(new IPv4Layer { Options = [new IPTimestampOption(1, [0, 0], pointer: 9)] } / new TcpLayer() / TenAs, 0x2CAA, 0x4B2C);
    }

    [Theory]
    [InlineData(IPv4OptionKind.LooseSourceRoute)]
    [InlineData(IPv4OptionKind.StrictSourceRoute)]
    public void A_source_route_makes_transport_checksums_those_of_the_final_destination(byte kind)
    {
        NetworkAddress final = NetworkAddress.Parse("8.8.8.8");
        IPRouteOption route = new(kind, [NetworkAddress.Parse("1.2.3.4"), final]);
        ushort direct = (new IPv4Layer { Destination = final } / new TcpLayer() / TenAs).Tcp!.Checksum!.Value;
        Packet routed = new IPv4Layer { Options = [route] } / new TcpLayer() / TenAs;
        Assert.Equal(direct, routed.Tcp!.Checksum);
        Assert.Equal((new IPv4Layer { Destination = final } / new UdpLayer()).Udp!.Checksum,
            (new IPv4Layer { Options = [route] } / new UdpLayer()).Udp!.Checksum);

        // Two source routes make no sense (RFC 1122, 3.2.1.8): told, and the plain destination counts.
        Packet twice = new IPv4Layer { Options = [route, route] } / new TcpLayer() / TenAs;
        Assert.Equal(0x4B2C, (int)twice.Tcp!.Checksum!.Value);
        Assert.Contains(twice.Anomalies, anomaly => anomaly.Kind == PacketAnomalyKind.SeveralSourceRoutes);

        // A route that is used up leads nowhere but to the destination.
        IPRouteOption usedUp = new(kind, [final], pointer: 8);
        Assert.Equal(0x4B2C, (int)(new IPv4Layer { Options = [usedUp] } / new TcpLayer() / TenAs).Tcp!.Checksum!.Value);
    }

    [Fact]
    public void A_computed_UDP_checksum_is_never_zero_and_a_zero_set_on_purpose_stays()
    {
        // With this payload the sum is all ones.
        Packet packet = new IPv4Layer() / new UdpLayer() / new byte[2];
        ushort sum = packet.Udp!.Checksum!.Value;
        packet.Payload!.Data = [(byte)(sum >> 8), (byte)sum];
        Assert.Equal(0xFFFF, (int)packet.Udp.Checksum!.Value);
        packet.Udp.Checksum = 0;
        Assert.Equal(0, new UdpView(new IPv4View(packet.ToBytes()).Payload).Checksum);
        Assert.Empty(packet.Anomalies);
    }

    [Fact]
    public void The_default_packet_has_no_anomaly_and_reads_as_tcpdump_prints_it()
    {
        Packet packet = new IPv4Layer() / new TcpLayer();
        Assert.Empty(packet.Anomalies);
        Assert.Equal("IP 127.0.0.1.20 > 127.0.0.1.80: Flags [S], seq 0, win 8192, length 0", packet.ToString());
        Assert.Equal("IP / TCP 127.0.0.1:20 > 127.0.0.1:80 S", packet.Summary);
    }

    private static void Check(Packet packet, int ipChecksum, int transportChecksum)
    {
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal(ipChecksum, (int)read.IPv4!.Checksum!.Value);
        Assert.Equal(transportChecksum, (int)(read.Tcp?.Checksum ?? read.Udp!.Checksum)!.Value);
        Assert.Equal(read.IPv4.Checksum, packet.IPv4!.Checksum);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
        Assert.Empty(read.IPv4.FixedFields);
    }
}
