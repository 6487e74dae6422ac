using System;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>How the two users of a transfer behave.</summary>
internal sealed record TransferPlan
{
    public int Bytes { get; init; } = 100_000;

    /// <summary>Bytes in each write and read at most; the size of each is chosen at random up to it.</summary>
    public int LargestWrite { get; init; } = 65536;

    public int LargestRead { get; init; } = 65536;

    /// <summary>How long the reader sleeps at most before each read; zero: it reads whenever there is something.</summary>
    public TimeSpan ReaderPause { get; init; }

    public TimeSpan WriterPause { get; init; }
}

/// <summary>
/// One direction of a transfer: writes the pattern, reads and checks it at the other side, closes at its end. The next
/// step follows an event, or a pause.
/// </summary>
internal sealed class PairTransfer
{
    private readonly TcpPair _pair;
    private readonly TcpPair.Side _from;
    private readonly TcpPair.Side _to;
    private readonly TransferPlan _plan;
    private readonly RandomSource _random;
    private readonly byte[] _buffer;
    private bool _isReading;
    private bool _isWriting;

    public PairTransfer(TcpPair pair, TcpPair.Side from, TcpPair.Side to, TransferPlan plan, ulong seed)
    {
        _pair = pair;
        _from = from;
        _to = to;
        _plan = plan;
        _random = RandomSource.FromSeed(seed);
        _buffer = new byte[Math.Max(plan.LargestRead, plan.LargestWrite)];
        from.Writable += () => Later(ref _isWriting, plan.WriterPause, Write);
        to.Readable += () => Later(ref _isReading, plan.ReaderPause, Read);
        pair.At(TimeSpan.Zero, Write);
    }

    public long Written { get; private set; }

    public long Received { get; private set; }

    public bool SawEnd { get; private set; }

    public bool IsDone => Received == _plan.Bytes && SawEnd;

    private void Later(ref bool pending, TimeSpan pause, Action action)
    {
        if (!pending)
        {
            pending = true;
            _pair.At(pause * _random.NextDouble(), action);
        }
    }

    private void Write()
    {
        _isWriting = false;
        while (Written < _plan.Bytes)
        {
            int size = (int)Math.Min(1 + _random.Next(_plan.LargestWrite), _plan.Bytes - Written);
            for (int i = 0; i < size; i++)
            {
                _buffer[i] = SegmentText.Pattern(Written + i);
            }

            int taken = _from.Connection.Write(_buffer.AsSpan(0, size), _pair.Now);
            _from.Check();
            Written += taken;
            if (taken < size)
            {
                return;
            }

            if (_plan.WriterPause > TimeSpan.Zero)
            {
                Later(ref _isWriting, _plan.WriterPause, Write);
                return;
            }
        }

        _from.Connection.Shutdown(_pair.Now);
        _from.Check();
    }

    private void Read()
    {
        _isReading = false;
        while (true)
        {
            int size = 1 + _random.Next(_plan.LargestRead);
            int read = _to.Connection.Read(_buffer.AsSpan(0, size), _pair.Now);
            for (int i = 0; i < read; i++)
            {
                if (_buffer[i] != SegmentText.Pattern(Received + i))
                {
                    Assert.Fail($"{_to.Name}: byte {Received + i} of {_plan.Bytes} is wrong at {_pair.Elapsed}");
                }
            }

            Received += read;
            if (read == 0)
            {
                SawEnd |= _to.Connection.IsPeerFinished;
                return;
            }

            if (_plan.ReaderPause > TimeSpan.Zero)
            {
                Later(ref _isReading, _plan.ReaderPause, Read);
                return;
            }
        }
    }
}
