using System;

namespace TcpTools.Tcp;

/// <summary>
/// CUBIC (RFC 9438): after a loss the window returns to where it was along a cubic curve of the time, fast at first, flat
/// near the old window, fast again beyond. How it grows does not depend on the round-trip time, which makes use of long fast paths; where NewReno
/// would be faster it grows as NewReno does. Slow start is HyStart++ (RFC 9406). As with <see cref="NewReno"/>, duplicate acknowledgments do not
/// inflate the window.
/// </summary>
public sealed class Cubic : ICongestionControl
{
    private const double Aggressiveness = 0.4; // C, in segments per cubic second (RFC 9438, 5)
    private const double Decrease = 0.7; // beta_cubic (RFC 9438, 4.6)

    /// <summary>alpha_cubic of RFC 9438, 4.3: as fast as Reno on average, given the smaller decrease.</summary>
    private const double RenoIncrease = 3 * (1 - Decrease) / (1 + Decrease);

    private readonly TcpSettings _settings;
    private int _mss;
    private int _initialWindow;
    private HyStart _slowStart;
    private Instant _lastAck;
    private TimeSpan _smoothedRtt;
    private bool _isRepeatedTimeout;
    private State _state;
    private State _before;
    private bool _canUndo;

    /// <summary>A congestion control for one connection.</summary>
    public Cubic(TcpSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _mss = settings.DefaultMss;
        _initialWindow = _mss;
        _state.Window = _mss;
        _state.Threshold = int.MaxValue;
        _slowStart.Reset();
    }

    /// <inheritdoc/>
    public string Name => "cubic";

    /// <inheritdoc/>
    public int Window => (int)_state.Window;

    /// <inheritdoc/>
    public int SlowStartThreshold => _state.Threshold;

    /// <inheritdoc/>
    public void OnEstablished(int mss, Instant now)
    {
        _mss = Math.Max(1, mss);
        _initialWindow = CongestionWindow.Initial(_settings, _mss);
        _state.Window = _initialWindow;
        _state.IsStageBegun = false;
        _lastAck = now;
    }

    /// <inheritdoc/>
    public void OnAck(in AckSample sample)
    {
        TimeSpan gap = sample.Now - _lastAck;
        _lastAck = sample.Now;
        if (sample.Rtt > TimeSpan.Zero)
        {
            _smoothedRtt = _smoothedRtt == default ? sample.Rtt : _smoothedRtt + ((sample.Rtt - _smoothedRtt) / 8);
        }

        if (sample.AckedBytes <= 0)
        {
            return;
        }

        _isRepeatedTimeout = false;
        // RFC 9406, 4.3: in the first slow start only, which is the one that knows nothing of the path.
        bool isFirst = _state.Threshold == int.MaxValue;
        bool isEnough = isFirst && !sample.InRecovery && _slowStart.OnAck(sample);
        if (sample.InRecovery || !sample.IsWindowLimited)
        {
            // RFC 9438, 4.2: time in which the window was not made use of does not count.
            _state.Stage += gap;
            return;
        }

        if (isEnough)
        {
            _state.Threshold = Window;
        }

        int acked = sample.AckedBytes;
        if (Window < _state.Threshold)
        {
            acked = SlowStart(acked, isFirst);
        }

        if (acked > 0)
        {
            AvoidCongestion(acked, sample.Now);
        }
    }

    /// <inheritdoc/>
    public void OnLoss(int bytesInFlight, Instant now)
    {
        Remember();
        double window = _state.Window / _mss;
        // RFC 9438, 4.7: who has to give way a second time releases more, for the newcomer that made it.
        _state.Maximum = window < _state.Maximum ? window * (1 + Decrease) / 2 : window;
        Reduce(bytesInFlight);
        _state.Window = _state.Threshold;
    }

    /// <inheritdoc/>
    public void OnTimeout(int bytesInFlight, Instant now)
    {
        if (!_isRepeatedTimeout)
        {
            Remember();
            Reduce(bytesInFlight);
        }

        _isRepeatedTimeout = true;
        // RFC 9438, 4.8: what was known of the path is void; the next stage sets W_max and K anew.
        _state.Maximum = 0;
        _state.Window = _mss;
    }

