using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>
/// Several stacks on one thread in simulated time: all frames are delivered, then the clock jumps to the earliest
/// deadline, and so on. A stack joins by naming the network's <see cref="Clock"/> in its options and leaves when stopped.
/// Stacks in manual mode share the clock but are moved by <see cref="TcpStack.Step"/> only.
/// </summary>
public sealed class VirtualNetwork
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

    /// <summary>Delivers every frame and fires every timer that is due now, without moving the clock.</summary>
    public void RunUntilIdle()
    {
        lock (_lock)
        {
            while (MoveOnce())
            {
            }
        }
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
    public bool RunUntil(Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Instant end = limit < TimeSpan.Zero ? Instant.Never : Now + limit;
        while (!condition())
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                if (MoveOnce())
                {
                    continue;
                }

                Instant next = EarliestDeadline(includeManual: false);
                if (next > end || next.IsNever)
                {
                    Clock.AdvanceTo(end);
                    return condition();
                }

                // A deadline that has passed although nobody had anything to do must not stop time for ever.
                Clock.AdvanceTo(Instant.Later(next, Now + TimeSpan.FromTicks(1)));
            }
        }

        return true;
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
        Instant earliest = Instant.Never;
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

    /// <summary>Lets the first stack that has something to do do it; false when none has.</summary>
    private bool MoveOnce()
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
