using System;

namespace TcpTools.Tcp;

/// <summary>What congestion controls have in common: where a window starts, and what idleness leaves of it. All in bytes.</summary>
internal static class CongestionWindow
{
    /// <summary>Far above any window a peer can offer (RFC 7323, 2.3), far below overflow.</summary>
    public const int Maximum = 1 << 30;

    /// <summary>The segment size for which RFC 6928 states its window.</summary>
    private const int OrdinarySegment = 1460;

    /// <summary>RFC 6928, 2: min(10 MSS, max(2 MSS, 14600)), with another number of segments when the settings say so.</summary>
    public static int Initial(TcpSettings settings, int mss)
    {
        long segments = Math.Max(1, settings.InitialWindow);
        long window = Math.Min(segments * mss, Math.Max(2L * mss, segments * OrdinarySegment));
        return (int)Math.Min(window, Maximum);
    }

    /// <summary>The least that ssthresh falls to (RFC 5681, equation 4).</summary>
    public static int LeastThreshold(int mss) => (int)Math.Min(2L * mss, Maximum);

    /// <summary>By how much slow start opens the window for what was acknowledged (RFC 5681, 3.1; RFC 3465, 2.2).</summary>
    public static int SlowStartIncrease(TcpSettings settings, int mss, int acked)
    {
        int limit = settings.SlowStartSegmentLimit;
        return limit > 0 ? (int)Math.Min(acked, (long)limit * mss) : acked;
    }

    /// <summary>What idleness leaves of the window, and of ssthresh (RFC 5681, 4.1; RFC 2861, 3.2).</summary>
    public static (int Window, int Threshold) AfterIdle(
        TcpSettings settings, int window, int threshold, int initialWindow, TimeSpan idle, TimeSpan rto)
    {
        if (settings.IdleRestart == IdleRestart.Off || idle <= rto || rto <= TimeSpan.Zero)
        {
            return (window, threshold);
        }

        int restartWindow = Math.Min(initialWindow, window);
        if (settings.IdleRestart == IdleRestart.Restart)
        {
            return (restartWindow, threshold);
        }

        // RFC 2861, 3.2: ssthresh remembers three quarters of what the path carried.
        if (threshold != int.MaxValue)
        {
            threshold = Math.Max(threshold, window - (window / 4));
        }

        long halvings = Math.Min(31, idle.Ticks / rto.Ticks);
        return (Math.Max(restartWindow, window >> (int)halvings), threshold);
    }
}
