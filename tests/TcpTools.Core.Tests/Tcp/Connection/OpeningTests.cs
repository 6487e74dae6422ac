using System.Collections.Generic;
using System.Linq;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Opening: RFC 9293, 3.5, with the options of RFC 6691, 7323 and 2018, and what is lost on the way.</summary>
public class OpeningTests
{
    [Theory]
    [InlineData(TcpProfile.Linux, true, true, true, "S 0:0 win 64240 <mss 1460,sackOK,TS 0 0,nop,wscale 7>")]
    [InlineData(TcpProfile.Linux, false, true, true, "S 0:0 win 64240 <mss 1460,nop,nop,sackOK,nop,wscale 7>")]
    [InlineData(TcpProfile.Linux, true, false, true, "S 0:0 win 64240 <mss 1460,nop,nop,TS 0 0,nop,wscale 7>")]
    [InlineData(TcpProfile.Linux, true, true, false, "S 0:0 win 64240 <mss 1460,sackOK,TS 0 0>")]
    [InlineData(TcpProfile.Linux, false, false, false, "S 0:0 win 64240 <mss 1460>")]
    [InlineData(TcpProfile.FreeBSD, true, true, true, "S 0:0 win 65535 <mss 1460,nop,wscale 6,sackOK,TS 0 0>")]
    [InlineData(TcpProfile.FreeBSD, false, true, true, "S 0:0 win 65535 <mss 1460,nop,wscale 6,sackOK,eol>")]
    public void The_SYN_looks_like_that_of_the_system(TcpProfile profile, bool timestamps, bool sack, bool scaling, string syn)
    {
        TcpHarness harness = new(TcpSettings.For(profile) with { Timestamps = timestamps, Sack = sack, WindowScaling = scaling });
        harness.Connect();
        harness.Expect(syn);
        Assert.Equal(TcpState.SynSent, harness.State);
    }

    [Theory]
    [InlineData("", "mss 1460")]
    [InlineData("mss 1000", "mss 1460")]
    [InlineData("sackOK", "mss 1460,nop,nop,sackOK")]
    [InlineData("TS 77 -", "mss 1460,nop,nop,TS 0 77")]
    [InlineData("wscale 0", "mss 1460,nop,wscale 7")]
    [InlineData("mss 1460,sackOK,TS 77 -,nop,wscale 14", "mss 1460,sackOK,TS 0 77,nop,wscale 7")]
    public void The_SYN_ACK_carries_only_what_the_SYN_offered(string offered, string answered)
    {
        TcpHarness harness = new(TcpSettings.Default);
        harness.Listen($"S 0:0 win 1000 <{offered}>");
        harness.Expect($"S. 0:0 ack 1 <{answered}>");
    }

    [Theory]
    [InlineData("mss 1460", 1500, 1460)]
    [InlineData("mss 1400", 1500, 1400)]
    [InlineData("mss 9000", 1500, 1460)]
    [InlineData("mss 65535", 9000, 8960)]
    [InlineData("", 1500, 536)]
    [InlineData("mss 0", 1500, 48)]
    [InlineData("mss 1", 1500, 48)]
    [InlineData("mss 47", 1500, 48)]
    public void The_send_MSS_is_what_the_peer_and_the_link_allow_and_never_absurd(string option, int mtu, int expected)
    {
        TcpHarness harness = new(TcpHarness.Plain, mtu: mtu);
        harness.Listen($"S 0:0 win 65535 <{option}>");
        harness.In(". 1:1 ack 1");
        Assert.Equal(expected, harness.Info.SendMaximumSegment);
    }

    [Fact]
    public void Without_an_MSS_option_IPv6_starts_at_1220()
    {
        TcpHarness harness = new(TcpHarness.Plain, ipv6: true);
        harness.Listen("S 0:0 win 65535");
        harness.Expect("S. 0:0 ack 1 <mss 1440>");
        harness.In(". 1:1 ack 1");
        Assert.Equal(1220, harness.Info.SendMaximumSegment);
    }

