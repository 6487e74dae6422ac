using System;

namespace TcpTools.Tcp;

/// <summary>
/// SRTT + 4 RTTVAR, doubled each time the timer expires (RFC 6298), within the bounds that settings name: <see cref="TcpSettings.InitialRto"/>,
/// <see cref="TcpSettings.MinimumRto"/>, <see cref="TcpSettings.MaximumRto"/>, <see cref="TcpSettings.RtoFloor"/> and
/// <see cref="TcpSettings.RtoSlop"/>.
/// </summary>
/// <param name="settings">Whose bounds.</param>
/// <param name="name">What the policy is called.</param>
public sealed class Rfc6298Timeout(TcpSettings settings, string name = "rfc6298") : IRetransmissionTimeout
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public TimeSpan Compute(in RttSummary summary)
    {
        long limit = settings.MaximumRto.Ticks;
        long ticks = Math.Min(WithoutBackOff(summary).Ticks, limit);
        for (int i = 0; i < summary.Expiries && ticks < limit; i++)
        {
            ticks *= 2;
        }

        return new TimeSpan(Math.Min(ticks, limit));
    }

    private TimeSpan WithoutBackOff(in RttSummary summary)
    {
        if (!summary.HasSample)
        {
            return summary.IsHandshakeRetried ? settings.HandshakeRetriedRto : settings.InitialRto;
        }

        long variation = summary.Variation.Ticks * 4;
        long floor = settings.MinimumRto.Ticks;
        long rto = settings.RtoFloor == RtoFloor.Variation
            ? summary.Smoothed.Ticks + Math.Max(variation, floor)
            : Math.Max(summary.Smoothed.Ticks + variation + settings.RtoSlop.Ticks, floor);
        return new TimeSpan(rto);
    }
}

/// <summary>Always the same time, whatever was measured and however often the timer has expired.</summary>
/// <param name="timeout">The time.</param>
public sealed class FixedTimeout(TimeSpan timeout) : IRetransmissionTimeout
{
    /// <inheritdoc/>
    public string Name => "fixed";

    /// <inheritdoc/>
    public TimeSpan Compute(in RttSummary summary) => timeout;
}
