using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>
/// Steps several manual stacks as if they were one: whoever has something to do at present does it, in turn, and only when
/// none has is a simulated clock moved on. Used by one thread at a time.
/// </summary>
public sealed class StackStepper
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);

    private readonly TcpStack[] _stacks;
    private int _turn;

    /// <summary>A stepper of these stacks.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public StackStepper(IReadOnlyList<TcpStack> stacks)
    {
        ArgumentNullException.ThrowIfNull(stacks);
        _stacks = [.. stacks];
        if (_stacks.Length == 0)
        {
            throw new ArgumentException("There is no stack to step.", nameof(stacks));
        }
    }

    /// <summary>Moves one of the stacks by one step.</summary>
    /// <param name="options">What the step is to be like.</param>
    /// <returns>What happened; a result that did nothing when nothing is left to do, within the limit.</returns>
    /// <exception cref="StackException">A stack is not in manual mode, or was stopped.</exception>
    public StepResult Step(StepOptions? options = null)
    {
        options ??= new StepOptions();
        StepResult result = null!;
        for (int i = 0; i < _stacks.Length; i++)
        {
            int index = (_turn + i) % _stacks.Length;
            result = _stacks[index].Step(options with { Limit = _stacks[index].Now });
            if (result.DidSomething)
            {
                _turn = (index + 1) % _stacks.Length;
                return result;
            }
        }

        while (Earliest(options.Kind) is { } stack)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            Instant next = stack.NextChanceToStep(options.Kind);
            if (next > (options.Limit ?? Instant.Never))
            {
                break;
            }

            result = stack.Step(options with { Limit = next });
            if (result.DidSomething)
            {
                return result;
            }
        }

        if (options.Limit is { IsNever: false } end)
        {
            result = _stacks[0].Step(options with { Limit = end });
        }

        return result;
    }

    /// <summary>Waits, in real time, until a stack has something to do. A simulated clock does not move by waiting.</summary>
    /// <param name="kind">What there is to be to do; null for anything.</param>
    /// <param name="timeout">How long; negative for no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether there is.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitForWork(StepKind? kind, TimeSpan timeout, CancellationToken cancellationToken)
    {
        TcpStack[] real = Array.FindAll(_stacks, static stack => stack.Clock is null);
        long start = TimeProvider.System.GetTimestamp();
        while (real.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Array.Exists(real, stack => stack.HasWork(kind)))
            {
                return true;
            }

            if (timeout >= TimeSpan.Zero && TimeProvider.System.GetElapsedTime(start) >= timeout)
            {
                return false;
            }

            // Nobody but who steps the stack looks at its link, and people are slower than this.
            cancellationToken.WaitHandle.WaitOne(s_look);
        }

        return false;
    }

    private TcpStack? Earliest(StepKind? kind)
    {
        TcpStack? earliest = null;
        Instant least = Instant.Never;
        foreach (TcpStack stack in _stacks)
        {
            Instant next = stack.Clock is null ? Instant.Never : stack.NextChanceToStep(kind);
            if (next < least)
            {
                (earliest, least) = (stack, next);
            }
        }

        return earliest;
    }
}
