using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>User calls: SEND, RECEIVE, CLOSE and ABORT (RFC 9293, 3.9.1 and 3.10.2 to 3.10.5), and what ICMP reports.</content>
public sealed partial class TcpConnection
{
    private string? _softError;

    /// <summary>Takes data to send; it goes out as soon as windows allow.</summary>
    /// <returns>Bytes taken: fewer than given when the buffer is full, 0 also when this side has closed.</returns>
    public int Write(ReadOnlySpan<byte> data, Instant now)
    {
        if (!CanWrite)
        {
            return 0;
        }

        GrowSendBuffer(data.Length);
        int taken = _sendBuffer.Append(data);
        _isWriterWaiting |= taken < data.Length;
        if (_receiveBuffer.Available == 0)
        {
            _delayedAck.OnReply();
        }

        Flush(now);
        return taken;
    }

    /// <summary>Takes data to send and marks it urgent (RFC 9293, 3.8.5). New programs should not use it (RFC 6093, 5).</summary>
    public int WriteUrgent(ReadOnlySpan<byte> data, Instant now)
    {
        if (!CanWrite)
        {
            return 0;
        }

        int taken = _sendBuffer.Append(data);
        if (taken > 0)
        {
            _urgent.OnUrgentWritten(DataEnd);
        }

        Flush(now);
        return taken;
    }

    /// <summary>Takes received data out of the buffer.</summary>
    /// <returns>Bytes read; 0 when there are none at present, or no more at all: see <see cref="IsPeerFinished"/>.</returns>
    public int Read(Span<byte> destination, Instant now)
    {
        if (ReadableBytes == 0)
        {
            return 0;
        }

        int read = _receiveBuffer.Read(destination);
        _urgent.OnRead(FirstUnread);
        if (read > 0 && IsSynchronized && !_isPeerFinished)
        {
            OnSpaceFreed(read, now);
        }

        return read;
    }

    /// <summary>Copies received data without taking it, from <paramref name="offset"/> bytes on.</summary>
    public int Peek(Span<byte> destination, int offset = 0) => ReadableBytes == 0 ? 0 : _receiveBuffer.Peek(destination, offset);

    /// <summary>Closes this side: a FIN follows the data written so far; the peer may go on sending (RFC 9293, 3.6).</summary>
    public void Shutdown(Instant now)
    {
        switch (_state)
        {
            case TcpState.Listen or TcpState.SynSent:
                CloseNow(TcpCloseReason.Aborted);
                return;
            case TcpState.SynReceived or TcpState.Established when !_isFinRequested:
                _isFinRequested = true;
                if (_state == TcpState.Established)
                {
                    ChangeState(TcpState.FinWait1);
                }

                break;
            case TcpState.CloseWait:
                _isFinRequested = true;
                ChangeState(TcpState.LastAck);
                break;
            default:
                return;
        }

        Flush(now);
    }

    /// <summary>
    /// Closes both sides: nothing more will be read. Data that waits unread, and data that still comes, make it a reset,
    /// so that the peer does not believe it was received (RFC 9293, 3.6.1; RFC 2525, 2.17).
    /// </summary>
    public void Close(Instant now)
    {
        bool hadUnread = ReadableBytes > 0;
        _isReadClosed = true;
        _progressAt = now;
        if (_state == TcpState.Closed)
        {
            _receiveBuffer.Clear();
            return;
        }

        if (hadUnread && _state is not (TcpState.TimeWait or TcpState.Closing or TcpState.LastAck))
        {
            Abort(now);
            return;
        }

        if (_state == TcpState.FinWait2)
        {
            _timers.Set(TcpTimer.Lifetime, now + _settings.FinWait2Timeout);
            Reschedule();
        }

        Shutdown(now);
    }

