using System;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Settings start from a profile, and what they name exists.</summary>
public class TcpSettingsTests
{
    [Theory]
    [InlineData(TcpProfile.Linux, 0.2, 120.0, 15, 9, 48)]
    [InlineData(TcpProfile.FreeBSD, 0.03, 64.0, 12, 8, 216)]
    [InlineData(TcpProfile.Rfc, 1.0, 120.0, 15, 9, 48)]
    public void Each_profile_has_the_habits_of_its_system(
        TcpProfile profile, double minimumRto, double maximumRto, int retries, int keepAliveProbes, int minimumMss)
    {
        TcpSettings settings = TcpSettings.For(profile);
        Assert.Equal(profile, settings.Profile);
        Assert.Equal((minimumRto, maximumRto), (settings.MinimumRto.TotalSeconds, settings.MaximumRto.TotalSeconds));
        Assert.Equal((retries, keepAliveProbes, minimumMss), (settings.DataRetries, settings.KeepAliveProbes, settings.MinimumMss));
        Assert.Equal((536, 1220, 10), (settings.DefaultMss, settings.DefaultMssIPv6, settings.InitialWindow));
        Assert.Equal((7200.0, 75.0), (settings.KeepAliveTime.TotalSeconds, settings.KeepAliveInterval.TotalSeconds));
        Assert.True(settings.DelayedAckTimeout < TimeSpan.FromMilliseconds(500)); // RFC 9293, 3.8.6.3
        Assert.True(settings.WindowScaling && settings.Timestamps && settings.Sack && !settings.KeepAlive);
    }

    [Fact]
    public void The_default_is_linux() => Assert.Same(TcpSettings.Default, TcpSettings.For(TcpProfile.Linux));

    [Fact]
    public void A_congestion_control_is_found_by_its_name_and_belongs_to_one_connection()
    {
        TcpSettings settings = TcpSettings.Default with { CongestionControl = "newreno" };
        ICongestionControl control = settings.CreateCongestionControl();
        Assert.Equal("newreno", control.Name);
        Assert.NotSame(control, settings.CreateCongestionControl());
    }

    [Fact]
    public void An_unknown_congestion_control_is_refused_with_advice()
    {
        StackException error = Assert.Throws<StackException>(
            () => (TcpSettings.Default with { CongestionControl = "vegas" }).CreateCongestionControl());
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.Contains("vegas", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.Advice);
    }

    [Theory]
    [InlineData(TcpProfile.Linux)]
    [InlineData(TcpProfile.FreeBSD)]
    [InlineData(TcpProfile.Rfc)]
    public void A_profile_makes_sense(TcpProfile profile)
    {
        TcpSettings settings = TcpSettings.For(profile);
        Assert.Same(settings, settings.Validate());
    }

    public static TheoryData<string, TcpSettings> Nonsense => new()
    {
        { "MinimumMss", TcpSettings.Default with { MinimumMss = 0 } },
        { "MaximumSegmentSize", TcpSettings.Default with { MaximumSegmentSize = 70_000 } },
        { "WindowScale", TcpSettings.Default with { WindowScale = 15 } },
        { "ReceiveBufferSize", TcpSettings.Default with { ReceiveBufferSize = -1 } },
        { "SendBufferMaximum", TcpSettings.Default with { SendBufferMaximum = 1 } },
        { "InitialRto", TcpSettings.Default with { InitialRto = TimeSpan.Zero } },
        { "MinimumRto", TcpSettings.Default with { MinimumRto = TimeSpan.FromSeconds(-1) } },
        { "MaximumRto", TcpSettings.Default with { MaximumRto = TimeSpan.FromMilliseconds(10) } },
        { "DataRetries", TcpSettings.Default with { DataRetries = -1 } },
        { "KeepAliveInterval", TcpSettings.Default with { KeepAliveInterval = TimeSpan.Zero } },
        { "UserTimeout", TcpSettings.Default with { UserTimeout = TimeSpan.Zero } },
        { "PersistMaximum", TcpSettings.Default with { PersistMaximum = TimeSpan.Zero } },
        { "DelayedAckTimeout", TcpSettings.Default with { DelayedAckTimeout = TimeSpan.FromMilliseconds(500) } },
        { "TimeWait", TcpSettings.Default with { TimeWait = TimeSpan.MaxValue } },
        { "vegas", TcpSettings.Default with { CongestionControl = "vegas" } },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void A_value_that_makes_no_sense_is_named(string name, TcpSettings settings)
    {
        StackException error = Assert.Throws<StackException>(settings.Validate);
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_congestion_control_of_the_users_own_comes_first()
    {
        NewReno own = new(TcpSettings.Default);
        Assert.Same(own, (TcpSettings.Default with { CongestionControlFactory = _ => own }).CreateCongestionControl());
    }

    [Fact]
    public void Answers_to_segments_that_do_not_fit_are_limited_for_each_connection() // RFC 5961, 7
    {
        ChallengeAckLimiter limiter = new(TimeSpan.FromMilliseconds(500));
        Instant start = Instant.Zero;
        Assert.True(limiter.TryAcquire(start));
        Assert.False(limiter.TryAcquire(start));
        Assert.False(limiter.TryAcquire(start + TimeSpan.FromMilliseconds(499)));
        Assert.True(limiter.TryAcquire(start + TimeSpan.FromMilliseconds(500)));
        Assert.Equal((2, 2), (limiter.Allowed, limiter.Refused));
    }
}
