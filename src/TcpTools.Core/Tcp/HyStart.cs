using System;

namespace TcpTools.Tcp;

/// <summary>
/// HyStart++ (RFC 9406): slow start watches the round-trip time and leaves before the queue of the bottleneck overflows. When the least time of a
/// round has risen, the window grows more slowly for some rounds (conservative slow start); if it then was a mistake, slow start
/// resumes, else it ends.
/// </summary>
internal struct HyStart
{
    private const int GrowthDivisor = 4; // CSS_GROWTH_DIVISOR
    private const int ConservativeRounds = 5; // CSS_ROUNDS
    private const int SamplesARound = 8; // N_RTT_SAMPLE
    private const int ThresholdDivisor = 8; // MIN_RTT_DIVISOR

    private static readonly long s_leastThreshold = TimeSpan.FromMilliseconds(4).Ticks; // MIN_RTT_THRESH
    private static readonly long s_mostThreshold = TimeSpan.FromMilliseconds(16).Ticks; // MAX_RTT_THRESH

    private long _roundLeft; // bytes to be acknowledged until the round is over
    private long _lastMinimum;
    private long _minimum;
    private long _baseline;
    private int _samples;
    private int _rounds;

    /// <summary>Whether the window grows more slowly at present.</summary>
    public bool IsConservative { get; private set; }

    /// <summary>Starts over.</summary>
    public void Reset()
    {
        this = default;
        _lastMinimum = long.MaxValue;
        _minimum = long.MaxValue;
        _baseline = long.MaxValue;
    }

    /// <summary>By how much the window may grow instead of <paramref name="bytes"/> (RFC 9406, 4.2).</summary>
    public readonly int Limit(int bytes) => IsConservative ? Math.Max(1, bytes / GrowthDivisor) : bytes;

    /// <summary>Takes in an acknowledgment during slow start.</summary>
    /// <returns>Whether slow start is over.</returns>
    public bool OnAck(in AckSample sample)
    {
        if (sample.Rtt > TimeSpan.Zero)
        {
            _minimum = Math.Min(_minimum, sample.Rtt.Ticks);
            _samples++;
        }

        if (_samples >= SamplesARound)
        {
            Judge();
        }

        _roundLeft -= sample.AckedBytes;
        if (_roundLeft > 0)
        {
            return false;
        }

        // What is outstanding now was sent in the new round, which ends with its acknowledgment.
        _roundLeft = sample.BytesInFlight;
        _lastMinimum = _minimum;
        _minimum = long.MaxValue;
        _samples = 0;
        return IsConservative && ++_rounds >= ConservativeRounds;
    }

    private void Judge()
    {
        if (IsConservative)
        {
            // The time has fallen again: it had risen for another reason than a queue.
            if (_minimum < _baseline)
            {
                IsConservative = false;
                _baseline = long.MaxValue;
            }
        }
        else if (_minimum != long.MaxValue && _lastMinimum != long.MaxValue
            && _minimum >= _lastMinimum + Math.Clamp(_lastMinimum / ThresholdDivisor, s_leastThreshold, s_mostThreshold))
        {
            IsConservative = true;
            _baseline = _minimum;
            _rounds = 0;
        }
    }
}
