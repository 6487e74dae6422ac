using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Automata;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>Whatever the graph and whatever comes: it never hangs, and is never in a state that there is not.</summary>
public sealed class AutomatonPropertyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_graphs_and_random_events_come_to_an_end_and_repeat_themselves(int block)
    {
        for (int seed = block * 1000; seed < (block * 1000) + 150; seed++)
        {
            string first = Live(seed);
            Assert.Equal(first, Live(seed));
        }
    }

    private static string Live(int seed)
    {
        Random random = new(seed);
        AutomatonDefinition definition = Make(random);
        HashSet<string> names = [.. definition.States.Select(state => state.Name)];
        using AutomatonRig rig = new(definition);
        PacketAutomaton automaton = rig.Automaton;
        if (random.Next(4) == 0)
        {
            automaton.Breakpoints.Add(definition.States[random.Next(definition.States.Count)].Name);
        }

        if (random.Next(4) == 0)
        {
            automaton.InterceptIn.Add("*");
        }

        for (int i = 0; i < 40 && !automaton.IsEnded; i++)
        {
            Feed(rig, random);
            using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
            AutomatonPause pause = random.Next(3) == 0
                ? rig.Runner.Step(TimeSpan.FromSeconds(random.NextDouble()), limit.Token)?.Pause ?? automaton.Pause
                : rig.Runner.Run(TimeSpan.FromSeconds(random.NextDouble() * 2), limit.Token);
            Assert.False(limit.IsCancellationRequested);
            Assert.True(automaton.State.Length == 0 || names.Contains(automaton.State));
            Assert.True(automaton.IsEnded || automaton.Status == AutomatonStatus.Paused || pause == AutomatonPause.Step);
            while (automaton.Intercepted is not null)
            {
                automaton.Judge(random.Next(2) == 0 ? AutomatonVerdict.Accept : AutomatonVerdict.Reject);
            }
        }

        if (!automaton.IsEnded)
        {
            automaton.Abort();
            rig.Run();
        }

        Assert.True(automaton.IsEnded);
        Assert.All(automaton.Log, move => Assert.Contains(move.To, names));
        Assert.True(automaton.Failure is null or StackException { Error: StackError.Stuck or StackError.ErrorState }, automaton.Failure?.ToString());
        return $"{automaton.Status} {automaton.Failure?.Message} {string.Join('\n', automaton.Log)}";
    }

    private static void Feed(AutomatonRig rig, Random random)
    {
        try
        {
            switch (random.Next(7))
            {
                case 0:
                    rig.Automaton.Receive(AutomatonRig.Udp("x", (ushort)random.Next(5)), rig.Network.Now);
                    break;
                case 1:
                    rig.Automaton.ReceiveData(new byte[random.Next(5)], rig.Network.Now);
                    break;
                case 2:
                    rig.Automaton.Input(random.Next(5));
                    break;
                case 3 when random.Next(10) == 0:
                    rig.Automaton.EndInput();
                    break;
                case 4 when random.Next(10) == 0:
                    rig.Automaton.EndData();
                    break;
                case 5 when random.Next(20) == 0:
                    rig.Automaton.Stop();
                    break;
            }
        }
        catch (StackException e) when (e.Error == StackError.SessionClosed)
        {
            // The input had been ended.
        }
    }

    private static AutomatonDefinition Make(Random random)
    {
        int count = random.Next(1, 7);
        AutomatonBuilder builder = new("Random");
        AutomatonTrigger[] triggers = Enum.GetValues<AutomatonTrigger>();
        for (int i = 0; i < count; i++)
        {
            AutomatonStateKind kind = i == 0 ? AutomatonStateKind.Initial : i == 1 && random.Next(2) == 0
                ? AutomatonStateKind.Stop
                : random.Next(4) switch { 0 => AutomatonStateKind.Final, 1 when random.Next(3) == 0 => AutomatonStateKind.Error, _ => AutomatonStateKind.Ordinary };
            string? other = random.Next(8) == 0 ? $"S{random.Next(count)}" : null;
            builder.State($"S{i}", kind, e =>
            {
                e.Automaton.Send(AutomatonRig.Udp("entered"));
                if (other is not null)
                {
                    e.Automaton.Goto(other);
                }
            });
        }

        int rules = random.Next(1, 12);
        for (int i = 0; i < rules; i++)
        {
            AutomatonTrigger trigger = triggers[random.Next(triggers.Length)];
            int wanted = random.Next(6);
            string target = $"S{random.Next(count)}";
            try
            {
                builder.On(new AutomatonRule
                {
                    Trigger = trigger,
                    States = [random.Next(3) == 0 ? "*" : "S0"],
                    Priority = random.Next(-1, 2),
                    When = random.Next(2) == 0 ? null : e => (e.Automaton.Now.Ticks / 1000 % 5) == wanted || e.Value is int value && value == wanted,
                    Then = e => e.Automaton.Output(e.Trigger),
                    Target = trigger == AutomatonTrigger.Condition || random.Next(4) > 0 ? target : null,
                    Interval = trigger is AutomatonTrigger.Timeout or AutomatonTrigger.Timer ? TimeSpan.FromMilliseconds(random.Next(1, 700)) : null,
                    Cut = trigger == AutomatonTrigger.Data && random.Next(2) == 0 ? StreamCut.Count(3) : null,
                });
            }
            catch (StackException e)
            {
                Assert.Equal(StackError.InvalidAutomaton, e.Error);
            }
        }

        return builder.Build();
    }
}
