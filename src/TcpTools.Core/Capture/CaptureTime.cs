using System;
using System.Globalization;

namespace TcpTools.Capture;

/// <summary>A point of wall-clock time as captures have it, finer than .NET's own: nanoseconds since 1970-01-01 UTC.</summary>
/// <param name="Nanoseconds">Nanoseconds since the Unix epoch; captures cannot say times before it.</param>
public readonly record struct CaptureTime(long Nanoseconds) : IComparable<CaptureTime>
{
    /// <summary>The same point from .NET's type, exact to 100 ns.</summary>
    public static CaptureTime From(DateTimeOffset time)
    {
        long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        long limit = long.MaxValue / TimeSpan.NanosecondsPerTick;
        return new CaptureTime(Math.Clamp(ticks, -limit, limit) * TimeSpan.NanosecondsPerTick);
    }

    /// <summary>The same point as .NET's type, cut to 100 ns.</summary>
    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.UnixEpoch.AddTicks(Nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>Whether <paramref name="a"/> is earlier.</summary>
    public static bool operator <(CaptureTime a, CaptureTime b) => a.Nanoseconds < b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is later.</summary>
    public static bool operator >(CaptureTime a, CaptureTime b) => a.Nanoseconds > b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not later.</summary>
    public static bool operator <=(CaptureTime a, CaptureTime b) => a.Nanoseconds <= b.Nanoseconds;

    /// <summary>Whether <paramref name="a"/> is not earlier.</summary>
    public static bool operator >=(CaptureTime a, CaptureTime b) => a.Nanoseconds >= b.Nanoseconds;

    /// <inheritdoc/>
    public int CompareTo(CaptureTime other) => Nanoseconds.CompareTo(other.Nanoseconds);

    /// <summary>ISO 8601 with nine digits, UTC.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{ToDateTimeOffset():yyyy-MM-ddTHH:mm:ss.fffffff}{Nanoseconds % 100:00}Z");
}
