using System;
using System.Threading;
using TcpTools.Linux;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.Sockets;

/// <content>Reading and writing.</content>
public sealed partial class KernelSession
{
    private const nuint IsAtUrgentMark = 0x8905;

    /// <inheritdoc/>
    public override int Read(Span<byte> destination)
    {
        lock (_lock)
        {
            return ReadNow(destination, out _);
        }
    }

    /// <inheritdoc/>
    public override int ReadSome(Span<byte> destination, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Instant end = KernelClock.EndOf(timeout);
        while (!destination.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                int read = ReadNow(destination, out bool isAtEnd);
                if (read > 0 || isAtEnd)
                {
                    return read;
                }
            }

            if (!Wait(new Want(SessionCondition.Readable, null), KernelClock.Left(end), cancellationToken))
            {
                // It may have ended in a way that a read tells better, so look once more before blaming the time.
                lock (_lock)
                {
                    int read = ReadNow(destination, out bool isAtEnd);
                    return read > 0 || isAtEnd ? read : throw SessionErrors.TimedOut("Waiting for data");
                }
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public override int Peek(Span<byte> destination, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        lock (_lock)
        {
            if (!_isOpen || _closed || destination.IsEmpty)
            {
                return 0;
            }

            if (offset == 0)
            {
                return Math.Max(0, _socket.Receive(destination, LibC.PeekOnly, out _));
            }

            int count = Math.Min(_socket.Unread, offset + destination.Length);
            byte[] all = new byte[Math.Max(count, 0)];
            int seen = all.Length <= offset ? 0 : _socket.Receive(all, LibC.PeekOnly, out _);
            int given = Math.Max(0, seen - offset);
            all.AsSpan(Math.Min(offset, all.Length), given).CopyTo(destination);
            return given;
        }
    }

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> data) => Send(data, 0);

    /// <inheritdoc/>
    public override int WriteUrgent(ReadOnlySpan<byte> data) => Send(data, LibC.Urgent);

    /// <inheritdoc/>
    public override void WriteAll(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Instant end = KernelClock.EndOf(timeout);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int taken = Send(data, 0);
            data = data[taken..];
            if (data.IsEmpty)
            {
                return;
            }

            if (!Wait(new Want(SessionCondition.Writable, null), KernelClock.Left(end), cancellationToken)
                && Send([], 0) == 0 && WritableBytes == 0)
            {
                throw SessionErrors.TimedOut("Sending");
            }
        }
    }

    /// <inheritdoc/>
    internal override int TryRead(Span<byte> destination, out bool isAtEnd)
    {
        lock (_lock)
        {
            return ReadNow(destination, out isAtEnd);
        }
    }

    /// <summary>Reads under the lock.</summary>
    private int ReadNow(Span<byte> destination, out bool isAtEnd)
    {
        isAtEnd = false;
        if (_closed)
        {
            throw SessionErrors.Closed(this);
        }

        if (!_isOpen)
        {
            ThrowIfFailed();
            isAtEnd = true;
            return 0;
        }

        if (destination.IsEmpty)
        {
            Refresh();
            isAtEnd = _socket.Unread == 0 && (HasPeerFinished || _state == TcpState.Closed);
            return 0;
        }

        OnRead();
        int read = _socket.Receive(destination, 0, out int error);
        if (read > 0 || error is KernelErrors.TryAgain or KernelErrors.Interrupted)
        {
            return Math.Max(0, read);
        }

        Refresh(error is KernelErrors.NotConnected ? 0 : error);
        ThrowIfFailed();
        isAtEnd = read == 0 || _state == TcpState.Closed;
        return 0;
    }

    private int Send(ReadOnlySpan<byte> data, int flags)
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw SessionErrors.Closed(this);
            }

            if (_finished || _finishesWhenOpen)
            {
                Refresh();
                ThrowIfFailed();
                throw SessionErrors.NotWritable(this);
            }

            if (!_isOpen || data.IsEmpty)
            {
                Refresh();
                ThrowIfFailed();
                return 0;
            }

            int sent = _socket.Send(data, flags, out int error);
            if (sent >= 0 || error is KernelErrors.TryAgain or KernelErrors.Interrupted)
            {
                return Math.Max(0, sent);
            }

            Refresh(error);
            ThrowIfFailed();
            throw SessionErrors.NotWritable(this);
        }
    }

    private void ThrowIfFailed()
    {
        if (_state == TcpState.Closed && SessionErrors.FromCloseReason(_reason, this) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Bytes to the place after the urgent byte: a read stops in front of that byte, and so does a look ahead.</summary>
    private unsafe int? FindUrgentMark()
    {
        if ((_socket.Poll(LibC.PollUrgent) & LibC.PollUrgent) == 0)
        {
            return null;
        }

        int isAtMark = 0;
        if (LibC.IoControl(_socket.Descriptor, IsAtUrgentMark, (nint)(&isAtMark)) == 0 && isAtMark != 0)
        {
            return 1;
        }

        byte[] all = new byte[_socket.Unread + 1];
        int before = _socket.Receive(all, LibC.PeekOnly, out _);
        return Math.Max(0, before) + 1;
    }
}
