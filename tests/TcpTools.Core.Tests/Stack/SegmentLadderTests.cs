using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>What a person reads from the ladder of an exchange.</summary>
public sealed class SegmentLadderTests
{
    private static readonly FlowKey s_flow =
        new(NetworkAddress.Parse("10.9.0.2"), 40000, NetworkAddress.Parse("10.9.0.1"), 80);

    private readonly List<SegmentRecord> _segments = [];

    [Fact]
    public void A_handshake_shows_directions_relative_numbers_options_and_states()
    {
        Add(SegmentDirection.Out, TcpFlags.Syn, 1000, 0, TcpState.SynSent, options: "mss 1460,sackOK");
        Add(SegmentDirection.In, TcpFlags.Syn | TcpFlags.Ack, 4_294_967_295, 1001, TcpState.Established, options: "mss 1400");
        Add(SegmentDirection.Out, TcpFlags.Ack, 1001, 0, TcpState.Established);
        string[] lines = Lines();
        Assert.Contains("10.9.0.2:40000", lines[0]);
        Assert.EndsWith("10.9.0.1:80", lines[0]);
        Assert.Matches(@"^ +0\.000  SYN-SENT +\|--- SYN seq 0 win 500 -+> *\|$", lines[1]);
        Assert.Contains("mss 1460,sackOK", lines[2]);
        Assert.Matches(@"^ +1\.000  ESTABLISHED +\|<-- SYN,ACK seq 0 ack 1 win 500 -+ *\|$", lines[3]);
        Assert.Contains("mss 1400", lines[4]);
        Assert.Matches(@"\|--- ACK seq 1 ack 1 win 500 -+> *\|$", lines[5]);
    }

    [Fact]
    public void All_rungs_are_equally_wide()
    {
        Add(SegmentDirection.Out, TcpFlags.Syn, 1, 0, TcpState.SynSent, options: new string('o', 90));
        Add(SegmentDirection.In, TcpFlags.Rst | TcpFlags.Ack, 0, 2, TcpState.Closed);
        Assert.Single(Lines().Skip(1).Select(line => line.Length).Distinct());
    }

    [Fact]
    public void Data_sent_a_second_time_is_marked()
    {
        Add(SegmentDirection.Out, TcpFlags.Ack | TcpFlags.Psh, 1, 1, TcpState.Established, length: 100);
        Add(SegmentDirection.Out, TcpFlags.Ack | TcpFlags.Psh, 101, 1, TcpState.Established, length: 100);
        Add(SegmentDirection.Out, TcpFlags.Ack | TcpFlags.Psh, 1, 1, TcpState.Established, length: 100);
        string[] lines = Lines();
        Assert.DoesNotContain("again", lines[2]);
        Assert.Contains("100 bytes, again", lines[3]);
    }

    [Fact]
    public void Sequence_numbers_go_on_through_the_wrap()
    {
        Add(SegmentDirection.Out, TcpFlags.Syn, uint.MaxValue, 0, TcpState.SynSent);
        Add(SegmentDirection.Out, TcpFlags.Ack, 0, 1, TcpState.Established, length: 10);
        Add(SegmentDirection.Out, TcpFlags.Ack | TcpFlags.Fin, 10, 1, TcpState.FinWait1);
        string[] lines = Lines();
        Assert.Contains("ACK seq 1 ack", lines[2]);
        Assert.DoesNotContain("again", lines[2]);
        Assert.Contains("FIN,ACK seq 11 ", lines[3]);
    }

    [Fact]
    public void The_middle_of_a_long_exchange_is_summed_up()
    {
        for (uint i = 0; i < 100; i++)
        {
            Add(SegmentDirection.In, TcpFlags.Ack, 1 + (i * 10), 1, TcpState.Established, length: 10);
        }

        string[] lines = SegmentLadder.Render(_segments, 6).Split('\n');
        Assert.Equal(1 + 6 + 1, lines.Length);
        Assert.Contains("94 segments: 940 bytes in, 0 out", lines[4]);
        Assert.Contains("seq 990 ", lines[^1]);
    }

    [Fact]
    public void Connections_have_a_ladder_each()
    {
        Add(SegmentDirection.Out, TcpFlags.Syn, 1, 0, TcpState.SynSent);
        _segments.Add(_segments[0] with { Flow = s_flow with { LocalPort = 40001 } });
        string text = SegmentLadder.Render(_segments);
        Assert.Contains("10.9.0.2:40000", text);
        Assert.Contains("10.9.0.2:40001", text);
        Assert.Contains("\n\n", text);
    }

    [Fact]
    public void Nothing_recorded_is_an_empty_ladder() => Assert.Equal("", SegmentLadder.Render([]));

    private string[] Lines() => SegmentLadder.Render(_segments).Split('\n');

    private void Add(
        SegmentDirection direction,
        TcpFlags flags,
        uint sequence,
        uint acknowledgment,
        TcpState state,
        int length = 0,
        string options = "") => _segments.Add(new SegmentRecord
        {
            Number = _segments.Count + 1,
            Time = Instant.FromSeconds(5) + TimeSpan.FromMilliseconds(_segments.Count),
            Direction = direction,
            Flow = s_flow,
            Sequence = new SequenceNumber(sequence),
            Acknowledgment = new SequenceNumber(acknowledgment),
            Flags = flags,
            Window = 500,
            Length = length,
            Options = options,
            StateBefore = state,
            StateAfter = state,
        });
}
