using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Automata;

namespace TcpTools.PowerShell;

/// <summary>Lets <c>-Automaton</c> take an automaton, or the name or number of one that was started.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AutomatonTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is PacketAutomaton automaton)
        {
            return automaton;
        }

        IReadOnlyList<RunningAutomaton> running = ModuleState.Current.Automata.Items;
        PacketAutomaton? found = Lookup.TryGetId(value, out long id) ? running.FirstOrDefault(one => one.Automaton.Id == id)?.Automaton : null;
        if (value is string name)
        {
            found = running.FirstOrDefault(one => string.Equals(one.Automaton.Name, name, StringComparison.OrdinalIgnoreCase))?.Automaton ?? found;
        }

        return found ?? throw new ArgumentTransformationMetadataException(
            $"{Lookup.Show(inputData)} is not an automaton: give one from New-PacketAutomaton, or the name of one that Get-PacketAutomaton lists.");
    }
}

/// <summary>Completes the names of the automata at work.</summary>
public sealed class AutomatonCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Automata.Items.Select(one => (one.Automaton.Name, one.Automaton.ToString()));
}
