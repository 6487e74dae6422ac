using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>LISTEN (RFC 9293, 3.10.7.2), CLOSED (3.10.7.1), and TIME-WAIT's reuse (RFC 6191).</summary>
public class ListenTests
{
    private static ArrivedSegment Segment(TcpFlags flags, uint sequence = 100, uint acknowledgment = 0, int payload = 0) => new()
    {
        Flags = flags,
        Sequence = new SequenceNumber(sequence),
        Acknowledgment = new SequenceNumber(acknowledgment),
        Payload = new byte[payload],
        PacketCount = 1,
    };

    [Theory]
    [InlineData(TcpFlags.Rst, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.Rst | TcpFlags.Ack, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.Rst | TcpFlags.Syn, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.Ack, ListenVerdict.Reset)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack, ListenVerdict.Reset)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack, ListenVerdict.Reset)]
    [InlineData(TcpFlags.Psh | TcpFlags.Ack, ListenVerdict.Reset)]
    [InlineData(TcpFlags.Syn, ListenVerdict.Open)]
    [InlineData(TcpFlags.Syn | TcpFlags.Psh | TcpFlags.Urg, ListenVerdict.Open)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr, ListenVerdict.Open)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.Fin, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.Psh, ListenVerdict.Ignore)]
    [InlineData(TcpFlags.None, ListenVerdict.Ignore)]
    public void A_listener_judges_in_the_order_of_section_3_10_7_2(TcpFlags flags, ListenVerdict verdict)
    {
        TcpListenQueue queue = new(1);
        Assert.Equal(verdict, queue.Judge(Segment(flags)));
    }

    [Fact]
    public void A_full_backlog_drops_SYNs_silently_and_takes_them_again_after_an_accept()
    {
        TcpListenQueue queue = new(2);
        List<TcpHarness> children = [];
        for (int i = 0; i < 2; i++)
        {
            TcpHarness child = TcpHarness.Established();
            children.Add(child);
            queue.Add(child.Connection);
            Assert.True(queue.OnEstablished(child.Connection));
        }

        Assert.Equal(2, queue.Pending);
        Assert.Equal(ListenVerdict.Drop, queue.Judge(Segment(TcpFlags.Syn)));
        Assert.Equal(1, queue.Drops);
        Assert.True(queue.TryAccept(out TcpConnection? first));
        Assert.Same(children[0].Connection, first);
        Assert.Equal(ListenVerdict.Open, queue.Judge(Segment(TcpFlags.Syn)));
    }

    [Fact]
    public void Unfinished_handshakes_have_a_limit_of_their_own()
    {
        TcpListenQueue queue = new(3);
        TcpHarness[] children = [new(), new(), new()];
        foreach (TcpHarness child in children)
        {
            Assert.Equal(ListenVerdict.Open, queue.Judge(Segment(TcpFlags.Syn)));
            queue.Add(child.Connection);
        }

        Assert.Equal(3, queue.SynCount);
        Assert.Equal(ListenVerdict.Drop, queue.Judge(Segment(TcpFlags.Syn)));
        queue.Remove(children[1].Connection);
        Assert.Equal(ListenVerdict.Open, queue.Judge(Segment(TcpFlags.Syn)));
        Assert.False(queue.OnEstablished(children[1].Connection));
        Assert.Equal(2, queue.Clear().Length);
        Assert.False(queue.TryAccept(out _));
    }

    [Theory]
    [InlineData(TcpFlags.Syn, 0, 101, true)]
    [InlineData(TcpFlags.Syn | TcpFlags.Fin, 10, 112, true)]
    [InlineData(TcpFlags.Psh, 10, 110, true)]
    [InlineData(TcpFlags.None, 0, 100, true)]
    [InlineData(TcpFlags.Fin, 0, 101, true)]
    public void A_segment_for_nobody_without_ACK_gets_RST_ACK(TcpFlags flags, int payload, uint acknowledgment, bool hasAck)
    {
        Assert.True(StatelessReset.TryCreate(Segment(flags, 100, 0, payload), out OutgoingSegment reset));
        Assert.Equal(0u, reset.Sequence.Value);
        Assert.Equal(acknowledgment, reset.Acknowledgment.Value);
        Assert.Equal(hasAck, (reset.Flags & TcpFlags.Ack) != 0);
        Assert.True((reset.Flags & TcpFlags.Rst) != 0);
    }

    [Fact]
    public void The_sequence_space_of_a_reset_wraps()
    {
        Assert.True(StatelessReset.TryCreate(Segment(TcpFlags.Syn, uint.MaxValue), out OutgoingSegment reset));
        Assert.Equal(0u, reset.Acknowledgment.Value);
    }

    [Theory]
    [InlineData(TcpFlags.Ack)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData(TcpFlags.Fin | TcpFlags.Ack)]
    public void A_segment_for_nobody_with_ACK_gets_a_bare_RST_at_its_acknowledgment(TcpFlags flags)
    {
        Assert.True(StatelessReset.TryCreate(Segment(flags, 100, 777, 5), out OutgoingSegment reset));
        Assert.Equal(777u, reset.Sequence.Value);
        Assert.Equal(TcpFlags.Rst, reset.Flags);
    }

    [Theory]
    [InlineData(TcpFlags.Rst)]
    [InlineData(TcpFlags.Rst | TcpFlags.Ack)]
    [InlineData(TcpFlags.Rst | TcpFlags.Syn)]
    public void A_reset_is_never_answered(TcpFlags flags) =>
        Assert.False(StatelessReset.TryCreate(Segment(flags), out _));

    [Theory]
    [InlineData("S 2:2", true)] // one beyond RCV.NXT - 1: the FIN was at 1, so 2 is RCV.NXT and not greater
    [InlineData("S 3:3", true)]
    [InlineData("S 1:1", false)]
    [InlineData("S -5:-5", false)]
    [InlineData("S. 3:3 ack 1", false)]
    [InlineData("R 3:3", false)]
    [InlineData(". 3:3 ack 1", false)]
    public void A_new_SYN_replaces_TIME_WAIT_only_with_a_greater_sequence_number(string segment, bool replaces)
    {
        TcpHarness harness = TcpHarness.In(TcpState.TimeWait);
        Assert.Equal(2, harness.ReceiveNext);
        bool expected = replaces && segment != "S 2:2";
        Assert.Equal(expected, harness.MayBeReplacedBy(segment));
    }

    [Theory]
    [InlineData("S 3:3 <TS 101 ->", true)] // newer in both
    [InlineData("S -5:-5 <TS 101 ->", true)] // newer timestamp alone is enough (RFC 6191, 2)
    [InlineData("S 3:3 <TS 100 ->", true)] // same timestamp: the sequence number decides
    [InlineData("S -5:-5 <TS 100 ->", false)]
    [InlineData("S 3:3 <TS 99 ->", false)] // an old duplicate, whatever its sequence number
    [InlineData("S 3:3", true)]
    [InlineData("S -5:-5", false)]
    public void Timestamps_decide_about_reuse_of_TIME_WAIT(string segment, bool replaces)
    {
        TcpHarness harness = TcpHarness.In(TcpState.TimeWait, TcpHarness.WithTimestamps);
        Assert.Equal(replaces, harness.MayBeReplacedBy(segment));
    }

    [Fact]
    public void Only_TIME_WAIT_can_be_replaced()
    {
        foreach (TcpState state in TcpHarness.LiveStates)
        {
            bool expected = state == TcpState.TimeWait;
            Assert.Equal(expected, TcpHarness.In(state).MayBeReplacedBy("S 100000:100000"));
        }
    }
}
