using System;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>Why an ICMP error may not go out now.</summary>
internal enum RateVerdict
{
    Allowed,
    GlobalLimit,
    HostLimit,
}

/// <summary>
/// Token buckets for ICMP errors (RFC 1812, 4.3.2.8): one for all hosts together, and one for each of many hash values of
/// the host's address, so that a forged flood uses neither up what is due to others nor memory.
/// </summary>
internal sealed class IcmpRateLimiter(IPSettings settings, RandomSource random)
{
    private const int HostCount = 256;

    private readonly uint _key = random.NextUInt32() | 1;
    private readonly Bucket[] _hosts = new Bucket[HostCount];
    private Bucket _global;

    public RateVerdict Take(NetworkAddress host, Instant now)
    {
        _global.Refill(settings.ErrorsPerSecond, settings.ErrorBurst, now);
        if (_global.Tokens < 1)
        {
            return RateVerdict.GlobalLimit;
        }

        ref Bucket bucket = ref _hosts[(host.IPv4Bits * _key) >> 24];
        bucket.Refill(settings.ErrorsPerSecondAndHost, settings.ErrorBurstPerHost, now);
        if (bucket.Tokens < 1)
        {
            return RateVerdict.HostLimit;
        }

        bucket.Tokens--;
        _global.Tokens--;
        return RateVerdict.Allowed;
    }

    private struct Bucket
    {
        private Instant _filled;
        private bool _isUsed;

        public double Tokens;

        public void Refill(double perSecond, int burst, Instant now)
        {
            double earned = _isUsed ? (now - _filled).TotalSeconds * perSecond : burst;
            Tokens = Math.Min(burst, Tokens + Math.Max(earned, 0));
            _filled = now;
            _isUsed = true;
        }
    }
}
