using System;

namespace TcpTools.Tcp;

/// <summary>
/// Everything that can be chosen about a connection. Immutable: a variant is made with a <c>with</c> expression, best of
/// the profile that comes nearest. The initial values are those of <see cref="TcpProfile.Linux"/>.
/// </summary>
public sealed partial record TcpSettings
{
    /// <summary>The settings of <see cref="TcpProfile.Linux"/>.</summary>
    public static TcpSettings Default { get; } = new();

    /// <summary>The profile that these settings started from; decides what no setting of its own names.</summary>
    public TcpProfile Profile { get; init; } = TcpProfile.Linux;

    /// <summary>The largest segment to announce in the MSS option, in bytes; null: what the route's MTU allows (RFC 6691).</summary>
    public int? MaximumSegmentSize { get; init; }

    /// <summary>Send MSS over IPv4 when the peer announced none, in bytes (RFC 9293, 3.7.1).</summary>
    public int DefaultMss { get; init; } = 536;

    /// <summary>Send MSS over IPv6 when the peer announced none, in bytes (RFC 9293, 3.7.1).</summary>
    public int DefaultMssIPv6 { get; init; } = 1220;

    /// <summary>Floor of the send MSS, in bytes: a peer that announces less is not followed further down.</summary>
    public int MinimumMss { get; init; } = 48;

    /// <summary>Whether to offer and accept window scaling (RFC 7323, 2).</summary>
    public bool WindowScaling { get; init; } = true;

    /// <summary>The shift to announce, 0 to 14; null: the smallest that covers <see cref="ReceiveBufferMaximum"/>.</summary>
    public int? WindowScale { get; init; }

    /// <summary>Whether to offer and accept timestamps (RFC 7323, 3).</summary>
    public bool Timestamps { get; init; } = true;

    /// <summary>Whether a segment without the timestamps option is dropped once the option was agreed on (RFC 7323, 3.2).</summary>
    public bool DropSegmentsWithoutTimestamps { get; init; }

    /// <summary>How long TS.Recent stays valid without news from the peer (RFC 7323, 5.5).</summary>
    public TimeSpan TimestampExpiry { get; init; } = TimeSpan.FromDays(24);

    /// <summary>Whether to offer and accept selective acknowledgments (RFC 2018).</summary>
    public bool Sack { get; init; } = true;

    /// <summary>Whether to report duplicate segments in SACK blocks (RFC 2883).</summary>
    public bool DuplicateSack { get; init; } = true;

    /// <summary>Received bytes that may wait for the reader at first.</summary>
    public int ReceiveBufferSize { get; init; } = 131072;

    /// <summary>Received bytes that may wait for the reader at most, when <see cref="AutoTuneReceiveBuffer"/> is set.</summary>
    public int ReceiveBufferMaximum { get; init; } = 6 * 1024 * 1024;

    /// <summary>Whether the receive buffer grows with the rate at which it is read.</summary>
    public bool AutoTuneReceiveBuffer { get; init; } = true;

    /// <summary>Written bytes that may wait to be sent or acknowledged at first.</summary>
    public int SendBufferSize { get; init; } = 256 * 1024;

    /// <summary>Written bytes that may wait at most, when <see cref="AutoTuneSendBuffer"/> is set.</summary>
    public int SendBufferMaximum { get; init; } = 4 * 1024 * 1024;

    /// <summary>Whether the send buffer grows with the congestion window.</summary>
    public bool AutoTuneSendBuffer { get; init; } = true;

    /// <summary>Largest window to offer in a SYN, in bytes.</summary>
    public int InitialReceiveWindow { get; init; } = 65535;

    /// <summary>Whether the window offered in a SYN is rounded down to whole segments.</summary>
    public bool RoundInitialWindowToMss { get; init; } = true;

    /// <summary>Separate pieces of out-of-order data to keep; what would make more is dropped, as it may be (RFC 2018, 8).</summary>
    public int MaximumOutOfOrderRanges { get; init; } = 1024;

