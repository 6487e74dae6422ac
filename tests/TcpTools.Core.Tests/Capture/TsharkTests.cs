using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Capture;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Tests.Kernel;
using TcpTools.Tests.Links;
using Xunit;

namespace TcpTools.Tests.Capture;

/// <summary>Other people's tools read what we write, and we read what they write.</summary>
[Trait("Category", "Root")]
public sealed class TsharkTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tcptools-capture-").FullName;
    private readonly PacketBufferPool _pool = new();

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [RootTheory("tshark")]
    [InlineData(CaptureFormat.Pcap, false, false)]
    [InlineData(CaptureFormat.Pcap, true, true)]
    [InlineData(CaptureFormat.PcapNg, true, false)]
    [InlineData(CaptureFormat.PcapNg, true, true)]
    [InlineData(CaptureFormat.PcapNg, false, false)]
    public void Tshark_finds_nothing_wrong_with_a_file_of_ours(CaptureFormat format, bool nanoseconds, bool bigEndian)
    {
        string path = Path.Combine(_directory, "ours");
        using (PcapFileSink sink = new(
            path, new() { Format = format, Nanoseconds = nanoseconds, BigEndian = bigEndian, Comment = "all of it" }))
        {
            using PacketWire wire = new();
            using CaptureTap tap = new(wire.A, sink, TimeProvider.System);
            for (int i = 0; i < 5; i++)
            {
                tap.Send([Frames.Offloaded(_pool, i % 2 == 1, (uint)(i * 9000), 9000, 16, 1400)], Instant.FromSeconds(i));
                tap.Send([Frames.Offloaded(_pool, i % 2 == 1, 1, 0, 2, 0)], Instant.FromSeconds(i + 0.000_000_1));
            }
        }

        ToolResult result = Tool.Try(
            "tshark", "-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields",
            "-e", "frame.len", "-e", "frame.time_epoch", "-e", "tcp.checksum.status", "-e", "ip.checksum.status",
            "-e", "_ws.malformed", "-e", "frame.interface_name");
        Assert.Equal(0, result.ExitCode);
        string output = result.Output + result.Error;
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => char.IsAsciiDigit(line[0])).ToArray();
        Assert.Equal(10, lines.Length);
        foreach (string[] fields in lines.Select(line => line.Split('\t')))
        {
            Assert.True(fields[2] == "1", output);
            Assert.True(fields[3] is "1" or "", output);
            Assert.Equal("", fields[4]);
            Assert.Equal(format == CaptureFormat.PcapNg ? "wire.A" : "", fields[5]);
        }

        Assert.DoesNotContain("damaged", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("cut short", output, StringComparison.OrdinalIgnoreCase);
    }

    [RootTheory("tshark")]
    [InlineData("pcap")]
    [InlineData("nsecpcap")]
    [InlineData("pcapng")]
    public void A_file_that_wireshark_rewrote_gives_the_same_frames(string format)
    {
        CaptureInterface on = new();
        CapturedPacket[] packets =
        [
            .. Enumerable.Range(0, 20).Select(i =>
                CaptureFiles.Packet(on, Frames.Tcp(i % 2 == 0, (uint)i, i * 10, 16), 1_700_000_000_000_001_000 + (i * 1000))),
        ];
        string ours = Path.Combine(_directory, "ours");
        string theirs = Path.Combine(_directory, "theirs");
        File.WriteAllBytes(ours, CaptureFiles.Write(new(), packets));
        _ = Tool.Run("tshark", "-r", ours, "-F", format, "-w", theirs);
        (List<CapturedPacket> read, StackException? damage) = CaptureFiles.Read(File.ReadAllBytes(theirs));
        Assert.Null(damage);
        Assert.Equal(packets.Select(packet => packet.Bytes), read.Select(packet => packet.Bytes));
        Assert.Equal(packets.Select(packet => packet.Timestamp), read.Select(packet => packet.Timestamp));
        Assert.All(read, packet => Assert.Equal(CaptureLinkType.Raw, packet.Interface.LinkType));
    }
}
