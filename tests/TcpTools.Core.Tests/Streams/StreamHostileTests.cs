using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>Limits that hold whatever comes, and the numbers of libnids.</summary>
public sealed class StreamHostileTests
{
    private static readonly NetworkAddress s_scanner = NetworkAddress.Parse("10.9.9.9");

    [Fact]
    public void Of_tiny_segments_in_reverse_283_are_delivered_and_of_284_only_the_last()
    {
        Assert.Equal(283, Reverse(283, out bool overrun));
        Assert.False(overrun);
        Assert.Equal(1, Reverse(284, out overrun));
        Assert.True(overrun);
    }

    [Fact]
    public void A_queue_beyond_its_limit_is_given_up_with_a_warning()
    {
        StreamRig rig = new StreamRig(TcpStreamSettings.Libnids).Open();
        rig.Client(46_000, new string('x', 2000));
        for (int i = 1; i < 30; i++)
        {
            rig.Client(i * 1500, new string('y', 1500));
        }

        Assert.Empty(rig.Anomalies);
        rig.Client(48_000, new string('x', 13_000));
        Assert.Equal([StreamAnomalyKind.QueueOverrun], rig.Kinds);
        Assert.Equal(0, rig.Assembler.QueuedBytes);
        rig.Client(0, "here");
        Assert.Equal("here", rig.ClientText);
    }

    [Fact]
    public void From_the_781st_of_1040_streams_on_there_is_a_warning_and_at_the_limit_the_oldest_goes()
    {
        StreamRig rig = new(TcpStreamSettings.Libnids with { MaximumScanSources = 0 });
        for (int i = 0; i < 780; i++)
        {
            rig.ClientPort = (ushort)(10_000 + i);
            rig.Open();
        }

        Assert.Empty(rig.Anomalies);
        rig.ClientPort = 9999;
        rig.Open();
        Assert.Equal([StreamAnomalyKind.TooManyStreams], rig.Kinds);
        for (int i = 0; i < 1000; i++)
        {
            rig.ClientPort = (ushort)(20_000 + i);
            rig.Open();
        }

        Assert.Equal(1040, rig.Assembler.StreamCount);
        Assert.Equal(741, rig.Ended_.Count);
        Assert.All(rig.Ended_, s => Assert.Equal(TcpStreamState.GivenUp, s.State));
        Assert.Equal(10_000, rig.Ended_[0].Client.Port);
        Assert.Single(rig.Anomalies);
    }

