using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Capture;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Capture;

/// <summary>Formats beside pcapng and pcap, compression, files that are continued, pipes and files that grow.</summary>
public sealed class PcapVariantTests : IDisposable
{
    private static readonly CaptureInterface s_ethernet = new() { LinkType = CaptureLinkType.Ethernet };
    private readonly string _directory = Directory.CreateTempSubdirectory("tcptools-variants-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("A1B2CD34 0002 0004 00000000 00000000 0000FFFF 00000001 00000005 00000007 00000002 00000009 00000003 0800 04 00 AABB")]
    [InlineData("34CDB2A1 0200 0400 00000000 00000000 FFFF0000 01000000 05000000 07000000 02000000 09000000 03000000 0008 04 00 AABB")]
    public void The_modified_format_of_old_Linux_tells_interface_and_direction(string hex)
    {
        (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(CaptureFiles.Hex(hex));
        Assert.Null(damage);
        CapturedPacket packet = Assert.Single(packets);
        Assert.Equal([0xAA, 0xBB], packet.Bytes);
        Assert.Equal((9, "#3", FrameDirection.Outgoing), (packet.WireLength, packet.Interface.Name, packet.Direction));
        Assert.Equal(5_000_007_000, packet.Timestamp.Nanoseconds);
    }

    [Theory]
    [InlineData("0000", "00000009 00000001")]
    [InlineData("0003", "00000009 00000001")]
    [InlineData("0003", "00000001 00000009")]
    [InlineData("0004", "00000001 00000009")]
    public void Old_versions_have_the_lengths_the_other_way_round(string minor, string lengths)
    {
        CapturedPacket packet = Assert.Single(CaptureFiles.Read(CaptureFiles.Hex(
            $"A1B2C3D4 0002 {minor} 00000000 00000000 0000FFFF 00000001 00000005 00000007 {lengths} AA")).Packets);
        Assert.Equal((1, 9), (packet.Bytes.Length, packet.WireLength));
    }

    [Fact]
    public void The_upper_bits_of_the_link_type_tell_of_frame_check_sequences()
    {
        CapturedPacket packet = Assert.Single(CaptureFiles.Read(CaptureFiles.Hex(
            "A1B2C3D4 0002 0004 00000000 00000000 0000FFFF 24000001 00000005 00000007 00000001 00000001 AA")).Packets);
        Assert.Equal((CaptureLinkType.Ethernet, 4), (packet.Interface.LinkType, packet.Interface.FrameCheckLength));
    }

    [Fact]
    public void Erf_is_read_back_as_it_was_written()
    {
        CaptureInterface raw = new() { LinkType = CaptureLinkType.Raw };
        CapturedPacket[] packets =
        [
            .. Enumerable.Range(0, 40).Select(i => CaptureFiles.Packet(
                i % 2 == 0 ? s_ethernet : raw, [(byte)(i % 4 == 1 ? 0x60 : 0x45), .. CaptureFiles.Bytes(i)], 1_700_000_000_000_000_000 + (i * 999_999_937L))),
        ];
        packets[3] = packets[3] with { WireLength = 1500 };
        using PcapReader reader = new(new MemoryStream(CaptureFiles.Write(new() { Format = CaptureFormat.Erf }, packets)));
        Assert.Equal(CaptureFormat.Erf, reader.Format);
        foreach (CapturedPacket packet in packets)
        {
            Assert.True(reader.TryRead(out CapturedFrame frame));
            Assert.Equal(packet.Bytes, frame.Bytes.ToArray());
            Assert.Equal(packet.WireLength, frame.WireLength);
            Assert.Equal(packet.Timestamp, frame.Timestamp);
            Assert.Equal(packet.Interface.LinkType == CaptureLinkType.Ethernet, frame.Interface.LinkType == CaptureLinkType.Ethernet);
        }

        Assert.False(reader.TryRead(out _));
        Assert.Throws<StackException>(() => CaptureFiles.Write(
            new() { Format = CaptureFormat.Erf }, CaptureFiles.Packet(new() { LinkType = CaptureLinkType.LinuxCooked }, [1])));
    }

    [Fact]
    public void Erf_with_extensions_padding_and_other_records()
    {
        const string Time = "00000080 10000065";
        byte[] file = CaptureFiles.Hex(
            $"{Time} 02 04 0018 0000 0002 0000 AABB 00000000"         // Ethernet, two bytes of a frame
            + $"{Time} 1B 00 0018 0000 0000 0000000000000000"           // notes
            + $"{Time} 82 01 0028 0000 0003 8100000000000000 0100000000000000 0000 AABBCC 000000"
            + $"{Time} 30 00 0010 0000 0000"                            // padding
            + $"{Time} 16 02 0018 0000 0005 4500000000 000000");
        (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(file);
        Assert.Null(damage);
        Assert.Equal(["AABB", "AABBCC", "4500000000"], packets.Select(packet => Convert.ToHexString(packet.Bytes)));
        Assert.Equal(["port 0", "port 1", "port 2"], packets.Select(packet => packet.Interface.Name));
        Assert.All(packets, packet => Assert.Equal(500_000_000, packet.Timestamp.Nanoseconds % 1_000_000_000));
        Assert.NotNull(CaptureFiles.Read(file[..^1]).Damage);
    }

    [Theory]
    [InlineData(CaptureFormat.Pcap)]
    [InlineData(CaptureFormat.PcapNg)]
    [InlineData(CaptureFormat.Erf)]
    public void A_compressed_file_is_read_like_any_other_and_cut_anywhere_gives_what_is_whole(CaptureFormat format)
    {
        CapturedPacket[] packets = [.. Enumerable.Range(0, 500).Select(i => CaptureFiles.Packet(s_ethernet, CaptureFiles.Bytes(100 + i, i)))];
        byte[] file = CaptureFiles.Write(new() { Format = format, Compress = true }, packets);
        Assert.Equal([0x1F, 0x8B], file[..2]);
        (List<CapturedPacket> read, StackException? damage) = CaptureFiles.Read(file);
        Assert.Null(damage);
        Assert.Equal(packets.Select(packet => packet.Bytes), read.Select(packet => packet.Bytes));
        for (int length = 0; length < file.Length - 8; length += 97)
        {
            (read, damage) = CaptureFiles.Read(file[..length]);
            Assert.Equal(StackError.InvalidData, damage?.Error);
            Assert.Equal(packets[..read.Count].Select(packet => packet.Bytes), read.Select(packet => packet.Bytes));
        }

        file[file.Length / 2] ^= 0x55;
        (read, damage) = CaptureFiles.Read(file);
        Assert.True(damage is not null || !read.Select(p => p.Bytes).SequenceEqual(packets.Select(p => p.Bytes), ByBytes.Instance));
    }

    [Fact]
    public void Other_compressions_are_named_with_what_unpacks_them()
    {
        StackException error = Assert.Throws<StackException>(() => new PcapReader(new MemoryStream([0x28, 0xB5, 0x2F, 0xFD, 0])));
        Assert.Contains("zstd", error.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A1")]
    [InlineData("23212F62696E2F7368 0A 2E 2F 61 62 63 64 65 66 67 68")]
    [InlineData("00000000000000000000000000000000000000000000000000")]
    [InlineData("1F8B")]
    public void What_is_no_capture_is_said_to_be_none(string hex) =>
        Assert.Equal(StackError.InvalidData, CaptureFiles.Read(CaptureFiles.Hex(hex)).Damage?.Error);

    [Theory]
    [InlineData(CaptureFormat.Pcap, false, true)]
    [InlineData(CaptureFormat.Pcap, false, false)]
    [InlineData(CaptureFormat.Pcap, true, true)]
    [InlineData(CaptureFormat.PcapNg, false, true)]
    [InlineData(CaptureFormat.PcapNg, true, false)]
    [InlineData(CaptureFormat.Erf, false, false)]
    [InlineData(CaptureFormat.Erf, true, false)]
    public void A_file_is_continued_in_its_own_format(CaptureFormat format, bool compress, bool bigEndian)
    {
        string path = Path.Combine(_directory, "x");
        PcapWriterOptions options = new() { Format = format, Compress = compress, BigEndian = bigEndian, Nanoseconds = false };
        CapturedPacket[] packets = [.. Enumerable.Range(0, 6).Select(i => CaptureFiles.Packet(s_ethernet, CaptureFiles.Bytes(20, i)))];
        for (int i = 0; i < 6; i += 2)
        {
            using PcapWriter writer = PcapWriter.Append(path, i == 0 ? options : null);
            writer.Write(packets[i].ToFrame());
            writer.Write(packets[i + 1].ToFrame());
        }

        (List<CapturedPacket> read, StackException? damage) = CaptureFiles.Read(File.ReadAllBytes(path));
        Assert.Null(damage);
        Assert.Equal(packets.Select(packet => packet.Bytes), read.Select(packet => packet.Bytes));
        Assert.All(read, packet => Assert.InRange(packets[0].Timestamp.Nanoseconds - packet.Timestamp.Nanoseconds, 0, 1000));
    }

    [Fact]
    public void A_file_that_is_cut_or_is_none_is_not_continued()
    {
        string path = Path.Combine(_directory, "x");
        byte[] file = CaptureFiles.Write(new(), CaptureFiles.Packet(s_ethernet, [1, 2, 3]));
        File.WriteAllBytes(path, file[..^3]);
        Assert.Equal(StackError.InvalidData, Assert.Throws<StackException>(() => PcapWriter.Append(path)).Error);
        File.WriteAllText(path, "no capture at all");
        Assert.Equal(StackError.InvalidData, Assert.Throws<StackException>(() => PcapWriter.Append(path)).Error);
        Assert.Equal("no capture at all", File.ReadAllText(path));
    }

    [Fact]
    public async Task A_growing_file_is_followed_until_somebody_stops_it()
    {
        string path = Path.Combine(_directory, "growing");
        byte[] file = CaptureFiles.Write(new(), CaptureFiles.Packet(s_ethernet, [1]), CaptureFiles.Packet(s_ethernet, [2, 2]));
        File.WriteAllBytes(path, file[..^20]);
        using CancellationTokenSource stop = new();
        using (PcapReader plain = PcapReader.Open(path))
        {
            Assert.True(plain.TryRead(out _));
            Assert.Throws<StackException>(() => plain.TryRead(out _));
        }

        using PcapReader reader = PcapReader.Open(path, follow: true, stop.Token);
        Assert.True(reader.TryRead(out CapturedFrame frame));
        Assert.Equal(1, frame.Bytes.Length);
        Task<int> next = Task.Run(() => reader.TryRead(out CapturedFrame later) ? later.Bytes.Length : -1);
        using (FileStream more = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite))
        {
            more.Write(file.AsSpan(file.Length - 20));
        }

        Assert.Equal(2, await next);
        Task<bool> none = Task.Run(() => reader.TryRead(out _));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => none);
    }

    [Fact]
    public async Task A_pipe_gives_each_frame_as_it_comes_and_waiting_for_one_can_be_stopped()
    {
        string path = Path.Combine(_directory, "pipe");
        string silent = Path.Combine(_directory, "silent");
        Assert.Equal(0, System.Diagnostics.Process.Start("mkfifo", [path, silent]) is { } made ? Wait(made) : -1);
        using (CancellationTokenSource soon = new(50))
        {
            Assert.ThrowsAny<OperationCanceledException>(() => PcapReader.Open(silent, stop: soon.Token));
        }

        byte[] file = CaptureFiles.Write(new(), CaptureFiles.Packet(s_ethernet, [1]), CaptureFiles.Packet(s_ethernet, [2, 2]));
        using CancellationTokenSource stop = new();
        Task<PcapReader> opening = Task.Run(() => PcapReader.Open(path, stop: stop.Token));
        using FileStream writer = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0);
        writer.Write(file.AsSpan(0, file.Length - 20));
        using PcapReader reader = await opening;
        Assert.True(reader.TryRead(out _));
        Task<bool> second = Task.Run(() => reader.TryRead(out _));
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(50)));
        writer.Write(file.AsSpan(file.Length - 20));
        Assert.True(await second);
        Task<bool> third = Task.Run(() => reader.TryRead(out _));
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
    }

    [Fact]
    public void A_missing_file_is_missing() =>
        Assert.Throws<FileNotFoundException>(() => PcapReader.Open(Path.Combine(_directory, "none")));

    [Fact]
    public void Memory_does_not_grow_with_the_file()
    {
        string path = Path.Combine(_directory, "large");
        using (PcapWriter writer = PcapWriter.Create(path))
        {
            CapturedPacket packet = CaptureFiles.Packet(s_ethernet, CaptureFiles.Bytes(1400));
            for (int i = 0; i < 20_000; i++)
            {
                writer.Write(packet.ToFrame());
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using PcapReader reader = PcapReader.Open(path);
        while (reader.TryRead(out _))
        {
        }

        Assert.Equal(20_000, reader.FramesRead);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static int Wait(System.Diagnostics.Process process)
    {
        process.WaitForExit();
        return process.ExitCode;
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>
    {
        public static readonly ByBytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
