using System;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Two stacks with threads of their own, in real time.</summary>
public sealed class ThreadedTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Blocking_reads_and_writes_carry_data_both_ways()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] up = Transfer.Bytes(8 << 20, 1);
        byte[] down = Transfer.Bytes(8 << 20, 2);
        Task[] tasks =
        [
            Run(() => Send(client, up)),
            Run(() => Send(server, down)),
            Run(() => Assert.True(up.AsSpan().SequenceEqual(Receive(server, up.Length)))),
            Run(() => Assert.True(down.AsSpan().SequenceEqual(Receive(client, down.Length)))),
        ];
        Assert.True(Task.WaitAll(tasks, s_limit));
        Assert.True(server.WaitFor(SessionCondition.Closed, s_limit));
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
    }

    [Fact]
    public void A_waiting_read_is_cancelled_promptly_and_the_session_stays_usable()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        // The best of a few: a busy machine may keep a thread waiting longer than the stack does.
        TimeSpan best = TimeSpan.MaxValue;
        for (int i = 0; i < 5 && best > TimeSpan.FromMilliseconds(100); i++)
        {
            using CancellationTokenSource source = new();
            Stopwatch watch = new();
            Task<TimeSpan> reader = Run(() =>
            {
                Assert.ThrowsAny<OperationCanceledException>(
                    () => client.ReadSome(new byte[1], Timeout.InfiniteTimeSpan, source.Token));
                return watch.Elapsed;
            });
            Assert.False(reader.Wait(50));
            watch.Start();
            source.Cancel();
            Assert.True(reader.Wait(s_limit));
            best = reader.Result < best ? reader.Result : best;
        }

        Assert.InRange(best, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        server.Write([1]);
        Assert.Equal(1, client.ReadSome(new byte[1], s_limit));
    }

    [Fact]
    public void Stopping_releases_threads_that_wait()
    {
        using Rig rig = new(StackMode.Threaded);
        TcpListener listener = rig.Listen();
        (TcpSession client, TcpSession _) = rig.Establish(listener: listener);
        Task<StackException> reader = Run(
            () => Assert.Throws<StackException>(() => client.ReadSome(new byte[1], Timeout.InfiniteTimeSpan)));
        Task<StackException> acceptor = Run(
            () => Assert.Throws<StackException>(() => listener.Accept(Timeout.InfiniteTimeSpan)));
        Task<bool> waiter = Run(() => client.WaitFor(SessionCondition.PeerFinished, Timeout.InfiniteTimeSpan));
        Assert.False(Task.WaitAll([reader, acceptor, waiter], 50));

        rig.Client.Stop();
        rig.Server.Stop();
        Assert.True(Task.WaitAll([reader, acceptor, waiter], s_limit));
        Assert.Equal(StackError.StackStopped, reader.Result.Error);
        Assert.Equal(StackError.StackStopped, acceptor.Result.Error);
        Assert.False(waiter.Result);
    }

    [Fact]
    public void A_limit_in_real_time_is_kept()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, _) = rig.Establish();
        Stopwatch watch = Stopwatch.StartNew();
        StackException error = Assert.Throws<StackException>(
            () => client.ReadSome(new byte[1], TimeSpan.FromMilliseconds(60)));
        Assert.Equal(StackError.TimedOut, error.Error);
        Assert.InRange(watch.ElapsedMilliseconds, 59, 2000);
    }

    [Fact]
    public void Closing_from_another_thread_releases_a_reader()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, _) = rig.Establish();
        Task<StackException> reader = Run(
            () => Assert.Throws<StackException>(() => client.ReadSome(new byte[1], Timeout.InfiniteTimeSpan)));
        Assert.False(reader.Wait(30));
        client.Close();
        Assert.True(reader.Wait(s_limit));
        Assert.Equal(StackError.SessionClosed, reader.Result.Error);
    }

    [Fact]
    public void A_reset_is_told_to_who_waits_to_write()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        Task<StackException> writer = Run(() => Assert.Throws<StackException>(
            () => client.WriteAll(new byte[64 << 20], Timeout.InfiniteTimeSpan)));
        Assert.True(server.WaitFor(SessionCondition.Readable, s_limit));
        server.Abort();
        Assert.True(writer.Wait(s_limit));
        Assert.Equal(StackError.ConnectionReset, writer.Result.Error);
    }

    [Fact]
    public void Timers_run_out_without_any_frame()
    {
        using Rig rig = new(
            StackMode.Threaded,
            client: o => o with { Tcp = TcpSettings.Default with { SynRetries = 1, InitialRto = TimeSpan.FromMilliseconds(20) } },
            server: o => o with { UnclaimedPorts = UnclaimedPortPolicy.Drop });
        TcpSession client = rig.Connect();
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(TcpCloseReason.TimedOut, client.CloseReason);
    }

    [Fact]
    public void An_exception_on_the_drivers_thread_ends_the_stack_visibly()
    {
        using PacketWire wire = new();
        FaultyLink link = new(wire.A);
        using TcpStack stack = TcpStack.Start(new TcpStackOptions
        {
            Link = link,
            Addresses = [InterfaceAddress.Parse("10.9.0.1/24")],
        });
        TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = 1 });
        Task<StackException> reader = Run(
            () => Assert.Throws<StackException>(() => session.ReadSome(new byte[1], Timeout.InfiniteTimeSpan)));
        link.Break();
        Assert.True(reader.Wait(s_limit));
        Assert.Equal(StackError.StackStopped, reader.Result.Error);
        Assert.Equal(StackState.Faulted, stack.State);
        Assert.Equal("broken on purpose", stack.Fault!.Message);
        Assert.Equal(TcpCloseReason.StackStopped, session.CloseReason);
        Assert.Empty(stack.Sessions);
        stack.Stop();
    }

    [Fact]
    public void A_handler_may_stop_the_stack_from_its_own_thread()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        client.StateChanged += (_, _) => rig.Client.Stop();
        server.Close();
        Assert.True(client.WaitFor(SessionCondition.Closed, s_limit));
        rig.Client.Stop();
        Assert.Equal(StackState.Stopped, rig.Client.State);
    }

    [Fact]
    public void Many_threads_may_open_use_and_close_sessions_at_once()
    {
        using Rig rig = new(StackMode.Threaded);
        TcpListener listener = rig.Listen(backlog: 64);
        Task server = Run(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                using TcpSession session = listener.Accept(s_limit)!;
                byte[] buffer = new byte[10];
                int read = session.ReadSome(buffer, s_limit);
                session.WriteAll(buffer.AsSpan(0, read), s_limit);
                session.Shutdown();
                while (session.ReadSome(buffer, s_limit) > 0)
                {
                }
            }
        });
        Task[] clients = [.. Enumerable.Range(0, 4).Select(n => Run(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                using TcpSession session = rig.Connect();
                session.WriteAll([(byte)n], s_limit);
                byte[] buffer = new byte[10];
                Assert.Equal(1, session.ReadSome(buffer, s_limit));
                Assert.Equal(n, buffer[0]);
                Assert.Equal(0, session.ReadSome(buffer, s_limit));
            }
        }))];
        Assert.True(Task.WaitAll([server, .. clients], s_limit));
    }

    private static void Send(TcpSession session, byte[] data)
    {
        session.WriteAll(data, s_limit);
        session.Shutdown();
    }

    private static byte[] Receive(TcpSession session, int length)
    {
        byte[] data = new byte[length];
        int got = 0;
        int read;
        while (got < length && (read = session.ReadSome(data.AsSpan(got), s_limit)) > 0)
        {
            got += read;
        }

        Assert.Equal(0, session.ReadSome(new byte[1], s_limit));
        return data;
    }

    private static Task Run(Action action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task<T> Run<T>(Func<T> action) => Task.Factory.StartNew(
        action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private sealed class FaultyLink(ILink inner) : ILink
    {
        private volatile bool _broken;

        public string Name => inner.Name;

        public LinkCapabilities Capabilities => inner.Capabilities;

        public LinkCounters Counters => inner.Counters;

        public int PollDescriptor => -1;

        public Instant NextDeadline => Instant.Never;

        public Action? Readable { get; set; }

        public void Break()
        {
            _broken = true;
            Readable?.Invoke();
        }

        public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now) => inner.Send(frames, now);

        public int Receive(Span<PacketBuffer> frames, Instant now) => _broken
            ? throw new InvalidOperationException("broken on purpose")
            : inner.Receive(frames, now);

        public void Dispose() => inner.Dispose();
    }
}
