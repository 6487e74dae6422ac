using System;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>What is sent when nothing is lost: windows, Nagle, silly windows, probes (RFC 9293, 3.7.4 and 3.8.6; RFC 5681).</summary>
public class SendingTests
{
    private static readonly TcpSettings Rfc = TcpHarness.Plain with { NagleMindsSmallOnly = false };

    [Fact]
    public void The_initial_window_is_ten_segments()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(50_000);
        Assert.Equal(10, harness.Take().Count);
        harness.In(". 1:1 ack 2001");
        // Slow start: what leaves, and one segment for each acknowledged (RFC 5681, 3.1).
        Assert.Equal(4, harness.Take().Count);
    }

    [Fact]
    public void A_write_larger_than_a_segment_is_split_and_its_end_pushed()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(2500);
        harness.Expect(". 1:1001 ack 1", ". 1001:2001 ack 1", "P. 2001:2501 ack 1");
    }

    [Fact]
    public void Nagle_holds_small_data_back_while_anything_is_outstanding()
    {
        TcpHarness harness = TcpHarness.Established(Rfc);
        harness.Write(10);
        harness.Expect("P. 1:11 ack 1");
        harness.Write(10);
        harness.Write(10);
        harness.ExpectNone();
        harness.In(". 1:1 ack 11");
        harness.Expect("P. 11:31 ack 1");
        harness.Write(1500);
        harness.Expect(". 31:1031 ack 1");
        harness.In(". 1:1 ack 1031");
        harness.Expect("P. 1031:1531 ack 1");
    }

    [Fact]
    public void Linux_holds_back_only_while_another_small_segment_is_outstanding()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(1500);
        harness.Expect(". 1:1001 ack 1", "P. 1001:1501 ack 1");
        harness.Write(10);
        harness.ExpectNone();
        harness.In(". 1:1 ack 1001");
        harness.ExpectNone();
        harness.In(". 1:1 ack 1501");
        harness.Expect("P. 1501:1511 ack 1");
    }

    [Fact]
    public void Without_Nagle_everything_goes_at_once()
    {
        TcpHarness harness = TcpHarness.Established(Rfc);
        harness.Connection.NoDelay = true;
        harness.Write(10);
        harness.Write(10);
        harness.Expect("P. 1:11 ack 1", "P. 11:21 ack 1");
    }

    [Fact]
    public void A_FIN_ends_Nagles_waiting()
    {
        TcpHarness harness = TcpHarness.Established(Rfc);
        harness.Write(10);
        harness.Write(10);
        harness.Take();
        harness.Connection.Shutdown(harness.Now);
        harness.Expect("FP. 11:21 ack 1");
    }

    [Fact]
    public void Nothing_goes_beyond_the_peers_window()
    {
        TcpHarness harness = TcpHarness.Established(window: 3500);
        harness.Write(10_000);
        Assert.Equal(3000, harness.Take().Sum(s => s.Payload.Length));
        harness.In(". 1:1 ack 1001 win 3500");
        Assert.Equal(1000, harness.Take().Sum(s => s.Payload.Length));
    }

    [Fact]
    public void A_small_usable_window_is_used_only_after_a_while()
    {
        TcpHarness harness = TcpHarness.Established(window: 65535);
        harness.In(". 1:1 ack 1 win 500");
        harness.Write(2000);
        harness.ExpectNone();
        // RFC 9293, 3.8.6.2.1 (4): between 0.1 and 1 second.
        double waited = harness.AdvanceToOutput();
        Assert.InRange(waited, 0.1, 1);
        Assert.Equal(500, harness.Take().Sum(s => s.Payload.Length));
    }

    [Fact]
    public void Half_of_the_largest_window_is_sent_at_once()
    {
        TcpHarness harness = TcpHarness.Established(window: 800);
        harness.Write(2000);
        harness.Expect(". 1:801 ack 1");
        harness.In(". 1:1 ack 801 win 400");
        harness.Expect(". 801:1201 ack 1");
    }

    [Fact]
    public void A_closed_window_is_probed_ever_more_seldom_and_for_ever_while_the_peer_answers()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Write(10);
        harness.ExpectNone();
        double previous = 0;
        for (int i = 0; i < 100; i++)
        {
            double waited = harness.AdvanceToOutput();
            harness.Expect(". 0:0 ack 1");
            double expected = Math.Min(120, i == 0 ? waited : previous * 2);
            Assert.Equal(expected, waited, 3);
            previous = waited;
            harness.In(". 1:1 ack 1 win 0");
        }

        Assert.Equal(120, previous, 3);
        Assert.Equal(TcpState.Established, harness.State);
        Assert.Equal(100, harness.Info.ZeroWindowProbes);
        harness.In(". 1:1 ack 1 win 100");
        harness.Expect("P. 1:11 ack 1");
    }

    [Fact]
    public void A_peer_that_answers_no_probe_is_given_up()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Write(10);
        harness.Advance(10_000);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
        // RFC 9293, 3.8.3: not before 100 seconds.
        Assert.True((harness.Take()[^1].At - harness.Start).TotalSeconds > 100);
    }

    [Fact]
    public void A_user_timeout_bounds_unanswered_probes_too()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { UserTimeout = TimeSpan.FromSeconds(10) }, window: 0);
        harness.Write(10);
        harness.Advance(60);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
    }

    [Fact]
    public void No_probe_is_sent_without_data()
    {
        TcpHarness harness = TcpHarness.Established(window: 0);
        harness.Advance(1000);
        harness.ExpectNone();
        Assert.True(harness.Deadline.IsNever);
    }

    [Fact]
    public void When_the_peer_shrinks_its_window_nothing_new_is_sent_but_the_oldest_data_is_sent_again()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(5000);
        harness.Take();
        harness.In(". 1:1 ack 1001 win 500");
        harness.Write(1000);
        harness.ExpectNone();
        harness.AdvanceToOutput();
        Assert.All(harness.Take(), s => Assert.Equal(1001, s.Sequence));
        harness.In(". 1:1 ack 5001 win 500");
        harness.Advance(2);
        Assert.All(harness.Take(), s => Assert.True(s.Sequence + s.Payload.Length <= 5501));
    }

    [Fact]
    public void Data_sent_into_a_window_that_closed_keeps_the_connection_while_the_peer_answers()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(1000);
        harness.Take();
        harness.In(". 1:1 ack 1 win 0");
        for (int i = 0; i < 50; i++)
        {
            harness.AdvanceToOutput();
            harness.Take();
            harness.In(". 1:1 ack 1 win 0");
        }

        Assert.Equal(TcpState.Established, harness.State);
        harness.In(". 1:1 ack 1001 win 1000");
        Assert.True(harness.Connection.IsDrained);
    }

    [Fact]
    public void An_old_segment_does_not_bring_back_an_old_window()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.In("P. 11:21 ack 1 win 3000");
        harness.In("P. 1:11 ack 1 win 9000");
        Assert.Equal(3000u, harness.Info.SendWindow);
        harness.In(". 21:21 ack 1 win 4000");
        Assert.Equal(4000u, harness.Info.SendWindow);
    }

    [Fact]
    public void What_acknowledges_new_data_always_brings_its_window()
    {
        TcpHarness harness = TcpHarness.Established();
        harness.Write(100);
        harness.In("P. 11:21 ack 1 win 3000");
        harness.In("P. 1:11 ack 101 win 2900");
        Assert.Equal(2900u, harness.Info.SendWindow);
    }

    [Fact]
    public void The_send_buffer_bounds_what_is_taken_and_tells_when_there_is_room()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { SendBufferSize = 5000, AutoTuneSendBuffer = false });
        Assert.Equal(5000, harness.Write(8000));
        Assert.Equal(0, harness.Write(1));
        Assert.Equal(0, harness.Connection.WritableBytes);
        harness.In(". 1:1 ack 1001");
        Assert.Equal(0, harness.WritableEvents);
        harness.In(". 1:1 ack 3001");
        Assert.Equal(1, harness.WritableEvents);
        harness.In(". 1:1 ack 5001");
        Assert.Equal(2, harness.WritableEvents);
        Assert.True(harness.Connection.IsDrained);
        Assert.Equal(0, harness.Slabs.Outstanding);
    }

    [Fact]
    public void After_a_pause_the_congestion_window_starts_small_again()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { IdleRestart = IdleRestart.Restart });
        int sent = 0;
        for (int i = 0; i < 5; i++)
        {
            harness.Write(20_000);
            sent += 20_000;
            for (int round = 0; round < 10; round++)
            {
                harness.Advance(0.01);
                harness.In($". 1:1 ack {harness.SendNext}");
            }
        }

        Assert.Equal(sent + 1, harness.SendUnacknowledged);
        Assert.True(harness.Info.CongestionWindow > 10_000);
        harness.Take();
        harness.Advance(10);
        harness.Write(60_000);
        Assert.Equal(10, harness.Take().Count);
    }

    [Fact]
    public void A_window_that_is_not_used_does_not_grow()
    {
        TcpHarness harness = TcpHarness.Established();
        for (int i = 0; i < 100; i++)
        {
            harness.Write(100);
            harness.In($". 1:1 ack {harness.SendNext}");
        }

        Assert.Equal(10_000, harness.Info.CongestionWindow);
    }

    [Fact]
    public void A_link_that_splits_by_itself_gets_large_segments()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Wide(TcpHarness.Plain), mss: 1000, segmentation: 65535);
        harness.Write(20_500);
        SentRecord[] sent = [.. harness.Take()];
        Assert.Equal(1000, sent[0].SegmentSize);
        Assert.Equal(20_500, sent.Sum(s => s.Payload.Length));
        Assert.True(sent.Length <= 2);
        Assert.True(sent.All(s => s.SegmentSize == 0 || s.Payload.Length > 1000));
    }

    [Fact]
    public void Data_that_wraps_the_sequence_space_is_sent_and_acknowledged()
    {
        TcpHarness harness = TcpHarness.Established(iss: uint.MaxValue - 1500);
        harness.Write(5000);
        Assert.Equal(5000, harness.Take().Sum(s => s.Payload.Length));
        harness.In(". 1:1 ack 1001");
        harness.In(". 1:1 ack 5001");
        Assert.True(harness.Connection.IsDrained);
        Assert.True(harness.Deadline.IsNever);
    }

    [Fact]
    public void Urgent_data_is_pointed_at_until_it_is_acknowledged()
    {
        TcpHarness harness = TcpHarness.Established(mss: 1000);
        Assert.Equal(3, harness.Connection.WriteUrgent(SegmentText.PatternBytes(1, 3), harness.Now));
        harness.Expect("PU. 1:4 ack 1 urg 3");
        harness.In(". 1:1 ack 4");
        harness.Connection.Write(SegmentText.PatternBytes(4, 3), harness.Now);
        harness.Expect("P. 4:7 ack 1");
    }

    [Fact]
    public void A_received_urgent_pointer_is_a_mark_in_the_stream()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("PU. 1:11 ack 1 urg 5");
        Assert.Equal(5, harness.Connection.UrgentMark);
        harness.Read(3);
        Assert.Equal(2, harness.Connection.UrgentMark);
        harness.Read(3);
        Assert.Null(harness.Connection.UrgentMark);
        // A mark ahead of the data, and an old one that must not come back.
        harness.In("U. 11:11 ack 1 urg 100");
        Assert.Equal(104, harness.Connection.UrgentMark);
        harness.In("PU. 11:21 ack 1 urg 3");
        Assert.Equal(104, harness.Connection.UrgentMark);
        Assert.Equal(TcpFlags.None, harness.Take().Aggregate(TcpFlags.None, (all, s) => all | (s.Flags & TcpFlags.Urg)));
    }
}
