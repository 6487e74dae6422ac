using System;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.Automata;

/// <summary>
/// Where an automaton lives: its clock, its way for packets, its stream. In real time what comes is taken up by threads of the place, in simulated time by whoever
/// moves the network.
/// </summary>
public sealed class AutomatonPlace : IAutomatonOutlet, IDisposable
{
    /// <summary>So much data may wait before no more is read.</summary>
    private const int MostData = 1 << 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Func<IPacketChannel>? _open;
    private readonly IAutomatonStream? _stream;
    private readonly byte[] _chunk = new byte[16384];
    private IPacketChannel? _channel;
    private IDisposable? _attachment;
    private PacketAutomaton? _automaton;
    private ManualResetEventSlim? _dataTaken;
    private bool _isStreamAtEnd;
    private bool _isDisposed;

    /// <summary>A place.</summary>
    /// <param name="channel">The way for packets, which then belongs to the place; null for none.</param>
    /// <param name="stream">The stream, which then belongs to the place; null for none.</param>
    /// <param name="network">The network whose simulated time it lives in; null for that of the channel and the stream, and real time without.</param>
    /// <param name="open">Opens the way for packets when the first one is sent, where there is no channel; null for no way at all.</param>
    /// <exception cref="StackException">The channel and the stream live in different times.</exception>
    public AutomatonPlace(
        IPacketChannel? channel = null, IAutomatonStream? stream = null, VirtualNetwork? network = null, Func<IPacketChannel>? open = null)
    {
        _channel = channel;
        _stream = stream;
        _open = open;
        VirtualNetwork? ofChannel = channel switch
        {
            LinkChannel link => link.Network,
            StackChannel stack => stack.Stack.Clock?.Network,
            _ => null,
        };
        Network = network ?? ofChannel ?? stream?.Network;
        if ((channel is not null && ofChannel != Network) || (stream is not null && stream.Network != Network))
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"{channel?.Name ?? "The place"} and {stream?.Name ?? "the network"} do not live in the same time.",
                "Use a session, a stack and a link of one network, or all in real time.");
        }
    }

    /// <summary>The network whose simulated time it lives in; null in real time.</summary>
    public VirtualNetwork? Network { get; }

    /// <summary>The time.</summary>
    public Instant Now => Network?.Now ?? _channel?.Now ?? WallClock.Now;

    /// <summary>What it is, in a word or two.</summary>
    public string Name => _channel?.Name ?? _stream?.Name ?? (Network is null ? "real time" : "simulated time");

    /// <summary>What bytes that are sent as packets start with.</summary>
    public PacketStart Start => _channel?.Start ?? PacketStart.IP;

    /// <summary>Whether it has a stream.</summary>
    public bool HasStream => _stream is not null;

    /// <summary>Whether the stack is a manual one, which somebody else moves.</summary>
    private bool IsManual => _channel is StackChannel { Stack.Mode: StackMode.Manual };

    /// <inheritdoc/>
    public void Send(Packet packet)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _channel ??= _open?.Invoke() ?? throw new StackException(
                StackError.InvalidArgument, "There is no way for packets here.", "Start the automaton on a stack or a link.");
        }

        _channel.Send(packet);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlyMemory<byte> data)
    {
        if (_stream is null)
        {
            throw new StackException(StackError.InvalidArgument, "There is no stream to write to.", "Start the automaton on a session.");
        }

        _stream.Write(data.Span, _stop.Token);
    }

    /// <summary>Says on the stream that nothing more will be written.</summary>
    /// <exception cref="StackException">There is no stream.</exception>
    public void Finish()
    {
        if (_stream is null)
        {
            throw new StackException(StackError.InvalidArgument, "There is no stream to finish.", "Start the automaton on a session.");
        }

        _stream.Finish();
    }

    /// <summary>Closes everything; what waits for it ends.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
        }

        _stop.Cancel();
        _attachment?.Dispose();
        _channel?.Dispose();
        _stream?.Dispose();
    }

    /// <summary>Begins to hand over what comes.</summary>
    /// <exception cref="StackException">Nothing can be received here.</exception>
    internal void Serve(PacketAutomaton automaton, PacketFilter? filter)
    {
        _automaton = automaton;
        automaton.Outlet = this;
        if (_channel is { } channel && automaton.Definition.UsesPackets)
        {
            channel.Listen(filter, automaton.Capacity);
            _attachment = PacketChannel.TryAttach(channel, Take);
            if (_attachment is null && !IsManual)
            {
                Begin("packets", () => Pump(channel));
            }
        }
        else if (automaton.Definition.UsesPackets)
        {
            automaton.EndPackets();
        }

        if (_stream is null)
        {
            automaton.EndData();
        }
        else if (automaton.Definition.UsesData && Network is null)
        {
            _dataTaken = new ManualResetEventSlim();
            Begin("data", PumpData);
        }
    }

    /// <summary>Takes up what has come where no thread does.</summary>
    internal void Poll()
    {
        if (IsManual && _attachment is null && _channel is { } channel && _automaton!.Definition.UsesPackets)
        {
            while (channel.Receive(channel.Now, CancellationToken.None) is { } frame)
            {
                Take(frame);
            }
        }

        if (Network is not null && _stream is not null && _automaton!.Definition.UsesData)
        {
            try
            {
                while (!_isStreamAtEnd && _automaton.AvailableData < MostData && ReadOnce())
                {
                }
            }
            catch (StackException e)
            {
                EndStream(e);
            }
        }
        else if (_automaton!.AvailableData < MostData)
        {
            _dataTaken?.Set();
        }
    }

    private void Begin(string what, Action work) => new Thread(() => Guard(work)) { IsBackground = true, Name = $"TcpTools automaton {what}" }.Start();

    private void Guard(Action work)
    {
        try
        {
            work();
        }
        catch (OperationCanceledException)
        {
            // The place was closed.
        }
        catch (ObjectDisposedException)
        {
            // The place was closed.
        }
        catch (Exception e)
        {
            // The link is gone, or something unforeseen: on a thread of its own, nothing may escape.
            if (!_stop.IsCancellationRequested)
            {
                _automaton!.EndPackets(e);
            }
        }
    }

    private void Pump(IPacketChannel channel)
    {
        // Waiting without end comes to nothing only where nothing can come any more.
        while (channel.Receive(Instant.Never, _stop.Token) is { } frame)
        {
            Take(frame);
        }

        _automaton!.EndPackets();
    }

    private void Take(RawFrame frame)
    {
        // On an interface one's own packets are seen as well.
        if (frame.Direction != FrameDirection.Outgoing)
        {
            _automaton!.Receive(frame.ToPacket(), frame.Time);
        }
    }

    private void PumpData()
    {
        try
        {
            while (!_isStreamAtEnd)
            {
                _stream!.WaitReadable(_stop.Token);
                while (_automaton!.AvailableData >= MostData)
                {
                    _dataTaken!.Reset();
                    if (_automaton.AvailableData >= MostData)
                    {
                        _dataTaken.Wait(_stop.Token);
                    }
                }

                ReadOnce();
            }
        }
        catch (StackException e)
        {
            EndStream(e);
        }
    }

    /// <summary>Takes what has come of the stream; false when there was nothing.</summary>
    private bool ReadOnce()
    {
        int read = _stream!.Read(_chunk);
        if (read < 0)
        {
            EndStream(null);
        }
        else if (read > 0)
        {
            _automaton!.ReceiveData(_chunk.AsSpan(0, read), Now);
        }

        return read != 0;
    }

    private void EndStream(Exception? failure)
    {
        _isStreamAtEnd = true;
        _automaton!.EndData(failure);
    }
}
