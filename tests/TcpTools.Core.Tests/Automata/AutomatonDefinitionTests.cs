using System;
using System.Diagnostics;
using System.IO;
using TcpTools.Automata;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>What makes sense as a definition, and how it is drawn.</summary>
public sealed class AutomatonDefinitionTests
{
    [Theory]
    [InlineData("no states", "X has no states.")]
    [InlineData("no initial", "X has no initial state.", "Mark one of its states as -Initial: A.")]
    [InlineData("two initial", "X has 2 initial states: A (line 1), B (line 2).")]
    [InlineData("two stops", "X has several stop states.")]
    [InlineData("same state", "There are two states 'a' in X (line 1 and line 3).")]
    [InlineData("same rule", "There are two rules 'R' in X (line 3 and line 4).")]
    [InlineData("unknown state", "The rule C.Packet1 on Packet (line 4) is for a state 'C', which X has not.", "There are A, End.")]
    [InlineData("unknown target", "The rule A.Packet1 on Packet (line 4) leads to a state 'Ende', which X has not.", "There are A, End.")]
    [InlineData("from the end", "The rule End.Packet1 on Packet (line 4) is for 'End', which is an end: nothing happens there any more.", "Name a state that is no end: A.")]
    [InlineData("condition to nowhere", "The condition A.Condition1 leads nowhere (line 4).")]
    [InlineData("action for none", "There is no rule 'none' for an action (line 5).", "There are A.Condition1.")]
    [InlineData("without", "There is no rule 'none' to leave out of X.", "Its base has none.")]
    [InlineData("pattern as name", "'A*' is no name for a state (line 1).")]
    public void What_does_not_make_sense_says_what_would(string which, string message, string? advice = null)
    {
        StackException error = Assert.Throws<StackException>(() => Make(which).Build());
        Assert.Equal((StackError.InvalidAutomaton, message), (error.Error, error.Message));
        Assert.Equal(advice ?? error.Advice, error.Advice);
        Assert.NotEmpty(error.Advice);
    }

    [Fact]
    public void A_time_must_be_more_than_nothing() => Assert.Equal(
        StackError.InvalidArgument,
        Assert.Throws<StackException>(() => new AutomatonBuilder("X").After(AutomatonTrigger.Timer, "A", TimeSpan.Zero)).Error);

    [Fact]
    public void A_pattern_stands_for_all_states_that_are_no_ends()
    {
        AutomatonDefinition definition = Sample();
        Assert.Equal(["Begin", "Wait"], definition.Rules[^1].States);
        Assert.Equal("Broken state", definition.Rules[^1].Target);
    }

    [Fact]
    public void A_drawing_has_every_state_and_every_rule()
    {
        string dot = Sample().ToDot("wait");
        Assert.Contains("\"Begin\" [shape=box", dot);
        Assert.Contains("\"Wait\" [penwidth=3]", dot);
        Assert.Contains("\"Begin\" -> \"Wait\" [label=\"go\\n> say \\\"it\\\"\", color=purple]", dot);
        Assert.Contains("\"Wait\" -> \"Wait\" [label=\"tick 0.25 s\", color=blue, style=dashed]", dot);
        Assert.Contains("\"Wait\" -> \"Broken state\"", dot);
        string mermaid = Sample().ToMermaid();
        Assert.StartsWith("stateDiagram-v2\n", mermaid);
        Assert.Contains("state \"Broken state\" as s3", mermaid);
        Assert.Contains("s0 --> s1 : go, > say 'it'", mermaid);
        Assert.Contains("[*] --> s0", mermaid);
        Assert.Contains("s2 --> [*]", mermaid);
    }

    [Fact]
    public void Graphviz_draws_it()
    {
        if (!File.Exists("/usr/bin/dot"))
        {
            return;
        }

        using Process dot = Process.Start(new ProcessStartInfo("/usr/bin/dot", "-Tsvg") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        dot.StandardInput.Write(Sample().ToDot("Begin"));
        dot.StandardInput.Close();
        string svg = dot.StandardOutput.ReadToEnd();
        Assert.Equal("", dot.StandardError.ReadToEnd());
        dot.WaitForExit();
        Assert.Equal(0, dot.ExitCode);
        Assert.Contains("Broken state", svg);
    }

    private static AutomatonDefinition Sample()
    {
        AutomatonBuilder builder = new AutomatonBuilder("Sam\"ple")
            .State("Begin", AutomatonStateKind.Initial)
            .State("Wait")
            .State("End", AutomatonStateKind.Final)
            .State("Broken state", AutomatonStateKind.Error)
            .On(AutomatonTrigger.Condition, "Begin", to: "Wait", name: "go")
            .After(AutomatonTrigger.Timer, "Wait", TimeSpan.FromSeconds(0.25), name: "tick")
            .On(new AutomatonRule { Trigger = AutomatonTrigger.Packet, States = ["Wait"], Target = "End", OtherTargets = ["Begin"] })
            .On(AutomatonTrigger.Input, "*", to: "broken state");
        return builder.Action(new AutomatonAction { Rule = "go", Name = "say \"it\"", Run = _ => { } }).Build();
    }

    private static AutomatonBuilder Make(string which)
    {
        AutomatonBuilder builder = new("X");
        if (which == "no states")
        {
            return builder;
        }

        if (which == "without")
        {
            return builder.Without("none");
        }

        builder.State(new AutomatonState
        {
            Name = which == "pattern as name" ? "A*" : "A",
            Kind = which == "no initial" ? AutomatonStateKind.Ordinary : AutomatonStateKind.Initial,
            Origin = "line 1",
        });
        AutomatonRule rule = new() { Trigger = AutomatonTrigger.Packet, States = ["A"], Target = "End", Origin = "line 4" };
        switch (which)
        {
            case "no initial":
                return builder;
            case "two initial":
                return builder.State(new AutomatonState { Name = "B", Kind = AutomatonStateKind.Initial, Origin = "line 2" });
            case "two stops":
                return builder.State("B", AutomatonStateKind.Stop).State("C", AutomatonStateKind.Stop);
            case "same state":
                return builder.State(new AutomatonState { Name = "a", Origin = "line 3" });
        }

        builder.State("End", AutomatonStateKind.Final);
        return which switch
        {
            "same rule" => builder.On(rule with { Name = "r", Origin = "line 3" }).On(rule with { Name = "R" }),
            "unknown state" => builder.On(rule with { States = ["C"] }),
            "unknown target" => builder.On(rule with { Target = "Ende" }),
            "from the end" => builder.On(rule with { States = ["End"] }),
            "condition to nowhere" => builder.On(rule with { Trigger = AutomatonTrigger.Condition, Target = null }),
            _ => builder.On(AutomatonTrigger.Condition, "A", to: "End")
                .Action(new AutomatonAction { Rule = "none", Run = _ => { }, Origin = "line 5" }),
        };
    }
}
