using System;
using TcpTools.Buffers;

namespace TcpTools.Links;

/// <summary>
/// Where frames come from and go to: a device, a wire in memory, or another link with something done to its frames.
/// A link is passive: it starts no thread and reads no clock. Its stack calls it from one thread at a time.
/// </summary>
public interface ILink : IDisposable
{
    /// <summary>The device's or the wire end's name.</summary>
    string Name { get; }

    /// <summary>What frames look like here and which work the link takes over.</summary>
    LinkCapabilities Capabilities { get; }

    /// <summary>What has passed since the link was made.</summary>
    LinkCounters Counters { get; }

    /// <summary>
    /// A descriptor that becomes readable when frames have arrived, or -1 when <see cref="Readable"/> tells instead.
    /// </summary>
    int PollDescriptor { get; }

    /// <summary>
    /// When something is due on the link without outside cause, such as a delayed frame's arrival;
    /// <see cref="Instant.Never"/> when nothing is. <see cref="Receive"/> or <see cref="Send"/> at that time does it.
    /// </summary>
    Instant NextDeadline { get; }

    /// <summary>Called, from any thread, when frames have arrived at a link that has no descriptor. Must not block.</summary>
    Action? Readable { get; set; }

    /// <summary>
    /// Takes frames to send, in order, and with each the ownership of its buffer. Returns how many it took; the rest
    /// stay the caller's, because the link's queue is full. Never throws for what a frame contains.
    /// </summary>
    int Send(ReadOnlySpan<PacketBuffer> frames, Instant now);

    /// <summary>Fills the front of <paramref name="frames"/> with what has arrived; the caller owns it. Never waits.</summary>
    /// <returns>How many frames there were: less than the span holds when there are no more at present.</returns>
    int Receive(Span<PacketBuffer> frames, Instant now);
}
