using System;
using TcpTools.Capture;

namespace TcpTools.Channels;

/// <summary>The channels' clock in real time, and how the kernel's timestamps, which follow the clock on the wall, fit it.</summary>
internal static class WallClock
{
    /// <summary>The time on the same clock as that of links in real time.</summary>
    internal static Instant Now => new(TimeProvider.System.GetElapsedTime(0).Ticks);

    /// <summary>The time of day that a time of the clock stands for.</summary>
    internal static DateTimeOffset ToDateTime(Instant time) => TimeProvider.System.GetUtcNow() + (time - Now);

    /// <summary>When, on the clock, the kernel's timestamp was.</summary>
    internal static Instant ToInstant(long nanoseconds)
    {
        TimeSpan age = TimeProvider.System.GetUtcNow() - new CaptureTime(nanoseconds).ToDateTimeOffset();
        return Now - age;
    }

    /// <summary>The time of day at present, as captures have it.</summary>
    internal static CaptureTime UtcNow => CaptureTime.From(TimeProvider.System.GetUtcNow());
}
