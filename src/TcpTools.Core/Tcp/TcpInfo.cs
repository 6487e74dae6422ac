using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>A snapshot of one connection: what TCP_INFO is to a kernel's socket, with the sequence variables of RFC 9293, 3.3.1.</summary>
public sealed record TcpInfo
{
    /// <summary>The connection's pair of sockets.</summary>
    public FlowKey Key { get; init; }

    /// <summary>When the snapshot was taken.</summary>
    public Instant TakenAt { get; init; }

    /// <summary>The state.</summary>
    public TcpState State { get; init; }

    /// <summary>Why the connection ended, if it has.</summary>
    public TcpCloseReason CloseReason { get; init; }

    /// <summary>What went wrong last, in words; empty when nothing did.</summary>
    public string LastError { get; init; } = "";

    /// <summary>SND.UNA.</summary>
    public SequenceNumber SendUnacknowledged { get; init; }

    /// <summary>SND.NXT.</summary>
    public SequenceNumber SendNext { get; init; }

    /// <summary>SND.WND in bytes, scaled.</summary>
    public uint SendWindow { get; init; }

    /// <summary>ISS.</summary>
    public SequenceNumber InitialSendSequence { get; init; }

    /// <summary>RCV.NXT.</summary>
    public SequenceNumber ReceiveNext { get; init; }

    /// <summary>RCV.WND in bytes, as last offered.</summary>
    public uint ReceiveWindow { get; init; }

    /// <summary>IRS.</summary>
    public SequenceNumber InitialReceiveSequence { get; init; }

    /// <summary>Largest segment this side sends, in bytes, options deducted.</summary>
    public int SendMaximumSegment { get; init; }

    /// <summary>Largest segment this side has announced, in bytes.</summary>
    public int ReceiveMaximumSegment { get; init; }

    /// <summary>Whether window scaling was agreed on.</summary>
    public bool WindowScaling { get; init; }

    /// <summary>Shift of the windows that the peer announces.</summary>
    public int SendWindowScale { get; init; }

    /// <summary>Shift of the windows that this side announces.</summary>
    public int ReceiveWindowScale { get; init; }

    /// <summary>Whether timestamps were agreed on.</summary>
    public bool Timestamps { get; init; }

    /// <summary>Whether selective acknowledgments were agreed on.</summary>
    public bool Sack { get; init; }

    /// <summary>Name of what chose the initial sequence number.</summary>
    public string InitialSequence { get; init; } = "";

    /// <summary>Name of the layout of options.</summary>
    public string OptionLayout { get; init; } = "";

    /// <summary>Name of what decides on the retransmission timeout.</summary>
    public string RetransmissionTimeoutPolicy { get; init; } = "";

    /// <summary>Name of the congestion control.</summary>
    public string CongestionControl { get; init; } = "";

    /// <summary>cwnd in bytes.</summary>
    public int CongestionWindow { get; init; }

    /// <summary>ssthresh in bytes; <see cref="int.MaxValue"/> before the first loss.</summary>
    public int SlowStartThreshold { get; init; }

    /// <summary>Bytes estimated to be in the network (pipe of RFC 6675).</summary>
    public int BytesInFlight { get; init; }

    /// <summary>Whether losses are being repaired by fast recovery.</summary>
    public bool InRecovery { get; init; }

    /// <summary>SRTT; zero before the first measurement.</summary>
    public TimeSpan SmoothedRtt { get; init; }

    /// <summary>RTTVAR.</summary>
    public TimeSpan RttVariation { get; init; }

    /// <summary>The shortest round-trip time measured.</summary>
    public TimeSpan MinimumRtt { get; init; }

    /// <summary>RTO, back-off included.</summary>
    public TimeSpan RetransmissionTimeout { get; init; }

    /// <summary>Times that the retransmission timeout is doubled at present.</summary>
    public int BackOffs { get; init; }

    /// <summary>Segments received.</summary>
    public long SegmentsIn { get; init; }

    /// <summary>Segments sent, retransmissions included.</summary>
    public long SegmentsOut { get; init; }

    /// <summary>Data bytes received in order.</summary>
    public long BytesIn { get; init; }

    /// <summary>Data bytes sent, retransmissions included.</summary>
    public long BytesOut { get; init; }

    /// <summary>Data bytes of ours that the peer has acknowledged.</summary>
    public long BytesAcknowledged { get; init; }

    /// <summary>Segments sent again.</summary>
    public long RetransmittedSegments { get; init; }

    /// <summary>Data bytes sent again.</summary>
    public long RetransmittedBytes { get; init; }

    /// <summary>Times that fast recovery began.</summary>
    public long FastRetransmits { get; init; }

    /// <summary>Times that the retransmission timer expired.</summary>
    public long Timeouts { get; init; }

    /// <summary>Duplicate acknowledgments received.</summary>
    public long DuplicateAcksIn { get; init; }

    /// <summary>Segments received out of order.</summary>
    public long OutOfOrderIn { get; init; }

    /// <summary>Reports of duplicates (RFC 2883) received.</summary>
    public long DuplicateSacksIn { get; init; }

    /// <summary>Reports of duplicates (RFC 2883) sent.</summary>
    public long DuplicateSacksOut { get; init; }

    /// <summary>Challenge acknowledgments sent (RFC 5961).</summary>
    public long ChallengeAcks { get; init; }

    /// <summary>Segments dropped for an old timestamp (RFC 7323, 5).</summary>
    public long PawsDrops { get; init; }

    /// <summary>Probes of a zero window sent.</summary>
    public long ZeroWindowProbes { get; init; }

    /// <summary>Keep-alive probes sent.</summary>
    public long KeepAliveProbes { get; init; }

    /// <summary>Received bytes that wait for the reader.</summary>
    public int UnreadBytes { get; init; }

    /// <summary>Written bytes not yet acknowledged, sent or not.</summary>
    public int BufferedBytes { get; init; }

    /// <summary>Written bytes not yet sent for the first time.</summary>
    public int UnsentBytes { get; init; }

    /// <summary>Size of the receive buffer.</summary>
    public int ReceiveBufferSize { get; init; }

    /// <summary>Size of the send buffer.</summary>
    public int SendBufferSize { get; init; }

    /// <summary>When the retransmission timer expires; <see cref="Instant.Never"/> when it is off.</summary>
    public Instant RetransmissionDeadline { get; init; } = Instant.Never;

    /// <summary>When a delayed acknowledgment is sent.</summary>
    public Instant DelayedAckDeadline { get; init; } = Instant.Never;

    /// <summary>When the next probe of a zero window is sent.</summary>
    public Instant PersistDeadline { get; init; } = Instant.Never;

    /// <summary>When the next keep-alive probe is sent.</summary>
    public Instant KeepAliveDeadline { get; init; } = Instant.Never;

    /// <summary>When TIME-WAIT or FIN-WAIT-2 ends.</summary>
    public Instant CloseDeadline { get; init; } = Instant.Never;
}
