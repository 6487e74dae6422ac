using System;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>The congestion window as RFC 5681, 6582, 6928 and 3465 move it.</summary>
public class NewRenoTests
{
    private const int Mss = 1000;
    private static readonly Instant Now = Instant.FromSeconds(1);

    [Theory]
    [InlineData(536, 5360)]
    [InlineData(1000, 10_000)]
    [InlineData(1460, 14_600)]
    [InlineData(2190, 14_600)]
    [InlineData(9000, 18_000)]
    [InlineData(65_495, 130_990)]
    public void The_initial_window_is_that_of_rfc_6928(int mss, int window)
    {
        NewReno reno = new(TcpSettings.Default);
        reno.OnEstablished(mss, Now);
        Assert.Equal(window, reno.Window);
        Assert.Equal(int.MaxValue, reno.SlowStartThreshold);
    }

    [Theory]
    [InlineData(TcpProfile.Rfc, 500, 500)] // RFC 5681, equation 2: min(N, SMSS)
    [InlineData(TcpProfile.Rfc, 4000, 1000)]
    [InlineData(TcpProfile.FreeBSD, 4000, 2000)] // RFC 3465, 2.2: L = 2
    [InlineData(TcpProfile.Linux, 4000, 4000)]
    public void Slow_start_opens_by_what_is_acknowledged(TcpProfile profile, int acked, int increase)
    {
        NewReno reno = Established(profile);
        Acknowledge(reno, acked);
        Assert.Equal(10_000 + increase, reno.Window);
    }

    [Fact]
    public void Congestion_avoidance_opens_by_one_segment_a_window()
    {
        NewReno reno = Established();
        reno.OnLoss(20_000, Now);
        reno.OnRecoveryExit(Now);
        for (int round = 0; round < 5; round++)
        {
            int window = reno.Window;
            Assert.Equal(10_000 + (round * Mss), window);
            for (int acked = 0; acked < window; acked += Mss)
            {
                Acknowledge(reno, Mss);
            }
        }
    }

    [Fact]
    public void One_acknowledgment_never_opens_by_more_than_a_segment_in_congestion_avoidance()
    {
        NewReno reno = Established();
        reno.OnLoss(20_000, Now);
        Acknowledge(reno, 1_000_000);
        Assert.Equal(11_000, reno.Window);
    }

    [Theory]
    [InlineData(40_000, 20_000)] // RFC 5681, equation 4
    [InlineData(3000, 2000)] // never below two segments
    [InlineData(0, 2000)]
    public void A_loss_halves_what_was_in_flight(int inFlight, int threshold)
    {
        NewReno reno = Established();
        reno.OnLoss(inFlight, Now);
        Assert.Equal((threshold, threshold), (reno.SlowStartThreshold, reno.Window));
        reno.OnRecoveryExit(Now);
        Assert.Equal(threshold, reno.Window); // RFC 6582, 3.2 (3)
    }

    [Fact]
    public void The_window_stays_while_losses_are_repaired()
    {
        NewReno reno = Established();
        reno.OnLoss(20_000, Now);
        reno.OnAck(new AckSample(9000, 0, 10_000, default, IsWindowLimited: true, InRecovery: true, Now));
        Assert.Equal(10_000, reno.Window);
    }

    [Fact]
    public void A_time_out_starts_over_with_one_segment_and_halves_only_once() // RFC 5681, 3.1
    {
        NewReno reno = Established();
        reno.OnTimeout(40_000, Now);
        Assert.Equal((Mss, 20_000), (reno.Window, reno.SlowStartThreshold));
        reno.OnTimeout(Mss, Now);
        Assert.Equal((Mss, 20_000), (reno.Window, reno.SlowStartThreshold));

        // New data was acknowledged in between: the next one is another event.
        Acknowledge(reno, Mss);
        Assert.Equal(2 * Mss, reno.Window);
        reno.OnTimeout(2 * Mss, Now);
        Assert.Equal((Mss, 2 * Mss), (reno.Window, reno.SlowStartThreshold));
    }

    [Fact]
    public void A_window_that_is_not_used_does_not_grow()
    {
        NewReno reno = Established();
        for (int i = 0; i < 100; i++)
        {
            reno.OnAck(new AckSample(Mss, 0, 0, default, IsWindowLimited: false, InRecovery: false, Now));
        }

        Assert.Equal(10_000, reno.Window);
    }

    [Fact]
    public void Slow_start_goes_over_into_congestion_avoidance_at_the_threshold()
    {
        NewReno reno = Established();
        reno.OnTimeout(20_000, Now);
        Acknowledge(reno, 8500);
        Assert.Equal(9500, reno.Window);
        Acknowledge(reno, 1000); // 500 up to the threshold, 500 towards the next segment
        Assert.Equal(10_000, reno.Window);
        Acknowledge(reno, 9500);
        Assert.Equal(11_000, reno.Window);
    }

    [Theory]
    [InlineData(IdleRestart.Off, 10.0, 80_000)]
    [InlineData(IdleRestart.Restart, 10.0, 10_000)] // RFC 5681, 4.1: min(IW, cwnd)
    [InlineData(IdleRestart.Restart, 0.9, 80_000)] // not before one timeout has passed
    [InlineData(IdleRestart.Decay, 2.5, 20_000)] // RFC 2861: halved for each timeout
    [InlineData(IdleRestart.Decay, 1000.0, 10_000)]
    public void Idleness_closes_the_window_as_chosen(IdleRestart policy, double idleSeconds, int window)
    {
        NewReno reno = new(TcpSettings.Default with { IdleRestart = policy });
        reno.OnEstablished(Mss, Now);
        Acknowledge(reno, 70_000);
        reno.OnIdle(TimeSpan.FromSeconds(idleSeconds), TimeSpan.FromSeconds(1));
        Assert.Equal(window, reno.Window);
    }

    [Fact]
    public void A_small_window_does_not_grow_by_idleness()
    {
        NewReno reno = Established();
        reno.OnTimeout(20_000, Now);
        reno.OnIdle(TimeSpan.FromHours(1), TimeSpan.FromSeconds(1));
        Assert.Equal(Mss, reno.Window);
    }

    [Fact]
    public void What_a_false_alarm_did_is_taken_back_once()
    {
        NewReno reno = Established();
        Acknowledge(reno, 30_000);
        reno.OnTimeout(40_000, Now);
        reno.Undo();
        Assert.Equal((40_000, int.MaxValue), (reno.Window, reno.SlowStartThreshold));
        reno.OnLoss(40_000, Now);
        reno.Undo();
        reno.Undo();
        Assert.Equal((40_000, int.MaxValue), (reno.Window, reno.SlowStartThreshold));
    }

    [Fact]
    public void Endless_growth_does_not_overflow()
    {
        NewReno reno = Established();
        for (int i = 0; i < 100; i++)
        {
            Acknowledge(reno, int.MaxValue);
            Assert.InRange(reno.Window, 10_000, 1 << 30);
        }

        reno.OnLoss(int.MaxValue, Now);
        Acknowledge(reno, int.MaxValue);
        Assert.InRange(reno.Window, 1, int.MaxValue);
    }

    private static NewReno Established(TcpProfile profile = TcpProfile.Linux)
    {
        NewReno reno = new(TcpSettings.For(profile));
        reno.OnEstablished(Mss, Now);
        return reno;
    }

    private static void Acknowledge(NewReno reno, int bytes) =>
        reno.OnAck(new AckSample(bytes, 0, 0, default, IsWindowLimited: true, InRecovery: false, Now));
}
