using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

public sealed class SessionEventTests
{
    [Fact]
    public void A_session_tells_its_life_in_order_and_to_who_asked()
    {
        using Rig rig = new();
        List<string> all = [];
        List<SessionEvents> some = [];
        using SessionWatch server = rig.Server.WatchSessions(SessionEvents.All, (_, e) => all.Add($"{e.Kind} {e.Describe()}"));
        using TcpListener listener = rig.Listen();
        using SessionWatch byListener = listener.WatchSessions(SessionEvents.Opened | SessionEvents.Closed, (_, e) => some.Add(e.Kind));
        (TcpSession client, TcpSession session) = rig.Establish(listener: listener);
        client.Write("hello"u8);
        Assert.True(session.WaitFor(SessionCondition.Readable, Rig.Limit));
        client.Close();
        Assert.True(session.WaitFor(TcpState.CloseWait, Rig.Limit));
        session.Read(new byte[10]);
        session.Close();
        Assert.True(session.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Equal(
            [
                "StateChanged LISTEN -> SYN-RECEIVED",
                "StateChanged SYN-RECEIVED -> ESTABLISHED",
                "Opened opened",
                "DataAvailable has 5 bytes to read",
                "StateChanged ESTABLISHED -> CLOSE-WAIT",
                "DataAvailable has 5 bytes to read, and the peer has finished",
                "StateChanged CLOSE-WAIT -> LAST-ACK",
                "StateChanged LAST-ACK -> CLOSED",
                "Closed ended: Finished",
            ],
            all.Where(e => !e.StartsWith("Retransmit", StringComparison.Ordinal)));
        Assert.Equal([SessionEvents.Opened, SessionEvents.Closed], some);
        Assert.Equal(
            ["LISTEN", "SYN-RECEIVED", "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"], session.StateHistory.Select(s => s.Name));
        Assert.Equal(
            ["CLOSED", "SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"], client.StateHistory.Select(s => s.Name));
        Assert.True(client.StateHistory[^1].Time >= client.StateHistory[0].Time);
    }

    [Fact]
    public void Data_is_told_once_until_it_is_read()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        int told = 0;
        using SessionWatch watch = server.Watch(SessionEvents.DataAvailable, (_, _) => told++);
        for (int i = 0; i < 5; i++)
        {
            client.Write("x"u8);
            rig.Network.RunUntilIdle();
        }

        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(5, server.Available);
        Assert.Equal(1, told);
        server.Read(new byte[2]);
        client.Write("y"u8);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, told);

