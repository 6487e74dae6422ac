using System;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>An automaton that was started: where it runs, and in the background the worker whose thread takes its steps.</summary>
internal sealed class RunningAutomaton : IDisposable
{
    private static readonly ConditionalWeakTable<PacketAutomaton, RunningAutomaton> s_running = [];

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private ScriptWorker? _worker;
    private bool _isWorking;
    private bool _isDisposed;

    private RunningAutomaton(PacketAutomaton automaton, AutomatonRunner runner, TcpStack? stack)
    {
        Automaton = automaton;
        Runner = runner;
        Stack = stack;
    }

    public PacketAutomaton Automaton { get; }

    public AutomatonRunner Runner { get; }

    public TcpStack? Stack { get; }

    /// <summary>Whether it is run in the background, at work or not.</summary>
    public bool IsBackground => _worker is not null;

    /// <summary>Whether it has ended and everything is closed.</summary>
    public bool IsOver => Volatile.Read(ref _isDisposed);

    /// <summary>Whether a thread of its own takes its steps now.</summary>
    public bool IsWorking => Volatile.Read(ref _isWorking);

    /// <summary>What was started of an automaton and has not ended; null when nothing was.</summary>
    public static RunningAutomaton? Of(PacketAutomaton automaton) =>
        s_running.TryGetValue(automaton, out RunningAutomaton? running) && !running._isDisposed ? running : null;

    /// <summary>Begins: from now on what comes waits for the automaton.</summary>
    public static RunningAutomaton Begin(PacketAutomaton automaton, AutomatonRunner runner, TcpStack? stack)
    {
        RunningAutomaton running = new(automaton, runner, stack);
        s_running.AddOrUpdate(automaton, running);
        return running;
    }

    /// <summary>Goes on in the background.</summary>
    public void Work(SessionState session)
    {
        lock (_lock)
        {
            _worker ??= new ScriptWorker(
                ScriptText.From(ScriptBlock.Create("$_.Run()"), "__automaton", session),
                new ScriptWorkerOptions { Name = $"TcpTools {Automaton.Name}", Stack = Stack, HoldsTime = false, Ending = _stop.Cancel });
            _isWorking = true;
        }

        Runner.Join();
        _worker.Post(new Worker(this), [], _ => EndWork());
    }

    /// <summary>Ends it at once where it has not ended, and closes what was opened for it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _stop.Cancel();
        _worker?.Dispose();
        Runner.Dispose();
    }

    private void EndWork()
    {
        Volatile.Write(ref _isWorking, false);
        if (Automaton.IsEnded)
        {
            Dispose();
        }
    }

    /// <summary>What the worker's script sees of this.</summary>
    public sealed class Worker
    {
        private readonly RunningAutomaton _owner;

        internal Worker(RunningAutomaton owner) => _owner = owner;

        /// <summary>Runs until the automaton ends or stands still.</summary>
        public void Run()
        {
            try
            {
                _owner.Runner.Run(Timeout.InfiniteTimeSpan, _owner._stop.Token);
            }
            catch (OperationCanceledException)
            {
                // Stopped by force.
            }
        }
    }
}
