using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>TS.Recent, and the protection against wrapped sequence numbers that it gives (RFC 7323, 4.3 and 5).</summary>
internal sealed class Paws(TimeSpan expiry)
{
    private Instant _updatedAt;

    /// <summary>Whether TS.Recent holds a value.</summary>
    public bool HasRecent { get; private set; }

    /// <summary>TS.Recent: what to echo.</summary>
    public uint Recent { get; private set; }

    /// <summary>Sets TS.Recent from the peer's SYN.</summary>
    public void Start(uint timestampValue, Instant now)
    {
        HasRecent = true;
        Recent = timestampValue;
        _updatedAt = now;
    }

    /// <summary>
    /// Whether a segment is too old to be of use: acknowledge and drop it (RFC 7323, 5.3, R1). Never a RST, which the
    /// peer may have built without knowing a good timestamp (5.2); never when TS.Recent has outlived its validity (5.5).
    /// </summary>
    public bool IsOld(in SegmentOptions options, TcpFlags flags, Instant now) =>
        HasRecent
        && options.HasTimestamps
        && (flags & TcpFlags.Rst) == 0
        && (int)(options.TimestampValue - Recent) < 0
        && !IsExpired(now);

    /// <summary>
    /// Takes TS.Recent from an acceptable segment, if it spans the last acknowledgment sent and is not older
    /// (RFC 7323, 4.3 (2)).
    /// </summary>
    public void Update(in SegmentOptions options, SequenceNumber sequence, SequenceNumber lastAckSent, Instant now)
    {
        if (options.HasTimestamps
            && sequence <= lastAckSent
            && (!HasRecent || (int)(options.TimestampValue - Recent) >= 0 || IsExpired(now)))
        {
            Start(options.TimestampValue, now);
        }
    }

    /// <summary>
    /// Whether a timestamp is one that the peer's clock can have reached: it makes at most a tick a millisecond (RFC 7323,
    /// 5.4). A forged one that were believed would make everything genuine look old.
    /// </summary>
    public bool IsPlausible(in SegmentOptions options, Instant now) =>
        (int)(options.TimestampValue - Recent) <= (now - _updatedAt).TotalMilliseconds + 1000;

    private bool IsExpired(Instant now) => now - _updatedAt > expiry;
}
