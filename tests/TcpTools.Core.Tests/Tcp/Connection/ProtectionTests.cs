using System;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Timestamps and PAWS (RFC 7323), blind attacks (RFC 5961), ICMP (RFC 5927 and 1191), keep-alive (RFC 9293, 3.8.4).</summary>
public class ProtectionTests
{
    private static readonly TcpSettings Stamped = TcpHarness.WithTimestamps;

    [Fact]
    public void Data_with_an_old_timestamp_is_dropped_and_acknowledged()
    {
        TcpHarness harness = TcpHarness.Established(Stamped);
        harness.In("P. 1:11 ack 1 <nop,nop,TS 500 0>");
        harness.Take();
        harness.In("P. 11:21 ack 1 <nop,nop,TS 499 0>");
        harness.Expect(". 1:1 ack 11 <nop,nop,TS 0 500>");
        Assert.Equal(10, harness.Read());
        Assert.Equal(1, harness.Info.PawsDrops);
        harness.In("P. 11:21 ack 1 <nop,nop,TS 500 0>");
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void A_reset_needs_no_good_timestamp()
    {
        TcpHarness harness = TcpHarness.Established(Stamped);
        harness.In("R 1:1 <nop,nop,TS 1 0>");
        Assert.Equal(TcpState.Closed, harness.State);
        TcpHarness without = TcpHarness.Established(Stamped with { DropSegmentsWithoutTimestamps = true });
        without.In("R 1:1");
        Assert.Equal(TcpState.Closed, without.State);
    }

    [Fact]
    public void After_24_days_an_old_timestamp_is_believed_again()
    {
        TcpHarness harness = TcpHarness.Established(Stamped);
        harness.Advance(TimeSpan.FromDays(25).TotalSeconds);
        harness.In("P. 1:11 ack 1 <nop,nop,TS 50 0>");
        Assert.Equal(10, harness.Read());
    }

    [Fact]
    public void Timestamps_wrap()
    {
        TcpHarness harness = new(Stamped);
        harness.Listen("S 0:0 win 65535 <mss 1000,TS 4294967290 ->");
        harness.In("P. 1:11 ack 1 <nop,nop,TS 4294967295 0>");
        harness.Advance(0.1);
        harness.In("P. 11:21 ack 1 <nop,nop,TS 3 0>");
        harness.Advance(0.1);
        Assert.Equal(20, harness.Read());
        harness.In("P. 21:31 ack 1 <nop,nop,TS 4294967295 0>");
        Assert.Equal(0, harness.Read());
    }

    [Fact]
    public void A_segment_without_timestamps_counts_unless_the_profile_follows_the_letter()
    {
        TcpHarness linux = TcpHarness.Established(Stamped);
        linux.In("P. 1:11 ack 1");
        Assert.Equal(10, linux.Read());
        TcpHarness rfc = TcpHarness.Established(Stamped with { DropSegmentsWithoutTimestamps = true });
        rfc.In("P. 1:11 ack 1");
        Assert.Equal(0, rfc.Read());
    }

    [Fact]
    public void The_echo_is_of_the_segment_that_the_acknowledgment_answers()
    {
        TcpHarness harness = TcpHarness.Established(Stamped);
        // RFC 7323, 4.3 (C): delayed ACK echoes the earliest unacknowledged.
        harness.In("P. 1:101 ack 1 <nop,nop,TS 110 0>");
        harness.In("P. 101:201 ack 1 <nop,nop,TS 120 0>");
        harness.Advance(0.1);
        harness.Expect(". 1:1 ack 201 <nop,nop,TS 40 110>");
        // (B): a hole; the echo stays with the last segment in order, and follows the one that fills the hole.
        harness.In("P. 301:401 ack 1 <nop,nop,TS 130 0>");
        Assert.EndsWith(" 110", harness.Take()[^1].Options, StringComparison.Ordinal);
        harness.In("P. 201:301 ack 1 <nop,nop,TS 140 0>");
        Assert.EndsWith(" 140", harness.Take()[^1].Options, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_segment_carries_timestamps_once_agreed_and_none_otherwise()
    {
        TcpHarness with = TcpHarness.Established(Stamped);
        with.Write(3000);
        with.Connection.Shutdown(with.Now);
        Assert.All(with.Take(), s => Assert.StartsWith("nop,nop,TS ", s.Options, StringComparison.Ordinal));

        TcpHarness without = new(TcpSettings.Default);
        without.Listen("S 0:0 win 65535 <mss 1000>");
        without.In(". 1:1 ack 1");
        without.Take();
        without.Write(3000);
        Assert.All(without.Take(), s => Assert.Empty(s.Options));
    }

    [Theory]
    [InlineData("R 2:2")]
    [InlineData("S 100:100")]
    [InlineData(". 1:1 ack 5000")]
    [InlineData(". 1:1 ack -100000")]
    public void Challenges_are_limited_in_rate(string segment)
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 1000; i++)
        {
            harness.In(segment);
            harness.Advance(0.001);
        }

        Assert.Equal(2, harness.Take().Count);
        Assert.Equal(TcpState.Established, harness.State);
        Assert.Equal(2, harness.Info.ChallengeAcks);
    }

    [Fact]
    public void Acknowledgments_outside_the_window_are_limited_in_rate_but_data_is_always_answered()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 100; i++)
        {
            harness.In(". 100000:100000 ack 1");
        }

        Assert.Single(harness.Take());
        for (int i = 0; i < 10; i++)
        {
            harness.In("P. 100000:100010 ack 1");
        }

