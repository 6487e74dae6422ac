using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using Xunit;

namespace TcpTools.Tests.Sockets;

/// <summary>Two ends of one connection, in real time.</summary>
public interface ISessionPair : IDisposable
{
    /// <summary>Who opened it.</summary>
    TcpSession Near { get; }

    /// <summary>Who was opened to.</summary>
    TcpSession Far { get; }

    /// <summary>Opens to a port where nobody listens; has not waited.</summary>
    TcpSession OpenToNobody();
}

/// <summary>What a session does, whoever runs its protocol: each kind has these tests.</summary>
public abstract class SessionPairTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    protected abstract ISessionPair Open();

    [Fact]
    public void Both_sides_are_established_and_name_the_same_sockets()
    {
        using ISessionPair pair = Open();
        Assert.Equal(TcpState.Established, pair.Near.State);
        Assert.Equal(TcpState.Established, pair.Far.State);
        Assert.Equal(pair.Near.Flow, pair.Far.Flow.Reverse());
        Assert.Equal(TcpCloseReason.None, pair.Near.CloseReason);
        Assert.Null(pair.Near.Failure);
        Assert.True(pair.Far.Id > 0 && pair.Near.Id != pair.Far.Id);
        Assert.Equal($"session {pair.Near.Id}: {pair.Near.Flow} Established", pair.Near.ToString());
    }

    [Fact]
    public void Data_arrives_and_is_counted_until_it_is_read()
    {
        using ISessionPair pair = Open();
        Assert.Equal(0, pair.Far.Available);
        Assert.Equal(0, pair.Far.Read(new byte[10]));
        pair.Near.WriteAll("hello"u8, s_limit);
        Assert.True(pair.Far.WaitFor(SessionCondition.Readable, s_limit));
        Assert.Equal(5, pair.Far.Available);
        byte[] buffer = new byte[10];
        Assert.Equal(3, pair.Far.Peek(buffer.AsSpan(0, 3), 1));
        Assert.Equal("ell", Encoding.ASCII.GetString(buffer, 0, 3));
        Assert.Equal(0, pair.Far.Peek(buffer, 5));
        Assert.Equal(5, pair.Far.ReadSome(buffer, s_limit));
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, 5));
        Assert.Equal(0, pair.Far.Available);
        Assert.True(pair.Near.WaitFor(SessionCondition.Drained, s_limit));
    }

    [Fact]
    public void Megabytes_go_both_ways_at_once()
    {
        using ISessionPair pair = Open();
        byte[] up = RepeatableData.Make(5_000_000);
        byte[] down = [.. up.Reverse()];
        Task<byte[]> far = Task.Run(() => SessionReader.For(pair.Far).ReadExactly(up.Length, s_limit));
        Task<byte[]> near = Task.Run(() => SessionReader.For(pair.Near).ReadExactly(down.Length, s_limit));
        Task write = Task.Run(() => pair.Near.WriteAll(up, s_limit));
        pair.Far.WriteAll(down, s_limit);
        Assert.True(Task.WaitAll([far, near, write], s_limit));
        Assert.Equal(up, far.Result);
        Assert.Equal(down, near.Result);
        Assert.True(pair.Near.WaitFor(SessionCondition.Drained, s_limit));
        TcpInfo info = pair.Near.Info;
        Assert.Equal(up.Length, info.BytesAcknowledged);
        Assert.Equal(down.Length, info.BytesIn);
        Assert.True(info.SmoothedRtt > TimeSpan.Zero && info.CongestionWindow > 0 && info.SendMaximumSegment > 100);
        Assert.NotEqual("", info.CongestionControl);
    }

    [Fact]
    public void A_writer_whose_peer_does_not_read_runs_out_of_time_and_goes_on_later()
    {
        using ISessionPair pair = Open();
        byte[] data = new byte[64 << 20];
        StackException error = Assert.Throws<StackException>(() => pair.Near.WriteAll(data, TimeSpan.FromMilliseconds(300)));
        Assert.Equal(StackError.TimedOut, error.Error);
        Assert.False(pair.Near.WaitFor(SessionCondition.Drained, s_short));
        using CancellationTokenSource stop = new();
        Task reading = Task.Run(() =>
        {
            byte[] buffer = new byte[1 << 20];
            while (!stop.IsCancellationRequested && pair.Far.ReadSome(buffer, s_limit) > 0)
            {
            }
        });
        Assert.True(pair.Near.WaitFor(SessionCondition.Writable, s_limit));
        pair.Near.WriteAll(new byte[100], s_limit);
        stop.Cancel();
        pair.Near.Abort();
        Assert.True(Task.WhenAny(reading).Wait(s_limit));
    }

    [Fact]
    public void After_a_half_close_the_other_direction_goes_on()
    {
        using ISessionPair pair = Open();
        pair.Near.WriteAll("question"u8, s_limit);
        pair.Near.Shutdown();
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => pair.Near.Write([1])).Error);
        Assert.Equal("question", Encoding.ASCII.GetString(SessionReader.For(pair.Far).ReadToEnd(s_limit)));
        Assert.True(pair.Far.IsPeerFinished);
        Assert.True(pair.Far.WaitFor(TcpState.CloseWait, s_limit));
        Assert.True(pair.Near.WaitFor(TcpState.FinWait2, s_limit));
        pair.Far.WriteAll("answer"u8, s_limit);
        pair.Far.Close();
        Assert.Equal("answer", Encoding.ASCII.GetString(SessionReader.For(pair.Near).ReadToEnd(s_limit)));
        pair.Near.Close();
        Assert.True(pair.Near.WaitFor(SessionCondition.Closed, s_limit));
        Assert.True(pair.Far.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.Finished, pair.Near.CloseReason);
        Assert.Equal(TcpCloseReason.Finished, pair.Far.CloseReason);
        Assert.Null(pair.Near.Failure);
        Assert.True(pair.Far.WaitFor(SessionCondition.Drained, s_limit));
    }

    [Fact]
    public void A_closed_session_is_not_used_any_more()
    {
        using ISessionPair pair = Open();
        pair.Near.Close();
        pair.Near.Close();
        Assert.True(pair.Near.IsClosed);
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => pair.Near.Write([1])).Error);
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => pair.Near.Read(new byte[1])).Error);
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => pair.Near.ReadSome(new byte[1], s_limit)).Error);
        Assert.Equal(0, pair.Near.WritableBytes);
        Assert.False(pair.Near.WaitFor(SessionCondition.Readable, s_limit));
        Assert.True(pair.Near.WaitFor(SessionCondition.Drained, s_limit));
        Assert.True(pair.Far.WaitFor(SessionCondition.PeerFinished, s_limit));
        Assert.Equal(0, pair.Far.ReadSome(new byte[1], s_limit));
    }

    [Fact]
    public void Closing_with_unread_data_resets_the_peer()
    {
        using ISessionPair pair = Open();
        pair.Near.WriteAll("nobody reads this"u8, s_limit);
        Assert.True(pair.Far.WaitFor(SessionCondition.Readable, s_limit));
        pair.Far.Close();
        Assert.True(pair.Near.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, pair.Near.CloseReason);
    }

    [Fact]
    public void Data_that_comes_after_closing_resets_the_peer()
    {
        using ISessionPair pair = Open();
        pair.Far.Close();
        Assert.True(pair.Near.WaitFor(SessionCondition.PeerFinished, s_limit));
        pair.Near.WriteAll("too late"u8, s_limit);
        Assert.True(pair.Near.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, pair.Near.CloseReason);
        Assert.True(pair.Far.WaitFor(SessionCondition.Closed, s_limit));
    }

    [Fact]
    public void An_abort_is_told_to_the_peer_after_what_it_had_received()
    {
        using ISessionPair pair = Open();
        pair.Near.WriteAll("last words"u8, s_limit);
        Assert.True(pair.Far.WaitFor(SessionCondition.Readable, s_limit));
        pair.Near.Abort();
        Assert.Equal(TcpState.Closed, pair.Near.State);
        Assert.Equal(TcpCloseReason.Aborted, pair.Near.CloseReason);
        Assert.True(pair.Far.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, pair.Far.CloseReason);
        Assert.Equal(StackError.ConnectionReset, pair.Far.Failure!.Error);
        byte[] buffer = new byte[100];
        Assert.Equal(10, pair.Far.ReadSome(buffer, s_limit));
        Assert.Equal(StackError.ConnectionReset, Assert.Throws<StackException>(() => pair.Far.ReadSome(buffer, s_limit)).Error);
        Assert.Equal(StackError.ConnectionReset, Assert.Throws<StackException>(() => pair.Far.Read(buffer)).Error);
        Assert.Equal(StackError.ConnectionReset, Assert.Throws<StackException>(() => pair.Far.Write([1])).Error);
        Assert.Equal(TcpCloseReason.ResetByPeer, pair.Far.Info.CloseReason);
    }

    [Fact]
    public void Lingering_for_no_time_is_a_reset()
    {
        using ISessionPair pair = Open();
        pair.Near.Linger = TimeSpan.Zero;
        pair.Near.Close();
        Assert.True(pair.Far.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.ResetByPeer, pair.Far.CloseReason);
    }

    [Fact]
    public void Lingering_ends_in_a_reset_when_the_data_cannot_go_out()
    {
        using ISessionPair pair = Open();
        Assert.Throws<StackException>(() => pair.Near.WriteAll(new byte[64 << 20], TimeSpan.FromMilliseconds(300)));
        // Long beside what two lines of a test take on a machine that is busy with others.
        pair.Near.Linger = TimeSpan.FromSeconds(2);
        pair.Near.Close();
        Assert.False(pair.Near.WaitFor(SessionCondition.Closed, TimeSpan.Zero));
        Assert.True(pair.Near.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.Aborted, pair.Near.CloseReason);
    }

    [Fact]
    public void A_port_where_nobody_listens_refuses()
    {
        using ISessionPair pair = Open();
        using TcpSession session = pair.OpenToNobody();
        Assert.False(session.WaitFor(SessionCondition.Established, s_limit));
        Assert.Equal(TcpState.Closed, session.State);
        Assert.Equal(TcpCloseReason.Refused, session.CloseReason);
        Assert.Equal(StackError.ConnectionRefused, session.Failure!.Error);
        Assert.Equal(StackError.ConnectionRefused, Assert.Throws<StackException>(() => session.Write([1])).Error);
        Assert.Equal(
            StackError.ConnectionRefused, Assert.Throws<StackException>(() => session.ReadSome(new byte[1], s_limit)).Error);
    }

    [Fact]
    public void A_limit_that_runs_out_leaves_the_connection_alive()
    {
        using ISessionPair pair = Open();
        StackException error = Assert.Throws<StackException>(() => pair.Near.ReadSome(new byte[1], s_short));
        Assert.Equal(StackError.TimedOut, error.Error);
        Assert.False(pair.Near.WaitFor(SessionCondition.PeerFinished, s_short));
        Assert.False(pair.Near.WaitFor(TcpState.Closing, s_short));
        pair.Far.WriteAll([42], s_limit);
        byte[] one = new byte[1];
        Assert.Equal(1, pair.Near.ReadSome(one, s_limit));
        Assert.Equal(42, one[0]);
    }

    [Fact]
    public void A_wait_ends_when_it_is_cancelled()
    {
        using ISessionPair pair = Open();
        using CancellationTokenSource stop = new(s_short);
        Assert.Throws<OperationCanceledException>(() => pair.Near.ReadSome(new byte[1], Timeout.InfiniteTimeSpan, stop.Token));
        Assert.Throws<OperationCanceledException>(
            () => pair.Near.WaitFor(SessionCondition.Closed, Timeout.InfiniteTimeSpan, stop.Token));
        Assert.Equal(TcpState.Established, pair.Near.State);
    }

    [Fact]
    public void A_wait_ends_when_another_thread_closes_the_session()
    {
        using ISessionPair pair = Open();
        Task<Exception?> reading = Task.Run<Exception?>(() => Record.Exception(() => pair.Near.ReadSome(new byte[1], Timeout.InfiniteTimeSpan)));
        Assert.False(reading.Wait(s_short));
        pair.Near.Close();
        Assert.True(reading.Wait(s_limit));
        Assert.Equal(StackError.SessionClosed, Assert.IsType<StackException>(reading.Result).Error);
    }

    [Fact]
    public void Urgent_data_stays_in_the_stream_with_a_mark_behind_it()
    {
        using ISessionPair pair = Open();
        Assert.Null(pair.Far.UrgentOffset);
        pair.Near.WriteAll("abc"u8, s_limit);
        Assert.Equal(1, pair.Near.WriteUrgent("!"u8));
        Assert.True(Tool.Until(() => pair.Far.Available == 4 && pair.Far.UrgentOffset is not null, s_limit));
        Assert.Equal(4, pair.Far.UrgentOffset);
        pair.Near.WriteAll("def"u8, s_limit);
        Assert.Equal("abc!def", Encoding.ASCII.GetString(SessionReader.For(pair.Far).ReadExactly(7, s_limit)));
        Assert.Null(pair.Far.UrgentOffset);
    }

    [Fact]
    public void Settings_are_kept()
    {
        using ISessionPair pair = Open();
        TcpSession session = pair.Near;
        session.NoDelay = true;
        Assert.True(session.NoDelay);
        session.NoDelay = false;
        Assert.False(session.NoDelay);
        session.SetKeepAlive(true, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5), 3);
        Assert.True(session.KeepAlive);
        session.KeepAlive = false;
        Assert.False(session.KeepAlive);
        Assert.True(session.UserTimeout < TimeSpan.Zero);
        session.UserTimeout = TimeSpan.FromSeconds(7);
        Assert.Equal(TimeSpan.FromSeconds(7), session.UserTimeout);
        session.UserTimeout = Timeout.InfiniteTimeSpan;
        Assert.True(session.UserTimeout < TimeSpan.Zero);
        session.Linger = TimeSpan.FromSeconds(3);
        Assert.Equal(TimeSpan.FromSeconds(3), session.Linger);
    }

    [Fact]
    public void State_changes_are_told_in_order_and_a_fault_of_a_handler_is_its_own()
    {
        using ISessionPair pair = Open();
        ConcurrentQueue<TcpState> states = [];
        pair.Far.StateChanged += (_, change) => states.Enqueue(change.To);
        pair.Far.StateChanged += (_, _) => throw new InvalidOperationException("A handler's own fault.");
        pair.Near.Close();
        Assert.True(pair.Far.WaitFor(TcpState.CloseWait, s_limit));
        pair.Far.Close();
        Assert.True(pair.Far.WaitFor(TcpState.Closed, s_limit));
        Assert.True(Tool.Until(() => states.Contains(TcpState.Closed), s_limit));
        Assert.Equal(TcpState.CloseWait, states.First());
        Assert.Equal(TcpState.Closed, states.Last());
    }

    [Fact]
    public void Many_threads_may_use_one_session()
    {
        using ISessionPair pair = Open();
        const int Each = 20_000;
        Task<byte[]> reading = Task.Run(() => SessionReader.For(pair.Far).ReadExactly(8 * Each, s_limit));
        Task[] writers =
        [
            .. Enumerable.Range(0, 8).Select(i => Task.Run(() =>
            {
                byte[] mine = [.. Enumerable.Repeat((byte)i, Each)];
                pair.Near.WriteAll(mine, s_limit);
                _ = pair.Near.Info;
            })),
        ];
        Assert.True(Task.WaitAll(writers, s_limit));
        Assert.True(reading.Wait(s_limit));
        Assert.All(reading.Result.GroupBy(b => b), group => Assert.Equal(Each, group.Count()));
    }
}

/// <summary>Sessions of two stacks of ours on a wire.</summary>
public sealed class StackSessionPairTests : SessionPairTests
{
    protected override ISessionPair Open() => new StackPair();
}

/// <summary>Both ends of a connection between two stacks of ours.</summary>
internal sealed class StackPair : ISessionPair
{
    private readonly Rig _rig = new(StackMode.Threaded);

    public StackPair()
    {
        (Near, Far) = _rig.Establish();
    }

    public TcpSession Near { get; }

    public TcpSession Far { get; }

    public TcpSession OpenToNobody() => _rig.Connect(81);

    public void Dispose() => _rig.Dispose();
}
