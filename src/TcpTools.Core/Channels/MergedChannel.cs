using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>Several channels to receive from as if they were one, in real time. Nothing can be sent over it.</summary>
public sealed class MergedChannel : IPacketChannel
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(2);

    private readonly IPacketChannel[] _channels;
    private int _turn;

    /// <summary>Takes the channels, which then belong to this one.</summary>
    /// <exception cref="StackException">There is none, or their frames start differently.</exception>
    public MergedChannel(params IEnumerable<IPacketChannel> channels)
    {
        _channels = [.. channels];
        if (_channels.Length == 0 || _channels.Any(c => c.Start != _channels[0].Start))
        {
            Dispose();
            throw new StackException(
                StackError.InvalidArgument,
                $"The frames of {string.Join(", ", _channels.Select(c => $"{c.Name} start with {c.Start}"))}: they cannot be received together.",
                "Receive from each by itself.");
        }
    }

    /// <inheritdoc/>
    public string Name => string.Join(',', _channels.Select(c => c.Name));

    /// <inheritdoc/>
    public PacketStart Start => _channels[0].Start;

    /// <inheritdoc/>
    public int Mtu => _channels.Min(c => c.Mtu);

    /// <inheritdoc/>
    public Instant Now => _channels[0].Now;

    /// <inheritdoc/>
    public long Dropped => _channels.Sum(c => c.Dropped);

    /// <inheritdoc/>
    public DateTimeOffset ToDateTime(Instant time) => _channels[0].ToDateTime(time);

    /// <inheritdoc/>
    public void Listen(PacketFilter? filter = null, int capacity = 4096) => Array.ForEach(_channels, c => c.Listen(filter, capacity));

    /// <inheritdoc/>
    public void Send(Packet packet) => throw CannotSend();

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> frame) => throw CannotSend();

    /// <inheritdoc/>
    public RawFrame? Receive(Instant until, CancellationToken cancellationToken)
    {
        while (true)
        {
            for (int i = 0; i < _channels.Length; i++)
            {
                // The others first: a busy one must not keep them from their turn.
                IPacketChannel channel = _channels[_turn];
                _turn = (_turn + 1) % _channels.Length;
                if (channel.Receive(channel.Now, cancellationToken) is { } frame)
                {
                    return frame;
                }
            }

            Instant now = Now;
            if (now >= until)
            {
                return null;
            }

            cancellationToken.WaitHandle.WaitOne(until.IsNever || until - now > s_look ? s_look : until - now);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Closes the channels.</summary>
    public void Dispose() => Array.ForEach(_channels, c => c.Dispose());

    private static StackException CannotSend() => new(
        StackError.InvalidArgument, "Packets are sent over one link at a time.", "Name one with -Link.");
}
