using System;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.Channels;

/// <summary>
/// A link that no stack has, such as a wire's end: what is on it waits there until somebody receives. With a network in
/// simulated time at the other end, waiting moves that network. The link stays the caller's unless it is handed over.
/// </summary>
public sealed class LinkChannel : IPacketChannel
{
    private readonly ILink _link;
    private readonly LinkPort _port;
    private readonly VirtualNetwork? _network;
    private readonly TimeProvider _time;
    private readonly bool _ownsLink;
    private PacketFilter? _filter;
    private bool _isListening;
    private long _dropsBefore;

    /// <summary>Takes a link, which no stack may be using.</summary>
    /// <param name="link">The link.</param>
    /// <param name="network">The network in simulated time whose stacks may be at the other end; null in real time.</param>
    /// <param name="ownsLink">Whether the link goes with the channel.</param>
    public LinkChannel(ILink link, VirtualNetwork? network = null, bool ownsLink = false)
    {
        ArgumentNullException.ThrowIfNull(link);
        _link = link;
        _ownsLink = ownsLink;
        // A device's other end lives in real time whatever else is simulated.
        _network = link.PollDescriptor < 0 ? network : null;
        _time = _network is null ? TimeProvider.System : new VirtualTimeProvider(_network.Clock);
        _port = new LinkPort(link, _time);
        Start = FrameStart.Of(link.Capabilities.Medium);
    }

    /// <summary>The link.</summary>
    public ILink Link => _link;

    /// <inheritdoc/>
    public string Name => _link.Name;

    /// <inheritdoc/>
    public PacketStart Start { get; }

    /// <inheritdoc/>
    public int Mtu => _link.Capabilities.Mtu;

    /// <inheritdoc/>
    public Instant Now => _port.Now;

    /// <inheritdoc/>
    public long Dropped => _isListening ? _link.Counters.ReceiveDrops - _dropsBefore : 0;

    /// <inheritdoc/>
    public DateTimeOffset ToDateTime(Instant time) => _time.GetUtcNow() + (time - Now);

    /// <summary>Sets the filter. The link itself keeps what arrives, as many frames as it can; the capacity is the link's.</summary>
    public void Listen(PacketFilter? filter = null, int capacity = 4096)
    {
        PacketChannel.CheckListen(this, filter, capacity);
        _filter = filter;
        if (!_isListening)
        {
            _isListening = true;
            _dropsBefore = _link.Counters.ReceiveDrops;
        }
    }

    /// <inheritdoc/>
    public void Send(Packet packet) => Send(PacketChannel.ToBytes(this, packet).Span);

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame) => _port.Send(frame);

    /// <inheritdoc/>
    public void Wait(Instant until, CancellationToken cancellationToken)
    {
        if (_network is null)
        {
            ChannelTime.Wait(until, cancellationToken);
        }
        else if (until > Now)
        {
            _network.RunUntil(static () => false, until - Now, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public RawFrame? Receive(Instant until, CancellationToken cancellationToken)
    {
        if (!_isListening)
        {
            throw PacketChannel.NotListening(this);
        }

        while (true)
        {
            byte[]? bytes = _network is null ? ReceiveReal(until, cancellationToken) : ReceiveVirtual(until, cancellationToken);
            if (bytes is null)
            {
                return null;
            }

            if (_filter is null || _filter.Matches(bytes))
            {
                return ToFrame(bytes);
            }
        }
    }

    /// <summary>The network whose simulated time the channel lives in; null in real time.</summary>
    internal VirtualNetwork? Network => _network;

    /// <summary>
    /// In simulated time, lets the network hand over each frame as it comes, on the thread that moves the network; null in
    /// real time, where somebody must wait for them.
    /// </summary>
    internal IDisposable? TryAttach(Action<RawFrame> onFrame) => _network?.Attach(
        () =>
        {
            if (_port.TryReceive() is not { } bytes)
            {
                return false;
            }

            if (_filter is null || _filter.Matches(bytes))
            {
                onFrame(ToFrame(bytes));
            }

            return true;
        },
        () => _link.NextDeadline);

    /// <summary>Gives the link back, or closes it where it was handed over.</summary>
    public void Dispose()
    {
        _port.Dispose();
        if (_ownsLink)
        {
            _link.Dispose();
        }
    }

    private RawFrame ToFrame(byte[] bytes)
    {
        Instant now = Now;
        return new RawFrame
        {
            Time = now,
            Timestamp = CaptureTime.From(ToDateTime(now)),
            Start = Start,
            Bytes = bytes,
            WireLength = bytes.Length,
            Interface = _link.Name,
            Direction = FrameDirection.Incoming,
        };
    }

    private byte[]? ReceiveReal(Instant until, CancellationToken cancellationToken)
    {
        if (until.IsNever)
        {
            return _port.Receive(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        TimeSpan left = until - Now;
        return _port.Receive(left < TimeSpan.Zero ? TimeSpan.Zero : left, cancellationToken);
    }

    private byte[]? ReceiveVirtual(Instant until, CancellationToken cancellationToken)
    {
        byte[]? frame = null;
        while (true)
        {
            Instant now = Now;
            Instant next = Instant.Earlier(until, NextDue());
            TimeSpan limit = next.IsNever ? Timeout.InfiniteTimeSpan : next <= now ? TimeSpan.Zero : next - now;
            _network!.RunUntil(
                () => (frame ??= _port.TryReceive()) is not null || NextDue() < next, limit, cancellationToken);
            if (frame is not null || (next >= until && NextDue() >= next))
            {
                return frame;
            }
        }
    }

    /// <summary>When the link gives a frame that it holds back now. One that is due and does not come must not stop time for ever.</summary>
    private Instant NextDue() => Instant.Later(_link.NextDeadline, Now + TimeSpan.FromTicks(1));
}
