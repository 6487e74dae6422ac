using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

public sealed class ManualStepTests
{
    [Fact]
    public void Nothing_moves_unless_stepped_and_a_handshake_takes_one_step_a_segment()
    {
        using Rig rig = new(StackMode.Manual);
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        rig.Network.Run(TimeSpan.Zero);
        Assert.Empty(rig.Server.Sessions);

        StepResult step = rig.Server.Step();
        Assert.Equal(
            [StepEventKind.FrameReceived, StepEventKind.StateChanged, StepEventKind.SegmentSent, StepEventKind.TimerSet],
            step.Events.Select(e => e.Kind));
        Assert.Equal(StepKind.Frame, step.Kind);
        Assert.Contains(step.Events, e => e.Summary.Contains("[S] seq 0 ", StringComparison.Ordinal));
        Assert.Contains(step.Events, e => e.Summary.Contains("[S.] seq 0 ack 1 ", StringComparison.Ordinal));
        Assert.Equal(TcpState.SynSent, client.State);

        step = rig.Client.Step();
        Assert.Equal(TcpState.Established, client.State);
        StepEvent change = Assert.Single(step.Events, e => e.Kind == StepEventKind.StateChanged && e.SessionId == client.Id);
        Assert.Equal((TcpState.SynSent, TcpState.Established), (change.From, change.To));
        StepEvent stopped = Assert.Single(step.Events, e => e.Kind == StepEventKind.TimerStopped);
        Assert.Equal(StepTimer.Retransmission, stopped.Timer);
        Assert.False(listener.TryAccept(out _));

        step = rig.Server.Step();
        Assert.Contains(step.Events, e => e.Kind == StepEventKind.ApplicationTold && e.Summary.Contains("accepted", StringComparison.Ordinal));
        Assert.True(listener.TryAccept(out _));
        Assert.Equal(Instant.Zero, rig.Clock!.Now);
    }

    [Fact]
    public void With_nothing_else_to_do_a_step_moves_the_clock_to_the_next_timer()
    {
        using Rig rig = new(StackMode.Manual, server: o => o with { UnclaimedPorts = UnclaimedPortPolicy.Drop });
        TcpSession client = rig.Connect();
        StepResult step = rig.Client.Step(limit: Instant.FromSeconds(0.5));
        Assert.False(step.DidSomething);
        Assert.Equal(Instant.FromSeconds(0.5), step.Time);

        step = rig.Client.Step();
        Assert.Equal(client.Settings!.InitialRto, step.Time - Instant.Zero);
        Assert.Equal(
            [StepEventKind.TimeAdvanced, StepEventKind.TimerFired, StepEventKind.SegmentSent, StepEventKind.TimerSet],
            step.Events.Select(e => e.Kind));
        Assert.Equal(StepTimer.Retransmission, step.Events[1].Timer);
        Assert.Equal(step.NextDeadline, step.Events[3].Deadline);
        Assert.Equal(1, client.Info.RetransmittedSegments);
        Assert.True(step.NextDeadline > step.Time);
    }

    [Fact]
    public void A_stepped_stack_can_speak_with_one_that_moves_in_virtual_time()
    {
        using Rig rig = new(StackMode.Manual, server: o => o with { Mode = StackMode.Virtual });
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        rig.Client.Step();
        Assert.Equal(TcpState.Established, client.State);
        Assert.True(listener.TryAccept(out TcpSession? server));
        server.Write("hello"u8);
        rig.Client.Step();
        Assert.Equal(5, client.Available);
    }

