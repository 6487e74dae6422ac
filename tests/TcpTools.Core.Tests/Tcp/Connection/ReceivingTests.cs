using System;
using System.Linq;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Data that comes in: order, overlaps, window edges, and how it is reported (RFC 9293, 3.10.7.4; RFC 2018; RFC 2883).</summary>
public class ReceivingTests
{
    [Fact]
    public void Any_order_of_segments_with_repetitions_gives_the_same_stream()
    {
        string[] pieces = ["1:101", "101:201", "201:301", "301:401", "401:501"];
        int[][] orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [1, 2, 1, 0, 2, 4, 3], [4, 0, 2, 1, 3, 3, 0], [2, 4, 0, 0, 1, 3]];
        foreach (uint irs in new uint[] { 5, uint.MaxValue - 250 })
        {
            foreach (int[] order in orders)
            {
                TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack, irs: irs);
                int read = 0;
                foreach (int index in order)
                {
                    harness.In($"P. {pieces[index]} ack 1");
                    read += harness.Read();
                }

                Assert.Equal(500, read);
                Assert.Equal(501, harness.ReceiveNext);
                Assert.Equal(0, harness.Slabs.Outstanding);
            }
        }
    }

    [Fact]
    public void Of_a_byte_that_comes_twice_with_different_values_the_first_counts()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 3:6 ack 1 fill a");
        harness.In("P. 5:9 ack 1 fill b");
        harness.In("P. 1:7 ack 1 fill c");
        harness.In("P. 1:9 ack 1 fill d");
        Assert.Equal("ccaaabbb", harness.ReadText());
    }

    [Fact]
    public void Every_pair_of_overlapping_segments_keeps_the_first_copy()
    {
        for (int start = 1; start <= 9; start++)
        {
            for (int end = start + 1; end <= 10; end++)
            {
                TcpHarness harness = TcpHarness.In(TcpState.Established);
                harness.In("P. 4:7 ack 1 fill a");
                harness.In($"P. {start}:{end} ack 1 fill b");
                harness.In("P. 1:10 ack 1 fill c");
                string expected = new([.. Enumerable.Range(1, 9).Select(i => i is >= 4 and < 7 ? 'a' : i >= start && i < end ? 'b' : 'c')]);
                Assert.Equal(expected, harness.ReadText());
            }
        }
    }

    [Fact]
    public void What_lies_outside_the_window_is_cut_off()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { ReceiveBufferSize = 100 });
        harness.In("P. 51:151 ack 1");
        harness.In("P. 1:61 ack 1");
        Assert.Equal(101, harness.ReceiveNext);
        Assert.Equal(0, harness.Take()[^1].Window);
        Assert.Equal(100, harness.Read());
    }

    [Fact]
    public void A_closed_window_takes_no_data_but_answers_each_probe_and_still_hears_ACK_and_RST()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { ReceiveBufferSize = 100 });
        harness.In("P. 1:101 ack 1");
        harness.Advance(0.3);
        harness.Expect(". 1:1 ack 101 win 0");
        for (int i = 0; i < 3; i++)
        {
            harness.In("P. 101:102 ack 1");
            harness.Expect(". 1:1 ack 101 win 0");
        }

        harness.Write(10);
        harness.Take();
        harness.In(". 101:101 ack 11");
        Assert.Equal(11, harness.SendUnacknowledged);
        harness.In("R 101:101");
        Assert.Equal(TcpState.Closed, harness.State);
    }

    [Fact]
    public void A_window_that_opens_by_little_is_not_announced()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { ReceiveBufferSize = 10_000 });
        for (int i = 0; i < 10; i++)
        {
            harness.In($"P. {1 + (i * 1000)}:{1001 + (i * 1000)} ack 1");
        }

        harness.Advance(1);
        Assert.Equal(0, harness.Take()[^1].Window);
        harness.Read(1000);
        harness.ExpectNone();
        harness.In("P. 10001:10002 ack 1");
        harness.Expect(". 1:1 ack 10001 win 0");
        harness.Read(460);
        harness.Expect(". 1:1 ack 10001 win 1460");
    }

    [Fact]
    public void The_right_edge_never_moves_back_while_nobody_reads()
    {
        foreach (int scale in new[] { 0, 3, 7 })
        {
            TcpHarness harness = TcpHarness.Established(
                TcpHarness.Plain with { WindowScaling = true, WindowScale = scale, ReceiveBufferSize = 50_000, DelayedAck = false });
            int unit = 1 << scale;
            int edge = 0;
            int next = 1;
            RandomSource random = RandomSource.FromSeed(5);
            for (int i = 0; i < 2000 && next < 50_000; i++)
            {
                int size = 1 + random.Next(60);
                harness.In($"P. {next}:{next + size} ack 1");
                foreach (SentRecord sent in harness.Take())
                {
                    int now = sent.Acknowledgment + (sent.Window * unit);
                    Assert.True(now - edge > -unit, $"{edge} -> {now}");
                    Assert.True(now <= 50_001 + unit, $"{now} is more than the buffer holds");
                    edge = Math.Max(edge, now);
                    next = sent.Acknowledgment;
                }
            }

            Assert.True(harness.Connection.ReadableBytes >= 50_000 - unit);
        }
    }

    [Fact]
    public void Blocks_of_SACK_come_newest_first_and_merge()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.In("P. 11:21 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 11:21>");
        harness.In("P. 31:41 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 31:41 11:21>");
        harness.In("P. 51:61 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 51:61 31:41 11:21>");
        harness.In("P. 71:81 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 71:81 51:61 31:41 11:21>");
        harness.In("P. 91:101 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 91:101 71:81 51:61 31:41>");
        harness.In("P. 21:31 ack 1");
        harness.Expect(". 1:1 ack 1 <nop,nop,sack 11:41 91:101 71:81 51:61>");
        harness.In("P. 1:11 ack 1");
        harness.Expect(". 1:1 ack 41 <nop,nop,sack 91:101 71:81 51:61>");
        harness.In("P. 41:91 ack 1");
        // What had arrived of it before is a duplicate (RFC 2883, 4).
        harness.Expect(". 1:1 ack 101 <nop,nop,sack 51:61>");
        Assert.Equal(100, harness.Read());
    }

    [Fact]
    public void Beside_timestamps_three_blocks_fit()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack with { Timestamps = true });
        for (int i = 1; i <= 5; i++)
        {
            harness.In($"P. {i * 20}:{(i * 20) + 10} ack 1 <nop,nop,TS 101 0>");
        }

        Assert.Equal("nop,nop,TS 0 100,nop,nop,sack 100:110 80:90 60:70", harness.Take()[^1].Options);
    }

    [Fact]
    public void Without_agreement_no_block_is_sent()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 11:21 ack 1");
        harness.Expect(". 1:1 ack 1 <>");
    }

    [Fact]
    public void A_duplicate_is_reported_once_as_the_first_block()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.In("P. 1:21 ack 1");
        harness.Take();
        harness.In("P. 1:21 ack 1");
        harness.Expect(". 1:1 ack 21 <nop,nop,sack 1:21>");
        harness.In("P. 31:41 ack 1");
        harness.Expect(". 1:1 ack 21 <nop,nop,sack 31:41>");
        harness.In("P. 31:41 ack 1");
        harness.Expect(". 1:1 ack 21 <nop,nop,sack 31:41 31:41>");
        harness.In("P. 16:26 ack 1");
        harness.Expect(". 1:1 ack 26 <nop,nop,sack 16:21 31:41>");
        harness.In("P. 26:31 ack 1");
        harness.Expect(". 1:1 ack 41 <>");
    }

    [Fact]
    public void Duplicates_are_not_reported_where_that_is_switched_off()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack with { DuplicateSack = false });
        harness.In("P. 1:21 ack 1");
        harness.Take();
        harness.In("P. 1:21 ack 1");
        harness.Expect(". 1:1 ack 21 <>");
    }

    [Fact]
    public void Pieces_behind_gaps_are_limited_in_number_and_the_stream_still_completes()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack with { MaximumOutOfOrderRanges = 3 });
        for (int i = 300; i >= 2; i -= 2)
        {
            harness.In($"P. {i}:{i + 1} ack 1");
        }

        Assert.True(harness.Slabs.Outstanding <= 2);
        harness.In("P. 1:302 ack 1");
        Assert.Equal(301, harness.Read());
    }

    [Fact]
    public void One_byte_segments_in_reverse_order_arrive_whole()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        for (int i = 500; i >= 1; i--)
        {
            harness.In($"P. {i}:{i + 1} ack 1");
        }

        Assert.Equal(500, harness.Read());
    }

    [Fact]
    public void Reading_is_told_of_new_data_and_of_the_end()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:11 ack 1");
        harness.In("P. 21:31 ack 1");
        Assert.Equal(1, harness.ReadableEvents);
        harness.In("P. 11:21 ack 1");
        Assert.Equal(2, harness.ReadableEvents);
        harness.In("F. 31:31 ack 1");
        Assert.Equal(3, harness.ReadableEvents);
    }

    [Fact]
    public void Peeking_takes_nothing()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:11 ack 1");
        byte[] bytes = new byte[20];
        Assert.Equal(7, harness.Connection.Peek(bytes, 3));
        Assert.Equal(SegmentText.PatternBytes(4, 7), bytes[..7]);
        Assert.Equal(10, harness.Read());
    }
}
