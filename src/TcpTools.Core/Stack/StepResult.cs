using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>What a step can deliver.</summary>
public enum StepKind
{
    /// <summary>A frame that has arrived.</summary>
    Frame,

    /// <summary>A timer that is due.</summary>
    Timer,

    /// <summary>Something that the user has asked for.</summary>
    Application,
}

/// <summary>What a step does with the frame that it takes.</summary>
public enum StepFrame
{
    /// <summary>The stack gets it.</summary>
    Deliver,

    /// <summary>It is thrown away, as if the network had lost it.</summary>
    Discard,

    /// <summary>It is set aside until <see cref="TcpStack.ReleaseHeldFrames"/>, so that others overtake it.</summary>
    Hold,
}

/// <summary>What a step is to be like.</summary>
public sealed record StepOptions
{
    /// <summary>
    /// What to deliver; null for what comes first: a frame that has arrived, else a timer that is due, else something
    /// that the user has asked for. For <see cref="StepKind.Timer"/> a simulated clock is moved on to the next timer even
    /// while frames wait, and so a frame can be made late.
    /// </summary>
    public StepKind? Kind { get; init; }

    /// <summary>How far a simulated clock may be moved on when nothing is to be done at present; null for as far as it takes.</summary>
    public Instant? Limit { get; init; }

    /// <summary>Ends a step that moves a simulated clock on and on, because others on it are never at rest.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>What becomes of the frame; anything but delivery implies <see cref="StepKind.Frame"/>.</summary>
    public StepFrame Frame { get; init; }
}

/// <summary>What happened when a stack was moved by one step: one frame, one timer or one call of the user's, and what followed from it.</summary>
public sealed record StepResult
{
    /// <summary>The time after the step.</summary>
    public required Instant Time { get; init; }

    /// <summary>The name of the stack that was moved.</summary>
    public string StackName { get; init; } = "";

    /// <summary>What the step delivered; null when there was nothing.</summary>
    public StepKind? Kind { get; init; }

    /// <summary>
    /// What happened, in order. Empty when there was nothing to do. What the user did between this step and the one before,
    /// such as a read, comes first.
    /// </summary>
    public IReadOnlyList<StepEvent> Events { get; init; } = [];

    /// <summary>When the stack has something to do next if nothing arrives before; <see cref="Instant.Never"/> when nothing is due.</summary>
    public Instant NextDeadline { get; init; } = Instant.Never;

    /// <summary>Whether the step found anything to do.</summary>
    public bool DidSomething => Events.Count != 0;

    /// <summary>The events, one a line.</summary>
    public override string ToString() =>
        Events.Count == 0 ? $"{Time} nothing to do" : string.Join('\n', Events.Select(e => e.ToString()));
}

/// <summary>One thing that a step of a stack could deliver.</summary>
public sealed record PendingStep
{
    /// <summary>What kind of thing.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>The name of the stack.</summary>
    public required string StackName { get; init; }

    /// <summary>When it can be delivered: in the past or now, or, for a timer, when it runs out.</summary>
    public required Instant Due { get; init; }

    /// <summary>The connection concerned, or 0.</summary>
    public long SessionId { get; init; }

    /// <summary>What it is, in a line for people.</summary>
    public required string Summary { get; init; }

    /// <summary>The segment in a frame; null for anything else.</summary>
    public SegmentRecord? Segment { get; init; }

    /// <summary>Which timer; null for anything else.</summary>
    public StepTimer? Timer { get; init; }

    /// <summary>Whether it is a frame that was set aside and is not delivered before it is released.</summary>
    public bool IsHeld { get; init; }

    /// <summary>The time and the summary.</summary>
    public override string ToString() => $"{Due} {Summary}";
}
