using System;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>One kind of thing that happens in a step of a stack.</summary>
public enum StepEventKind
{
    /// <summary>A frame came in from the link.</summary>
    FrameReceived,

    /// <summary>A frame that had arrived was thrown away instead of delivered, as if the network had lost it.</summary>
    FrameDiscarded,

    /// <summary>A frame that had arrived was set aside, so that others overtake it.</summary>
    FrameHeld,

    /// <summary>A timer ran out.</summary>
    TimerFired,

    /// <summary>Something that the user had asked for was done: an open, a write, a shutdown, a close; or a read took data.</summary>
    ApplicationCall,

    /// <summary>A TCP segment was handed to the link.</summary>
    SegmentSent,

    /// <summary>A packet other than a TCP segment was handed to the link.</summary>
    PacketSent,

    /// <summary>A connection moved from one state to another.</summary>
    StateChanged,

    /// <summary>A timer was set, or set anew.</summary>
    TimerSet,

    /// <summary>A timer was stopped before it ran out.</summary>
    TimerStopped,

    /// <summary>A variable of the connection, such as a window, has another value.</summary>
    ValueChanged,

    /// <summary>The user was told: there is data to read, the peer has finished, a connection can be accepted.</summary>
    ApplicationTold,

    /// <summary>A connection ended.</summary>
    SessionClosed,

    /// <summary>A hook has changed, dropped, delayed, duplicated or answered a packet.</summary>
    HookActed,

    /// <summary>The clock was moved on.</summary>
    TimeAdvanced,
}

/// <summary>The timers of a connection.</summary>
public enum StepTimer
{
    /// <summary>What is unacknowledged is sent again when it runs out (RFC 6298).</summary>
    Retransmission,

    /// <summary>An acknowledgment is sent when it runs out (RFC 9293, 3.8.6.3).</summary>
    DelayedAck,

    /// <summary>A closed window is probed, or a small one used, when it runs out (RFC 9293, 3.8.6.1).</summary>
    Persist,

    /// <summary>A silent peer is probed when it runs out (RFC 9293, 3.8.4).</summary>
    KeepAlive,

    /// <summary>TIME-WAIT ends when it runs out (RFC 9293, 3.6).</summary>
    TimeWait,

    /// <summary>A connection in FIN-WAIT-2 that nobody holds any more ends when it runs out.</summary>
    FinWait2,

    /// <summary>A closed session that has not got rid of its data is reset when it runs out.</summary>
    Linger,
}

/// <summary>One thing that happened in a step.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Time">When, on the stack's clock.</param>
/// <param name="SessionId">The connection concerned, or 0.</param>
/// <param name="Summary">What happened, in a line for people.</param>
public sealed record StepEvent(StepEventKind Kind, Instant Time, long SessionId, string Summary)
{
    /// <summary>The segment that came or went; null for anything else.</summary>
    public SegmentRecord? Segment { get; init; }

    /// <summary>The segment's sequence number, counted from its sender's first; null where that is not known.</summary>
    public long? RelativeSequence { get; init; }

    /// <summary>The segment's acknowledgment number, counted from its receiver's first; null where there is none.</summary>
    public long? RelativeAcknowledgment { get; init; }

    /// <summary>The state before a change of state.</summary>
    public TcpState? From { get; init; }

    /// <summary>The state after a change of state.</summary>
    public TcpState? To { get; init; }

    /// <summary>The timer that was set, stopped, or ran out.</summary>
    public StepTimer? Timer { get; init; }

    /// <summary>When the timer that was set runs out; when the one that was stopped or fired was to.</summary>
    public Instant? Deadline { get; init; }

    /// <summary>The name of the property of <see cref="TcpInfo"/> that has another value.</summary>
    public string? Property { get; init; }

    /// <summary>The value before.</summary>
    public object? Before { get; init; }

    /// <summary>The value after.</summary>
    public object? After { get; init; }

    /// <summary>The time and the summary.</summary>
    public override string ToString() => $"{Time} {Summary}";
}
