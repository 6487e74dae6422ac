using System;
using System.Collections.Generic;
using System.IO.Enumeration;
using System.Linq;

namespace TcpTools.Automata;

/// <summary>
/// Puts a definition together, from nothing or on the base of another one, of which single states and rules are replaced by others of
/// the same name. What does not make sense is told by <see cref="Build"/>, or at once, with what would have been accepted.
/// </summary>
public sealed class AutomatonBuilder
{
    private readonly string _name;
    private readonly AutomatonDefinition? _base;
    private readonly List<AutomatonState> _states = [];
    private readonly List<AutomatonRule> _rules = [];
    private readonly List<AutomatonAction> _actions = [];
    private readonly HashSet<string> _removed = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, object?> _parameters = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, object?> _data = new(StringComparer.OrdinalIgnoreCase);
    private Func<AutomatonEvent, bool>? _filter;
    private Action<AutomatonEvent>? _sender;

    /// <summary>Begins a definition.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="basis">Another definition whose states, rules, actions and values this one takes over; null for none.</param>
    public AutomatonBuilder(string name, AutomatonDefinition? basis = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _name = name;
        _base = basis;
    }

    /// <summary>Adds a state, or replaces the base's of the same name.</summary>
    /// <exception cref="StackException">There is one of this name already.</exception>
    public AutomatonBuilder State(AutomatonState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (string.IsNullOrWhiteSpace(state.Name) || state.Name.AsSpan().ContainsAny('*', '?'))
        {
            throw Wrong($"'{state.Name}' is no name for a state{AutomatonText.At(state.Origin)}.", "Give a name without * and ?, which stand for several states.");
        }

        if (_states.Find(other => AutomatonDefinition.Same(other.Name, state.Name)) is { } first)
        {
            throw Wrong(
                $"There are two states '{state.Name}' in {_name}{AutomatonText.At(Both(first.Origin, state.Origin))}.",
                "Names differ, and case does not matter.");
        }

        _states.Add(state);
        return this;
    }

    /// <summary>Adds a state.</summary>
    public AutomatonBuilder State(string name, AutomatonStateKind kind = AutomatonStateKind.Ordinary, Action<AutomatonEvent>? enter = null) =>
        State(new AutomatonState { Name = name, Kind = kind, Enter = enter });

    /// <summary>Adds a rule, or replaces the base's of the same name.</summary>
    /// <exception cref="StackException">There is one of this name already, or it does not make sense.</exception>
    public AutomatonBuilder On(AutomatonRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.States.Count == 0)
        {
            throw Wrong($"The rule on {rule.Trigger} names no state{AutomatonText.At(rule.Origin)}.", "Name one or several, or * for all.");
        }

        AutomatonRule named = rule.Name.Length > 0 ? rule : rule with { Name = MakeUpName(rule) };
        if (_rules.Find(other => AutomatonDefinition.Same(other.Name, named.Name)) is { } first)
        {
            throw Wrong(
                $"There are two rules '{named.Name}' in {_name}{AutomatonText.At(Both(first.Origin, named.Origin))}.",
                "Names differ, and case does not matter.");
        }

        if (named.Interval is { } interval)
        {
            AutomatonTimer.Check(interval);
        }

        if (named is { Trigger: AutomatonTrigger.Condition, Target: null, Then: null })
        {
            throw Wrong($"The condition {named.Name} leads nowhere{AutomatonText.At(named.Origin)}.", "Name the state it leads to.");
        }

