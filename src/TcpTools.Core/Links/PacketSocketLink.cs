using System;
using TcpTools.Buffers;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>
/// A network interface of the kernel's as a link: frames go out and come in by a packet socket, with checksums and
/// segmentation left to whoever is at the other end, as between devices (packet(7), PACKET_VNET_HDR). The kernel goes on using
/// the interface. Needs root or CAP_NET_RAW; nothing of it outlives the link or its process.
/// </summary>
public sealed class PacketSocketLink : ILink
{
    private readonly PacketBufferPool _pool;
    private readonly PacketSocket _socket;
    private readonly bool _isEthernet;
    private long _drops;
    private bool _isGone;

    private PacketSocketLink(InterfaceEntry entry, PacketBufferPool pool, bool promiscuous, BpfProgram? filter = null)
    {
        _pool = pool;
        _isEthernet = entry.IsEthernet;
        Name = entry.Name;
        Capabilities = new LinkCapabilities
        {
            Medium = _isEthernet ? LinkMedium.Ethernet : LinkMedium.IP,
            Mtu = entry.Mtu,
            CompletesChecksums = true,
            MaximumSegmentationLength = ushort.MaxValue,
        };
        _socket = PacketSocket.Open(new PacketSocketOptions
        {
            Interface = entry.Index,
            VirtioHeader = true,
            IgnoreOutgoing = true,
            Promiscuous = promiscuous,
            Filter = filter,
        });
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <summary>The socket's descriptor; -1 once the interface has gone.</summary>
    public int PollDescriptor => _isGone ? -1 : _socket.Descriptor;

    /// <inheritdoc/>
    public Instant NextDeadline => Instant.Never;

    /// <inheritdoc/>
    public Action? Readable { get; set; }

    /// <summary>Opens an interface by its name.</summary>
    /// <param name="name">The interface's name.</param>
    /// <param name="promiscuous">Whether frames for other stations are wanted too, for as long as the link is open.</param>
    /// <param name="pool">Where received frames' buffers come from.</param>
    /// <exception cref="StackException">There is no such interface, or the process may not use it so.</exception>
    public static PacketSocketLink Open(string name, bool promiscuous = false, PacketBufferPool? pool = null)
    {
        using NetlinkSocket netlink = new();
        InterfaceEntry entry = InterfaceList.Read(netlink).Find(e => e.Name == name) ?? throw new StackException(
            StackError.NoInterface, $"There is no network interface '{name}'.", "Name one that 'ip link' lists.");
        return new PacketSocketLink(entry, pool ?? PacketBufferPool.Shared, promiscuous);
    }

    /// <summary>
    /// Opens an interface for a station of our own on it: the kernel shows only frames for that Ethernet address and for groups, and
    /// the interface takes frames for the address although it is not its own, for as long as the link is open.
    /// </summary>
    /// <param name="network">The interface.</param>
    /// <param name="station">The station's Ethernet address, which may be the interface's own.</param>
    /// <param name="pool">Where received frames' buffers come from.</param>
    /// <exception cref="StackException">The interface has no Ethernet frames or is down, or the process may not use it so.</exception>
    public static PacketSocketLink OpenStation(InterfaceNetwork network, MacAddress station, PacketBufferPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        network.ThrowIfUnfit();
        return network.Inside(() => new PacketSocketLink(
            network.Entry, pool ?? PacketBufferPool.Shared, station != network.HardwareAddress, StationFilter(station)));
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        const int NoBuffers = 105;
        for (int i = 0; i < frames.Length; i++)
        {
            PacketBuffer frame = frames[i];
            int length = frame.Length;
            int error = Write(frame);
            if (error is SystemError.TryAgain or NoBuffers)
            {
                return i;
            }

            Counters.SentFrames += error == 0 ? 1 : 0;
            Counters.SentBytes += error == 0 ? length : 0;
            Counters.SendDrops += error == 0 ? 0 : 1;
            frame.Release();
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        int count = 0;
        try
        {
            while (!_isGone && count < frames.Length && _socket.TryReceive(out SocketFrame frame))
            {
                frames[count++] = Take(in frame, now);
            }
        }
        catch (StackException)
        {
            // The interface is down or has gone: as with every link, nothing comes any more.
            _isGone = true;
        }

        if (count == frames.Length)
        {
            // Only a full queue drops, and after one the next batch is full.
            long drops = _socket.ReadStatistics().Dropped;
            Counters.ReceiveDrops += drops - _drops;
            _drops = drops;
        }

        return count;
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        _isGone = true;
        _socket.Dispose();
    }

    /// <summary>Frames for one station, and for groups of them.</summary>
    private static BpfProgram StationFilter(MacAddress station)
    {
        const ushort LoadWord = 0x20;
        const ushort LoadHalf = 0x28;
        const ushort LoadByte = 0x30;
        const ushort JumpIfEqual = 0x15;
        const ushort JumpIfSet = 0x45;
        const ushort Return = 0x06;
        return new BpfProgram(
        [
            new(LoadWord, 0, 0, 0),
            new(JumpIfEqual, 0, 2, (uint)(station.Value >> 16)),
            new(LoadHalf, 0, 0, 4),
            new(JumpIfEqual, 3, 0, (uint)(station.Value & 0xFFFF)),
            new(LoadByte, 0, 0, 0),
            new(JumpIfSet, 1, 0, 1),
            new(Return, 0, 0, 0),
            new(Return, 0, 0, uint.MaxValue),
        ]);
    }

    private int Write(PacketBuffer frame)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        ushort protocol = _isEthernet
            ? bytes.Length > 13 ? (ushort)((bytes[12] << 8) | bytes[13]) : (ushort)0
            : bytes.Length > 0 && bytes[0] >> 4 == 6 ? EtherType.IPv6 : EtherType.IPv4;
        if (frame.Headroom >= VirtioHeader.Length)
        {
            ref OffloadInfo offload = ref frame.Offload;
            Span<byte> packet = frame.Span;
            VirtioHeader.Write(frame.Push(VirtioHeader.Length), ref offload, packet);
            int error = _socket.Send(frame.Span, protocol);
            frame.Pull(VirtioHeader.Length);
            return error;
        }

        byte[] copy = new byte[VirtioHeader.Length + frame.Length];
        VirtioHeader.Write(copy, ref frame.Offload, frame.Span);
        frame.Span.CopyTo(copy.AsSpan(VirtioHeader.Length));
        return _socket.Send(copy, protocol);
    }

    private PacketBuffer Take(in SocketFrame frame, Instant now)
    {
        int length = SocketFrames.Measure(in frame);
        PacketBuffer buffer = _pool.Rent(length);
        if (frame.HasTag)
        {
            // With the tag back in its place the offload's offsets would be others: nothing is left open.
            SocketFrames.Write(in frame, _isEthernet, buffer.Append(length));
        }
        else
        {
            frame.Bytes.CopyTo(buffer.Append(length));
            buffer.Offload = VirtioHeader.Read(frame.Virtio, frame.Bytes);
        }

        buffer.Timestamp = now;
        Counters.ReceivedFrames++;
        Counters.ReceivedBytes += length;
        return buffer;
    }
}
