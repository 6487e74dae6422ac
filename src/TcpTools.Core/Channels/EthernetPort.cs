using System;
using System.Buffers.Binary;
using TcpTools.Linux;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>The sending side of one interface: a packet socket that receives nothing, opened when something is first sent.</summary>
internal sealed class EthernetPort(PacketInterface place) : IDisposable
{
    private const int HeaderLength = 14;
    private const int MessageTooLong = 90;
    private const int NoBuffers = 105;

    private readonly byte[] _frame = new byte[HeaderLength + 65535];
    private PacketSocket? _socket;

    internal string Name => place.Name;

    internal int Index => place.Index;

    internal PacketInterface Interface => place;

    internal bool IsLoopback => place.IsLoopback;

    internal bool IsEthernet => place.Start == PacketStart.Ethernet;

    /// <summary>The packet socket.</summary>
    internal PacketSocket Socket => _socket ??= PacketSocket.Open(
        new PacketSocketOptions { Interface = place.Index, IsCooked = place.IsCooked, Receives = false });

    /// <summary>Sends an IP packet or an ARP message behind a header.</summary>
    internal void Send(MacAddress destination, ReadOnlySpan<byte> packet, ushort etherType)
    {
        Span<byte> frame = _frame;
        destination.TryWriteBytes(frame);
        (place.HardwareAddress ?? MacAddress.None).TryWriteBytes(frame[MacAddress.Length..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], etherType);
        if (packet.Length > frame.Length - HeaderLength)
        {
            throw TooLong(packet.Length);
        }

        packet.CopyTo(frame[HeaderLength..]);
        Send(frame[..(HeaderLength + packet.Length)]);
    }

    /// <summary>Sends a frame as it is.</summary>
    internal void Send(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty)
        {
            throw new StackException(StackError.InvalidArgument, "A frame has at least 1 byte.");
        }

        ushort protocol = ProtocolOf(frame);
        PacketSocket socket = Socket;
        int error = socket.Send(frame, protocol);
        for (int tries = 0; error is NoBuffers or SystemError.TryAgain && tries < 1000; tries++)
        {
            // The device's queue is full: it is emptied in no time, or never.
            WaitForRoom(socket.Descriptor);
            error = socket.Send(frame, protocol);
        }

        if (error != 0)
        {
            throw Explain(error, frame.Length);
        }
    }

    /// <summary>The error for what the kernel did not take.</summary>
    internal StackException Explain(int error, int length) => error switch
    {
        MessageTooLong => TooLong(length),
        NoBuffers or SystemError.TryAgain => new StackException(StackError.ResourceExhausted, $"The interface {Name} takes no more frames at present."),
        SystemError.InvalidArgument => new StackException(
            StackError.InvalidArgument, $"The interface {Name} does not take this frame of {length} bytes.", "A frame has at least the link-layer header, which is 14 bytes on Ethernet."),
        _ => InterfaceGone.ToException(error),
    };

    public void Dispose() => _socket?.Dispose();

    /// <summary>What the kernel is to take the frame for.</summary>
    internal ushort ProtocolOf(ReadOnlySpan<byte> frame)
    {
        if (IsEthernet)
        {
            return frame.Length >= HeaderLength ? BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) : (ushort)0;
        }

        return frame[0] >> 4 == 6 ? EtherType.IPv6 : EtherType.IPv4;
    }

    private static void WaitForRoom(int descriptor)
    {
        using Poller poller = new();
        poller.Watch(descriptor);
        poller.Wait(TimeSpan.FromMilliseconds(1));
    }

    private StackException TooLong(int length) => new(
        StackError.InvalidArgument, $"A frame of {length} bytes does not fit the interface {Name}, whose MTU is {place.Mtu} bytes.");
}
