using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// Draws recorded segments as a ladder: time runs down, this side stands on the left and the peer on the right, and each
/// segment is an arrow with its sequence numbers, counted from each side's first, and the state that it led to.
/// </summary>
public static class SegmentLadder
{
    private const int LeastWidth = 44;
    private const int Margin = 2;

    /// <summary>The ladder as text, lines separated by a line feed; one ladder after the other for several connections.</summary>
    /// <param name="segments">What was recorded, oldest first.</param>
    /// <param name="maximumSegments">
    /// How many segments of a connection are drawn at most; the middle of a longer exchange becomes one line that says
    /// what was left out. At least 2.
    /// </param>
    public static string Render(IEnumerable<SegmentRecord> segments, int maximumSegments = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumSegments, 2);
        IEnumerable<string> ladders = segments
            .GroupBy(segment => segment.Flow)
            .Select(flow => RenderFlow(flow.Key, [.. flow], maximumSegments));
        return string.Join("\n\n", ladders);
    }

    private static string RenderFlow(FlowKey flow, SegmentRecord[] segments, int maximum)
    {
        Rung[] rungs = Describe(segments);
        int width = Math.Max(LeastWidth, rungs.Max(rung => Math.Max(rung.Label.Length + 8, rung.Note.Length)) + (2 * Margin));
        string local = Socket(flow.LocalAddress, flow.LocalPort);
        string remote = Socket(flow.RemoteAddress, flow.RemotePort);
        StringBuilder text = new();
        text.Append("       ms  state         ");
        text.Append(local).Append(' ', Math.Max(1, width + 2 - local.Length - remote.Length)).Append(remote);
        int head = segments.Length <= maximum ? segments.Length : maximum - (maximum / 2);
        int tail = segments.Length <= maximum ? segments.Length : segments.Length - (maximum / 2);
        for (int i = 0; i < segments.Length; i++)
        {
            if (i == head && head < tail)
            {
                AppendGap(text, segments.AsSpan(head..tail), width);
                i = tail;
            }

            Append(text, segments[i], segments[0].Time, rungs[i], width);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, SegmentRecord segment, Instant start, in Rung rung, int width)
    {
        string label = $" {rung.Label} ";
        string line = new('-', width - label.Length - 4);
        string arrow = segment.Direction == SegmentDirection.Out ? $"---{label}{line}>" : $"<--{label}{line}-";
        text.Append(CultureInfo.InvariantCulture, $"\n{(segment.Time - start).TotalMilliseconds,9:F3}  ");
        text.Append(CultureInfo.InvariantCulture, $"{StateText.NameOf(segment.StateAfter),-12}  |{arrow}|");
        if (rung.Note.Length > 0)
        {
            AppendNote(text, rung.Note, width);
        }
    }

    private static void AppendGap(StringBuilder text, ReadOnlySpan<SegmentRecord> left, int width)
    {
        int bytesIn = 0;
        int bytesOut = 0;
        foreach (SegmentRecord segment in left)
        {
            (segment.Direction == SegmentDirection.In ? ref bytesIn : ref bytesOut) += segment.Length;
        }

        AppendNote(
            text,
            string.Create(CultureInfo.InvariantCulture, $"... {left.Length} segments: {bytesIn} bytes in, {bytesOut} out ..."),
            width);
    }

    private static void AppendNote(StringBuilder text, string note, int width) =>
        text.Append('\n').Append(' ', 25).Append('|').Append(' ', Margin + 2).Append(note.PadRight(width - Margin - 2)).Append('|');

    private static Rung[] Describe(SegmentRecord[] segments)
    {
        Rung[] rungs = new Rung[segments.Length];
        Direction outward = default;
        Direction inward = default;
        for (int i = 0; i < segments.Length; i++)
        {
            SegmentRecord segment = segments[i];
            bool isOut = segment.Direction == SegmentDirection.Out;
            ref Direction own = ref isOut ? ref outward : ref inward;
            ref Direction other = ref isOut ? ref inward : ref outward;
            bool isAcknowledging = (segment.Flags & TcpFlags.Ack) != 0;
            // A reset without a connection may carry numbers that are no part of any sequence (RFC 9293, 3.10.7.1).
            if (!own.IsKnown || (segment.Flags & TcpFlags.Syn) != 0)
            {
                own = own.IsKnown && own.First == segment.Sequence ? own : new Direction(true, segment.Sequence, segment.Sequence);
            }

            if (isAcknowledging && !other.IsKnown)
            {
                other = new Direction(true, segment.Acknowledgment, segment.Acknowledgment);
            }

            int occupied = segment.Length
                + ((segment.Flags & TcpFlags.Syn) != 0 ? 1 : 0)
                + ((segment.Flags & TcpFlags.Fin) != 0 ? 1 : 0);
            bool isRepeated = occupied > 0 && segment.Sequence < own.Next;
            StringBuilder label = new(FlagNames(segment.Flags));
            label.Append(CultureInfo.InvariantCulture, $" seq {Relative(segment.Sequence, own.First)}");
            if (isAcknowledging)
            {
                label.Append(CultureInfo.InvariantCulture, $" ack {Relative(segment.Acknowledgment, other.First)}");
            }

            label.Append(CultureInfo.InvariantCulture, $" win {segment.Window}");
            if (segment.Length > 0)
            {
                label.Append(CultureInfo.InvariantCulture, $", {segment.Length} bytes");
            }

            if (isRepeated)
            {
                label.Append(isOut ? ", again" : ", again or late");
            }

            own.Next = SequenceNumber.Later(own.Next, segment.Sequence + occupied);
            rungs[i] = new Rung(label.ToString(), (segment.Flags & TcpFlags.Syn) != 0 ? segment.Options : "");
        }

        return rungs;
    }

    // Numbers shortly before the first one are keep-alive probes (RFC 9293, 3.8.4), so the distance has a sign.
    private static int Relative(SequenceNumber number, SequenceNumber first) => number - first;

    private static string FlagNames(TcpFlags flags)
    {
        if (flags == TcpFlags.None)
        {
            return "no flags";
        }

        return flags.ToString().Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
    }

    private static string Socket(NetworkAddress address, ushort port) =>
        address.IsIPv6 ? $"[{address}]:{port}" : $"{address}:{port}";

    private readonly record struct Rung(string Label, string Note);

    private record struct Direction(bool IsKnown, SequenceNumber First, SequenceNumber Next);
}
