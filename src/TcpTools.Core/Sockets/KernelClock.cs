using System;
using System.Diagnostics;
using System.Threading;

namespace TcpTools.Sockets;

/// <summary>The clock of the kernel's sessions: real time since the process first looked.</summary>
internal static class KernelClock
{
    private static readonly long s_start = Stopwatch.GetTimestamp();

    /// <summary>The time at present.</summary>
    public static Instant Now => Instant.Zero + Stopwatch.GetElapsedTime(s_start);

    /// <summary>When a limit that starts now ends; negative for no limit.</summary>
    public static Instant EndOf(TimeSpan limit) => limit < TimeSpan.Zero ? Instant.Never : Now + limit;

    /// <summary>What is left until then: not negative, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public static TimeSpan Left(Instant end)
    {
        if (end.IsNever)
        {
            return Timeout.InfiniteTimeSpan;
        }

        TimeSpan left = end - Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>A span as a wait handle takes it: whole milliseconds, rounded up, and no more than it accepts.</summary>
    public static TimeSpan Waitable(TimeSpan left) => left <= TimeSpan.Zero
        ? left
        : TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
}
