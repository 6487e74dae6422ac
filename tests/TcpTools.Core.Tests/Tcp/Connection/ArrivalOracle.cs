using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Tests.Tcp;

/// <summary>What a connection must show after a segment: what it sends and the state it is in.</summary>
internal enum Reply
{
    None,
    Ack,
    Reset,
    SynAck,
}

/// <summary>
/// What RFC 9293, 3.10.7.4 with RFC 5961 demands of a segment that arrives in a state from SYN-RECEIVED on, written down a
/// second time from the RFCs' text, without the connection's code.
/// </summary>
/// <remarks>
/// Deviations that are declared here, with their reasons:
/// (1) a pure ACK exactly at the right edge is acceptable: a peer whose whole window is in flight sends its ACKs with that
/// number, and dropping them stalls our side (Linux accepts it as well);
/// (2) a SYN that repeats the first one in SYN-RECEIVED is answered with the SYN-ACK again, not with a bare ACK, because a
/// peer in SYN-SENT could do nothing with the bare ACK.
/// </remarks>
internal sealed class ArrivalOracle(
    TcpState state, int receiveNext, int window, int sendUnacknowledged, int sendNext, int maximumSendWindow)
{
    public int ReceiveNext => receiveNext;

    public int Window => window;

    public (Reply Reply, TcpState State) Judge(TcpFlags flags, int sequence, int payload, int acknowledgment)
    {
        bool syn = (flags & TcpFlags.Syn) != 0;
        bool fin = (flags & TcpFlags.Fin) != 0;
        bool rst = (flags & TcpFlags.Rst) != 0;
        bool ack = (flags & TcpFlags.Ack) != 0;
        int length = payload + (syn ? 1 : 0) + (fin ? 1 : 0);
        if (state == TcpState.SynReceived && syn && !rst && sequence == 0)
        {
            if (!ack)
            {
                return (Reply.SynAck, state);
            }

            syn = false;
            sequence++;
            length--;
        }

        if (!IsAcceptable(sequence, length, pure: !syn && !rst))
        {
            return (rst ? Reply.None : Reply.Ack, state);
        }

        if (rst)
        {
            return sequence == receiveNext ? (Reply.None, TcpState.Closed) : (Reply.Ack, state);
        }

        if (syn && sequence >= receiveNext)
        {
            return state == TcpState.SynReceived ? (Reply.None, TcpState.Closed) : (Reply.Ack, state);
        }

        if (!ack)
        {
            return (Reply.None, state);
        }

        TcpState current = state;
        if (state == TcpState.SynReceived)
        {
            if (acknowledgment <= sendUnacknowledged || acknowledgment > sendNext)
            {
                return (Reply.Reset, state);
            }

            current = TcpState.Established;
        }
        else if (acknowledgment > sendNext || acknowledgment < sendUnacknowledged - maximumSendWindow)
        {
            return (Reply.Ack, state);
        }
        else if (acknowledgment == sendNext)
        {
            switch (state)
            {
                case TcpState.FinWait1:
                    current = TcpState.FinWait2;
                    break;
                case TcpState.Closing:
                    current = TcpState.TimeWait;
                    break;
                case TcpState.LastAck:
                    return (Reply.None, TcpState.Closed);
            }
        }

        return JudgeText(current, fin, sequence, payload);
    }

    private (Reply Reply, TcpState State) JudgeText(TcpState current, bool fin, int sequence, int payload)
    {
        if (current is not (TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2))
        {
            // "This should not occur since a FIN has been received from the remote side. Ignore the segment text."
            bool duplicate = payload > 0 && sequence < receiveNext;
            return (duplicate ? Reply.Ack : Reply.None, current);
        }

        // A FIN beyond the window's edge is trimmed off with the text.
        bool finFits = fin && sequence + payload < receiveNext + window;
        bool inOrder = sequence <= receiveNext;
        if (finFits && inOrder)
        {
            TcpState next = current switch
            {
                TcpState.Established => TcpState.CloseWait,
                TcpState.FinWait1 => TcpState.Closing,
                _ => TcpState.TimeWait,
            };
            return (Reply.Ack, next);
        }

        bool isDuplicate = payload > 0 && sequence < receiveNext;
        bool isOutOfOrder = sequence > receiveNext && (payload > 0 || fin);
        return (isDuplicate || isOutOfOrder ? Reply.Ack : Reply.None, current);
    }

    private bool IsAcceptable(int sequence, int length, bool pure)
    {
        int edge = receiveNext + window;
        return length == 0
            ? sequence >= receiveNext && (sequence < edge || (pure && sequence == edge))
            : sequence < edge && sequence + length > receiveNext;
    }
}
