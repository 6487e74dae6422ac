using System;
using TcpTools.Buffers;
using TcpTools.Neighbors;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Neighbors;

/// <summary>Which frames are taken, and what becomes of any others.</summary>
public sealed class EthernetFrameTests
{
    [Fact]
    public void A_packet_for_us_loses_its_header_and_nothing_else()
    {
        Station station = new();
        byte[] packet = TestPacket.Echo(Station.Peer, Station.Me, [1, 2, 3]);
        station.Receive(Frame(packet, Station.MyMac));
        Assert.Equal(packet, Assert.Single(station.Received));
    }

    [Fact]
    public void Frames_for_others_and_of_other_protocols_are_dropped_and_counted()
    {
        Station station = new();
        byte[] packet = TestPacket.Echo(Station.Peer, Station.Me, [1]);
        station.Receive(Frame(packet, Station.OtherMac));
        station.Receive(Frame(packet, Station.MyMac, EtherType.IPv6));
        station.Receive(Frame(packet, Station.MyMac, 46));
        station.Receive(new byte[13]);
        station.Receive([1]);
        Assert.Empty(station.Received);
        Assert.Equal((1, 2, 2), (station.Counters.InForeign, station.Counters.InUnknownProtocols, station.Counters.InDiscards));
        Assert.Equal(0, station.Pool.Outstanding);
    }

    [Theory]
    [InlineData("10.0.0.1", false)]
    [InlineData("10.0.0.255", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("224.0.0.1", true)]
    public void A_frame_to_everybody_must_hold_a_packet_for_everybody(string destination, bool isTaken)
    {
        Station station = new();
        station.Receive(Frame(TestPacket.Echo(Station.Peer, NetworkAddress.Parse(destination), [1]), MacAddress.Broadcast));
        Assert.Equal(isTaken ? 1 : 0, station.Received.Count);
    }

    [Fact]
    public void Offload_facts_move_with_the_header_both_ways()
    {
        Station station = new();
        station.Layer.SetNeighbor(Station.Peer, Station.PeerMac, station.Now);
        OffloadInfo before = new()
        {
            NeedsChecksum = true, ChecksumStart = 34, ChecksumOffset = 16,
            Segmentation = SegmentationKind.TcpIPv4, SegmentSize = 1460, HeaderLength = 54,
        };
        PacketBuffer buffer = station.Pool.Rent(100);
        Frame(TestPacket.Echo(Station.Peer, Station.Me, new byte[30]), Station.MyMac).CopyTo(buffer.Append(72));
        buffer.Offload = before;
        Assert.True(station.Layer.Receive(buffer, station.Now));
        Assert.Equal((20, 40), (buffer.Offload.ChecksumStart, buffer.Offload.HeaderLength));
        station.Layer.Send(buffer, Station.Peer, station.Now);
        Assert.Equal((34, 54), (buffer.Offload.ChecksumStart, buffer.Offload.HeaderLength));
    }

    [Fact]
    public void A_packet_without_room_in_front_is_copied()
    {
        Station station = new();
        station.Layer.SetNeighbor(Station.Peer, Station.PeerMac, station.Now);
        byte[] packet = TestPacket.Echo(Station.Me, Station.Peer, [7]);
        PacketBuffer buffer = station.Pool.Rent(packet.Length);
        buffer.Reset(0);
        packet.CopyTo(buffer.Append(packet.Length));
        station.Layer.Send(buffer, Station.Peer, station.Now);
        Assert.Equal(packet, station.Sent[0][14..]);
        Assert.Equal(0, station.Pool.Outstanding);
    }

    [Fact]
    public void Whatever_comes_nothing_is_lost_thrown_or_unbounded()
    {
        RandomSource random = RandomSource.FromSeed(5);
        Station station = new(new NeighborSettings { MaximumEntries = 20, ClaimMode = AddressClaimMode.Probe });
        for (int i = 0; i < 100_000; i++)
        {
            byte[] frame = new Arp(
                (ushort)random.Next(4), Mac(random), Address(random), Mac(random), Address(random)) { To = Mac(random) }.ToFrame();
            for (int flips = random.Next(4); flips > 0; flips--)
            {
                frame[random.Next(frame.Length)] ^= (byte)random.NextUInt32();
            }

            station.Receive(random.Next(8) == 0 ? frame[..random.Next(frame.Length)] : frame);
            if (random.Next(3) == 0)
            {
                station.Send((byte)i, Address(random));
            }

            if (random.Next(5) == 0)
            {
                station.Advance(random.NextDouble());
            }

            Assert.True(station.Layer.Neighbors.Count <= 20);
        }

        station.Advance(300);
        Assert.Equal(0, station.Pool.Outstanding);
        Assert.True(station.Layer.NextDeadline.IsNever);
        Assert.DoesNotContain(station.Messages, m => m.Message.SenderHardware != Station.MyMac || m.Message.From != Station.MyMac);

        static MacAddress Mac(RandomSource random) => random.Next(6) switch
        {
            0 => Station.MyMac,
            1 => MacAddress.Broadcast,
            2 => MacAddress.None,
            _ => new MacAddress(0x020000000000UL | (uint)random.Next(50)),
        };

        static NetworkAddress Address(RandomSource random) => random.Next(6) switch
        {
            0 => Station.Me,
            1 => NetworkAddress.AnyIPv4,
            2 => NetworkAddress.FromIPv4(random.NextUInt32()),
            _ => NetworkAddress.FromIPv4(0x0A000000 | (uint)random.Next(256)),
        };
    }

    private static byte[] Frame(byte[] packet, MacAddress destination, ushort etherType = EtherType.IPv4)
    {
        byte[] frame = new byte[14 + packet.Length];
        _ = new EthernetEditor(frame) { Destination = destination, Source = Station.PeerMac, EtherType = etherType };
        packet.CopyTo(frame, 14);
        return frame;
    }
}
