using System;
using System.Globalization;
using System.Text;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Tests.Tcp;

/// <summary>A segment that a connection under test has sent, copied, with numbers made relative.</summary>
internal sealed class SentRecord
{
    public required TcpFlags Flags { get; init; }

    /// <summary>SEG.SEQ relative to our initial sequence number, signed.</summary>
    public required int Sequence { get; init; }

    /// <summary>SEG.ACK relative to the peer's initial sequence number.</summary>
    public required int Acknowledgment { get; init; }

    public required ushort Window { get; init; }

    public required ushort Urgent { get; init; }

    public required string Options { get; init; }

    public required byte[] OptionBytes { get; init; }

    public required byte[] Payload { get; init; }

    public required int SegmentSize { get; init; }

    public required Instant At { get; init; }

    public bool Has(TcpFlags flags) => (Flags & flags) != 0;

    /// <summary>Whether this is what a line of text describes.</summary>
    public bool Matches(SegmentText expected) =>
        Flags == expected.Flags
        && Sequence == (int)expected.Start
        && Payload.Length == expected.Length
        && (expected.Ack is null || Acknowledgment == (int)expected.Ack)
        && (expected.Window is null || Window == expected.Window)
        && (expected.Urgent is null || Urgent == expected.Urgent)
        && (expected.Options is null || Options == expected.Options)
        && Payload.AsSpan().SequenceEqual(expected.MakePayload());

    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{SegmentText.FormatFlags(Flags)} {Sequence}:{Sequence + Payload.Length}({Payload.Length})");
        if (Has(TcpFlags.Ack))
        {
            text.Append(CultureInfo.InvariantCulture, $" ack {Acknowledgment}");
        }

        text.Append(CultureInfo.InvariantCulture, $" win {Window}");
        if (Has(TcpFlags.Urg))
        {
            text.Append(CultureInfo.InvariantCulture, $" urg {Urgent}");
        }

        return Options.Length > 0 ? text.Append(" <").Append(Options).Append('>').ToString() : text.ToString();
    }
}
