using System;

namespace TcpTools.Probing;

/// <summary>When the next packet may be sent. It keeps the pace over time: a little delay is caught up, a long one is not.</summary>
internal sealed class SendSchedule
{
    private const double MostToCatchUp = TimeSpan.TicksPerMillisecond * 10;

    private readonly double _gap; // ticks
    private readonly double _slack;
    private double _next = -1; // nothing has been sent yet

    public SendSchedule(TimeSpan interval, double rate)
    {
        double paced = rate > 0 ? TimeSpan.TicksPerSecond / rate : 0;
        _gap = Math.Max(interval.Ticks, paced);
        _slack = interval.Ticks >= paced ? 0 : MostToCatchUp;
    }

    /// <summary>When the next may be sent; a time in the past means at once.</summary>
    public Instant Next => _next <= 0 ? Instant.Zero : new Instant((long)Math.Ceiling(_next));

    public bool IsDue(Instant now) => _gap == 0 || _next <= now.Ticks;

    public void OnSent(Instant now)
    {
        if (_gap > 0)
        {
            _next = (_next < 0 ? now.Ticks : Math.Max(_next, now.Ticks - _slack)) + _gap;
        }
    }
}
