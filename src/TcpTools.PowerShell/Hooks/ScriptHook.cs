using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Management.Automation;
using System.Threading;
using TcpTools.Hooks;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// A script block as a hook: each packet is taken out of the flow and given to the script in a runspace of its own, one
/// after another, and goes on as the script has left it. No lock is held meanwhile, so that the script may use the stack,
/// wait, or never come back, without anybody else's packets being kept.
/// </summary>
internal sealed class ScriptHook : IDeferredPacketHook, IDisposable
{
    private readonly ScriptWorker _worker;
    private readonly object?[] _arguments;
    private readonly TimeSpan? _limit;
    private long _lastEnd;

    /// <summary>Opens the runspace; the script waits for packets.</summary>
    /// <param name="script">The script.</param>
    /// <param name="arguments">What it gets as arguments.</param>
    /// <param name="stack">The stack that cmdlets in it use unless another is named.</param>
    /// <param name="limit">How long it may take for one packet, in real time; null for as long as it takes.</param>
    public ScriptHook(ScriptText script, object?[] arguments, TcpStack stack, TimeSpan? limit)
    {
        _arguments = arguments;
        _limit = limit;
        _worker = new ScriptWorker(script, new ScriptWorkerOptions
        {
            Name = "TcpTools hook",
            Stack = stack,
            RunLimit = limit,
            MaximumOutput = 100,
        });
    }

    /// <inheritdoc/>
    public void Take(HeldPacket packet)
    {
        PacketHookContext context = new(packet);
        long given = Stopwatch.GetTimestamp();
        _worker.Post(context, _arguments, outcome => Finish(packet, context, outcome, given), packet.Session);
        // From here on the worker holds simulated time, for one packet after another: a script that waits in simulated time
        // must not be kept by those that wait for it.
        packet.Work?.Dispose();
    }

    /// <summary>Stops the script, by force where it runs.</summary>
    public void Dispose() => _worker.Dispose();

    private void Finish(HeldPacket packet, PacketHookContext context, ScriptOutcome outcome, long given)
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan time = Stopwatch.GetElapsedTime(Math.Max(given, Interlocked.Exchange(ref _lastEnd, now)), now);
        if (outcome.Output.Count > 0)
        {
            packet.Hook.LastOutput = outcome.Output;
        }

        HookDecision decision;
        try
        {
            decision = FindFailure(outcome) is { } failure ? new HookDecision { Failure = failure } : context.Decide();
        }
        catch (Exception e)
        {
            // What the script has made of the packet cannot be written as bytes.
            decision = new HookDecision { Failure = e };
        }

        packet.Release(decision with { Time = time });
    }

    private Exception? FindFailure(ScriptOutcome outcome)
    {
        IReadOnlyList<ErrorRecord> errors = outcome.Errors;
        return errors.Count > 0 ? errors[^1].Exception
            : !outcome.TimedOut ? null
            : new StackException(
                StackError.TimedOut,
                _limit is { } limit ? $"The script took longer than {limit.TotalSeconds:0.###} s for a packet and was stopped." : "The script was stopped.",
                "Give it more time with -TimeoutSec, or less to do.");
    }
}
