using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using TcpTools.Buffers;
using TcpTools.Links;
using Xunit;

namespace TcpTools.Tests.Links;

public sealed class ImpairmentLinkTests : IDisposable
{
    private readonly PacketBufferPool _pool = new();
    private readonly PacketWire _wire = new(new PacketWireOptions { QueueLimit = 100_000 });
    private ImpairmentLink? _link;

    public void Dispose()
    {
        if (_link is not null)
        {
            AssertConserved(_link.OutgoingCounters);
            AssertConserved(_link.IncomingCounters);
            _link.Dispose();
        }

        _wire.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Without_impairments_every_frame_passes_at_once_in_order_both_ways()
    {
        ImpairmentLink link = Make(Impairment.None);
        Send(link, 0, 100, Instant.Zero);
        Assert.Equal(Enumerable.Range(0, 100), Numbers(_wire.B, Instant.Zero));
        Send(_wire.B, 100, 100, Instant.Zero);
        Assert.Equal(Enumerable.Range(100, 100), Numbers(link, Instant.Zero));
        Assert.True(link.NextDeadline.IsNever);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.2)]
    [InlineData(0.9)]
    public void Loss_takes_the_share_asked_for_and_keeps_the_order_of_the_rest(double loss)
    {
        const int Count = 20_000;
        ImpairmentLink link = Make(new Impairment { Loss = loss });
        Send(link, 0, Count, Instant.Zero);
        List<int> arrived = Numbers(_wire.B, Instant.Zero);
        AssertNear(Count * (1 - loss), arrived.Count, Count);
        Assert.Equal(arrived.Order(), arrived);
        Assert.Equal(Count - arrived.Count, link.OutgoingCounters.Lost);
        Assert.Equal(Count - arrived.Count, link.Counters.SendDrops);
    }

    [Fact]
    public void The_same_seed_repeats_a_run_exactly_and_another_does_not()
    {
        List<int> Run(ulong seed)
        {
            using PacketWire wire = new();
            using ImpairmentLink link = new(
                wire.A, new Impairment { Loss = 0.1, Reorder = 0.1, Duplicate = 0.1, Jitter = TimeSpan.FromMilliseconds(3) },
                Impairment.None, RandomSource.FromSeed(seed), _pool);
            Send(link, 0, 500, Instant.Zero);
            return RunUntilQuiet(link, wire.B);
        }

        Assert.Equal(Run(1), Run(1));
        Assert.NotEqual(Run(1), Run(2));
    }

    [Fact]
    public void What_passes_one_way_does_not_change_what_happens_the_other_way()
    {
        List<int> Run(bool traffic)
        {
            using PacketWire wire = new();
            using ImpairmentLink link = new(
                wire.A, new Impairment { Loss = 0.5 }, new Impairment { Loss = 0.5 }, RandomSource.FromSeed(9), _pool);
            for (int i = 0; i < 200; i++)
            {
                Send(link, i, 1, Instant.Zero);
                if (traffic)
                {
                    Send(wire.B, i, 1, Instant.Zero);
                    Numbers(link, Instant.Zero);
                }
            }

            return Numbers(wire.B, Instant.Zero);
        }

        Assert.Equal(Run(false), Run(true));
    }

    [Fact]
    public void A_delayed_frame_arrives_at_its_deadline_and_not_before()
    {
        ImpairmentLink link = Make(new Impairment { Delay = TimeSpan.FromMilliseconds(40) });
        Instant sent = Instant.FromSeconds(3);
        Instant due = sent + TimeSpan.FromMilliseconds(40);
        Send(link, 1, 1, sent);
        Assert.Equal(due, link.NextDeadline);
        Assert.Empty(Numbers(_wire.B, due));
        link.Receive(new PacketBuffer[1], new Instant(due.Ticks - 1));
        Assert.Empty(Numbers(_wire.B, due));
        link.Receive(new PacketBuffer[1], due);
        Assert.Equal([1], Numbers(_wire.B, due));

        Send(_wire.B, 2, 1, sent);
        Assert.Empty(Numbers(link, sent));
        Assert.Equal(due, link.NextDeadline);
        Assert.Equal([2], Numbers(link, due));
        Assert.True(link.NextDeadline.IsNever);
    }

