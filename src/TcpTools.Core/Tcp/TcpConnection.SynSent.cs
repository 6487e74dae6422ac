using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>Segments that arrive in SYN-SENT (RFC 9293, 3.10.7.3).</content>
public sealed partial class TcpConnection
{
    private void ArriveInSynSent(ref Arrival segment, Instant now)
    {
        // First, check the ACK bit.
        bool hasAck = segment.Has(TcpFlags.Ack);
        if (hasAck && (segment.Acknowledgment <= _initialSend || segment.Acknowledgment > _sendNext))
        {
            if (!segment.Has(TcpFlags.Rst))
            {
                SendReset(segment.Acknowledgment);
            }

            return;
        }

        // Second, check the RST bit: only one that acknowledges our SYN is believed (RFC 5961, 3.2 keeps this rule).
        if (segment.Has(TcpFlags.Rst))
        {
            if (hasAck)
            {
                CloseNow(TcpCloseReason.Refused);
            }

            return;
        }

        // Third, check the security: not done (RFC 9293, 3.10.7.3 allows it). Fourth, check the SYN bit.
        if (!segment.Has(TcpFlags.Syn))
        {
            return;
        }

        AcceptSyn(segment);
        if (!hasAck)
        {
            // Both opened at once (RFC 9293, 3.5, figure 8): the SYN goes out again, with its ACK.
            _synTransmissions = 0;
            _synTimeouts = 0;
            ChangeState(TcpState.SynReceived);
            SendSyn(now);
            segment.RemoveSyn();
            StoreEarlyData(segment);
            return;
        }

        _sendUnacknowledged = segment.Acknowledgment;
        _announced.Start(ReceiveNext, _synWindow);
        Establish(now);
        _delayedAck.Demand();
        // "Continue processing at the sixth step below where the URG bit is checked."
        segment.RemoveSyn();
        segment.TrimBack(_announced.Edge);
        ProcessUrgent(segment);
        ProcessText(segment, now);
        ProcessFin(segment, now);
    }

    /// <summary>Keeps data that came before the connection is established: it is delivered when it is (RFC 9293, 3.10.7.2).</summary>
    private void StoreEarlyData(in Arrival segment)
    {
        if (segment.Payload.Length > 0)
        {
            int room = System.Math.Min(segment.Payload.Length, FreeReceiveSpace);
            _receiveBuffer.Insert(segment.Sequence, segment.Payload[..room]);
        }
    }
}
