using System;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>When data is acknowledged: RFC 9293, 3.8.6.3 and RFC 5681, 4.2.</summary>
public class DelayedAckTests
{
    [Fact]
    public void A_single_segment_waits_for_the_timer()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:1001 ack 1");
        harness.ExpectNone();
        harness.Advance(0.039);
        harness.ExpectNone();
        harness.Advance(0.002);
        harness.Expect(". 1:1 ack 1001");
    }

    [Fact]
    public void Every_second_full_segment_is_acknowledged_at_once()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 10; i++)
        {
            harness.In($"P. {1 + (i * 1000)}:{1001 + (i * 1000)} ack 1");
            harness.Expect(i % 2 == 0 ? [] : [$". 1:1 ack {1001 + (i * 1000)}"]);
            harness.Read();
        }
    }

    [Fact]
    public void Small_segments_do_not_push_the_timer_back()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 5; i++)
        {
            harness.In($"P. {1 + i}:{2 + i} ack 1");
            harness.Advance(0.009);
        }

        harness.Expect(". 1:1 ack 6");
    }

    [Theory]
    [InlineData(TcpProfile.Linux)]
    [InlineData(TcpProfile.FreeBSD)]
    [InlineData(TcpProfile.Rfc)]
    public void No_profile_waits_half_a_second(TcpProfile profile)
    {
        TcpHarness harness = TcpHarness.Established(
            TcpSettings.For(profile) with { Timestamps = false, Sack = false, WindowScaling = false, QuickAcks = 0 });
        harness.In("P. 1:1001 ack 1");
        harness.Advance(0.499);
        harness.Expect(". 1:1 ack 1001");
    }

    [Fact]
    public void Data_out_of_order_and_data_that_fills_a_gap_are_acknowledged_at_once()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 11:21 ack 1");
        harness.Expect(". 1:1 ack 1");
        harness.In("P. 31:41 ack 1");
        harness.Expect(". 1:1 ack 1");
        harness.In("P. 1:11 ack 1");
        harness.Expect(". 1:1 ack 21");
        harness.In("P. 21:31 ack 1");
        harness.Expect(". 1:1 ack 41");
    }

    [Fact]
    public void An_answer_carries_the_acknowledgment()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        harness.In("P. 1:101 ack 1");
        harness.Write(10);
        harness.Expect("P. 1:11 ack 101");
        harness.Advance(0.1);
        harness.ExpectNone();
    }

    [Fact]
    public void The_first_segments_of_a_connection_are_acknowledged_at_once_until_it_turns_out_to_be_a_dialogue()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { QuickAcks = 16 });
        for (int i = 0; i < 3; i++)
        {
            harness.In($"P. {1 + (i * 10)}:{11 + (i * 10)} ack 1");
            harness.Expect($". 1:1 ack {11 + (i * 10)}");
        }

        harness.Read();
        harness.Write(5);
        harness.Take();
        harness.In("P. 31:41 ack 6");
        harness.ExpectNone();
        harness.Advance(0.05);
        harness.Expect(". 6:6 ack 41");
    }

    [Fact]
    public void Without_delay_every_segment_is_acknowledged()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { DelayedAck = false });
        harness.In("P. 1:2 ack 1");
        harness.Expect(". 1:1 ack 2");
        harness.In("P. 2:3 ack 1");
        harness.Expect(". 1:1 ack 3");
    }

    [Fact]
    public void A_pure_acknowledgment_is_never_acknowledged()
    {
        foreach (TcpState state in TcpHarness.SynchronizedStates)
        {
            TcpHarness harness = TcpHarness.In(state);
            for (int i = 0; i < 5; i++)
            {
                harness.In($". {harness.ReceiveNext}:{harness.ReceiveNext} ack {harness.SendUnacknowledged}");
            }

            harness.Advance(0.15);
            Assert.DoesNotContain(harness.Take(), s => s.Flags == TcpFlags.Ack);
        }
    }

    [Fact]
    public void A_batch_of_segments_gets_one_acknowledgment()
    {
        TcpHarness harness = TcpHarness.In(TcpState.Established);
        for (int i = 0; i < 8; i++)
        {
            harness.In($"P. {1 + (i * 1000)}:{1001 + (i * 1000)} ack 1", moreFollow: true);
        }

        harness.ExpectNone();
        harness.Connection.Flush(harness.Now);
        harness.Expect(". 1:1 ack 8001");
    }

    [Fact]
    public void Reading_what_fills_the_buffer_opens_the_window_at_once()
    {
        TcpHarness harness = TcpHarness.Established(TcpHarness.Plain with { ReceiveBufferSize = 4000 });
        harness.In("P. 1:2001 ack 1");
        harness.In("P. 2001:4001 ack 1");
        Assert.Equal(0, harness.Take()[^1].Window);
        harness.Read(2000);
        harness.Expect(". 1:1 ack 4001 win 2000");
    }
}
