using System.Threading;

namespace TcpTools.Buffers;

/// <summary>
/// Lends <see cref="PacketBuffer"/>s of two sizes, for a packet of an ordinary network and for the largest there is.
/// Any thread may rent and return. What is lent is counted, so that a test can prove that all came back.
/// </summary>
public sealed class PacketBufferPool
{
    /// <summary>Room in front of every rented frame: virtio header, Ethernet with two tags, IPv6 with extension headers.</summary>
    public const int DefaultHeadroom = 128;

    /// <summary>Frame bytes that a small buffer holds behind the headroom.</summary>
    public const int SmallFrame = 1920;

    /// <summary>Frame bytes that a large buffer holds behind the headroom: 64 KB of IP and its link header.</summary>
    public const int LargeFrame = 65535 + 64;

    private readonly Lock _lock = new();
    private readonly int _keepSmall;
    private readonly int _keepLarge;
    private PacketBuffer? _freeSmall;
    private PacketBuffer? _freeLarge;
    private int _freeSmallCount;
    private int _freeLargeCount;
    private int _outstanding;

    /// <summary>A pool that keeps at most so many free buffers of each size; more are left to the collector.</summary>
    public PacketBufferPool(int keepSmall = 4096, int keepLarge = 128)
    {
        _keepSmall = keepSmall;
        _keepLarge = keepLarge;
    }

    /// <summary>The pool that serves whoever names no other.</summary>
    public static PacketBufferPool Shared { get; } = new();

    /// <summary>Buffers rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    /// <summary>
    /// An empty buffer with <see cref="DefaultHeadroom"/> in front and room for at least <paramref name="frameLength"/>
    /// bytes behind it.
    /// </summary>
    public PacketBuffer Rent(int frameLength)
    {
        bool large = frameLength > SmallFrame;
        PacketBuffer? buffer;
        lock (_lock)
        {
            _outstanding++;
            ref PacketBuffer? free = ref large ? ref _freeLarge : ref _freeSmall;
            buffer = free;
            if (buffer is not null)
            {
                free = buffer.NextFree;
                buffer.NextFree = null;
                buffer.IsFree = false;
                if (large)
                {
                    _freeLargeCount--;
                }
                else
                {
                    _freeSmallCount--;
                }
            }
        }

        buffer ??= new PacketBuffer(this, DefaultHeadroom + (large ? LargeFrame : SmallFrame));
        buffer.Reset(DefaultHeadroom);
        return buffer;
    }

    internal void Return(PacketBuffer buffer)
    {
        lock (_lock)
        {
            if (buffer.IsFree)
            {
                return;
            }

            _outstanding--;
            buffer.IsFree = true;
            bool large = buffer.Capacity > DefaultHeadroom + SmallFrame;
            if (large && _freeLargeCount < _keepLarge)
            {
                buffer.NextFree = _freeLarge;
                _freeLarge = buffer;
                _freeLargeCount++;
            }
            else if (!large && _freeSmallCount < _keepSmall)
            {
                buffer.NextFree = _freeSmall;
                _freeSmall = buffer;
                _freeSmallCount++;
            }
        }
    }
}
