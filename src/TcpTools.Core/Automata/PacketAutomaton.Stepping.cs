using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace TcpTools.Automata;

/// <content>One step after the other.</content>
public sealed partial class PacketAutomaton
{
    /// <summary>So many moves without anything having come are a circle that never ends.</summary>
    private const int LongestCircle = 1000;

    private volatile bool _stopAsked;
    private volatile bool _abortAsked;
    private bool _isStopping;
    private bool _isLookDue;
    private bool _passed;
    private int _circle;
    private string? _target;
    private (string Rule, string Cause) _way;
    private AutomatonEvent? _cause;
    private AutomatonStep? _step;
    private Instant _pausedAt;
    private Exception? _placeFailure;

    /// <summary>When there will be something to do of itself; never while there is nothing.</summary>
    public Instant NextDeadline
    {
        get
        {
            Instant next = Instant.Never;
            foreach (AutomatonTimer timer in _timers)
            {
                next = Instant.Earlier(next, timer.Due);
            }

            return next;
        }
    }

    /// <summary>Whether there is something to do now. From any thread.</summary>
    public bool HasWork(Instant now)
    {
        if (IsEnded)
        {
            return false;
        }

        if (_abortAsked || _stopAsked)
        {
            return true;
        }

        if (Status == AutomatonStatus.Paused)
        {
            return false;
        }

        lock (_gate)
        {
            return _intercepted.Count == 0
                && (Status == AutomatonStatus.Ready || _target is not null || _isLookDue || NextDeadline <= now || _placeFailure is not null || TryPeek(out _));
        }
    }

    /// <summary>
    /// Does the next thing that there is to do: begins, takes a rule and enters the state it leads to, or ends. Whatever an action throws ends the automaton
    /// with <see cref="AutomatonStatus.Failed"/>, and <see cref="Failure"/> has it; an <see cref="OperationCanceledException"/> stops it.
    /// </summary>
    /// <param name="now">The time on the clock of its place.</param>
    /// <returns>What it did; null when there is nothing to do now.</returns>
    /// <exception cref="StackException">It is at work on a step already.</exception>
    public AutomatonStep? Step(Instant now)
    {
        if (Interlocked.Exchange(ref _stepping, 1) != 0)
        {
            throw new StackException(StackError.InvalidArgument, $"{Name} is at work on a step.", "A step cannot be taken within another one.");
        }

        try
        {
            _now = Instant.Later(now, _now);
            if (IsEnded || (Intercepted is not null && !_abortAsked && !_stopAsked))
            {
                return null;
            }

            Resume(_now);
            return Advance();
        }
        catch (OperationCanceledException)
        {
            return End(AutomatonStatus.Stopped);
        }
        catch (Exception e)
        {
            Failure = e;
            Tell($"failed in {State}: {e.Message}", 1);
            return End(AutomatonStatus.Failed);
        }
        finally
        {
            _step = null;
            _isHandling = false;
            Volatile.Write(ref _stepping, 0);
        }
    }

    private AutomatonStep? Advance()
    {
        _step = new AutomatonStep { Time = _now, From = State, To = State };
        if (_abortAsked)
        {
            _step.Cause = "stopped by force";
            return End(AutomatonStatus.Stopped);
        }

        if (_stopAsked)
        {
            _stopAsked = false;
            _intercepted.Clear();
            if (Definition.Stop is not { } stop || _isStopping || Status == AutomatonStatus.Ready)
            {
                _step.Cause = "stopped";
                return End(AutomatonStatus.Stopped);
            }

            _isStopping = true;
            Move(stop.Name, null, null, "told to stop");
        }
        else if (Status == AutomatonStatus.Ready)
        {
            Status = AutomatonStatus.Running;
            Move(Definition.Initial.Name, null, null, "start");
        }
        else if (_target is null && !TakeOne())
        {
            ThrowIfStuck();
            return null;
        }

        if (_target is not null)
        {
            (_step.Rule, _step.Cause) = _way;
            EnterTarget();
        }

        return Finish();
    }

    private AutomatonStep Finish()
    {
        AutomatonStep step = _step!;
        step.To = _target ?? State;
        step.Intercepted = Intercepted;
        if (step.Intercepted is not null && !IsEnded)
        {
            Suspend(AutomatonPause.Interception, _now);
        }

        (step.Status, step.Pause, step.NextDeadline) = (Status, Pause, NextDeadline);
        return step;
    }

