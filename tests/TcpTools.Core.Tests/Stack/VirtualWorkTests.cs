using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Links;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Work on other threads takes part in simulated time.</summary>
public sealed class VirtualWorkTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void Two_threads_talk_through_the_network_while_the_main_thread_waits()
    {
        using Rig rig = new(impairment: new Impairment { Delay = s_delay });
        TcpListener listener = rig.Listen();
        List<Instant> times = [];
        Task server = Work(rig.Network, () =>
        {
            TcpSession session = listener.Accept(Rig.Limit)!;
            times.Add(rig.Network.Now);
            byte[] data = new byte[100];
            for (int count; (count = session.ReadSome(data, Rig.Limit)) > 0;)
            {
                session.WriteAll(data.AsSpan(0, count), Rig.Limit);
            }

            session.Close();
        });
        Task client = Work(rig.Network, () =>
        {
            TcpSession session = rig.Connect();
            Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit));
            times.Add(rig.Network.Now);
            byte[] data = new byte[100];
            for (int i = 0; i < 3; i++)
            {
                session.WriteAll("hello"u8, Rig.Limit);
                Assert.Equal(5, session.ReadSome(data, Rig.Limit));
                times.Add(rig.Network.Now);
            }

            session.Shutdown();
            Assert.Equal(0, session.ReadSome(data, Rig.Limit));
            session.Close();
        });
        rig.Network.Run(TimeSpan.FromMinutes(10));
        Task.WaitAll([server, client]);
        Assert.Equal([20, 30, 40, 60, 80], times.Select(time => (time - Instant.Zero).TotalMilliseconds));
        Assert.Equal(TimeSpan.FromMinutes(10), rig.Network.Now - Instant.Zero);
        listener.Stop();
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Open_work_takes_no_simulated_time()
    {
        using Rig rig = new();
        using ManualResetEventSlim mainIsIn = new();
        Instant seen = Instant.Never;
        using WorkToken token = rig.Network.BeginWork();
        Task work = Task.Run(() =>
        {
            mainIsIn.Wait();
            seen = rig.Network.Now;
            token.Dispose();
        });
        bool asked = false;
        rig.Network.RunUntil(
            () =>
            {
                mainIsIn.Set();
                bool isSecond = asked;
                asked = true;
                Assert.True(!isSecond || !seen.IsNever, "The network went on although work was open.");
                return false;
            },
            TimeSpan.FromSeconds(5));
        work.Wait();
        Assert.Equal(Instant.Zero, seen);
        Assert.Equal(TimeSpan.FromSeconds(5), rig.Network.Now - Instant.Zero);
    }

    [Fact]
    public void Limits_of_those_who_wait_are_deadlines_of_the_network()
    {
        using Rig rig = new();
        (TcpSession near, TcpSession far) = rig.Establish();
        Instant start = rig.Network.Now;
        List<double> ends = [];
        Task[] work =
        [
            .. new[] { 3.0, 1, 2 }.Select(seconds => Work(rig.Network, () =>
            {
                StackException error = Assert.Throws<StackException>(() => far.ReadSome(new byte[1], TimeSpan.FromSeconds(seconds)));
                Assert.Equal(StackError.TimedOut, error.Error);
                ends.Add((rig.Network.Now - start).TotalSeconds);
            })),
        ];
        Assert.False(near.WaitFor(SessionCondition.Readable, TimeSpan.FromSeconds(3)));
        Task.WaitAll(work);
        Assert.Equal([1, 2, 3], ends);
        Assert.Equal(3, (rig.Network.Now - start).TotalSeconds);
    }

    [Fact]
    public void Patience_with_work_that_does_not_end_is_limited_once()
    {
        using Rig rig = new();
        rig.Network.Patience = TimeSpan.FromMilliseconds(50);
        using WorkToken endless = rig.Network.BeginWork();
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), rig.Network.Now - Instant.Zero);
        rig.Network.Patience = TimeSpan.FromDays(1);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(2), rig.Network.Now - Instant.Zero);
    }

    [Fact]
    public void Threads_without_work_share_one_leader_and_each_has_its_own_limit()
    {
        using Rig rig = new();
        Dictionary<int, double> ends = [];
        using WorkToken hold = rig.Network.BeginWork();
        Task[] runs =
        [
            .. new[] { 5, 1, 3 }.Select(seconds => Task.Factory.StartNew(
                () =>
                {
                    Assert.False(rig.Network.RunUntil(static () => false, TimeSpan.FromSeconds(seconds)));
                    lock (ends)
                    {
                        ends[seconds] = (rig.Network.Now - Instant.Zero).TotalSeconds;
                    }
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)),
        ];
        Assert.True(SpinWait.SpinUntil(() => rig.Network.FollowerCount == 2, Rig.Limit));
        hold.Dispose();
        Task.WaitAll(runs);
        // Who has no token may be overtaken by the clock, but never gives up early, and nobody is left behind.
        Assert.Equal(5, ends[5]);
        Assert.InRange(ends[1], 1, 5);
        Assert.InRange(ends[3], 3, 5);
        Assert.Equal(0, rig.Network.FollowerCount);
    }

    [Fact]
    public void A_cancelled_wait_and_a_stopped_stack_end_without_anybody_to_move_the_network()
    {
        using Rig rig = new();
        (_, TcpSession far) = rig.Establish();
        using CancellationTokenSource cancel = new();
        Task cancelled = Work(rig.Network, () => Assert.Throws<OperationCanceledException>(
            () => far.ReadSome(new byte[1], Timeout.InfiniteTimeSpan, cancel.Token)));
        Task stopped = Work(rig.Network, () => Assert.Equal(
            StackError.StackStopped,
            Assert.Throws<StackException>(() => far.ReadSome(new byte[1], Timeout.InfiniteTimeSpan)).Error));
        Assert.True(SpinWait.SpinUntil(() => rig.Network.FollowerCount == 2, Rig.Limit));
        cancel.Cancel();
        Assert.True(cancelled.Wait(Rig.Limit));
        rig.Server.Stop();
        Assert.True(stopped.Wait(Rig.Limit));
    }

    [Fact]
    public void A_cancelled_run_does_not_wait_for_work()
    {
        using Rig rig = new();
        using WorkToken endless = rig.Network.BeginWork();
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
        Assert.ThrowsAny<OperationCanceledException>(
            () => rig.Network.RunUntil(static () => false, TimeSpan.FromSeconds(1), cancel.Token));
        Assert.Equal(Instant.Zero, rig.Network.Now);
    }

    [Fact]
    public void Work_may_stop_a_stack_with_grace_while_nobody_moves_the_network()
    {
        using Rig rig = new();
        (TcpSession near, _) = rig.Establish();
        Task work = Work(rig.Network, () => rig.Server.Stop(TimeSpan.FromSeconds(5)));
        Assert.True(work.Wait(Rig.Limit));
        rig.Network.RunUntilIdle();
        Assert.True(near.IsPeerFinished);
    }

    [Fact]
    public void Work_may_move_what_is_due_now_also_while_another_moves_the_network()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        bool accepted = false;
        Task work = Work(rig.Network, () =>
        {
            _ = rig.Connect();
            rig.Network.RunUntilIdle();
            accepted = listener.TryAccept(out _);
        });
        Assert.True(rig.Network.RunUntil(() => accepted, Rig.Limit));
        Assert.True(work.Wait(Rig.Limit));
        Assert.Equal(Instant.Zero, rig.Network.Now);
    }

    /// <summary>Does something on a thread of its own, as work of the network.</summary>
    private static Task Work(VirtualNetwork network, Action action)
    {
        WorkToken token = network.BeginWork();
        return Task.Factory.StartNew(
            () =>
            {
                using (token)
                {
                    token.Adopt();
                    action();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
    }
}
