using System;
using System.Runtime.InteropServices;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Linux;

namespace TcpTools.Links;

/// <summary>
/// A TUN or TAP device: what the kernel routes to it arrives here, and what is sent here arrives at the kernel, as from a network
/// of its own. The device lives as long as this object or its process; nothing stays behind, however the process ends.
/// </summary>
public sealed unsafe class TunLink : ILink
{
    private readonly PacketBufferPool _pool;
    private readonly LinkCapabilities _capabilities;
    private int _descriptor;
    private bool _isGone;

    internal TunLink(int descriptor, string name, TunOptions options)
    {
        _descriptor = descriptor;
        _pool = options.Pool;
        Name = name;
        Options = options;
        _capabilities = new LinkCapabilities
        {
            Medium = options.Ethernet ? LinkMedium.Ethernet : LinkMedium.IP,
            Mtu = options.Mtu,
            CompletesChecksums = options.Offload,
            MaximumSegmentationLength = options.Offload ? ushort.MaxValue : 0,
        };
    }

    /// <summary>What the device was made from.</summary>
    public TunOptions Options { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public LinkCapabilities Capabilities => _capabilities;

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <summary>The device's descriptor; -1 once the device is gone because it or its namespace was deleted.</summary>
    public int PollDescriptor => _isGone ? -1 : _descriptor;

    /// <inheritdoc/>
    public Instant NextDeadline => Instant.Never;

    /// <inheritdoc/>
    public Action? Readable { get; set; }

    /// <summary>Makes a TUN or TAP device, gives the kernel's side its address and routes, and brings it up.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.NotPermitted"/> without root or CAP_NET_ADMIN; <see cref="StackError.TunUnavailable"/> without
    /// /dev/net/tun; <see cref="StackError.LinkInUse"/> when the name or the address is taken;
    /// <see cref="StackError.InvalidArgument"/> for options that cannot be; <see cref="StackError.SystemError"/> otherwise.
    /// </exception>
    public static TunLink Open(TunOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        TunDevice.Validate(options);
        return options.NetworkNamespace is { Length: > 0 } space
            ? NetworkNamespace.Run(space, () => TunDevice.Create(options))
            : TunDevice.Create(options);
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            PacketBuffer frame = frames[i];
            int length = frame.Length;
            int error = Write(frame);
            if (error == SystemError.TryAgain)
            {
                return i;
            }

            if (error == 0)
            {
                Counters.SentFrames++;
                Counters.SentBytes += length;
            }
            else
            {
                Counters.SendDrops++;
            }

            frame.Release();
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        if (_isGone || frames.IsEmpty)
        {
            return 0;
        }

        // Any frame may have 64 KB. What turns out small is moved to a small buffer, so that queues do not hold large
        // ones for it, and the large one takes the next frame.
        PacketBuffer large = _pool.Rent(PacketBufferPool.LargeFrame);
        int count = 0;
        while (count < frames.Length && Read(large))
        {
            if (large.Length == 0)
            {
                Counters.ReceiveDrops++;
                large.Reset(PacketBufferPool.DefaultHeadroom);
                continue;
            }

            PacketBuffer frame = large;
            if (large.Length <= PacketBufferPool.SmallFrame)
            {
                frame = _pool.Rent(large.Length);
                large.Span.CopyTo(frame.Append(large.Length));
                frame.Offload = large.Offload;
                large.Reset(PacketBufferPool.DefaultHeadroom);
            }
            else
            {
                large = _pool.Rent(PacketBufferPool.LargeFrame);
            }

            frame.Timestamp = now;
            Counters.ReceivedFrames++;
            Counters.ReceivedBytes += frame.Length;
            frames[count++] = frame;
        }

        large.Release();
        return count;
    }

    /// <summary>Closes the descriptor, with which the device and its address and routes go. No other call may be under way.</summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        _isGone = true;
        if (descriptor >= 0)
        {
            _ = LibC.Close(descriptor);
        }
    }

    private int Write(PacketBuffer frame)
    {
        if (frame.Headroom >= VirtioHeader.Length)
        {
            ref OffloadInfo offload = ref frame.Offload;
            Span<byte> packet = frame.Span;
            VirtioHeader.Write(frame.Push(VirtioHeader.Length), ref offload, packet);
            fixed (byte* bytes = frame.Span)
            {
                int error = LibC.Write(_descriptor, bytes, (nuint)frame.Length) < 0 ? Marshal.GetLastPInvokeError() : 0;
                frame.Pull(VirtioHeader.Length);
                return error;
            }
        }

        byte* header = stackalloc byte[VirtioHeader.Length];
        VirtioHeader.Write(new Span<byte>(header, VirtioHeader.Length), ref frame.Offload, frame.Span);
        fixed (byte* bytes = frame.Span)
        {
            IOVector* parts = stackalloc IOVector[2];
            parts[0] = new IOVector { Base = header, Length = VirtioHeader.Length };
            parts[1] = new IOVector { Base = bytes, Length = (nuint)frame.Length };
            return LibC.WriteVector(_descriptor, parts, 2) < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
    }

    /// <summary>Reads one frame into an empty buffer; false when none waits. A frame of no bytes was unreadable.</summary>
    private bool Read(PacketBuffer buffer)
    {
        Span<byte> header = buffer.Push(VirtioHeader.Length);
        int room = buffer.Tailroom;
        nint length;
        int error = 0;
        fixed (byte* bytes = header)
        {
            // The buffer's memory is one piece: what lies behind the header is the tail room.
            length = LibC.Read(_descriptor, bytes, (nuint)(VirtioHeader.Length + room));
            if (length < 0)
            {
                error = Marshal.GetLastPInvokeError();
            }
        }

        if (error != 0)
        {
            _isGone = error is not (SystemError.TryAgain or SystemError.Interrupted);
            buffer.Pull(VirtioHeader.Length);
            return false;
        }

        if (length > VirtioHeader.Length)
        {
            Span<byte> frame = buffer.Append((int)length - VirtioHeader.Length);
            buffer.Offload = VirtioHeader.Read(header, frame);
        }

        buffer.Pull(VirtioHeader.Length);
        return true;
    }
}
