using System;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Closing: RFC 9293, 3.6 and 3.10.4 to 3.10.5.</summary>
public class ClosingTests
{
    [Fact]
    public void A_full_close_started_here_passes_through_all_its_states()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.Connection.Shutdown(harness.Now);
        harness.Expect("F. 1:1 ack 1");
        harness.In(". 1:1 ack 2");
        harness.In("F. 1:1 ack 2");
        harness.Expect(". 2:2 ack 2");
        harness.Advance(59.9);
        Assert.Equal(TcpState.TimeWait, harness.State);
        harness.Advance(0.2);
        Assert.Equal(
            [TcpState.FinWait1, TcpState.FinWait2, TcpState.TimeWait, TcpState.Closed], harness.States.TakeLast(4));
        Assert.Equal(TcpCloseReason.Finished, harness.Closed);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Fact]
    public void A_close_started_by_the_peer_ends_with_the_ACK_of_our_FIN()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("F. 1:1 ack 1");
        harness.Expect(". 1:1 ack 2");
        Assert.True(harness.Connection.IsPeerFinished);
        Assert.Equal(10, harness.Write(10));
        harness.Expect("P. 1:11 ack 2");
        harness.Connection.Shutdown(harness.Now);
        harness.Expect("F. 11:11 ack 2");
        harness.In(". 2:2 ack 12");
        Assert.Equal(TcpState.Closed, harness.State);
        Assert.Equal(TcpCloseReason.Finished, harness.Closed);
    }

    [Theory]
    [InlineData(TcpState.FinWait1, 1)]
    [InlineData(TcpState.Closing, 2)]
    [InlineData(TcpState.LastAck, 2)]
    public void A_lost_FIN_is_sent_again_with_back_off_until_it_is_given_up(TcpState state, int acknowledgment)
    {
        TcpHarness harness = TcpHarness.In(state, TcpHarness.Plain with { DataRetries = 4 });
        double[] times = new double[4];
        for (int i = 0; i < 4; i++)
        {
            times[i] = harness.AdvanceToOutput();
            harness.Expect($"F. 1:1 ack {acknowledgment}");
        }

        for (int i = 1; i < 4; i++)
        {
            Assert.Equal(times[i - 1] * 2, times[i], 6);
        }

        harness.AdvanceToOutput();
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
        harness.ExpectNone();
    }

    [Fact]
    public void A_FIN_rides_on_the_last_data_and_counts_once()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain, mss: 100);
        harness.Write(250);
        harness.Take();
        harness.Connection.Shutdown(harness.Now);
        Assert.Contains(harness.Take(), s => s.Has(TcpFlags.Fin));
        harness.In(". 1:1 ack 251");
        Assert.Equal(TcpState.FinWait1, harness.State);
        harness.In(". 1:1 ack 252");
        Assert.Equal(TcpState.FinWait2, harness.State);
        Assert.True(harness.Connection.IsDrained);
    }

    [Fact]
    public void A_FIN_with_data_is_acknowledged_with_its_data()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("FP. 1:11 ack 1");
        harness.Expect(". 1:1 ack 12");
        Assert.Equal(TcpState.CloseWait, harness.State);
        // Its repetition as well, or the peer would send it for ever.
        harness.Advance(1);
        harness.In("FP. 1:11 ack 1");
        harness.Expect(". 1:1 ack 12");
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void A_FIN_behind_a_hole_waits_for_the_hole_to_be_filled()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("FP. 11:21 ack 1");
        harness.Expect(". 1:1 ack 1");
        Assert.Equal(TcpState.Established, harness.State);
        Assert.False(harness.Connection.IsPeerFinished);
        harness.In("P. 1:11 ack 1");
        harness.Expect(". 1:1 ack 22");
        Assert.Equal(TcpState.CloseWait, harness.State);
        Assert.Equal(20, harness.Read());
    }

    [Fact]
    public void A_bare_FIN_behind_a_hole_waits_too_and_is_counted_once()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("F. 11:11 ack 1");
        harness.Expect(". 1:1 ack 1");
        harness.In("F. 11:11 ack 1");
        harness.Expect(". 1:1 ack 1");
        harness.In("P. 1:11 ack 1");
        harness.Expect(". 1:1 ack 12");
        Assert.Equal(TcpState.CloseWait, harness.State);
    }

    [Fact]
    public void After_a_half_close_the_peer_goes_on_sending()
    {
        TcpHarness harness = TcpHarness.In(TcpState.FinWait2);
        for (int i = 0; i < 10; i++)
        {
            harness.In($"P. {1 + (i * 1000)}:{1001 + (i * 1000)} ack 2");
            Assert.Equal(1000, harness.Read());
        }

        Assert.Equal(0, harness.Write(1));
        harness.Advance(4000);
        Assert.Equal(TcpState.FinWait2, harness.State);
        harness.In("F. 10001:10001 ack 2");
        Assert.Equal(TcpState.TimeWait, harness.State);
    }

    [Fact]
    public void Both_ends_may_close_at_once()
    {
        TcpHarness harness = TcpHarness.In(TcpState.FinWait1);
        harness.In("F. 1:1 ack 1");
        harness.Expect(". 2:2 ack 2");
        Assert.Equal(TcpState.Closing, harness.State);
        harness.In(". 2:2 ack 2");
        Assert.Equal(TcpState.TimeWait, harness.State);
    }

    [Fact]
    public void The_ACK_of_our_FIN_and_the_peers_FIN_may_come_together_with_data()
    {
        TcpHarness harness = TcpHarness.In(TcpState.FinWait1);
        harness.In("FP. 1:11 ack 2");
        harness.Expect(". 2:2 ack 12");
        Assert.Equal(TcpState.TimeWait, harness.State);
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void A_repeated_FIN_in_TIME_WAIT_is_acknowledged_and_restarts_its_time()
    {
        TcpHarness harness = TcpHarness.In(TcpState.TimeWait);
        harness.Advance(50);
        harness.In("F. 1:1 ack 2");
        harness.Expect(". 2:2 ack 2");
        harness.Advance(50);
        Assert.Equal(TcpState.TimeWait, harness.State);
        harness.Advance(10.1);
        Assert.Equal(TcpState.Closed, harness.State);
    }

    [Theory]
    [InlineData(TcpProfile.Linux, 60)]
    [InlineData(TcpProfile.Rfc, 240)]
    public void TIME_WAIT_lasts_two_segment_lifetimes(TcpProfile profile, double seconds)
    {
        TcpHarness harness = TcpHarness.In(TcpState.TimeWait, TcpHarness.Plain with { TimeWait = TcpSettings.For(profile).TimeWait });
        harness.Advance(seconds - 0.001);
        Assert.Equal(TcpState.TimeWait, harness.State);
        harness.Advance(0.002);
        Assert.Equal(TcpState.Closed, harness.State);
    }

    [Fact]
    public void FIN_WAIT_2_ends_when_nobody_will_read_any_more()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.Connection.Close(harness.Now);
        harness.In(". 1:1 ack 2");
        Assert.Equal(TcpState.FinWait2, harness.State);
        harness.Advance(60.1);
        Assert.Equal(TcpState.Closed, harness.State);

        TcpHarness later = TcpHarness.In(TcpState.FinWait2);
        later.Advance(1000);
        later.Connection.Close(later.Now);
        later.Advance(60.1);
        Assert.Equal(TcpState.Closed, later.State);
    }

    [Fact]
    public void Closing_with_unread_data_resets()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:11 ack 1");
        harness.Take();
        harness.Connection.Close(harness.Now);
        harness.Expect("R. 1:1 ack 11");
        Assert.Equal(TcpCloseReason.Aborted, harness.Closed);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Theory]
    [InlineData(TcpState.FinWait1)]
    [InlineData(TcpState.FinWait2)]
    public void Data_after_a_full_close_resets(TcpState state)
    {
        TcpHarness harness = TcpHarness.In(state);
        harness.Connection.Close(harness.Now);
        harness.Take();
        harness.In("P. 1:11 ack 2");
        SentRecord reset = Assert.Single(harness.Take());
        Assert.Equal(TcpFlags.Rst | TcpFlags.Ack, reset.Flags);
        Assert.Equal(2, reset.Sequence);
        Assert.Equal(TcpState.Closed, harness.State);
    }

    [Fact]
    public void A_FIN_after_a_full_close_is_no_data()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.Connection.Close(harness.Now);
        harness.In("F. 1:1 ack 2");
        Assert.Equal(TcpState.TimeWait, harness.State);
        Assert.DoesNotContain(harness.Take(), s => s.Has(TcpFlags.Rst));
    }

    [Theory]
    [InlineData(TcpState.SynSent, false)]
    [InlineData(TcpState.SynReceived, true)]
    [InlineData(TcpState.Established, true)]
    [InlineData(TcpState.FinWait1, true)]
    [InlineData(TcpState.FinWait2, true)]
    [InlineData(TcpState.CloseWait, true)]
    [InlineData(TcpState.Closing, false)]
    [InlineData(TcpState.LastAck, false)]
    [InlineData(TcpState.TimeWait, false)]
    public void Abort_resets_where_section_3_10_5_says_so(TcpState state, bool resets)
    {
        TcpHarness harness = TcpHarness.In(state);
        int next = harness.SendNext;
        harness.Connection.Abort(harness.Now);
        Assert.Equal(TcpState.Closed, harness.State);
        Assert.Equal(resets, harness.Take().Any(s => s.Has(TcpFlags.Rst) && s.Sequence == next));
        Assert.True(harness.Deadline.IsNever);
        Assert.Equal(0, harness.Slabs.Outstanding);
        harness.Connection.Abort(harness.Now);
        harness.ExpectNone();
    }

    [Fact]
    public void Received_data_survives_the_peers_FIN_and_reset()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:11 ack 1");
        harness.In("R 11:11");
        Assert.Equal(TcpCloseReason.ResetByPeer, harness.Closed);
        Assert.Equal(10, harness.Read());
        Assert.Equal(0, harness.Read());
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Fact]
    public void Data_goes_out_before_the_FIN_even_through_a_closed_window()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Write(10);
        harness.Connection.Shutdown(harness.Now);
        harness.ExpectNone();
        Assert.Equal(TcpState.FinWait1, harness.State);
        harness.In(". 1:1 ack 1 win 5");
        harness.Advance(1);
        harness.In(". 1:1 ack 1 win 100");
        harness.In(". 1:1 ack 6 win 100");
        harness.Advance(1);
        int end = harness.Take().Max(s => s.Sequence + s.Payload.Length + (s.Has(TcpFlags.Fin) ? 1 : 0));
        Assert.Equal(12, end);
    }

    [Fact]
    public void A_second_shutdown_changes_nothing()
    {
        foreach (TcpState state in TcpHarness.SynchronizedStates.Where(s => s is not (TcpState.Established or TcpState.CloseWait)))
        {
            TcpHarness harness = TcpHarness.In(state);
            harness.Connection.Shutdown(harness.Now);
            Assert.Equal(state, harness.State);
            harness.ExpectNone();
            Assert.Equal(0, harness.Write(1));
        }
    }

    [Fact]
    public void A_let_go_connection_whose_peer_stays_silent_ends_by_itself()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Write(100);
        harness.Connection.Close(harness.Now);
        for (int i = 0; i < 300 && harness.State != TcpState.Closed; i++)
        {
            harness.Advance(10);
        }

        Assert.Equal(TcpState.Closed, harness.State);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Fact]
    public void A_let_go_connection_whose_peer_keeps_its_window_closed_ends_by_itself()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Write(100);
        harness.Connection.Close(harness.Now);
        for (int i = 0; i < 50 && harness.State != TcpState.Closed; i++)
        {
            harness.AdvanceToOutput();
            harness.In(". 1:1 ack 1 win 0");
        }

        Assert.Equal(TcpState.Closed, harness.State);
        Assert.InRange(harness.Elapsed.TotalSeconds, 60, 200);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }
}
