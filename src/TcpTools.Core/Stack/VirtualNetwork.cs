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

    internal Instant EarliestDeadline(bool includeManual)
    {
        Instant earliest = Instant.Never;
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

        return false;
    }
}
