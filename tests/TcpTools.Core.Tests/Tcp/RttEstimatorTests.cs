using System;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>The retransmission timeout as RFC 6298 computes it, and as each profile bounds it.</summary>
public class RttEstimatorTests
{
    [Fact]
    public void Before_any_measurement_it_is_one_second() // 2.1
    {
        RttEstimator estimator = Of(TcpProfile.Rfc);
        Assert.False(estimator.HasSample);
        Assert.Equal(1000, Milliseconds(estimator.Timeout));
    }

    [Fact]
    public void The_first_measurement_sets_it_to_three_times_itself() // 2.2
    {
        RttEstimator estimator = Of(TcpProfile.Rfc);
        Update(estimator, 800);
        Assert.Equal((800, 400, 2400), (Milliseconds(estimator.Smoothed), Milliseconds(estimator.Variation), Milliseconds(estimator.Timeout)));
    }

    [Fact]
    public void Later_measurements_weigh_an_eighth_and_their_error_a_quarter() // 2.3: RTTVAR before SRTT
    {
        RttEstimator estimator = Of(TcpProfile.Rfc);
        Update(estimator, 800);
        Update(estimator, 1600);
        Assert.Equal(500, Milliseconds(estimator.Variation)); // 3/4 * 400 + 1/4 * |800 - 1600|
        Assert.Equal(900, Milliseconds(estimator.Smoothed)); // 7/8 * 800 + 1/8 * 1600
        Assert.Equal(2900, Milliseconds(estimator.Timeout));
        Assert.Equal(800, Milliseconds(estimator.Minimum));
    }

    [Theory]
    // 10 ms first: SRTT 10, RTTVAR 5.
    [InlineData(TcpProfile.Rfc, 10, 1000)] // 2.4: at least a second
    [InlineData(TcpProfile.Linux, 10, 210)] // SRTT + max(4 RTTVAR, 200)
    [InlineData(TcpProfile.FreeBSD, 10, 230)] // SRTT + 4 RTTVAR + 200
    [InlineData(TcpProfile.Linux, 100, 300)] // 4 RTTVAR = 200
    [InlineData(TcpProfile.Linux, 400, 1200)]
    [InlineData(TcpProfile.Rfc, 60_000, 120_000)] // 2.5: a maximum
    [InlineData(TcpProfile.FreeBSD, 60_000, 64_000)]
    [InlineData(TcpProfile.Linux, 0, 200)]
    [InlineData(TcpProfile.Linux, -5, 200)] // a clock that goes back is no measurement below zero
    public void Each_profile_has_its_bounds(TcpProfile profile, int sample, int timeout)
    {
        RttEstimator estimator = Of(profile);
        Update(estimator, sample);
        Assert.Equal(timeout, Milliseconds(estimator.Timeout));
    }

    [Fact]
    public void Each_expiry_doubles_it_up_to_the_maximum_and_a_measurement_ends_that() // 5.5
    {
        RttEstimator estimator = Of(TcpProfile.Linux);
        int[] expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000];
        foreach (int timeout in expected)
        {
            Assert.Equal(timeout, Milliseconds(estimator.Timeout));
            estimator.BackOff();
        }

        for (int i = 0; i < 1000; i++)
        {
            estimator.BackOff();
        }

        Assert.Equal(120_000, Milliseconds(estimator.Timeout));
        Update(estimator, 100);
        Assert.Equal((0, 300), (estimator.BackOffs, Milliseconds(estimator.Timeout)));
    }

    [Fact]
    public void After_a_retransmitted_handshake_data_starts_with_three_seconds() // 5.7
    {
        RttEstimator estimator = Of(TcpProfile.Linux);
        estimator.BackOff();
        estimator.OnHandshakeRetransmitted();
        Assert.Equal(3000, Milliseconds(estimator.Timeout));
        Update(estimator, 100);
        estimator.OnHandshakeRetransmitted();
        Assert.Equal(300, Milliseconds(estimator.Timeout));
    }

    [Fact]
    public void A_steady_path_lets_it_come_down_to_its_floor()
    {
        RttEstimator estimator = Of(TcpProfile.Linux);
        Update(estimator, 2000);
        for (int i = 0; i < 200; i++)
        {
            Update(estimator, 50);
        }

        Assert.InRange(Milliseconds(estimator.Timeout), 250, 251);
    }

    private static RttEstimator Of(TcpProfile profile) => new(TcpSettings.For(profile));

    private static void Update(RttEstimator estimator, int milliseconds) =>
        estimator.Update(TimeSpan.FromMilliseconds(milliseconds), Instant.FromSeconds(1));

    private static int Milliseconds(TimeSpan span) => (int)span.TotalMilliseconds;
}
