using System;

namespace TcpTools.Tcp;

/// <summary>
/// Congestion control of RFC 5681 and RFC 6582 with the initial window of RFC 6928. The window is not inflated by
/// duplicate acknowledgments: whoever sends compares it with an estimate of what is in the network, which shrinks instead.
/// </summary>
public sealed class NewReno : ICongestionControl
{
    private readonly TcpSettings _settings;
    private int _mss;
    private int _initialWindow;
    private int _acknowledged;
    private bool _isRepeatedTimeout;
    private int _windowBefore;
    private int _thresholdBefore;

    /// <summary>A congestion control for one connection.</summary>
    public NewReno(TcpSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _mss = settings.DefaultMss;
        _initialWindow = _mss;
        Window = _mss;
    }

    /// <inheritdoc/>
    public string Name => "newreno";

    /// <inheritdoc/>
    public int Window { get; private set; }

    /// <inheritdoc/>
    public int SlowStartThreshold { get; private set; } = int.MaxValue;

    /// <inheritdoc/>
    public void OnEstablished(int mss, Instant now)
    {
        _mss = Math.Max(1, mss);
        _initialWindow = CongestionWindow.Initial(_settings, _mss);
        Window = _initialWindow;
    }

    /// <inheritdoc/>
    public void OnAck(in AckSample sample)
    {
        if (sample.AckedBytes <= 0)
        {
            return;
        }

        _isRepeatedTimeout = false;

        // A window that is not made use of proves nothing about the path (RFC 7661, 3; RFC 2861, 3.1).
        if (sample.InRecovery || !sample.IsWindowLimited)
        {
            return;
        }

        int acked = sample.AckedBytes;
        if (Window < SlowStartThreshold)
        {
            acked = SlowStart(acked);
        }

        if (acked > 0)
        {
            AvoidCongestion(acked);
        }
    }

    /// <inheritdoc/>
    public void OnLoss(int bytesInFlight, Instant now)
    {
        Remember();
        SlowStartThreshold = HalfOf(bytesInFlight);
        Window = SlowStartThreshold;
        _acknowledged = 0;
    }

    /// <inheritdoc/>
    public void OnTimeout(int bytesInFlight, Instant now)
    {
        // RFC 5681, 3.1: ssthresh falls at the first expiry only, not when the same data is sent yet again.
        if (!_isRepeatedTimeout)
        {
            Remember();
            SlowStartThreshold = HalfOf(bytesInFlight);
        }

        _isRepeatedTimeout = true;
        _acknowledged = 0;
        Window = _mss;
    }

    /// <inheritdoc/>
    public void OnRecoveryExit(Instant now)
    {
        // RFC 6582, 3.2 (3), second option. A time-out during recovery may have left it lower.
        Window = Math.Min(Window, SlowStartThreshold);
        _acknowledged = 0;
    }

    /// <inheritdoc/>
    public void OnIdle(TimeSpan idle, TimeSpan rto) => (Window, SlowStartThreshold) =
        CongestionWindow.AfterIdle(_settings, Window, SlowStartThreshold, _initialWindow, idle, rto);

    /// <inheritdoc/>
    public void Undo()
    {
        if (_windowBefore == 0)
        {
            return;
        }

        Window = Math.Max(Window, _windowBefore);
        SlowStartThreshold = Math.Max(SlowStartThreshold, _thresholdBefore);
        _windowBefore = 0;
        _isRepeatedTimeout = false;
    }

    /// <summary>Opens the window by what was acknowledged (RFC 5681, 3.1; RFC 3465, 2.2); returns what ssthresh left over.</summary>
    private int SlowStart(int acked)
    {
        int increase = CongestionWindow.SlowStartIncrease(_settings, _mss, acked);
        int room = Math.Min(SlowStartThreshold, CongestionWindow.Maximum) - Window;
        Window += Math.Min(increase, room);
        return Math.Max(0, increase - room);
    }

    /// <summary>Opens the window by one segment for each window acknowledged (RFC 5681, 3.1; RFC 3465, 2.1).</summary>
    private void AvoidCongestion(int acked)
    {
        long acknowledged = (long)_acknowledged + acked;
        if (acknowledged >= Window)
        {
            acknowledged -= Window;
            Window = Math.Min(CongestionWindow.Maximum, Window + _mss);
        }

        // One segment an acknowledgment at most, however much it covers.
        _acknowledged = (int)Math.Min(acknowledged, Window);
    }

    /// <summary>ssthresh after a loss (RFC 5681, equation 4).</summary>
    private int HalfOf(int bytesInFlight) => Math.Max(bytesInFlight / 2, CongestionWindow.LeastThreshold(_mss));

    private void Remember()
    {
        _windowBefore = Window;
        _thresholdBefore = SlowStartThreshold;
    }
}
