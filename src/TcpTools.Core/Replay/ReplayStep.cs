using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.Replay;

/// <summary>What became of a packet of a record, or of one that the stack sent.</summary>
public enum ReplayStepKind
{
    /// <summary>A packet for the stack was delivered.</summary>
    Delivered,

    /// <summary>A packet for the stack waits: the stack has not sent what it must have seen.</summary>
    Pending,

    /// <summary>The stack sent what the record has.</summary>
    Same,

    /// <summary>The stack sent it with other fields.</summary>
    Different,

    /// <summary>The stack sent no such packet, but others that say all it says.</summary>
    Covered,

    /// <summary>The stack sent nothing that says what the record has.</summary>
    Missing,

    /// <summary>The stack sent what the record does not have.</summary>
    Extra,
}

/// <summary>One packet of a record, or one that a stack sent beyond it.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Number">Its number in the record; null for what the record does not have.</param>
/// <param name="Time">When it was delivered or sent, on the stack's clock; null when it was not.</param>
/// <param name="Recorded">The packet of the record.</param>
/// <param name="Sent">
/// What the stack sent, in the record's numbers: sequence numbers, ports and timestamps are as if the stack had chosen those of the
/// record.
/// </param>
/// <param name="Differences">The fields in which the two differ.</param>
public sealed record ReplayStep(
    ReplayStepKind Kind, long? Number, Instant? Time, Packet? Recorded, Packet? Sent, IReadOnlyList<PacketDifference> Differences)
{
    /// <summary>Whether the packet goes to the stack rather than comes from it.</summary>
    public bool IsIncoming => Kind is ReplayStepKind.Delivered or ReplayStepKind.Pending;

    /// <summary>The packet in a line, with what is different.</summary>
    public override string ToString()
    {
        string number = Number is { } n ? string.Create(CultureInfo.InvariantCulture, $"{n}. ") : "";
        string differences = Differences.Count == 0 ? "" : $" ({string.Join("; ", Differences.Select(d => d.ToString()))})";
        return $"{number}{(IsIncoming ? "<" : ">")} {Kind}: {Recorded ?? Sent}{differences}";
    }
}

/// <summary>A record beside what a stack did with it.</summary>
/// <param name="Steps">What became of each packet, in the order of the record; what the stack sent beyond it stands at the end.</param>
public sealed record ReplayResult(IReadOnlyList<ReplayStep> Steps)
{
    /// <summary>Whether everything was delivered, and everything sent that the record has.</summary>
    public bool IsFinished => Steps.All(step => step.Kind is not (ReplayStepKind.Pending or ReplayStepKind.Missing));

    /// <summary>Whether the stack sent the very packets of the record, and no others.</summary>
    public bool IsSame => Steps.All(step => step.Kind is ReplayStepKind.Delivered or ReplayStepKind.Same);

    /// <summary>
    /// Whether the stack said the same as the record, if not with the same packets: the same data, the same ends, nothing different. Other
    /// acknowledgments than those of the record are allowed.
    /// </summary>
    public bool IsEquivalent => Steps.All(step => step.Kind
        is ReplayStepKind.Delivered or ReplayStepKind.Same or ReplayStepKind.Covered
        || (step.Kind == ReplayStepKind.Extra && IsBareAcknowledgment(step.Sent!)));

    /// <summary>How many packets there are of each kind.</summary>
    public override string ToString() => string.Join(
        ", ", Steps.GroupBy(s => s.Kind).OrderBy(g => g.Key).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}")));

    private static bool IsBareAcknowledgment(Packet packet) =>
        packet.Tcp is { Flags: Wire.TcpFlags.Ack or (Wire.TcpFlags.Ack | Wire.TcpFlags.Ece) } && packet.Payload is null;
}
