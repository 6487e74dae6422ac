using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class IcmpMessageTests
{
    private static readonly byte[][] All = [.. IcmpSamples.Version4.Concat(IcmpSamples.Version6).Select(packet => packet.ToBytes())];

    [Fact]
    public void Every_message_comes_through_sound_and_leaves_everything_to_be_computed()
    {
        foreach (byte[] bytes in All)
        {
            Packet packet = Packet.Parse(bytes);
            Assert.Empty(packet.Anomalies);
            Assert.All(packet.Layers, layer => Assert.Empty(layer.FixedFields));
            Touch(packet);
            Assert.Equal(bytes, packet.ToBytes());
            Assert.Equal(bytes, packet.Copy().ToBytes());
            int bits = packet.GetFields().SelectMany(layer => layer.Leaves()).Sum(leaf => leaf.BitLength);
            Assert.Equal(8 * bytes.Length, bits);
        }
    }

    [Fact]
    public void Mutated_messages_come_out_as_they_went_in() => new ByteMutator(15).Run(All, 20_000, static bytes =>
    {
        PacketRoundTripTests.CheckRoundTrip(bytes, PacketStart.IP);
        Packet packet = Packet.Parse(bytes);
        Touch(packet);
        Assert.Equal(bytes, packet.ToBytes());
    });

    [Fact]
    public void The_checksum_covers_the_pseudo_header()
    {
        IPv6View ip = new(IcmpSamples.Version6[0].ToBytes());
        Icmpv6View icmp = new(ip.Payload);
        Assert.Equal(IPProtocol.Icmpv6, ip.NextHeader);
        Assert.True(icmp.IsChecksumValid(ip.Source, ip.Destination));
        Assert.False(icmp.IsChecksumValid(ip.Source, ip.Source));
        Assert.Equal((7, 9, 128), (icmp.Identifier, icmp.Sequence, icmp.Type));
    }

    [Fact]
    public void Neighbor_discovery_has_its_fields_and_typed_options()
    {
        Icmpv6Layer router = Read6(Icmpv6Type.RouterAdvertisement);
        Assert.Equal((64, 0xC0, 1800, 30000u, 1000u), (router.CurrentHopLimit, router.RouterFlags, router.RouterLifetime, router.ReachableTime, router.RetransmitTime));
        Assert.Equal(1500u, router.GetOption<NeighborMtuOption>()!.Mtu);
        NeighborPrefixOption prefix = router.GetOption<NeighborPrefixOption>()!;
        Assert.Equal(("2001:db8::", 64, true, true, 86400u, 14400u),
            (prefix.Prefix.ToString(), prefix.PrefixLength, prefix.IsOnLink, prefix.IsAutonomous, prefix.ValidLifetime, prefix.PreferredLifetime));
        Assert.Equal(["2001:db8::53", "2001:db8::54"], router.GetOption<NeighborDnsServersOption>()!.Addresses.Select(address => address.ToString()));
        Assert.Equal([1, 2, 3, 0, 0, 0], router.Options[^1].Data);

        Icmpv6Layer neighbor = Read6(Icmpv6Type.NeighborAdvertisement);
        Assert.True(neighbor.IsRouter && neighbor.IsSolicited && neighbor.IsOverride);
        Assert.Equal("fe80::2", neighbor.Target.ToString());
        Assert.True(neighbor.GetOption<NeighborLinkAddressOption>()!.IsOfTarget);
        Icmpv6Layer redirect = Read6(Icmpv6Type.Redirect);
        Assert.Equal(("fe80::1", "2001:db8::9"), (redirect.Target.ToString(), redirect.RedirectDestination.ToString()));
        Assert.NotNull(redirect.GetOption<NeighborRedirectedOption>()!.Quoted.Udp);
    }

    [Fact]
    public void Extensions_are_behind_a_quotation_of_128_bytes_whose_length_is_told()
    {
        Packet packet = Packet.Parse(IcmpSamples.Version4[^1].ToBytes());
        IcmpLayer icmp = packet.Icmp!;
        Assert.Equal(32, icmp.OriginalLength!.Value);
        Assert.Equal(33434, icmp.Quoted!.Udp!.DestinationPort);
        Assert.Equal([16001u, 24u], Assert.IsType<IcmpLabelStackObject>(icmp.Extensions[0]).Labels.Select(label => label.Label));
        IcmpInterfaceObject incoming = Assert.IsType<IcmpInterfaceObject>(icmp.Extensions[1]);
        Assert.Equal("interface role 0 index 3 10.0.0.9 eth0 mtu 1500", incoming.ToString());
        IcmpInterfaceObject outgoing = Assert.IsType<IcmpInterfaceObject>(icmp.Extensions[2]);
        Assert.Equal("interface role 2 fe80::1 a", outgoing.ToString());
        Assert.Null(outgoing.Index);
        Assert.Equal((247, 1), (icmp.Extensions[3].Class, icmp.Extensions[3].Type));

        // 16 units of 8 bytes in ICMPv6, in the first byte.
        Assert.Equal(16, Packet.Parse(IcmpSamples.Version6[^1].ToBytes()).Icmpv6!.OriginalLength!.Value);
        icmp.Extensions.Clear();
        icmp.Extensions.Add(new IcmpExtensionObject(9, 9));
        Assert.Empty(packet.Anomalies);
    }

    [Fact]
    public void A_structure_without_a_told_length_is_believed_by_its_checksum()
    {
        IcmpLayer icmp = (IcmpLayer)IcmpSamples.Version4[^1].Icmp!.Copy();
        icmp.OriginalLength = 0;
        Packet packet = new IPv4Layer() / icmp;
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal(4, read.Icmp!.Extensions.Count);
        Assert.Equal(packet.ToBytes(), read.ToBytes());

        read.Icmp.ExtensionChecksum = 0xBEEF;
        Packet other = Packet.Parse(read.ToBytes());
        Assert.Empty(other.Icmp!.Extensions);
        Assert.Equal(read.ToBytes(), other.ToBytes());
    }

    [Fact]
    public void What_is_wrong_is_told_and_kept()
    {
        Check(PacketAnomalyKind.BadHopLimit, new IPv6Layer() / new Icmpv6Layer { Type = Icmpv6Type.NeighborSolicitation });
        Check(PacketAnomalyKind.MalformedOption, new IPv6Layer { HopLimit = 255 } / new Icmpv6Layer { Type = Icmpv6Type.RouterSolicitation, Options = [NeighborOption.FromBytes([1, 0, 9])] });
        Check(PacketAnomalyKind.BadChecksum, new IPv6Layer() / new Icmpv6Layer { Checksum = 1 });
        Check(PacketAnomalyKind.TruncatedHeader, new IPv4Layer() / new IcmpLayer { Type = IcmpType.TimestampRequest, TruncatedTo = 11 });
        IcmpLayer icmp = (IcmpLayer)IcmpSamples.Version4[^1].Icmp!.Copy();
        icmp.ExtensionChecksum = 0xBEEF;
        Check(PacketAnomalyKind.BadChecksum, new IPv4Layer() / icmp);
        icmp = (IcmpLayer)icmp.Copy();
        icmp.ExtensionChecksum = null;
        icmp.Extensions.Add(IcmpExtensionObject.FromBytes([0, 99, 1, 1]));
        Check(PacketAnomalyKind.MalformedOption, new IPv4Layer() / icmp);
    }

    [Fact]
    public void Routers_of_an_advertisement_are_read_and_written()
    {
        IcmpLayer icmp = Packet.Parse(IcmpSamples.Version4[6].ToBytes()).Icmp!;
        Assert.Equal(1800, icmp.Lifetime);
        Assert.Equal([0, -5], icmp.Routers.Select(router => router.Preference));
        icmp.Routers = [new(NetworkAddress.Parse("10.0.0.3"), 7)];
        Assert.Equal(("10.0.0.3", 1), (icmp.Routers.Single().Address.ToString(), (int)(icmp.RestOfHeader >> 24)));
    }

    private static Icmpv6Layer Read6(byte type) => Packet.Parse(IcmpSamples.Version6.First(packet => packet.Icmpv6!.Type == type).ToBytes()).Icmpv6!;

    /// <summary>Opens every list, which from then on is what counts.</summary>
    private static void Touch(Packet packet)
    {
        foreach (IcmpMessageLayer message in packet.Layers.OfType<IcmpMessageLayer>())
        {
            _ = (message.Extensions.Count, (message as Icmpv6Layer)?.Options.Count, message.OriginalLength, message.ExtensionChecksum);
            List<string> texts = [.. message.Extensions.Select(item => item.ToString()), .. (message as Icmpv6Layer)?.Options.Select(item => item.ToString()) ?? []];
            Assert.DoesNotContain("", texts);
        }
    }

    private static void Check(PacketAnomalyKind kind, Packet packet)
    {
        byte[] bytes = packet.ToBytes();
        Packet read = Packet.Parse(bytes);
        Assert.Contains(read.Anomalies, anomaly => anomaly.Kind == kind);
        Assert.Equal(bytes, read.ToBytes());
    }
}
