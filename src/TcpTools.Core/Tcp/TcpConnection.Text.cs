using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>The sixth to the eighth check of RFC 9293, 3.10.7.4: the URG bit, the text and the FIN bit.</content>
public sealed partial class TcpConnection
{
    /// <summary>Bytes beyond RCV.NXT that the receive buffer takes.</summary>
    private int FreeReceiveSpace => Math.Max(0, _receiveBuffer.Window - _windowSlack);

    /// <summary>Sixth, check the URG bit (RFC 9293, 3.8.5; the pointer's meaning: RFC 6093, 2.1).</summary>
    private void ProcessUrgent(in Arrival segment)
    {
        if (segment.Has(TcpFlags.Urg) && _urgent.OnPointer(segment.Sequence + segment.UrgentPointer, FirstUnread))
        {
            _environment.OnReadable(this);
        }
    }

    /// <summary>Seventh, process the segment text.</summary>
    private void ProcessText(in Arrival segment, Instant now)
    {
        if (segment.Payload.Length == 0)
        {
            return;
        }

        if (_isReadClosed)
        {
            // Nobody is left to read it, and the peer must know (RFC 9293, 3.6.1; RFC 2525, 2.16).
            _services.Counters.AbortOnData++;
            SendReset(_sendNext, segment.End);
            CloseNow(TcpCloseReason.Aborted);
            return;
        }

        ReceiveResult result = _receiveBuffer.Insert(segment.Sequence, segment.Payload);
        if (result.HasDuplicate)
        {
            NoteDuplicate(result.Duplicate.Left, result.Duplicate.Right);
        }

        if (result.IsOutOfOrder)
        {
            _outOfOrderIn += segment.PacketCount;
            _services.Counters.OutOfOrderQueued += segment.PacketCount;
            // RFC 5681, 4.2: at once, every time, so that the sender can count.
            SendAck(now);
            return;
        }

        _bytesIn += result.Advanced;
        _delayedAck.OnData(segment.Payload.Length, segment.PacketCount, _settings.DelayedAck);
        if (result.FilledGap)
        {
            // "A TCP receiver SHOULD send an immediate ACK when the incoming segment fills in all or part of a gap."
            _delayedAck.Demand();
        }

        if (!_delayedAck.IsDueNow && !_timers.IsSet(TcpTimer.DelayedAck))
        {
            _timers.Set(TcpTimer.DelayedAck, now + _settings.DelayedAckTimeout);
        }

        _windowTuner.OnData(now);
        if (result.Advanced > 0)
        {
            _environment.OnReadable(this);
        }
    }

    /// <summary>Eighth, check the FIN bit; a FIN beyond a hole is kept in mind until the hole is filled.</summary>
    private void ProcessFin(in Arrival segment, Instant now)
    {
        if (_state is TcpState.Closed or TcpState.Listen or TcpState.SynSent or TcpState.SynReceived || _isPeerFinished)
        {
            return;
        }

        if (segment.Has(TcpFlags.Fin))
        {
            _finSequence = segment.Sequence + segment.Payload.Length;
        }

        if (_finSequence is not { } fin)
        {
            return;
        }

        if (fin != ReceiveNext)
        {
            if (segment.Has(TcpFlags.Fin) && segment.Payload.Length == 0)
            {
                SendAck(now);
            }

            return;
        }

        _finSequence = null;
        _isPeerFinished = true;
        _receiveBuffer.AdvanceNext(1);
        _delayedAck.Demand();
        switch (_state)
        {
            case TcpState.Established:
                ChangeState(TcpState.CloseWait);
                break;
            case TcpState.FinWait1:
                ChangeState(TcpState.Closing);
                break;
            case TcpState.FinWait2:
                SendAck(now);
                EnterTimeWait(now);
                break;
        }

        _environment.OnReadable(this);
    }
}