        // Who comes late learns of what waits.
        int late = 0;
        using SessionWatch second = server.Watch(SessionEvents.DataAvailable, (_, _) => late++);
        Assert.Equal(1, late);
    }

    [Fact]
    public void A_reset_is_told_before_the_end_it_means()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        List<SessionEventArgs> told = [];
        using SessionWatch watch = client.Watch(SessionEvents.Reset | SessionEvents.Closed, (_, e) => told.Add(e));
        server.Abort();
        rig.Network.RunUntilIdle();
        Assert.Equal([SessionEvents.Reset, SessionEvents.Closed], told.Select(e => e.Kind));
        Assert.All(told, e => Assert.Equal(TcpCloseReason.ResetByPeer, e.CloseReason));

        List<SessionEventArgs> refused = [];
        using SessionWatch all = rig.Client.WatchSessions(SessionEvents.Reset, (_, e) => refused.Add(e));
        rig.Connect(99);
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpCloseReason.Refused, Assert.Single(refused).CloseReason);
    }

    [Fact]
    public void What_is_sent_again_and_that_nothing_goes_on_is_told()
    {
        bool isCut = false;
        using Rig rig = new(impairment: new Impairment { Rule = (_, _) => isCut ? FrameFate.Drop : FrameFate.Pass });
        (TcpSession client, TcpSession server) = rig.Establish();
        List<SessionEventArgs> told = [];
        using SessionWatch watch = client.Watch(SessionEvents.Retransmit | SessionEvents.Stall, (_, e) => told.Add(e));
        isCut = true;
        client.Write("hello"u8);
        rig.Network.Run(TimeSpan.FromSeconds(5));
        isCut = false;
        Assert.Equal(SessionEvents.Retransmit, told[0].Kind);
        Assert.Equal((5, 1L), (told[0].Length, told[0].Retransmissions));
        SessionEventArgs stall = Assert.Single(told, e => e.Kind == SessionEvents.Stall);
        Assert.Equal(StallReason.NoAcknowledgment, stall.StallReason);
        Assert.True(stall.Silence > TimeSpan.Zero && stall.RetransmissionTimeout > TimeSpan.Zero);

        rig.Network.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(5, server.Available);
        told.Clear();
        isCut = true;
        client.Write("again"u8);
        rig.Network.Run(TimeSpan.FromSeconds(5));
        Assert.Single(told, e => e.Kind == SessionEvents.Stall);
    }

    [Fact]
    public void A_window_that_stays_closed_is_a_stall()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        List<SessionEventArgs> told = [];
        using SessionWatch watch = client.Watch(SessionEvents.Stall, (_, e) => told.Add(e));
        byte[] data = new byte[100_000];
        for (int i = 0; i < 2000 && client.Write(data) > 0; i++)
        {
            rig.Network.Run(TimeSpan.FromSeconds(0.1));
        }

        rig.Network.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(StallReason.ZeroWindow, Assert.Single(told).StallReason);
        Assert.Equal(0u, client.Info.SendWindow);
        Assert.True(server.Available > 0);
    }

    [Fact]
    public void A_watch_that_ended_is_silent_and_a_handler_that_throws_harms_nobody()
    {
        using Rig rig = new();
        int told = 0;
        SessionWatch bad = rig.Client.WatchSessions(SessionEvents.All, (_, _) => throw new InvalidOperationException("mine"));
        SessionWatch good = rig.Client.WatchSessions(SessionEvents.All, (_, _) => told++);
        (TcpSession client, _) = rig.Establish();
        Assert.True(told > 0);
        Assert.Equal(rig.Client.HandlerFailures, told);
        bad.Dispose();
        good.Dispose();
        int before = told;
        client.Abort();
        Assert.Equal(before, told);
        Assert.Throws<StackException>(() => client.Watch(SessionEvents.None));
    }

    [Fact]
    public void A_handler_may_use_the_session()
    {
        using Rig rig = new();
        using SessionWatch echo = rig.Server.WatchSessions(SessionEvents.DataAvailable, (_, e) =>
        {
            byte[] data = new byte[100];
            int read = e.Session.Read(data);
            e.Session.Write(data.AsSpan(0, read));
        });
        (TcpSession client, _) = rig.Establish();
        client.Write("echo"u8);
        byte[] answer = new byte[10];
        Assert.Equal(4, client.ReadSome(answer, Rig.Limit));
    }

    [Fact]
    public void Nobody_who_watches_costs_no_memory()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        using (server.Watch(SessionEvents.All))
        {
        }

        byte[] data = new byte[1000];
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                client.Write(data);
                rig.Network.RunUntilIdle();
                server.Read(data);
                rig.Network.RunUntilIdle();
            }
        }));
    }

    [Fact]
    public void Threads_that_open_and_close_at_once_leave_each_session_its_order()
    {
        using Rig rig = new(StackMode.Threaded);
        using TcpListener listener = rig.Listen();
        System.Collections.Concurrent.ConcurrentQueue<SessionEventArgs> told = new();
        using SessionWatch client = rig.Client.WatchSessions(SessionEvents.All, (_, e) => told.Enqueue(e));
        using SessionWatch server = rig.Server.WatchSessions(SessionEvents.All, (_, e) => told.Enqueue(e));
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                TcpSession session = rig.Connect();
                session.WaitFor(SessionCondition.Established, Rig.Limit);
                session.Write("x"u8);
                session.Abort();
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        while (listener.TryAccept(out TcpSession? accepted))
        {
            accepted.Close();
        }

        rig.Client.Stop();
        rig.Server.Stop();
        IGrouping<TcpSession, SessionEventArgs>[] sessions = [.. told.GroupBy(e => e.Session)];
        Assert.True(sessions.Length >= 200);
        Assert.All(sessions, session =>
        {
            SessionEventArgs[] moves = [.. session.Where(e => e.Kind == SessionEvents.StateChanged)];
            Assert.All(moves.Skip(1).Zip(moves), pair => Assert.Equal(pair.Second.To, pair.First.From));
            Assert.Equal(SessionEvents.Closed, session.Last().Kind);
            Assert.Single(session, e => e.Kind == SessionEvents.Closed);
        });
    }

    [Fact]
    public void Several_sessions_are_waited_for_at_once()
    {
        using Rig rig = new();
        using TcpListener listener = rig.Listen();
        (TcpSession client1, TcpSession server1) = rig.Establish(listener: listener);
        (TcpSession client2, TcpSession server2) = rig.Establish(listener: listener);
        client2.Write("some text to wait for"u8);
        SessionGoal goal = new() { Pattern = "to wait"u8.ToArray() };
        Assert.Equal([server2], SessionWait.For([server1, server2], goal, true, Rig.Limit));
        Assert.Equal([server2], SessionWait.For([server1, server2], goal, false, TimeSpan.FromSeconds(1)));
        client1.Write("to "u8);
        rig.Network.RunUntilIdle();
        client1.Write("wait"u8);
        Assert.Equal(2, SessionWait.For([server1, server2], goal, false, Rig.Limit).Count);
        Assert.Empty(SessionWait.For([server1], new SessionGoal { Bytes = 8 }, false, TimeSpan.FromSeconds(1)));
        client1.Close();
        Assert.Equal(7, server1.Available);

        // The peer has finished: no more comes, and nobody waits for it.
        Instant before = rig.Clock!.Now;
        Assert.Empty(SessionWait.For([server1], new SessionGoal { Bytes = 8 }, false, Timeout.InfiniteTimeSpan));
        Assert.True(rig.Clock.Now - before < TimeSpan.FromSeconds(1));
        Assert.Equal([server1], SessionWait.For([server1, server2], new SessionGoal { State = TcpState.CloseWait }, true, Rig.Limit));
    }

    [Fact]
    public void Threads_wait_for_several_sessions_in_real_time()
    {
        using Rig rig = new(StackMode.Threaded);
        using TcpListener listener = rig.Listen();
        (TcpSession client1, TcpSession server1) = rig.Establish(listener: listener);
        (_, TcpSession server2) = rig.Establish(listener: listener);
        Thread writer = new(() => client1.Write("hello"u8));
        writer.Start();
        Assert.Equal([server1], SessionWait.For([server2, server1], new SessionGoal { Bytes = 5 }, true, Rig.Limit));
        writer.Join();
        Assert.Empty(SessionWait.For([server2], new SessionGoal { Bytes = 5 }, true, TimeSpan.FromMilliseconds(20)));
        using CancellationTokenSource stop = new(TimeSpan.FromMilliseconds(20));
        Assert.Throws<OperationCanceledException>(
            () => SessionWait.For([server2], new SessionGoal { Bytes = 5 }, true, Timeout.InfiniteTimeSpan, stop.Token));
    }
}
