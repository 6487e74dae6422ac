using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using TcpTools.Capture;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Capture;

/// <summary>What captures say beside their frames.</summary>
public sealed class PcapNotesTests
{
    private static readonly CaptureInterface s_rich = new()
    {
        Name = "eth0",
        Description = "the uplink",
        LinkType = CaptureLinkType.Ethernet,
        SnapLength = 2000,
        Filter = "tcp port 80",
        Hardware = "a card",
        OperatingSystem = "Linux",
        Comment = "watch it",
        Speed = 10_000_000_000,
        HardwareAddress = MacAddress.Parse("02:00:00:00:00:07"),
        Addresses = [NetworkAddress.Parse("10.0.0.1"), NetworkAddress.Parse("fe80::1")],
        FrameCheckLength = 4,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Interfaces_names_counts_and_keys_are_read_back_as_they_were_written(bool bigEndian)
    {
        CaptureInterfaceStatistics statistics = new()
        {
            Interface = s_rich,
            Time = new(4_000_000_001),
            Start = new(1_000_000_001),
            End = new(3_999_999_999),
            Received = 10,
            Dropped = 1,
            Accepted = 9,
            SystemDropped = 2,
            Delivered = 7,
            Comment = "all in all",
        };
        using MemoryStream stream = new();
        using (PcapWriter writer = new(stream, new() { BigEndian = bigEndian }, leaveOpen: true))
        {
            writer.WriteNames(new Dictionary<NetworkAddress, IReadOnlyList<string>>
            {
                [NetworkAddress.Parse("10.0.0.1")] = ["one", "eins"],
                [NetworkAddress.Parse("fe80::1")] = ["local"],
            });
            writer.WriteSecrets(new CaptureSecrets(CaptureSecrets.TlsKeyLog, Encoding.ASCII.GetBytes("CLIENT_RANDOM 1 2")));
            writer.Write(CaptureFiles.Packet(s_rich, [1, 2, 3]).ToFrame());
            writer.Write((CaptureFiles.Packet(s_rich, [4]) with { LostBefore = 5, Comment = "c" }).ToFrame());
            writer.WriteStatistics(statistics with { Received = 1 });
            writer.WriteStatistics(statistics);
        }

        stream.Position = 0;
        using PcapReader reader = new(stream);
        List<CapturedPacket> packets = [];
        while (reader.TryRead(out CapturedFrame frame))
        {
            packets.Add(frame.ToPacket());
        }

        CaptureInterface on = Assert.Single(reader.Interfaces);
        Assert.Equal(s_rich with { Addresses = [] }, on with { Addresses = [] });
        Assert.Equal(s_rich.Addresses, on.Addresses);
        Assert.Equal([null, 5L], packets.Select(packet => packet.LostBefore));
        Assert.Equal(statistics with { Interface = on }, Assert.Single(reader.Statistics));
        Assert.Equal(["one", "eins"], reader.Names[NetworkAddress.Parse("10.0.0.1")]);
        Assert.Equal(["local"], reader.Names[NetworkAddress.Parse("fe80::1")]);
        Assert.Equal("CLIENT_RANDOM 1 2", Encoding.ASCII.GetString(Assert.Single(reader.Secrets).Data));
    }

    [Fact]
    public void Several_comments_of_a_frame_are_lines_of_one()
    {
        byte[] file = CaptureFiles.Hex(
            "0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000"
            + "01000000 14000000 6500 0000 00000000 14000000"
            + "06000000 38000000 00000000 00000000 00000000 01000000 01000000 45000000"
            + "0100 0100 61000000 0100 0100 62000000 00000000 38000000");
        Assert.Equal("a\nb", Assert.Single(CaptureFiles.Read(file).Packets).Comment);
    }

    [Fact]
    public void The_obsolete_block_has_its_count_of_losses_beside_the_interface()
    {
        byte[] file = CaptureFiles.Hex(
            "0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000"
            + "01000000 14000000 6500 0000 00000000 14000000"
            + "02000000 24000000 0000 0700 00000000 00000000 01000000 01000000 45000000 24000000"
            + "02000000 24000000 0000 FFFF 00000000 00000000 01000000 01000000 45000000 24000000");
        Assert.Equal([7L, null], CaptureFiles.Read(file).Packets.Select(packet => packet.LostBefore));
    }

    [Fact]
    public void A_second_section_may_have_the_other_byte_order_and_names_its_own_interfaces()
    {
        CaptureInterface first = new() { Name = "first" };
        CaptureInterface second = new() { Name = "second", LinkType = CaptureLinkType.Ethernet };
        byte[] file =
        [
            .. CaptureFiles.Write(new() { BigEndian = true, Comment = "one" }, CaptureFiles.Packet(first, [1])),
            .. CaptureFiles.Write(new() { Nanoseconds = false }, CaptureFiles.Packet(second, [2])),
        ];
        using PcapReader reader = new(new MemoryStream(file));
        Assert.True(reader.TryRead(out CapturedFrame frame));
        Assert.Equal(("first", "one"), (frame.Interface.Name, reader.Comment));
        Assert.True(reader.TryRead(out frame));
        Assert.Equal(("second", CaptureLinkType.Ethernet, null), (frame.Interface.Name, frame.Interface.LinkType, reader.Comment));
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Names_and_keys_beyond_all_measure_are_not_kept()
    {
        using MemoryStream stream = new();
        using (PcapWriter writer = new(stream, leaveOpen: true))
        {
            for (uint i = 0; i < 70; i++)
            {
                uint number = i;
                writer.WriteNames(Enumerable.Range(0, 1000).Select(j => KeyValuePair.Create(
                    NetworkAddress.FromIPv4((number << 16) + (uint)j), (IReadOnlyList<string>)["x"])));
                writer.WriteSecrets(new CaptureSecrets(1, new byte[1 << 20]));
            }
        }

        stream.Position = 0;
        using PcapReader reader = new(stream);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(65536, reader.Names.Count);
        Assert.InRange(reader.Secrets.Sum(secret => secret.Data.Length), 1 << 20, 16 << 20);
    }
}
