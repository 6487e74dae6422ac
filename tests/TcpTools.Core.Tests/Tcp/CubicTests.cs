using System;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>The congestion window as RFC 9438 moves it, held against its equations.</summary>
public class CubicTests
{
    private const int Mss = 1000;
    private const double C = 0.4;
    private const double Beta = 0.7;
    private static readonly Instant s_start = Instant.FromSeconds(1);
    private static readonly TimeSpan s_rtt = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_loss_leaves_seven_tenths_of_what_was_in_flight() // RFC 9438, 4.6
    {
        Cubic cubic = Grown(100);
        cubic.OnLoss(100 * Mss, s_start);
        Assert.Equal((70 * Mss, 70 * Mss), (cubic.Window, cubic.SlowStartThreshold));
        cubic.OnLoss(1, s_start);
        Assert.Equal((2 * Mss, 2 * Mss), (cubic.Window, cubic.SlowStartThreshold));
    }

    [Fact]
    public void The_window_follows_the_cubic_curve_back_to_where_it_was_and_beyond() // RFC 9438, 4.2, 4.4 and 4.5
    {
        // Windows so large that Reno would be slower all the time.
        const double Before = 2000;
        Cubic cubic = Grown(Before);
        cubic.OnLoss((int)(Before * Mss), s_start);
        cubic.OnRecoveryExit(s_start);
        double k = Math.Cbrt((Before - (Before * Beta)) / C); // equation 2
        double last = 0;
        for (int round = 0; round < 200; round++)
        {
            Instant now = s_start + (s_rtt * round);
            double time = s_rtt.TotalSeconds * round;
            AcknowledgeWindow(cubic, now);
            // At the end of a round trip the window is what the curve says for that time (4.2: W_cubic(t + RTT)).
            double expected = (C * Math.Pow(time + s_rtt.TotalSeconds - k, 3)) + Before;
            Assert.InRange(cubic.Window / (double)Mss, expected * 0.98, expected * 1.02);
            Assert.True(cubic.Window >= last, "It never falls by an acknowledgment.");
            last = cubic.Window;
        }

        Assert.True(last > Before * Mss, "It has gone beyond the old window.");
    }

    [Fact]
    public void A_round_trip_opens_the_window_by_half_at_most() // RFC 9438, 4.2: the target's bounds
    {
        Cubic cubic = Grown(2000);
        cubic.OnLoss(2000 * Mss, s_start);
        cubic.OnRecoveryExit(s_start);
        AcknowledgeWindow(cubic, s_start);
        int window = cubic.Window;
        AcknowledgeWindow(cubic, s_start + TimeSpan.FromHours(1));
        Assert.InRange(cubic.Window, window, (int)(window * 1.5) + Mss);
    }

    [Fact]
    public void Where_reno_is_faster_it_grows_as_reno_does() // RFC 9438, 4.3
    {
        const double Before = 20;
        Cubic cubic = Grown(Before);
        cubic.OnLoss((int)(Before * Mss), s_start);
        cubic.OnRecoveryExit(s_start);
        const double Alpha = 3 * (1 - Beta) / (1 + Beta);
        double estimate = Before * Beta;
        TimeSpan shortRtt = TimeSpan.FromMilliseconds(10);
        Instant now = s_start;
        for (int round = 0; round < 40; round++)
        {
            now += shortRtt;
            int window = cubic.Window;
            for (int acked = 0; acked < window; acked += Mss)
            {
                double increase = estimate >= Before ? 1 : Alpha;
                estimate += increase / (cubic.Window / (double)Mss);
                Acknowledge(cubic, Mss, now, shortRtt);
            }

            Assert.InRange(cubic.Window / (double)Mss, estimate - 0.2, estimate + 0.2);
        }

        Assert.True(estimate > Before, "It grew by a segment a round at the end.");
    }

    [Fact]
    public void A_second_loss_below_the_old_window_releases_more() // RFC 9438, 4.7: fast convergence
    {
        Cubic cubic = Grown(1000);
        cubic.OnLoss(1000 * Mss, s_start);
        cubic.OnRecoveryExit(s_start);
        cubic.OnLoss(700 * Mss, s_start);
        cubic.OnRecoveryExit(s_start);
        // W_max is 700 (1 + beta) / 2 = 595, and the curve starts from 490.
        double k = Math.Cbrt((595 - 490) / C);
        Instant flat = s_start + TimeSpan.FromSeconds(k);
        for (Instant now = s_start; now < flat; now += s_rtt)
        {
            AcknowledgeWindow(cubic, now);
        }

        Assert.InRange(cubic.Window / (double)Mss, 585, 605);
    }

    [Fact]
    public void After_a_time_out_the_curve_starts_where_congestion_avoidance_does() // RFC 9438, 4.8
    {
        Cubic cubic = Grown(100);
        cubic.OnTimeout(100 * Mss, s_start);
        Assert.Equal((Mss, 70 * Mss), (cubic.Window, cubic.SlowStartThreshold));
        cubic.OnTimeout(Mss, s_start);
        Assert.Equal((Mss, 70 * Mss), (cubic.Window, cubic.SlowStartThreshold));
        Acknowledge(cubic, 69 * Mss, s_start, s_rtt);
        Assert.Equal(70 * Mss, cubic.Window);
        AcknowledgeWindow(cubic, s_start);
        // K is 0: at first nothing but Reno's growth.
        Assert.InRange(cubic.Window, 70 * Mss, 71 * Mss);
    }