    /// <summary>Ends the connection at once: a reset to the peer, all buffers thrown away (RFC 9293, 3.10.5).</summary>
    public void Abort(Instant now, TcpCloseReason reason = TcpCloseReason.Aborted)
    {
        if (_state == TcpState.Closed)
        {
            return;
        }

        _isReadClosed = true;
        if (_state is TcpState.SynReceived or TcpState.Established or TcpState.FinWait1 or TcpState.FinWait2 or TcpState.CloseWait)
        {
            SendReset(_sendNext, ReceiveNext);
        }

        CloseNow(_state is TcpState.TimeWait ? TcpCloseReason.Finished : reason);
    }

    /// <summary>Changes keep-alive (RFC 9293, 3.8.4).</summary>
    public void SetKeepAlive(bool enabled, TimeSpan? time, TimeSpan? interval, int? probes, Instant now)
    {
        _keepAlive.IsEnabled = enabled;
        _keepAlive.Time = time ?? _keepAlive.Time;
        _keepAlive.Interval = interval ?? _keepAlive.Interval;
        _keepAlive.Probes = probes ?? _keepAlive.Probes;
        RestartKeepAlive(now);
        Reschedule();
    }

    /// <summary>
    /// Takes an ICMP error about a segment of this connection. Only one that quotes what is outstanding is believed
    /// (RFC 5927, 4), and once the connection stands none ends it (RFC 5927, 5.2).
    /// </summary>
    /// <param name="error">What was reported.</param>
    /// <param name="quoted">The sequence number in the segment quoted.</param>
    /// <param name="mtu">The next hop's MTU in bytes, for <see cref="TcpPathError.MessageTooBig"/>.</param>
    /// <param name="now">The time.</param>
    public void OnIcmpError(TcpPathError error, SequenceNumber quoted, int mtu, Instant now)
    {
        if (_state is TcpState.Closed or TcpState.Listen or TcpState.TimeWait
            || quoted < _sendUnacknowledged || quoted >= _sendNext)
        {
            return;
        }

        if (error == TcpPathError.MessageTooBig)
        {
            ReducePathMtu(mtu, now);
        }
        else if (error == TcpPathError.PortUnreachable && _state is TcpState.SynSent or TcpState.SynReceived)
        {
            CloseNow(TcpCloseReason.Refused);
        }
        else if (error == TcpPathError.NeighborUnreachable && _state is TcpState.SynSent or TcpState.SynReceived)
        {
            // Unlike a router's word (RFC 1122, 4.2.3.9) this is no rumour: the link was asked several times.
            _softError = error.ToString();
            CloseNow(TcpCloseReason.Unreachable);
        }
        else
        {
            _softError = error.ToString();
        }

        Reschedule();
    }

    private void OnSpaceFreed(int read, Instant now)
    {
        int capacity = _receiveBuffer.Capacity - _windowSlack;
        int tuned = _windowTuner.OnRead(read, capacity, _rtt.Smoothed, now);
        if (tuned != capacity)
        {
            _receiveBuffer.Capacity = tuned + _windowSlack;
        }

        // An update is worth a segment when the window that the peer knows is nearly used up or would grow by much.
        int known = _announced.Remaining(ReceiveNext);
        int gain = FreeReceiveSpace - known;
        int mss = AnnouncedMaximumSegment;
        bool isNearlyShut = known < 2 * mss && gain >= Math.Min(mss, tuned / 2);
        if (isNearlyShut || gain >= Math.Max(2 * mss, tuned / 4))
        {
            SendAck(now);
            Reschedule();
        }
    }

    /// <summary>Lets the send buffer hold two congestion windows, so that the user's pace does not limit the network's.</summary>
    private void GrowSendBuffer(int wanted)
    {
        if (_settings.AutoTuneSendBuffer && wanted > _sendBuffer.Free)
        {
            long useful = Math.Min(_settings.SendBufferMaximum, 2L * _recovery.Congestion.Window);
            if (useful > _sendBuffer.Capacity)
            {
                _sendBuffer.Capacity = (int)useful;
            }
        }
    }
}
