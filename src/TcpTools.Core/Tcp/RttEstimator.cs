using System;

namespace TcpTools.Tcp;

/// <summary>Measures the round-trip time (RFC 6298, 2 and 3) and keeps the timeout that a policy makes of it.</summary>
internal sealed class RttEstimator
{
    private const int MaximumBackOffs = 32;

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);

    private readonly IRetransmissionTimeout _policy;
    private readonly Rfc6298Timeout? _fallback;
    private readonly PartErrors? _errors;
    private bool _isHandshakeRetried;

    /// <summary>An estimator for one connection.</summary>
    /// <param name="settings">Whose policy.</param>
    /// <param name="errors">Who is told when a policy of somebody else's fails.</param>
    public RttEstimator(TcpSettings settings, PartErrors? errors = null)
    {
        _policy = settings.CreateRetransmissionTimeout();
        _errors = errors;
        // Ours do not throw.
        _fallback = _policy is Rfc6298Timeout or FixedTimeout ? null : new Rfc6298Timeout(settings);
        Timeout = Compute(BackOffs);
    }

    /// <summary>The policy's name.</summary>
    public string PolicyName => _policy.Name;

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

    /// <summary>Times that the timer has expired in a row, which the timeout is doubled for.</summary>
    public int BackOffs { get; private set; }

    /// <summary>RTO with its back-off.</summary>
    public TimeSpan Timeout { get; private set; }

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
        Timeout = Compute(BackOffs);
    }

    /// <summary>The timer has expired (RFC 6298, 5.5).</summary>
    public void BackOff()
    {
        BackOffs = Math.Min(BackOffs + 1, MaximumBackOffs);
        Timeout = Compute(BackOffs);
    }

    /// <summary>The handshake had to be retransmitted: without a measurement, data starts cautiously (RFC 6298, 5.7).</summary>
    public void OnHandshakeRetransmitted()
    {
        BackOffs = 0;
        _isHandshakeRetried = true;
        Timeout = Compute(BackOffs);
    }

    /// <summary>How long to wait for an answer to a SYN that was sent so often before.</summary>
    public TimeSpan ForHandshake(int expiries) => Compute(expiries);

    private TimeSpan Compute(int expiries)
    {
        RttSummary summary = new(
            HasSample, Smoothed, Variation, Latest, Minimum, expiries, _isHandshakeRetried && !HasSample);
        TimeSpan timeout;
        if (_fallback is null)
        {
            timeout = _policy.Compute(summary);
        }
        else
        {
            try
            {
                timeout = _policy.Compute(summary);
            }
#pragma warning disable CA1031 // Whatever it is, it is the policy's fault, and the connection goes on without it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _errors?.Add(PartKind.RetransmissionTimeout, _policy.Name, e);
                timeout = _fallback.Compute(summary);
            }
        }

        return timeout < s_shortest ? s_shortest : timeout > s_longest ? s_longest : timeout;
    }
}
