using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>What automata do, in simulated time.</summary>
public sealed class AutomatonTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    [Fact]
    public void Conditions_lead_from_the_first_state_to_the_last_and_each_move_is_logged()
    {
        AutomatonDefinition hello = new AutomatonBuilder("Hello")
            .State("Begin", AutomatonStateKind.Initial, e => e.Automaton.Output("begin"))
            .State("Wait", enter: e => e.Automaton.Output("wait"))
            .State("End", AutomatonStateKind.Final, e => e.Automaton.Output("end"))
            .On(AutomatonTrigger.Condition, "Begin", to: "Wait")
            .After(AutomatonTrigger.Timeout, "Wait", s_second, to: "End")
            .Build();
        using AutomatonRig rig = new(hello);
        Assert.Equal(AutomatonPause.None, rig.Run());
        Assert.Equal(AutomatonStatus.Ended, rig.Automaton.Status);
        Assert.Equal(["begin", "wait", "end"], rig.Outputs());
        Assert.Equal("Begin Wait End", rig.Way());
        AutomatonTransition last = rig.Automaton.Log[^1];
        Assert.Equal((Instant.FromSeconds(1), "Wait", "End", "Wait.Timeout1", 3L), (last.Time, last.From, last.To, last.Rule, last.Number));
        Assert.Equal("Wait.Timeout1 1 s passed", last.Cause);
    }

    [Fact]
    public void A_definition_on_the_base_of_another_replaces_single_states_and_rules()
    {
        AutomatonBuilder first = new AutomatonBuilder("First")
            .State("Begin", AutomatonStateKind.Initial)
            .State("Middle", enter: e => e.Automaton.Output("old middle"))
            .State("End", AutomatonStateKind.Final, e => e.Automaton.Output("old end"))
            .On(AutomatonTrigger.Condition, "Begin", to: "Middle", name: "go", then: e => e.Automaton.Output("old go"))
            .On(AutomatonTrigger.Condition, "Middle", to: "End", name: "finish")
            .Parameter("A", 1).Parameter("B", 2);
        first.Action(new AutomatonAction { Rule = "go", Priority = 1, Run = e => e.Automaton.Output("old action") });
        AutomatonDefinition basis = first.Build();
        AutomatonDefinition second = new AutomatonBuilder("Second", basis)
            .State("End", AutomatonStateKind.Final, e => e.Automaton.Output("new end"))
            .On(AutomatonTrigger.Condition, "Begin", to: "End", name: "GO", then: e => e.Automaton.Output("new go"))
            .Parameter("B", 3)
            .Build();
        using AutomatonRig old = new(basis);
        old.Run();
        Assert.Equal(["old go", "old action", "old middle", "old end"], old.Outputs());
        using AutomatonRig rig = new(second);
        rig.Run();
        Assert.Equal(["new go", "old action", "new end"], rig.Outputs());
        Assert.Equal((1, 3), (rig.Automaton.Parameter["a"], rig.Automaton.Parameter["B"]));
        Assert.Equal(["Begin", "Middle", "End"], second.States.Select(state => state.Name));

        // Left out, the rule's actions go with it.
        AutomatonDefinition third = new AutomatonBuilder("Third", basis).Without("go").Build();
        using AutomatonRig stuck = new(third);
        stuck.Run();
        Assert.Contains("stuck in Begin", stuck.AssertFailed(StackError.Stuck).Message);
    }

    [Fact]
    public void Rules_and_actions_come_in_the_order_of_their_priorities()
    {
        List<string> asked = [];
        AutomatonBuilder builder = new AutomatonBuilder("Order")
            .State("A", AutomatonStateKind.Initial)
            .State("B", AutomatonStateKind.Final)
            .On(AutomatonTrigger.Condition, "A", when: _ => Ask("third", false), to: "B", priority: 3)
            .On(AutomatonTrigger.Condition, "A", when: _ => Ask("last", true), to: "B", priority: 9, name: "last")
            .On(AutomatonTrigger.Condition, "A", when: _ => Ask("never", true), to: "B", priority: 10)
            .On(AutomatonTrigger.Condition, "A", when: _ => Ask("first", false), to: "B", priority: -1)
            .On(AutomatonTrigger.Condition, "A", when: _ => Ask("second", false), to: "B", priority: -1);
        builder.Action(new AutomatonAction { Rule = "last", Priority = 2, Run = _ => asked.Add("action 2") });
        builder.Action(new AutomatonAction { Rule = "last", Priority = 1, Run = _ => asked.Add("action 1") });
        builder.Action(new AutomatonAction { Rule = "last", Priority = -1, Run = _ => asked.Add("action -1") });
        using AutomatonRig rig = new(builder.Build());
        rig.Run();
        Assert.Equal(["first", "second", "third", "last", "action -1", "action 1", "action 2"], asked);

        bool Ask(string name, bool answer)
        {
            asked.Add(name);
            return answer;
        }
    }

    [Fact]
    public void Timers_of_100_and_150_ms_go_off_10_and_6_times_in_a_second()
    {
        using AutomatonRig rig = new(Clockwork().Build());
        rig.Run();
        Assert.Equal(AutomatonStatus.Ended, rig.Automaton.Status);
        Assert.Equal((10L, 6L), (rig.Automaton.Timers["fast"].Count, rig.Automaton.Timers["SLOW"].Count));
        Assert.Equal((10, 6), (rig.Automaton.Data["fast"], rig.Automaton.Data["slow"]));
        Assert.Equal(Instant.FromSeconds(1), rig.Network.Now);
    }

    [Fact]
    public void A_timer_can_be_set_and_reset_while_it_runs()
    {
        AutomatonBuilder builder = Clockwork();
        builder.Action(new AutomatonAction
        {
            Rule = "fast",
            Run = e =>
            {
                if ((int)e.Automaton.Data["fast"]! == 4)
                {
                    e.Automaton.Timers["fast"].Set(0.2); // 0.4 s: then 0.6, 0.8, 1.0
                }
            },
        });
        builder.Action(new AutomatonAction
        {
            Rule = "fast",
            Run = e =>
            {
                if ((int)e.Automaton.Data["fast"]! == 2)
                {
                    e.Automaton.Timers["slow"].Reset(); // 0.2 s: then 0.35, 0.5, 0.65, 0.8, 0.95 after the one at 0.15
                }
            },
        });
        using AutomatonRig rig = new(builder.Build());
        rig.Run();
        Assert.Equal((7L, 6L), (rig.Automaton.Timers["fast"].Count, rig.Automaton.Timers["slow"].Count));
        StackException wrong = Assert.Throws<StackException>(() => rig.Automaton.Timers["fast"].Set(0));
        Assert.Equal(StackError.InvalidArgument, wrong.Error);
    }

    [Fact]
    public void A_timer_without_a_time_of_its_own_runs_when_it_is_set_and_over_states()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Hand")
            .State("A", AutomatonStateKind.Initial, e => e.Automaton.Timers["late"].Set(3))
            .State("B")
            .State("End", AutomatonStateKind.Final)
            .After(AutomatonTrigger.Timeout, "A", s_second, to: "B")
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Timeout, States = ["*"], Name = "late", Target = "End" })
            .Build();
        using AutomatonRig rig = new(definition);
        rig.Run();
        Assert.Equal("A B End", rig.Way());
        Assert.Equal(Instant.FromSeconds(3), rig.Network.Now);
        Assert.Throws<StackException>(() => rig.Automaton.Timers["late"].Interval = TimeSpan.Zero);
    }

    [Fact]
    public void A_packet_takes_the_first_rule_that_holds_and_one_that_holds_for_none_is_ignored()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Ports")
            .State("Wait", AutomatonStateKind.Initial)
            .State("End", AutomatonStateKind.Final)
            .Filter(e => e.Packet!.Udp is not null)
            .On(AutomatonTrigger.Packet, "Wait", e => e.Packet!.Udp!.DestinationPort == 7, e => e.Automaton.Send(AutomatonRig.Udp("seven")))
            .On(AutomatonTrigger.Packet, "Wait", e => e.Packet!.Udp!.DestinationPort == 9, to: "End")
            .Build();
        using AutomatonRig rig = new(definition);
        foreach (ushort port in (ushort[])[1, 7, 7, 9, 7])
        {
            rig.Automaton.Receive(AutomatonRig.Udp("x", port), rig.Network.Now);
        }

        rig.Automaton.Receive(new Packet([new IPv4Layer(), new TcpLayer()]), rig.Network.Now);
        rig.Run();
        PacketAutomaton automaton = rig.Automaton;
        Assert.Equal((6L, 1L, 0L, 2L), (automaton.Received, automaton.Ignored, automaton.Filtered, automaton.Sent));
        Assert.Equal("Wait End", rig.Way());
        Assert.Equal(["seven", "seven"], rig.Sent.Select(packet => packet.Payload!.Text));
        Assert.Equal(5, automaton.Packets.Count);
        Assert.Equal(2, automaton.Packets.Count(packet => packet.Direction == FrameDirection.Outgoing));
    }

    [Fact]
    public void Packets_that_come_while_a_state_wants_none_wait_and_more_than_there_is_room_for_are_lost()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Later")
            .State("Busy", AutomatonStateKind.Initial)
            .State("Wait")
            .State("End", AutomatonStateKind.Final)
            .After(AutomatonTrigger.Timeout, "Busy", s_second, to: "Wait")
            .On(AutomatonTrigger.Packet, "Wait", then: e => e.Automaton.Output(e.Packet!.Payload!.Text))
            .After(AutomatonTrigger.Timeout, "Wait", s_second, to: "End")
            .Build();
        PacketAutomaton automaton = new(definition) { Capacity = 2 };
        using AutomatonRig rig = new(automaton);
        foreach (string text in (string[])["a", "b", "c"])
        {
            automaton.Receive(AutomatonRig.Udp(text), rig.Network.Now);
        }

        rig.Run();
        Assert.Equal(["a", "b"], rig.Outputs());
        Assert.Equal(1, automaton.Dropped);
    }

    [Fact]
    public void Objects_go_in_and_come_out_by_ports_and_wait_until_a_rule_takes_them()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Io")
            .State("Closed", AutomatonStateKind.Initial)
            .State("Open")
            .State("End", AutomatonStateKind.Final)
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Input, States = ["Closed"], Port = "Key", Target = "Open", When = e => e.Value is "secret" })
            .On(AutomatonTrigger.Input, "Open", then: e => e.Automaton.Output($"{e.Value}!"))
            .On(AutomatonTrigger.InputEnd, "Open", to: "End")
            .Build();
        using AutomatonRig rig = new(definition);
        rig.Automaton.Input(1);
        rig.Automaton.Input("secret", "key");
        rig.Automaton.Input(2);
        rig.Automaton.EndInput();
        rig.Run();
        Assert.Equal(["1!", "2!"], rig.Outputs());
        Assert.Equal("Closed Open End", rig.Way());
        StackException unknown = Assert.Throws<StackException>(() => rig.Automaton.Input(1, "none"));
        Assert.Equal("It has Key, Input.", unknown.Advice);
        Assert.Equal(StackError.SessionClosed, Assert.Throws<StackException>(() => rig.Automaton.Input(3)).Error);
    }

    [Fact]
    public void An_input_that_no_rule_takes_yet_is_asked_again_when_something_has_changed()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Window")
            .State("Wait", AutomatonStateKind.Initial)
            .On(AutomatonTrigger.Input, "Wait", e => (int)e.Automaton.Data["room"]! > 0, e =>
            {
                e.Automaton.Data["room"] = (int)e.Automaton.Data["room"]! - 1;
                e.Automaton.Output((e.Value, e.Automaton.Now.TotalMilliseconds));
            })
            .After(AutomatonTrigger.Timer, "Wait", s_second, e => e.Automaton.Data["room"] = 2)
            .Data("room", 1)
            .Build();
        using AutomatonRig rig = new(definition);
        for (int i = 0; i < 4; i++)
        {
            rig.Automaton.Input(i);
        }

        Assert.Equal(AutomatonPause.TimeLimit, rig.Run(5));
        Assert.Equal([(0, 0L), (1, 1000L), (2, 1000L), (3, 2000L)], rig.Outputs().Cast<(object?, long)>().Select(pair => ((int)pair.Item1!, pair.Item2)));
    }

    [Fact]
    public void Messages_are_cut_from_a_stream_and_its_end_is_told_with_the_rest()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Lines")
            .State("Head", AutomatonStateKind.Initial)
            .State("Body")
            .State("End", AutomatonStateKind.Final)
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Data, States = ["Head"], Cut = StreamCut.Line, When = e => ((string)e.Value!).Length == 0, Target = "Body" })
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Data, States = ["Head"], Cut = StreamCut.Line, Then = e => e.Automaton.Output(e.Value) })
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Data, States = ["Body"], Cut = StreamCut.Count(3), Then = e => e.Automaton.Output(Encoding.ASCII.GetString(e.Data.Span)) })
            .On(AutomatonTrigger.DataEnd, "Body", then: e => e.Automaton.Output($"rest {Encoding.ASCII.GetString(e.Data.Span)}"), to: "End")
            .Build();
        PacketAutomaton automaton = new(definition);
        foreach (byte one in "one\r\ntwo\n\nabcdef12"u8.ToArray())
        {
            automaton.ReceiveData([one], Instant.Zero);
            StepAll();
        }

        automaton.EndData();
        StepAll();
        List<object?> outputs = [];
        while (automaton.TryTakeOutput(out object? value))
        {
            outputs.Add(value);
        }

        Assert.Equal(["one", "two", "abc", "def", "rest 12"], outputs);
        Assert.Equal(["Head", "Body", "End"], automaton.Log.Select(move => move.To));

        void StepAll()
        {
            while (automaton.Step(Instant.Zero) is not null)
            {
            }
        }
    }

    [Fact]
    public void A_state_without_a_way_out_is_an_error_that_says_so()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Stuck")
            .State("A", AutomatonStateKind.Initial)
            .State("B", AutomatonStateKind.Final)
            .On(AutomatonTrigger.Condition, "A", when: _ => false, to: "B")
            .Build();
        using AutomatonRig rig = new(definition);
        rig.Run();
        StackException failure = rig.AssertFailed(StackError.Stuck);
        Assert.Equal("Stuck is stuck in A: no condition holds, and nothing is waited for there.", failure.Message);

        AutomatonDefinition waiting = new AutomatonBuilder("Waiting")
            .State("A", AutomatonStateKind.Initial)
            .On(AutomatonTrigger.Input, "A")
            .Build();
        using AutomatonRig ended = new(waiting);
        Assert.Equal(AutomatonPause.Idle, ended.Run());
        Assert.Equal(AutomatonPause.Idle, ended.Automaton.Pause);
        ended.Automaton.EndInput();
        ended.Run();
        Assert.Contains("Input has ended", ended.AssertFailed(StackError.Stuck).Message);
    }

    [Fact]
    public void Going_round_in_circles_without_waiting_is_an_error_that_says_so()
    {
        AutomatonDefinition definition = new AutomatonBuilder("Circle")
            .State("A", AutomatonStateKind.Initial)
            .State("B", enter: e => e.Automaton.Goto("a"))
            .On(AutomatonTrigger.Condition, "A", to: "B")
            .Build();
        using AutomatonRig rig = new(definition);
        rig.Run();
        Assert.Contains("round in circles", rig.AssertFailed(StackError.Stuck).Message);
    }

    [Fact]
    public void An_error_state_and_an_action_that_throws_end_it_with_their_error()
    {
        AutomatonBuilder builder = new AutomatonBuilder("Bad")
            .State("A", AutomatonStateKind.Initial)
            .State("Broken", AutomatonStateKind.Error, e => e.Automaton.Output("no way"))
            .On(AutomatonTrigger.Condition, "A", to: "Broken");
        using AutomatonRig rig = new(builder.Build());
        rig.Run();
        Assert.Equal("Bad has reached the error state Broken: no way.", rig.AssertFailed(StackError.ErrorState).Message);
        Assert.Equal("Broken", rig.Automaton.State);

        AutomatonDefinition thrower = new AutomatonBuilder("Thrower")
            .State("A", AutomatonStateKind.Initial, _ => throw new InvalidOperationException("oh"))
            .Build();
        using AutomatonRig thrown = new(thrower);
        thrown.Run();
        Assert.Equal("oh", Assert.IsType<InvalidOperationException>(thrown.Automaton.Failure).Message);
        Assert.Null(thrown.Step());
    }

    [Fact]
    public void Told_to_stop_it_goes_to_its_stop_state_and_by_force_it_ends_at_once()
    {
        AutomatonDefinition polite = new AutomatonBuilder("Polite")
            .State("A", AutomatonStateKind.Initial)
            .State("Goodbye", AutomatonStateKind.Stop, e => e.Automaton.Output("bye"))
            .State("End", AutomatonStateKind.Final)
            .After(AutomatonTrigger.Timer, "A", s_second)
            .After(AutomatonTrigger.Timeout, "Goodbye", s_second, to: "End")
            .Build();
        using AutomatonRig rig = new(polite);
        Assert.Equal(AutomatonPause.TimeLimit, rig.Run(2.5));
        rig.Automaton.Stop();
        rig.Run();
        Assert.Equal(AutomatonStatus.Ended, rig.Automaton.Status);
        Assert.Equal(["bye"], rig.Outputs());
        Assert.Equal(Instant.FromSeconds(3.5), rig.Network.Now);

        using AutomatonRig second = new(polite);
        second.Run(0.5);
        second.Automaton.Abort();
        second.Run();
        Assert.Equal((AutomatonStatus.Stopped, "A"), (second.Automaton.Status, second.Automaton.State));

        AutomatonDefinition plain = new AutomatonBuilder("Plain").State("A", AutomatonStateKind.Initial).After(AutomatonTrigger.Timer, "A", s_second).Build();
        using AutomatonRig third = new(plain);
        third.Run(0.5);
        third.Automaton.Stop();
        third.Run();
        Assert.Equal(AutomatonStatus.Stopped, third.Automaton.Status);
    }

    [Fact]
    public void Begun_again_it_begins_with_what_its_definition_says()
    {
        AutomatonDefinition definition = Clockwork().Build();
        PacketAutomaton automaton = new(definition);
        for (int i = 0; i < 2; i++)
        {
            using AutomatonRig rig = new(automaton);
            rig.Run();
            Assert.Equal((AutomatonStatus.Ended, 10), (automaton.Status, automaton.Data["fast"]));
            Assert.Equal(10, automaton.Timers["fast"].Count);
            Assert.Equal(2, automaton.Log.Count);
        }
    }

    [Fact]
    public void What_it_does_is_told_as_much_as_is_wanted()
    {
        for (int level = 0; level <= 5; level++)
        {
            PacketAutomaton automaton = new(Clockwork().Build()) { DebugLevel = level };
            using AutomatonRig rig = new(automaton);
            rig.Run();
            Assert.Equal(level == 0, automaton.Messages.Count == 0);
            Assert.All(automaton.Messages, message => Assert.InRange(message.Level, 1, level));
            Assert.Equal(level >= 2, automaton.Messages.Any(message => message.Text == "takes fast: fast 0.1 s passed"));
            Assert.Equal(level >= 5, automaton.Messages.Any(message => message.Text == "asks slow"));
        }
    }

    private static AutomatonBuilder Clockwork() => new AutomatonBuilder("Clockwork")
        .State("Begin", AutomatonStateKind.Initial)
        .State("End", AutomatonStateKind.Final)
        .After(AutomatonTrigger.Timeout, "Begin", s_second, to: "End")
        .After(AutomatonTrigger.Timer, "Begin", 0.1 * s_second, e => Count(e, "fast"), name: "fast")
        .After(AutomatonTrigger.Timer, "Begin", 0.15 * s_second, e => Count(e, "slow"), name: "slow")
        .Data("fast", 0)
        .Data("slow", 0);

    private static void Count(AutomatonEvent e, string name) => e.Automaton.Data[name] = (int)e.Automaton.Data[name]! + 1;
}
