using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Losses: RFC 6298, 5681, 6582, 3042, 6675 and 2018.</summary>
public class RecoveryTests
{
    [Theory]
    [InlineData(TcpProfile.Linux, 15)]
    [InlineData(TcpProfile.FreeBSD, 12)]
    [InlineData(TcpProfile.Rfc, 15)]
    public void Data_that_nobody_acknowledges_is_sent_with_doubling_timeouts_and_given_up(TcpProfile profile, int retries)
    {
        TcpSettings settings = TcpSettings.For(profile) with { Timestamps = false, Sack = false, WindowScaling = false };
        TcpHarness harness = TcpHarness.Established(settings);
        harness.Write(10);
        harness.Take();
        double previous = 0;
        int count = 0;
        while (harness.State != TcpState.Closed)
        {
            double waited = harness.AdvanceToOutput();
            if (harness.State == TcpState.Closed)
            {
                break;
            }

            harness.Expect("P. 1:11 ack 1");
            Assert.Equal(count == 0 ? waited : Math.Min(previous * 2, settings.MaximumRto.TotalSeconds), waited, 3);
            previous = waited;
            count++;
        }

        Assert.Equal(retries, count);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
        // RFC 9293, 3.8.3: R2 is at least 100 seconds.
        Assert.True(harness.Elapsed.TotalSeconds > 100);
        Assert.True(harness.Deadline.IsNever);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Fact]
    public void A_user_timeout_ends_it_earlier()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { UserTimeout = TimeSpan.FromSeconds(5) });
        harness.Write(10);
        harness.Advance(4.9);
        Assert.Equal(TcpState.Established, harness.State);
        harness.Advance(10);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
    }

    [Fact]
    public void A_connection_that_its_user_has_let_go_is_given_up_sooner()
    {
        TcpHarness kept = TcpHarness.Established();
        TcpHarness orphan = TcpHarness.Established();
        kept.Write(10);
        orphan.Write(10);
        kept.Connection.Shutdown(kept.Now);
        orphan.Connection.Close(orphan.Now);
        kept.Advance(120);
        orphan.Advance(120);
        Assert.Equal(TcpState.FinWait1, kept.State);
        Assert.Equal(TcpCloseReason.TimedOut, orphan.Closed);
    }

    [Fact]
    public void The_timer_restarts_when_something_is_acknowledged_and_stops_when_all_is()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(2000);
        harness.Take();
        double timeout = harness.Info.RetransmissionTimeout.TotalSeconds;
        harness.Advance(timeout - 0.01);
        harness.In(". 1:1 ack 1001");
        harness.Advance(timeout - 0.01);
        harness.ExpectNone();
        harness.In(". 1:1 ack 2001");
        harness.Advance(100);
        harness.ExpectNone();
    }

    [Fact]
    public void A_retransmission_gives_no_sample_and_keeps_the_back_off()
    {
        TcpHarness harness = TcpHarness.Established();
        TimeSpan before = harness.Info.SmoothedRtt;
        harness.Write(10);
        TimeSpan timeout = harness.Info.RetransmissionTimeout;
        harness.AdvanceToOutput();
        harness.In(". 1:1 ack 11");
        Assert.Equal(before, harness.Info.SmoothedRtt);
        Assert.Equal(timeout * 2, harness.Info.RetransmissionTimeout);
        harness.Write(10);
        harness.Advance(0.1);
        harness.In(". 1:1 ack 21");
        Assert.Equal(0, harness.Info.BackOffs);
        Assert.NotEqual(before, harness.Info.SmoothedRtt);
    }

    [Fact]
    public void With_timestamps_a_retransmission_gives_a_sample_of_the_copy_that_is_echoed()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithTimestamps);
        harness.Write(10);
        harness.AdvanceToOutput();
        long sentAt = (long)harness.Elapsed.TotalMilliseconds;
        harness.Advance(0.05);
        harness.In($". 1:1 ack 11 <nop,nop,TS 300 {sentAt}>");
        Assert.Equal(0, harness.Info.BackOffs);
        Assert.InRange(harness.Info.RetransmissionTimeout.TotalMilliseconds, 200, 300);
    }

    [Fact]
    public void A_timeout_opens_slow_start_from_one_segment()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(20_000);
        harness.Take();
        harness.AdvanceToOutput();
        harness.Expect(". 1:1001 ack 1");
        Assert.Equal(1000, harness.Info.CongestionWindow);
        // RFC 5681, equation 4: half of what was outstanding.
        Assert.Equal(5000, harness.Info.SlowStartThreshold);
        harness.AdvanceToOutput();
        harness.Take();
        // Not again for the same data.
        Assert.Equal(5000, harness.Info.SlowStartThreshold);
        harness.In(". 1:1 ack 1001");
        harness.Expect(". 1001:2001 ack 1", ". 2001:3001 ack 1");
        harness.In(". 1:1 ack 2001");
        Assert.Equal([3001, 4001], harness.Take().Select(s => s.Sequence));
    }

    [Fact]
    public void The_third_duplicate_starts_fast_retransmit_and_the_first_two_let_new_data_go()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(30_000);
        harness.Take();
        harness.In(". 1:1 ack 1");
        harness.Expect(". 10001:11001 ack 1");
        harness.In(". 1:1 ack 1");
        harness.Expect(". 11001:12001 ack 1");
        harness.In(". 1:1 ack 1");
        harness.Expect(". 1:1001 ack 1");
        // RFC 5681, 3.2 (2): what limited transmit sent does not count.
        Assert.Equal(5000, harness.Info.SlowStartThreshold);
        Assert.Equal(1, harness.Info.FastRetransmits);
        Assert.Equal(1, harness.Counters.FastRetransmits);
        Assert.Equal(1, harness.Counters.RetransSegs);
        // The SYN-ACK and twelve segments of data: what is sent again counts by itself (RFC 4022).
        Assert.Equal(13, harness.Counters.OutSegs);
        harness.In(". 1:1 ack 12001");
        Assert.False(harness.Info.InRecovery);
        // RFC 6582, 3.2 (3): the window comes out of recovery as ssthresh.
        Assert.Equal(5000, harness.Info.CongestionWindow);
        Assert.Equal(0, harness.Info.Timeouts);
    }

    [Fact]
    public void What_carries_data_or_changes_the_window_is_no_duplicate()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { LimitedTransmit = false });
        harness.Write(10_000);
        harness.Take();
        for (int i = 0; i < 5; i++)
        {
            harness.In($". 1:1 ack 1 win {60000 - i}");
        }

        for (int i = 0; i < 5; i++)
        {
            harness.In($"P. {1 + (i * 10)}:{11 + (i * 10)} ack 1 win 60000");
        }

        Assert.DoesNotContain(harness.Take(), s => s.Payload.Length > 0);
        Assert.Equal(0, harness.Info.FastRetransmits);
    }

    [Fact]
    public void Duplicates_without_anything_outstanding_mean_nothing()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 10; i++)
        {
            harness.In(". 1:1 ack 1");
        }

        harness.ExpectNone();
        Assert.Equal(0, harness.Info.DuplicateAcksIn);
    }

    [Fact]
    public void A_partial_acknowledgment_sends_the_next_hole_at_once()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { LimitedTransmit = false });
        harness.Write(10_000);
        harness.Take();
        for (int i = 0; i < 3; i++)
        {
            harness.In(". 1:1 ack 1");
        }

        harness.Expect(". 1:1001 ack 1");
        harness.In(". 1:1 ack 3001");
        harness.Expect(". 3001:4001 ack 1");
        Assert.True(harness.Info.InRecovery);
        harness.In(". 1:1 ack 10001");
        Assert.False(harness.Info.InRecovery);
        harness.ExpectNone();
    }

    [Fact]
    public void Late_duplicates_of_a_repaired_flight_start_nothing()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { LimitedTransmit = false });
        harness.Write(10_000);
        harness.AdvanceToOutput();
        harness.Take();
        harness.In(". 1:1 ack 5001");
        harness.Take();
        for (int i = 0; i < 4; i++)
        {
            harness.In(". 1:1 ack 5001");
        }

        Assert.Equal(0, harness.Info.FastRetransmits);
    }

    [Fact]
    public void With_SACK_exactly_the_holes_are_sent_again()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.Write(10_000);
        harness.Take();
        harness.In(". 1:1 ack 1 <nop,nop,sack 1001:2001>");
        harness.In(". 1:1 ack 1 <nop,nop,sack 3001:4001 1001:2001>");
        harness.ExpectNone();
        harness.In(". 1:1 ack 1 <nop,nop,sack 3001:6001 1001:2001>");
        Assert.Equal(1, harness.Take()[0].Sequence);
        harness.In(". 1:1 ack 1 <nop,nop,sack 3001:10001 1001:2001>");
        harness.In(". 1:1 ack 1 <nop,nop,sack 3001:10001 1001:2001>");
        Assert.Equal([2001], harness.Take().Select(s => s.Sequence).Distinct());
        harness.In(". 1:1 ack 10001");
        Assert.False(harness.Info.InRecovery);
        Assert.Equal(2, harness.Info.RetransmittedSegments);
    }

    [Fact]
    public void A_retransmission_that_is_lost_is_found_without_the_timer()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.Advance(0.01);
        harness.Write(30_000);
        harness.Advance(0.01);
        harness.In(". 1:1 ack 1 <nop,nop,sack 1001:6001>");
        Assert.Contains(harness.Take(), s => s.Sequence == 1);
        harness.Advance(0.01);
        harness.In(". 1:1 ack 1 <nop,nop,sack 1001:9001>");
        harness.Advance(0.01);
        List<SentRecord> later = [.. harness.Take()];
        Assert.NotEmpty(later);
        harness.In($". 1:1 ack 1 <nop,nop,sack 1001:{later[^1].Sequence + 1000}>");
        Assert.Contains(harness.Take(), s => s.Sequence == 1);
        Assert.Equal(0, harness.Info.Timeouts);
    }

    [Theory]
    [InlineData("sack 5001:4001")]
    [InlineData("sack 20001:21001")]
    [InlineData("sack -5000:-4000")]
    [InlineData("sack 1:1")]
    [InlineData("sack 500000000:2000000000")]
    [InlineData("hex 0502")]
    [InlineData("hex 0509010203040506")]
    public void Reports_that_cannot_be_true_are_ignored(string option)
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.Write(10_000);
        harness.Take();
        for (int i = 0; i < 10; i++)
        {
            harness.In($". 1:1 ack 1 win {60000 - i} <nop,nop,{option}>");
        }

        Assert.Equal(10_000, harness.Info.BytesInFlight);
        Assert.DoesNotContain(harness.Take(), s => s.Sequence < 10_001 && s.Payload.Length > 0);
        harness.In(". 1:1 ack 10001");
        Assert.Equal(0, harness.Info.BytesInFlight);
    }

    [Fact]
    public void A_peer_that_forgets_what_it_reported_gets_everything_again()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithSack);
        harness.Write(5000);
        harness.In(". 1:1 ack 1 <nop,nop,sack 1001:5001>");
        harness.Take();
        harness.In(". 1:1 ack 1001");
        HashSet<int> sent = [];
        for (int i = 0; i < 20 && harness.SendUnacknowledged < 5001; i++)
        {
            harness.AdvanceToOutput();
            foreach (SentRecord segment in harness.Take().Where(s => s.Payload.Length > 0))
            {
                sent.Add(segment.Sequence);
            }

            int next = harness.SendUnacknowledged;
            harness.In($". 1:1 ack {(sent.Contains(next) ? next + 1000 : next)}");
        }

        Assert.Equal(5001, harness.SendUnacknowledged);
        Assert.True(sent.IsSupersetOf([1001, 2001, 3001, 4001]));
    }

    [Fact]
    public void Losses_across_the_wrap_are_repaired_by_timer_and_by_duplicates()
    {
        foreach (TcpSettings settings in new[] { TcpHarness.Plain, TcpHarness.WithSack })
        {
            TcpHarness byTimer = TcpHarness.Established(settings, iss: uint.MaxValue - 2500);
            byTimer.Write(5000);
            byTimer.Take();
            byTimer.In(". 1:1 ack 2001");
            byTimer.AdvanceToOutput();
            Assert.Equal(2001, byTimer.Take()[0].Sequence);

            TcpHarness byDuplicates = TcpHarness.Established(settings, iss: uint.MaxValue - 2500);
            byDuplicates.Write(8000);
            byDuplicates.In(". 1:1 ack 2001");
            byDuplicates.Take();
            for (int i = 0; i < 3; i++)
            {
                byDuplicates.In(". 1:1 ack 2001" + (settings.Sack ? $" <nop,nop,sack 3001:{(4 + i) * 1000 + 1}>" : ""));
            }

            Assert.Contains(byDuplicates.Take(), s => s.Sequence == 2001 && s.Payload.Length == 1000);
        }
    }

    [Fact]
    public void Congestion_avoidance_opens_by_one_segment_a_round()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(200_000);
        for (int i = 0; i < 3; i++)
        {
            harness.In(". 1:1 ack 1");
        }

        harness.In($". 1:1 ack {harness.SendNext}");
        int window = harness.Info.CongestionWindow;
        for (int round = 1; round <= 4; round++)
        {
            int end = harness.SendNext;
            while (harness.SendUnacknowledged < end)
            {
                harness.In($". 1:1 ack {Math.Min(end, harness.SendUnacknowledged + 1000)}");
            }

            Assert.InRange(harness.Info.CongestionWindow, window + ((round - 1) * 1000), window + ((round + 1) * 1000));
        }
    }
}