    [Fact]
    public void The_MSS_does_not_count_options_but_segments_leave_room_for_them()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.WithTimestamps, mss: 1000);
        Assert.Equal(988, harness.Info.SendMaximumSegment);
    }

    [Theory]
    [InlineData(14, 14)]
    [InlineData(15, 14)]
    [InlineData(255, 14)]
    public void A_window_scale_above_14_counts_as_14(int offered, int expected)
    {
        TcpHarness harness = new(TcpHarness.Plain with { WindowScaling = true });
        harness.Listen($"S 0:0 win 1000 <mss 1000,wscale {offered}>");
        harness.In(". 1:1 ack 1 win 2");
        Assert.Equal(expected, harness.Info.SendWindowScale);
        Assert.Equal(2u << expected, harness.Info.SendWindow);
    }

    [Fact]
    public void The_windows_of_SYN_and_SYN_ACK_are_never_scaled()
    {
        TcpHarness harness = new(TcpSettings.Default);
        harness.Connect();
        harness.Take();
        harness.In("S. 0:0 ack 1 win 60000 <mss 1000,wscale 10>");
        Assert.Equal(60000u, harness.Info.SendWindow);
        harness.Expect(". 1:1 ack 1 win 1024");
        harness.In(". 1:1 ack 1 win 60");
        Assert.Equal(60u << 10, harness.Info.SendWindow);
    }

    [Fact]
    public void A_lost_SYN_is_sent_again_and_given_up_at_last()
    {
        TcpHarness harness = new(TcpSettings.For(TcpProfile.FreeBSD));
        harness.Connect();
        List<double> times = Times(harness);
        Assert.Equal([0, 1, 3, 7, 15, 31, 63], times.Take(7));
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
        Assert.True(harness.Deadline.IsNever);
    }

    [Fact]
    public void RFC_9293_wants_SYNs_for_three_minutes()
    {
        TcpHarness harness = new(TcpSettings.For(TcpProfile.Rfc));
        harness.Connect();
        Times(harness);
        Assert.True(harness.Elapsed.TotalSeconds >= 180, $"{harness.Elapsed}");
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
    }

    [Fact]
    public void Linux_sends_the_first_SYNs_a_second_apart()
    {
        TcpHarness harness = new(TcpSettings.Default);
        harness.Connect();
        Assert.Equal([0, 1, 2, 3, 4, 5, 7], Times(harness).Take(7));
    }

    [Fact]
    public void A_SYN_is_sent_again_unchanged_but_for_its_timestamp()
    {
        TcpHarness harness = new(TcpSettings.Default);
        harness.Connect();
        harness.Take();
        harness.Advance(1);
        harness.Expect("S 0:0 win 64240 <mss 1460,sackOK,TS 1000 0,nop,wscale 7>");
    }

    [Fact]
    public void A_lost_SYN_ACK_is_sent_again_and_given_up_at_last()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynReceived);
        List<double> times = Times(harness);
        Assert.Equal([1, 3, 7, 15, 31], times);
        Assert.Equal(63, harness.Elapsed.TotalSeconds);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
    }

    [Fact]
    public void A_repeated_SYN_gets_the_SYN_ACK_again_and_does_not_use_up_its_retries()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynReceived);
        for (int i = 0; i < 20; i++)
        {
            harness.Advance(0.01);
            harness.In("S 0:0 win 65535 <mss 1000>");
            harness.Expect("S. 0:0 ack 1");
        }

        harness.Advance(60);
        Assert.Equal(TcpState.SynReceived, harness.State);
        harness.In(". 1:1 ack 1");
        Assert.Equal(TcpState.Established, harness.State);
    }

    [Fact]
    public void When_the_last_ACK_of_the_handshake_is_lost_data_establishes_the_connection()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynReceived);
        harness.In("P. 1:11 ack 1");
        Assert.Equal(TcpState.Established, harness.State);
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void A_FIN_with_data_can_end_the_handshake_and_the_connection()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynReceived);
        harness.In("FP. 1:11 ack 1");
        Assert.Equal([TcpState.SynReceived, TcpState.Established, TcpState.CloseWait], harness.States);
        harness.Expect(". 1:1 ack 12");
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void Both_ends_may_open_at_once()
    {
        TcpHarness harness = new(TcpHarness.Plain);
        harness.Connect();
        harness.Expect("S 0:0");
        harness.In("S 0:0 win 5000 <mss 900>");
        harness.Expect("S. 0:0 ack 1");
        Assert.Equal(TcpState.SynReceived, harness.State);
        harness.In("S. 0:0 ack 1 win 6000 <mss 900>");
        Assert.Equal(TcpState.Established, harness.State);
        Assert.Equal(6000u, harness.Info.SendWindow);
        Assert.Equal(900, harness.Info.SendMaximumSegment);
        harness.Take();
        harness.Write(10);
        harness.Expect("P. 1:11 ack 1");
    }

    [Fact]
    public void Data_on_a_SYN_is_kept_and_delivered_once_established()
    {
        TcpHarness harness = new(TcpHarness.Plain);
        harness.Listen("S 0:0 win 5000 <mss 900>");
        harness.In(". 1:1 ack 1");
        Assert.Equal(0, harness.Connection.ReadableBytes);

        TcpHarness withData = new(TcpHarness.Plain);
        withData.Listen("S 0:3 win 5000 <mss 900>");
        Assert.Equal(0, withData.Connection.ReadableBytes);
        int acknowledged = withData.Take()[0].Acknowledgment;
        Assert.Contains(acknowledged, new[] { 1, 4 });
        withData.In(acknowledged == 1 ? "P. 1:4 ack 1" : ". 4:4 ack 1");
        Assert.Equal(3, withData.Read());
        Assert.Equal(1, withData.ReadableEvents);
    }

    [Fact]
    public void What_was_written_while_opening_leaves_with_the_first_ACK()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynSent);
        Assert.Equal(5, harness.Write(5));
        harness.ExpectNone();
        harness.In("S. 0:0 ack 1 win 65535 <mss 1000>");
        harness.Expect("P. 1:6 ack 1");
    }

    [Fact]
    public void Closing_while_opening_ends_it_and_a_FIN_follows_a_passive_handshake()
    {
        TcpHarness active = TcpHarness.In(TcpState.SynSent);
        active.Connection.Shutdown(active.Now);
        Assert.Equal(TcpState.Closed, active.State);
        active.ExpectNone();

        TcpHarness passive = TcpHarness.In(TcpState.SynReceived);
        passive.Write(3);
        passive.Connection.Shutdown(passive.Now);
        passive.ExpectNone();
        passive.In(". 1:1 ack 1");
        passive.Expect("FP. 1:4 ack 1");
        Assert.Equal(TcpState.FinWait1, passive.State);
    }

    [Fact]
    public void The_handshake_measures_the_round_trip_unless_it_was_repeated()
    {
        TcpHarness once = TcpHarness.In(TcpState.SynSent);
        once.Advance(0.3);
        once.In("S. 0:0 ack 1");
        Assert.Equal(300, once.Info.SmoothedRtt.TotalMilliseconds);
        // RFC 6298, 2.2: SRTT + 4 x RTT/2.
        Assert.Equal(900, once.Info.RetransmissionTimeout.TotalMilliseconds);

        TcpHarness twice = TcpHarness.In(TcpState.SynSent);
        twice.Advance(1.3);
        twice.In("S. 0:0 ack 1");
        Assert.Equal(0, twice.Info.SmoothedRtt.TotalMilliseconds);
        // RFC 6298, 5.7.
        Assert.Equal(3000, twice.Info.RetransmissionTimeout.TotalMilliseconds);
    }

    [Fact]
    public void A_user_timeout_ends_an_open_that_nobody_answers()
    {
        TcpHarness harness = new(TcpHarness.Plain with { UserTimeout = System.TimeSpan.FromSeconds(2.5) });
        harness.Connect();
        harness.Advance(10);
        Assert.Equal(TcpCloseReason.TimedOut, harness.Closed);
        Assert.True(harness.Take().Count <= 3);
    }

    [Fact]
    public void Numbers_just_below_the_wrap_open_like_any_others()
    {
        foreach (uint iss in new uint[] { uint.MaxValue, uint.MaxValue - 1, 0, 0x7FFF_FFFF, 0x8000_0000 })
        {
            TcpHarness harness = TcpHarness.Established(TcpHarness.Plain, iss: iss, irs: iss);
            harness.Write(10);
            harness.Expect("P. 1:11 ack 1");
            harness.In("P. 1:11 ack 11");
            Assert.Equal(10, harness.Read());
            Assert.Equal(11, harness.SendUnacknowledged);
        }
    }

    private static List<double> Times(TcpHarness harness)
    {
        List<double> times = harness.Take().Select(s => (s.At - harness.Start).TotalSeconds).ToList();
        while (harness.State != TcpState.Closed)
        {
            harness.AdvanceToOutput();
            times.AddRange(harness.Take().Select(s => (s.At - harness.Start).TotalSeconds));
        }

        return times;
    }
}
