using System;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Stack;

namespace TcpTools.Automata;

/// <summary>
/// Lets an automaton live at a place: hands over what comes, takes steps when there is something to do, and waits in between. In simulated time, waiting moves the network,
/// or, where the automaton is a guest there, waits for whoever moves it. The place goes with the automaton's end.
/// </summary>
public sealed class AutomatonRunner : IDisposable
{
    private readonly AutomatonPlace _place;
    private readonly ManualResetEventSlim _wake = new();
    private readonly SemaphoreSlim _turn = new(0);
    private IDisposable? _guest;
    private WorkToken? _work;
    private int _isTurn;
    private volatile bool _isOver;

    /// <summary>An automaton at a place. What comes from now on waits for it.</summary>
    /// <param name="automaton">The automaton; begun anew where it has ended.</param>
    /// <param name="place">The place, which then belongs to the runner.</param>
    /// <param name="filter">What does not pass it does not come in; null for no filter.</param>
    /// <exception cref="StackException">The automaton is at work already, or nothing can be received there.</exception>
    public AutomatonRunner(PacketAutomaton automaton, AutomatonPlace place, PacketFilter? filter = null)
    {
        ArgumentNullException.ThrowIfNull(automaton);
        ArgumentNullException.ThrowIfNull(place);
        Automaton = automaton;
        _place = place;
        automaton.Reset();
        automaton.Clock = () => place.Now;
        automaton.Waker = Wake;
        place.Serve(automaton, filter);
    }

    /// <summary>The automaton.</summary>
    public PacketAutomaton Automaton { get; }

    /// <summary>Where it is.</summary>
    public AutomatonPlace Place => _place;

    /// <summary>Whether it is a guest in its network: moved by whoever moves that.</summary>
    public bool IsGuest => _guest is not null;

    /// <summary>
    /// Makes the automaton a guest of the network it lives in: from then on <see cref="Run"/>, on a thread of its own, takes steps when somebody else moves the network,
    /// and simulated time stands still meanwhile. In real time nothing changes.
    /// </summary>
    public void Join()
    {
        if (_guest is null && _place.Network is { } network)
        {
            // The first turn is its own, so that it has begun before time moves.
            (_work, _isTurn) = (network.BeginWork(), 1);
            _guest = network.Attach(Service, () => Automaton.Status == AutomatonStatus.Paused ? Instant.Never : Automaton.NextDeadline);
        }
    }

    /// <summary>Is no guest any more: who runs the automaton next moves the network. Not while a thread of its own runs it.</summary>
    public void Leave()
    {
        EndTurn();
        _guest?.Dispose();
        _guest = null;
    }

    /// <summary>Runs until the automaton ends or stands still.</summary>
    /// <param name="limit">For how long at most, on the clock of the place; negative for no limit.</param>
    /// <param name="cancellationToken">Ends the run; the automaton stays as it is.</param>
    /// <param name="onStep">Called after each step.</param>
    /// <returns>Why it stands still; <see cref="AutomatonPause.None"/> when it has ended.</returns>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public AutomatonPause Run(TimeSpan limit, CancellationToken cancellationToken, Action<AutomatonStep>? onStep = null)
    {
        Instant end = limit < TimeSpan.Zero ? Instant.Never : _place.Now + limit;
        Automaton.Resume(_place.Now);
        _work?.Adopt();
        try
        {
            while (true)
            {
                AutomatonPause? halt = MoveOnce(end, onStep, cancellationToken);
                if (halt is { } why)
                {
                    return why;
                }
            }
        }
        finally
        {
            EndTurn();
        }
    }

    /// <summary>Does what there is to do without waiting for more.</summary>
    /// <param name="cancellationToken">Ends the run; the automaton stays as it is.</param>
    /// <param name="onStep">Called after each step.</param>
    public void RunReady(CancellationToken cancellationToken, Action<AutomatonStep>? onStep = null)
    {
        Automaton.Resume(_place.Now);
        while (!Automaton.IsEnded && Automaton.Status != AutomatonStatus.Paused && TryStep(cancellationToken) is { } step)
        {
            onStep?.Invoke(step);
        }
    }

    /// <summary>Takes one step, waiting until there is one to take.</summary>
    /// <param name="limit">For how long to wait, on the clock of the place; negative for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The step; null when there was none in time, or the automaton has ended or waits for a verdict.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public AutomatonStep? Step(TimeSpan limit, CancellationToken cancellationToken)
    {
        Instant end = limit < TimeSpan.Zero ? Instant.Never : _place.Now + limit;
        AutomatonStep? taken = null;
        Automaton.Resume(_place.Now);
        while (taken is null && !Automaton.IsEnded && Automaton.Intercepted is null)
        {
            AutomatonPause? halt = MoveOnce(end, step => taken = step, cancellationToken);
            if (halt is AutomatonPause.TimeLimit or AutomatonPause.Idle)
            {
                break;
            }
        }

        if (taken is not null && Automaton.Pause == AutomatonPause.None)
        {
            Automaton.Suspend(AutomatonPause.Step, _place.Now);
        }

        return taken;
    }

