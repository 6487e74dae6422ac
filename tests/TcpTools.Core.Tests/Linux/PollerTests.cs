using System;
using System.Diagnostics;
using System.Threading;
using TcpTools.Linux;
using Xunit;

namespace TcpTools.Tests.Linux;

public sealed class PollerTests
{
    [Fact]
    public void A_wake_before_the_wait_ends_the_wait_at_once_and_once_only()
    {
        using Poller poller = new();
        poller.Wake();
        poller.Wake();
        Assert.True(poller.Wait(TimeSpan.FromSeconds(10)));
        Assert.False(poller.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void A_wake_from_another_thread_ends_a_wait_without_limit()
    {
        using Poller poller = new();
        Thread waker = new(poller.Wake);
        waker.Start();
        Assert.True(poller.Wait(Timeout.InfiniteTimeSpan));
        waker.Join();
    }

    [Fact]
    public void A_wait_ends_when_its_time_has_passed_and_not_before()
    {
        using Poller poller = new();
        Poller.UsePreciseTimers();
        long start = Stopwatch.GetTimestamp();
        Assert.False(poller.Wait(TimeSpan.FromMilliseconds(20)));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_watched_descriptor_is_ready_when_it_can_be_read()
    {
        using Poller poller = new();
        int other = LibC.EventDescriptor(1, LibC.NonBlocking | LibC.CloseOnExec);
        int index = poller.Watch(other);
        Assert.True(poller.Wait(TimeSpan.FromSeconds(10)));
        Assert.True(poller.IsReady(index));
        Assert.False(poller.IsBroken(index));
        poller.Replace(index, -1);
        Assert.False(poller.Wait(TimeSpan.Zero));
        Assert.False(poller.IsReady(index));
        _ = LibC.Close(other);
    }

    [Fact]
    public void No_wake_is_lost_between_two_threads_in_a_tight_exchange()
    {
        using Poller here = new();
        using Poller there = new();
        int turn = 0;
        Thread answering = new(() =>
        {
            for (int i = 1; i < 4000; i += 2)
            {
                while (Volatile.Read(ref turn) != i)
                {
                    there.Wait(TimeSpan.FromSeconds(20));
                }

                Volatile.Write(ref turn, i + 1);
                here.Wake();
            }
        });
        answering.Start();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 4000; i += 2)
        {
            Volatile.Write(ref turn, i + 1);
            there.Wake();
            while (Volatile.Read(ref turn) != i + 2)
            {
                here.Wait(TimeSpan.FromSeconds(20));
            }
        }

        answering.Join();
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(20), "a wake was lost");
    }

    [Fact]
    public void Waiting_and_waking_allocate_nothing()
    {
        using Poller poller = new();
        poller.Wake();
        poller.Wait(TimeSpan.Zero);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                poller.Wake();
                poller.Wait(TimeSpan.Zero);
            }
        }));
    }
}