    [Fact]
    public void A_stack_that_moves_by_itself_cannot_be_stepped()
    {
        using Rig rig = new();
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => rig.Client.Step()).Error);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(rig.Client.GetPendingSteps).Error);
        StackException refused = Assert.Throws<StackException>(() => new Rig(client: o => o with { DefersCalls = true }));
        Assert.Equal(StackError.InvalidArgument, refused.Error);
    }

    [Fact]
    public void A_step_with_nothing_to_do_says_so()
    {
        using Rig rig = new(StackMode.Manual);
        StepResult step = rig.Client.Step();
        Assert.False(step.DidSomething);
        Assert.True(step.NextDeadline.IsNever);
        Assert.Contains("nothing to do", step.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_users_ask_for_happens_in_steps_of_its_own()
    {
        using Rig rig = Deferring();
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        Assert.Equal(TcpState.Closed, client.State);
        Assert.Equal(3, client.Write("abc"u8));
        Assert.False(client.WaitFor(SessionCondition.Closed, TimeSpan.Zero));
        Assert.False(client.WaitFor(SessionCondition.Drained, TimeSpan.Zero));
        Assert.False(rig.Server.Step(Instant.Zero).DidSomething);

        StepResult step = rig.Client.Step();
        Assert.Equal(StepKind.Application, step.Kind);
        Assert.Equal(
            [StepEventKind.ApplicationCall, StepEventKind.StateChanged, StepEventKind.SegmentSent, StepEventKind.TimerSet],
            step.Events.Select(e => e.Kind));
        Assert.Contains("CLOSED -> SYN-SENT", step.Events[1].Summary, StringComparison.Ordinal);
        Assert.Equal(TcpState.SynSent, client.State);

        StackStepper both = new([rig.Client, rig.Server]);
        Until(both, () => client.State == TcpState.Established);
        Assert.True(listener.TryAccept(out TcpSession? server) || Until(both, () => listener.TryAccept(out server)));
        Until(both, () => server!.Available == 3);
        byte[] data = new byte[10];
        Assert.Equal(3, server!.Read(data));
        Assert.Equal("abc", Encoding.ASCII.GetString(data, 0, 3));

        client.Shutdown();
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => client.Write("x"u8)).Error);
        Assert.Equal(TcpState.Established, client.State);
        step = rig.Client.Step(new StepOptions { Kind = StepKind.Application });
        Assert.Contains(step.Events, e => e.To == TcpState.FinWait1);
        server.Close();
        Until(both, () => client.State == TcpState.TimeWait);
        step = rig.Client.Step(new StepOptions { Kind = StepKind.Timer });
        Assert.Contains(step.Events, e => e.Timer == StepTimer.TimeWait);
        Assert.Equal(TcpState.Closed, client.State);
        client.Close();
        Drain(both);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_write_waits_for_room_and_goes_on_by_itself()
    {
        using Rig rig = Deferring();
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect(settings: TcpSettings.For(TcpProfile.Linux) with { SendBufferSize = 4096, AutoTuneSendBuffer = false });
        byte[] sent = new byte[20_000];
        new Random(1).NextBytes(sent);
        Assert.Equal(sent.Length, client.Write(sent));
        client.Close();
        StackStepper both = new([rig.Client, rig.Server]);
        TcpSession? server = null;
        Until(both, () => listener.TryAccept(out server));
        List<byte> got = [];
        byte[] piece = new byte[1000];
        Until(both, () =>
        {
            got.AddRange(piece[..server!.Read(piece)]);
            return got.Count == sent.Length && server.IsPeerFinished;
        });
        Assert.Equal(sent, got);
        server!.Close();
        Drain(both);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_session_that_is_aborted_before_it_was_opened_leaves_nothing()
    {
        using Rig rig = Deferring();
        TcpSession client = rig.Connect();
        client.Write("abc"u8);
        client.Abort();
        Assert.False(rig.Client.Step().DidSomething);
        rig.AssertNothingLeft();
        rig.Connect();
        rig.Client.Stop();
        Assert.Empty(rig.Client.Sessions);
    }

    [Fact]
    public void A_frame_can_be_lost_by_hand_and_what_repairs_the_loss_is_told()
    {
        using Rig rig = Deferring();
        (TcpSession client, TcpSession server) = Establish(rig);
        client.Write("lost"u8);
        rig.Client.Step();
        PendingStep waiting = Assert.Single(rig.Server.GetPendingSteps(), p => p.Kind == StepKind.Frame);
        Assert.Equal(4, waiting.Segment!.Length);
        StepResult lost = rig.Server.Step(new StepOptions { Frame = StepFrame.Discard });
        Assert.Equal(StepEventKind.FrameDiscarded, Assert.Single(lost.Events).Kind);
        Assert.Equal(0, server.Available);

        StepResult repaired = rig.Client.Step(new StepOptions { Kind = StepKind.Timer });
        Assert.Contains(repaired.Events, e => e.Kind == StepEventKind.TimerFired && e.Timer == StepTimer.Retransmission);
        StepEvent again = Assert.Single(repaired.Events, e => e.Kind == StepEventKind.SegmentSent);
        Assert.Equal(1, again.RelativeSequence);
        Assert.Contains(repaired.Events, e => e.Property == nameof(TcpInfo.RetransmissionTimeout));
        Assert.Contains(repaired.Events, e => e.Property == nameof(TcpInfo.CongestionWindow));
        StepResult arrived = rig.Server.Step();
        Assert.Contains(arrived.Events, e => e.Kind == StepEventKind.ApplicationTold && e.Summary.Contains("4 bytes", StringComparison.Ordinal));
    }

    [Fact]
    public void Frames_that_are_held_are_overtaken()
    {
        using Rig rig = Deferring();
        (TcpSession client, TcpSession server) = Establish(rig);
        client.NoDelay = true;
        client.Write("one"u8);
        client.Write("two"u8);
        rig.Client.Step();
        rig.Client.Step();
        rig.Server.Step(new StepOptions { Frame = StepFrame.Hold });
        Assert.Single(rig.Server.GetPendingSteps(), p => p.IsHeld);
        rig.Server.Step();
        Assert.Equal(0, server.Available);
        Assert.Equal(1, server.Info.OutOfOrderIn);
        Assert.Equal(1, rig.Server.ReleaseHeldFrames());
        rig.Server.Step(Instant.Zero);
        Assert.Equal(6, server.Available);
    }

    [Fact]
    public void A_frame_can_be_made_late_by_letting_the_timer_run_out_first()
    {
        using Rig rig = Deferring();
        (TcpSession client, TcpSession server) = Establish(rig);
        client.Write("late"u8);
        rig.Client.Step();
        rig.Server.Step();
        server.Write("answer"u8);
        rig.Server.Step(new StepOptions { Kind = StepKind.Application });
        Assert.Contains(rig.Client.GetPendingSteps(), p => p.Kind == StepKind.Frame);
        StepResult step = rig.Client.Step(new StepOptions { Kind = StepKind.Timer });
        Assert.Equal(StepKind.Timer, step.Kind);
        Assert.Equal(1, client.Info.RetransmittedSegments);
        Assert.False(rig.Client.Step(new StepOptions { Kind = StepKind.Application }).DidSomething);
    }

    [Fact]
    public void What_is_pending_is_told_in_the_order_in_which_it_comes()
    {
        using Rig rig = Deferring();
        (TcpSession client, _) = Establish(rig);
        client.Write("abc"u8);
        rig.Client.Step();
        client.Close();
        rig.Server.Step(new StepOptions { Kind = StepKind.Timer, Limit = Instant.Zero });
        IReadOnlyList<PendingStep> pending = rig.Client.GetPendingSteps();
        Assert.Equal([StepKind.Application, StepKind.Timer], pending.Select(p => p.Kind));
        Assert.Equal(StepTimer.Retransmission, pending[1].Timer);
        Assert.Contains("closes session", pending[0].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_delay_that_the_other_end_keeps_passes_by_stepping_this_one()
    {
        using Rig rig = new(
            StackMode.Manual, impairment: new TcpTools.Links.Impairment { Delay = TimeSpan.FromMilliseconds(50) });
        rig.Listen();
        rig.Connect();
        StepResult step = rig.Server.Step();
        Assert.Equal(StepKind.Frame, step.Kind);
        Assert.Equal(Instant.FromSeconds(0.05), step.Time);
        Assert.Equal(StepEventKind.TimeAdvanced, step.Events[0].Kind);
    }

    [Fact]
    public void What_is_overdue_on_another_manual_stack_does_not_hold_the_clock()
    {
        using Rig rig = Deferring();
        (TcpSession client, TcpSession server) = Establish(rig);
        server.Write("x"u8);
        rig.Server.Step();
        client.KeepAlive = true;
        client.SetKeepAlive(true, TimeSpan.FromHours(1));
        rig.Network.Run(TimeSpan.FromMinutes(1));
        StepResult step = rig.Client.Step(new StepOptions { Kind = StepKind.Timer });
        Assert.Equal(StepTimer.KeepAlive, step.Events.First(e => e.Kind == StepEventKind.TimerFired).Timer);
        Assert.Equal(Instant.FromSeconds(3600), step.Time);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Whatever_order_and_losses_are_chosen_by_hand_all_bytes_arrive(int seed)
    {
        Random random = new(seed);
        using Rig rig = Deferring();
        (TcpSession client, TcpSession server) = Establish(rig);
        byte[] sent = new byte[30_000];
        random.NextBytes(sent);
        List<byte> got = [];
        byte[] piece = new byte[3000];
        int written = 0;
        TcpStack[] stacks = [rig.Client, rig.Server];
        for (int i = 0; i < 600; i++)
        {
            TcpStack stack = stacks[random.Next(2)];
            switch (random.Next(12))
            {
                case 0 when written < sent.Length:
                    written += client.Write(sent.AsSpan(written, Math.Min(random.Next(1, 4000), sent.Length - written)));
                    break;
                case 1:
                    got.AddRange(piece[..server.Read(piece)]);
                    break;
                case 2:
                    stack.Step(new StepOptions { Frame = random.Next(3) == 0 ? StepFrame.Discard : StepFrame.Hold, Limit = stack.Now });
                    break;
                case 3:
                    stack.ReleaseHeldFrames();
                    break;
                case 4 when random.Next(10) == 0:
                    stack.Step(new StepOptions { Kind = StepKind.Timer });
                    break;
                case 5:
                    Assert.All(stack.GetPendingSteps(), pending => Assert.NotEmpty(pending.Summary));
                    break;
                default:
                    stack.Step(stack.Now);
                    break;
            }
        }

        rig.Client.ReleaseHeldFrames();
        rig.Server.ReleaseHeldFrames();
        client.Write(sent.AsSpan(written));
        client.Shutdown();
        StackStepper both = new(stacks);
        Until(both, () =>
        {
            got.AddRange(piece[..server.Read(piece)]);
            return server.IsPeerFinished && got.Count == sent.Length;
        });
        Assert.Equal(sent, got);
        server.Close();
        Drain(both);
        client.Close();
        Drain(both);
        rig.AssertNothingLeft();
    }

    private static Rig Deferring() => new(
        StackMode.Manual, client: o => o with { DefersCalls = true }, server: o => o with { DefersCalls = true });

    private static (TcpSession Client, TcpSession Server) Establish(Rig rig)
    {
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        StackStepper both = new([rig.Client, rig.Server]);
        TcpSession? server = null;
        Until(both, () => listener.TryAccept(out server));
        return (client, server!);
    }

    private static bool Until(StackStepper stepper, Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(stepper.Step().DidSomething && i < 1000, "Nothing is left that could happen.");
        }

        return true;
    }

    private static void Drain(StackStepper stepper)
    {
        while (stepper.Step().DidSomething)
        {
        }
    }
}
