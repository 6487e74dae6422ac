using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// One connection's control block (RFC 9293, 3.3.1) and all that happens to it. It is passive: segments, user calls and
/// the time come in; segments, events and the next deadline go out through its <see cref="ITcpEnvironment"/>. It has no
/// lock: its stack calls it from one thread at a time.
/// </summary>
/// <remarks>
/// The parts follow the RFC: <c>.Open</c> (3.10.1, 3.5), <c>.SynSent</c> (3.10.7.3), <c>.Arrival</c> (3.10.7.4, the
/// checks in their order), <c>.Acknowledgment</c> (the fifth check), <c>.Text</c> (the sixth to the eighth),
/// <c>.Output</c> (what is sent when), <c>.Segments</c> (how a segment is made), <c>.Options</c> (what stands in its options), <c>.Timers</c> (3.10.8) and
/// <c>.User</c> (3.10.2 to 3.10.5).
/// </remarks>
public sealed partial class TcpConnection
{
    private readonly TcpSettings _settings;
    private readonly ITcpEnvironment _environment;
    private readonly TcpServices _services;
    private readonly SendBuffer _sendBuffer;
    private readonly ReceiveBuffer _receiveBuffer;
    private readonly LossRecovery _recovery;
    private readonly RttEstimator _rtt;
    private readonly FlowKey _key;
    private readonly Paws _paws;
    private readonly ChallengeAckLimiter _challengeLimiter;
    private readonly ChallengeAckLimiter _outOfWindowLimiter;
    private readonly TimestampClock _timestampClock;
    private KeepAliveState _keepAlive;
    private ReceiveWindowTuner _windowTuner;

    // Send sequence space (RFC 9293, figure 3):
    //
    //              1         2          3          4
    //         ----------|----------|----------|----------
    //                SND.UNA    SND.NXT    SND.UNA + SND.WND
    //
    // 1 acknowledged, 2 sent and unacknowledged, 3 may be sent now, 4 may not be sent yet. SND.NXT never goes back:
    // what has to be sent again is marked in the retransmission queue.
    private SequenceNumber _initialSend;
    private SequenceNumber _sendUnacknowledged;
    private SequenceNumber _sendNext;
    private SequenceNumber _sendBase; // the sequence number of the first byte in the send buffer
    private int _sendWindow;
    private int _maximumSendWindow;
    private SequenceNumber _windowUpdateSequence; // SND.WL1
    private SequenceNumber _windowUpdateAcknowledgment; // SND.WL2
    private int _sendScale;
    private int _sendMaximumSegment; // payload of one segment with no options
    private bool _isFinRequested;
    private bool _isFinSent;

    // Receive sequence space (RFC 9293, figure 4):
    //
    //                  1          2          3
    //             ----------|----------|----------
    //                    RCV.NXT    RCV.NXT + RCV.WND
    //
    // RCV.NXT lives in the receive buffer, the right edge in _announced.
    private SequenceNumber _initialReceive;
    private AnnouncedWindow _announced;
    private SequenceNumber _lastAckSent; // Last.ACK.sent (RFC 7323, 4.3)
    private SequenceNumber? _finSequence; // where the peer's FIN stands, while what comes before it is missing
    private bool _isPeerFinished;
    private bool _isReadClosed;
    private int _windowSlack;

    private bool _usesWindowScale;
    private bool _usesTimestamps;
    private bool _usesSack;
    private bool _isPassive;
    private TcpState _state;
    private TimerSet _timers = TimerSet.None;
    private Instant _scheduled = Instant.Never;
    private UrgentMarks _urgent;
    private DelayedAck _delayedAck;
    private SackBlock? _duplicateBlock; // to be reported as the first block of the next acknowledgment (RFC 2883)
    private bool _isWriterWaiting;

