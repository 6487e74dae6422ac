using System;
using System.Diagnostics;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Stories about what is outstanding: losses, reports about them, and what a hostile peer may claim.</summary>
public class RetransmissionQueueTests
{
    private const int Mss = 1000;
    private static readonly Instant Start = Instant.FromSeconds(10);

    [Fact]
    public void Three_segments_worth_of_sacked_data_above_a_hole_means_loss_of_the_hole_alone()
    {
        RetransmissionQueue queue = Sent(10);
        Sack(queue, (1, 3));
        Assert.False(queue.MarkLost(Mss, 3));
        Sack(queue, (1, 4));
        Assert.True(queue.MarkLost(Mss, 3));
        Assert.Equal((1000, 3000, 6000), (queue.LostBytes, queue.SackedBytes, queue.Pipe));
        Assert.True(queue.TryGetRetransmission(Mss, out SequenceNumber start, out int length));
        Assert.Equal((Number(0), Mss), (start, length));
        queue.OnRetransmitted(start, length, Start);
        Assert.Equal(7000, queue.Pipe);
        Assert.False(queue.TryGetRetransmission(Mss, out _, out _));
    }

    [Fact]
    public void Three_sacked_pieces_above_a_hole_mean_loss_however_small_they_are()
    {
        RetransmissionQueue queue = Sent(10);
        queue.ApplySack([Bytes(2000, 2010)], Number(0), Number(10), Start);
        queue.ApplySack([Bytes(4000, 4010)], Number(0), Number(10), Start);
        Assert.False(queue.MarkLost(Mss, 3));
        queue.ApplySack([Bytes(6000, 6010)], Number(0), Number(10), Start);
        Assert.True(queue.MarkLost(Mss, 3));
        Assert.Equal(2000, queue.LostBytes);
    }

    [Fact]
    public void No_round_trip_is_measured_when_a_retransmission_is_among_what_is_acknowledged()
    {
        RetransmissionQueue queue = Sent(3);
        queue.OnRetransmitted(Number(0), Mss, Start + TimeSpan.FromSeconds(1));
        AckResult result = queue.Acknowledge(Number(3), Start + TimeSpan.FromSeconds(2));
        Assert.True(result.RetransmittedAcked);
        Assert.False(result.HasRttSample);
    }

    [Fact]
    public void A_round_trip_is_measured_by_what_waited_longest_and_by_what_waited_least()
    {
        RetransmissionQueue queue = new();
        queue.Append(Number(0), Number(1), Start, TcpFlags.Ack);
        queue.Append(Number(1), Number(2), Start + TimeSpan.FromMilliseconds(30), TcpFlags.Ack);
        AckResult result = queue.Acknowledge(Number(2), Start + TimeSpan.FromMilliseconds(100));
        Assert.Equal((100.0, 70.0), (result.Rtt.TotalMilliseconds, result.LatestRtt.TotalMilliseconds));
    }

    [Fact]
    public void After_the_timer_everything_but_what_the_peer_holds_is_sent_again_in_order()
    {
        RetransmissionQueue queue = Sent(6);
        Sack(queue, (2, 4));
        queue.MarkAllLost();
        Assert.Equal((4000, 0), (queue.LostBytes, queue.Pipe));
        Assert.Equal([0, 1000, 4000, 5000], SendAllAgain(queue));
    }

    [Fact]
    public void A_peer_that_drops_what_it_reported_gets_it_again()
    {
        RetransmissionQueue queue = Sent(4);
        Sack(queue, (1, 3));
        queue.Acknowledge(Number(1), Start);
        Assert.True(queue.IsReneged);
        queue.MarkAllLost();
        Assert.Equal((0, 3000), (queue.SackedBytes, queue.LostBytes));
        Assert.Equal([1000, 2000, 3000], SendAllAgain(queue));

        // What it reports anew counts anew.
        Sack(queue, (1, 3));
        Assert.Equal(2000, queue.SackedBytes);
    }

    [Fact]
    public void What_was_lost_and_then_reported_is_sent_again_when_the_peer_drops_it()
    {
        RetransmissionQueue queue = Sent(6);
        Sack(queue, (3, 6));
        queue.MarkLost(Mss, 3);
        Assert.Equal([0, 1000, 2000], SendAllAgain(queue));
        Sack(queue, (1, 6));
        queue.Acknowledge(Number(1), Start);
        queue.MarkAllLost();
        Assert.Equal([1000, 2000, 3000, 4000, 5000], SendAllAgain(queue));
    }

    [Theory]
    [InlineData(5, 10, false)] // sent 5 ms later and arrived: it may have overtaken
    [InlineData(20, 10, true)]
    public void A_retransmission_is_lost_when_what_was_sent_well_after_it_has_arrived(int later, int reordering, bool isLost)
    {
        RetransmissionQueue queue = Sent(4);
        Sack(queue, (1, 4));
        queue.MarkLost(Mss, 3);
        Instant again = Start + TimeSpan.FromMilliseconds(50);
        queue.OnRetransmitted(Number(0), Mss, again);
        queue.Append(Number(4), Number(5), again + TimeSpan.FromMilliseconds(later), TcpFlags.Ack);
        Assert.False(queue.MarkLostRetransmissions(TimeSpan.FromMilliseconds(reordering)));
        queue.ApplySack([new(Number(1), Number(5))], Number(0), Number(5), again + TimeSpan.FromMilliseconds(100));
        Assert.Equal(isLost, queue.MarkLostRetransmissions(TimeSpan.FromMilliseconds(reordering)));
        Assert.Equal(isLost, queue.TryGetRetransmission(Mss, out _, out _));
    }

