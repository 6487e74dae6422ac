using System.Collections.Generic;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>State x segment x place at both window edges x acknowledgment, against <see cref="ArrivalOracle"/>.</summary>
public class ArrivalTableTests
{
    private static readonly (string Name, TcpFlags Flags, int Payload)[] Kinds =
    [
        ("RST", TcpFlags.Rst, 0),
        ("RST-ACK", TcpFlags.Rst | TcpFlags.Ack, 0),
        ("SYN", TcpFlags.Syn, 0),
        ("SYN-data", TcpFlags.Syn, 10),
        ("SYN-ACK", TcpFlags.Syn | TcpFlags.Ack, 0),
        ("ACK", TcpFlags.Ack, 0),
        ("data", TcpFlags.Ack | TcpFlags.Psh, 10),
        ("data-no-ACK", TcpFlags.Psh, 10),
        ("FIN", TcpFlags.Fin | TcpFlags.Ack, 0),
        ("FIN-data", TcpFlags.Fin | TcpFlags.Ack, 10),
        ("FIN-no-ACK", TcpFlags.Fin, 0),
        ("none", TcpFlags.None, 0),
    ];

    public static TheoryData<TcpState, string, uint, uint> Rows()
    {
        TheoryData<TcpState, string, uint, uint> rows = [];
        foreach (TcpState state in TcpHarness.LiveStates.Where(s => s != TcpState.SynSent))
        {
            foreach ((string name, _, _) in Kinds)
            {
                rows.Add(state, name, 1000, 5_000_000);
                // Both sequence spaces wrap within the windows tried.
                rows.Add(state, name, 0xFFFF_FFFE, 0xFFFF_FFFE);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_segment_gets_the_answer_that_the_RFCs_demand(TcpState state, string kind, uint iss, uint irs)
    {
        (_, TcpFlags flags, int payload) = Kinds.Single(k => k.Name == kind);
        List<string> failures = [];
        TcpHarness reference = TcpHarness.In(state, null, iss, irs);
        int next = reference.ReceiveNext;
        int window = (int)reference.Info.ReceiveWindow;
        foreach (int sequence in Places(next, window))
        {
            foreach (int acknowledgment in Acknowledgments(reference))
            {
                Try(state, iss, irs, flags, payload, sequence, acknowledgment, failures);
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures.Take(20)));
    }

    private static IEnumerable<int> Places(int next, int window) =>
        new[] { next - 11, next - 10, next - 1, next, next + 1, next + 2 }
            .Concat([next + window - 1, next + window, next + window + 1, next + window + 2]).Distinct();

    private static IEnumerable<int> Acknowledgments(TcpHarness harness) =>
        new[]
        {
            harness.SendUnacknowledged - 65536, harness.SendUnacknowledged - 65535, harness.SendUnacknowledged - 1,
            harness.SendUnacknowledged, harness.SendNext, harness.SendNext + 1, harness.SendNext + 2,
        }.Distinct();

    private static void Try(
        TcpState state, uint iss, uint irs, TcpFlags flags, int payload, int sequence, int acknowledgment, List<string> failures)
    {
        TcpHarness harness = TcpHarness.In(state, null, iss, irs);
        ArrivalOracle oracle = new(
            state, harness.ReceiveNext, (int)harness.Info.ReceiveWindow, harness.SendUnacknowledged, harness.SendNext, 65535);
        (Reply reply, TcpState after) = oracle.Judge(flags, sequence, payload, acknowledgment);
        string line = $"{SegmentText.FormatFlags(flags)} {sequence}:{sequence + payload} ack {acknowledgment}";
        harness.In(line);
        IReadOnlyList<SentRecord> sent = harness.Take();
        Reply actual = sent.Count == 0 ? Reply.None : KindOf(sent[0]);
        bool numbersFit = sent.Count <= 1 && sent.All(s => Fits(s, harness, acknowledgment));
        if (actual != reply || harness.State != after || !numbersFit)
        {
            failures.Add(
                $"{state}: {line} (RCV.NXT {oracle.ReceiveNext}, window {oracle.Window}): expected {reply} and {after}, "
                + $"got [{string.Join("; ", sent)}] and {harness.State}");
        }
    }

    private static Reply KindOf(SentRecord record) =>
        record.Has(TcpFlags.Rst) ? Reply.Reset : record.Has(TcpFlags.Syn) ? Reply.SynAck : Reply.Ack;

    private static bool Fits(SentRecord record, TcpHarness harness, int acknowledgment) =>
        KindOf(record) switch
        {
            Reply.Reset => record.Sequence == acknowledgment && !record.Has(TcpFlags.Ack),
            Reply.SynAck => record.Sequence == 0 && record.Acknowledgment == 1,
            _ => record.Sequence == harness.SendNext && record.Acknowledgment == harness.ReceiveNext && record.Flags == TcpFlags.Ack,
        };

    [Theory]
    [InlineData("S. 0:0 ack 1", TcpState.Established, ". 1:1 ack 1")]
    [InlineData("S. 0:0 ack 0", TcpState.SynSent, "R 0:0")]
    [InlineData("S. 0:0 ack 2", TcpState.SynSent, "R 2:2")]
    [InlineData(". 0:0 ack 0", TcpState.SynSent, "R 0:0")]
    [InlineData(". 0:0 ack 1", TcpState.SynSent, "")]
    [InlineData(". 0:0 ack 2", TcpState.SynSent, "R 2:2")]
    [InlineData("P. 1:11 ack 2", TcpState.SynSent, "R 2:2")]
    [InlineData("F. 1:1 ack 1", TcpState.SynSent, "")]
    [InlineData("R. 0:0 ack 1", TcpState.Closed, "")]
    [InlineData("R. 77:77 ack 1", TcpState.Closed, "")]
    [InlineData("R. 0:0 ack 0", TcpState.SynSent, "")]
    [InlineData("R. 0:0 ack 2", TcpState.SynSent, "")]
    [InlineData("R 0:0", TcpState.SynSent, "")]
    [InlineData("R 1:1", TcpState.SynSent, "")]
    [InlineData("S 0:0", TcpState.SynReceived, "S. 0:0 ack 1")]
    [InlineData("S 0:10", TcpState.SynReceived, "S. 0:0 ack 1")]
    [InlineData("S. 0:10 ack 1", TcpState.Established, ". 1:1 ack 11")]
    [InlineData("SF. 0:10 ack 1", TcpState.CloseWait, ". 1:1 ack 12")]
    [InlineData("SR 0:0", TcpState.SynSent, "")]
    [InlineData("SR. 0:0 ack 1", TcpState.Closed, "")]
    [InlineData("F 0:0", TcpState.SynSent, "")]
    [InlineData("- 0:0", TcpState.SynSent, "")]
    [InlineData("P 0:10", TcpState.SynSent, "")]
    public void Syn_sent_follows_section_3_10_7_3(string segment, TcpState state, string reply)
    {
        foreach ((uint iss, uint irs) in new[] { (1000u, 5_000_000u), (uint.MaxValue, uint.MaxValue), (0u, 0u) })
        {
            TcpHarness harness = TcpHarness.In(TcpState.SynSent, null, iss, irs);
            harness.In(segment);
            Assert.Equal(state, harness.State);
            harness.Expect(reply.Length > 0 ? [reply] : []);
        }
    }

    [Fact]
    public void A_refused_connection_says_so_and_a_wrong_reset_changes_nothing()
    {
        TcpHarness harness = TcpHarness.In(TcpState.SynSent);
        harness.In("R. 0:0 ack 1");
        Assert.Equal(TcpCloseReason.Refused, harness.Closed);
        Assert.True(harness.Deadline.IsNever);
    }

    public static TheoryData<TcpState> ClosedBy() => new(TcpHarness.SynchronizedStates);

    [Theory]
    [MemberData(nameof(ClosedBy))]
    public void An_exact_reset_ends_every_state_with_its_reason_and_no_timer(TcpState state)
    {
        TcpHarness harness = TcpHarness.In(state);
        harness.In($"R {harness.ReceiveNext}:{harness.ReceiveNext}");
        Assert.Equal(TcpState.Closed, harness.State);
        bool isOver = state is TcpState.Closing or TcpState.LastAck or TcpState.TimeWait;
        Assert.Equal(isOver ? TcpCloseReason.Finished : TcpCloseReason.ResetByPeer, harness.Closed);
        Assert.True(harness.Deadline.IsNever);
        Assert.Equal(0, harness.Slabs.Outstanding);
        harness.ExpectNone();
    }

    [Fact]
    public void A_reset_into_time_wait_is_ignored_when_RFC_1337_is_asked_for()
    {
        TcpHarness harness = TcpHarness.In(TcpState.TimeWait, TcpHarness.Plain with { Rfc1337 = true });
        harness.In($"R {harness.ReceiveNext}:{harness.ReceiveNext}");
        Assert.Equal(TcpState.TimeWait, harness.State);
    }

    [Fact]
    public void A_reset_of_an_unfinished_handshake_never_reaches_the_listener()
    {
        TcpHarness passive = TcpHarness.In(TcpState.SynReceived);
        passive.In("R 1:1");
        Assert.Equal(TcpCloseReason.ResetByPeer, passive.Closed);
        TcpHarness active = TcpHarness.In(TcpState.SynSent);
        active.In("S 0:0");
        active.Take();
        active.In("R 1:1");
        Assert.Equal(TcpCloseReason.Refused, active.Closed);
    }

    [Fact]
    public void A_closed_connection_answers_nothing()
    {
        TcpHarness harness = new();
        harness.In("S 0:0");
        harness.In(". 1:1 ack 1");
        harness.In("R 1:1");
        harness.ExpectNone();
    }
}