    [Fact]
    public void Jitter_spreads_arrivals_over_its_range_and_never_reorders()
    {
        TimeSpan delay = TimeSpan.FromMilliseconds(20);
        TimeSpan jitter = TimeSpan.FromMilliseconds(10);
        ImpairmentLink link = Make(new Impairment { Delay = delay, Jitter = jitter });
        List<TimeSpan> times = [];
        Instant now = Instant.Zero;
        for (int i = 0; i < 500; i++)
        {
            Send(link, i, 1, now);
            Instant due = link.NextDeadline;
            times.Add(due - now);
            Assert.Empty(Numbers(link, due));
            Assert.Equal([i], Numbers(_wire.B, due));
            now += TimeSpan.FromSeconds(1);
        }

        Assert.All(times, time => Assert.InRange(time, delay, delay + jitter));
        Assert.True(times.Max() - times.Min() > jitter * 0.9);
        Send(link, 0, 2000, now);
        List<int> arrived = RunUntilQuiet(link, _wire.B);
        Assert.Equal(Enumerable.Range(0, 2000), arrived);
    }

    [Fact]
    public void A_frame_held_back_is_overtaken_by_later_ones_and_still_arrives()
    {
        ImpairmentLink link = Make(new Impairment
        {
            Delay = TimeSpan.FromMilliseconds(1),
            Reorder = 0.1,
            ReorderDelay = TimeSpan.FromMilliseconds(4),
        });
        Instant now = Instant.Zero;
        List<int> arrived = [];
        for (int i = 0; i < 5000; i++, now += TimeSpan.FromMilliseconds(1))
        {
            Send(link, i, 1, now);
            arrived.AddRange(Numbers(_wire.B, now));
        }

        arrived.AddRange(RunUntilQuiet(link, _wire.B));
        Assert.Equal(Enumerable.Range(0, 5000), arrived.Order());
        int late = arrived.Where((number, i) => i > 0 && number < arrived[i - 1]).Count();
        Assert.InRange(late, 1, link.OutgoingCounters.Reordered);
        AssertNear(500, link.OutgoingCounters.Reordered, 5000);
        // Held for 4 ms at a frame a millisecond: overtaken by 4 at most.
        Assert.All(arrived.Select((number, i) => i - number), shift => Assert.InRange(shift, -4, 4));
    }

    [Fact]
    public void A_duplicated_frame_arrives_twice_with_the_same_bytes()
    {
        ImpairmentLink link = Make(new Impairment { Duplicate = 0.25 });
        Send(link, 0, 4000, Instant.Zero);
        List<int> arrived = Numbers(_wire.B, Instant.Zero);
        AssertNear(5000, arrived.Count, 4000);
        Assert.Equal(Enumerable.Range(0, 4000), arrived.Distinct());
        Assert.Equal(arrived.Order(), arrived);
    }

    [Fact]
    public void Corruption_flips_a_bit_after_the_checksum_was_completed_so_that_the_receiver_can_tell()
    {
        ImpairmentLink link = Make(new Impairment { Corrupt = 1 });
        byte[] original = Frames.Tcp(false, 9, 500, 16);
        for (int i = 0; i < 300; i++)
        {
            link.Send([Frames.Offloaded(_pool, false, 9, 500, 16, 0)], Instant.Zero);
            PacketBuffer frame = ReceiveOne(_wire.B);
            int bits = frame.Span.ToArray().Zip(original, (a, b) => BitOperations.PopCount((uint)(a ^ b))).Sum();
            Assert.Equal(1, bits);
            Assert.False(frame.Offload.NeedsChecksum);
            Assert.False(frame.Offload.ChecksumVerified);
            Assert.True(frame.Span[0] != 0x45 || frame.Span[9] != 6 || !Frames.HasGoodChecksums(frame.Span));
            frame.Release();
        }
    }

    [Fact]
    public void A_limited_rate_spaces_frames_by_their_length_and_loses_what_its_queue_cannot_hold()
    {
        ImpairmentLink link = Make(new Impairment { Rate = 8_000_000, RateQueueBytes = 10_000 });
        Send(link, 0, 50, Instant.Zero, 1000);
        // 1000 bytes at 1 MB/s take a millisecond each; ten find room.
        for (int i = 0; i < 10; i++)
        {
            Instant due = Instant.Zero + TimeSpan.FromMilliseconds(i + 1);
            Assert.Equal(due, link.NextDeadline);
            Assert.Empty(Numbers(link, due));
            Assert.Equal([i], Numbers(_wire.B, due));
        }

        Assert.Equal(40, link.OutgoingCounters.Overflowed);
        Assert.True(link.NextDeadline.IsNever);
    }

