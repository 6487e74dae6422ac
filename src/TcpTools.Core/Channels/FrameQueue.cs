using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace TcpTools.Channels;

/// <summary>
/// A thread that takes frames as they come and a bounded queue of them, so that a receiver that is busy for a while loses
/// nothing; what finds no room is dropped and counted.
/// </summary>
internal sealed class FrameQueue : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly FrameIntake _intake;
    private readonly int _capacity;
    private readonly Thread _thread;
    private Queue<RawFrame> _filling = new();
    private Queue<RawFrame> _draining = new();
    private ExceptionDispatchInfo? _failure;
    private volatile bool _stopping;
    private long _dropped;
    private long _lastDropped;

    internal FrameQueue(FrameIntake intake, int capacity, string name)
    {
        _intake = intake;
        _capacity = capacity;
        _thread = new Thread(Run) { IsBackground = true, Name = $"TcpTools receives on {name}" };
        _thread.Start();
    }

    /// <summary>Frames that found no room, here or in the kernel.</summary>
    internal long Dropped => Interlocked.Read(ref _dropped) + (_stopping ? _lastDropped : _intake.Dropped);

    /// <summary>The next frame, waiting for it; null when none came in time.</summary>
    internal RawFrame? Take(Instant until, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_draining.TryDequeue(out RawFrame? frame))
            {
                return frame;
            }

            cancellationToken.ThrowIfCancellationRequested();
            lock (_lock)
            {
                (_filling, _draining) = (_draining, _filling);
            }

            if (_draining.Count > 0)
            {
                continue;
            }

            _failure?.Throw();
            TimeSpan left = until.IsNever ? TimeSpan.FromSeconds(60) : until - WallClock.Now;
            if (left <= TimeSpan.Zero)
            {
                return null;
            }

            _arrived.Wait(TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(left.TotalMilliseconds), 60_000)), cancellationToken);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _lastDropped = _intake.Dropped;
        _intake.Wake();
        // The thread closes the socket, which can take the kernel longer than somebody wants to wait who pressed Ctrl+C.
        _thread.Join(s_patience);
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                while (!_stopping && _intake.TryTake() is { } frame)
                {
                    // Whoever waits is woken by the first frame; whoever drains looks again by himself.
                    if (Add(frame) && _arrived.CurrentCount == 0)
                    {
                        _arrived.Release();
                    }
                }

                _intake.Wait(Timeout.InfiniteTimeSpan, CancellationToken.None);
            }
        }
#pragma warning disable CA1031 // Whatever ends the thread is told to whoever receives; escaping, it would end the process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(exception);
            _arrived.Release();
            while (!_stopping)
            {
                _intake.Wait(Timeout.InfiniteTimeSpan, CancellationToken.None);
            }
        }

        _intake.Dispose();
    }

    /// <summary>Queues a frame; whether it is the only one.</summary>
    private bool Add(RawFrame frame)
    {
        lock (_lock)
        {
            // What is being drained was taken out of the bound when the queues changed places.
            if (_filling.Count < _capacity)
            {
                _filling.Enqueue(frame);
                return _filling.Count == 1;
            }
        }

        Interlocked.Increment(ref _dropped);
        return false;
    }
}
