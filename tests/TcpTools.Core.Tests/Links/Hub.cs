using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Links;

namespace TcpTools.Tests.Links;

/// <summary>An Ethernet hub in memory: what one port sends arrives at all the others, for one thread.</summary>
internal sealed class Hub
{
    private readonly List<Port> _ports = [];

    public ILink Plug(string name)
    {
        Port port = new(this, name);
        _ports.Add(port);
        return port;
    }

    private sealed class Port(Hub hub, string name) : ILink
    {
        private readonly Queue<byte[]> _frames = new();

        public string Name => name;

        public LinkCapabilities Capabilities { get; } = new() { Medium = LinkMedium.Ethernet };

        public LinkCounters Counters { get; } = new();

        public int PollDescriptor => -1;

        public Instant NextDeadline => Instant.Never;

        public Action? Readable { get; set; }

        public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
        {
            foreach (PacketBuffer frame in frames)
            {
                foreach (Port other in hub._ports)
                {
                    if (other != this)
                    {
                        other._frames.Enqueue(frame.Span.ToArray());
                    }
                }

                frame.Release();
            }

            return frames.Length;
        }

        public int Receive(Span<PacketBuffer> frames, Instant now)
        {
            int count = 0;
            while (count < frames.Length && _frames.TryDequeue(out byte[]? bytes))
            {
                PacketBuffer frame = PacketBufferPool.Shared.Rent(bytes.Length);
                bytes.CopyTo(frame.Append(bytes.Length));
                frames[count++] = frame;
            }

            return count;
        }

        public void Dispose() => _frames.Clear();
    }
}
