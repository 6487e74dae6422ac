using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <summary>
/// What an automaton is: its states, its rules, and what it begins with. It never changes, and any number of automata may be made of it.
/// <see cref="AutomatonBuilder"/> makes one and sees to it that it makes sense.
/// </summary>
public sealed class AutomatonDefinition
{
    private readonly Dictionary<string, AutomatonState> _states;
    private readonly Dictionary<(string State, AutomatonTrigger Trigger), AutomatonRule[]> _rules = [];
    private readonly Dictionary<string, Action<AutomatonEvent>[]> _actions = [];

    internal AutomatonDefinition(
        string name,
        IReadOnlyList<AutomatonState> states,
        IReadOnlyList<AutomatonRule> rules,
        IReadOnlyList<AutomatonAction> actions)
    {
        Name = name;
        States = states;
        Rules = rules;
        Actions = actions;
        _states = states.ToDictionary(state => state.Name, StringComparer.OrdinalIgnoreCase);
        Initial = states.First(state => state.Kind == AutomatonStateKind.Initial);
        Stop = states.FirstOrDefault(state => state.Kind == AutomatonStateKind.Stop);
        Ports = [.. rules.Where(rule => rule.Trigger is AutomatonTrigger.Input or AutomatonTrigger.InputEnd)
            .Select(rule => rule.Port).Append(AutomatonRule.DefaultPort).Distinct(StringComparer.OrdinalIgnoreCase)];
        foreach (AutomatonState state in states)
        {
            foreach (IGrouping<AutomatonTrigger, AutomatonRule> group in rules
                .Where(rule => rule.States.Contains(state.Name, StringComparer.OrdinalIgnoreCase)).GroupBy(rule => rule.Trigger))
            {
                _rules[(state.Name, group.Key)] = [.. group.OrderBy(rule => rule.Priority)];
            }
        }

        foreach (AutomatonRule rule in rules)
        {
            IEnumerable<(int Priority, Action<AutomatonEvent> Run)> done = actions
                .Where(action => Same(action.Rule, rule.Name)).Select(action => (action.Priority, action.Run));
            _actions[rule.Name] = [.. (rule.Then is null ? done : done.Prepend((Priority: 0, Run: rule.Then))).OrderBy(one => one.Priority).Select(one => one.Run)];
        }
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The states, in the order in which they were written.</summary>
    public IReadOnlyList<AutomatonState> States { get; }

    /// <summary>The rules, in the order in which they were written, with the names of all their states.</summary>
    public IReadOnlyList<AutomatonRule> Rules { get; }

    /// <summary>What is done beside the rules' own actions.</summary>
    public IReadOnlyList<AutomatonAction> Actions { get; }

    /// <summary>Where automata begin.</summary>
    public AutomatonState Initial { get; }

    /// <summary>Where they go when they are told to stop; null where they simply end.</summary>
    public AutomatonState? Stop { get; }

    /// <summary>The ports by which objects can be sent into automata.</summary>
    public IReadOnlyList<string> Ports { get; }

    /// <summary>What automata begin with as <see cref="PacketAutomaton.Parameter"/>, by name.</summary>
    public IReadOnlyDictionary<string, object?> Parameters { get; internal init; } = new Dictionary<string, object?>();

    /// <summary>What automata begin with as <see cref="PacketAutomaton.Data"/>, by name.</summary>
    public IReadOnlyDictionary<string, object?> Data { get; internal init; } = new Dictionary<string, object?>();

    /// <summary>Which packets come in at all; null for all.</summary>
    public Func<AutomatonEvent, bool>? Filter { get; internal init; }

    /// <summary>What sends packets instead of the automaton's place; null for that. It may use <see cref="PacketAutomaton.Transmit"/>.</summary>
    public Action<AutomatonEvent>? Sender { get; internal init; }

    /// <summary>Whether packets are of interest in any state.</summary>
    public bool UsesPackets => Rules.Any(rule => rule.Trigger == AutomatonTrigger.Packet);

    /// <summary>Whether data of a stream is of interest in any state.</summary>
    public bool UsesData => Rules.Any(rule => rule.Trigger is AutomatonTrigger.Data or AutomatonTrigger.DataEnd);

    /// <summary>A state by its name.</summary>
    /// <exception cref="StackException">There is none of this name.</exception>
    public AutomatonState GetState(string name) => _states.TryGetValue(name ?? "", out AutomatonState? state) ? state : throw NoState(name);

    /// <summary>The drawing in the language of Graphviz.</summary>
    /// <param name="current">A state to emphasize; null for none.</param>
    public string ToDot(string? current = null) => AutomatonGraph.ToDot(this, current);

    /// <summary>The drawing in the language of Mermaid, which Markdown pages show.</summary>
    /// <param name="current">A state to emphasize; null for none.</param>
    public string ToMermaid(string? current = null) => AutomatonGraph.ToMermaid(this, current);

    /// <summary>The name, and how much there is.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name}: {States.Count} states, {Rules.Count} rules");

    internal static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>The rules of a state that wait for something, in the order in which they are asked.</summary>
    internal AutomatonRule[] RulesOf(string state, AutomatonTrigger trigger) => _rules.TryGetValue((state, trigger), out AutomatonRule[]? rules) ? rules : [];

    internal Action<AutomatonEvent>[] ActionsOf(AutomatonRule rule) => _actions[rule.Name];

    internal StackException NoState(string? name) => new(
        StackError.InvalidAutomaton, $"There is no state '{name}' in {Name}.", $"It has {AutomatonText.List(States.Select(state => state.Name))}.");

    /// <summary>What automata begin with, so that none of them changes what the next one begins with.</summary>
    internal static Hashtable Copy(IReadOnlyDictionary<string, object?> values)
    {
        Hashtable copy = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in values)
        {
            copy[name] = value switch
            {
                Packet packet => packet.Copy(),
                string => value,
                ICloneable many => many.Clone(),
                _ => value,
            };
        }

        return copy;
    }
}
