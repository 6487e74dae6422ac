using System;
using System.Buffers;
using System.Collections.Generic;
using TcpTools.Stack;

namespace TcpTools.Forwarding;

/// <summary>
/// One direction of a forwarded connection: what is on its way from one session to the other. Its connection moves it, on one
/// thread at a time; data may be put in by any.
/// </summary>
internal sealed class ForwardLane(ForwardedConnection connection, ForwardDirection direction)
{
    /// <summary>So much goes over at once before the other direction has its turn.</summary>
    private const int MaximumRounds = 16;
    private const int PieceSize = 65536;

    /// <summary>What may be put in from outside before it has gone out.</summary>
    private const long MaximumQueued = 16 * 1024 * 1024;

    private readonly Queue<ReadOnlyMemory<byte>> _queue = new();
    private long _queued;
    private bool _isExamined;

    public ForwardDirection Direction => direction;

    /// <summary>Whether the source has finished.</summary>
    public bool HasSourceEnded { get; private set; }

    /// <summary>Whether the other side has been told so, behind all data.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Bytes passed on.</summary>
    public long Bytes { get; private set; }

    /// <summary>Moves what can be moved now.</summary>
    /// <returns>Whether there may be more that can be moved at once.</returns>
    public bool Move(TcpSession source, TcpSession sink)
    {
        if (IsFinished)
        {
            return false;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(PieceSize);
        try
        {
            for (int i = 0; i < MaximumRounds; i++)
            {
                if (!WriteQueued(sink) || !MoveOn(source, sink, buffer))
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Puts data in behind what is on its way.</summary>
    public void Put(ReadOnlyMemory<byte> data)
    {
        lock (_queue)
        {
            if (HasSourceEnded && IsFinished)
            {
                throw new StackException(
                    StackError.SessionClosed, $"This connection has finished going {Direction}.", "Nothing can be put in any more.");
            }

            if (_queued + data.Length > MaximumQueued)
            {
                throw new StackException(
                    StackError.ResourceExhausted,
                    $"{_queued} bytes that were put in still wait to go {Direction}.",
                    "Put in less at once, or wait until the receiver has taken it.");
            }

            Enqueue(data);
        }
    }

    /// <summary>A new source: what the old one did does not count.</summary>
    /// <returns>False when the end of the old one has been passed on already.</returns>
    public bool TryRestart()
    {
        lock (_queue)
        {
            HasSourceEnded = HasSourceEnded && IsFinished;
            return !IsFinished;
        }
    }

    private bool WriteQueued(TcpSession sink)
    {
        while (true)
        {
            ReadOnlyMemory<byte> first;
            lock (_queue)
            {
                if (!_queue.TryPeek(out first))
                {
                    return true;
                }
            }

            int taken = 0;
            while (taken < first.Length)
            {
                int count = sink.Write(first.Span[taken..]);
                if (count == 0)
                {
                    break;
                }

                taken += count;
            }

            Bytes += taken;
            lock (_queue)
            {
                _queued -= taken;
                _queue.Dequeue();
                if (taken < first.Length)
                {
                    PutBack(first[taken..]);
                    return false;
                }
            }
        }
    }

    private bool MoveOn(TcpSession source, TcpSession sink, byte[] buffer)
    {
        if (_isExamined)
        {
            return false;
        }

        if (HasSourceEnded)
        {
            lock (_queue)
            {
                if (_queue.Count > 0)
                {
                    return true;
                }

                IsFinished = true;
            }

            sink.Shutdown();
            return false;
        }

        int read = source.TryRead(buffer.AsSpan(0, PieceSize), out bool isAtEnd);
        if (read > 0)
        {
            Pass(buffer.AsSpan(0, read), sink);
            return true;
        }

        HasSourceEnded = isAtEnd;
        return isAtEnd;
    }

    private void Pass(ReadOnlySpan<byte> piece, TcpSession sink)
    {
        if (connection.Hook is { } hook)
        {
            _isExamined = true;
            ForwardedData data = new(connection, direction, piece.ToArray());
            hook.Examine(data, fault => OnExamined(data, fault));
            return;
        }

        int taken = sink.Write(piece);
        Bytes += taken;
        if (taken < piece.Length)
        {
            lock (_queue)
            {
                Enqueue(piece[taken..].ToArray());
            }
        }
    }

    private void OnExamined(ForwardedData data, Exception? fault)
    {
        if (fault is not null)
        {
            connection.OnHookFailed(fault);
        }

        if (!data.IsDropped)
        {
            byte[] result = fault is null ? data.Data : data.Original;
            lock (_queue)
            {
                Enqueue(result);
            }
        }

        _isExamined = false;
        connection.Schedule();
    }

    private void Enqueue(ReadOnlyMemory<byte> data)
    {
        if (!data.IsEmpty)
        {
            _queue.Enqueue(data);
            _queued += data.Length;
        }
    }

    /// <summary>Puts the rest of the first piece in front of those that have come since.</summary>
    private void PutBack(ReadOnlyMemory<byte> rest)
    {
        ReadOnlyMemory<byte>[] others = [.. _queue];
        _queue.Clear();
        _queue.Enqueue(rest);
        foreach (ReadOnlyMemory<byte> other in others)
        {
            _queue.Enqueue(other);
        }
    }
}
