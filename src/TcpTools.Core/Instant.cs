using System;
using System.Globalization;

namespace TcpTools;

/// <summary>
/// A point on a stack's own monotonic clock, in units of 100 ns since an arbitrary start. Protocol code never reads a
/// clock: the time is an argument, so that the same code runs in real and in virtual time.
/// </summary>
/// <param name="Ticks">Units of 100 ns since the clock's start.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The clock's start.</summary>
    public static Instant Zero => default;

    /// <summary>Later than every real point in time: the deadline of a timer that is not set.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>Whether this is <see cref="Never"/>.</summary>
    public bool IsNever => Ticks == long.MaxValue;

    /// <summary>Whole milliseconds since the clock's start.</summary>
    public long TotalMilliseconds => Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>The point <paramref name="seconds"/> after the clock's start.</summary>
    public static Instant FromSeconds(double seconds) => new((long)(seconds * TimeSpan.TicksPerSecond));

    /// <summary>The earlier of two points.</summary>
    public static Instant Earlier(Instant a, Instant b) => a.Ticks <= b.Ticks ? a : b;

    /// <summary>The later of two points.</summary>
    public static Instant Later(Instant a, Instant b) => a.Ticks >= b.Ticks ? a : b;

    /// <summary>Moves a point; stops at <see cref="Never"/> instead of wrapping.</summary>
    public static Instant operator +(Instant instant, TimeSpan span)
    {
        long sum = instant.Ticks + span.Ticks;
        return span.Ticks > 0 && sum < instant.Ticks ? Never : new(sum);
    }

    /// <summary>Moves a point back.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) => new(instant.Ticks - span.Ticks);

    /// <summary>The time from <paramref name="b"/> to <paramref name="a"/>.</summary>
    public static TimeSpan operator -(Instant a, Instant b) => new(a.Ticks - b.Ticks);

    /// <summary>Whether <paramref name="a"/> is earlier.</summary>
    public static bool operator <(Instant a, Instant b) => a.Ticks < b.Ticks;

    /// <summary>Whether <paramref name="a"/> is later.</summary>
    public static bool operator >(Instant a, Instant b) => a.Ticks > b.Ticks;

    /// <summary>Whether <paramref name="a"/> is not later.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Ticks <= b.Ticks;

    /// <summary>Whether <paramref name="a"/> is not earlier.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Ticks >= b.Ticks;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <inheritdoc cref="op_Addition"/>
    public Instant Add(TimeSpan span) => this + span;

    /// <inheritdoc cref="op_Subtraction(Instant, Instant)"/>
    public TimeSpan Subtract(Instant other) => this - other;

    /// <summary>Seconds with microseconds, or <c>never</c>.</summary>
    public override string ToString() =>
        IsNever ? "never" : (Ticks / (double)TimeSpan.TicksPerSecond).ToString("F6", CultureInfo.InvariantCulture);
}
