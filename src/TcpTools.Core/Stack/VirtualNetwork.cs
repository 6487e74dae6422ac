using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>
/// Several stacks on one thread in simulated time: all frames are delivered, then the clock jumps to the earliest
/// deadline, and so on. A stack joins by naming the network's <see cref="Clock"/> in its options and leaves when stopped.
/// Stacks in manual mode share the clock but are moved by <see cref="TcpStack.Step(Instant?)"/> only. Work on other threads takes part
/// by <see cref="BeginWork"/>.
/// </summary>
public sealed partial class VirtualNetwork
{
    private readonly Lock _lock = new();
    private TcpStack[] _stacks = [];
    private Guest[] _guests = [];
    private int _turn;

    /// <summary>An empty network with a clock at zero.</summary>
    public VirtualNetwork()
    {
        Clock = new VirtualClock(this);
    }

    internal VirtualNetwork(VirtualClock clock)
    {
        Clock = clock;
    }

    /// <summary>The network's clock.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The time at present.</summary>
    public Instant Now => Clock.Now;

    /// <summary>The stacks that belong to the network, in the order in which they joined.</summary>
    public IReadOnlyList<TcpStack> Stacks => _stacks;

    /// <summary>
    /// Delivers every frame, fires every timer that is due now, and lets work on other threads come to where it ends or waits,
    /// without moving the clock.
    /// </summary>
    public void RunUntilIdle()
    {
        WorkToken? work = WorkToken.Of(this);
        if (!TryLead(out bool isNested))
        {
            // Whoever moves the network now does the same before it moves the clock.
            if (Follow(work, static () => false, null, CancellationToken.None) is not null)
            {
                return;
            }
        }

        RunAsLeader(work, static () => false, null, isNested, CancellationToken.None);
    }

    /// <summary>Moves the network for a span of simulated time; the clock ends exactly that much later.</summary>
    public void Run(TimeSpan span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(span, TimeSpan.Zero);
        RunUntil(static () => false, span);
    }

    /// <summary>
    /// Moves the network until the condition holds (it is asked each time that a stack has moved) or the span of simulated
    /// time has passed. Once it holds it is not asked again. With <see cref="Timeout.InfiniteTimeSpan"/> the run ends when nothing is left that could happen.
    /// </summary>
    /// <returns>Whether the condition holds.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit) => RunUntil(condition, limit, CancellationToken.None);

    /// <inheritdoc cref="RunUntil(Func{bool}, TimeSpan)"/>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public bool RunUntil(Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken) =>
        RunUntil(condition, limit, null, cancellationToken);

    /// <param name="condition">What is waited for.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="peek">
    /// Tells on any thread, and without changing anything, whether the condition may hold, so that whoever waits need not be woken to
    /// find out that it does not.
    /// </param>
    /// <param name="cancellationToken">Ends the run.</param>
    internal bool RunUntil(Func<bool> condition, TimeSpan limit, Func<bool>? peek, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Instant end = limit < TimeSpan.Zero ? Instant.Never : Now + limit;
        if (condition())
        {
            return true;
        }

        cancellationToken.ThrowIfCancellationRequested();
        WorkToken? work = WorkToken.Of(this);
        bool isNested = false;
        if ((work is not null && !IsLeader) || !TryLead(out isNested))
        {
            if (Follow(work, condition, end, cancellationToken, peek) is { } isMet)
            {
                return isMet;
            }
        }

        return RunAsLeader(work, condition, end, isNested, cancellationToken);
    }

    internal void Join(TcpStack stack)
    {
        lock (_lock)
        {
            _stacks = [.. _stacks, stack];
        }
    }

    internal void Leave(TcpStack stack)
    {
        lock (_lock)
        {
            _stacks = Array.FindAll(_stacks, s => !ReferenceEquals(s, stack));
        }

        Wake();
    }

    /// <summary>
    /// Lets somebody take part who is no stack, such as one who answers at a wire's other end: asked whenever no stack has
    /// anything to do, on the thread that moves the network. Disposing the result ends it.
    /// </summary>
    /// <param name="service">Does what is to be done now, and tells whether there was anything.</param>
    /// <param name="nextDeadline">When something will be to do if nothing comes before.</param>
    internal IDisposable Attach(Func<bool> service, Func<Instant> nextDeadline)
    {
        Guest guest = new(this, service, nextDeadline);
        lock (_lock)
        {
            _guests = [.. _guests, guest];
        }

        return guest;
    }

    internal Instant EarliestDeadline(bool includeManual)
    {
        Instant earliest = EarliestWaitEnd();
        foreach (Guest guest in _guests)
        {
            earliest = Instant.Earlier(earliest, guest.NextDeadline());
        }

        foreach (TcpStack stack in _stacks)
        {
            if (includeManual || stack.Mode == StackMode.Virtual)
            {
                earliest = Instant.Earlier(earliest, stack.NextDeadline);
            }
        }

        return earliest;
    }

    private bool RunAsLeader(
        WorkToken? work, Func<bool> condition, Instant? end, bool isNested, CancellationToken cancellationToken)
    {
        try
        {
            if (work is not null)
            {
                Rest(work);
            }

            return Lead(condition, end, cancellationToken);
        }
        finally
        {
            if (!isNested)
            {
                StopLeading();
            }

            if (work is not null)
            {
                Resume(work);
            }
        }
    }

    /// <param name="condition">What is waited for.</param>
    /// <param name="end">How far the clock may move; null for not at all.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    private bool Lead(Func<bool> condition, Instant? end, CancellationToken cancellationToken)
    {
        Settle(cancellationToken);
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (MoveOnce() || EndDueWaits())
            {
                Settle(cancellationToken);
                continue;
            }

            if (end is not { } limit)
            {
                return false;
            }

            Instant next = EarliestDeadline(includeManual: false);
            if (next > limit || next.IsNever)
            {
                Clock.AdvanceTo(limit);
                if (EndDueWaits())
                {
                    Settle(cancellationToken);
                }

                return condition();
            }

            // A deadline that has passed although nobody had anything to do must not stop time for ever.
            Clock.AdvanceTo(Instant.Later(next, Now + TimeSpan.FromTicks(1)));
        }

        return true;
    }

    /// <summary>Lets the first stack that has something to do do it; false when none has.</summary>
    private bool MoveOnce()
    {
        lock (_lock)
        {
            return MoveFirst();
        }
    }

    private bool MoveFirst()
    {
        TcpStack[] stacks = _stacks;
        for (int i = 0; i < stacks.Length; i++)
        {
            // The others first: one that always has something to do must not keep the rest from moving.
            int index = (_turn + i) % stacks.Length;
            if (stacks[index].Mode == StackMode.Virtual && stacks[index].Service())
            {
                _turn = (index + 1) % stacks.Length;
                return true;
            }
        }

        foreach (Guest guest in _guests)
        {
            if (guest.Service())
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Guest(VirtualNetwork network, Func<bool> service, Func<Instant> nextDeadline) : IDisposable
    {
        public Func<bool> Service { get; } = service;

        public Func<Instant> NextDeadline { get; } = nextDeadline;

        public void Dispose()
        {
            lock (network._lock)
            {
                network._guests = Array.FindAll(network._guests, guest => guest != this);
            }
        }
    }
}
