using System.Collections.Generic;
using System.Linq;

namespace TcpTools.Stack;

/// <summary>One thing that happened in a step of a stack.</summary>
public enum StepEventKind
{
    /// <summary>A frame came in from the link.</summary>
    FrameReceived,

    /// <summary>A timer ran out.</summary>
    TimerFired,

    /// <summary>A TCP segment was handed to the link.</summary>
    SegmentSent,

    /// <summary>A packet other than a TCP segment was handed to the link.</summary>
    PacketSent,

    /// <summary>A connection moved from one state to another.</summary>
    StateChanged,

    /// <summary>A connection ended.</summary>
    SessionClosed,

    /// <summary>The clock was moved on.</summary>
    TimeAdvanced,
}

/// <summary>One thing that happened in a step.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Time">When, on the stack's clock.</param>
/// <param name="SessionId">The connection concerned, or 0.</param>
/// <param name="Summary">What happened, in a line for people.</param>
public sealed record StepEvent(StepEventKind Kind, Instant Time, long SessionId, string Summary)
{
    /// <summary>The time and the summary.</summary>
    public override string ToString() => $"{Time} {Summary}";
}

/// <summary>What happened when a stack was moved by one step: at most one frame or one timer, and what followed from it.</summary>
public sealed record StepResult
{
    /// <summary>The time after the step.</summary>
    public required Instant Time { get; init; }

    /// <summary>What happened, in order. Empty when there was nothing to do.</summary>
    public IReadOnlyList<StepEvent> Events { get; init; } = [];

    /// <summary>When the stack has something to do next if nothing arrives before; <see cref="Instant.Never"/> when nothing is due.</summary>
    public Instant NextDeadline { get; init; } = Instant.Never;

    /// <summary>Whether the step found anything to do.</summary>
    public bool DidSomething => Events.Count != 0;

    /// <summary>The events, one a line.</summary>
    public override string ToString() =>
        Events.Count == 0 ? $"{Time} nothing to do" : string.Join('\n', Events.Select(e => e.ToString()));
}