    private AutomatonStep End(AutomatonStatus status)
    {
        (Status, Pause) = (status, AutomatonPause.None);
        foreach (AutomatonTimer timer in _timers)
        {
            timer.Stop();
        }

        lock (_gate)
        {
            _intercepted.Clear();
            _target = null;
        }

        _step ??= new AutomatonStep { Time = _now, From = State };
        if (Failure is { } failure)
        {
            _step.Cause = failure.Message;
        }

        AutomatonStep step = Finish();
        Tell($"{status} in {State}", 1);
        SignalOutput();
        Wake();
        return step;
    }

    /// <summary>Says where it goes; <see cref="EnterTarget"/> goes there.</summary>
    private void Move(string target, AutomatonRule? rule, AutomatonEvent? cause, string text)
    {
        (_target, _cause) = (target, cause);
        (_step!.Rule, _step.Cause) = _way = (rule?.Name ?? "", text);
        Record(State, target, rule, text);
    }

    private void EnterTarget()
    {
        AutomatonState state = Definition.GetState(_target!);
        if (!_passed && _breakpoints?.Contains(state.Name) == true)
        {
            _passed = true;
            Tell($"breakpoint before {state.Name}", 1);
            Suspend(AutomatonPause.Breakpoint, _now);
            return;
        }

        _passed = false;
        AutomatonEvent cause = _cause ?? new AutomatonEvent(this, AutomatonTrigger.Condition, _now);
        lock (_gate)
        {
            (_target, _cause) = (null, null);
            State = state.Name;
            _round++;
            _isLookDue = true;
        }

        ForgetEndsTold();
        foreach (AutomatonTimer timer in _timers)
        {
            if (timer.StartsByItself)
            {
                timer.Due = timer.Rule.States.Contains(state.Name) ? _now + timer.Interval!.Value : Instant.Never;
            }
        }

        string? chosen = Handle(() => state.Enter?.Invoke(cause));
        switch (state.Kind)
        {
            case AutomatonStateKind.Final:
                End(AutomatonStatus.Ended);
                break;
            case AutomatonStateKind.Error:
                throw new StackException(
                    StackError.ErrorState,
                    $"{Name} has reached the error state {state.Name}{(_step!.Output is [.., { } word] ? $": {AutomatonText.Shorten(word.ToString() ?? "")}" : "")}.",
                    "Its log tells the way there.");
            default:
                if (chosen is not null)
                {
                    CountCircle();
                    (string, string) way = _way;
                    Move(chosen, null, cause, $"chosen in {state.Name}");
                    (_step!.Rule, _step.Cause) = way;
                }

                break;
        }
    }

    private void CountCircle()
    {
        if (++_circle > LongestCircle)
        {
            throw new StackException(
                StackError.Stuck,
                $"{Name} goes round in circles without waiting for anything: {string.Join(", ", Log.TakeLast(4).Select(move => move.To))}, ...",
                "Let one of these states wait for a packet, an input or a time.");
        }
    }

    /// <summary>With nothing to do, something must be able to come; else the state is never left.</summary>
    private void ThrowIfStuck()
    {
        if (_placeFailure is { } gone)
        {
            throw gone;
        }

        List<string> missed = [];
        bool Can(AutomatonTrigger trigger, bool hasEnded, string end)
        {
            bool isWanted = Definition.RulesOf(State, trigger).Length > 0;
            if (isWanted && hasEnded)
            {
                missed.Add(end);
            }

            return isWanted && !hasEnded;
        }

        bool canMove = _timers.Any(timer => timer.IsRunning);
        canMove |= Can(AutomatonTrigger.Packet, _packetsEnded, "no packets come any more");
        canMove |= Can(AutomatonTrigger.Data, _streamEnded, _streamFailure is null ? "the stream has ended" : $"the stream has ended ({_streamFailure.Message})");
        canMove |= Can(AutomatonTrigger.DataEnd, _streamEndTold, "the end of the stream was told");
        lock (_gate)
        {
            foreach (Port port in _ports.Values)
            {
                bool isOver = port.IsEnded && port.Queue.Count == 0;
                bool wants = RulesFor(AutomatonTrigger.Input, port).Any();
                bool wantsEnd = RulesFor(AutomatonTrigger.InputEnd, port).Any();
                canMove |= (wants && !port.IsEnded) || (wantsEnd && !port.IsEndTold);
                if ((wants || wantsEnd) && isOver)
                {
                    missed.Add($"{port.Name} has ended");
                }
            }
        }

        if (!canMove && !_stopAsked && !_abortAsked)
        {
            throw new StackException(
                StackError.Stuck,
                $"{Name} is stuck in {State}: {(missed.Count > 0 ? string.Join(", ", missed) : "no condition holds, and nothing is waited for there")}.",
                "Give the state a way out, or make it a final one.");
        }
    }
}
