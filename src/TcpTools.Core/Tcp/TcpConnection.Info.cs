using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>What is counted, and the snapshot that everybody reads.</content>
public sealed partial class TcpConnection
{
    private long _segmentsIn;
    private long _segmentsOut;
    private long _bytesIn;
    private long _bytesOut;
    private long _bytesAcknowledged;
    private long _segmentsRetransmitted;
    private long _bytesRetransmitted;
    private long _timeouts;
    private long _duplicateAcksIn;
    private long _duplicateSacksIn;
    private long _duplicateSacksOut;
    private long _outOfOrderIn;
    private long _challengeAcks;
    private long _pawsDrops;
    private long _windowProbes;
    private long _keepAliveProbes;

    /// <summary>Segments sent again.</summary>
    internal long RetransmittedSegments => _segmentsRetransmitted;

    /// <summary>How often in a row the retransmission timer has run out without an answer.</summary>
    internal int UnansweredTimeouts =>
        _state is TcpState.SynSent or TcpState.SynReceived ? _synTimeouts : _retransmissions;

    /// <summary>How often the peer's closed window has been probed since it was open last.</summary>
    internal int PersistProbes => _sendWindow == 0 ? _persistProbes : 0;

    /// <summary>RTO, back-off included.</summary>
    internal TimeSpan RetransmissionTimeout => _rtt.Timeout;

    /// <summary>When the peer last acknowledged something new.</summary>
    internal Instant SilentSince => Instant.Later(_progressAt, _synSentAt);

    /// <summary>The connection as it stands now.</summary>
    public TcpInfo GetInfo(Instant now) => new()
    {
        Key = _key,
        TakenAt = now,
        State = _state,
        CloseReason = CloseReason,
        LastError = _softError ?? "",
        SendUnacknowledged = _sendUnacknowledged,
        SendNext = _sendNext,
        SendWindow = (uint)_sendWindow,
        InitialSendSequence = _initialSend,
        ReceiveNext = ReceiveNext,
        ReceiveWindow = (uint)_announced.Remaining(ReceiveNext),
        InitialReceiveSequence = _initialReceive,
        SendMaximumSegment = _recovery.MaximumSegment,
        ReceiveMaximumSegment = AnnouncedMaximumSegment,
        WindowScaling = _usesWindowScale,
        SendWindowScale = _sendScale,
        ReceiveWindowScale = _announced.Scale,
        Timestamps = _usesTimestamps,
        Sack = _usesSack,
        InitialSequence = (_settings.InitialSequence ?? _services.InitialSequence).Name,
        OptionLayout = _layout.Name,
        RetransmissionTimeoutPolicy = _rtt.PolicyName,
        CongestionControl = _recovery.Congestion.Name,
        CongestionWindow = _recovery.Congestion.Window,
        SlowStartThreshold = _recovery.Congestion.SlowStartThreshold,
        BytesInFlight = _recovery.Queue.Pipe,
        InRecovery = _recovery.Phase != RecoveryPhase.Open,
        SmoothedRtt = _rtt.Smoothed,
        RttVariation = _rtt.Variation,
        MinimumRtt = _rtt.Minimum,
        RetransmissionTimeout = _rtt.Timeout,
        BackOffs = _rtt.BackOffs,
        SegmentsIn = _segmentsIn,
        SegmentsOut = _segmentsOut,
        BytesIn = _bytesIn,
        BytesOut = _bytesOut,
        BytesAcknowledged = _bytesAcknowledged,
        RetransmittedSegments = _segmentsRetransmitted,
        RetransmittedBytes = _bytesRetransmitted,
        FastRetransmits = _recovery.FastRetransmits,
        Timeouts = _timeouts,
        DuplicateAcksIn = _duplicateAcksIn,
        OutOfOrderIn = _outOfOrderIn,
        DuplicateSacksIn = _duplicateSacksIn,
        DuplicateSacksOut = _duplicateSacksOut,
        ChallengeAcks = _challengeAcks,
        PawsDrops = _pawsDrops,
        ZeroWindowProbes = _windowProbes,
        KeepAliveProbes = _keepAliveProbes,
        UnreadBytes = _receiveBuffer.Available,
        BufferedBytes = _sendBuffer.Count,
        UnsentBytes = Math.Max(0, DataEnd - _sendNext),
        ReceiveBufferSize = _receiveBuffer.Capacity - _windowSlack,
        SendBufferSize = _sendBuffer.Capacity,
        RetransmissionDeadline = _timers[TcpTimer.Retransmission],
        DelayedAckDeadline = _timers[TcpTimer.DelayedAck],
        PersistDeadline = _timers[TcpTimer.Persist],
        KeepAliveDeadline = _timers[TcpTimer.KeepAlive],
        CloseDeadline = _timers[TcpTimer.Lifetime],
    };
}
