using System;

namespace TcpTools.Tcp;

/// <summary>
/// Lets the receive buffer grow with what the user takes out of it in a round trip, so that neither a fast path is held
/// back by a small window nor a slow reader is given memory that it does not use.
/// </summary>
internal struct ReceiveWindowTuner(TcpSettings settings)
{
    // Without a better measure a round trip counts as at least this long, so that a path in memory is not tuned at
    // every read.
    private static readonly TimeSpan ShortestRound = TimeSpan.FromMilliseconds(1);

    private Instant _roundStart;
    private int _taken;
    private bool _isStarted;

    /// <summary>Notes that data has arrived.</summary>
    public void OnData(Instant now)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _roundStart = now;
        }
    }

    /// <summary>Notes bytes that the user has read.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="capacity">The buffer's size.</param>
    /// <param name="roundTrip">The path's round-trip time.</param>
    /// <param name="now">The time.</param>
    /// <returns>The size that the buffer should have.</returns>
    public int OnRead(int bytes, int capacity, TimeSpan roundTrip, Instant now)
    {
        if (!settings.AutoTuneReceiveBuffer || capacity >= settings.ReceiveBufferMaximum)
        {
            return capacity;
        }

        _taken += bytes;
        TimeSpan round = roundTrip > ShortestRound ? roundTrip : ShortestRound;
        // A sender in slow start doubles what it sends in a round, so the window must hold twice what was taken.
        bool grows = _taken > capacity / 2;
        if (grows || now - _roundStart >= round)
        {
            _taken = 0;
            _roundStart = now;
        }

        return grows ? (int)Math.Min(settings.ReceiveBufferMaximum, 2L * capacity) : capacity;
    }
}
