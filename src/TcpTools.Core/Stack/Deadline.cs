using System;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>The end of a time limit on a stack's clock, for calls that wait several times within one limit.</summary>
internal readonly struct Deadline
{
    private readonly TcpStack _stack;
    private readonly Instant _end;

    /// <summary>The end of a limit that starts now; negative for no limit.</summary>
    public Deadline(TcpStack stack, TimeSpan limit)
    {
        _stack = stack;
        _end = limit < TimeSpan.Zero ? Instant.Never : stack.Now + limit;
    }

    /// <summary>What is left of the limit: not negative, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan Left
    {
        get
        {
            if (_end.IsNever)
            {
                return Timeout.InfiniteTimeSpan;
            }

            Instant now = _stack.Now;
            if (now >= _end)
            {
                return TimeSpan.Zero;
            }

            return _end - now;
        }
    }

    /// <summary>
    /// What is left as a wait handle takes it: whole milliseconds, rounded up, and no more than it accepts; who waits
    /// longer waits again.
    /// </summary>
    public TimeSpan Waitable
    {
        get
        {
            TimeSpan left = Left;
            return left <= TimeSpan.Zero
                ? left
                : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
        }
    }
}
