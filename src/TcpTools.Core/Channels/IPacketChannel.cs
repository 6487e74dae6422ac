using System;
using System.Threading;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>
/// Where frames are sent and received as they are, beside or instead of a stack. For one thread at a time.
/// </summary>
public interface IPacketChannel : IDisposable
{
    /// <summary>The name of the stack, the link or the interface.</summary>
    string Name { get; }

    /// <summary>What frames received here start with, and those to be sent as bytes.</summary>
    PacketStart Start { get; }

    /// <summary>The largest IP packet in bytes that goes through.</summary>
    int Mtu { get; }

    /// <summary>The time on the channel's clock, which is simulated where its stack or its network is.</summary>
    Instant Now { get; }

    /// <summary>Frames that came while the queue was full and were lost, the kernel's losses included.</summary>
    long Dropped { get; }

    /// <summary>The time of day that a time of the channel's clock stands for; simulated time starts in 1970.</summary>
    DateTimeOffset ToDateTime(Instant time);

    /// <summary>
    /// Begins to keep what arrives, until the channel is disposed; called again, it changes the filter. Who only sends
    /// does without.
    /// </summary>
    /// <param name="filter">What does not pass it is not kept; made for <see cref="Start"/>. Null: everything is.</param>
    /// <param name="capacity">How many frames are kept at most; more are dropped and counted.</param>
    /// <exception cref="StackException">The capacity is not positive, the filter is for other frames, or nothing can be received.</exception>
    void Listen(PacketFilter? filter = null, int capacity = 4096);

    /// <summary>
    /// The packet as it will be sent: with the source address that belongs to its way where it has none set. The packet
    /// itself stays as it is; where there is nothing to fill in, it is what is returned.
    /// </summary>
    /// <exception cref="StackException">There is no way to its destination.</exception>
    Packet Complete(Packet packet) => packet;

    /// <summary>
    /// Sends a packet, completed. Where it starts with IP and the channel needs Ethernet, the channel adds the header.
    /// </summary>
    /// <exception cref="StackException">It cannot be sent: too long, no room, no route, no neighbour.</exception>
    void Send(Packet packet);

    /// <summary>Sends a frame that starts with <see cref="Start"/>.</summary>
    /// <exception cref="StackException">It cannot be sent: too long, or no room.</exception>
    void Send(ReadOnlySpan<byte> frame);

    /// <summary>Waits until a time of the channel's clock, precisely; where that is simulated, waiting moves it.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    void Wait(Instant until, CancellationToken cancellationToken) => ChannelTime.Wait(until, cancellationToken);

    /// <summary>
    /// Waits until what was sent has left. A packet whose next hop's Ethernet address has to be asked for leaves a little
    /// later than <see cref="Send(Packet)"/> returns; whoever receives afterwards need not wait here.
    /// </summary>
    /// <param name="until">When to wait no longer, on the channel's clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StackException">A next hop did not answer.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    void Flush(Instant until, CancellationToken cancellationToken)
    {
    }

    /// <summary>
    /// The next frame, waiting until a time of the channel's clock at most; where that is simulated, waiting moves it.
    /// A time that has passed does not wait; <see cref="Instant.Never"/> waits for ever.
    /// </summary>
    /// <returns>The frame; null when none came in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="StackException">Nobody called <see cref="Listen"/>, or the interface has gone.</exception>
    RawFrame? Receive(Instant until, CancellationToken cancellationToken);
}
