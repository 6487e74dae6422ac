using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Fragments;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;
using static TcpTools.Tests.Fragments.FragmentSamples;

namespace TcpTools.Tests.Fragments;

public sealed class PacketFragmenterTests
{
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(1)]
    [InlineData(0)]
    public void A_hundred_bytes_by_eight_are_thirteen_fragments_whatever_does_not_divide_by_eight(int size)
    {
        Packet packet = Header(4) / new PayloadLayer(Data(100));
        packet.IPv4!.Protocol = 253;
        IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { DataSize = size });
        Assert.Equal(13, fragments.Count);
        Assert.Equal(Enumerable.Range(0, 13).Select(i => i * 8), fragments.Select(f => f.IPv4!.FragmentOffset));
        Assert.Equal(Enumerable.Range(0, 13).Select(i => i < 12), fragments.Select(f => f.IPv4!.MoreFragments));
        Assert.All(fragments, f => Assert.Equal((byte)253, f.IPv4!.Protocol));
        Assert.All(fragments, f => Assert.Empty(f.Anomalies));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Fragments_are_cut_again_and_still_make_the_packet(int version)
    {
        Packet packet = Datagram(version, 4000);
        IReadOnlyList<Packet> first = Cutter.Split(packet, new() { DataSize = 1480 });
        Assert.Equal(3, first.Count);
        Packet[] second = [.. first.SelectMany(f => Cutter.Split(f, new() { DataSize = 1400 }))];
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(second)).ToBytes());
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(second.Reverse())).ToBytes());
    }

    [Fact]
    public void Refragmenting_what_was_cut_to_1480_by_1400_gives_six()
    {
        Packet packet = Header(4) / new UdpLayer() / Data(4432);
        Packet[] second = [.. Cutter.Split(packet, new() { DataSize = 1480 }).SelectMany(f => Cutter.Split(f, new() { DataSize = 1400 }))];
        Assert.Equal(6, second.Length);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void No_fragment_is_longer_than_the_MTU_and_all_are_as_long_as_they_can_be(int version)
    {
        for (int mtu = 1280; mtu < 1300; mtu++)
        {
            IReadOnlyList<Packet> fragments = Cutter.Split(Datagram(version, 6000), new() { Mtu = mtu });
            Assert.All(fragments, f => Assert.InRange(f.GetLength(), 1, mtu));
            Assert.All(fragments.SkipLast(1), f => Assert.InRange(f.GetLength(), mtu - 7, mtu));
            Assert.All(fragments, f => Assert.DoesNotContain(f.Anomalies, anomaly => anomaly.Layer.StartsWith("IP", StringComparison.Ordinal)));
        }

        Packet fits = Datagram(version, 100);
        Assert.Same(fits, Assert.Single(Cutter.Split(fits, new() { Mtu = 1500 })));
        Assert.Same(fits, Assert.Single(Cutter.Split(fits, new() { Mtu = fits.GetLength() })));
        Assert.NotSame(fits, Cutter.Split(fits, new() { Mtu = fits.GetLength() - 1 })[0]);
        Assert.Throws<StackException>(() => Cutter.Split(fits, new() { Mtu = 27 }));
    }

    [Fact]
    public void DF_is_obeyed_unless_it_is_not()
    {
        Packet packet = Datagram(4, 100);
        packet.IPv4!.DontFragment = true;
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => Cutter.Split(packet, new() { Mtu = 68 })).Error);
        Assert.Same(packet, Assert.Single(Cutter.Split(packet, new() { Mtu = 1500 })));
        IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { Mtu = 68, Force = true });
        Assert.All(fragments, f => Assert.False(f.IPv4!.DontFragment));
        Assert.True(fragments.Count > 1);
    }

    [Fact]
    public void Options_go_into_later_fragments_only_when_they_are_to_be_copied()
    {
        Packet packet = Datagram(4, 100);
        packet.IPv4!.Options = [IPOption.RouterAlert(), IPOption.NoOperation, IPOption.FromBytes([7, 7, 4, 0, 0, 0, 0])];
        IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { DataSize = 40 });
        Assert.Equal(32, fragments[0].IPv4!.HeaderLength);
        Assert.All(fragments.Skip(1), f => Assert.Equal(24, f.IPv4!.HeaderLength));
        Assert.All(fragments.Skip(1), f => Assert.Equal(IPv4OptionKind.RouterAlert, Assert.Single(f.IPv4!.Options).Kind));
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(fragments)).ToBytes());
    }

    [Fact]
    public void In_IPv6_what_routers_look_at_stays_in_front_and_the_rest_is_cut()
    {
        Packet packet = Header(6) / new HopByHopLayer() / new RoutingLayer() / new DestinationOptionsLayer() / new UdpLayer() / Data(500);
        IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { DataSize = 256, Identification = 99 });
        Assert.All(fragments, f => Assert.Equal(
            ["IPv6", packet.Layers[1].Name, packet.Layers[2].Name, "Fragment"], f.Layers.Take(4).Select(layer => layer.Name)));
        Assert.All(fragments, f => Assert.Equal(IPProtocol.DestinationOptions, f.Layers.OfType<FragmentLayer>().Single().NextHeader));
        Assert.All(fragments, f => Assert.Equal(99u, f.Layers.OfType<FragmentLayer>().Single().Identification));
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(fragments.Reverse())).ToBytes());
    }

    [Fact]
    public void Frames_keep_what_is_in_front_and_packets_what_is_known_of_them()
    {
        Packet packet = new EthernetLayer() / new VlanLayer { VlanId = 5 } / Datagram(4, 300);
        packet.TimestampNanoseconds = 5_000_000_001;
        packet.Interface = "eth0";
        IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { DataSize = 100 });
        Assert.All(fragments, f => Assert.Equal((ushort)5, f.Vlan!.VlanId));
        Assert.All(fragments, f => Assert.Equal((5_000_000_001L, "eth0"), (f.TimestampNanoseconds!.Value, f.Interface)));
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(fragments)).ToBytes());
        Packet arp = new EthernetLayer() / new ArpLayer();
        Assert.Same(arp, Assert.Single(Cutter.Split(arp, new() { DataSize = 8 })));
    }

    [Fact]
    public void Ranges_say_exactly_what_the_fragments_are()
    {
        IReadOnlyList<Packet> fragments = Cutter.Split(
            Datagram(4, 40), new() { Ranges = [new(0, 24), new(16, 48), new(8, 16, false), new(0, 8, true)] });
        Assert.Equal([(0, 24, true), (16, 32, false), (8, 8, false), (0, 8, true)],
            fragments.Select(f => (f.IPv4!.FragmentOffset, f.GetLength() - 20, f.IPv4.MoreFragments)));
        Assert.Throws<StackException>(() => Cutter.Split(Datagram(4, 40), new() { Ranges = [new(4, 24)] }));
        Assert.Throws<StackException>(() => Cutter.Split(Datagram(4, 40), new() { Ranges = [new(64, 80)] }));
        Assert.Throws<StackException>(() => Cutter.Split(Datagram(4, 40), new() { Ranges = [new(-8, 80)] }));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void A_second_set_of_fragments_with_other_data_comes_first_and_is_never_at_its_end(int version)
    {
        Packet packet = Datagram(version, 16);
        IReadOnlyList<Packet> fragments = Cutter.SplitWithOverlap(packet, Data(24), new() { DataSize = 8 });
        Assert.Equal(6, fragments.Count);
        Assert.Equal([true, true, true, true, true, false], fragments.Select(More));
        Assert.Equal([0, 8, 16, 0, 8, 16], fragments.Select(Offset));
        Assert.Single(fragments.Select(Id).Distinct());
        Assert.Equal(Data(24), Payload(Assert.Single(Join(fragments, new() { IPv4Policy = TcpTools.IP.FragmentOverlapPolicy.First, IPv6Policy = TcpTools.IP.FragmentOverlapPolicy.First }))));
        Assert.Equal(packet.ToBytes(), Assert.Single(Join(fragments, new() { IPv4Policy = TcpTools.IP.FragmentOverlapPolicy.Last, IPv6Policy = TcpTools.IP.FragmentOverlapPolicy.Last })).ToBytes());
        Assert.Empty(Join(fragments));

        byte[] Payload(Packet whole) => whole.ToBytes()[(version == 4 ? 20 : 40)..];
    }

    private static bool More(Packet f) => f.IPv4?.MoreFragments ?? f.Layers.OfType<FragmentLayer>().Single().MoreFragments;

    private static int Offset(Packet f) => f.IPv4?.FragmentOffset ?? f.Layers.OfType<FragmentLayer>().Single().FragmentOffset;

    private static uint Id(Packet f) => f.IPv4?.Identification ?? f.Layers.OfType<FragmentLayer>().Single().Identification;
}