        _rules.Add(named);
        return this;
    }

    /// <summary>Adds a rule.</summary>
    public AutomatonBuilder On(
        AutomatonTrigger trigger,
        string state,
        Func<AutomatonEvent, bool>? when = null,
        Action<AutomatonEvent>? then = null,
        string? to = null,
        int priority = 0,
        string name = "") => On(new AutomatonRule
        {
            Trigger = trigger,
            States = [state],
            When = when,
            Then = then,
            Target = to,
            Priority = priority,
            Name = name,
        });

    /// <summary>Adds a rule for a timeout or a timer.</summary>
    public AutomatonBuilder After(
        AutomatonTrigger trigger, string state, TimeSpan interval, Action<AutomatonEvent>? then = null, string? to = null, string name = "") =>
        On(new AutomatonRule { Trigger = trigger, States = [state], Interval = interval, Then = then, Target = to, Name = name });

    /// <summary>Adds something to do when a rule is taken.</summary>
    public AutomatonBuilder Action(AutomatonAction action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _actions.Add(action);
        return this;
    }

    /// <summary>Leaves out a rule of the base's, and its actions.</summary>
    /// <exception cref="StackException">The base has no such rule.</exception>
    public AutomatonBuilder Without(string rule)
    {
        string[] names = [.. _base?.Rules.Select(one => one.Name) ?? []];
        if (!names.Contains(rule, StringComparer.OrdinalIgnoreCase))
        {
            throw Wrong($"There is no rule '{rule}' to leave out of {_name}.", $"Its base has {AutomatonText.List(names)}.");
        }

        _removed.Add(rule);
        return this;
    }

    /// <summary>Sets which packets come in at all.</summary>
    public AutomatonBuilder Filter(Func<AutomatonEvent, bool> filter)
    {
        _filter = filter;
        return this;
    }

    /// <summary>Sets what sends packets instead of the automaton's place.</summary>
    public AutomatonBuilder Sender(Action<AutomatonEvent> sender)
    {
        _sender = sender;
        return this;
    }

    /// <summary>Sets a parameter's value unless another one is given at the start.</summary>
    public AutomatonBuilder Parameter(string name, object? value)
    {
        _parameters[name] = value;
        return this;
    }

    /// <summary>Sets what <see cref="PacketAutomaton.Data"/> has at each start.</summary>
    public AutomatonBuilder Data(string name, object? value)
    {
        _data[name] = value;
        return this;
    }

    /// <summary>The definition.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidAutomaton"/>: it does not make sense.</exception>
    public AutomatonDefinition Build()
    {
        List<AutomatonState> states = Merge(_base?.States, _states, state => state.Name);
        CheckStates(states);
        List<AutomatonRule> rules = Merge(_base?.Rules.Where(rule => !_removed.Contains(rule.Name)), _rules, rule => rule.Name);
        rules = [.. rules.Select(rule => Resolve(rule, states))];
        List<AutomatonAction> actions =
        [
            .. _base?.Actions.Where(action => !_removed.Contains(action.Rule)) ?? [],
            .. _actions,
        ];
        foreach (AutomatonAction action in actions)
        {
            if (!rules.Exists(rule => AutomatonDefinition.Same(rule.Name, action.Rule)))
            {
                throw Wrong(
                    $"There is no rule '{action.Rule}' for an action{AutomatonText.At(action.Origin)}.",
                    $"There are {AutomatonText.List(rules.Select(rule => rule.Name))}.");
            }
        }

        return new AutomatonDefinition(_name, states, rules, actions)
        {
            Parameters = Merge(_base?.Parameters, _parameters),
            Data = Merge(_base?.Data, _data),
            Filter = _filter ?? _base?.Filter,
            Sender = _sender ?? _base?.Sender,
        };
    }

    private static string Both(string first, string second) =>
        first.Length > 0 && second.Length > 0 ? $"{first} and {second}" : first + second;

    /// <summary>What the base has, with what has the same name replaced where it stood, and then what is new.</summary>
    private static List<T> Merge<T>(IEnumerable<T>? old, List<T> own, Func<T, string> nameOf)
    {
        List<T> merged = [.. old ?? []];
        foreach (T item in own)
        {
            int index = merged.FindIndex(other => AutomatonDefinition.Same(nameOf(other), nameOf(item)));
            if (index >= 0)
            {
                merged[index] = item;
            }
            else
            {
                merged.Add(item);
            }
        }

        return merged;
    }

    private static Dictionary<string, object?> Merge(IReadOnlyDictionary<string, object?>? old, Dictionary<string, object?> own)
    {
        Dictionary<string, object?> merged = new(old ?? new Dictionary<string, object?>(), StringComparer.OrdinalIgnoreCase);
        foreach ((string name, object? value) in own)
        {
            merged[name] = value;
        }

        return merged;
    }

    private static StackException Wrong(string message, string advice) => new(StackError.InvalidAutomaton, message, advice);

    private void CheckStates(List<AutomatonState> states)
    {
        AutomatonState[] initial = [.. states.Where(state => state.Kind == AutomatonStateKind.Initial)];
        string names = AutomatonText.List(states.Select(state => state.Name));
        switch (initial.Length)
        {
            case 0 when states.Count == 0:
                throw Wrong($"{_name} has no states.", "It needs at least an initial one: State Start -Initial.");
            case 0:
                throw Wrong($"{_name} has no initial state.", $"Mark one of its states as -Initial: {names}.");
            case > 1:
                throw Wrong(
                    $"{_name} has {initial.Length} initial states: {string.Join(", ", initial.Select(state => state.Name + AutomatonText.At(state.Origin)))}.",
                    "Mark one only.");
        }

        if (states.Count(state => state.Kind == AutomatonStateKind.Stop) > 1)
        {
            throw Wrong($"{_name} has several stop states.", "Mark one only: it is where the automaton goes when it is told to stop.");
        }
    }

    /// <summary>The rule with the names of all states that its patterns stand for.</summary>
    private AutomatonRule Resolve(AutomatonRule rule, List<AutomatonState> states)
    {
        string what = $"The rule {rule.Name} on {rule.Trigger}{AutomatonText.At(rule.Origin)}";
        List<string> names = [];
        foreach (string pattern in rule.States)
        {
            string[] found = [.. states.Where(state => FileSystemName.MatchesSimpleExpression(pattern, state.Name)).Select(state => state.Name)];
            if (found.Length == 0)
            {
                throw Wrong($"{what} is for a state '{pattern}', which {_name} has not.", Names(states));
            }

            string[] alive = [.. found.Where(name => !states.First(state => state.Name == name).IsEnd)];
            if (alive.Length == 0)
            {
                throw Wrong($"{what} is for '{found[0]}', which is an end: nothing happens there any more.", $"Name a state that is no end: {AutomatonText.List(states.Where(state => !state.IsEnd).Select(state => state.Name))}.");
            }

            names.AddRange(alive.Where(name => !names.Contains(name)));
        }

        foreach (string target in rule.OtherTargets.Prepend(rule.Target ?? states[0].Name))
        {
            if (!states.Exists(state => AutomatonDefinition.Same(state.Name, target)))
            {
                throw Wrong($"{what} leads to a state '{target}', which {_name} has not.", Names(states));
            }
        }

        return rule with { States = names, Target = rule.Target is null ? null : states.First(state => AutomatonDefinition.Same(state.Name, rule.Target)).Name };

        static string Names(List<AutomatonState> states) => $"There are {AutomatonText.List(states.Select(state => state.Name))}.";
    }

    private string MakeUpName(AutomatonRule rule)
    {
        string stem = $"{rule.States[0]}.{rule.Trigger}";
        for (int i = 1; ; i++)
        {
            string name = FormattableString.Invariant($"{stem}{i}");
            if (!_rules.Exists(other => AutomatonDefinition.Same(other.Name, name))
                && _base?.Rules.Any(other => AutomatonDefinition.Same(other.Name, name)) != true)
            {
                return name;
            }
        }
    }
}
