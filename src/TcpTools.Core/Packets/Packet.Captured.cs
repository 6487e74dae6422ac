using System;

namespace TcpTools.Packets;

/// <summary>What is known of a packet that was seen on a network or read from a file, beside its bytes.</summary>
public sealed partial class Packet
{
    private DateTimeOffset? _timestamp;
    private byte _finerNanoseconds;
    private int? _wireLength;
    private PacketLayerCollection? _layers;
    private byte[]? _frame;
    private PacketStart _frameStart;

    /// <summary>When the packet was seen; null when it has not been.</summary>
    public DateTimeOffset? Timestamp
    {
        get => _timestamp;
        set
        {
            _timestamp = value;
            _finerNanoseconds = 0;
        }
    }

    /// <summary>
    /// <see cref="Timestamp"/> in nanoseconds since 1970-01-01 UTC, as finely as captures have it; null when the packet
    /// has not been seen.
    /// </summary>
    public long? TimestampNanoseconds
    {
        get
        {
            if (_timestamp is not { } time)
            {
                return null;
            }

            const long Limit = (long.MaxValue / TimeSpan.NanosecondsPerTick) - 1;
            long ticks = time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
            return (Math.Clamp(ticks, -Limit, Limit) * TimeSpan.NanosecondsPerTick) + _finerNanoseconds;
        }

        set
        {
            _timestamp = null;
            _finerNanoseconds = 0;
            if (value is { } nanoseconds)
            {
                (long ticks, long rest) = Math.DivRem(nanoseconds, TimeSpan.NanosecondsPerTick);
                if (rest < 0)
                {
                    ticks--;
                    rest += TimeSpan.NanosecondsPerTick;
                }

                _timestamp = new DateTimeOffset(DateTimeOffset.UnixEpoch.UtcTicks + ticks, TimeSpan.Zero);
                _finerNanoseconds = (byte)rest;
            }
        }
    }

    /// <summary>Bytes that the packet had on the wire, more than it has here when a capture cut it.</summary>
    public int WireLength
    {
        get => _wireLength ?? GetLength();
        set => _wireLength = value;
    }

    /// <summary>The name of the interface where the packet was seen; null when nobody says.</summary>
    public string? Interface { get; set; }

    /// <summary>Which way the packet went, seen from the interface.</summary>
    public FrameDirection Direction { get; set; }

    /// <summary>A person's remark about the packet; null when there is none.</summary>
    public string? Comment { get; set; }

    /// <summary>
    /// The capture's number for what the packet starts with, where <see cref="Start"/> has no name for it; else null.
    /// </summary>
    public int? LinkType { get; set; }

    /// <summary>The packet's place in its capture, from 1 on; null when it is from none.</summary>
    public long? Number { get; set; }

    /// <summary>
    /// A packet of bytes that now belong to it. They are taken apart when somebody first looks at a layer: a packet that
    /// only passes through costs no more than its bytes. What <see cref="Parse"/> says holds here too.
    /// </summary>
    public static Packet FromFrame(byte[] bytes, PacketStart start = PacketStart.IP)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new Packet(bytes, start);
    }

    /// <summary>
    /// The bytes, without a copy where nobody has looked at the layers yet: for reading, and only until the packet is
    /// changed.
    /// </summary>
    public ReadOnlyMemory<byte> AsMemory() => _frame ?? ToBytes();

    private Packet(byte[] frame, PacketStart start)
    {
        _frame = frame;
        _frameStart = start;
    }

    /// <summary>Takes the bytes apart; from now on the layers are what counts.</summary>
    private PacketLayerCollection TakeApart()
    {
        byte[] bytes = _frame ?? [];
        _frame = null;
        _layers = new PacketLayerCollection(this);
        TakeApart(bytes, _frameStart);
        return _layers;
    }

    private Packet TakeApart(byte[] bytes, PacketStart start)
    {
        _frameStart = start;
        PacketDissector.Dissect(this, bytes, start, null);
        return this;
    }

    /// <summary>The bytes as an array that nobody may change.</summary>
    private byte[] AsOwnedArray() => _frame ?? ToBytes();

    private void CopyCapturedTo(Packet copy)
    {
        copy._frameStart = _frameStart;
        copy._timestamp = _timestamp;
        copy._finerNanoseconds = _finerNanoseconds;
        copy._wireLength = _wireLength;
        copy.Interface = Interface;
        copy.Direction = Direction;
        copy.Comment = Comment;
        copy.Number = Number;
        copy.LinkType = LinkType;
    }
}
