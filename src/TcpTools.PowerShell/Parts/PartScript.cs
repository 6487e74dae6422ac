using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;

namespace TcpTools.PowerShell;

/// <summary>
/// A script, or a method of an object of PowerShell's, that decides something for a stack: it runs in a runspace of its own and has
/// a certain time for its answer. Who asks may hold the stack's lock, so a script that takes longer is stopped, and one that does so again and
/// again is not asked any more.
/// </summary>
internal sealed class PartScript : IDisposable
{
    private const int MaximumDelays = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);

    private readonly ScriptWorker _worker;
    private readonly object? _part;
    private int _delays;

    /// <summary>A script block, which gets what it is asked as arguments and the first of them as <c>$_</c>.</summary>
    public PartScript(string name, ScriptBlock script, SessionState session)
        : this(name, ScriptText.Join("param($__warm, $__arguments) if (-not $__warm) {{ & {0} @__arguments }}", ScriptText.From(script, "__part", session)), null)
    {
    }

    /// <summary>A method of an object, which gets what it is asked as arguments.</summary>
    public PartScript(string name, object part, string method, SessionState session)
        : this(
            name,
            ScriptText.From(
                ScriptBlock.Create($"param($__warm, $__arguments, $__part) if (-not $__warm) {{ $__part.{method}.Invoke($__arguments) }}"), "__value", session),
            part)
    {
    }

    private PartScript(string name, ScriptText text, object? part)
    {
        Name = name;
        _part = part;
        _worker = new ScriptWorker(text, new ScriptWorkerOptions { Name = $"TcpTools {name} script", MaximumOutput = 64 });
        // Opening the runspace takes longer than a packet may wait.
        _worker.Invoke(null, [true, Array.Empty<object>(), part], s_startPatience);
    }

    /// <summary>What it decides.</summary>
    public string Name { get; }

    /// <summary>Asks, and waits for what it writes.</summary>
    /// <exception cref="StackException">It failed, or did not answer in time.</exception>
    public IReadOnlyList<object?> Ask(params object?[] arguments)
    {
        if (_delays >= MaximumDelays)
        {
            throw new StackException(
                StackError.TimedOut, $"The script did not answer in time {MaximumDelays} times in a row and is not asked any more.");
        }

        ScriptOutcome outcome = _worker.Invoke(arguments.FirstOrDefault(), [false, arguments, _part], s_patience);
        if (outcome.TimedOut)
        {
            _delays++;
            throw new StackException(
                StackError.TimedOut,
                string.Create(CultureInfo.InvariantCulture, $"The script did not answer within {s_patience.TotalSeconds} s."));
        }

        _delays = 0;
        return outcome.Errors.Count > 0
            ? throw new StackException(StackError.InvalidData, outcome.Errors[^1].ToString(), "", outcome.Errors[^1].Exception)
            : outcome.Output;
    }

    /// <summary>Ends the script and its runspace.</summary>
    public void Dispose() => _worker.Dispose();
}
