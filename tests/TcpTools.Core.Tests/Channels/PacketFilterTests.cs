using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Packets;
using TcpTools.Tests.Kernel;
using TcpTools.Tests.Packets;
using Xunit;

namespace TcpTools.Tests.Channels;

/// <summary>Filters are those of tcpdump, and what passes them here passes them there.</summary>
public sealed class PacketFilterTests
{
    public static readonly TheoryData<string> Expressions =
    [
        "", "ip", "tcp", "udp port 53", "tcp port 80 and host 10.0.0.1", "not arp", "icmp or arp", "net 10.0.0.0/8",
        "src net 192.168.0.0/16 and tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "ip[8] < 64", "portrange 1000-2000", "len <= 100",
        "tcp[2:2] > 1023 or udp[4:2] > 30", "ether src 02:00:00:00:00:01", "vlan and ip", "ip6", "ip6 proto 6 or ip proto 17",
        "ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0", "ether[0] & 1 = 0 and ip[0] % 3 = 0",
    ];

    [Theory]
    [MemberData(nameof(Expressions))]
    public void Tcpdump_compiles_the_same_program_and_lets_the_same_frames_pass(string expression)
    {
        if (Tool.Find("tcpdump") is null)
        {
            return;
        }

        string path = Path.GetTempFileName();
        try
        {
            RandomPackets random = new(33);
            byte[][] frames = [.. Enumerable.Range(0, 500).Select(_ => random.NextFrame().ToBytes())];
            Write(path, frames);
            PacketFilter filter = PacketFilter.Compile(expression, PacketStart.Ethernet);
            string[] program = Tool.Run("tcpdump", "-r", path, "-ddd", expression).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(program.Skip(1), filter.Instructions);

            string kept = Path.ChangeExtension(path, "kept");
            Tool.Run("tcpdump", "-r", path, "-w", kept, expression);
            Assert.Equal(Read(kept), frames.Where(frame => filter.Matches(frame)).Select(Convert.ToHexString));
            File.Delete(kept);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_wrong_expression_is_refused_with_the_words_of_the_library()
    {
        StackException error = Assert.Throws<StackException>(() => PacketFilter.Compile("tcp port nonsense!", PacketStart.IP));
        Assert.Equal(StackError.InvalidFilter, error.Error);
        Assert.StartsWith("'tcp port nonsense!' is not a filter: ", error.Message, StringComparison.Ordinal);
        Assert.NotEqual("", error.Advice);
        Assert.Equal(
            StackError.InvalidFilter,
            Assert.Throws<StackException>(() => PacketFilter.Compile("ether host 02:00:00:00:00:01", PacketStart.IP)).Error);
    }

    [Fact]
    public void What_a_frame_starts_with_decides_where_the_filter_looks()
    {
        Packet packet = Packet.Parse(new RandomPackets(5).NextIP().ToBytes());
        byte[] bytes = packet.ToBytes();
        byte[] framed = [.. new byte[12], 8, 0, .. bytes];
        Assert.True(PacketFilter.Compile("ip", PacketStart.IP).Matches(bytes));
        Assert.False(PacketFilter.Compile("ip", PacketStart.Ethernet).Matches(bytes));
        Assert.True(PacketFilter.Compile("ip", PacketStart.Ethernet).Matches(framed));
        Assert.False(PacketFilter.Compile("ip", PacketStart.IP).Matches([]));
    }

    [Fact]
    public void Many_threads_may_compile_at_once()
    {
        List<string> programs = [];
        Parallel.For(0, 64, i =>
        {
            string text = string.Join('\n', PacketFilter.Compile("tcp port 80 or udp port 53", PacketStart.Ethernet).Instructions);
            lock (programs)
            {
                programs.Add(text);
            }
        });
        Assert.Single(programs.Distinct());
    }

    private static void Write(string path, byte[][] frames)
    {
        using BinaryWriter writer = new(File.Create(path));
        uint[] header = [0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1];
        Array.ForEach(header, writer.Write);
        foreach (byte[] frame in frames)
        {
            uint[] record = [1, 0, (uint)frame.Length, (uint)frame.Length];
            Array.ForEach(record, writer.Write);
            writer.Write(frame);
        }
    }

    private static List<string> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        List<string> frames = [];
        for (int at = 24; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
            frames.Add(Convert.ToHexString(file.AsSpan(at + 16, length)));
            at += 16 + length;
        }

        return frames;
    }
}
