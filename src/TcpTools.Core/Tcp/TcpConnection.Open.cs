using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>Opening (RFC 9293, 3.5 and 3.10.1): our SYN, the answer to the peer's, and what both sides agree on.</content>
public sealed partial class TcpConnection
{
    private Instant _synSentAt;
    private int _synTransmissions;
    private int _synTimeouts;
    private ushort _synWindow;

    /// <summary>Opens actively: sends a SYN and goes to SYN-SENT (RFC 9293, 3.10.1).</summary>
    public void OpenActive(Instant now)
    {
        StartSending(now);
        _services.Counters.ActiveOpens++;
        ChangeState(TcpState.SynSent);
        SendSyn(now);
        Reschedule();
    }

    /// <summary>Opens passively: answers a SYN that came to a listener and goes to SYN-RECEIVED (RFC 9293, 3.10.7.2).</summary>
    public void OpenPassive(in ArrivedSegment syn, Instant now)
    {
        _isPassive = true;
        _segmentsIn++;
        StartSending(now);
        _services.Counters.PassiveOpens++;
        AcceptSyn(new Arrival(syn, now));
        ChangeState(TcpState.SynReceived);
        // "Any other incoming data will be processed in SYN-RECEIVED" (3.10.7.2): kept, and readable once established.
        if (syn.Payload.Length > 0)
        {
            _receiveBuffer.Insert(ReceiveNext, syn.Payload[..Math.Min(syn.Payload.Length, FreeReceiveSpace)]);
        }

        SendSyn(now);
        Reschedule();
    }

    private void StartSending(Instant now)
    {
        _initialSend = ChooseInitialSequence(now);
        _sendUnacknowledged = _initialSend;
        _sendNext = _initialSend + 1;
        _sendBase = _initialSend + 1;
        _lastSmallEnd = _initialSend;
        _usesWindowScale = _settings.WindowScaling;
        _usesTimestamps = _settings.Timestamps;
        _usesSack = _settings.Sack;
    }

    /// <summary>Takes what a SYN says (RFC 9293, 3.10.7.2 and 3.10.7.3; its options: RFC 7323, RFC 2018, RFC 6691).</summary>
    private void AcceptSyn(in Arrival segment)
    {
        SegmentOptions options = segment.Options;
        _initialReceive = segment.Sequence;
        _receiveBuffer.Start(segment.Sequence + 1);
        _lastAckSent = ReceiveNext;

        int offered = options.MaximumSegmentSize ?? (_key.RemoteAddress.IsIPv6 ? _settings.DefaultMssIPv6 : _settings.DefaultMss);
        StartPathMtu(Math.Max(offered, _settings.MinimumMss), segment.ArrivedAt);
        // RFC 7323, 1.3 and 2.2: an option counts only when both SYNs carry it.
        _usesWindowScale &= options.WindowScale is not null;
        _sendScale = _usesWindowScale ? options.WindowScale ?? 0 : 0;
        _announced.Scale = _usesWindowScale ? _announced.Scale : 0;

        _usesTimestamps &= options.HasTimestamps;
        _usesSack &= options.SackPermitted;
        if (_usesTimestamps)
        {
            _paws.Start(options.TimestampValue, segment.ArrivedAt);
        }

        // The window of a SYN is never scaled (RFC 7323, 2.2).
        SetSendWindow(segment.Window, segment);
    }

    /// <summary>Both sides have agreed: enters ESTABLISHED and prepares for data.</summary>
    private void Establish(Instant now)
    {
        _timers.Clear(TcpTimer.Retransmission);
        // Karn's rule holds for the SYN as well (RFC 6298, 3).
        if (_synTransmissions == 1)
        {
            _rtt.Update(now - _synSentAt, now);
        }
        else
        {
            // RFC 6298, 5.7: a handshake that had to be retransmitted starts data transfer with a cautious timeout.
            _rtt.OnHandshakeRetransmitted();
        }

        MeasureOptions(now);
        UpdateMaximumSegment();
        _recovery.UsesSack = _usesSack;
        _recovery.Congestion.OnEstablished(_recovery.MaximumSegment, now);
        _delayedAck.Start(_settings.QuickAcks, Math.Min(AnnouncedMaximumSegment, _settings.DefaultMss));
        _lastReceivedAt = now;
        ChangeState(TcpState.Established);
        if (_isFinRequested)
        {
            ChangeState(TcpState.FinWait1);
        }

        RestartKeepAlive(now);
        if (_receiveBuffer.Available > 0)
        {
            _environment.OnReadable(this);
        }
    }

    /// <summary>Sends the SYN or SYN-ACK, the first time or again, and sets its timer.</summary>
    private void SendSyn(Instant now)
    {
        if (_synTransmissions == 0)
        {
            _synSentAt = now;
        }

        _synTransmissions++;
        if (_synTransmissions > 1)
        {
            _segmentsRetransmitted++;
            _services.Counters.RetransSegs++;
        }

        bool answers = _state == TcpState.SynReceived;
        Span<byte> options = stackalloc byte[TcpOptionWriter.MaximumLength];
        int length = WriteSynOptions(options, answers ? OptionPlace.SynAck : OptionPlace.Syn, now);
        ushort window = InitialWindowField();
        if (answers)
        {
            _announced.Start(ReceiveNext, window);
        }

        Emit(new OutgoingSegment
        {
            Sequence = _initialSend,
            Acknowledgment = answers ? ReceiveNext : default,
            Flags = answers ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Syn,
            Window = window,
            Options = options[..length],
        }, isRetransmission: _synTransmissions > 1);
        _synWindow = window;
        _timers.Set(TcpTimer.Retransmission, now + SynTimeout());
    }

    /// <summary>The window of a SYN: never scaled (RFC 7323, 2.2), in whole segments where the system does so.</summary>
    private ushort InitialWindowField()
    {
        int window = Math.Min(_settings.InitialReceiveWindow, Math.Min(ushort.MaxValue, FreeReceiveSpace));
        int mss = AnnouncedMaximumSegment;
        return (ushort)(_settings.RoundInitialWindowToMss && window > mss ? window / mss * mss : window);
    }

    /// <summary>How long to wait for an answer to the SYN just sent: the first few equally long, then doubling, as Linux does.</summary>
    private TimeSpan SynTimeout()
    {
        int linear = _state == TcpState.SynSent ? _settings.SynLinearRetries : 0;
        return _rtt.ForHandshake(Math.Clamp(_synTimeouts - linear, 0, 16));
    }
}