    /// <inheritdoc/>
    public void OnRecoveryExit(Instant now) => _state.Window = Math.Min(_state.Window, _state.Threshold);

    /// <inheritdoc/>
    public void OnIdle(TimeSpan idle, TimeSpan rto)
    {
        (int window, int threshold) = CongestionWindow.AfterIdle(_settings, Window, _state.Threshold, _initialWindow, idle, rto);
        if (window < Window)
        {
            _state.Window = window;
            _state.IsStageBegun = false;
        }

        _state.Threshold = threshold;
    }

    /// <inheritdoc/>
    public void Undo()
    {
        if (!_canUndo)
        {
            return;
        }

        // RFC 9438, 4.9: all that the reduction changed is as before.
        State reduced = _state;
        _state = _before;
        _state.Window = Math.Max(_state.Window, reduced.Window);
        _state.Threshold = Math.Max(_state.Threshold, reduced.Threshold);
        _canUndo = false;
        _isRepeatedTimeout = false;
    }

    private int SlowStart(int acked, bool isFirst)
    {
        int increase = CongestionWindow.SlowStartIncrease(_settings, _mss, acked);
        increase = isFirst ? _slowStart.Limit(increase) : increase;
        int room = Math.Min(_state.Threshold, CongestionWindow.Maximum) - Window;
        _state.Window += Math.Min(increase, room);
        return Math.Max(0, increase - room);
    }

    /// <summary>RFC 9438, 4.2 to 4.5: in segments and seconds, as the equations have it.</summary>
    private void AvoidCongestion(int acked, Instant now)
    {
        double window = _state.Window / _mss;
        if (!_state.IsStageBegun)
        {
            Begin(window, now);
        }

        double acknowledged = (double)acked / _mss;
        double time = (now - _state.Stage).TotalSeconds;
        double target = Math.Clamp(Curve(time + _smoothedRtt.TotalSeconds), window, 1.5 * window);

        // Equation 4; once where the last reduction was, by a whole segment a window, as Reno does.
        double increase = _state.Estimate >= _state.Prior ? 1 : RenoIncrease;
        _state.Estimate += increase * acknowledged / window;
        window = Curve(time) < _state.Estimate
            ? Math.Max(window, _state.Estimate)
            : Math.Min(target, window + ((target - window) / window * acknowledged));
        _state.Window = Math.Min(CongestionWindow.Maximum, window * _mss);
    }

    /// <summary>A stage of congestion avoidance begins (RFC 9438, 4.2; 4.8 and 4.10 for one without a W_max).</summary>
    private void Begin(double window, Instant now)
    {
        _state.IsStageBegun = true;
        _state.Stage = now;
        _state.Estimate = window;
        if (_state.Maximum > window)
        {
            _state.Offset = Math.Cbrt((_state.Maximum - window) / Aggressiveness);
            return;
        }

        _state.Offset = 0;
        _state.Maximum = window;
        if (_state.Prior == 0)
        {
            _state.Prior = window;
        }
    }

    /// <summary>W_cubic of RFC 9438, equation 1.</summary>
    private double Curve(double seconds)
    {
        double distance = seconds - _state.Offset;
        return (Aggressiveness * distance * distance * distance) + _state.Maximum;
    }

    private void Reduce(int bytesInFlight)
    {
        _state.Prior = _state.Window / _mss;
        _state.Threshold = Math.Max((int)(bytesInFlight * Decrease), CongestionWindow.LeastThreshold(_mss));
        _state.IsStageBegun = false;
    }

    private void Remember()
    {
        _before = _state;
        _canUndo = true;
    }

    /// <summary>What a reduction changes and its undoing restores; windows named W in the RFC are in segments.</summary>
    private struct State
    {
        public double Window; // cwnd in bytes, with its fractions
        public int Threshold; // ssthresh in bytes
        public double Maximum; // W_max; 0 for none
        public double Prior; // cwnd_prior
        public double Estimate; // W_est
        public double Offset; // K in seconds
        public Instant Stage; // t = 0
        public bool IsStageBegun;
    }
}
