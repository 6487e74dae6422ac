using System;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.Channels;

/// <summary>
/// The link of a stack, beside the stack's own processing: frames sent here the stack does not know of, and what it
/// receives is seen here too. In simulated time, waiting moves the stack's network; a manual stack moves only when stepped,
/// so nothing is waited for there. The stack stays the caller's.
/// </summary>
public sealed class StackChannel : IPacketChannel
{
    private readonly TcpStack _stack;
    private RawReceiver? _receiver;

    /// <summary>A channel beside a stack.</summary>
    public StackChannel(TcpStack stack)
    {
        ArgumentNullException.ThrowIfNull(stack);
        _stack = stack;
        Start = FrameStart.Of(stack.Link.Capabilities.Medium);
    }

    /// <summary>The stack.</summary>
    public TcpStack Stack => _stack;

    /// <summary>Whether what the stack sends is received here too. To be set before <see cref="Listen"/>.</summary>
    public bool IncludesSent { get; set; }

    /// <inheritdoc/>
    public string Name => _stack.Name;

    /// <inheritdoc/>
    public PacketStart Start { get; }

    /// <inheritdoc/>
    public int Mtu => _stack.Link.Capabilities.Mtu;

    /// <inheritdoc/>
    public Instant Now => _stack.Now;

    /// <inheritdoc/>
    public long Dropped => _receiver?.Dropped ?? 0;

    /// <inheritdoc/>
    public DateTimeOffset ToDateTime(Instant time) => _stack.Clock is null
        ? _stack.Options.TimeProvider.GetUtcNow() + (time - Now)
        : DateTimeOffset.UnixEpoch.AddTicks(time.Ticks);

    /// <inheritdoc/>
    public void Listen(PacketFilter? filter = null, int capacity = 4096)
    {
        PacketChannel.CheckListen(this, filter, capacity);
        if (_receiver is null)
        {
            _receiver = _stack.OpenRawReceiver(capacity, filter is null ? null : filter.Matches);
        }
        else
        {
            _receiver.Filter = filter is null ? null : filter.Matches;
        }

        _receiver.IncludesSent = IncludesSent;
    }

    /// <inheritdoc/>
    public void Send(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (Start == PacketStart.Ethernet && packet.Start == PacketStart.IP && packet.Layers is [IPv4Layer, ..])
        {
            // The stack knows the way, and its neighbours.
            _stack.SendRawPacket(packet.AsMemory().Span);
        }
        else
        {
            Send(PacketChannel.ToBytes(this, packet).Span);
        }
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame) => _stack.SendRaw(frame);

    /// <inheritdoc/>
    public void Wait(Instant until, CancellationToken cancellationToken)
    {
        TimeSpan left = until - Now;
        if (_stack.Mode == StackMode.Virtual)
        {
            _stack.Clock!.Network.RunUntil(static () => false, left < TimeSpan.Zero ? TimeSpan.Zero : left, cancellationToken);
        }
        else if (_stack.Mode == StackMode.Threaded && left > TimeSpan.Zero)
        {
            ChannelTime.Wait(WallClock.Now + left, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public RawFrame? Receive(Instant until, CancellationToken cancellationToken)
    {
        RawReceiver receiver = _receiver ?? throw PacketChannel.NotListening(this);
        while (true)
        {
            Instant now = Now;
            TimeSpan limit = _stack.Mode == StackMode.Manual || until <= now
                ? TimeSpan.Zero
                : until.IsNever ? Timeout.InfiniteTimeSpan : until - now;
            if (receiver.Receive(limit, cancellationToken) is not { } frame)
            {
                return null;
            }

            if (TryRead(frame) is { } wanted)
            {
                return wanted;
            }
        }
    }

    /// <inheritdoc cref="LinkChannel.TryAttach"/>
    internal IDisposable? TryAttach(Action<RawFrame> onFrame) => _stack.Clock is not { } clock ? null : clock.Network.Attach(
        () =>
        {
            if (_receiver is null || !_receiver.TryReceive(out ReceivedFrame? frame))
            {
                return false;
            }

            if (TryRead(frame!) is { } wanted)
            {
                onFrame(wanted);
            }

            return true;
        },
        static () => Instant.Never);

    /// <summary>Ends listening. The stack goes on.</summary>
    public void Dispose() => _receiver?.Dispose();

    /// <summary>A frame of the stack's; null when the filter, which may be newer than the frame, does not let it pass.</summary>
    private RawFrame? TryRead(ReceivedFrame frame) => _receiver!.Filter is { } filter && !filter(frame.Bytes.Span)
        ? null
        : new RawFrame
        {
            Time = frame.Time,
            Timestamp = CaptureTime.From(ToDateTime(frame.Time)),
            Start = Start,
            Bytes = frame.Bytes,
            WireLength = frame.Bytes.Length,
            Interface = _stack.Link.Name,
            Direction = frame.IsSent ? FrameDirection.Outgoing : FrameDirection.Incoming,
        };
}
