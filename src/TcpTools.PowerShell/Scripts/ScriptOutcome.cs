using System;
using System.Collections.Generic;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>What came of one run of a script.</summary>
/// <param name="Output">What it wrote, in order, up to the worker's limit.</param>
/// <param name="Errors">What it reported as errors, and last what it threw.</param>
/// <param name="TimedOut">Whether it did not come back in time, or was stopped.</param>
/// <param name="DroppedOutput">How many objects it wrote beyond the limit.</param>
internal sealed record ScriptOutcome(
    IReadOnlyList<object?> Output, IReadOnlyList<ErrorRecord> Errors, bool TimedOut = false, long DroppedOutput = 0)
{
    /// <summary>Nothing written, nothing wrong.</summary>
    public static ScriptOutcome Empty { get; } = new([], []);

    /// <summary>A run that did not come to its end.</summary>
    public static ScriptOutcome Unfinished { get; } = new([], [], TimedOut: true);
}

/// <summary>In what surroundings a script runs.</summary>
internal sealed record ScriptWorkerOptions
{
    /// <summary>The thread's name.</summary>
    public string Name { get; init; } = "TcpTools script";

    /// <summary>The stack that cmdlets in the runspace use unless another is named. It is not theirs to stop with the runspace.</summary>
    public TcpStack? Stack { get; init; }

    /// <summary>Runs once in the runspace before anything else, so that its functions and variables are there.</summary>
    public ScriptText? Initialization { get; init; }

    /// <summary>How long one run may take, in real time; then it is stopped. Null for as long as it takes.</summary>
    public TimeSpan? RunLimit { get; init; }

    /// <summary>
    /// Whether the script serves a session from its beginning to its end: data that is received in the middle of a pipeline then goes
    /// on piece by piece until the peer finishes.
    /// </summary>
    public bool ServesSession { get; init; }

    /// <summary>Whether a run holds the simulated time of the stack's network; false where the script sees to that itself.</summary>
    public bool HoldsTime { get; init; } = true;

    /// <summary>Called when the worker ends, so that a script that waits in code of ours, which nobody can stop by force, comes back.</summary>
    public Action? Ending { get; init; }

    /// <summary>How many objects, and how many errors, of one run are kept.</summary>
    public int MaximumOutput { get; init; } = 1000;
}