        Assert.Equal(10, harness.Take().Count);
    }

    [Fact]
    public void Two_ends_that_disagree_do_not_answer_each_other_for_ever()
    {
        TcpHarness left = TcpHarness.In(TcpState.Established);
        left.In(". 90000:90000 ack 1");
        Assert.Single(left.Take());
        left.In(". 90000:90000 ack 1");
        left.ExpectNone();
        left.Advance(0.6);
        left.In(". 90000:90000 ack 1");
        Assert.Single(left.Take());
    }

    [Theory]
    [InlineData(TcpState.SynSent, TcpPathError.PortUnreachable, true)]
    [InlineData(TcpState.SynReceived, TcpPathError.PortUnreachable, true)]
    [InlineData(TcpState.SynSent, TcpPathError.HostUnreachable, false)]
    [InlineData(TcpState.SynSent, TcpPathError.TimeExceeded, false)]
    [InlineData(TcpState.SynSent, TcpPathError.ParameterProblem, false)]
    [InlineData(TcpState.Established, TcpPathError.PortUnreachable, false)]
    [InlineData(TcpState.FinWait1, TcpPathError.PortUnreachable, false)]
    [InlineData(TcpState.LastAck, TcpPathError.HostUnreachable, false)]
    [InlineData(TcpState.Closing, TcpPathError.PortUnreachable, false)]
    public void Hard_ICMP_errors_end_only_what_is_not_yet_established(TcpState state, TcpPathError error, bool ends)
    {
        TcpHarness harness = TcpHarness.In(state);
        if (state == TcpState.Established)
        {
            harness.Write(10);
        }

        harness.Connection.OnIcmpError(error, harness.Iss + (uint)harness.SendUnacknowledged, 0, harness.Now);
        Assert.Equal(ends ? TcpState.Closed : state, harness.State);
        if (ends)
        {
            Assert.Equal(TcpCloseReason.Refused, harness.Closed);
        }
        else
        {
            Assert.NotEmpty(harness.Info.LastError);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void An_ICMP_error_that_quotes_nothing_outstanding_is_ignored(int offset)
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynSent);
        harness.Connection.OnIcmpError(TcpPathError.PortUnreachable, harness.Iss + offset, 0, harness.Now);
        Assert.Equal(TcpState.SynSent, harness.State);
    }

    [Fact]
    public void A_soft_error_becomes_the_reason_when_opening_fails()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynSent);
        harness.Connection.OnIcmpError(TcpPathError.HostUnreachable, harness.Iss, 0, harness.Now);
        harness.Advance(1000);
        Assert.Equal(TcpCloseReason.Unreachable, harness.Closed);
    }

    [Fact]
    public void A_segment_too_big_for_the_path_goes_out_again_in_smaller_ones()
    {
        TcpHarness harness = TcpHarness.Established(mss: 1460);
        harness.Write(2920);
        harness.Take();
        harness.PathMtu = 1000;
        harness.Connection.OnIcmpError(TcpPathError.MessageTooBig, harness.Iss + 1, 1000, harness.Now);
        Assert.Equal(960, harness.Info.SendMaximumSegment);
        SentRecord[] again = [.. harness.Take()];
        Assert.Equal(1, again[0].Sequence);
        Assert.All(again, s => Assert.True(s.Payload.Length <= 960));
        Assert.Equal(0, harness.Info.Timeouts);
        for (int i = 0; i < 10 && harness.SendUnacknowledged < 2921; i++)
        {
            harness.In($". 1:1 ack {Math.Min(2921, harness.SendUnacknowledged + 960)}");
        }

        Assert.True(harness.Connection.IsDrained);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(68)]
    [InlineData(1500)]
    [InlineData(9000)]
    public void A_path_MTU_that_makes_no_sense_changes_nothing(int mtu)
    {
        TcpHarness harness = TcpHarness.Established(mss: 1460);
        harness.Write(1460);
        harness.Take();
        harness.Connection.OnIcmpError(TcpPathError.MessageTooBig, harness.Iss + 1, mtu, harness.Now);
        Assert.Equal(1460, harness.Info.SendMaximumSegment);
        harness.ExpectNone();
    }

    [Fact]
    public void Keep_alive_is_off_unless_asked_for()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.Advance(TimeSpan.FromDays(10).TotalSeconds);
        harness.ExpectNone();
        Assert.Equal(TcpState.Established, harness.State);
    }

    [Fact]
    public void Keep_alive_probes_after_two_hours_and_gives_up_after_nine()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established, TcpHarness.Plain with { KeepAlive = true });
        Assert.Equal(7200, harness.AdvanceToOutput(), 3);
        harness.Expect(". 0:0 ack 1");
        harness.In(". 1:1 ack 1");
        Assert.Equal(7200, harness.AdvanceToOutput(), 3);
        for (int i = 1; i < 9; i++)
        {
            Assert.Equal(75, harness.AdvanceToOutput(), 3);
        }

        Assert.Equal(TcpState.Established, harness.State);
        harness.Take();
        harness.Advance(76);
        Assert.Equal(TcpCloseReason.KeepAliveTimedOut, harness.Closed);
        Assert.True(harness.Take()[^1].Has(TcpFlags.Rst));
    }

    [Fact]
    public void Keep_alive_can_be_changed_while_the_connection_lives()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.Connection.SetKeepAlive(true, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), 2, harness.Now);
        Assert.Equal(10, harness.AdvanceToOutput(), 3);
        harness.Connection.SetKeepAlive(false, null, null, null, harness.Now);
        harness.Take();
        harness.Advance(100);
        harness.ExpectNone();
    }

    [Fact]
    public void A_keep_alive_probe_with_or_without_a_byte_is_answered()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In(". 0:0 ack 1");
        harness.Expect(". 1:1 ack 1");
        harness.In(". 0:1 ack 1");
        harness.Expect(". 1:1 ack 1");
        Assert.Equal(0, harness.Connection.ReadableBytes);
    }
}
