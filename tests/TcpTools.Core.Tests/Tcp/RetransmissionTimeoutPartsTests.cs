using System;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Retransmission timeouts by name and of one's own.</summary>
public class RetransmissionTimeoutPartsTests
{
    private static readonly TimeSpan s_rtt = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData("Rfc6298", 300)] // Linux's bounds: SRTT + max(200 ms, 4 RTTVAR)
    [InlineData("Linux", 300)]
    [InlineData("FreeBSD", 500)] // SRTT + 4 RTTVAR + 200 ms
    [InlineData("Strict", 1000)]
    [InlineData("Fixed", 1000)]
    public void The_first_measurement_gives_each_its_time(string name, int milliseconds)
    {
        RttEstimator estimator = new(TcpSettings.Default with { RetransmissionTimeout = name });
        estimator.Update(s_rtt, Instant.Zero);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), estimator.Timeout);
    }

    [Fact]
    public void A_fixed_timeout_never_doubles_on_the_wire()
    {
        TcpSettings settings = TcpHarness.Plain with
        {
            RetransmissionTimeoutFactory = static _ => new FixedTimeout(TimeSpan.FromMilliseconds(250)),
            SynLinearRetries = 0,
        };
        TcpHarness harness = new(settings);
        harness.Connection.OpenActive(harness.Now);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(TimeSpan.FromMilliseconds(250), harness.Deadline - harness.Now);
            harness.Advance(0.25);
        }
    }

    [Fact]
    public void One_of_ones_own_sees_what_was_measured_and_how_often_the_timer_expired()
    {
        Recording policy = new();
        RttEstimator estimator = new(TcpSettings.Default with { RetransmissionTimeoutFactory = _ => policy });
        estimator.OnHandshakeRetransmitted();
        Assert.True(policy.Last.IsHandshakeRetried);
        estimator.Update(s_rtt, Instant.Zero);
        estimator.BackOff();
        estimator.BackOff();
        Assert.Equal((true, s_rtt, s_rtt / 2, 2, false), (policy.Last.HasSample, policy.Last.Smoothed, policy.Last.Variation, policy.Last.Expiries, policy.Last.IsHandshakeRetried));
        Assert.Equal(TimeSpan.FromMilliseconds(1), estimator.Timeout); // less than that is none
    }

    [Fact]
    public void One_that_throws_is_counted_and_rfc_6298_goes_on()
    {
        using Rig rig = new(client: o => o with
        {
            Tcp = o.Tcp with { RetransmissionTimeoutFactory = static _ => new Failing() },
        });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(10_000, 1), [], TimeSpan.FromMinutes(1));
        Assert.All(rig.Client.PartErrors, error => Assert.Equal(PartKind.RetransmissionTimeout, error.Kind));
        Assert.True(rig.Client.PartFailures > 0);
    }

    [Fact]
    public void A_name_that_there_is_not_is_refused_with_those_that_there_are()
    {
        StackException error = Assert.Throws<StackException>(() => (TcpSettings.Default with { RetransmissionTimeout = "none" }).Validate());
        Assert.All(TcpParts.RetransmissionTimeouts.Select(part => part.Name), name => Assert.Contains(name, error.Advice, StringComparison.Ordinal));
    }

    private sealed class Recording : IRetransmissionTimeout
    {
        public RttSummary Last { get; private set; }

        public string Name => "recording";

        public TimeSpan Compute(in RttSummary summary)
        {
            Last = summary;
            return TimeSpan.Zero;
        }
    }

    private sealed class Failing : IRetransmissionTimeout
    {
        public string Name => "failing";

        public TimeSpan Compute(in RttSummary summary) => throw new InvalidOperationException("no time");
    }
}
