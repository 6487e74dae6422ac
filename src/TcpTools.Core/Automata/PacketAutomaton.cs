using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Threading;

namespace TcpTools.Automata;

/// <summary>
/// An automaton at work, or ready for it. It has no clock, no thread and no socket: packets, data and objects are handed to it with the time when they came,
/// <see cref="Step"/> lets it do one thing at a time, and <see cref="NextDeadline"/> tells when there will be something to do of itself. So the same
/// automaton runs in real and in simulated time, and repeats itself exactly. <see cref="AutomatonRunner"/> does all this on a link, beside a stack or on a session.
/// One thread at a time may take steps; any thread may hand things over, look, set timers and stop it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing.")]
public sealed partial class PacketAutomaton
{
    private static long s_lastId;

    private readonly Lock _gate = new();
    private readonly AutomatonTimer[] _timers;
    private string? _requested;
    private bool _isHandling;
    private Instant _now;
    private int _stepping;
    private int _status;

    /// <summary>An automaton of a definition.</summary>
    /// <param name="definition">What it is.</param>
    /// <param name="name">Its name; null for the definition's.</param>
    public PacketAutomaton(AutomatonDefinition definition, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        Name = name ?? definition.Name;
        Id = Interlocked.Increment(ref s_lastId);
        Parameter = AutomatonDefinition.Copy(definition.Parameters);
        Data = AutomatonDefinition.Copy(definition.Data);
        _timers = [.. definition.Rules.Where(rule => rule.IsTimed).Select((rule, index) => new AutomatonTimer(this, rule, index))];
        Timers = new Dictionary<string, AutomatonTimer>(
            _timers.Select(timer => KeyValuePair.Create(timer.Name, timer)), StringComparer.OrdinalIgnoreCase);
        _ports = definition.Ports.ToDictionary(port => port, port => new Port(port), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The automaton's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public AutomatonDefinition Definition { get; }

    /// <summary>What it was given to work with, by name; case does not matter. At each start it is what the definition says, unless another value is given.</summary>
    public Hashtable Parameter { get; private set; }

    /// <summary>What its actions keep, by name; case does not matter. At each start it is what the definition says.</summary>
    public Hashtable Data { get; private set; }

    /// <summary>The timers of its timeouts and timers, by the names of their rules.</summary>
    public IReadOnlyDictionary<string, AutomatonTimer> Timers { get; }

    /// <summary>States before which it stands still, by name.</summary>
    public StateSet Breakpoints => _breakpoints ??= new StateSet(Definition);

    /// <summary>Where it is in its life.</summary>
    public AutomatonStatus Status
    {
        get => (AutomatonStatus)Volatile.Read(ref _status);
        private set => Volatile.Write(ref _status, (int)value);
    }

    /// <summary>Why it stands still.</summary>
    public AutomatonPause Pause { get; private set; }

    /// <summary>The state it is in, or was in last; empty before the start.</summary>
    public string State { get; private set; } = "";

    /// <summary>What ended it with an error; null when nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether it has ended, however it did.</summary>
    public bool IsEnded => Status is AutomatonStatus.Ended or AutomatonStatus.Stopped or AutomatonStatus.Failed;

    /// <summary>The time: of the step at work, or else of its place.</summary>
    public Instant Now => Volatile.Read(ref _stepping) != 0 || Clock is not { } clock ? _now : clock();

    /// <summary>Where its packets and data go; null while it is nowhere.</summary>
    public IAutomatonOutlet? Outlet { get; set; }

    internal Func<Instant>? Clock { get; set; }

    /// <summary>Called from any thread when there may be something to do before the time comes.</summary>
    internal Action? Waker { get; set; }

    private StateSet? _breakpoints;

    /// <summary>Chooses the state to go to when the condition or action at work is done; the last choice counts.</summary>
    /// <exception cref="StackException">There is no such state, or no condition or action is at work.</exception>
    public void Goto(string state)
    {
        string name = Definition.GetState(state).Name;
        _requested = _isHandling ? name : throw new StackException(
            StackError.InvalidArgument, $"{Name} is not at work on anything that could lead to {name}.", "Goto is for the scripts and actions of its states and rules.");
    }

    /// <summary>Tells it to stop: it goes to its stop state, or ends where it has none. From any thread; a step sees to it.</summary>
    public void Stop()
    {
        _stopAsked = true;
        Wake();
    }

    /// <summary>Tells it to end at once, wherever it is. From any thread; a step sees to it.</summary>
    public void Abort()
    {
        _abortAsked = true;
        Wake();
    }

    /// <summary>
    /// Makes ready to begin again: the initial state, the definition's parameters and data, empty queues, logs and counters. One that has not begun stays as it is.
    /// </summary>
    /// <exception cref="StackException">It has not ended.</exception>
    public void Reset()
    {
        if (Status == AutomatonStatus.Ready)
        {
            return;
        }

        if (!IsEnded)
        {
            throw new StackException(StackError.InvalidArgument, $"{Name} is at work.", "Stop it first.");
        }

        lock (_gate)
        {
            Parameter = AutomatonDefinition.Copy(Definition.Parameters);
            Data = AutomatonDefinition.Copy(Definition.Data);
            _now = default;
            (Status, Pause, State, Failure) = (AutomatonStatus.Ready, AutomatonPause.None, "", null);
            (_stopAsked, _abortAsked, _isStopping) = (false, false, false);
            (_target, _cause, _passed, _circle) = (null, null, false, 0);
            _intercepted.Clear();
            ClearQueues();
            ClearRecords();
            foreach (AutomatonTimer timer in _timers)
            {
                (timer.Due, timer.Count, timer.Interval) = (Instant.Never, 0, timer.Rule.Interval);
            }
        }
    }

    /// <summary>Lets it go on after a pause: its timers have stood still meanwhile.</summary>
    /// <param name="now">The time on the clock of its place.</param>
    public void Resume(Instant now)
    {
        if (Status != AutomatonStatus.Paused)
        {
            return;
        }

        TimeSpan pause = now - _pausedAt;
        foreach (AutomatonTimer timer in _timers)
        {
            timer.Due = timer.IsRunning && pause > TimeSpan.Zero ? timer.Due + pause : timer.Due;
        }

        (Status, Pause) = (AutomatonStatus.Running, AutomatonPause.None);
    }

    /// <summary>Lets it stand still.</summary>
    /// <param name="why">Why.</param>
    /// <param name="now">The time on the clock of its place.</param>
    public void Suspend(AutomatonPause why, Instant now)
    {
        if (Status is AutomatonStatus.Running or AutomatonStatus.Paused)
        {
            _pausedAt = Status == AutomatonStatus.Paused ? _pausedAt : now;
            (Pause, Status) = (why, AutomatonStatus.Paused);
            SignalOutput();
        }
    }

    /// <summary>Name, state and status.</summary>
    public override string ToString() => $"{Name}: {(State.Length == 0 ? "" : State + ", ")}{Status}";

    internal void Wake() => Waker?.Invoke();
}
