using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// A thread and a runspace that run one script block again and again, one run after another, so that neither the session in
/// which it was written nor whoever asks for a run is touched by what it does. A script that does not come back holds up
/// this worker only, and is stopped by force when nobody waits for it any more.
/// </summary>
internal sealed partial class ScriptWorker : IDisposable
{
    // The loop that cannot be left by a break or a continue of the user's. An exit ends it, and it is begun again.
    private const string Loop = """
        param($__worker, $__text)
        $__script = [scriptblock]::Create($__text)
        while ($__worker.Next()) {
            $_ = $__worker.Item
            $__arguments = $__worker.Arguments
            foreach ($__once in 1) {
                try { & $__script @__arguments } catch { $__worker.Fail($_) }
            }
            $__worker.Done()
        }
        """;

    private static int s_count;

    private readonly ScriptText _script;
    private readonly ScriptWorkerOptions _options;
    private readonly Lock _lock = new();
    private readonly WakeSignal _wake = new();
    private readonly Queue<ScriptCall> _waiting = new();
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly System.Management.Automation.PowerShell _shell = System.Management.Automation.PowerShell.Create();
    private readonly VirtualNetwork? _network;
    private readonly Timer? _limit;
    private Runspace? _runspace;
    private ModuleState? _state;
    private ScriptCall? _current;
    private long _dropped;
    private long _startedAt;
    private bool _restarts;
    private volatile bool _disposed;

    /// <summary>Starts the thread, which opens the runspace and waits for the first call.</summary>
    public ScriptWorker(ScriptText script, ScriptWorkerOptions options)
    {
        _script = script;
        _options = options;
        _network = options.HoldsTime ? options.Stack?.Clock?.Network : null;
        if (options.RunLimit is not null)
        {
            _limit = new Timer(_ => AbandonRunning());
        }

        Interlocked.Increment(ref s_count);
        new Thread(Run) { IsBackground = true, Name = options.Name }.Start();
    }

    /// <summary>How many workers exist: each has a runspace and a thread.</summary>
    public static int Count => Volatile.Read(ref s_count);

