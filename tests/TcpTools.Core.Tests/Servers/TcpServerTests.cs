using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Servers;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using Xunit;

namespace TcpTools.Tests.Servers;

/// <summary>Handlers that serve the clients of a listener.</summary>
public sealed class TcpServerTests
{
    [Fact]
    public void A_handler_echoes_and_knows_when_a_client_comes_and_goes()
    {
        using Rig rig = new();
        Recorder handler = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = handler });
        TcpSession client = Open(rig);
        Assert.Equal("hello", Ask(client, "hello"));
        Assert.Equal(1, server.Active);
        client.Shutdown();
        Assert.Equal(0, client.ReadSome(new byte[1], Rig.Limit));
        rig.Network.RunUntil(() => server.Active == 0, Rig.Limit);
        Assert.Equal(["Opened", "Data", "Closed"], handler.Events);
        Assert.Equal((1, 1, 0), (server.Listener.Accepted, server.Served, server.Failed));
        Assert.Same(server, server.Listener.Server);
        client.Close();
        server.Stop();
        rig.Network.Run(TimeSpan.FromMinutes(2)); // until TIME-WAIT is over
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Each_client_has_a_state_of_its_own_with_one_handler_for_all()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Counting() });
        TcpSession first = Open(rig);
        TcpSession second = Open(rig);
        Assert.Equal("1 of 1", Ask(first, "x"));
        Assert.Equal("1 of 2", Ask(second, "x"));
        Assert.Equal("2 of 3", Ask(first, "x"));
        server.Stop();
    }

    [Fact]
    public void The_four_ways_of_binding_differ_in_whom_the_clients_share()
    {
        Counting given = new();
        int made = 0;
        Assert.Equal(["1 of 1", "1 of 2"], AskTwo(new TcpServerOptions { Handler = given }));
        Assert.Equal(["1 of 3", "1 of 4"], AskTwo(new TcpServerOptions { Handler = given }));
        Assert.Equal(["1 of 1", "1 of 1"], AskTwo(new TcpServerOptions { Handler = given, NewForEachClient = true }));
        Assert.Equal(["1 of 1", "1 of 2"], AskTwo(new TcpServerOptions { Factory = Make }));
        Assert.Equal(1, made);
        Assert.Equal(["1 of 1", "1 of 1"], AskTwo(new TcpServerOptions { Factory = Make, NewForEachClient = true }));
        Assert.Equal(3, made);

        object Make()
        {
            made++;
            return new Counting();
        }

        static string[] AskTwo(TcpServerOptions options)
        {
            using Rig rig = new();
            Start(rig, options);
            return [Ask(Open(rig), "a"), Ask(Open(rig), "b")];
        }
    }

    [Fact]
    public void What_is_no_handler_is_refused()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        Assert.Equal(StackError.InvalidArgument, Refusal(new TcpServerOptions()));
        Assert.Equal(StackError.InvalidArgument, Refusal(new TcpServerOptions { Handler = "text" }));
        Assert.Equal(StackError.InvalidArgument, Refusal(new TcpServerOptions { Handler = new Counting(), Factory = () => new Counting() }));
        Assert.Equal(StackError.InvalidArgument, Refusal(new TcpServerOptions { Handler = new Named("x"), NewForEachClient = true }));
        Assert.Equal(StackError.InvalidArgument, Refusal(new TcpServerOptions { Handler = new Counting(), MaximumClients = 0 }));
        TcpServer.Start(listener, new TcpServerOptions { Handler = new Counting() });
        Assert.Equal(StackError.AddressInUse, Refusal(new TcpServerOptions { Handler = new Counting() }));

        StackError Refusal(TcpServerOptions options) =>
            Assert.Throws<StackException>(() => TcpServer.Start(listener, options)).Error;
    }

    [Fact]
    public void What_a_handler_throws_is_kept_with_the_session_and_harms_nobody()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Thrower(), MaximumErrors = 3 });
        TcpSession bad = Open(rig);
        for (int i = 0; i < 5; i++)
        {
            bad.WriteAll("throw"u8, Rig.Limit);
            Assert.True(bad.WaitFor(SessionCondition.Drained, Rig.Limit));
        }

        Assert.Equal("fine", Ask(Open(rig), "fine"));
        Assert.Equal(3, server.Errors.Count);
        Assert.All(server.Errors, error => Assert.Equal(("Data", "boom", bad.LocalPort), (error.Event, error.Message, error.Session.RemotePort)));
        bad.Close();
        rig.Network.RunUntil(() => server.Failed == 1, Rig.Limit);
        Assert.Equal(1, server.Failed);
        server.Stop();
    }

    [Fact]
    public void A_factory_that_throws_costs_one_client()
    {
        using Rig rig = new();
        int calls = 0;
        TcpServer server = Start(rig, new TcpServerOptions
        {
            Factory = () => ++calls == 1 ? throw new InvalidOperationException("no") : new Counting(),
            NewForEachClient = true,
        });
        TcpSession first = Open(rig);
        Assert.True(first.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Equal("1 of 1", Ask(Open(rig), "x"));
        Assert.Equal(("Factory", "no"), (server.Errors[0].Event, server.Errors[0].Message));
    }

    [Fact]
    public void A_reset_is_told_with_its_error()
    {
        using Rig rig = new();
        Recorder handler = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = handler });
        TcpSession client = Open(rig);
        Ask(client, "x");
        client.Abort();
        rig.Network.RunUntil(() => server.Active == 0, Rig.Limit);
        Assert.Equal(StackError.ConnectionReset, handler.Failure?.Error);
        Assert.Equal(1, server.Failed);
    }

    [Fact]
    public void No_more_clients_are_served_at_once_than_allowed_and_the_rest_wait()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Counting(), MaximumClients = 2 });
        TcpSession[] clients = [Open(rig), Open(rig), Open(rig)];
        Assert.Equal("1 of 1", Ask(clients[0], "x"));
        clients[2].WriteAll("x"u8, Rig.Limit);
        Assert.False(clients[2].WaitFor(SessionCondition.Readable, TimeSpan.FromSeconds(5)));
        Assert.Equal((2, 1), (server.Active, server.Listener.Pending));
        clients[0].Close();
        Assert.True(clients[2].WaitFor(SessionCondition.Readable, Rig.Limit));
    }

    [Fact]
    public void Who_takes_no_answers_is_asked_for_no_more_and_nothing_is_lost()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Recorder() });
        TcpSession client = Open(rig);
        byte[] data = new byte[8 << 20];
        new Random(5).NextBytes(data);
        int sent = 0;
        // Until nothing moves any more: all buffers on the way and back are full.
        while (sent < data.Length && client.WaitFor(SessionCondition.Writable, TimeSpan.FromSeconds(2)))
        {
            sent += client.Write(data.AsSpan(sent));
        }

        Assert.InRange(server.Clients[0].PendingBytes, 1, 1 << 20);
        byte[] back = new byte[data.Length];
        for (int read = 0; read < back.Length;)
        {
            sent += client.Write(data.AsSpan(sent));
            read += client.ReadSome(back.AsSpan(read), Rig.Limit);
        }

        Assert.Equal(data, back);
        Assert.Empty(server.Errors);
    }

    [Fact]
    public void Who_takes_nothing_of_what_others_say_is_reset()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Chat(), MaximumPending = 100_000 });
        TcpSession slow = Open(rig);
        TcpSession loud = Open(rig);
        byte[] data = new byte[50_000];
        Assert.True(rig.Network.RunUntil(() => server.Active == 2, Rig.Limit));
        for (int i = 0; i < 400 && server.Active == 2; i++)
        {
            loud.WriteAll(data, Rig.Limit);
        }

        Assert.True(slow.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Contains(server.Errors, error => error.Exception is StackException { Error: StackError.ResourceExhausted });
        Assert.Equal(1, server.Active);
    }

    [Fact]
    public void A_server_that_closes_first_lets_its_last_words_arrive()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Farewell() });
        TcpSession client = Open(rig);
        client.WriteAll(new byte[100_000], Rig.Limit);
        client.WriteAll("x"u8, Rig.Limit);
        byte[] words = new byte[100];
        int count = client.ReadSome(words, Rig.Limit);
        Assert.Equal("bye", Encoding.ASCII.GetString(words, 0, count));
        Assert.Equal(0, client.ReadSome(words, Rig.Limit));
        // The peer holds its end open: after a while nobody waits for it any more.
        Instant start = rig.Network.Now;
        Assert.True(rig.Network.RunUntil(() => server.Active == 0, Rig.Limit));
        Assert.Equal(5, (rig.Network.Now - start).TotalSeconds, 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stopping_ends_the_clients_and_frees_the_port(bool abort)
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Counting() });
        TcpSession client = Open(rig);
        Ask(client, "x");
        server.Stop(abort);
        Assert.True(client.WaitFor(abort ? SessionCondition.Closed : SessionCondition.PeerFinished, Rig.Limit));
        Assert.Equal(!abort, client.IsPeerFinished);
        Assert.False(server.IsRunning);
        Assert.Equal(0, server.Active);
        rig.Listen().Stop();
    }

    [Fact]
    public void Handlers_may_stop_their_listener_and_their_stack()
    {
        using Rig rig = new();
        TcpServer server = Start(rig, new TcpServerOptions { Handler = new Stopper() });
        TcpSession client = Open(rig);
        client.WriteAll("listener"u8, Rig.Limit);
        Assert.True(client.WaitFor(SessionCondition.PeerFinished, Rig.Limit));
        Assert.False(server.IsRunning);
        Start(rig, new TcpServerOptions { Handler = new Stopper() });
        client = Open(rig);
        client.WriteAll("stack"u8, Rig.Limit);
        Assert.True(client.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Equal(StackState.Stopped, rig.Server.State);
    }

    [Fact]
    public void What_a_server_owns_goes_with_its_stack()
    {
        using Rig rig = new();
        using ManualResetEventSlim disposed = new();
        Start(rig, new TcpServerOptions { Handler = new Counting(), Owned = new Disposing(disposed.Set) });
        rig.Server.Stop();
        Assert.True(disposed.Wait(Rig.Limit));
    }

    [Fact]
    public void A_handler_that_waits_in_simulated_time_takes_exactly_that_long()
    {
        using Rig rig = new();
        Start(rig, new TcpServerOptions { Handler = new Recorder { Delay = network => network.Run(TimeSpan.FromSeconds(2)) } });
        TcpSession client = Open(rig);
        Instant start = rig.Network.Now;
        Ask(client, "x");
        Assert.Equal(2, (rig.Network.Now - start).TotalSeconds);
    }

    [Fact]
    public void A_handler_that_works_elsewhere_gets_one_event_of_a_client_at_a_time()
    {
        using Rig rig = new(StackMode.Threaded);
        Deferred handler = new();
        TcpServer server = TcpServer.Start(rig.Server, new ListenOptions { Port = Rig.Port }, new TcpServerOptions { Handler = handler });
        TcpSession[] clients = [Open(rig), Open(rig)];
        Assert.True(SpinWait.SpinUntil(() => handler.Waiting.Count == 2, Rig.Limit));
        foreach (TcpSession client in clients)
        {
            client.WriteAll("x"u8, Rig.Limit);
            client.Shutdown();
        }

        Assert.Equal([ServerEvent.Opened, ServerEvent.Opened], handler.Finish(2));
        Assert.True(SpinWait.SpinUntil(() => handler.Waiting.Count == 2, Rig.Limit));
        Assert.Equal([ServerEvent.Data, ServerEvent.Data], handler.Finish(2));
        Assert.True(SpinWait.SpinUntil(() => handler.Waiting.Count == 2, Rig.Limit));
        Assert.Equal([ServerEvent.Closed, ServerEvent.Closed], handler.Finish(2));
        Assert.True(SpinWait.SpinUntil(() => server.Failed == 2, Rig.Limit));
        Assert.Equal(6, server.Errors.Count);
        Assert.Equal(6, server.Output.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_takes_the_session_is_done_with_the_client_when_he_says_so(bool keepOpen)
    {
        using Rig rig = new(StackMode.Threaded);
        Deferred handler = new() { TakesSession = true };
        TcpServer server = TcpServer.Start(
            rig.Server, new ListenOptions { Port = Rig.Port }, new TcpServerOptions { Handler = handler, KeepOpen = keepOpen });
        TcpSession client = Open(rig);
        client.WriteAll("not read by the server"u8, Rig.Limit);
        Assert.True(SpinWait.SpinUntil(() => handler.Waiting.Count == 1, Rig.Limit));
        TcpSession session = handler.Waiting.First().Client.Session;
        Assert.True(session.WaitFor(SessionCondition.Readable, Rig.Limit));
        handler.Finish(1);
        Assert.True(SpinWait.SpinUntil(() => server.Active == 0 || !keepOpen, Rig.Limit));
        Assert.Equal(!keepOpen, client.WaitFor(SessionCondition.PeerFinished, TimeSpan.FromSeconds(keepOpen ? 0.1 : 30)));
        Assert.Equal(keepOpen ? 22 : 0, keepOpen ? session.Available : 0);
        server.Stop();
    }

    [Fact]
    public async Task A_thousand_clients_are_served_on_one_thread_byte_for_byte()
    {
        using Rig rig = new(StackMode.Threaded);
        HashSet<int> threads = [];
        Recorder handler = new() { Delay = _ => threads.Add(Environment.CurrentManagedThreadId) };
        TcpServer server = TcpServer.Start(
            rig.Server, new ListenOptions { Port = Rig.Port, Backlog = 1000 }, new TcpServerOptions { Handler = handler });
        TcpSession[] clients = [.. Enumerable.Range(0, 1000).Select(_ => rig.Connect())];
        await Task.Run(() =>
        {
            foreach (TcpSession client in clients)
            {
                Assert.True(client.WaitFor(SessionCondition.Established, Rig.Limit));
                client.WriteAll(Pattern(client), Rig.Limit);
            }

            foreach (TcpSession client in clients)
            {
                client.Shutdown();
                byte[] expected = Pattern(client);
                byte[] back = new byte[expected.Length];
                for (int read = 0; read < back.Length;)
                {
                    int count = client.ReadSome(back.AsSpan(read), Rig.Limit);
                    Assert.NotEqual(0, count);
                    read += count;
                }

                Assert.Equal(expected, back);
                Assert.Equal(0, client.ReadSome(back, Rig.Limit));
                client.Close();
            }
        });
        Assert.True(SpinWait.SpinUntil(() => server.Served == 1000, Rig.Limit));
        Assert.Single(threads);
        Assert.Empty(server.Errors);
        server.Stop();

        static byte[] Pattern(TcpSession session)
        {
            byte[] data = new byte[3000];
            new Random(session.LocalPort).NextBytes(data);
            return data;
        }
    }

    private static TcpServer Start(Rig rig, TcpServerOptions options) =>
        TcpServer.Start(rig.Server, new ListenOptions { Port = Rig.Port }, options);

    private static TcpSession Open(Rig rig)
    {
        TcpSession session = rig.Connect();
        Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit));
        return session;
    }

    private static string Ask(TcpSession session, string text)
    {
        session.WriteAll(Encoding.ASCII.GetBytes(text), Rig.Limit);
        byte[] answer = new byte[1000];
        return Encoding.ASCII.GetString(answer, 0, session.ReadSome(answer, Rig.Limit));
    }

    /// <summary>An echo that remembers what it was told.</summary>
    private sealed class Recorder : ITcpHandler
    {
        public List<string> Events { get; } = [];

        public StackException? Failure { get; private set; }

        public Action<VirtualNetwork>? Delay { get; init; }

        public void OnOpened(ServedClient client) => Events.Add("Opened");

        public void OnData(ServedClient client, byte[] data)
        {
            Events.Add("Data");
            Delay?.Invoke(client.Listener.Stack.Clock?.Network!);
            client.Send(data);
        }

        public void OnClosed(ServedClient client, StackException? failure)
        {
            Events.Add("Closed");
            Failure = failure;
        }
    }

    /// <summary>Answers how often this client has spoken, and how often anybody has to this object.</summary>
    private sealed class Counting : TcpHandler
    {
        private int _all;

        public override void OnOpened(ServedClient client) => client.State = 0;

        public override void OnData(ServedClient client, byte[] data)
        {
            client.State = (int)client.State! + 1;
            client.Send($"{client.State} of {++_all}");
        }
    }

#pragma warning disable CS9113 // What it takes is of no interest, only that it takes something.
    private sealed class Named(string name) : TcpHandler;
#pragma warning restore CS9113

    private sealed class Thrower : TcpHandler
    {
        public override void OnData(ServedClient client, byte[] data)
        {
            if (client.Text.Contains("throw", StringComparison.Ordinal))
            {
                throw new InvalidOperationException("boom");
            }

            client.Send(data);
        }
    }

    private sealed class Chat : TcpHandler
    {
        public override void OnData(ServedClient client, byte[] data)
        {
            foreach (ServedClient other in client.Server.Clients.Where(other => other != client))
            {
                other.Send(data);
            }
        }
    }

    private sealed class Farewell : TcpHandler
    {
        public override void OnData(ServedClient client, byte[] data)
        {
            client.Send("bye");
            client.Close();
        }
    }

    private sealed class Stopper : TcpHandler
    {
        public override void OnData(ServedClient client, byte[] data)
        {
            if (client.Text == "stack")
            {
                client.Listener.Stack.Stop();
            }
            else
            {
                client.Server.Stop();
            }
        }
    }

    /// <summary>Is done when the test says so, with a word and an error each time.</summary>
    private sealed class Deferred : IDeferredTcpHandler
    {
        public ConcurrentQueue<(ServedClient Client, ServerEvent Happened, Action<HandlerOutcome> Done)> Waiting { get; } = [];

        public bool TakesSession { get; init; }

        public bool Wants(ServerEvent happened) => true;

        public void Begin(ServedClient client, ServerEvent happened, Action<HandlerOutcome> done) => Waiting.Enqueue((client, happened, done));

        public ServerEvent[] Finish(int count)
        {
            List<ServerEvent> events = [];
            for (int i = 0; i < count; i++)
            {
                Assert.True(Waiting.TryDequeue(out (ServedClient Client, ServerEvent Happened, Action<HandlerOutcome> Done) call));
                events.Add(call.Happened);
                HandlerOutcome outcome = new(["done"], [(new InvalidOperationException("so what"), null)]);
                call.Done(outcome);
                // Only the first time counts.
                call.Done(outcome);
            }

            return [.. events];
        }
    }

    private sealed class Disposing(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
