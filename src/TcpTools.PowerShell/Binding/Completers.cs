using System;
using System.Buffers;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using TcpTools.Links;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Completion from a list of words, each with a line about it. Looks only at what this process holds.</summary>
public abstract class WordCompleter : IArgumentCompleter
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(" ,;()'\"$");

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string start = (wordToComplete ?? "").Trim('\'', '"');
        WildcardPattern pattern = new(start + "*", WildcardOptions.IgnoreCase);
        foreach ((string word, string about) in GetWords(fakeBoundParameters))
        {
            if (pattern.IsMatch(word))
            {
                bool isName = !word.StartsWith("@{", StringComparison.Ordinal);
                string text = isName && word.AsSpan().ContainsAny(s_special) ? $"'{word.Replace("'", "''", StringComparison.Ordinal)}'" : word;
                yield return new CompletionResult(text, word, CompletionResultType.ParameterValue, about);
            }
        }
    }

    private protected abstract IEnumerable<(string Word, string About)> GetWords(IDictionary bound);

    private protected static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Completes the names of this runspace's stacks.</summary>
public sealed class StackCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Stacks.Select(s => (s.Name, $"{s.Id}: {string.Join(", ", s.Addresses)} over {s.Link.Name}, {s.Mode}"));
}

/// <summary>Completes the numbers of this runspace's stacks.</summary>
public sealed class StackIdCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Stacks.Select(s => (Number(s.Id), $"{s.Name}: {string.Join(", ", s.Addresses)}"));
}

/// <summary>Completes the numbers of this runspace's sessions.</summary>
public sealed class SessionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Sessions.Select(s => (Number(s.Id), $"{s.Flow} {s.State}"));
}

/// <summary>Completes the numbers of this runspace's listeners.</summary>
public sealed class ListenerCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Listeners.Select(l => (Number(l.Id), $"{l.LocalAddress}:{l.Port}, {l.Pending} waiting"));
}

/// <summary>Completes the ports on which this runspace's stacks listen.</summary>
public sealed class ListenerPortCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Listeners.Select(l => (Number(l.Port), $"listener {l.Id}, {l.Pending} waiting"));
}

/// <summary>Completes the names of encodings.</summary>
public sealed class EncodingCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        EncodingTransformAttribute.Names.Select(n => (n, n));
}

/// <summary>Suggests a hashtable with one option of TCP for <c>-Option</c>.</summary>
public sealed class TcpOptionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        RecordOptions.Names(typeof(TcpSettings))
            .Select(n => ($"@{{ {n} = {Show(typeof(TcpSettings).GetProperty(n)!.GetValue(TcpSettings.Default))} }}", n));

    private static string Show(object? value) => value switch
    {
        null => "$null",
        bool b => b ? "$true" : "$false",
        TimeSpan t => $"'{t.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s'",
        IFormattable number and (int or long or byte or double) => number.ToString(null, CultureInfo.InvariantCulture),
        _ => $"'{value}'",
    };
}

/// <summary>Suggests a hashtable with one thing that a network does to packets for <c>-Impairment</c>.</summary>
public sealed class ImpairmentCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("@{ Loss = 0.02 }", "two packets in a hundred are lost"),
        ("@{ Delay = '20ms' }", "every packet takes 20 ms each way"),
        ("@{ Delay = '20ms'; Jitter = '5ms' }", "20 to 25 ms each way"),
        ("@{ Reorder = 0.01 }", "one packet in a hundred is overtaken"),
        ("@{ Duplicate = 0.01 }", "one packet in a hundred arrives twice"),
        ("@{ Corrupt = 0.01 }", "one packet in a hundred has a flipped bit"),
        ("@{ Rate = 10e6 }", "10 Mbit/s"),
        ("@{ Mtu = 1280 }", $"larger packets vanish ({nameof(Impairment)})"),
    ];
}
