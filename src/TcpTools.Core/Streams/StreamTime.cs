using System;
using TcpTools.Capture;

namespace TcpTools.Streams;

/// <summary>The clock of streams: an <see cref="Instant"/> counts from the Unix epoch, so that it fits what captures say.</summary>
public static class StreamTime
{
    /// <summary>The instant of a point of wall-clock time.</summary>
    public static Instant From(DateTimeOffset time) => new(time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks);

    /// <summary>The instant of a captured frame, cut to 100 ns.</summary>
    public static Instant From(CaptureTime time) => new(time.Nanoseconds / TimeSpan.NanosecondsPerTick);

    /// <summary>The point of wall-clock time that an instant stands for.</summary>
    public static DateTimeOffset ToDateTimeOffset(Instant time) => DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(
        time.Ticks,
        DateTimeOffset.MinValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks,
        DateTimeOffset.MaxValue.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks));
}