    [Fact]
    public void A_lower_mtu_swallows_long_packets_silently_and_is_not_announced()
    {
        ImpairmentLink link = Make(new Impairment { Mtu = 1000 });
        Send(link, 1, 1, Instant.Zero, 1000);
        Send(link, 2, 1, Instant.Zero, 1001);
        Assert.Equal([1], Numbers(_wire.B, Instant.Zero));
        Assert.Equal(1, link.OutgoingCounters.TooLong);
        Assert.Equal(1500, link.Capabilities.Mtu);
    }

    [Fact]
    public void Single_frames_can_be_chosen_by_number_or_by_content()
    {
        ImpairmentLink link = Make(new Impairment { Rule = Impairment.DropNumbers(2, 5) });
        Send(link, 1, 6, Instant.Zero);
        Assert.Equal([1, 3, 4, 6], Numbers(_wire.B, Instant.Zero));
        link.Outgoing = new Impairment
        {
            Loss = 1,
            ReorderDelay = TimeSpan.FromMilliseconds(1),
            Rule = (_, frame) => frame[3] switch
            {
                7 => FrameFate.Pass,
                8 => FrameFate.Duplicate,
                9 => FrameFate.HoldBack,
                10 => FrameFate.Corrupt,
                11 => FrameFate.Drop,
                _ => FrameFate.ByChance,
            },
        };
        Send(link, 7, 6, Instant.Zero);
        Assert.Equal(1, link.OutgoingCounters.Corrupted);
        List<int> arrived = RunUntilQuiet(link, _wire.B);
        Assert.Equal([7, 8, 8], arrived[..3]);
        Assert.Equal(9, arrived[^1]);
        Assert.Equal(5, arrived.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unsplit_segments_are_split_first_so_that_each_packet_has_a_fate_of_its_own(bool incoming)
    {
        ImpairmentLink link = Make(new Impairment { Rule = Impairment.DropNumbers(2) });
        Assert.Equal(0, link.Capabilities.MaximumSegmentationLength);
        Assert.True(link.Capabilities.CompletesChecksums);
        (ILink from, ILink to) = incoming ? (_wire.B, (ILink)link) : (link, _wire.B);
        from.Send([Frames.Offloaded(_pool, false, 0, 5000, 16, 1400)], Instant.Zero);
        PacketBuffer[] received = new PacketBuffer[8];
        Assert.Equal(3, to.Receive(received, Instant.Zero));
        Assert.Equal(Frames.Tcp(false, 0, 1400, 16, 0x1234), received[0].Span.ToArray());
        Assert.Equal(Frames.Tcp(false, 2800, 1400, 16, 0x1236), received[1].Span.ToArray());
        Assert.Equal(Frames.Tcp(false, 4200, 800, 16, 0x1237), received[2].Span.ToArray());
        received.Take(3).ToList().ForEach(frame => frame.Release());
    }

    [Fact]
    public void A_frame_whose_offload_facts_make_no_sense_is_dropped_and_counted()
    {
        ImpairmentLink link = Make(Impairment.None);
        PacketBuffer frame = Frames.Numbered(_pool, 1);
        frame.Offload = new OffloadInfo { NeedsChecksum = true, ChecksumStart = 99, ChecksumOffset = 16 };
        PacketBuffer other = Frames.Numbered(_pool, 1);
        other.Offload = new OffloadInfo { Segmentation = SegmentationKind.TcpIPv6, SegmentSize = 1000 };
        Assert.Equal(2, link.Send([frame, other], Instant.Zero));
        Assert.Equal(2, link.OutgoingCounters.Refused);
        Assert.Empty(Numbers(_wire.B, Instant.Zero));
    }

    [Fact]
    public void No_more_frames_are_held_than_the_limit_says()
    {
        ImpairmentLink link = Make(new Impairment { Delay = TimeSpan.FromSeconds(1), HoldLimit = 50 });
        Send(link, 0, 80, Instant.Zero);
        Assert.Equal(50, link.OutgoingCounters.Held);
        Assert.Equal(30, link.OutgoingCounters.Overflowed);
        Assert.Equal(50, _pool.Outstanding);
    }

    [Fact]
    public void A_receiver_is_not_kept_for_ever_by_frames_that_are_all_lost()
    {
        ImpairmentLink link = Make(new Impairment { Loss = 1 });
        link.Outgoing = Impairment.None;
        Send(_wire.B, 0, 10_000, Instant.Zero);
        Instant now = Instant.FromSeconds(2);
        Assert.Equal(0, link.Receive(new PacketBuffer[4], now));
        Assert.InRange(link.IncomingCounters.Lost, 1, 9_999);
        Assert.Equal(now, link.NextDeadline);
        while (!link.NextDeadline.IsNever)
        {
            Assert.Equal(0, link.Receive(new PacketBuffer[4], now));
        }

        Assert.Equal(10_000, link.IncomingCounters.Lost);
    }

    [Fact]
    public void Settings_that_mean_nothing_are_refused()
    {
        ImpairmentLink link = Make(Impairment.None);
        foreach (Impairment settings in new Impairment[]
        {
            new() { Loss = 1.1 }, new() { Loss = double.NaN }, new() { Reorder = -0.1 }, new() { Corrupt = 2 },
            new() { Delay = TimeSpan.FromTicks(-1) }, new() { Rate = -1 }, new() { HoldLimit = 0 },
        })
        {
            StackException error = Assert.Throws<StackException>(() => link.Outgoing = settings);
            Assert.Equal(StackError.InvalidArgument, error.Error);
        }
    }

    [Fact]
    public void Passing_frames_allocates_nothing()
    {
        ImpairmentLink link = Make(new Impairment
        {
            Loss = 0.1, Duplicate = 0.1, Corrupt = 0.1, Reorder = 0.1, Rate = 1_000_000_000,
            Delay = TimeSpan.FromMilliseconds(1), Jitter = TimeSpan.FromMilliseconds(1),
        });
        PacketBuffer[] frames = new PacketBuffer[64];
        Instant now = Instant.Zero;
        void Pass()
        {
            for (int i = 0; i < 8; i++)
            {
                frames[i] = Frames.Numbered(_pool, i);
            }

            link.Send(frames.AsSpan(0, 8), now);
            now += TimeSpan.FromMilliseconds(1);
            int count = _wire.B.Receive(frames, now);
            _wire.B.Send(frames.AsSpan(0, count), now);
            count = link.Receive(frames, now);
            for (int i = 0; i < count; i++)
            {
                frames[i].Release();
            }
        }

        // A random process reaches new heights now and then: fill the pool and the queues beyond them first.
        Send(link, 0, 2000, now);
        _wire.B.Send([.. Enumerable.Range(0, 2000).Select(i => Frames.Numbered(_pool, i))], now);
        for (int i = 0; i < 3000; i++)
        {
            Pass();
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Pass();
            }
        }));
    }

    private static void AssertConserved(ImpairmentCounters counters) => Assert.Equal(
        counters.Arrived + counters.Duplicated, counters.Delivered + counters.Dropped + counters.Held);

    /// <summary>Within five standard deviations of a fair coin's count: once in millions of seeds is it not.</summary>
    private static void AssertNear(double expected, double actual, int trials) =>
        Assert.InRange(actual, expected - (2.5 * Math.Sqrt(trials)), expected + (2.5 * Math.Sqrt(trials)));

    private ImpairmentLink Make(Impairment settings) =>
        _link = new ImpairmentLink(_wire.A, settings, settings, RandomSource.FromSeed(77), _pool);

    private void Send(ILink link, int first, int count, Instant now, int length = 100)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(1, link.Send([Frames.Numbered(_pool, first + i, length)], now));
        }
    }

    private static PacketBuffer ReceiveOne(ILink link)
    {
        PacketBuffer[] frames = new PacketBuffer[1];
        Assert.Equal(1, link.Receive(frames, Instant.Zero));
        return frames[0];
    }

    private static List<int> Numbers(ILink link, Instant now)
    {
        List<int> numbers = [];
        PacketBuffer[] frames = new PacketBuffer[16];
        int count;
        while ((count = link.Receive(frames, now)) > 0)
        {
            for (int i = 0; i < count; i++)
            {
                numbers.Add(Frames.NumberOf(frames[i]));
                frames[i].Release();
            }
        }

        return numbers;
    }

    private static List<int> RunUntilQuiet(ImpairmentLink link, ILink other)
    {
        List<int> numbers = [];
        for (Instant now = link.NextDeadline; !now.IsNever; now = link.NextDeadline)
        {
            Assert.Empty(Numbers(link, now));
            numbers.AddRange(Numbers(other, now));
        }

        numbers.AddRange(Numbers(other, Instant.Zero));
        return numbers;
    }
}