    /// <summary>A connection in CLOSED; <see cref="OpenActive"/> or <see cref="OpenPassive"/> starts it.</summary>
    /// <param name="settings">How it behaves.</param>
    /// <param name="key">The pair of sockets.</param>
    /// <param name="environment">Where its segments go and who is told what happens.</param>
    /// <param name="services">What it shares with the other connections of its stack.</param>
    public TcpConnection(TcpSettings settings, in FlowKey key, ITcpEnvironment environment, TcpServices services)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(services);
        _settings = settings;
        _environment = environment;
        _services = services;
        _key = key;
        _timestampClock = new TimestampClock(services.InitialSequence.TimestampOffset(key));
        _layout = settings.OptionLayout ?? DefaultLayout(settings);
        _pathMtu = services.Mtu;
        _announced.Scale = settings.WindowScaling ? settings.WindowScale ?? ScaleFor(settings.ReceiveBufferMaximum) : 0;
        // A window announced in units of 2^scale may exceed what is free by less than one unit.
        _windowSlack = (1 << _announced.Scale) - 1;
        _sendBuffer = new SendBuffer(services.Slabs, settings.SendBufferSize);
        _receiveBuffer = new ReceiveBuffer(services.Slabs, settings.ReceiveBufferSize + _windowSlack, settings.MaximumOutOfOrderRanges);
        _rtt = new RttEstimator(settings, services.Errors);
        _paws = new Paws(settings.TimestampExpiry);
        _challengeLimiter = new ChallengeAckLimiter(settings.ChallengeAckInterval);
        _outOfWindowLimiter = new ChallengeAckLimiter(settings.ChallengeAckInterval);
        _windowTuner = new ReceiveWindowTuner(settings);
        _recovery = new LossRecovery(
            new RetransmissionQueue(), GuardedCongestionControl.Around(settings, services.Errors), new DuplicateAckDetection(settings.DuplicateAckThreshold), new PipeRecovery())
        {
            LimitedTransmit = settings.LimitedTransmit,
        };
        NoDelay = !settings.Nagle;
        _keepAlive = new KeepAliveState(settings);
        UserTimeout = settings.UserTimeout;
    }

    /// <summary>The pair of sockets.</summary>
    public FlowKey Key => _key;

    /// <summary>The state (RFC 9293, 3.3.2).</summary>
    public TcpState State => _state;

    /// <summary>Why the connection ended; <see cref="TcpCloseReason.None"/> while it lives.</summary>
    public TcpCloseReason CloseReason { get; private set; }

    /// <summary>The behaviour it was made with.</summary>
    public TcpSettings Settings => _settings;

    /// <summary>Whatever the stack wants to keep with the connection.</summary>
    public object? Owner { get; set; }

    /// <summary>When <see cref="OnTimer"/> has something to do; <see cref="Instant.Never"/> for nothing.</summary>
    public Instant NextDeadline => _timers.Earliest;

    /// <summary>Bytes received in order and not yet read.</summary>
    public int ReadableBytes => _state is TcpState.SynReceived or TcpState.SynSent ? 0 : _receiveBuffer.Available;

    /// <summary>Bytes that <see cref="Write"/> takes now.</summary>
    public int WritableBytes => CanWrite ? _sendBuffer.Free : 0;

    /// <summary>Whether all that was written, and the FIN when one was asked for, has been acknowledged.</summary>
    public bool IsDrained => _sendBuffer.Count == 0 && (!_isFinRequested || (_isFinSent && _sendUnacknowledged == _sendNext));

    /// <summary>Whether the peer has sent its last byte and all of them have arrived. They may still have to be read.</summary>
    public bool IsPeerFinished => _isPeerFinished;

    /// <summary>
    /// Readable bytes up to the end of urgent data (RFC 6093, 2.2); null when there is no mark ahead. The bytes may not
    /// all have arrived.
    /// </summary>
    public int? UrgentMark => _urgent.Receive is { } mark ? mark - FirstUnread : null;

    /// <summary>Whether small segments are sent at once (RFC 9293, 3.7.4: Nagle's algorithm off).</summary>
    public bool NoDelay { get; set; }

    /// <summary>
    /// How long data may stay unacknowledged before the connection is given up (RFC 5482, 3); null for the limit by
    /// number of retransmissions.
    /// </summary>
    public TimeSpan? UserTimeout { get; set; }

    private SequenceNumber ReceiveNext => _receiveBuffer.Next;

    private SequenceNumber FirstUnread => _receiveBuffer.Next - (_receiveBuffer.Available + (_isPeerFinished ? 1 : 0));

    private SequenceNumber DataEnd => _sendBase + _sendBuffer.Count;

    private bool CanWrite => !_isFinRequested
        && _state is TcpState.SynSent or TcpState.SynReceived or TcpState.Established or TcpState.CloseWait;

    private bool IsSynchronized => _state is not (TcpState.Closed or TcpState.Listen or TcpState.SynSent or TcpState.SynReceived);

    private static int ScaleFor(int maximumWindow)
    {
        int scale = 0;
        // RFC 7323, 2.3: the shift is at most 14.
        while (scale < 14 && maximumWindow >> scale > ushort.MaxValue)
        {
            scale++;
        }

        return scale;
    }

    private void ChangeState(TcpState state)
    {
        TcpState from = _state;
        if (from != state)
        {
            _state = state;
            _environment.OnStateChanged(this, from, state);
        }
    }

    /// <summary>Deletes the control block. Received data stays readable.</summary>
    private void CloseNow(TcpCloseReason reason)
    {
        if (_state is TcpState.SynSent or TcpState.SynReceived)
        {
            _services.Counters.AttemptFails++;
        }
        else if (_state is TcpState.Established or TcpState.CloseWait && reason != TcpCloseReason.Finished)
        {
            _services.Counters.EstabResets++;
        }

        CloseReason = reason;
        _timers = TimerSet.None;
        _sendBuffer.Clear();
        _recovery.Clear();
        // What arrived before the end is still the user's to read, unless it was the user who ended it. What waits behind a
        // gap will never be.
        if (_isReadClosed || ReadableBytes == 0 || reason is TcpCloseReason.Aborted or TcpCloseReason.StackStopped)
        {
            _receiveBuffer.Clear();
        }

        ChangeState(TcpState.Closed);
        Reschedule();
        _environment.OnClosed(this, reason);
    }

    private void Reschedule()
    {
        Instant earliest = _timers.Earliest;
        // A deadline that only moved later is not worth a call: the timer finds nothing due and sets itself anew.
        if (earliest < _scheduled || (earliest.IsNever && !_scheduled.IsNever))
        {
            _scheduled = earliest;
            _environment.ScheduleTimer(this, earliest);
        }
    }
}
