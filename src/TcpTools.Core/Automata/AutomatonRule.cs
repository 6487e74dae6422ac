using System;
using System.Collections.Generic;
using System.Globalization;

namespace TcpTools.Automata;

/// <summary>
/// What may happen in a state: when, what is done then, and where it leads. Rules of a state that wait for the same are asked
/// in the order of their priority, lowest first, and then in the order in which they were written; the first that holds is
/// taken, and no other is asked.
/// </summary>
public sealed record AutomatonRule
{
    /// <summary>The name of the port for input unless another one is named.</summary>
    public const string DefaultPort = "Input";

    /// <summary>The name, by which actions and timers find the rule and another definition replaces it; made up where it is empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What it waits for.</summary>
    public required AutomatonTrigger Trigger { get; init; }

    /// <summary>In which states; names, or patterns with * and ? for all states that are not ends.</summary>
    public required IReadOnlyList<string> States { get; init; }

    /// <summary>Lower ones are asked first.</summary>
    public int Priority { get; init; }

    /// <summary>Whether it holds; null for always.</summary>
    public Func<AutomatonEvent, bool>? When { get; init; }

    /// <summary>What is done when it is taken; null for nothing.</summary>
    public Action<AutomatonEvent>? Then { get; init; }

    /// <summary>The state it leads to, which is entered anew even if it is the present one; null to stay where one is.</summary>
    public string? Target { get; init; }

    /// <summary>Other states that <see cref="Then"/> may choose by <see cref="PacketAutomaton.Goto"/>, for the drawing.</summary>
    public IReadOnlyList<string> OtherTargets { get; init; } = [];

    /// <summary>The time of a timeout or timer; null for one that runs only when it is set by hand, and then over all states.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>The port whose input is meant.</summary>
    public string Port { get; init; } = DefaultPort;

    /// <summary>How messages are cut from the stream's data; null for whatever there is.</summary>
    public StreamCut? Cut { get; init; }

    /// <summary>Where it was written, for errors; empty when nobody knows.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Whether it has a timer.</summary>
    public bool IsTimed => Trigger is AutomatonTrigger.Timeout or AutomatonTrigger.Timer;

    /// <summary>What it waits for, in a word or two.</summary>
    public string Label => Trigger switch
    {
        AutomatonTrigger.Timeout or AutomatonTrigger.Timer when Interval is { } interval =>
            string.Create(CultureInfo.InvariantCulture, $"{Name} {interval.TotalSeconds:0.######} s"),
        _ => Name,
    };

    /// <summary>What it is, in a line.</summary>
    public override string ToString() => $"{Name}: on {Trigger} in {string.Join(", ", States)}{(Target is null ? "" : $" to {Target}")}";
}

/// <summary>Something more to do when a rule is taken.</summary>
public sealed record AutomatonAction
{
    /// <summary>The name of the rule.</summary>
    public required string Rule { get; init; }

    /// <summary>Lower ones are done first; the rule's own <see cref="AutomatonRule.Then"/> has 0.</summary>
    public int Priority { get; init; }

    /// <summary>What is done.</summary>
    public required Action<AutomatonEvent> Run { get; init; }

    /// <summary>A name for the drawing.</summary>
    public string Name { get; init; } = "action";

    /// <summary>Where it was written, for errors; empty when nobody knows.</summary>
    public string Origin { get; init; } = "";
}
