using System;
using TcpTools.Packets;

namespace TcpTools.Probing;

/// <summary>How far a probe has come.</summary>
internal enum ProbeState : byte
{
    /// <summary>It is still to be sent, or sent again.</summary>
    Queued,

    /// <summary>It has been sent and may be answered.</summary>
    Waiting,

    /// <summary>Its time ran out; it waits for the end of the round.</summary>
    Parked,

    /// <summary>Its result has been given, or nobody wants it any more.</summary>
    Done,
}

/// <summary>A probe on its way.</summary>
internal sealed class ProbeEntry
{
    public Packet Probe { get; init; } = null!;

    public byte[] Frame { get; init; } = [];

    public PacketStart Start { get; init; }

    public object? Tag { get; init; }

    public long Number { get; init; }

    public PacketOutline Outline { get; init; }

    public ProbeState State { get; set; }

    public int Attempts { get; set; }

    /// <summary>Whether it was sent a moment ago and has not been answered: <see cref="FlowGate"/>.</summary>
    public bool IsRecent { get; set; }

    /// <summary>How many replies it has had.</summary>
    public int Replies { get; set; }

    /// <summary>When it was sent last.</summary>
    public Instant SentAt { get; set; }

    public ProbeLink? AnswerLink { get; set; }

    public ProbeLink? QuotationLink { get; set; }
}
