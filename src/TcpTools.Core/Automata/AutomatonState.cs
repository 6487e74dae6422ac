using System;

namespace TcpTools.Automata;

/// <summary>A state of an automaton's definition.</summary>
public sealed record AutomatonState
{
    /// <summary>The name; case does not matter.</summary>
    public required string Name { get; init; }

    /// <summary>What it means for the life of the automaton.</summary>
    public AutomatonStateKind Kind { get; init; }

    /// <summary>What is done when the state is entered; null for nothing. The event is the one that led here.</summary>
    public Action<AutomatonEvent>? Enter { get; init; }

    /// <summary>Where it was written, for errors; empty when nobody knows.</summary>
    public string Origin { get; init; } = "";

    /// <summary>Whether the automaton ends here.</summary>
    public bool IsEnd => Kind is AutomatonStateKind.Final or AutomatonStateKind.Error;

    /// <summary>Name and kind.</summary>
    public override string ToString() => Kind == AutomatonStateKind.Ordinary ? Name : $"{Name} ({Kind})";
}
