using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>Hooks come and go while traffic flows, go wrong, and cost nothing where there is none.</summary>
public sealed class HookLifeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_transfer_allocates_nothing_without_a_hook_and_with_one(bool hooked)
    {
        using Rig rig = new(wire: new PacketWireOptions { MaximumSegmentationLength = hooked ? 0 : 65535 });
        (TcpSession client, TcpSession server) = rig.Establish();
        if (hooked)
        {
            HookFilter filter = new()
            {
                Ports = [new(Rig.Port)], Addresses = [InterfaceAddress.Parse("10.9.0.0/24")], FlagsUnset = TcpFlags.Rst,
                States = [TcpState.Established],
            };
            foreach (HookStage stage in new[] { HookStage.TcpOut, HookStage.IPOut, HookStage.LinkOut, HookStage.LinkIn, HookStage.IPIn, HookStage.TcpIn, HookStage.Data, HookStage.Timer })
            {
                rig.Client.Hook(stage, ChangeWindow, filter);
                rig.Server.Hook(stage, ChangeWindow, filter);
            }
        }

        byte[] data = new byte[64 * 1024];
        byte[] buffer = new byte[64 * 1024];
        long received = 0;
        long goal = 0;
        Func<bool> pump = () =>
        {
            client.Write(data);
            received += server.Read(buffer);
            return received >= goal;
        };
        Move(16L << 20);
        Assert.Equal(0, Allocation.Least(() => Move(4L << 20)));
        Assert.All(rig.Client.Hooks, static hook => Assert.Equal(0, hook.Failed));
        Assert.True(!hooked || rig.Client.Hooks.Sum(hook => hook.Changed) > 1000);

        void Move(long bytes)
        {
            goal = received + bytes;
            Assert.True(rig.Network.RunUntil(pump, TimeSpan.FromHours(1)));
        }
    }

    [Fact]
    public void A_hook_that_throws_is_told_of_and_the_packet_goes_on()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = rig.Client.Hook(HookStage.TcpOut, static (ref HookCall _) => throw new InvalidOperationException("on purpose"));
        for (int i = 0; i < 40; i++)
        {
            client.Say(server, "all the same");
        }

        Assert.Equal(hook.Matched, hook.Failed);
        Assert.Equal(16, hook.Errors.Count);
        Assert.All(hook.Errors, static error => Assert.Equal("on purpose", error.Message));
    }

    [Fact]
    public void Hooks_come_and_go_while_traffic_flows()
    {
        using Rig rig = new(StackMode.Threaded);
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[2_000_000];
        new Random(5).NextBytes(data);
        using Barrier together = new(2);
        bool done = false;
        Thread changer = new(() =>
        {
            together.SignalAndWait();
            int turn = 0;
            while (!Volatile.Read(ref done))
            {
                TcpStack stack = turn % 2 == 0 ? rig.Client : rig.Server;
                HookStage stage = (HookStage)(turn++ % 6);
                List<PacketHook> hooks =
                [
                    stack.Hook(stage, static (ref HookCall call) =>
                    {
                        call.EditTcp();
                        return HookVerdict.Delay(TimeSpan.FromMilliseconds(2));
                    }),
                    stack.Hook(stage, static (ref HookCall _) => HookVerdict.Duplicate()),
                    stack.Hook(stage, static (ref HookCall _) => HookVerdict.Hold),
                ];
                hooks.ForEach(static hook => hook.Remove());
                Assert.All(hooks, static hook => Assert.False(hook.IsActive));
            }
        });
        changer.Start();
        together.SignalAndWait();
        Thread writer = new(() => client.WriteAll(data, TimeSpan.FromMinutes(2)));
        writer.Start();
        byte[] received = new byte[data.Length];
        int got = 0;
        while (got < data.Length)
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
    }

    [Fact]
    public void Stopping_a_stack_ends_its_hooks_and_gives_back_what_they_hold()
    {
        PacketHook[] hooks;
        using (Rig rig = new())
        {
            (TcpSession client, _) = rig.Establish();
            hooks =
            [
                rig.Client.Hook(HookStage.TcpOut, static (ref HookCall _) => HookVerdict.Hold),
                rig.Client.Hook(HookStage.LinkOut, static (ref HookCall _) => HookVerdict.Delay(TimeSpan.FromDays(1))),
                rig.Server.Hook(HookStage.LinkIn, static (ref HookCall _) => HookVerdict.Hold),
            ];
            client.Write("held"u8);
            rig.Network.Run(TimeSpan.FromSeconds(1));
            Assert.True(hooks[0].Held > 0);
        }

        // Whether buffers came back is what Dispose has asserted.
        Assert.All(hooks, static hook => Assert.False(hook.IsActive));
        Assert.All(hooks, static hook => Assert.Equal(0, hook.Held));
    }

    [Fact]
    public void A_hook_can_remove_itself_and_another()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook other = rig.Client.Hook(HookStage.LinkOut, static (ref HookCall _) => HookVerdict.Drop);
        PacketHook? self = null;
        self = rig.Client.Hook(HookStage.TcpOut, (ref HookCall _) =>
        {
            other.Remove();
            self!.Remove();
            return HookVerdict.Accept;
        });
        client.Say(server, "gone");
        Assert.Empty(rig.Client.Hooks);
        Assert.Equal(1, self.Matched);
        Assert.Equal(0, other.Matched);
    }

    [Fact]
    public void The_same_hooks_and_seeds_give_the_same_run()
    {
        Assert.Equal(Run(), Run());

        static string Run()
        {
            using Rig rig = new(seed: 7, client: o => o with { Trace = true });
            (TcpSession client, TcpSession server) = rig.Establish();
            int turn = 0;
            rig.Client.Hook(HookStage.TcpOut, (ref HookCall call) => (turn++ % 5) switch
            {
                0 => HookVerdict.Delay(TimeSpan.FromMilliseconds(turn % 40)),
                1 => HookVerdict.Duplicate(1, TimeSpan.FromMilliseconds(3)),
                2 when turn < 100 => HookVerdict.Drop,
                _ => HookVerdict.Accept,
            });
            byte[] data = new byte[300_000];
            new Random(3).NextBytes(data);
            rig.Transfer(client, server, data);
            return string.Join('\n', rig.Client.Trace!.Snapshot().Select(record => $"{record.Time} {record.Direction} {record.Flags}"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Garbage_out_of_a_hook_never_breaks_a_stack(int seed)
    {
        using Rig rig = new(seed: (ulong)seed, wire: new PacketWireOptions { MaximumSegmentationLength = seed % 2 == 0 ? 0 : 65535 });
        Random random = new(seed);
        foreach (TcpStack stack in new[] { rig.Client, rig.Server })
        {
            foreach (HookStage stage in Enum.GetValues<HookStage>())
            {
                stack.Hook(stage, Spoil);
            }
        }

        using TcpListener listener = rig.Listen();
        for (int i = 0; i < 30; i++)
        {
            TcpSession session = rig.Connect();
            rig.Network.Run(TimeSpan.FromSeconds(2));
            if (session.CloseReason == TcpCloseReason.None)
            {
                session.Write(new byte[5000]);
                rig.Network.Run(TimeSpan.FromSeconds(3));
            }

            session.Abort();
        }

        Assert.Equal(StackState.Running, rig.Client.State);
        Assert.Equal(StackState.Running, rig.Server.State);
        Assert.All(rig.Client.Hooks, static hook => Assert.Equal(0, hook.Failed));
        foreach (PacketHook hook in rig.Client.Hooks.Concat(rig.Server.Hooks))
        {
            hook.Remove();
        }

        (TcpSession client, TcpSession server) = rig.Establish(port: 81);
        client.Say(server, "sound again");

        HookVerdict Spoil(ref HookCall call)
        {
            call.KeepChecksums = random.Next(2) == 0;
            switch (random.Next(24))
            {
                case 0:
                    random.NextBytes(call.Edit());
                    break;
                case 1:
                    byte[] other = new byte[random.Next(70_000)];
                    random.NextBytes(other);
                    call.Replace(other);
                    break;
                case 2 when call.Bytes.Length > 0:
                    call.Replace(call.Bytes[..random.Next(call.Bytes.Length)]);
                    break;
                case 3 when call.Bytes.Length > 0:
                    call.Edit()[random.Next(call.Bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 4:
                    call.Answer(call.Bytes[..random.Next(call.Bytes.Length + 1)]);
                    break;
                case 5:
                    return HookVerdict.Drop;
                case 6:
                    return HookVerdict.Delay(TimeSpan.FromMilliseconds(random.Next(300)));
                case 7:
                    return HookVerdict.Duplicate(random.Next(4), TimeSpan.FromMilliseconds(random.Next(3)));
                default:
                    break;
            }

            return HookVerdict.Accept;
        }
    }

    [Fact]
    public void A_step_tells_what_a_hook_has_done()
    {
        using Rig rig = new(StackMode.Manual);
        using TcpListener listener = rig.Listen();
        rig.Client.AddHook(new HookOptions
        {
            Stages = [HookStage.Syn], Name = "thief", Limit = 2, Handler = static (ref HookCall _) => HookVerdict.Drop,
        });
        rig.Connect();
        // What is opened is opened at once; the first step lets the retransmission timer run out.
        StepResult step = rig.Client.Step();
        Assert.Contains(step.Events, static e => e.Kind == StepEventKind.HookActed && e.Summary == "hook thief: drops a packet");
        Assert.DoesNotContain(step.Events, static e => e.Kind == StepEventKind.SegmentSent);
        Assert.Contains(rig.Client.Step().Events, static e => e.Kind == StepEventKind.SegmentSent);
    }

    [Fact]
    public void Options_that_make_no_hook_are_refused()
    {
        using Rig rig = new();
        PacketHookHandler handler = static (ref HookCall _) => HookVerdict.Accept;
        HookOptions good = new() { Stages = [HookStage.TcpOut], Handler = handler };
        foreach (HookOptions bad in new[]
        {
            good with { Stages = [] }, good with { Handler = null }, good with { Limit = 0 }, good with { Capacity = 0 },
            good with { Duration = TimeSpan.Zero },
        })
        {
            Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => rig.Client.AddHook(bad)).Error);
        }

        rig.Client.Stop();
        Assert.Equal(StackError.StackStopped, Assert.Throws<StackException>(() => rig.Client.AddHook(good)).Error);
    }

    private static HookVerdict ChangeWindow(ref HookCall call)
    {
        if (call.Session is not null && call.IsTcp && call.HasPacket)
        {
            TcpEditor tcp = call.EditTcp();
            tcp.UrgentPointer = 0;
        }

        return HookVerdict.Accept;
    }
}
