using System.Globalization;
using System.Text;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Which way a segment or a frame went.</summary>
public enum SegmentDirection
{
    /// <summary>From the link to the stack.</summary>
    In,

    /// <summary>From the stack to the link.</summary>
    Out,
}

/// <summary>One TCP segment as a stack saw it pass.</summary>
public sealed record SegmentRecord
{
    /// <summary>The segment's number in the trace, from 1; gaps show what was overwritten.</summary>
    public required long Number { get; init; }

    /// <summary>When it passed, on the stack's clock.</summary>
    public required Instant Time { get; init; }

    /// <summary>Which way it went.</summary>
    public required SegmentDirection Direction { get; init; }

    /// <summary>The connection's two sockets, the local one first whichever way the segment went.</summary>
    public required FlowKey Flow { get; init; }

    /// <summary>The session it belonged to; 0 when to none.</summary>
    public long SessionId { get; init; }

    /// <summary>The sequence number field.</summary>
    public SequenceNumber Sequence { get; init; }

    /// <summary>The acknowledgment number field.</summary>
    public SequenceNumber Acknowledgment { get; init; }

    /// <summary>The control bits.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>The window field, unscaled.</summary>
    public int Window { get; init; }

    /// <summary>The urgent pointer field.</summary>
    public int UrgentPointer { get; init; }

    /// <summary>Bytes of payload.</summary>
    public int Length { get; init; }

    /// <summary>The options in the manner of tcpdump, such as <c>mss 1460,sackOK,TS val 1 ecr 0,wscale 7</c>.</summary>
    public string Options { get; init; } = "";

    /// <summary>The connection's state before the segment was processed; that of sending, for one going out.</summary>
    public TcpState StateBefore { get; init; }

    /// <summary>The connection's state after the segment was processed.</summary>
    public TcpState StateAfter { get; init; }

    /// <summary>One line in the manner of tcpdump.</summary>
    public override string ToString()
    {
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture, $"{Time} {(Direction == SegmentDirection.Out ? '>' : '<')} ");
        line.Append(Direction == SegmentDirection.Out ? Flow : Flow.Reverse());
        line.Append(CultureInfo.InvariantCulture, $" [{DescribeFlags(Flags)}] seq {Sequence}");
        if (Length > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $":{Sequence + Length}");
        }

        if ((Flags & TcpFlags.Ack) != 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" ack {Acknowledgment}");
        }

        line.Append(CultureInfo.InvariantCulture, $" win {Window}");
        if ((Flags & TcpFlags.Urg) != 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" urg {UrgentPointer}");
        }

        if (Options.Length > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $" [{Options}]");
        }

        line.Append(CultureInfo.InvariantCulture, $" length {Length} ({StateBefore}");
        return line.Append(StateAfter == StateBefore ? ")" : $" -> {StateAfter})").ToString();
    }

    /// <summary>The control bits as tcpdump writes them: <c>S</c>, <c>S.</c>, <c>P.</c>, <c>F.</c>, <c>R</c>.</summary>
    internal static string DescribeFlags(TcpFlags flags)
    {
        StringBuilder text = new(9);
        Add(TcpFlags.Fin, 'F');
        Add(TcpFlags.Syn, 'S');
        Add(TcpFlags.Rst, 'R');
        Add(TcpFlags.Psh, 'P');
        Add(TcpFlags.Urg, 'U');
        Add(TcpFlags.Ece, 'E');
        Add(TcpFlags.Cwr, 'W');
        Add(TcpFlags.Ae, 'e');
        Add(TcpFlags.Ack, '.');
        return text.Length == 0 ? "none" : text.ToString();

        void Add(TcpFlags flag, char mark)
        {
            if ((flags & flag) != 0)
            {
                text.Append(mark);
            }
        }
    }
}