    /// <summary>Calls that wait, the running one included.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count + (_current is null ? 0 : 1);
            }
        }
    }

    /// <summary>Runs the script and waits for its end. Any thread may call; calls queue up.</summary>
    /// <param name="item">What the script finds as <c>$_</c>.</param>
    /// <param name="arguments">What it gets as arguments.</param>
    /// <param name="patience">How long to wait, for its turn too; then it is stopped, and the outcome says so.</param>
    /// <param name="cancellationToken">Stops it, too.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ScriptOutcome Invoke(object? item, object?[] arguments, TimeSpan patience, CancellationToken cancellationToken = default)
    {
        TaskCompletionSource<ScriptOutcome> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ScriptCall call = new(item, arguments, null, end.SetResult);
        call.Hold(_network, _network is null ? null : WorkToken.Of(_network));
        Post(call);
        try
        {
            if (end.Task.Wait(patience, cancellationToken))
            {
                return end.Task.Result;
            }
        }
        catch (OperationCanceledException)
        {
            Abandon(call);
            throw;
        }

        Abandon(call);
        return ScriptOutcome.Unfinished;
    }

    /// <summary>Asks for a run and does not wait.</summary>
    /// <param name="item">What the script finds as <c>$_</c>.</param>
    /// <param name="arguments">What it gets as arguments.</param>
    /// <param name="done">Gets the outcome, on the worker's thread; called once, also when the worker is disposed before.</param>
    /// <param name="session">The session that cmdlets in the script use when none is named.</param>
    public void Post(object? item, object?[] arguments, Action<ScriptOutcome> done, TcpSession? session = null) =>
        Post(new ScriptCall(item, arguments, session, done));

    /// <summary>Stops the script, at once if it waits in a cmdlet, and closes the runspace when it has stopped. Does not wait.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _options.Ending?.Invoke();
        _wake.Release();
        StopShell();
    }

    /// <summary>Asks for a run.</summary>
    internal void Post(ScriptCall call)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                if (_current is null && _waiting.Count == 0)
                {
                    // One that waits for its turn holds no time: who runs may wait in simulated time itself.
                    call.Hold(_network);
                }

                _waiting.Enqueue(call);
                _wake.Release();
                return;
            }
        }

        call.Finish(null, null, 0, timedOut: true);
    }

    private void Abandon(ScriptCall call)
    {
        lock (_lock)
        {
            call.IsAbandoned = true;
            if (_current != call)
            {
                return;
            }

            _restarts = true;
        }

        _wake.Release();
        StopShell();
    }

    private void AbandonRunning()
    {
        ScriptCall? call;
        lock (_lock)
        {
            // The run that the timer was set for may have ended just now, and another begun.
            call = Environment.TickCount64 - _startedAt >= _options.RunLimit!.Value.TotalMilliseconds - 50 ? _current : null;
        }

        if (call is not null)
        {
            Abandon(call);
        }
    }

    /// <summary>Is done with the running call: the next one holds simulated time before this one ceases to. In the lock.</summary>
    private void EndCurrent()
    {
        _current = null;
        _limit?.Change(Timeout.Infinite, Timeout.Infinite);
        if (_waiting.TryPeek(out ScriptCall? next))
        {
            next.Hold(_network);
        }
    }

    private void Run()
    {
        ErrorRecord? obstacle = null;
        try
        {
            Open();
            while (!_disposed)
            {
                bool isStopped = false;
                try
                {
                    _shell.Invoke(null, _output);
                }
                catch (PipelineStoppedException)
                {
                    isStopped = true;
                }

                EndRun(isStopped);
            }
        }
        catch (Exception e)
        {
            // The runspace could not be opened, or is broken: on a thread of its own, nothing may escape.
            obstacle = new ErrorRecord(e, "ScriptWorkerFailed", ErrorCategory.OpenError, null);
            _disposed = true;
        }
        finally
        {
            FinishAll(obstacle);
            _limit?.Dispose();
            _runspace?.Dispose();
            _shell.Dispose();
            Interlocked.Decrement(ref s_count);
        }
    }

    private void Open()
    {
        _runspace = ScriptRunspace.Create(_options.Initialization is { } first ? [first, _script] : [_script]);
        _runspace.Open();
        // PowerShell closes all runspaces when its process ends, and waits for what runs in them: the loop must not wait then.
        _runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State == RunspaceState.Closing)
            {
                Dispose();
            }
        };
        Runspace.DefaultRunspace = _runspace;
        _state = ModuleState.Current;
        _state.Borrow(_options.Stack);
        _state.ServesSession = _options.ServesSession;
        _shell.Runspace = _runspace;
        if (_script.Location is { } location)
        {
            _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(location));
        }

        Bound(_output, () => _dropped++);
        PSDataStreams streams = _shell.Streams;
        Bound(streams.Error, null);
        Bound(streams.Warning, null);
        Bound(streams.Verbose, null);
        Bound(streams.Debug, null);
        Bound(streams.Information, null);
        Bound(streams.Progress, null);
        if (_options.Initialization is { } script)
        {
            _shell.AddScript(script.Text, useLocalScope: false).Invoke(null, _output);
            _shell.Commands.Clear();
            _output.Clear();
        }

        _shell.AddScript(Loop).AddArgument(new Bridge(this)).AddArgument(_script.Text);
    }

    /// <summary>Keeps no more than so many: what a script writes without end must not take the memory.</summary>
    private void Bound<T>(PSDataCollection<T> items, Action? dropped) =>
        items.DataAdded += (_, added) =>
        {
            if (added.Index >= _options.MaximumOutput)
            {
                items.RemoveAt(added.Index);
                dropped?.Invoke();
            }
        };

    /// <summary>The loop has ended: by an exit of the script's, or because it was stopped.</summary>
    private void EndRun(bool isStopped)
    {
        ScriptCall? ended;
        lock (_lock)
        {
            _restarts = false;
            ended = _current;
            if (isStopped && ended is { IsAbandoned: false } && !_disposed)
            {
                // The stop was meant for the call before it, which came to its end by itself: this one runs again.
                return;
            }

            EndCurrent();
        }

        Finish(ended, isStopped || ended is { IsAbandoned: true });
    }

    private void FinishAll(ErrorRecord? obstacle)
    {
        while (true)
        {
            ScriptCall? call;
            lock (_lock)
            {
                call = _current;
                _current = null;
                if (call is null && !_waiting.TryDequeue(out call))
                {
                    return;
                }
            }

            if (obstacle is not null)
            {
                call.Fail(obstacle);
            }

            call.Finish(null, null, 0, timedOut: true);
        }
    }

    private void Finish(ScriptCall? call, bool timedOut)
    {
        long dropped = _dropped;
        _dropped = 0;
        call?.Finish(_output, _shell.Streams.Error, dropped, timedOut);
        _output.Clear();
        _shell.Streams.ClearStreams();
    }

    private bool Next()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_disposed || _restarts)
                {
                    return false;
                }

                if (_current is not null)
                {
                    return true;
                }

                while (_waiting.TryDequeue(out ScriptCall? call))
                {
                    if (!call.IsAbandoned)
                    {
                        _current = call;
                        _state!.LastSession = call.Session ?? _state.LastSession;
                        call.Hold(_network);
                        call.Adopt();
                        _startedAt = Environment.TickCount64;
                        _limit?.Change(_options.RunLimit!.Value, Timeout.InfiniteTimeSpan);
                        return true;
                    }

                    call.Release();
                }
            }

            _wake.Wait();
        }
    }

    private void Done()
    {
        ScriptCall? call;
        lock (_lock)
        {
            call = _current;
            EndCurrent();
        }

        Finish(call, timedOut: false);
    }
}