    /// <summary>Waits until the automaton, run by another thread, has ended or given something out.</summary>
    /// <param name="limit">For how long, on the clock of the place; negative for no limit.</param>
    /// <param name="isEnough">What is waited for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether what was waited for is there.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitUntil(Func<bool> isEnough, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isEnough);
        if (IsGuest)
        {
            return _place.Network!.RunUntil(isEnough, limit, cancellationToken);
        }

        Instant end = limit < TimeSpan.Zero ? Instant.Never : WallClock.Now + limit;
        while (!isEnough())
        {
            Instant now = WallClock.Now;
            if (now >= end)
            {
                return false;
            }

            Automaton.WaitOutput(Waitable(end - now), cancellationToken);
        }

        return true;
    }

    /// <summary>Ends the automaton where it has not ended, and closes its place.</summary>
    public void Dispose()
    {
        // Once it has ended, it may have begun again elsewhere.
        bool isOver = _isOver;
        if (!isOver)
        {
            Automaton.Abort();
        }

        _guest?.Dispose();
        _place.Dispose();
        _work?.Dispose();
        if (!isOver && !Automaton.IsEnded)
        {
            try
            {
                Automaton.Step(_place.Now);
            }
            catch (StackException)
            {
                // A step is at work on another thread; it is the last one.
            }
        }
    }

    private static TimeSpan Waitable(TimeSpan left) => TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, 1_000_000));

    private AutomatonStep? TryStep(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsGuest)
        {
            _place.Poll();
        }

        AutomatonStep? step = Automaton.Step(_place.Now);
        if (Automaton.IsEnded)
        {
            _isOver = true;
            _guest?.Dispose();
            _place.Dispose();
        }

        return step;
    }

    /// <summary>A step, or a wait for one; null to go on.</summary>
    private AutomatonPause? MoveOnce(Instant end, Action<AutomatonStep>? onStep, CancellationToken cancellationToken)
    {
        _wake.Reset();
        if (TryStep(cancellationToken) is { } step)
        {
            onStep?.Invoke(step);
            return Automaton.IsEnded || Automaton.Pause != AutomatonPause.None ? Automaton.Pause : null;
        }

        if (Automaton.IsEnded || Automaton.Intercepted is not null)
        {
            return Automaton.IsEnded ? AutomatonPause.None : AutomatonPause.Interception;
        }

        Instant now = _place.Now;
        if (now >= end)
        {
            Automaton.Suspend(AutomatonPause.TimeLimit, now);
            return AutomatonPause.TimeLimit;
        }

        Instant until = Instant.Earlier(end, Automaton.NextDeadline);
        if (IsGuest)
        {
            WaitForTurn(cancellationToken);
        }
        else if (_place.Network is { } network)
        {
            return MoveNetwork(network, until, cancellationToken);
        }
        else
        {
            _wake.Wait(until.IsNever ? Timeout.InfiniteTimeSpan : Waitable(until - now), cancellationToken);
        }

        return null;
    }

    private AutomatonPause? MoveNetwork(VirtualNetwork network, Instant until, CancellationToken cancellationToken)
    {
        TimeSpan limit = until.IsNever ? Timeout.InfiniteTimeSpan : until <= network.Now ? TimeSpan.Zero : until - network.Now;
        bool hasWork = network.RunUntil(
            () =>
            {
                _place.Poll();
                return Automaton.HasWork(network.Now);
            },
            limit,
            cancellationToken);
        if (hasWork || !until.IsNever)
        {
            return null;
        }

        // Nothing is left that could happen.
        Automaton.Suspend(AutomatonPause.Idle, network.Now);
        return AutomatonPause.Idle;
    }

    private void Wake()
    {
        _wake.Set();
        if (IsGuest && Automaton.HasWork(_place.Now))
        {
            BeginTurn();
        }
    }

    /// <summary>Gives a guest its turn, and holds simulated time for it; false when it has one.</summary>
    private bool BeginTurn()
    {
        if (Interlocked.Exchange(ref _isTurn, 1) != 0)
        {
            return false;
        }

        _work = _place.Network!.BeginWork();
        _turn.Release();
        return true;
    }

    private void EndTurn()
    {
        if (Interlocked.Exchange(ref _work, null) is { } work)
        {
            Volatile.Write(ref _isTurn, 0);
            work.Dispose();
        }
    }

    /// <summary>On a guest's thread: the turn is over, and the next one is waited for.</summary>
    private void WaitForTurn(CancellationToken cancellationToken)
    {
        EndTurn();
        // What has come just now has found the turn still taken.
        Wake();
        _turn.Wait(cancellationToken);
        _work?.Adopt();
    }

    /// <summary>On the thread that moves the network: looks whether a guest has something to do.</summary>
    private bool Service()
    {
        if (Volatile.Read(ref _isTurn) != 0)
        {
            return false;
        }

        _place.Poll();
        return Automaton.HasWork(_place.Now) && BeginTurn();
    }
}
