using System;
using System.Linq;
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
            [StepEventKind.FrameReceived, StepEventKind.SegmentSent, StepEventKind.StateChanged],
            step.Events.Select(e => e.Kind).Order());
        Assert.Contains(step.Events, e => e.Summary.Contains("[S]", StringComparison.Ordinal));
        Assert.Equal(TcpState.SynSent, client.State);

        step = rig.Client.Step();
        Assert.Equal(TcpState.Established, client.State);
        Assert.Contains(step.Events, e => e.Kind == StepEventKind.StateChanged && e.SessionId == client.Id);
        Assert.False(listener.TryAccept(out _));

        rig.Server.Step();
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
            [StepEventKind.TimeAdvanced, StepEventKind.TimerFired, StepEventKind.SegmentSent], step.Events.Select(e => e.Kind));
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
        StackException error = Assert.Throws<StackException>(() => rig.Client.Step());
        Assert.Equal(StackError.InvalidArgument, error.Error);
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
}
