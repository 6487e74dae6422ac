using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>Hooks that decide later, on a thread of their own, with real and with simulated time.</summary>
public sealed class DeferredHookTests
{
    [Theory]
    [InlineData(StackMode.Virtual, HookStage.TcpOut)]
    [InlineData(StackMode.Virtual, HookStage.LinkIn)]
    [InlineData(StackMode.Threaded, HookStage.TcpOut)]
    [InlineData(StackMode.Threaded, HookStage.IPOut)]
    [InlineData(StackMode.Threaded, HookStage.LinkOut)]
    [InlineData(StackMode.Threaded, HookStage.LinkIn)]
    [InlineData(StackMode.Threaded, HookStage.IPIn)]
    [InlineData(StackMode.Threaded, HookStage.TcpIn)]
    public void What_is_taken_goes_on_in_its_order(StackMode mode, HookStage stage)
    {
        using Rig rig = new(mode);
        (TcpSession client, TcpSession server) = rig.Establish();
        using Decider decider = new(static held => new HookDecision());
        PacketHook hook = rig.Client.AddHook(new HookOptions { Stages = [stage], Deferred = decider });
        for (int i = 0; i < 20; i++)
        {
            client.Say(server, "ask");
            server.Say(client, "answer");
        }

        Assert.True(hook.Matched > 0);
        Assert.Equal(0, client.Info.RetransmittedSegments);
        hook.Remove();
        Assert.True(decider.IsDisposed.Wait(Rig.Limit));
    }

