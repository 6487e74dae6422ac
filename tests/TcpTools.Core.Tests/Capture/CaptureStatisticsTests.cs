using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tests.Kernel;
using TcpTools.Tests.Stack;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Capture;

/// <summary>What statistics say of traffic that is known, and of traffic that tshark judges too.</summary>
public sealed class CaptureStatisticsTests
{
    private const long Millisecond = 1_000_000;
    private readonly CaptureStatistics _statistics = new();
    private long _now = 1_700_000_000_000_000_000;

    private TcpConversation Tcp => Assert.Single(_statistics.TcpConversations);

    [Fact]
    public void A_handshake_gives_its_round_trip_and_the_first_samples()
    {
        Handshake();
        Assert.Equal(TimeSpan.FromMilliseconds(30), Tcp.HandshakeRoundTrip);
        Assert.Equal(2, Tcp.RoundTripSamples);
        Assert.Equal((TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20)), (Tcp.MinimumRoundTrip, Tcp.MaximumRoundTrip));
        Assert.Equal((2, 1), (Tcp.PacketsAToB, Tcp.PacketsBToA));
        Assert.Equal("10.0.0.1", Tcp.AddressA);
        Assert.Equal((4000, 80), (Tcp.PortA!.Value, Tcp.PortB!.Value));
    }

    [Fact]
    public void Segments_sent_again_are_told_apart_by_when_and_why()
    {
        Handshake();
        Send(true, 101, 501, 100);
        Send(true, 201, 501, 100);
        Send(false, 501, 301, 0);
        Send(true, 101, 501, 100, after: 300); // acknowledged already
        Assert.Equal((1, 0, 0), (Tcp.SpuriousRetransmissions, Tcp.Retransmissions, Tcp.FastRetransmissions));
        Send(true, 301, 501, 100);
        Send(true, 301, 501, 100, after: 300); // a timeout
        Assert.Equal((1, 1, 0), (Tcp.SpuriousRetransmissions, Tcp.Retransmissions, Tcp.FastRetransmissions));
        Send(true, 501, 501, 100);             // a hole in front
        Send(true, 401, 501, 100);             // and what fills it, at once
        Assert.Equal((1, 1), (Tcp.LostSegments, Tcp.OutOfOrder));
        Send(false, 501, 401, 0);
        Send(true, 601, 501, 100);
        for (int i = 0; i < 3; i++)
        {
            Send(false, 501, 401, 0);
        }

        Send(true, 401, 501, 100);
        Assert.Equal((3, 1), (Tcp.DuplicateAcks, Tcp.FastRetransmissions));
    }

    [Fact]
    public void Windows_keep_alives_probes_and_resets_are_counted()
    {
        Handshake();
        Send(false, 501, 101, 0, window: 100);
        Send(true, 101, 501, 100);
        Assert.Equal(1, Tcp.WindowFulls);
        Send(false, 501, 201, 0, window: 0);
        Send(true, 201, 501, 1);
        Assert.Equal((1, 1), (Tcp.ZeroWindows, Tcp.ZeroWindowProbes));
        Send(false, 501, 201, 0, window: 5000);
        Assert.Equal(2, Tcp.WindowUpdates);
        Send(true, 200, 501, 0, after: 5000);
        Assert.Equal(1, Tcp.KeepAlives);
        Send(true, 201, 501, 0, flags: TcpFlags.Rst);
        Assert.Equal(1, Tcp.Resets);
        Assert.Equal(0, Tcp.Retransmissions + Tcp.OutOfOrder + Tcp.LostSegments);
    }

    [Fact]
    public void Another_connection_between_the_same_ports_is_another_conversation()
    {
        Handshake();
        Send(true, 900_000, 0, 0, flags: TcpFlags.Syn);
        Assert.Equal(2, _statistics.TcpConversations.Count);
        Assert.Single(_statistics.IPConversations);
    }

    [Fact]
    public void Sequence_numbers_wrap()
    {
        Send(true, 0xFFFFFF00, 1, 200);
        Send(true, 0xFFFFFFC8, 1, 200);
        Send(false, 1, 0x90, 0);
        Assert.Equal(0, Tcp.LostSegments + Tcp.Retransmissions + Tcp.OutOfOrder + Tcp.AckedUnseen);
        Assert.Equal(1, Tcp.RoundTripSamples);
    }

    [Fact]
    public void Conversations_protocols_endpoints_and_intervals_have_bounds()
    {
        CaptureStatistics statistics = new(new() { MaximumConversations = 10, Interval = TimeSpan.FromSeconds(1), MaximumIntervals = 5 });
        for (uint i = 0; i < 100; i++)
        {
            Packet packet = new IPv4Layer { Source = NetworkAddress.FromIPv4(0x0A000000 + i) } / new UdpLayer { SourcePort = (ushort)i };
            packet.TimestampNanoseconds = i * 1_000_000_000L;
            statistics.Add(packet);
        }

        Assert.Equal((10, 90), (statistics.UdpConversations.Count, statistics.GetOtherPackets(ConversationKind.Udp)));
        Assert.Equal([1, 1, 1, 1, 96], statistics.Intervals.Select(interval => (int)interval.Packets));
        Assert.Equal(["Raw", "Raw/IPv4", "Raw/IPv4/UDP"], statistics.Protocols.Select(protocol => protocol.Path));
        Assert.Equal(11, statistics.GetEndpoints(ConversationKind.IP).Count);
        Assert.Equal((100, 2800, TimeSpan.FromSeconds(99)), ((int)statistics.Packets, (int)statistics.Bytes, statistics.Duration));
    }

    [Fact]
    public void Damaged_frames_are_counted_and_never_throw()
    {
        CaptureStatistics statistics = new(new() { MaximumConversations = 100, Interval = TimeSpan.FromSeconds(1), MaximumIntervals = 100 });
        long count = 0;
        foreach ((IReadOnlyList<byte[]> seeds, PacketStart start) in new[] { (SampleFrames.Packets, PacketStart.IP), (SampleFrames.Frames, PacketStart.Ethernet) })
        {
            new ByteMutator(41).Run(seeds, 10_000, bytes =>
            {
                Packet packet = Packet.FromFrame(bytes, start);
                packet.TimestampNanoseconds = (long)(count * 7919 % 1_000_000) * 1_000_000;
                statistics.Add(packet);
                count++;
            });
        }

        Assert.Equal(count, statistics.Packets);
        Assert.InRange(statistics.TcpConversations.Count, 1, 100);
        Assert.NotEmpty(statistics.Protocols);
    }

    /// <summary>Transfers of ours over a wire that loses, delays and reorders: the numbers are tshark's.</summary>
    [RootTheory("tshark")]
    [Trait("Category", "Root")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_numbers_are_those_of_tshark(int seed)
    {
        string path = Path.GetTempFileName();
        try
        {
            WriteTransfer(path, (ulong)seed);
            CaptureStatistics statistics = new();
            using (PcapReader reader = PcapReader.Open(path))
            {
                while (reader.TryRead(out CapturedFrame frame))
                {
                    statistics.Add(in frame);
                }
            }

            Dictionary<string, long> ours = new()
            {
                ["retransmission"] = Sum(c => c.Retransmissions + c.FastRetransmissions + c.SpuriousRetransmissions),
                ["fast_retransmission"] = Sum(c => c.FastRetransmissions),
                ["spurious_retransmission"] = Sum(c => c.SpuriousRetransmissions),
                ["out_of_order"] = Sum(c => c.OutOfOrder),
                ["duplicate_ack"] = Sum(c => c.DuplicateAcks),
                ["lost_segment"] = Sum(c => c.LostSegments),
                ["zero_window"] = Sum(c => c.ZeroWindows),
                ["window_full"] = Sum(c => c.WindowFulls),
                ["window_update"] = Sum(c => c.WindowUpdates),
                ["keep_alive"] = Sum(c => c.KeepAlives),
            };
            string[] fields = [.. ours.Keys.SelectMany(name => new[] { "-e", "tcp.analysis." + name })];
            string[][] lines = [.. Tool.Run("tshark", ["-r", path, "-T", "fields", "-E", "separator=|", "-e", "tcp.stream", .. fields])
                .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('|'))];
            Assert.Equal(lines.Length, statistics.Packets);
            Assert.Equal(lines.Count(line => line[0].Length > 0), statistics.TcpConversations.Sum(c => c.Packets));
            Dictionary<string, long> theirs = [];
            foreach ((int i, string name) in ours.Keys.Index())
            {
                theirs.Add(name, lines.Count(line => line[i + 1].Length > 0));
            }

            // Whether a segment that does not bring the sequence on was sent again or overtaken is a guess; both guess by
            // much the same rules, and count the same segments.
            string[] guesses = ["retransmission", "fast_retransmission", "out_of_order"];
            Assert.Equal(theirs["retransmission"] + theirs["out_of_order"], ours["retransmission"] + ours["out_of_order"]);
            Assert.InRange(Math.Abs(theirs["fast_retransmission"] - ours["fast_retransmission"]), 0, 3);
            Assert.Equal(theirs.Where(count => !guesses.Contains(count.Key)), ours.Where(count => !guesses.Contains(count.Key)));
            Assert.True(ours["retransmission"] > 0);

            long Sum(Func<TcpConversation, long> value) => statistics.TcpConversations.Sum(value);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void WriteTransfer(string path, ulong seed)
    {
        using PcapFileSink sink = new(path);
        using Rig rig = new(
            seed: seed,
            impairment: new Impairment { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.02, Reorder = 0.02, Jitter = TimeSpan.FromMilliseconds(1) },
            wire: new PacketWireOptions { MaximumSegmentationLength = 0 },
            client: options => options with { Link = new CaptureTap(options.Link, sink) });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 18, 1), Transfer.Bytes(1 << 18, 2), TimeSpan.FromMinutes(10));
        rig.Network.Run(TimeSpan.FromMinutes(5));
    }

    private void Handshake()
    {
        Send(true, 100, 0, 0, flags: TcpFlags.Syn, isScaled: true);
        Send(false, 500, 101, 0, flags: TcpFlags.Syn | TcpFlags.Ack, after: 20, isScaled: true);
        Send(true, 101, 501, 0, after: 10);
    }

    private void Send(bool fromClient, uint sequence, uint ack, int length, TcpFlags flags = TcpFlags.Ack, ushort window = 60000, int after = 1, bool isScaled = false)
    {
        _now += after * Millisecond;
        NetworkAddress client = NetworkAddress.Parse("10.0.0.1");
        NetworkAddress server = NetworkAddress.Parse("10.0.0.2");
        Packet packet = new IPv4Layer { Source = fromClient ? client : server, Destination = fromClient ? server : client }
            / new TcpLayer
            {
                SourcePort = fromClient ? (ushort)4000 : (ushort)80,
                DestinationPort = fromClient ? (ushort)80 : (ushort)4000,
                Sequence = sequence,
                Acknowledgment = ack,
                Flags = flags,
                Window = window,
                Options = isScaled ? [new TcpWindowScaleOption(0)] : [],
            }
            / new byte[length];
        packet.TimestampNanoseconds = _now;
        _statistics.Add(packet);
    }
}