    /// <summary>Retransmission timeout before the first measurement (RFC 6298, 2.1).</summary>
    public TimeSpan InitialRto { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Floor of the retransmission timeout; <see cref="RtoFloor"/> says of which part.</summary>
    public TimeSpan MinimumRto { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Ceiling of the retransmission timeout, back-off included (RFC 6298, 2.5).</summary>
    public TimeSpan MaximumRto { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Where <see cref="MinimumRto"/> takes effect.</summary>
    public RtoFloor RtoFloor { get; init; } = RtoFloor.Variation;

    /// <summary>Added to every computed retransmission timeout.</summary>
    public TimeSpan RtoSlop { get; init; }

    /// <summary>Retransmission timeout for the first data after a handshake that was retransmitted (RFC 6298, 5.7).</summary>
    public TimeSpan HandshakeRetriedRto { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Times that a SYN is sent again before the connection fails, not counting <see cref="SynLinearRetries"/>: with the
    /// defaults of Linux the last goes out after 67 s, and the connection fails after 131 s.
    /// </summary>
    public int SynRetries { get; init; } = 6;

    /// <summary>Retransmissions of a SYN that follow at <see cref="InitialRto"/> each, before doubling starts.</summary>
    public int SynLinearRetries { get; init; } = 4;

    /// <summary>Times that a SYN-ACK is sent again before the connection fails.</summary>
    public int SynAckRetries { get; init; } = 5;

    /// <summary>Times that the timer sends the same data again before the connection fails (R2 of RFC 9293, 3.8.3).</summary>
    public int DataRetries { get; init; } = 15;

    /// <summary>Whether an acknowledgment may wait for a second segment or for data to ride on (RFC 9293, 3.8.6.3).</summary>
    public bool DelayedAck { get; init; } = true;

    /// <summary>How long an acknowledgment may wait; half a second at most (RFC 9293, 3.8.6.3).</summary>
    public TimeSpan DelayedAckTimeout { get; init; } = TimeSpan.FromMilliseconds(40);

    /// <summary>Segments acknowledged at once while a connection starts, so that the sender's window opens quickly.</summary>
    public int QuickAcks { get; init; } = 16;

    /// <summary>Whether small segments wait while data is unacknowledged (RFC 9293, 3.7.4).</summary>
    public bool Nagle { get; init; } = true;

    /// <summary>
    /// Whether Nagle's algorithm waits only while another small segment is outstanding, as Linux does, and not while
    /// anything is (RFC 9293, 3.7.4).
    /// </summary>
    public bool NagleMindsSmallOnly { get; init; } = true;

    /// <summary>Chooses initial sequence numbers; null: the stack's own, which is that of RFC 6528.</summary>
    public IInitialSequenceGenerator? InitialSequence { get; init; }

    /// <summary>Orders the options of segments; null: as the <see cref="Profile"/> does.</summary>
    public ITcpOptionLayout? OptionLayout { get; init; }

    /// <summary>Name of the retransmission timeout, one of <see cref="TcpParts.RetransmissionTimeouts"/>.</summary>
    public string RetransmissionTimeout { get; init; } = "rfc6298";

    /// <summary>Makes a retransmission timeout that has no name here; null: <see cref="RetransmissionTimeout"/> decides.</summary>
    public Func<TcpSettings, IRetransmissionTimeout>? RetransmissionTimeoutFactory { get; init; }

    /// <summary>Name of the congestion control, one of <see cref="TcpParts.CongestionControls"/>.</summary>
    public string CongestionControl { get; init; } = "newreno";

    /// <summary>Makes a congestion control that has no name here; null: <see cref="CongestionControl"/> decides.</summary>
    public Func<TcpSettings, ICongestionControl>? CongestionControlFactory { get; init; }

    /// <summary>Initial window, in segments of at most 1460 bytes (RFC 6928).</summary>
    public int InitialWindow { get; init; } = 10;

    /// <summary>
    /// Segments by which one acknowledgment may open the window in slow start (L of RFC 3465); 0: as many as it acknowledges.
    /// </summary>
    public int SlowStartSegmentLimit { get; init; }

    /// <summary>What an idle period does to the congestion window.</summary>
    public IdleRestart IdleRestart { get; init; } = IdleRestart.Decay;

    /// <summary>Whether the first two duplicate acknowledgments each release a new segment (RFC 3042).</summary>
    public bool LimitedTransmit { get; init; } = true;

    /// <summary>Duplicate acknowledgments, or their worth in SACKed data, that mean loss (RFC 5681, 3.2; RFC 6675, 2).</summary>
    public int DuplicateAckThreshold { get; init; } = 3;

    /// <summary>How long TIME-WAIT lasts: two maximum segment lifetimes (RFC 9293, 3.6.1).</summary>
    public TimeSpan TimeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection nobody reads any more waits in FIN-WAIT-2.</summary>
    public TimeSpan FinWait2Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a connection that its user has let go may go on without progress in sending what was left.</summary>
    public TimeSpan OrphanTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether TIME-WAIT ignores resets (RFC 1337).</summary>
    public bool Rfc1337 { get; init; }

    /// <summary>Whether idle connections are probed (RFC 9293, 3.8.4).</summary>
    public bool KeepAlive { get; init; }

    /// <summary>Silence before the first keep-alive probe.</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(7200);

    /// <summary>Time between keep-alive probes.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>Keep-alive probes without an answer that end the connection.</summary>
    public int KeepAliveProbes { get; init; } = 9;

    /// <summary>How long sent data may stay unacknowledged (RFC 9293, 3.8.3; RFC 5482); null: <see cref="DataRetries"/> decides.</summary>
    public TimeSpan? UserTimeout { get; init; }

    /// <summary>Shortest time between probes of a zero window.</summary>
    public TimeSpan PersistMinimum { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest time between probes of a zero window.</summary>
    public TimeSpan PersistMaximum { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Shortest time between acknowledgments of unacceptable segments without data (RFC 5961, 7).</summary>
    public TimeSpan ChallengeAckInterval { get; init; } = TimeSpan.FromMilliseconds(500);
}
