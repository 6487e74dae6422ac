using System;
using System.Linq;
using TcpTools.Automata;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>Standing still: breakpoints, single steps, and packets held up on their way out.</summary>
public sealed class AutomatonStepTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void It_stands_still_before_a_state_with_a_breakpoint_and_goes_on()
    {
        using AutomatonRig rig = new(Chain());
        rig.Automaton.Breakpoints.Add("b", "End");
        Assert.Equal(AutomatonPause.Breakpoint, rig.Run());
        Assert.Equal(("A", AutomatonStatus.Paused), (rig.Automaton.State, rig.Automaton.Status));
        Assert.Equal(["A"], rig.Outputs());
        Assert.Equal(AutomatonPause.Breakpoint, rig.Run());
        Assert.Equal(["B"], rig.Outputs());
        rig.Automaton.Breakpoints.Remove("*");
        Assert.Equal(AutomatonPause.None, rig.Run());
        Assert.Equal(["End"], rig.Outputs());
        StackException error = Assert.Throws<StackException>(() => rig.Automaton.Breakpoints.Add("C"));
        Assert.Equal((StackError.InvalidAutomaton, "It has A, B, End."), (error.Error, error.Advice));
    }

    [Fact]
    public void Steps_tell_what_was_done_one_by_one()
    {
        using AutomatonRig rig = new(Chain());
        AutomatonStep first = rig.Step()!;
        Assert.Equal(("", "A", "start", AutomatonPause.Step), (first.From, first.To, first.Cause, rig.Automaton.Pause));
        AutomatonStep second = rig.Step()!;
        Assert.Equal(("A", "B", "A.Timeout1", Instant.FromSeconds(1)), (second.From, second.To, second.Rule, second.Time));
        Assert.Equal("sent in B", Assert.Single(second.Sent).Payload!.Text);
        Assert.Equal(["B"], second.Output);
        AutomatonStep third = rig.Step()!;
        Assert.Equal(("B", "End", AutomatonStatus.Ended), (third.From, third.To, third.Status));
        Assert.Null(rig.Step());
        Assert.Equal("1.000000 A > B by A.Timeout1: A.Timeout1 1 s passed, 1 sent", second.ToString());
    }

    [Fact]
    public void A_step_before_a_breakpoint_is_taken_in_two_parts()
    {
        using AutomatonRig rig = new(Chain());
        rig.Automaton.Breakpoints.Add("B");
        rig.Step();
        AutomatonStep at = rig.Step()!;
        Assert.Equal(("A", "B", AutomatonPause.Breakpoint, 0), (at.From, at.To, at.Pause, at.Output.Count));
        AutomatonStep inside = rig.Step()!;
        Assert.Equal(("B", 1), (inside.To, inside.Output.Count));
    }

    [Fact]
    public void Timers_stand_still_while_it_does()
    {
        using AutomatonRig rig = new(Chain());
        rig.Run(0.25);
        rig.Network.Run(10 * s_second);
        rig.Run();
        Assert.Equal(Instant.FromSeconds(12), rig.Network.Now);
        Assert.Equal(Instant.FromSeconds(11), rig.Automaton.Log[1].Time);
    }

    [Theory]
    [InlineData("accept", "sent in B")]
    [InlineData("reject", "")]
    [InlineData("replace", "other 1,other 2")]
    public void A_packet_held_up_waits_for_its_verdict(string verdict, string expected)
    {
        using AutomatonRig rig = new(Chain());
        rig.Automaton.InterceptIn.Add("B");
        Assert.Equal(AutomatonPause.Interception, rig.Run());
        Assert.Equal("sent in B", rig.Automaton.Intercepted!.Payload!.Text);
        Assert.Empty(rig.Sent);
        Assert.Equal(AutomatonPause.Interception, rig.Run());
        rig.Automaton.Judge(Verdict(verdict));
        Assert.Equal(AutomatonPause.None, rig.Run());
        Assert.Equal(expected, string.Join(',', rig.Sent.Select(packet => packet.Payload!.Text)));
        Assert.Equal(verdict == "accept" ? 0 : 1, rig.Automaton.Rejected);
        Assert.Throws<StackException>(() => rig.Automaton.Judge(AutomatonVerdict.Accept));
    }

    [Theory]
    [InlineData("accept", "sent in B")]
    [InlineData("reject", "")]
    [InlineData("replace", "other 1,other 2")]
    public void A_judge_gives_verdicts_without_standing_still(string verdict, string expected)
    {
        using AutomatonRig rig = new(Chain());
        rig.Automaton.InterceptIn.Add("*");
        rig.Automaton.Interceptor = e => e.Packet!.Payload!.Text == "sent in B" ? Verdict(verdict) : AutomatonVerdict.Accept;
        Assert.Equal(AutomatonPause.None, rig.Run());
        Assert.Equal(expected, string.Join(',', rig.Sent.Select(packet => packet.Payload!.Text)));
    }

    [Fact]
    public void A_sender_of_its_own_takes_the_place_of_the_links()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Own", Chain())
            .Sender(e =>
            {
                e.Automaton.Transmit(e.Packet!);
                e.Automaton.Transmit(e.Packet!);
            })
            .Build();
        using AutomatonRig rig = new(definition);
        rig.Run();
        Assert.Equal((2, 1L), (rig.Sent.Count, rig.Automaton.Sent));
    }

    private static AutomatonVerdict Verdict(string name) => name switch
    {
        "accept" => AutomatonVerdict.Accept,
        "reject" => AutomatonVerdict.Reject,
        _ => AutomatonVerdict.Replace(AutomatonRig.Udp("other 1"), AutomatonRig.Udp("other 2")),
    };

    private static AutomatonDefinition Chain() => new AutomatonBuilder("Chain")
        .State("A", AutomatonStateKind.Initial, e => e.Automaton.Output("A"))
        .State("B", enter: e =>
        {
            e.Automaton.Output("B");
            Packet packet = AutomatonRig.Udp("sent in B");
            e.Automaton.Send(packet);
        })
        .State("End", AutomatonStateKind.Final, e => e.Automaton.Output("End"))
        .After(AutomatonTrigger.Timeout, "A", s_second, to: "B")
        .After(AutomatonTrigger.Timeout, "B", s_second, to: "End")
        .Build();
}
