using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Stack;

public sealed class TimerWheelTests
{
    [Fact]
    public void A_timer_fires_at_its_deadline_and_never_before()
    {
        TimerWheel wheel = new();
        TimerNode timer = new(null!);
        Instant deadline = Instant.FromSeconds(1.2345678);
        wheel.Set(timer, deadline);

        Assert.False(wheel.TryTakeDue(new Instant(deadline.Ticks - 1), out _));
        Assert.True(wheel.TryTakeDue(deadline, out TimerNode fired));
        Assert.Same(timer, fired);
        Assert.False(timer.IsSet);
        Assert.Equal(0, wheel.Count);
        Assert.True(wheel.NextDeadline.IsNever);
    }

    [Fact]
    public void A_cancelled_timer_does_not_fire()
    {
        TimerWheel wheel = new();
        TimerNode timer = new(null!);
        wheel.Set(timer, Instant.FromSeconds(1));
        wheel.Cancel(timer);
        wheel.Cancel(timer);

        Assert.False(wheel.TryTakeDue(Instant.FromSeconds(100), out _));
        Assert.Equal(0, wheel.Count);
    }

    [Fact]
    public void Setting_a_timer_again_replaces_its_deadline()
    {
        TimerWheel wheel = new();
        TimerNode timer = new(null!);
        wheel.Set(timer, Instant.FromSeconds(1));
        wheel.Set(timer, Instant.FromSeconds(500));
        Assert.Equal(1, wheel.Count);
        Assert.False(wheel.TryTakeDue(Instant.FromSeconds(499.9), out _));
        wheel.Set(timer, Instant.FromSeconds(499.95));
        Assert.True(wheel.TryTakeDue(Instant.FromSeconds(499.95), out _));
    }

    [Fact]
    public void A_deadline_in_the_past_is_due_at_once()
    {
        TimerWheel wheel = new();
        Assert.False(wheel.TryTakeDue(Instant.FromSeconds(1000), out _));
        TimerNode timer = new(null!);
        wheel.Set(timer, Instant.FromSeconds(1));
        Assert.True(wheel.NextDeadline <= Instant.FromSeconds(1000));
        Assert.True(wheel.TryTakeDue(Instant.FromSeconds(1000), out _));
    }

    [Fact]
    public void Timers_for_one_moment_fire_in_the_order_in_which_they_were_set()
    {
        TimerWheel wheel = new();
        TimerNode[] timers = [.. Enumerable.Range(0, 5).Select(_ => new TimerNode(null!))];
        foreach (TimerNode timer in timers)
        {
            wheel.Set(timer, Instant.FromSeconds(60));
        }

        List<TimerNode> fired = [];
        while (wheel.TryTakeDue(Instant.FromSeconds(60), out TimerNode timer))
        {
            fired.Add(timer);
        }

        Assert.Equal(timers, fired);
    }

    [Fact]
    public void Setting_cancelling_and_firing_allocate_nothing()
    {
        TimerWheel wheel = new();
        TimerNode[] timers = [.. Enumerable.Range(0, 100).Select(_ => new TimerNode(null!))];
        Churn(0);
        Assert.Equal(0, Allocation.Least(() =>
        {
            Churn(1_000_000);
        }));

        void Churn(long start)
        {
            for (int i = 0; i < 1000; i++)
            {
                wheel.Set(timers[i % 100], new Instant(start + (i * 7919L)));
                wheel.TryTakeDue(new Instant(start + (i * 5000L)), out _);
            }
        }
    }

    /// <summary>The wheel against the plainest thing that could work: a list that is searched.</summary>
    [Theory]
    [InlineData(1, 1L << 14)]
    [InlineData(2, 1L << 24)]
    [InlineData(3, 1L << 34)]
    [InlineData(4, 1L << 50)]
    [InlineData(5, 1L << 61)]
    public void Any_sequence_of_operations_gives_what_a_sorted_list_gives(ulong seed, long range)
    {
        RandomSource random = RandomSource.FromSeed(seed);
        TimerWheel wheel = new();
        TimerNode[] timers = [.. Enumerable.Range(0, 40).Select(_ => new TimerNode(null!))];
        Dictionary<TimerNode, Instant> expected = [];
        Instant now = Instant.Zero;
        for (int i = 0; i < 4000; i++)
        {
            TimerNode timer = timers[random.Next(timers.Length)];
            switch (random.Next(4))
            {
                case 0:
                    wheel.Cancel(timer);
                    expected.Remove(timer);
                    break;
                case 1 when expected.Count > 0 && random.Next(2) == 0:
                    // Exactly to the next deadline, and once to just before it.
                    Instant next = expected.Values.MinBy(d => d.Ticks);
                    Check(new Instant(Math.Max(now.Ticks, next.Ticks - 1)));
                    Check(Instant.Later(now, next));
                    break;
                case 1:
                    Check(new Instant(now.Ticks + (long)(random.NextDouble() * range / 64)));
                    break;
                default:
                    Instant deadline = new(Math.Min(long.MaxValue - 1, now.Ticks + (long)(random.NextDouble() * range)));
                    wheel.Set(timer, deadline);
                    expected[timer] = deadline;
                    break;
            }

            Assert.Equal(expected.Count, wheel.Count);
            Instant earliest = expected.Count == 0 ? Instant.Never : expected.Values.MinBy(d => d.Ticks);
            Assert.Equal(earliest, wheel.EarliestDeadline);
            Assert.True(wheel.NextDeadline <= earliest);
        }

        void Check(Instant instant)
        {
            now = instant.Ticks < 0 ? now : instant;
            HashSet<TimerNode> due = [.. expected.Where(e => e.Value <= now).Select(e => e.Key)];
            while (wheel.TryTakeDue(now, out TimerNode fired))
            {
                Assert.True(due.Remove(fired), "A timer fired that was not due.");
                expected.Remove(fired);
            }

            Assert.Empty(due);
        }
    }

    [Fact]
    public void Looking_whenever_the_wheel_asks_to_leads_to_every_deadline_in_a_few_looks()
    {
        TimerWheel wheel = new();
        TimerNode timer = new(null!);
        Instant deadline = Instant.FromSeconds(86400.5);
        wheel.Set(timer, deadline);
        int looks = 0;
        Instant now = Instant.Zero;
        while (!wheel.TryTakeDue(now, out _))
        {
            Assert.True(wheel.NextDeadline > now, "The wheel asks to be looked at again without end.");
            now = wheel.NextDeadline;
            looks++;
        }

        Assert.Equal(deadline, now);
        Assert.InRange(looks, 1, 8);
    }
}
