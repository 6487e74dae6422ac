using System;
using System.Collections;
using System.Collections.Generic;
using System.IO.Enumeration;
using System.Linq;

namespace TcpTools.Automata;

/// <summary>Some of an automaton's states, by name. Any thread may use it.</summary>
public sealed class StateSet : IReadOnlyCollection<string>
{
    private readonly AutomatonDefinition _definition;
    private volatile string[] _names = [];

    internal StateSet(AutomatonDefinition definition) => _definition = definition;

    /// <summary>How many there are.</summary>
    public int Count => _names.Length;

    /// <summary>Adds states.</summary>
    /// <param name="names">Names, or patterns with * and ?.</param>
    /// <exception cref="StackException">There is no such state.</exception>
    public void Add(params IEnumerable<string> names) => _names = [.. _names.Union(Find(names))];

    /// <summary>Takes states out.</summary>
    /// <param name="names">Names, or patterns with * and ?.</param>
    /// <exception cref="StackException">There is no such state.</exception>
    public void Remove(params IEnumerable<string> names) => _names = [.. _names.Except(Find(names))];

    /// <summary>Takes all out.</summary>
    public void Clear() => _names = [];

    /// <summary>Whether a state is among them.</summary>
    public bool Contains(string name) => Array.Exists(_names, one => AutomatonDefinition.Same(one, name));

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_names).GetEnumerator();

    /// <summary>The names.</summary>
    public override string ToString() => string.Join(", ", _names);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<string> Find(IEnumerable<string> names)
    {
        List<string> found = [];
        foreach (string pattern in names)
        {
            int before = found.Count;
            found.AddRange(_definition.States.Select(state => state.Name).Where(name => FileSystemName.MatchesSimpleExpression(pattern, name)));
            if (found.Count == before)
            {
                throw _definition.NoState(pattern);
            }
        }

        return found;
    }
}
