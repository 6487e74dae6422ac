using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>How segments are made: header fields, options, and the book-keeping that each one sent needs.</content>
public sealed partial class TcpConnection
{
    /// <summary>Bytes of IP and TCP header without options.</summary>
    private int HeaderLength => _key.RemoteAddress.IsIPv6 ? 60 : 40;

    /// <summary>The MSS that we announce: what the link carries, less the fixed headers (RFC 6691).</summary>
    private int AnnouncedMaximumSegment
    {
        get
        {
            if (_offeredSegment > 0)
            {
                return _offeredSegment;
            }

            int mss = Math.Clamp(_services.Mtu - HeaderLength, _settings.MinimumMss, ushort.MaxValue);
            return Math.Min(mss, _settings.MaximumSegmentSize ?? mss);
        }
    }

    /// <summary>SMSS: the payload that fits beside the options of an ordinary segment (RFC 6691: the MSS does not count them).</summary>
    private void UpdateMaximumSegment() =>
        _recovery.MaximumSegment = Math.Max(1, _sendMaximumSegment - _dataOptionsLength);

    /// <summary>Sends data from the send buffer, and the FIN where it belongs behind it.</summary>
    private void SendData(SequenceNumber start, int length, bool fin, Instant now, bool isRetransmission = false)
    {
        Span<byte> options = stackalloc byte[TcpOptionWriter.MaximumLength];
        int optionsLength = WriteDataOptions(options, now);
        int offset = start - _sendBase;
        _sendBuffer.Peek(offset, length, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest);
        TcpFlags flags = TcpFlags.Ack;
        if (fin)
        {
            flags |= TcpFlags.Fin;
        }

        // RFC 9293, 3.9.1: PSH when the segment empties the send buffer.
        if (length > 0 && offset + length == _sendBuffer.Count)
        {
            flags |= TcpFlags.Psh;
        }

        if (_urgent.TryGetPointer(start, out ushort pointer))
        {
            flags |= TcpFlags.Urg;
        }

        int mss = _recovery.MaximumSegment;
        int packets = length <= mss ? 1 : ((length - 1) / mss) + 1;
        _bytesOut += length;
        _segmentsOut += packets - 1;
        _services.Counters.OutSegs += isRetransmission ? 0 : packets - 1;
        _lastSentAt = now;
        Emit(new OutgoingSegment
        {
            Sequence = start,
            Acknowledgment = ReceiveNext,
            Flags = flags,
            Window = NextWindow(),
            UrgentPointer = pointer,
            Options = options[..optionsLength],
            Payload = first,
            PayloadRest = rest,
            SegmentSize = packets > 1 ? mss : 0,
        }, isRetransmission);
        OnAckSent();
    }

    /// <summary>Sends a segment without data that says where we stand.</summary>
    private void SendAck(Instant now) => SendEmpty(_sendNext, now);

    /// <summary>
    /// Sends a segment that the peer must answer because it lies just before the window: the probe of a closed window
    /// and the keep-alive (RFC 9293, 3.8.4 and 3.8.6.1).
    /// </summary>
    private void SendProbe(Instant now) => SendEmpty(_sendUnacknowledged - 1, now);

    private void SendEmpty(SequenceNumber sequence, Instant now)
    {
        Span<byte> options = stackalloc byte[TcpOptionWriter.MaximumLength];
        int optionsLength = WriteAckOptions(options, now);
        TcpFlags flags = TcpFlags.Ack;
        if (_urgent.TryGetPointer(sequence, out ushort pointer))
        {
            flags |= TcpFlags.Urg;
        }

        Emit(new OutgoingSegment
        {
            Sequence = sequence,
            Acknowledgment = ReceiveNext,
            Flags = flags,
            Window = NextWindow(),
            UrgentPointer = pointer,
            Options = options[..optionsLength],
        });
        OnAckSent();
    }

    /// <summary>Answers a segment that acknowledges what was never sent: &lt;SEQ=SEG.ACK&gt;&lt;CTL=RST&gt;.</summary>
    private void SendReset(SequenceNumber sequence)
    {
        _services.Counters.OutRsts++;
        Emit(new OutgoingSegment { Sequence = sequence, Flags = TcpFlags.Rst });
    }

    /// <summary>Resets the connection (RFC 9293, 3.10.5), with the acknowledgment that lets RFC 5961's peers believe it.</summary>
    private void SendReset(SequenceNumber sequence, SequenceNumber acknowledgment)
    {
        _services.Counters.OutRsts++;
        Emit(new OutgoingSegment
        {
            Sequence = sequence,
            Acknowledgment = acknowledgment,
            Flags = TcpFlags.Rst | TcpFlags.Ack,
        });
    }

    private void Emit(in OutgoingSegment segment, bool isRetransmission = false)
    {
        _segmentsOut++;
        // RFC 4022's tcpOutSegs leaves retransmissions out; they are counted by themselves.
        _services.Counters.OutSegs += isRetransmission ? 0 : 1;
        _environment.Transmit(this, segment);
    }

    private ushort NextWindow()
    {
        int step = Math.Min(AnnouncedMaximumSegment, (_receiveBuffer.Capacity - _windowSlack) / 2);
        return _announced.Announce(ReceiveNext, _isReadClosed ? 0 : FreeReceiveSpace, step);
    }

    private void OnAckSent()
    {
        _lastAckSent = ReceiveNext;
        _delayedAck.OnAckSent();
        _timers.Clear(TcpTimer.DelayedAck);
    }
}