    [Fact]
    public void A_flood_of_SYNs_costs_handshakes_and_no_stream_that_is_open()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { MaximumStreams = 100, MaximumScanSources = 16 }).Open();
        rig.Client(0, "before");
        Random random = new(1);
        for (int i = 0; i < 20_000; i++)
        {
            NetworkAddress source = NetworkAddress.FromIPv4((uint)random.Next());
            rig.Feed(StreamRig.Packet(source, StreamRig.ServerAddress, (ushort)random.Next(65536), 80, TcpFlags.Syn, (uint)random.Next(), 0, []));
            Assert.InRange(rig.Assembler.StreamCount, 1, 100);
        }

        rig.Client(6, "after");
        Assert.Equal("beforeafter", rig.ClientText);
        Assert.DoesNotContain(rig.Ended_, s => s.WasOpened);
    }

    [Fact]
    public void Bytes_far_ahead_cost_what_they_are_and_not_the_gap_before_them()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { CheckWindow = false, MaximumQueuedBytes = 100_000 }).Open();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 300; i++)
        {
            rig.Client(i * 3_000_000L, "x");
        }

        Assert.InRange(rig.Assembler.QueuedBytes, 1, 100_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void All_queues_together_have_a_limit()
    {
        StreamRig rig = new(new TcpStreamSettings { MaximumTotalQueuedBytes = 50_000, MaximumQueuedBytes = 30_000, MaximumScanSources = 0 });
        for (int i = 0; i < 200; i++)
        {
            rig.ClientPort = (ushort)(10_000 + i);
            rig.Open();
            rig.Client(10, new string('x', 1000));
            Assert.InRange(rig.Assembler.QueuedBytes, 1, 50_000);
        }

        Assert.NotEmpty(rig.Anomalies);
        Assert.All(rig.Kinds, k => Assert.Equal(StreamAnomalyKind.QueueOverrun, k));
        // The last ones are whole.
        rig.Client(0, "0123456789");
        Assert.EndsWith("0123456789" + new string('x', 1000), rig.ClientText, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlaps_that_leave_single_bytes_of_long_segments_do_not_hold_the_segments()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { OverlapPolicy = StreamOverlapPolicy.Last, CheckWindow = false }).Open();
        for (int i = 0; i < 500; i++)
        {
            rig.Client(1 + i, new string('x', 1400));
        }

        Assert.InRange(rig.Assembler.QueuedBytes, 1, (500 * 232) + 2000);
    }

    [Fact]
    public void Hostile_segments_neither_throw_nor_grow()
    {
        foreach (int seed in Enumerable.Range(0, 20))
        {
            Random random = new(seed);
            TcpStreamSettings settings = new()
            {
                MaximumStreams = 20,
                MaximumQueuedBytes = 10_000,
                MaximumTotalQueuedBytes = 50_000,
                HistoryBytes = 5_000,
                Midstream = random.Next(2) == 0,
                OverlapPolicy = (StreamOverlapPolicy)random.Next(6),
                UrgentData = (UrgentHandling)random.Next(2),
                CheckWindow = random.Next(2) == 0,
            };
            StreamRig rig = new(settings);
            for (int i = 0; i < 4000; i++)
            {
                rig.ClientPort = (ushort)random.Next(1, 40);
                rig.ServerPort = (ushort)random.Next(1, 4);
                rig.Window = (ushort)random.Next(0, 65536);
                long offset = random.Next(4) switch { 0 => -1, 1 => random.NextInt64(-3_000_000_000, 3_000_000_000), _ => random.Next(-5, 300) };
                string data = random.Next(2) == 0 ? "" : new string((char)random.Next(32, 127), random.Next(1, 100));
                TcpFlags flags = random.Next(3) == 0 ? (TcpFlags)random.Next(512) : random.Next(10) == 0 ? TcpFlags.Syn : TcpFlags.Ack;
                byte[] options = new byte[4 * random.Next(0, 5)];
                random.NextBytes(options);
                if (random.Next(2) == 0)
                {
                    rig.Client(offset, data, flags, random.Next(-5, 300), options, (ushort)random.Next(0, 200));
                }
                else
                {
                    rig.Server(offset, data, flags, random.Next(-5, 300), options, (ushort)random.Next(0, 200));
                }

                if (random.Next(500) == 0)
                {
                    rig.Wait(random.Next(100));
                }

                Assert.InRange(rig.Assembler.QueuedBytes, 0, 50_000);
                Assert.InRange(rig.Assembler.StreamCount, 0, 20);
            }

            rig.Assembler.Finish();
            Assert.Equal(0, rig.Assembler.QueuedBytes);
            Assert.Equal(0, rig.Assembler.StreamCount);
        }
    }

    [Fact]
    public void Damaged_frames_of_any_kind_neither_throw_nor_stay()
    {
        Random random = new(7);
        TcpStreamAssembler assembler = new(new StreamRig(), new TcpStreamSettings { Midstream = true, Checksums = [ChecksumRule.Parse("0.0.0.0/0", false), ChecksumRule.Parse("::/0", false)] });
        for (int i = 0; i < 200_000; i++)
        {
            byte[] frame = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 1, 2, TcpFlags.Ack, (uint)i, 5, [1, 2, 3]);
            for (int n = random.Next(1, 6); n > 0; n--)
            {
                frame[random.Next(frame.Length)] = (byte)random.Next(256);
            }

            int length = random.Next(0, frame.Length + 1);
            assembler.Receive(frame.AsSpan(0, length), (PacketStart)random.Next(2), Instant.FromSeconds(i / 1000.0), random.Next(0, 100));
        }

        assembler.Finish();
        Assert.Equal(0, assembler.QueuedBytes);
    }

    [Fact]
    public void The_eleventh_destination_within_three_seconds_is_a_scan()
    {
        StreamRig rig = new();
        for (int port = 1; port <= 10; port++)
        {
            Probe(rig, port);
            Probe(rig, port);
        }

        Assert.Empty(rig.Anomalies);
        Probe(rig, 11);
        StreamAnomaly scan = Assert.Single(rig.Anomalies);
        Assert.Equal(StreamAnomalyKind.Scan, scan.Kind);
        Assert.Equal(s_scanner, scan.Source.Address);
        Assert.Equal(Enumerable.Range(1, 11).Select(p => new StreamEndpoint(StreamRig.ServerAddress, (ushort)p)), scan.Targets);
    }

    [Fact]
    public void A_slow_scan_expires_and_answers_do_not_count()
    {
        StreamRig rig = new();
        for (int port = 1; port <= 100; port++)
        {
            Probe(rig, port);
            rig.Time += TimeSpan.FromMilliseconds(310);
        }

        Assert.Empty(rig.Anomalies);
        rig.Wait(4);
        for (int port = 1; port <= 50; port++)
        {
            Probe(rig, port, TcpFlags.Ack);
            Probe(rig, port, TcpFlags.Rst);
            Probe(rig, port, TcpFlags.Syn | TcpFlags.Ack);
        }

        Assert.Empty(rig.Anomalies);
    }

    [Theory]
    [InlineData(TcpFlags.None)]
    [InlineData(TcpFlags.Fin)]
    [InlineData(TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Urg)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack)]
    [InlineData(TcpFlags.Syn | TcpFlags.Rst)]
    public void Flags_that_nobody_combines_are_told_and_left_out(TcpFlags flags)
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc", flags);
        rig.Client(0, "abc");
        Assert.Equal([StreamAnomalyKind.BadFlags], rig.Kinds);
        Assert.Equal(["open", "!BadFlags", ">abc"], rig.Log);
    }

    private static void Probe(StreamRig rig, int port, TcpFlags flags = TcpFlags.Syn) =>
        rig.Feed(StreamRig.Packet(s_scanner, StreamRig.ServerAddress, 5555, (ushort)port, flags, 1, 0, []));

    private static int Reverse(int count, out bool overrun)
    {
        StreamRig rig = new StreamRig(TcpStreamSettings.Libnids).Open();
        for (int at = count - 1; at >= 0; at--)
        {
            rig.Client(at, "x");
        }

        overrun = rig.Kinds.Contains(StreamAnomalyKind.QueueOverrun);
        return rig.ClientText.Length;
    }
}
