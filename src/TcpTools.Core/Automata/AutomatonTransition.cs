using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <summary>A move of an automaton from one state to another, or to the same one anew.</summary>
/// <param name="Number">Rising by one from the start.</param>
/// <param name="Time">When, on the clock of its place.</param>
/// <param name="From">The state before; empty at the start.</param>
/// <param name="To">The state after.</param>
/// <param name="Rule">The rule that was taken; empty where none was.</param>
/// <param name="Cause">What made it move, in a line.</param>
public sealed record AutomatonTransition(long Number, Instant Time, string From, string To, string Rule, string Cause)
{
    /// <summary>The move in a line.</summary>
    public override string ToString() => $"{Time} {(From.Length == 0 ? "start" : From)} > {To}{(Rule.Length == 0 ? "" : $" by {Rule}")}: {Cause}";
}

/// <summary>A line of what an automaton tells about its work.</summary>
/// <param name="Time">When, on the clock of its place.</param>
/// <param name="Level">1: states; 2: rules and actions; 3: packets, data and input; 4: what is filtered and ignored; 5: every rule that is asked.</param>
/// <param name="Text">The line.</param>
public sealed record AutomatonMessage(Instant Time, int Level, string Text)
{
    /// <summary>Time and text.</summary>
    public override string ToString() => $"{Time} {Text}";
}

/// <summary>What an automaton did in one step: a rule that was taken and the state that was entered then.</summary>
public sealed record AutomatonStep
{
    /// <summary>When, on the clock of the automaton's place.</summary>
    public Instant Time { get; init; }

    /// <summary>The state before; empty at the start.</summary>
    public string From { get; init; } = "";

    /// <summary>The state after; the same where it has stayed.</summary>
    public string To { get; internal set; } = "";

    /// <summary>The rule that was taken; empty where none was.</summary>
    public string Rule { get; internal set; } = "";

    /// <summary>What made it move, in a line.</summary>
    public string Cause { get; internal set; } = "";

    /// <summary>Packets sent.</summary>
    public IReadOnlyList<Packet> Sent => SentList;

    /// <summary>Objects given out.</summary>
    public IReadOnlyList<object?> Output => OutputList;

    /// <summary>The packet that waits for a verdict; null when none does.</summary>
    public Packet? Intercepted { get; internal set; }

    /// <summary>Where the automaton is in its life, after the step.</summary>
    public AutomatonStatus Status { get; internal set; }

    /// <summary>Why it stands still; <see cref="AutomatonPause.None"/> when it does not.</summary>
    public AutomatonPause Pause { get; internal set; }

    /// <summary>When its next timer goes off.</summary>
    public Instant NextDeadline { get; internal set; } = Instant.Never;

    internal List<Packet> SentList { get; } = [];

    internal List<object?> OutputList { get; } = [];

    /// <summary>The step in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Time} {(From.Length == 0 ? "start" : From)} > {To}{(Rule.Length == 0 ? "" : $" by {Rule}")}: {Cause}{(Sent.Count > 0 ? $", {Sent.Count} sent" : "")}{(Pause == AutomatonPause.None ? "" : $", paused: {Pause}")}");
}
