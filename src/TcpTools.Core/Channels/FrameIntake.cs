using System;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Linux;
using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>
/// A packet socket that receives, and what becomes of its frames: those of the wrong direction and those that do not pass
/// the filter are left out where the kernel has not done so.
/// </summary>
internal sealed class FrameIntake : IDisposable
{
    /// <summary>The kernel's fixed number for the loopback device, where what goes out comes in again.</summary>
    private const int LoopbackIndex = 1;

    private readonly PacketSocket _socket;
    private readonly ChannelWaiter _waiter;
    private readonly FrameDirection _direction;
    private readonly PacketStart _start;
    private readonly Func<int, string> _nameOf;
    private readonly Func<int, bool>? _wanted;
    private PacketFilter? _filter;
    private bool _filtersHere;

    internal FrameIntake(
        PacketSocketOptions options,
        FrameDirection direction,
        PacketStart start,
        PacketFilter? filter,
        Func<int, string> nameOf,
        Func<int, bool>? wanted = null)
    {
        _direction = direction;
        _start = start;
        _nameOf = nameOf;
        _wanted = wanted;
        _filter = filter;
        _filtersHere = !RunsInKernel(filter);
        _socket = PacketSocket.Open(options with { Filter = _filtersHere ? null : filter?.Program });
        _waiter = new ChannelWaiter(_socket.Descriptor);
    }

    /// <summary>Frames that the kernel had no room for.</summary>
    internal long Dropped => _socket.ReadStatistics().Dropped;

    /// <summary>From now on keeps what another filter lets pass, of what waits as well.</summary>
    internal void SetFilter(PacketFilter? filter)
    {
        _filter = filter;
        // What the socket holds has passed the old filter only.
        _filtersHere = filter is not null;
        _socket.SetFilter(RunsInKernel(filter) ? filter?.Program : null);
    }

    /// <summary>The next wanted frame that has arrived; null when there is none at present.</summary>
    internal RawFrame? TryTake()
    {
        while (_socket.TryReceive(out SocketFrame frame))
        {
            FrameDirection direction = frame.PacketType == SocketFrame.Outgoing ? FrameDirection.Outgoing : FrameDirection.Incoming;
            if ((_direction != FrameDirection.Unknown && direction != _direction)
                || (_direction == FrameDirection.Unknown && direction == FrameDirection.Outgoing && frame.Interface == LoopbackIndex)
                || (_wanted is not null && !(_wanted(frame.Interface) && frame.PacketType != SocketFrame.ToOtherHost)))
            {
                continue;
            }

            byte[] bytes = GC.AllocateUninitializedArray<byte>(SocketFrames.Measure(in frame));
            SocketFrames.Write(in frame, _start == PacketStart.Ethernet, bytes);
            if (_filtersHere && _filter is not null && !_filter.Matches(bytes))
            {
                continue;
            }

            return new RawFrame
            {
                Time = frame.Nanoseconds == 0 ? WallClock.Now : WallClock.ToInstant(frame.Nanoseconds),
                Timestamp = frame.Nanoseconds == 0 ? WallClock.UtcNow : new CaptureTime(frame.Nanoseconds),
                Start = _start,
                Bytes = bytes,
                WireLength = SocketFrames.MeasureWire(in frame),
                Interface = _nameOf(frame.Interface),
                Direction = direction,
            };
        }

        return null;
    }

    /// <summary>Waits until a frame may have arrived, the time has passed, or the wait is cancelled.</summary>
    internal void Wait(TimeSpan limit, CancellationToken cancellationToken) =>
        _waiter.Wait(_socket.Descriptor, limit, cancellationToken);

    /// <summary>Ends the wait from another thread.</summary>
    internal void Wake() => _waiter.Wake();

    public void Dispose()
    {
        _socket.Dispose();
        _waiter.Dispose();
    }

    /// <summary>
    /// Whether the kernel can run the filter. It takes VLAN tags out before its filters look, so that what asks for them
    /// must look at the frame with the tag back in its place.
    /// </summary>
    private static bool RunsInKernel(PacketFilter? filter) =>
        filter is null || !filter.Expression.Contains("vlan", StringComparison.OrdinalIgnoreCase);
}