    [Fact]
    public void Time_in_which_the_window_is_not_used_does_not_count() // RFC 9438, 4.2 and 5.8
    {
        Cubic steady = Grown(1000);
        Cubic paused = Grown(1000);
        foreach (Cubic cubic in new[] { steady, paused })
        {
            cubic.OnLoss(1000 * Mss, s_start);
            cubic.OnRecoveryExit(s_start);
            AcknowledgeWindow(cubic, s_start);
        }

        Instant later = s_start + TimeSpan.FromMinutes(5);
        paused.OnAck(new AckSample(Mss, 0, 0, s_rtt, IsWindowLimited: false, InRecovery: false, later));
        AcknowledgeWindow(steady, s_start + s_rtt);
        AcknowledgeWindow(paused, later + s_rtt);
        Assert.Equal(steady.Window, paused.Window);
    }

    [Fact]
    public void A_loss_that_was_none_is_taken_back() // RFC 9438, 4.9
    {
        Cubic cubic = Grown(100);
        cubic.OnLoss(100 * Mss, s_start);
        cubic.Undo();
        Assert.Equal((100 * Mss, int.MaxValue), (cubic.Window, cubic.SlowStartThreshold));
        cubic.Undo();
        Assert.Equal(100 * Mss, cubic.Window);
        cubic.OnTimeout(100 * Mss, s_start);
        cubic.Undo();
        Assert.Equal(100 * Mss, cubic.Window);
    }

    [Fact]
    public void Slow_start_ends_when_the_round_trip_time_keeps_rising() // RFC 9406, 4.2 and 4.3
    {
        Cubic cubic = new(TcpSettings.Default);
        cubic.OnEstablished(Mss, s_start);
        Instant now = s_start;
        TimeSpan rtt = s_rtt;
        int rounds = 0;
        int conservative = 0;
        for (; cubic.SlowStartThreshold == int.MaxValue && rounds < 100; rounds++)
        {
            now += rtt;
            int window = cubic.Window;
            for (int acked = 0; acked < window; acked += Mss)
            {
                cubic.OnAck(new AckSample(Mss, 0, window, rtt, IsWindowLimited: true, InRecovery: false, now));
            }

            // Once 13 ms are added a round is over an eighth above the last: 4 ms at least, 16 ms at most.
            rtt += rounds >= 3 ? TimeSpan.FromMilliseconds(20) : TimeSpan.Zero;
            conservative += cubic.Window < window * 1.5 ? 1 : 0;
        }

        Assert.InRange(rounds, 8, 12);
        Assert.InRange(conservative, 4, 6);
        Assert.InRange(cubic.Window, cubic.SlowStartThreshold, cubic.SlowStartThreshold + (2 * Mss));
    }

    [Fact]
    public void Slow_start_goes_on_when_the_round_trip_time_was_long_only_once() // RFC 9406, 4.3: back from conservative slow start
    {
        Cubic cubic = new(TcpSettings.Default);
        cubic.OnEstablished(Mss, s_start);
        Instant now = s_start;
        for (int round = 0; round < 12; round++)
        {
            TimeSpan rtt = round == 4 ? s_rtt * 2 : s_rtt;
            now += rtt;
            int window = cubic.Window;
            for (int acked = 0; acked < window; acked += Mss)
            {
                cubic.OnAck(new AckSample(Mss, 0, window, rtt, IsWindowLimited: true, InRecovery: false, now));
            }
        }

        Assert.Equal(int.MaxValue, cubic.SlowStartThreshold);
        Assert.True(cubic.Window > 10_000 * Mss);
    }

    [Theory]
    [InlineData(IdleRestart.Off, 100_000)]
    [InlineData(IdleRestart.Restart, 10_000)]
    public void Idleness_closes_the_window_as_chosen(IdleRestart policy, int window)
    {
        Cubic cubic = new(TcpSettings.Default with { IdleRestart = policy });
        cubic.OnEstablished(Mss, s_start);
        Acknowledge(cubic, 90 * Mss, s_start, s_rtt);
        cubic.OnIdle(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1));
        Assert.Equal(window, cubic.Window);
    }

    /// <summary>In slow start with this window, in segments.</summary>
    private static Cubic Grown(double segments)
    {
        Cubic cubic = new(TcpSettings.Default);
        cubic.OnEstablished(Mss, s_start);
        Acknowledge(cubic, (int)((segments * Mss) - cubic.Window), s_start, s_rtt);
        Assert.Equal((int)(segments * Mss), cubic.Window);
        return cubic;
    }

    private static void AcknowledgeWindow(Cubic cubic, Instant now)
    {
        int window = cubic.Window;
        for (int acked = 0; acked < window; acked += Mss)
        {
            Acknowledge(cubic, Mss, now, s_rtt);
        }
    }

    private static void Acknowledge(Cubic cubic, int acked, Instant now, TimeSpan rtt) =>
        cubic.OnAck(new AckSample(acked, 0, cubic.Window, rtt, IsWindowLimited: true, InRecovery: false, now));
}
