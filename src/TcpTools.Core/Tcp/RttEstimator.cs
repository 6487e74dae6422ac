using System;

namespace TcpTools.Tcp;

/// <summary>The retransmission timeout (RFC 6298).</summary>
internal sealed class RttEstimator(TcpSettings settings)
{
    private const int MaximumBackOffs = 32;

    private TimeSpan _base = settings.InitialRto;

    /// <summary>Whether there was a measurement.</summary>
    public bool HasSample { get; private set; }

    /// <summary>SRTT; zero before the first measurement.</summary>
    public TimeSpan Smoothed { get; private set; }

    /// <summary>RTTVAR.</summary>
    public TimeSpan Variation { get; private set; }

    /// <summary>The latest measurement.</summary>
    public TimeSpan Latest { get; private set; }

    /// <summary>The shortest measurement.</summary>
    public TimeSpan Minimum { get; private set; }

    /// <summary>When the latest measurement was made.</summary>
    public Instant UpdatedAt { get; private set; }

    /// <summary>Times that the timeout is doubled at present.</summary>
    public int BackOffs { get; private set; }

    /// <summary>RTO with its back-off.</summary>
    public TimeSpan Timeout
    {
        get
        {
            long limit = settings.MaximumRto.Ticks;
            long ticks = Math.Min(_base.Ticks, limit);
            for (int i = 0; i < BackOffs && ticks < limit; i++)
            {
                ticks *= 2;
            }

            return new TimeSpan(Math.Min(ticks, limit));
        }
    }

    /// <summary>Takes in a measurement of data that was not sent twice. It ends back-off (RFC 6298, 5.7 and Karn).</summary>
    public void Update(TimeSpan sample, Instant now)
    {
        long r = Math.Max(0, sample.Ticks);
        UpdatedAt = now;
        Latest = new TimeSpan(r);
        Minimum = HasSample && Minimum.Ticks < r ? Minimum : Latest;
        if (!HasSample)
        {
            // RFC 6298, 2.2.
            HasSample = true;
            Smoothed = Latest;
            Variation = new TimeSpan(r / 2);
        }
        else
        {
            // RFC 6298, 2.3: RTTVAR first, with the old SRTT; alpha = 1/8, beta = 1/4.
            long error = Math.Abs(Smoothed.Ticks - r);
            Variation = new TimeSpan(Variation.Ticks + ((error - Variation.Ticks) / 4));
            Smoothed = new TimeSpan(Smoothed.Ticks + ((r - Smoothed.Ticks) / 8));
        }

        BackOffs = 0;
        _base = Compute();
    }

    /// <summary>Doubles the timeout: the timer has expired (RFC 6298, 5.5).</summary>
    public void BackOff() => BackOffs = Math.Min(BackOffs + 1, MaximumBackOffs);

    /// <summary>The handshake had to be retransmitted: without a measurement, data starts cautiously (RFC 6298, 5.7).</summary>
    public void OnHandshakeRetransmitted()
    {
        BackOffs = 0;
        if (!HasSample)
        {
            _base = settings.HandshakeRetriedRto;
        }
    }

    private TimeSpan Compute()
    {
        long variation = Variation.Ticks * 4;
        long floor = settings.MinimumRto.Ticks;
        long rto = settings.RtoFloor == RtoFloor.Variation
            ? Smoothed.Ticks + Math.Max(variation, floor)
            : Math.Max(Smoothed.Ticks + variation + settings.RtoSlop.Ticks, floor);
        return new TimeSpan(rto);
    }
}
