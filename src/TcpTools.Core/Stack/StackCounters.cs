using System.Collections.Generic;

namespace TcpTools.Stack;

/// <summary>What has happened in a stack since its start, by the names that <c>nstat</c> shows for a kernel's.</summary>
public sealed class StackCounters
{
    private readonly SortedDictionary<string, long> _values;

    internal StackCounters(SortedDictionary<string, long> values)
    {
        _values = values;
    }

    /// <summary>The counter of a name such as <c>TcpRetransSegs</c>; 0 for a name that does not exist.</summary>
    public long this[string name] => _values.GetValueOrDefault(name);

    /// <summary>All counters, by name.</summary>
    public IReadOnlyDictionary<string, long> Values => _values;
}
