using System;
using System.Globalization;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>What can happen to a session that somebody may want to know.</summary>
[Flags]
public enum SessionEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The handshake is complete.</summary>
    Opened = 1,

    /// <summary>The connection has moved from one state to another.</summary>
    StateChanged = 2,

    /// <summary>
    /// There is data to read, or the peer has finished. Told once until something is read, however much arrives in the
    /// meantime.
    /// </summary>
    DataAvailable = 4,

    /// <summary>The connection has ended, for whatever reason; TIME-WAIT counts as the end.</summary>
    Closed = 8,

    /// <summary>The peer has reset or refused the connection. <see cref="Closed"/> follows.</summary>
    Reset = 16,

    /// <summary>Something was sent again.</summary>
    Retransmit = 32,

    /// <summary>Nothing goes on: see <see cref="StallReason"/>. Told once until something does.</summary>
    Stall = 64,

    /// <summary>Everything.</summary>
    All = 127,
}

/// <summary>Why nothing goes on.</summary>
public enum StallReason
{
    /// <summary>The retransmission timer has run out twice in a row, and nothing was acknowledged.</summary>
    NoAcknowledgment,

    /// <summary>The peer's window was still closed when it was probed for the second time.</summary>
    ZeroWindow,
}

/// <summary>Something that has happened to a session.</summary>
public sealed class SessionEventArgs : EventArgs
{
    /// <summary>What has happened: one of the flags.</summary>
    public required SessionEvents Kind { get; init; }

    /// <summary>The session.</summary>
    public required TcpSession Session { get; init; }

    /// <summary>When, on the clock of the session's stack.</summary>
    public required Instant Time { get; init; }

    /// <summary>The connection's state right afterwards.</summary>
    public TcpState State { get; init; }

    /// <summary>For a change of state: the one before.</summary>
    public TcpState? From { get; init; }

    /// <summary>For a change of state: the one after.</summary>
    public TcpState? To { get; init; }

    /// <summary>For data: bytes that could be read.</summary>
    public int Available { get; init; }

    /// <summary>For data: whether the peer has finished, so that no more will come.</summary>
    public bool IsPeerFinished { get; init; }

    /// <summary>For the end: why.</summary>
    public TcpCloseReason CloseReason { get; init; }

    /// <summary>For what was sent again: its sequence number, as it stands in the segment.</summary>
    public SequenceNumber? Sequence { get; init; }

    /// <summary>For what was sent again: its bytes of data.</summary>
    public int Length { get; init; }

    /// <summary>For what was sent again: how many segments have been in all.</summary>
    public long Retransmissions { get; init; }

    /// <summary>For a retransmission and a stall: the retransmission timeout, back-off included.</summary>
    public TimeSpan? RetransmissionTimeout { get; init; }

    /// <summary>For a stall: why.</summary>
    public StallReason? StallReason { get; init; }

    /// <summary>For a stall: how long ago the peer last acknowledged something new.</summary>
    public TimeSpan? Silence { get; init; }

    /// <summary>The time, the session and what happened to it, in a line.</summary>
    public override string ToString() => $"{Time} session {Session.Id} {Describe()}";

    /// <summary>What happened, without time and session.</summary>
    internal string Describe() => Kind switch
    {
        SessionEvents.StateChanged => $"{StateText.NameOf(From ?? default)} -> {StateText.NameOf(To ?? default)}",
        SessionEvents.DataAvailable => string.Create(
            CultureInfo.InvariantCulture, $"has {Available} bytes to read{(IsPeerFinished ? ", and the peer has finished" : "")}"),
        SessionEvents.Closed => $"ended: {CloseReason}",
        SessionEvents.Reset => CloseReason == TcpCloseReason.Refused ? "was refused" : "was reset",
        SessionEvents.Retransmit => string.Create(
            CultureInfo.InvariantCulture, $"sent {Length} bytes again, retransmission {Retransmissions}"),
        SessionEvents.Stall => string.Create(
            CultureInfo.InvariantCulture, $"stalls: {StallReason}, for {Silence?.TotalSeconds:0.###} s"),
        _ => "opened",
    };
}

/// <summary>A state that a connection came to.</summary>
/// <param name="State">The state.</param>
/// <param name="Time">When, on the stack's clock.</param>
public sealed record StateRecord(TcpState State, Instant Time)
{
    /// <summary>The state's name in RFC 9293, such as SYN-SENT.</summary>
    public string Name => StateText.NameOf(State);

    /// <summary>The state's name.</summary>
    public override string ToString() => Name;
}
