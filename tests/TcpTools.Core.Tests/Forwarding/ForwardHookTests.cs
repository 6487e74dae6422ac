using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Text;
using System.Threading;
using TcpTools.Forwarding;
using TcpTools.Lab;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Forwarding;

/// <summary>Somebody in the middle: looks, changes, drops, puts in, answers, sends elsewhere. Both sides stay in step.</summary>
public sealed class ForwardHookTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Data_is_changed_both_ways_and_whatever_its_length()
    {
        using ForwardPlace place = Open(data =>
        {
            data.Text = data.Direction == ForwardDirection.ToPeer ? data.Text.Replace("cat", "elephant") : data.Text.ToUpperInvariant();
        });
        (TcpSession client, TcpSession server) = place.Connect();
        client.WriteAll("my cat is "u8, s_limit);
        Assert.Equal("my elephant is ", Read(server, 15));
        client.WriteAll("a cat"u8, s_limit);
        Assert.Equal("a elephant", Read(server, 10));
        server.WriteAll("so what"u8, s_limit);
        Assert.Equal("SO WHAT", Read(client, 7));
        client.Close();
        Assert.Equal("", Encoding.Latin1.GetString(SessionReader.For(server).ReadToEnd(s_limit)));
        server.Close();
        Assert.True(Tool.Until(() => place.Forwarder.Active == 0, s_limit));
        Assert.Equal((25, 7, 0), (place.Forwarder.BytesToPeer, place.Forwarder.BytesToClient, place.Forwarder.HookFailures));
    }

    [Fact]
    public void Data_is_dropped_answered_and_put_in_and_both_sides_stay_in_step()
    {
        int seen = 0;
        using ForwardPlace place = Open(data =>
        {
            Interlocked.Increment(ref seen);
            switch (data.Text)
            {
                case "drop":
                    data.Drop();
                    break;
                case "ask":
                    data.Answer("from the middle");
                    break;
                case "more":
                    data.InjectToPeer("before ");
                    data.InjectToClient("aside");
                    break;
            }
        });
        (TcpSession client, TcpSession server) = place.Connect();
        client.WriteAll("drop"u8, s_limit);
        // What is sent before the first piece has been looked at would be one piece with it.
        Assert.True(Tool.Until(() => Volatile.Read(ref seen) == 1, s_limit));
        Assert.False(server.WaitFor(SessionCondition.Readable, TimeSpan.FromMilliseconds(50)));
        client.WriteAll("ask"u8, s_limit);
        Assert.Equal("from the middle", Read(client, 15));
        client.WriteAll("more"u8, s_limit);
        Assert.Equal("before more", Read(server, 11));
        Assert.Equal("aside", Read(client, 5));
        ForwardedConnection connection = Assert.Single(place.Forwarder.Connections);
        connection.Inject(ForwardDirection.ToClient, "at any time"u8.ToArray());
        Assert.Equal("at any time", Read(client, 11));
        server.WriteAll("as ever"u8, s_limit);
        Assert.Equal("as ever", Read(client, 7));
        server.Shutdown();
        Assert.Equal(0, client.ReadSome(new byte[1], s_limit));
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(
            () => connection.Inject(ForwardDirection.ToClient, [1])).Error);
    }

    [Fact]
    public void A_client_is_sent_elsewhere_by_what_it_says()
    {
        using KernelListener other = KernelListener.Listen(NetworkAddress.Parse("127.0.0.1"), 0);
        using ForwardPlace place = Open(data =>
        {
            if (data.Text == "to the other")
            {
                data.RedirectTo("127.0.0.1", other.Port);
            }
        });
        (TcpSession client, TcpSession first) = place.Connect();
        client.WriteAll("to the other"u8, s_limit);
        TcpSession second = other.Accept(s_limit)!;
        Assert.Equal("to the other", Read(second, 12));
        second.WriteAll("welcome"u8, s_limit);
        Assert.Equal("welcome", Read(client, 7));
        Assert.True(first.WaitFor(SessionCondition.Closed, s_limit));
        Assert.Equal(0, place.Forwarder.Failed);
        second.Close();
        Assert.Equal(0, client.ReadSome(new byte[1], s_limit));
    }

    [Fact]
    public void A_hook_that_throws_changes_nothing_and_is_counted()
    {
        using ForwardPlace place = Open(data =>
        {
            data.Text = "half done";
            throw new InvalidOperationException("The hook's own fault.");
        });
        (TcpSession client, TcpSession server) = place.Connect();
        client.WriteAll("as it was"u8, s_limit);
        Assert.Equal("as it was", Read(server, 9));
        Assert.Equal(1, place.Forwarder.HookFailures);
        Assert.Equal("The hook's own fault.", place.Forwarder.LastError);
    }

    [Fact]
    public void A_hook_that_is_slow_holds_up_its_own_direction_only()
    {
        SlowHook hook = new();
        using ForwardPlace place = new(new Rig(StackMode.Threaded), false, o => o with { Hook = hook });
        (TcpSession client, TcpSession server) = place.Connect();
        client.WriteAll("first"u8, s_limit);
        Assert.True(Tool.Until(() => hook.Waiting.Count == 1, s_limit));
        client.WriteAll("second"u8, s_limit);
        server.WriteAll("back"u8, s_limit);
        Assert.True(Tool.Until(() => hook.Waiting.Count == 2, s_limit));
        Assert.Equal([ForwardDirection.ToPeer, ForwardDirection.ToClient], hook.Waiting.Select(item => item.Data.Direction));
        hook.Finish();
        Assert.True(Tool.Until(() => hook.Waiting.Count == 2, s_limit), "The second piece comes when the first is done.");
        hook.Finish();
        hook.Finish();
        Assert.Equal("firstsecond", Read(server, 11));
        Assert.Equal("back", Read(client, 4));
    }

    [Fact]
    public void Megabytes_go_through_a_hook_in_order()
    {
        using ForwardPlace place = Open(data => data.Data = [.. data.Data.Select(b => (byte)(b ^ 0x55))]);
        (TcpSession client, TcpSession server) = place.Connect();
        byte[] data = RepeatableData.Make(2_000_000);
        Thread writing = new(() =>
        {
            client.WriteAll(data, s_limit);
            client.Shutdown();
        });
        writing.Start();
        byte[] got = SessionReader.For(server).ReadToEnd(s_limit);
        Assert.True(writing.Join(s_limit));
        Assert.Equal(data, got.Select(b => (byte)(b ^ 0x55)));
    }

    [Fact]
    public void Stacks_that_do_not_move_by_themselves_are_refused()
    {
        using Rig rig = new();
        StackException error = Assert.Throws<StackException>(() => TcpForwarder.Start(new ForwarderOptions
        {
            Listen = new ForwardTarget(NetworkAddress.Parse("127.0.0.1"), 0),
            Peer = new ForwardTarget(Rig.ServerAddress, 80, rig.Client),
        }));
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.Contains("-Virtual", error.Advice, StringComparison.Ordinal);
    }

    private static ForwardPlace Open(Action<ForwardedData> hook) => new(null, false, o => o with { Hook = ForwardHook.From(hook) });

    private static string Read(TcpSession session, int count) =>
        Encoding.Latin1.GetString(SessionReader.For(session).ReadExactly(count, s_limit));

    private sealed class SlowHook : IForwardHook
    {
        public ConcurrentQueue<(ForwardedData Data, Action<Exception?> Done)> Waiting { get; } = new();

        public void Examine(ForwardedData data, Action<Exception?> done) => Waiting.Enqueue((data, done));

        public void Finish()
        {
            Assert.True(Waiting.TryDequeue(out (ForwardedData Data, Action<Exception?> Done) item));
            item.Done(null);
        }
    }
}
