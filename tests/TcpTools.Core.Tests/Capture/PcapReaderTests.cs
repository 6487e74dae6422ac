using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Capture;

public sealed class PcapReaderTests
{
    private const string Section = "0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1C000000";

    [Fact]
    public void A_simple_packet_block_gives_a_frame_of_the_first_interface_without_time()
    {
        byte[] file = CaptureFiles.Hex(Section +
            // IDB: link type 1, snap length 6
            "01000000 14000000 0100 0000 06000000 14000000" +
            // SPB: 9 bytes on the wire of which 6 are kept, padded to 8
            "03000000 18000000 09000000 010203040506 0000 18000000");
        (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(file);
        Assert.Null(damage);
        CapturedPacket packet = Assert.Single(packets);
        Assert.Equal([1, 2, 3, 4, 5, 6], packet.Bytes);
        Assert.Equal(9, packet.WireLength);
        Assert.Equal(CaptureLinkType.Ethernet, packet.Interface.LinkType);
        Assert.Equal(default, packet.Timestamp);
    }

    [Theory]
    // if_tsresol, count, nanoseconds
    [InlineData("06", 1_500_000UL, 1_500_000_000L)]
    [InlineData("03", 1_500UL, 1_500_000_000L)]
    [InlineData("00", 2UL, 2_000_000_000L)]
    [InlineData("0C", 1_500_000_000_000UL, 1_500_000_000L)]
    [InlineData("8A", 1536UL, 1_500_000_000L)]
    [InlineData("A0", 0x1_8000_0000UL, 1_500_000_000L)]
    [InlineData("7F", ulong.MaxValue, 0L)]
    [InlineData("00", ulong.MaxValue, long.MaxValue)]
    public void An_interface_counts_time_in_units_of_its_own(string resolution, ulong count, long nanoseconds)
    {
        byte[] file = CaptureFiles.Hex(Section +
            $"01000000 20000000 6500 0000 00000000 0900 0100 {resolution}000000 0000 0000 20000000" +
            $"06000000 24000000 00000000 {Little((uint)(count >> 32))} {Little((uint)count)} 01000000 01000000 45000000 24000000");
        CapturedPacket packet = Assert.Single(CaptureFiles.Read(file).Packets);
        Assert.Equal(nanoseconds, packet.Timestamp.Nanoseconds);
    }

    [Fact]
    public void An_interfaces_time_offset_is_added()
    {
        byte[] file = CaptureFiles.Hex(Section +
            "01000000 24000000 6500 0000 00000000 0E00 0800 0A00000000000000 0000 0000 24000000" +
            "06000000 24000000 00000000 00000000 40420F00 01000000 01000000 45000000 24000000");
        Assert.Equal(11_000_000_000, Assert.Single(CaptureFiles.Read(file).Packets).Timestamp.Nanoseconds);
    }

    [Fact]
    public void Unknown_blocks_and_options_are_passed_over_and_obsolete_packet_blocks_are_read()
    {
        byte[] file = CaptureFiles.Hex(Section +
            "AD0B0000 10000000 DEADBEEF 10000000" +
            "01000000 24000000 6500 0000 00000000 FF7F 0500 1122334455 000000 0000 0000 24000000" +
            // Obsolete: interface 0, 7 drops
            "02000000 24000000 0000 0700 00000000 01000000 02000000 02000000 4142 0000 24000000" +
            "05000000 0C000000 0C000000");
        (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(file);
        Assert.Null(damage);
        Assert.Equal([0x41, 0x42], Assert.Single(packets).Bytes);
        Assert.Equal(1000, packets[0].Timestamp.Nanoseconds);
    }

    [Fact]
    public void Sections_behind_each_other_may_differ_in_byte_order_and_each_names_its_interfaces()
    {
        CapturedPacket a = CaptureFiles.Packet(new() { Name = "a" }, [1]);
        CapturedPacket b = CaptureFiles.Packet(new() { Name = "b", LinkType = CaptureLinkType.Ethernet }, [2]);
        byte[] file = [.. CaptureFiles.Write(new() { BigEndian = true }, a), .. CaptureFiles.Write(new(), b)];
        List<CapturedPacket> read = CaptureFiles.Read(file).Packets;
        Assert.Equal(["a", "b"], read.Select(packet => packet.Interface.Name));
        Assert.Equal(read[0].Timestamp, read[1].Timestamp);
    }

    [Theory]
    [InlineData("")]
    [InlineData("D4C3B2")]
    [InlineData("00000000 00000000 00000000")]
    [InlineData("1F8B0800 00000000 00000000")]
    [InlineData("0A0D0D0A 1C000000 00000000 0100 0000 FFFFFFFFFFFFFFFF 1C000000")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0200 0000 FFFFFFFFFFFFFFFF 1C000000")]
    [InlineData("0A0D0D0A 1C000000 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF 1D000000")]
    [InlineData("0A0D0D0A FCFFFFFF 4D3C2B1A 0100 0000 FFFFFFFFFFFFFFFF FCFFFFFF")]
    [InlineData("D4C3B2A1 0300 0400 00000000 00000000 00000400 65000000")]
    public void What_is_no_capture_is_refused_at_once(string hex)
    {
        StackException error = Assert.Throws<StackException>(() => new PcapReader(new MemoryStream(CaptureFiles.Hex(hex))));
        Assert.Equal(StackError.InvalidData, error.Error);
    }

    [Theory]
    // A block of impossible length, of unequal lengths, a frame of an unknown interface, one longer than its block.
    [InlineData("06000000 0A000000 00000000")]
    [InlineData("99000000 10000000 00000000 14000000")]
    [InlineData("06000000 24000000 01000000 00000000 00000000 01000000 01000000 45000000 24000000")]
    [InlineData("06000000 24000000 00000000 00000000 00000000 05000000 05000000 45000000 24000000")]
    [InlineData("06000000 F0FFFFFF 00000000 00000000 00000000 05000000 05000000 45000000 24000000")]
    [InlineData("99000000 F0FFFFFF 00000000 00000000 00000000 05000000 05000000 45000000 24000000")]
    public void Frames_before_the_damage_are_given_and_then_the_damage_is_named_once(string damage)
    {
        CaptureInterface on = new();
        byte[] good = CaptureFiles.Write(new(), CaptureFiles.Packet(on, [1]), CaptureFiles.Packet(on, [2]));
        (List<CapturedPacket> packets, StackException? error) =
            CaptureFiles.Read([.. good, .. CaptureFiles.Hex(damage)]);
        Assert.Equal(StackError.InvalidData, error?.Error);
        Assert.Contains("byte", error!.Message, StringComparison.Ordinal);
        Assert.Equal(2, packets.Count);
    }

    [Theory]
    [InlineData(CaptureFormat.Pcap)]
    [InlineData(CaptureFormat.PcapNg)]
    public void A_file_cut_anywhere_gives_all_whole_frames_and_says_that_it_was_cut(CaptureFormat format)
    {
        CaptureInterface on = new();
        CapturedPacket[] packets =
            [.. Enumerable.Range(0, 4).Select(i => CaptureFiles.Packet(on, CaptureFiles.Bytes(10 + i, i)))];
        PcapWriterOptions options = new() { Format = format };
        byte[] file = CaptureFiles.Write(options, packets);
        HashSet<int> boundaries = [CaptureFiles.Write(options).Length];
        int[] ends = [.. Enumerable.Range(1, 4).Select(count => CaptureFiles.Write(options, packets[..count]).Length)];
        boundaries.UnionWith(ends);
        // Between section and interface a pcapng file is whole as well.
        for (int length = 0; length <= file.Length; length++)
        {
            (List<CapturedPacket> read, StackException? damage) = CaptureFiles.Read(file[..length]);
            Assert.Equal(ends.Count(end => end <= length), read.Count);
            Assert.Equal(read.Select(packet => packet.Bytes), packets[..read.Count].Select(packet => packet.Bytes));
            if (boundaries.Contains(length))
            {
                Assert.Null(damage);
            }
            else if (length > ends[0])
            {
                Assert.Equal(StackError.InvalidData, damage?.Error);
            }
        }
    }

    [Theory]
    [InlineData(CaptureFormat.Pcap, false)]
    [InlineData(CaptureFormat.Pcap, true)]
    [InlineData(CaptureFormat.PcapNg, false)]
    [InlineData(CaptureFormat.PcapNg, true)]
    public void Random_damage_neither_throws_anything_else_nor_takes_much_time_or_memory(CaptureFormat format, bool bigEndian)
    {
        CaptureInterface on = new() { Name = "x", Description = "y" };
        byte[] file = CaptureFiles.Write(
            new() { Format = format, BigEndian = bigEndian, Comment = "c" },
            [.. Enumerable.Range(0, 6).Select(i =>
                CaptureFiles.Packet(on, CaptureFiles.Bytes(20 + i), 5, FrameDirection.Incoming) with { Comment = "remark" })]);
        RandomSource random = RandomSource.FromSeed(42);
        long start = Stopwatch.GetTimestamp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        const int Rounds = 3000;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] damaged = file[..(random.Next(4) == 0 ? random.Next(file.Length) : file.Length)];
            for (int i = random.Next(6); i >= 0 && damaged.Length > 0; i--)
            {
                int at = random.Next(damaged.Length);
                damaged[at] = random.Next(3) switch
                {
                    0 => 0xFF,
                    1 => 0,
                    _ => (byte)random.NextUInt32(),
                };
            }

            (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(damaged);
            Assert.All(packets, packet => Assert.InRange(packet.Bytes.Length, 0, damaged.Length));
            Assert.True(damage is null || damage.Error == StackError.InvalidData);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20));
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.InRange(each, 0, PcapReader.MaximumFrameLength);
    }

    private static string Little(uint value) => Convert.ToHexString(BitConverter.GetBytes(value));
}
