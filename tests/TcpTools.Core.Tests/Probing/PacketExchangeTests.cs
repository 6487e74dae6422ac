using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Probing;

/// <summary>When packets are sent, repeated, answered and given up: with a clock that the test moves.</summary>
public sealed class PacketExchangeTests
{
    private static readonly NetworkAddress s_near = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.2");

    [Fact]
    public void An_answer_ends_the_waiting_and_tells_its_time()
    {
        Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1) });
        bench.Exchange.Add(Echo(1));
        bench.Exchange.CompleteAdding();
        Assert.Equal([1], bench.SendDue());
        bench.Now += TimeSpan.FromMilliseconds(12.5);
        Assert.True(bench.Answer(1));
        ExchangeResult result = Assert.Single(bench.Results());
        Assert.True(result.Answered);
        Assert.False(result.IsError);
        Assert.Equal(TimeSpan.FromMilliseconds(12.5), result.RoundTripTime);
        Assert.Equal(1, result.Attempts);
        Assert.Equal(s_far, result.ReceivedFrom);
        Assert.True(bench.Exchange.IsComplete);
        Assert.True(bench.Exchange.NextDeadline.IsNever);
    }

    [Fact]
    public void Unanswered_packets_are_repeated_each_at_its_time()
    {
        Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1), Retry = 2 });
        bench.Exchange.Add(Echo(1));
        bench.SendDue();
        bench.Now += TimeSpan.FromSeconds(0.5);
        bench.Exchange.Add(Echo(2));
        bench.Exchange.CompleteAdding();
        Assert.Equal([2], bench.SendDue());
        Assert.Equal(Instant.FromSeconds(1), bench.Exchange.NextDeadline);
        Assert.Equal([1], bench.SendDue(1.0));
        Assert.Equal([2], bench.SendDue(1.5));
        bench.Answer(2);
        Assert.Equal([1], bench.SendDue(2.0));
        Assert.Equal(Instant.FromSeconds(3), bench.Exchange.NextDeadline);
        Assert.Empty(bench.SendDue(3.0));
        ExchangeResult[] results = bench.Results();
        Assert.Equal([(2L, true, 2), (1L, false, 3)], results.Select(r => (r.Number, r.Answered, r.Attempts)));
        Assert.True(bench.Exchange.IsComplete);
        Assert.Equal(5, bench.Exchange.Counters.Sent);
        Assert.Equal(1, bench.Exchange.Counters.Unanswered);
    }

    [Fact]
    public void Rounds_go_on_while_they_bring_something()
    {
        Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1), Retry = -2 });
        for (ushort i = 1; i <= 3; i++)
        {
            bench.Exchange.Add(Echo(i));
        }

        bench.Exchange.CompleteAdding();
        Assert.Equal([1, 2, 3], bench.SendDue());
        Assert.Equal([1, 2, 3], bench.SendDue(1));
        bench.Answer(2); // this round brought something: two more from here
        Assert.Equal([1, 3], bench.SendDue(2));
        bench.Answer(3);
        Assert.Equal([1], bench.SendDue(3));
        Assert.Equal([1], bench.SendDue(4));
        Assert.Empty(bench.SendDue(5));
        Assert.True(bench.Exchange.IsComplete);
        Assert.Equal([(2L, 2), (3L, 3), (1L, 5)], bench.Results().Select(r => (r.Number, r.Attempts)));
    }

    [Fact]
    public void Several_answers_are_results_only_where_they_are_wanted()
    {
        foreach (bool multi in new[] { false, true })
        {
            Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1), Multi = multi });
            bench.Exchange.Add(Echo(1));
            bench.Exchange.CompleteAdding();
            bench.SendDue();
            bench.Answer(1);
            bench.Answer(1);
            Assert.Equal(multi ? [1, 2] : [1], bench.Results().Select(r => r.ReplyNumber));
            Assert.Equal(!multi, bench.Exchange.IsComplete);
            Assert.Equal(1, bench.Exchange.Counters.Duplicates);
            bench.SendDue(1);
            Assert.True(bench.Exchange.IsComplete);
            Assert.Empty(bench.Results());
        }
    }

    [Fact]
    public void The_first_answer_may_end_it_all()
    {
        Bench bench = new(new ExchangeOptions { First = true });
        bench.Exchange.Add(Echo(1));
        bench.Exchange.Add(Echo(2));
        bench.SendDue();
        bench.Answer(2);
        Assert.True(bench.Exchange.IsComplete);
        Assert.Equal(2, Assert.Single(bench.Results()).Number);
        Assert.Empty(bench.SendDue(10));
        Assert.Empty(bench.Results());
    }

    [Fact]
    public void Late_answers_are_counted_and_given_to_nobody()
    {
        Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1) });
        bench.Exchange.Add(Echo(1));
        bench.Exchange.CompleteAdding();
        bench.SendDue();
        bench.SendDue(1);
        Assert.False(Assert.Single(bench.Results()).Answered);
        Assert.False(bench.Answer(1));
        Assert.Equal((1, 0, 0), (bench.Exchange.Counters.Late, bench.Exchange.Counters.Duplicates, bench.Exchange.Counters.Unmatched));
        Assert.False(bench.Answer(9));
        Assert.Equal(1, bench.Exchange.Counters.Unmatched);
    }

    [Fact]
    public void An_answer_between_two_attempts_prevents_the_next()
    {
        Bench bench = new(new ExchangeOptions { Timeout = TimeSpan.FromSeconds(1), Retry = 1, Interval = TimeSpan.FromSeconds(10) });
        bench.Exchange.Add(Echo(1));
        bench.Exchange.CompleteAdding();
        bench.SendDue();
        Assert.Empty(bench.SendDue(2)); // its time is up, the next may go out at 10
        bench.Answer(1);
        Assert.Empty(bench.SendDue(11));
        Assert.True(bench.Exchange.IsComplete);
        Assert.True(Assert.Single(bench.Results()).Answered);
    }

    [Fact]
    public void Equal_packets_are_answered_in_their_order()
    {
        Bench bench = new(new ExchangeOptions());
        for (int i = 0; i < 3; i++)
        {
            bench.Exchange.Add(Echo(1));
        }

        bench.SendDue();
        bench.Answer(1);
        bench.Answer(1);
        Assert.Equal([1, 2], bench.Results().Select(r => r.Number));
    }

    [Fact]
    public void The_rate_is_kept_over_time_and_the_interval_never_undercut()
    {
        Bench paced = new(new ExchangeOptions { Rate = 1000 });
        AddMany(paced, 30);
        List<double> times = [];
        while (paced.Exchange.Counters.Sent < 30)
        {
            // The clock is coarse: it moves by 3 ms.
            times.AddRange(paced.SendDue().Select(_ => paced.Now.TotalMilliseconds * 1.0));
            paced.Now += TimeSpan.FromMilliseconds(3);
        }

        Assert.InRange(times[^1], 27, 33);

        Bench spaced = new(new ExchangeOptions { Interval = TimeSpan.FromMilliseconds(0.9) });
        AddMany(spaced, 3);
        Assert.Equal([1], spaced.SendDue());
        Assert.Equal(new Instant(9000), spaced.Exchange.NextDeadline);
        Assert.Equal([2], spaced.SendDue(0.005));
        Assert.Equal(Instant.FromSeconds(0.0059), spaced.Exchange.NextDeadline);
    }

    [Fact]
    public void There_is_room_for_as_many_as_may_be_on_their_way()
    {
        Bench bench = new(new ExchangeOptions { Capacity = 3, Timeout = TimeSpan.FromSeconds(1) });
        AddMany(bench, 3);
        bench.SendDue();
        Assert.False(bench.Exchange.HasRoom);
        bench.Answer(2);
        Assert.True(bench.Exchange.HasRoom);
    }

    [Fact]
    public void What_cannot_be_sent_is_a_result_with_the_reason()
    {
        Bench bench = new(new ExchangeOptions());
        bench.Exchange.Add(Echo(1));
        bench.Exchange.CompleteAdding();
        Assert.True(bench.Exchange.TryTakeDue(default, out DueProbe due));
        bench.Exchange.OnFailed(due, new StackException(StackError.NoRoute, "no way"));
        ExchangeResult result = Assert.Single(bench.Results());
        Assert.Equal((false, 0, StackError.NoRoute), (result.Answered, result.Attempts, result.Failure!.Error));
        Assert.True(bench.Exchange.IsComplete);
    }

    [Fact]
    public void A_hundred_thousand_packets_wait_and_each_answer_finds_its_own_at_once()
    {
        const int Count = 100_000;
        Bench bench = new(new ExchangeOptions { Capacity = Count, Rate = 1e9 });
        byte[][] replies = new byte[Count][];
        for (int i = 0; i < Count; i++)
        {
            bench.Exchange.Add(Echo((ushort)i, (ushort)(i >> 16)));
            replies[i] = Reply((ushort)i, (ushort)(i >> 16)).ToBytes();
            bench.Now += TimeSpan.FromTicks(1);
            Assert.True(bench.Exchange.TryTakeDue(bench.Now, out _));
        }

        long before = Stopwatch.GetTimestamp();
        for (int i = Count - 1; i >= 0; i--)
        {
            Assert.True(bench.Exchange.OnReceived(replies[i], PacketStart.IP, bench.Now));
        }

        TimeSpan time = Stopwatch.GetElapsedTime(before);
        Assert.True(time < TimeSpan.FromSeconds(10), $"{time} for {Count} answers");
        Assert.Equal(Count, bench.Exchange.Counters.Answered);
        Assert.Equal(0, bench.Exchange.Outstanding);
    }

    [Fact]
    public void A_packet_that_waits_is_answered_before_one_like_it_that_has_been()
    {
        Bench bench = new(new ExchangeOptions());
        for (int i = 0; i < 3; i++)
        {
            bench.Exchange.Add(Echo(1));
            bench.SendDue();
            Assert.True(bench.Answer(1));
        }

        Assert.Equal([1, 2, 3], bench.Results().Select(r => r.Number));
        Assert.False(bench.Answer(1));
        Assert.Equal(1, bench.Exchange.Counters.Duplicates);
    }

    [Fact]
    public void Sending_does_not_run_away_from_the_answers()
    {
        Bench bench = new(new ExchangeOptions());
        AddMany(bench, 1000);
        Assert.Equal(FlowGate.Most, bench.SendDue().Length);
        Assert.Equal(Instant.Zero + FlowGate.Moment, bench.Exchange.NextDeadline);
        bench.Answer(1);
        bench.Answer(2);
        Assert.Equal(2, bench.SendDue().Length);
        Assert.Equal(FlowGate.Most - 2, bench.SendDue(FlowGate.Moment.TotalSeconds - 0.001).Length + FlowGate.Most - 2);
        Assert.Equal(FlowGate.Most - 2 + 2, bench.SendDue(FlowGate.Moment.TotalSeconds).Length);
    }

    private static void AddMany(Bench bench, int count)
    {
        for (ushort i = 1; i <= count; i++)
        {
            bench.Exchange.Add(Echo(i));
        }
    }

    private static Packet Echo(ushort sequence, ushort identifier = 7) =>
        TestPackets.IP(s_near, s_far) / new IcmpLayer { Identifier = identifier, Sequence = sequence };

    private static Packet Reply(ushort sequence, ushort identifier = 7) =>
        TestPackets.IP(s_far, s_near) / new IcmpLayer { Type = IcmpType.EchoReply, Identifier = identifier, Sequence = sequence };

    private sealed class Bench(ExchangeOptions options)
    {
        public PacketExchange Exchange { get; } = new(options);

        public Instant Now { get; set; }

        /// <summary>Sends what is due, at a time in seconds if one is given; the sequence numbers of what went out.</summary>
        public int[] SendDue(double? at = null)
        {
            Now = at is { } seconds ? Instant.FromSeconds(seconds) : Now;
            Exchange.Move(Now);
            List<int> sent = [];
            while (Exchange.TryTakeDue(Now, out DueProbe due))
            {
                sent.Add(due.Packet.Icmp!.Sequence);
            }

            return [.. sent];
        }

        public bool Answer(ushort sequence) => Exchange.OnReceived(Reply(sequence).ToBytes(), PacketStart.IP, Now);

        public ExchangeResult[] Results()
        {
            List<ExchangeResult> results = [];
            while (Exchange.TryTakeResult(out ExchangeResult? result))
            {
                results.Add(result);
            }

            return [.. results];
        }
    }
}
