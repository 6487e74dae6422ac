using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>One run of a script that was asked for, and what comes of it.</summary>
internal sealed class ScriptCall(object? item, object?[] arguments, TcpSession? session, Action<ScriptOutcome> done)
{
    private List<ErrorRecord>? _errors;
    private Action<ScriptOutcome>? _done = done;
    private WorkToken? _work;
    private bool _ownsWork;

    /// <summary>What the script finds as <c>$_</c>.</summary>
    public object? Item { get; } = item;

    /// <summary>What the script gets as arguments.</summary>
    public object?[] Arguments { get; } = arguments;

    /// <summary>The session that cmdlets in the script use when none is named.</summary>
    public TcpSession? Session { get; } = session;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>
    /// Holds simulated time until the call has come to its end. Who waits for the call and works in the network itself hands on
    /// his own work, since he would hold it for as long as he waits.
    /// </summary>
    public void Hold(VirtualNetwork? network, WorkToken? own = null)
    {
        if (network is not null && _work is null)
        {
            _work = own ?? network.BeginWork();
            _ownsWork = own is null;
        }
    }

    /// <summary>Holds simulated time no more.</summary>
    public void Release()
    {
        if (_ownsWork)
        {
            _work?.Dispose();
        }
    }

    /// <summary>The calling thread runs the script from now on.</summary>
    public void Adopt() => _work?.Adopt();

    /// <summary>Notes what the script threw.</summary>
    public void Fail(ErrorRecord error) => (_errors ??= []).Add(error);

    /// <summary>Tells, once, what came of it. Takes over what is in the two collections, and leaves them empty.</summary>
    public void Finish(PSDataCollection<PSObject>? output, PSDataCollection<ErrorRecord>? errors, long dropped, bool timedOut)
    {
        Action<ScriptOutcome>? done = _done;
        _done = null;
        ScriptOutcome outcome = Collect(output, errors, dropped, timedOut);
        try
        {
            done?.Invoke(outcome);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // On the worker's thread nothing may escape: it would end the process.
        }
        finally
        {
            Release();
        }
    }

    private ScriptOutcome Collect(PSDataCollection<PSObject>? output, PSDataCollection<ErrorRecord>? errors, long dropped, bool timedOut)
    {
        object?[] written = output is { Count: > 0 } ? [.. output.ReadAll().Select(Unwrap)] : [];
        if (errors is { Count: > 0 })
        {
            // What was thrown comes last, as it came.
            _errors = [.. errors.ReadAll(), .. _errors ?? []];
        }

        return written.Length == 0 && _errors is null && !timedOut
            ? ScriptOutcome.Empty
            : new ScriptOutcome(written, _errors ?? [], timedOut, dropped);
    }

    private static object? Unwrap(PSObject? value) => value?.BaseObject is PSCustomObject ? value : value?.BaseObject;
}
