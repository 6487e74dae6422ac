using System;

namespace TcpTools.Tcp;

/// <summary>
/// The source of TSval: one tick a millisecond (RFC 7323, 5.4), from a start that differs from one pair of sockets
/// to another, so that it tells nobody how long the machine has been up.
/// </summary>
internal sealed class TimestampClock(uint offset)
{
    /// <summary>One step of the clock.</summary>
    public static TimeSpan Tick { get; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The value at the clock's start.</summary>
    public uint Offset { get; } = offset;

    /// <summary>TSval for a segment sent now.</summary>
    public uint At(Instant now) => Offset + (uint)now.TotalMilliseconds;

    /// <summary>
    /// The time since the segment whose TSval is echoed was sent, in whole milliseconds; false when the echo is of no
    /// segment sent in the last 24 days.
    /// </summary>
    public bool TryMeasure(uint echo, Instant now, out TimeSpan elapsed)
    {
        int milliseconds = (int)(At(now) - echo);
        elapsed = milliseconds >= 0 ? TimeSpan.FromMilliseconds(milliseconds) : TimeSpan.Zero;
        return milliseconds >= 0;
    }
}
