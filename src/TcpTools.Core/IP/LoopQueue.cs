using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using TcpTools.Buffers;

namespace TcpTools.IP;

/// <summary>
/// Packets from this host to itself. They wait here until the caller of the layer comes back for them, so that a
/// transport that answers from within a delivery does not recurse.
/// </summary>
internal sealed class LoopQueue(int limit)
{
    private readonly Queue<PacketBuffer> _packets = new();

    public int Count => _packets.Count;

    /// <summary>Since when there is something to deliver; <see cref="Instant.Never"/> when there is nothing.</summary>
    public Instant Since { get; private set; } = Instant.Never;

    /// <summary>Takes the packet and its ownership, unless the queue is full.</summary>
    public bool TryAdd(PacketBuffer packet, Instant now)
    {
        if (_packets.Count >= limit)
        {
            return false;
        }

        _packets.Enqueue(packet);
        Since = Instant.Earlier(Since, now);
        return true;
    }

    public bool TryTake([NotNullWhen(true)] out PacketBuffer? packet)
    {
        bool taken = _packets.TryDequeue(out packet);
        if (_packets.Count == 0)
        {
            Since = Instant.Never;
        }

        return taken;
    }
}
