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

public class ExtensionHeaderTests
{
    private static readonly NetworkAddress A = NetworkAddress.Parse("2001:db8::1");
    private static readonly NetworkAddress B = NetworkAddress.Parse("2001:db8::2");
    private static readonly NetworkAddress C = NetworkAddress.Parse("2001:db8::3");

    /// <summary>One packet for each kind of header and option, for round trips and as a fuzzer's start.</summary>
    internal static IReadOnlyList<byte[]> Samples { get; } =
    [
        .. new Packet[]
        {
            IP() / new HopByHopLayer { Options = [new IPv6RouterAlertOption(2)] } / new UdpLayer() / "data",
            IP() / new DestinationOptionsLayer { Options = [IPv6Option.Pad(5), new IPv6HomeAddressOption(C), new IPv6QuickStartOption(0, 5, 7, 0x2AAAAAAA), new IPv6Option(0x3E, 1, 2, 3)] } / new TcpLayer(),
            IP() / new RoutingLayer { RoutingType = RoutingHeaderType.Source, Addresses = [B, C] } / new TcpLayer(),
            IP() / new RoutingLayer { RoutingType = RoutingHeaderType.Mobile, Addresses = [C] } / new UdpLayer(),
            IP() / new RoutingLayer { RoutingType = RoutingHeaderType.Segment, Addresses = [C, B], Tag = 7, Flags = 8 } / new UdpLayer(),
            IP() / Rpl() / new UdpLayer() / "data",
            IP() / new RoutingLayer { RoutingType = 253, Data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] } / new UdpLayer(),
            IP() / new FragmentLayer { MoreFragments = true, Identification = 0x12345678 } / new UdpLayer() / new byte[16],
            IP() / new FragmentLayer { FragmentOffset = 1448, NextHeader = IPProtocol.Udp } / "rest",
            IP() / new AuthenticationLayer { SecurityParametersIndex = 1, Sequence = 2 } / new TcpLayer() / "data",
            new IPv4Layer() / new AuthenticationLayer { SecurityParametersIndex = 1, Sequence = 2 } / new TcpLayer() / "data",
            IP() / new HopByHopLayer() / new DestinationOptionsLayer() / new RoutingLayer { Addresses = [C] }
                / new FragmentLayer() / new AuthenticationLayer() / new DestinationOptionsLayer() / new UdpLayer() / "all",
            new IPv6Layer { Protocol = IPProtocol.EncapsulatingSecurityPayload } / new byte[24],
            IP() / new DestinationOptionsLayer { NextHeader = IPProtocol.Mobility } / new byte[16],
        }.Select(packet => packet.ToBytes()),
    ];

    [Fact]
    public void Every_kind_of_header_comes_through_sound_and_leaves_everything_to_be_computed()
    {
        foreach (byte[] bytes in Samples)
        {
            Packet packet = Packet.Parse(bytes);
            Assert.Equal(bytes, packet.ToBytes());
            Assert.DoesNotContain(packet.Anomalies, anomaly => anomaly.Kind != PacketAnomalyKind.BadRoutingHeader);
            foreach (PacketLayer layer in packet.Layers)
            {
                Assert.DoesNotContain(nameof(IPv6SizedExtensionLayer.HeaderExtensionLength), layer.FixedFields);
            }

            // The lists are read from the bytes when they are first asked for; what is written then is the same.
            foreach (IPv6OptionsLayer options in packet.Layers.OfType<IPv6OptionsLayer>())
            {
                Assert.NotNull(options.Options);
            }

            Assert.Equal(bytes, packet.ToBytes());
            Assert.Equal(bytes, packet.Copy().ToBytes());
            Assert.Equal(8 * bytes.Length, packet.GetFields().SelectMany(layer => layer.Leaves()).Sum(leaf => leaf.BitLength));
        }
    }

    [Fact]
    public void Arbitrary_bytes_behind_any_header_come_out_as_they_went_in() => Prop.ForAll<byte, byte[]>((choice, content) =>
    {
        byte[] headers = [0, 43, 44, 51, 58, 60, 17, 6];
        byte[] bytes = (new IPv6Layer { NextHeader = headers[choice % headers.Length] } / content).ToBytes();
        byte[] icmp = (new IPv4Layer { Protocol = choice % 2 == 0 ? IPProtocol.Icmp : IPProtocol.AuthenticationHeader } / content).ToBytes();
        return Packet.Parse(bytes).ToBytes().SequenceEqual(bytes) && Packet.Parse(icmp).ToBytes().SequenceEqual(icmp);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Headers_of_different_sizes_are_each_read_by_their_own_length()
    {
        // Others read the second by the first's length, and so find source port 0.
        Packet packet = Packet.Parse((IP() / new HopByHopLayer() / new DestinationOptionsLayer { Options = [new IPv6Option(0x3E, new byte[10])] }
            / new TcpLayer { SourcePort = 4660 }).ToBytes());
        Assert.Equal(["IPv6", "HopByHop", "DestinationOptions", "TCP"], packet.Layers.Select(layer => layer.Name));
        Assert.Equal([0, 1], packet.Layers.OfType<IPv6OptionsLayer>().Select(layer => (int)layer.HeaderExtensionLength!.Value));
        Assert.Equal(4660, packet.Tcp!.SourcePort);
        Assert.Equal(IPProtocol.HopByHopOptions, packet.IPv6!.NextHeader!.Value);
        Assert.Equal(IPProtocol.Tcp, packet.IP!.Protocol!.Value);
        Assert.Empty(packet.Anomalies);
    }

    [Fact]
    public void Options_are_typed()
    {
        DestinationOptionsLayer options = Packet.Parse(Samples[1]).Layers.OfType<DestinationOptionsLayer>().Single();
        Assert.Equal(C, options.GetOption<IPv6HomeAddressOption>()!.Address);
        IPv6QuickStartOption quick = options.GetOption<IPv6QuickStartOption>()!;
        Assert.Equal((0, 5, 7, 0x2AAAAAAAu), (quick.Function, quick.Rate, quick.TimeToLive, quick.Nonce));
        IPv6Option unknown = options.Options.Single(option => option.Name == "unknown-62");
        Assert.Equal([1, 2, 3], unknown.Data);
        Assert.Equal((0, true), (unknown.UnknownAction, unknown.MayChange));
        Assert.Equal(2, Packet.Parse(Samples[0]).Layers.OfType<HopByHopLayer>().Single().GetOption<IPv6RouterAlertOption>()!.Value);
        Assert.Equal(IPv6Option.Pad1, IPv6Option.FromBytes([0]));
        Assert.IsType<IPv6Option>(IPv6Option.FromBytes([5, 9, 1]));
    }

    [Theory]
    [InlineData(RoutingHeaderType.Source)]
    [InlineData(RoutingHeaderType.Mobile)]
    [InlineData(RoutingHeaderType.Rpl)]
    [InlineData(RoutingHeaderType.Segment)]
    public void A_routing_header_makes_transport_checksums_those_of_the_final_destination(byte type)
    {
        RoutingLayer routing = new() { RoutingType = type, Addresses = type == RoutingHeaderType.Segment ? [C, B] : [B, C] };
        Packet packet = Packet.Parse((IP() / routing / new TcpLayer() / "data").ToBytes());
        Assert.Equal(C, packet.IP!.FinalDestination);
        Assert.Equal((new IPv6Layer { Source = A, Destination = C } / new TcpLayer() / "data").Tcp!.Checksum, packet.Tcp!.Checksum);
        Assert.Empty(packet.Tcp.FixedFields);

        // Arrived: nothing is left, and the destination is the header's.
        RoutingLayer arrived = (RoutingLayer)routing.Copy();
        arrived.SegmentsLeft = 0;
        Assert.Equal(B, (new IPv6Layer { Destination = B } / arrived / new TcpLayer()).IP!.FinalDestination);
    }

    [Fact]
    public void Compressed_addresses_of_RPL_are_completed_with_the_destination()
    {
        Packet packet = IP() / Rpl() / new UdpLayer();
        Assert.Equal(NetworkAddress.Parse("2001:db8::cccc"), packet.IP!.FinalDestination);
        RoutingLayer routing = packet.Layers.OfType<RoutingLayer>().Single();
        Assert.Equal(["::bb", "::cccc"], routing.Addresses.Select(address => address.ToString()));
        Assert.Equal((2, 15, 14, 5), (routing.SegmentsLeft!.Value, routing.CompressedBytes, routing.LastCompressedBytes, routing.PaddingLength));
    }

    [Fact]
    public void A_home_address_counts_as_the_source()
    {
        Packet packet = IP() / new DestinationOptionsLayer { Options = [new IPv6HomeAddressOption(C)] } / new UdpLayer();
        Assert.Equal((new IPv6Layer { Source = C, Destination = B } / new UdpLayer()).Udp!.Checksum, packet.Udp!.Checksum);
    }

    [Fact]
    public void Fragments_are_told_by_the_packet_and_by_the_header()
    {
        Packet packet = Packet.Parse(Samples[8]);
        Assert.Equal((true, 1448, false), (packet.IP!.IsFragment, packet.IP.FragmentOffset, packet.IP.MoreFragments));
        Assert.Null(packet.Udp);
        Assert.Equal(IPProtocol.Udp, packet.IP.Protocol!.Value);
        packet.IP.MoreFragments = true;
        Assert.True(packet.Fragment!.MoreFragments);
        Assert.Throws<InvalidOperationException>(() => new IPv6Layer().FragmentOffset = 8);

        // RFC 6946: a fragment that is all there is.
        Packet atomic = Packet.Parse((IP() / new FragmentLayer { Identification = 1 } / new UdpLayer()).ToBytes());
        Assert.False(atomic.IP!.IsFragment);
        Assert.NotNull(atomic.Udp);
    }

    [Fact]
    public void A_jumbogram_has_its_length_in_an_option()
    {
        Packet packet = IP() / new HopByHopLayer { Options = [new IPv6JumboOption(70_016)] } / new UdpLayer() / new byte[70_000];
        byte[] bytes = packet.ToBytes();
        Assert.Equal(0, new IPv6View(bytes).PayloadLength);
        Packet read = Packet.Parse(bytes);
        Assert.Equal((70_000, 70_016u), (read.Payload!.Length, read.IPv6!.JumboLength!.Value));
        Assert.Empty(read.IPv6.FixedFields);
        Assert.Equal(bytes, read.ToBytes());
        Assert.DoesNotContain(read.Anomalies, anomaly => anomaly.Layer == "IPv6");
    }

    [Fact]
    public void What_is_wrong_is_told_and_kept()
    {
        Check(PacketAnomalyKind.MisplacedExtensionHeader, IP() / new DestinationOptionsLayer() / new HopByHopLayer() / new UdpLayer());
        Check(PacketAnomalyKind.RepeatedExtensionHeader, IP() / new FragmentLayer() / new FragmentLayer() / new UdpLayer());
        Check(PacketAnomalyKind.RepeatedExtensionHeader, IP() / new DestinationOptionsLayer() / new DestinationOptionsLayer() / new DestinationOptionsLayer());
        Check(PacketAnomalyKind.TruncatedHeader, IP() / new HopByHopLayer { HeaderExtensionLength = 9 } / new UdpLayer());
        Check(PacketAnomalyKind.MalformedOption, IP() / new HopByHopLayer { Options = [IPv6Option.FromBytes([5, 200])] } / new UdpLayer());
        Check(PacketAnomalyKind.BadOptionLength, IP() / new HopByHopLayer { Options = [new IPv6Option(IPv6OptionKind.RouterAlert, 1, 2, 3)] } / new UdpLayer());
        Check(PacketAnomalyKind.BadRoutingHeader, IP() / new RoutingLayer { RoutingType = 0, Addresses = [C] } / new UdpLayer());
        Check(PacketAnomalyKind.BadRoutingHeader, IP() / new RoutingLayer { Addresses = [C], SegmentsLeft = 9 } / new UdpLayer());
        Check(PacketAnomalyKind.BadRoutingHeader, IP() / new RoutingLayer { Addresses = [C], LastEntry = 9 } / new UdpLayer());
        Check(PacketAnomalyKind.OversizedFragment, IP() / new FragmentLayer { FragmentOffset = 65528 } / new byte[64]);
        Check(PacketAnomalyKind.BadLength, IP() / new FragmentLayer { MoreFragments = true } / new byte[9]);
        Check(PacketAnomalyKind.ReservedBits, IP() / new FragmentLayer { ReservedBits = 2 } / new UdpLayer());
        Check(PacketAnomalyKind.BadJumbo, IP() / new HopByHopLayer { Options = [new IPv6JumboOption(70_016)] } / new UdpLayer());
        Check(PacketAnomalyKind.BadJumbo, new IPv6Layer { PayloadLength = 0 } / new HopByHopLayer { Options = [new IPv6JumboOption(16)] } / new UdpLayer());

        Packet chain = IP() / new Packet();
        for (int i = 0; i < 40; i++)
        {
            chain /= new DestinationOptionsLayer();
        }

        Check(PacketAnomalyKind.TooManyExtensionHeaders, chain / new UdpLayer());
    }

    [Fact]
    public void The_reader_finds_what_a_packet_carries()
    {
        IPv6View view = new(Samples[11]);
        IPv6ExtensionReader reader = new(view.NextHeader, view.Payload);
        List<int> kinds = [];
        while (reader.MoveNext())
        {
            kinds.Add(reader.Kind);
        }

        Assert.Equal([0, 60, 43, 44, 51, 60], kinds);
        Assert.Equal(IPProtocol.Udp, reader.Protocol);
        Assert.Equal("all"u8.ToArray(), new UdpView(reader.Rest).Payload.ToArray());
        Assert.False(reader.IsFragment);
        IPv6View later = new(Samples[8]);
        reader = new IPv6ExtensionReader(later.NextHeader, later.Payload);
        Assert.True(reader.MoveNext() && !reader.MoveNext() && reader.IsFragment && reader.IsLaterFragment);
    }

    [Fact]
    public void Mutated_packets_come_out_as_they_went_in() =>
        new ByteMutator(14).Run(Samples, 20_000, static bytes => PacketRoundTripTests.CheckRoundTrip(bytes, PacketStart.IP));

    private static void Check(PacketAnomalyKind kind, Packet packet)
    {
        byte[] bytes = packet.ToBytes();
        Packet read = Packet.Parse(bytes);
        Assert.Contains(read.Anomalies, anomaly => anomaly.Kind == kind);
        Assert.Equal(bytes, read.ToBytes());
    }

    private static IPv6Layer IP() => new() { Source = A, Destination = B };

    private static RoutingLayer Rpl() => new() { RoutingType = RoutingHeaderType.Rpl, Data = [0xFE, 0x50, 0, 0, 0xBB, 0xCC, 0xCC, 0, 0, 0, 0, 0] };
}
