using System;
using System.Threading;
using TcpTools.Buffers;

namespace TcpTools.Links;

/// <summary>
/// A wire in memory with two ends. Frames pass as they are, by reference: no byte is copied, and a checksum that a
/// sender left open (<see cref="OffloadInfo.NeedsChecksum"/>) stays open, since memory damages nothing. Without delay and without
/// loss, except that each direction's queue is bounded. Two stacks on two threads may use one end each.
/// </summary>
public sealed class PacketWire : IDisposable
{
    private readonly End _a;
    private readonly End _b;

    /// <summary>A wire whose ends nobody uses yet.</summary>
    /// <exception cref="StackException">An option is out of range.</exception>
    public PacketWire(PacketWireOptions? options = null)
    {
        options ??= new PacketWireOptions();
        Options = options;
        if (options.Mtu < 68 || options.Mtu > 65535 || options.QueueLimit < 1
            || options.MaximumSegmentationLength is < 0 or > 65535)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "A wire's MTU is 68 to 65535 bytes (RFC 791), its segmentation length at most 65535, its queue limit at least 1.");
        }

        LinkCapabilities capabilities = new()
        {
            Medium = options.Medium,
            Mtu = options.Mtu,
            CompletesChecksums = true,
            MaximumSegmentationLength = options.MaximumSegmentationLength,
        };
        Pipe toB = new(options.QueueLimit);
        Pipe toA = new(options.QueueLimit);
        _a = new End(options.Name + ".A", capabilities, toB, toA);
        _b = new End(options.Name + ".B", capabilities, toA, toB);
    }

    /// <summary>What the wire is like.</summary>
    public PacketWireOptions Options { get; }

    /// <summary>One end.</summary>
    public ILink A => _a;

    /// <summary>The other end.</summary>
    public ILink B => _b;

    /// <summary>Closes both ends and gives back every frame under way.</summary>
    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    /// <summary>One direction: a bounded queue between the sender's thread and the receiver's.</summary>
    private sealed class Pipe(int limit)
    {
        private readonly Lock _lock = new();
        private readonly PacketBuffer?[] _frames = new PacketBuffer?[limit];
        private int _first;
        private int _count;
        private bool _closed;
        private Action? _readable;

        internal Action? Readable
        {
            get => _readable;
            set
            {
                bool waiting;
                lock (_lock)
                {
                    _readable = value;
                    waiting = _count > 0;
                }

                // Whoever starts to listen only now must learn of what came before.
                if (waiting)
                {
                    value?.Invoke();
                }
            }
        }

        /// <summary>Takes a frame unless the queue is full or its reader has gone.</summary>
        internal bool TryEnqueue(PacketBuffer frame, ref bool wasEmpty)
        {
            lock (_lock)
            {
                if (_closed || _count == _frames.Length)
                {
                    return false;
                }

                wasEmpty |= _count == 0;
                int index = _first + _count;
                _frames[index < _frames.Length ? index : index - _frames.Length] = frame;
                _count++;
                return true;
            }
        }

        // Outside the lock: the callback may take locks of the receiving stack's.
        internal void Notify() => _readable?.Invoke();

        internal int Dequeue(Span<PacketBuffer> frames)
        {
            lock (_lock)
            {
                int count = Math.Min(frames.Length, _count);
                for (int i = 0; i < count; i++)
                {
                    frames[i] = _frames[_first]!;
                    _frames[_first] = null;
                    _first = _first + 1 == _frames.Length ? 0 : _first + 1;
                }

                _count -= count;
                return count;
            }
        }

        internal void Close()
        {
            lock (_lock)
            {
                _closed = true;
                _readable = null;
                for (; _count > 0; _count--)
                {
                    _frames[_first]!.Release();
                    _frames[_first] = null;
                    _first = _first + 1 == _frames.Length ? 0 : _first + 1;
                }
            }
        }
    }

    private sealed class End(string name, LinkCapabilities capabilities, Pipe output, Pipe input) : ILink
    {
        private const int EthernetHeaderWithTags = 14 + 8;

        public string Name => name;

        public LinkCapabilities Capabilities => capabilities;

        public LinkCounters Counters { get; } = new();

        public int PollDescriptor => -1;

        public Instant NextDeadline => Instant.Never;

        public Action? Readable
        {
            get => input.Readable;
            set => input.Readable = value;
        }

        public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
        {
            bool wasEmpty = false;
            foreach (PacketBuffer frame in frames)
            {
                int length = frame.Length;
                if (Fits(frame) && output.TryEnqueue(frame, ref wasEmpty))
                {
                    Counters.SentFrames++;
                    Counters.SentBytes += length;
                }
                else
                {
                    Counters.SendDrops++;
                    frame.Release();
                }
            }

            if (wasEmpty)
            {
                output.Notify();
            }

            return frames.Length;
        }

        public int Receive(Span<PacketBuffer> frames, Instant now)
        {
            int count = input.Dequeue(frames);
            for (int i = 0; i < count; i++)
            {
                frames[i].Timestamp = now;
                Counters.ReceivedFrames++;
                Counters.ReceivedBytes += frames[i].Length;
            }

            return count;
        }

        /// <summary>Ends reading here. The other end can still send, to nobody.</summary>
        public void Dispose() => input.Close();

        private bool Fits(PacketBuffer frame)
        {
            int linkHeader = capabilities.Medium == LinkMedium.Ethernet ? EthernetHeaderWithTags : 0;
            ref OffloadInfo offload = ref frame.Offload;
            return offload.Segmentation == SegmentationKind.None
                ? frame.Length <= capabilities.Mtu + linkHeader
                : frame.Length <= capabilities.MaximumSegmentationLength + linkHeader
                    && offload.HeaderLength + offload.SegmentSize <= capabilities.Mtu + linkHeader;
        }
    }
}
