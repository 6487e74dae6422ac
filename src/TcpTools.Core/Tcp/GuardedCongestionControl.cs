using System;

namespace TcpTools.Tcp;

/// <summary>
/// Somebody else's congestion control, which may fail: from its first exception on, NewReno goes on in its place for the rest of the
/// connection, because nobody knows in which state the other is.
/// </summary>
internal sealed class GuardedCongestionControl(ICongestionControl inner, TcpSettings settings, PartErrors errors) : ICongestionControl
{
    private readonly ICongestionControl _inner = inner;
    private ICongestionControl _current = inner;
    private int _mss = settings.DefaultMss;
    private int _window = settings.DefaultMss;
    private int _threshold = int.MaxValue;

    public string Name { get; } = NameOf(inner, errors);

    public int Window => Math.Clamp(_window, 1, CongestionWindow.Maximum);

    public int SlowStartThreshold => _threshold;

    /// <summary>The control itself, or a guard around it where it is not one of ours.</summary>
    public static ICongestionControl Around(TcpSettings settings, PartErrors errors)
    {
        try
        {
            ICongestionControl control = settings.CreateCongestionControl();
            return control is NewReno or Cubic or FixedWindow ? control : new GuardedCongestionControl(control, settings, errors);
        }
#pragma warning disable CA1031 // A factory of somebody else's may throw anything.
        catch (Exception e)
#pragma warning restore CA1031
        {
            errors.Add(PartKind.CongestionControl, settings.CongestionControl, e);
            return new NewReno(settings);
        }
    }

    public void OnEstablished(int mss, Instant now)
    {
        _mss = mss;
        Tell((mss, now), static (control, x) => control.OnEstablished(x.mss, x.now), now);
    }

    public void OnAck(in AckSample sample) => Tell(sample, static (control, x) => control.OnAck(x), sample.Now);

    public void OnLoss(int bytesInFlight, Instant now) =>
        Tell((bytesInFlight, now), static (control, x) => control.OnLoss(x.bytesInFlight, x.now), now);

    public void OnTimeout(int bytesInFlight, Instant now) =>
        Tell((bytesInFlight, now), static (control, x) => control.OnTimeout(x.bytesInFlight, x.now), now);

    public void OnRecoveryExit(Instant now) => Tell(now, static (control, x) => control.OnRecoveryExit(x), now);

    public void OnIdle(TimeSpan idle, TimeSpan rto) =>
        Tell((idle, rto), static (control, x) => control.OnIdle(x.idle, x.rto), default);

    public void Undo() => Tell(0, static (control, _) => control.Undo(), default);

    private static string NameOf(ICongestionControl control, PartErrors errors)
    {
        try
        {
            return control.Name;
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            errors.Add(PartKind.CongestionControl, control.GetType().Name, e);
            return control.GetType().Name;
        }
    }

    private void Tell<T>(T argument, Action<ICongestionControl, T> call, Instant now)
    {
        try
        {
            call(_current, argument);
            _window = _current.Window;
            _threshold = _current.SlowStartThreshold;
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e) when (ReferenceEquals(_current, _inner))
#pragma warning restore CA1031
        {
            errors.Add(PartKind.CongestionControl, Name, e);
            _current = new NewReno(settings);
            _current.OnEstablished(_mss, now);
            _window = _current.Window;
            _threshold = _current.SlowStartThreshold;
        }
    }
}