    [Fact]
    public void Simulated_time_waits_for_a_decision()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        using Decider decider = new(static held =>
        {
            Thread.Yield();
            return new HookDecision { Verdict = HookVerdict.Delay(TimeSpan.FromMilliseconds(30)) };
        });
        rig.Client.AddHook(new HookOptions { Stages = [HookStage.TcpOut], Deferred = decider, Filter = new HookFilter { HasData = true } });
        Instant before = rig.Network.Now;
        client.Say(server, "exactly");
        Assert.Equal(30, (rig.Network.Now - before).TotalMilliseconds);
    }

    [Fact]
    public void A_number_decided_upon_later_becomes_the_connections()
    {
        using Rig rig = new(StackMode.Threaded);
        using Decider decider = new(static held =>
        {
            byte[] bytes = [.. held.Bytes];
            TcpEditor tcp = new(bytes.AsSpan(20)) { Sequence = new SequenceNumber(5555) };
            tcp.UpdateChecksum(held.Flow.LocalAddress, held.Flow.RemoteAddress);
            return new HookDecision { Bytes = bytes };
        });
        rig.Server.AddHook(new HookOptions { Stages = [HookStage.SynAck], Deferred = decider });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(5555u, server.Info.InitialSendSequence.Value);
        client.Say(server, "ask");
        server.Say(client, "answer");
    }

    [Fact]
    public void Who_decides_may_use_the_stack()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        int once = 0;
        using Decider decider = new(held =>
        {
            if (Interlocked.Exchange(ref once, 1) == 0)
            {
                server.Write("from inside"u8);
                Assert.Equal("from inside", client.Hear(11));
                rig.Network.Run(TimeSpan.FromSeconds(1));
            }

            return new HookDecision();
        });
        PacketHook hook = rig.Client.AddHook(new HookOptions { Stages = [HookStage.TcpOut], Deferred = decider, Filter = new HookFilter { HasData = true } });
        client.Say(server, "outside");
        Assert.Empty(hook.Errors);
    }

    [Fact]
    public void Who_decides_may_stop_the_stack()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        using Decider decider = new(held =>
        {
            rig.Client.Stop();
            return new HookDecision();
        });
        rig.Client.AddHook(new HookOptions { Stages = [HookStage.TcpOut], Deferred = decider });
        client.Write("last words"u8);
        Assert.True(decider.IsDisposed.Wait(Rig.Limit));
        Assert.Equal(StackState.Stopped, rig.Client.State);
        Assert.True(server.WaitFor(SessionCondition.Closed, Rig.Limit));
    }

    [Fact]
    public void Removing_a_hook_lets_go_of_what_waits_for_its_decision()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        using ManualResetEventSlim stuck = new();
        using Decider decider = new(held =>
        {
            stuck.Wait(Rig.Limit);
            return new HookDecision { Verdict = HookVerdict.Drop };
        });
        PacketHook hook = rig.Client.AddHook(new HookOptions { Stages = [HookStage.TcpOut], Deferred = decider, Filter = new HookFilter { HasData = true } });
        client.Write("wait"u8);
        Assert.Equal(1, hook.Held);
        hook.Remove();
        Assert.Equal("wait", server.Hear(4));
        Assert.Equal(0, hook.Held);
        stuck.Set();
        Assert.True(decider.IsDisposed.Wait(Rig.Limit));
        Assert.Equal(0, hook.Dropped);
    }

    [Fact]
    public void Hooks_that_decide_later_come_and_go_while_traffic_flows()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[1_000_000];
        new Random(6).NextBytes(data);
        bool done = false;
        List<Decider> deciders = [];
        Thread changer = new(() =>
        {
            for (int turn = 0; !Volatile.Read(ref done); turn++)
            {
                Decider decider = new(static held => new HookDecision { Bytes = held.HasPacket ? held.Bytes : null });
                deciders.Add(decider);
                TcpStack stack = turn % 2 == 0 ? rig.Client : rig.Server;
                PacketHook hook = stack.AddHook(new HookOptions { Stages = [(HookStage)(turn % 6)], Deferred = decider });
                SpinWait.SpinUntil(() => hook.Matched > 2 || Volatile.Read(ref done), TimeSpan.FromMilliseconds(20));
                hook.Remove();
            }
        });
        changer.Start();
        Thread writer = new(() => client.WriteAll(data, TimeSpan.FromMinutes(2)));
        writer.Start();
        byte[] received = new byte[data.Length];
        for (int got = 0; got < data.Length;)
        {
            int count = server.ReadSome(received.AsSpan(got), TimeSpan.FromMinutes(2));
            Assert.True(count > 0, $"{got} bytes arrived");
            got += count;
        }

        Volatile.Write(ref done, true);
        changer.Join();
        writer.Join();
        Assert.Equal(data, received);
        Assert.Empty(rig.Client.Hooks);
        Assert.Empty(rig.Server.Hooks);
        Assert.All(deciders, static decider => Assert.True(decider.IsDisposed.Wait(Rig.Limit)));
    }

    [Fact]
    public void What_comes_while_too_many_wait_is_dropped_and_counted()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        client.NoDelay = true;
        using ManualResetEventSlim stuck = new();
        using Decider decider = new(held =>
        {
            stuck.Wait(Rig.Limit);
            return new HookDecision();
        });
        PacketHook hook = rig.Client.AddHook(new HookOptions
        {
            Stages = [HookStage.TcpOut], Deferred = decider, Filter = new HookFilter { HasData = true }, Capacity = 3,
        });
        for (int i = 0; i < 5; i++)
        {
            client.Write("x"u8);
        }

        Assert.Equal(3, hook.Held);
        Assert.Equal(2, hook.Overflowed);
        stuck.Set();
        Assert.Equal("xxxxx", server.Hear(5));
    }

    [Fact]
    public void Things_that_happen_are_told_without_holding_anything()
    {
        using Rig rig = new();
        ConcurrentQueue<string> told = new();
        using Decider decider = new(held =>
        {
            told.Enqueue($"{held.Stage} {held.PreviousState} {held.State} {held.Bytes.Length}");
            return new HookDecision { Verdict = HookVerdict.Drop };
        });
        PacketHook hook = rig.Client.AddHook(new HookOptions
        {
            Stages = [HookStage.StateChange, HookStage.Connected, HookStage.Data], Deferred = decider,
        });
        (TcpSession client, TcpSession server) = rig.Establish();
        server.Say(client, "four");
        rig.Network.RunUntilIdle();
        hook.Remove();
        Assert.Equal(
            ["StateChange Closed SynSent 0", "StateChange SynSent Established 0", "Connected SynSent Established 0", "Data Closed Established 4"],
            told);
        Assert.Equal(0, hook.Dropped);
    }

    /// <summary>Decides on a thread of its own, one packet after another.</summary>
    private sealed class Decider : IDeferredPacketHook, IDisposable
    {
        private readonly BlockingCollection<HeldPacket> _packets = [];
        private readonly Func<HeldPacket, HookDecision> _decide;

        public Decider(Func<HeldPacket, HookDecision> decide)
        {
            _decide = decide;
            new Thread(Run) { IsBackground = true }.Start();
        }

        public ManualResetEventSlim IsDisposed { get; } = new();

        public void Take(HeldPacket packet) => _packets.Add(packet);

        public void Dispose()
        {
            if (!_packets.IsAddingCompleted)
            {
                _packets.CompleteAdding();
                IsDisposed.Set();
            }
        }

        private void Run()
        {
            foreach (HeldPacket held in _packets.GetConsumingEnumerable())
            {
                held.Work?.Adopt();
                HookDecision decision;
                try
                {
                    decision = _decide(held);
                }
                catch (Exception error)
                {
                    decision = new HookDecision { Failure = error };
                }

                held.Release(decision);
            }
        }
    }
}
