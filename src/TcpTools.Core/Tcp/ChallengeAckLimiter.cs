using System;

namespace TcpTools.Tcp;

/// <summary>
/// Limits how often one connection answers segments that do not fit, so that two ends that disagree, or somebody who
/// makes them disagree, cannot keep it busy (RFC 5961, 7).
/// </summary>
internal sealed class ChallengeAckLimiter(TimeSpan interval)
{
    private Instant _allowedFrom = new(long.MinValue);

    /// <summary>Acknowledgments allowed.</summary>
    public long Allowed { get; private set; }

    /// <summary>Acknowledgments refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Whether an acknowledgment may be sent now; if so, it counts as sent.</summary>
    public bool TryAcquire(Instant now)
    {
        if (now < _allowedFrom)
        {
            Refused++;
            return false;
        }

        _allowedFrom = now + interval;
        Allowed++;
        return true;
    }
}