    [Fact]
    public void Asking_without_room_to_send_changes_nothing()
    {
        RetransmissionQueue queue = Sent(2);
        queue.MarkAllLost();
        Assert.False(queue.TryGetRetransmission(0, out _, out _));
        Assert.False(queue.TryGetRetransmission(-1, out _, out _));
        Assert.Equal([0, 1000], SendAllAgain(queue));
    }

    [Fact]
    public void Syn_and_fin_stay_with_the_ends_of_what_is_split()
    {
        RetransmissionQueue queue = new();
        queue.Append(Number(0), Number(2), Start, TcpFlags.Syn | TcpFlags.Fin);
        Sack(queue, (1, 2));
        Assert.Equal((true, false), (queue[0].IsSyn, queue[0].IsFin));
        Assert.Equal((false, true), (queue[1].IsSyn, queue[1].IsFin));
    }

    [Theory]
    [InlineData(-2, -1, true)] // acknowledged long ago
    [InlineData(1, 2, true)] // within the second block
    [InlineData(1, 5, false)] // more than the second block
    [InlineData(4, 5, false)] // apart from it
    public void A_duplicate_is_told_from_news(int left, int right, bool isDuplicate)
    {
        RetransmissionQueue queue = Sent(8);
        SackResult result = queue.ApplySack(
            [new(Number(left), Number(right)), new(Number(1), Number(3))], Number(0), Number(8), Start);
        Assert.Equal(isDuplicate, result.HasDuplicate);
        Assert.Equal(isDuplicate ? 2000 : right == 2 ? 2000 : right == 5 && left == 1 ? 4000 : 3000, result.SackedBytes);
    }

    [Theory]
    [InlineData(2, 2)] // empty
    [InlineData(3, 1)] // turned around
    [InlineData(-1, 2)] // begins below SND.UNA
    [InlineData(3, 9)] // reaches beyond SND.NXT
    [InlineData(100, 101)] // never sent
    public void A_block_that_cannot_be_true_is_ignored(int left, int right)
    {
        RetransmissionQueue queue = Sent(4);
        SackResult result = queue.ApplySack([new(Number(left), Number(right))], Number(0), Number(4), Start);
        Assert.Equal((0, 1, false), (result.SackedBytes, result.InvalidBlocks, result.HasDuplicate));
        Assert.Equal(4000, queue.Pipe);
    }

    [Fact]
    public void A_peer_that_reports_single_bytes_costs_bounded_memory_and_time()
    {
        RetransmissionQueue queue = new();
        SequenceNumber end = Number(0) + 4_000_000;
        queue.Append(Number(0), end, Start, TcpFlags.Ack);
        Stopwatch watch = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 100_000; i += 4)
        {
            SackBlock[] blocks = [.. Enumerable.Range(i, 4).Select(k => Bytes(k * 20, (k * 20) + 1))];
            queue.ApplySack(blocks, Number(0), end, Start);
            queue.MarkLost(Mss, 3);
        }

        Assert.InRange(queue.Count, 1, 10_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void A_flow_with_losses_allocates_nothing()
    {
        RetransmissionQueue queue = new();
        SackBlock[] blocks = new SackBlock[3];
        Assert.Equal(0, Allocation.Least(() =>
        {
            SequenceNumber una = new(uint.MaxValue - 100_000);
            for (int round = 0; round < 100; round++)
            {
                for (int i = 0; i < 40; i++)
                {
                    queue.Append(una + (i * Mss), una + ((i + 1) * Mss), Start, TcpFlags.Ack);
                }

                blocks[0] = new SackBlock(una + (20 * Mss), una + (30 * Mss));
                blocks[1] = new SackBlock(una + (10 * Mss), una + (15 * Mss));
                blocks[2] = new SackBlock(una + (5 * Mss) + 1, una + (6 * Mss) - 1);
                queue.ApplySack(blocks, una, una + (40 * Mss), Start);
                queue.MarkLost(Mss, 3);
                while (queue.TryGetRetransmission(Mss, out SequenceNumber start, out int length))
                {
                    queue.OnRetransmitted(start, length, Start);
                }

                queue.Acknowledge(una + (17 * Mss) + 5, Start);
                una += 40 * Mss;
                queue.Acknowledge(una, Start);
            }
        }));
    }

    private static int[] SendAllAgain(RetransmissionQueue queue)
    {
        System.Collections.Generic.List<int> sent = [];
        while (queue.TryGetRetransmission(Mss, out SequenceNumber start, out int length))
        {
            sent.Add(start - Number(0));
            queue.OnRetransmitted(start, length, Start);
        }

        return [.. sent];
    }

    private static RetransmissionQueue Sent(int segments)
    {
        RetransmissionQueue queue = new();
        for (int i = 0; i < segments; i++)
        {
            queue.Append(Number(i), Number(i + 1), Start, TcpFlags.Ack);
        }

        return queue;
    }

    private static void Sack(RetransmissionQueue queue, (int Left, int Right) segments) => queue.ApplySack(
        [new(Number(segments.Left), Number(segments.Right))], queue[0].Start, Number(10), Start);

    /// <summary>The start of a segment; the third one lies across the wrap.</summary>
    private static SequenceNumber Number(int segment) => new SequenceNumber(uint.MaxValue - 2500) + (segment * Mss);

    private static SackBlock Bytes(int left, int right) => new(Number(0) + left, Number(0) + right);
}
