using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TcpTools.Linux;

/// <summary>Frames by recvmmsg: each is there the moment it arrives, and under load a system call brings many.</summary>
internal sealed unsafe class PacketBatch : IPacketSource
{
    private const int Count = 32;
    private const int FrameCapacity = 65536 + 256;
    private const int ControlCapacity = 128;
    private const int AuxiliaryData = 8;
    private const uint ChecksumNotReady = 0x08;
    private const uint TagValid = 0x10;
    private const uint TagProtocolValid = 0x40;
    private const int ControlHeaderLength = 16;

    private readonly int _descriptor;
    private readonly bool _hasVirtio;
    private byte* _memory;
    private int _next;
    private int _filled;

    internal PacketBatch(int descriptor, bool hasVirtio)
    {
        _descriptor = descriptor;
        _hasVirtio = hasVirtio;
        _memory = (byte*)NativeMemory.AllocZeroed(Stride, Count);
    }

    // A message's header, its vector, its address, its control data, its frame.
    private static int VectorOffset => sizeof(MessageEntry) * Count;

    private static nuint Stride =>
        (nuint)(sizeof(MessageEntry) + sizeof(IOVector) + 32 + ControlCapacity + FrameCapacity);

    private MessageEntry* Messages => (MessageEntry*)_memory;

    private IOVector* Vectors => (IOVector*)(_memory + VectorOffset);

    private PacketAddress* Address(int i) => (PacketAddress*)(_memory + VectorOffset + (sizeof(IOVector) * Count) + (32 * i));

    private byte* Control(int i) => _memory + VectorOffset + ((sizeof(IOVector) + 32) * Count) + (ControlCapacity * i);

    private byte* Frame(int i) =>
        _memory + VectorOffset + ((sizeof(IOVector) + 32 + ControlCapacity) * Count) + ((nint)FrameCapacity * i);

    public bool TryTake(out SocketFrame frame)
    {
        frame = default;
        if (_next == _filled && !Fill())
        {
            return false;
        }

        int i = _next++;
        ref MessageEntry message = ref Messages[i];
        int virtio = _hasVirtio ? PacketSocket.VirtioHeaderLength : 0;
        int whole = (int)message.Length;
        int kept = Math.Min(whole, FrameCapacity);
        byte* bytes = Frame(i);
        PacketAddress* address = Address(i);
        frame.Virtio = new ReadOnlySpan<byte>(bytes, Math.Min(virtio, kept));
        frame.Bytes = new Span<byte>(bytes + virtio, Math.Max(0, kept - virtio));
        frame.WireLength = Math.Max(0, whole - virtio);
        frame.Interface = address->InterfaceIndex;
        frame.PacketType = address->PacketType;
        frame.Protocol = BinaryPrimitives.ReverseEndianness(address->Protocol);
        ReadControl(new ReadOnlySpan<byte>(message.Header.Control, (int)Math.Min(message.Header.ControlLength, ControlCapacity)), ref frame);
        return true;
    }

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = null;
        _next = _filled = 0;
    }

    private static void ReadControl(ReadOnlySpan<byte> control, ref SocketFrame frame)
    {
        while (control.Length >= ControlHeaderLength)
        {
            int length = (int)MemoryMarshal.Read<nuint>(control);
            int level = MemoryMarshal.Read<int>(control[8..]);
            int kind = MemoryMarshal.Read<int>(control[12..]);
            if (length < ControlHeaderLength || length > control.Length)
            {
                return;
            }

            ReadOnlySpan<byte> data = control[ControlHeaderLength..length];
            if (level == LibC.SocketLevel && kind == LibC.TimestampNanoseconds && data.Length >= 16)
            {
                frame.Nanoseconds = (MemoryMarshal.Read<long>(data) * 1_000_000_000) + MemoryMarshal.Read<long>(data[8..]);
            }
            else if (level == LibC.PacketLevel && kind == AuxiliaryData && data.Length >= 20)
            {
                uint status = MemoryMarshal.Read<uint>(data);
                frame.WireLength = Math.Max(frame.WireLength, (int)MemoryMarshal.Read<uint>(data[4..]));
                frame.HasOpenChecksum = (status & ChecksumNotReady) != 0;
                frame.HasTag = (status & TagValid) != 0;
                frame.TagControl = MemoryMarshal.Read<ushort>(data[16..]);
                frame.TagProtocol = (status & TagProtocolValid) != 0 ? MemoryMarshal.Read<ushort>(data[18..]) : (ushort)0x8100;
            }

            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
    }

    private bool Fill()
    {
        _next = _filled = 0;
        for (int i = 0; i < Count; i++)
        {
            Vectors[i] = new IOVector { Base = Frame(i), Length = FrameCapacity };
            Messages[i].Header = new MessageHeader
            {
                Name = Address(i),
                NameLength = PacketAddress.Size,
                Vectors = &Vectors[i],
                VectorCount = 1,
                Control = Control(i),
                ControlLength = ControlCapacity,
            };
        }

        int count = LibC.ReceiveMessages(_descriptor, Messages, Count, LibC.DoNotWait | LibC.Truncated, null);
        if (count > 0)
        {
            _filled = count;
            return true;
        }

        int error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        return error is 0 or SystemError.TryAgain or SystemError.Interrupted
            ? false
            : throw InterfaceGone.ToException(error);
    }
}
