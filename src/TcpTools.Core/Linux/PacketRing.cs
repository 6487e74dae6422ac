using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.Linux;

/// <summary>
/// A ring of blocks shared with the kernel (TPACKET_V3, the kernel's networking/packet_mmap): frames cost no system call and
/// wait in as much memory as was asked for. The kernel hands a block over when it is full, or a few milliseconds after
/// its first frame.
/// </summary>
internal sealed unsafe class PacketRing : IPacketSource
{
    private const int Version = 10;
    private const int ReceiveRing = 5;
    private const int Version3 = 2;
    private const int BlockSize = 512 * 1024;
    private const int FrameSize = 2048;
    private const uint RetireMilliseconds = 2;

    // struct tpacket_block_desc.
    private const int StatusOffset = 8;
    private const int PacketCountOffset = 12;
    private const int FirstPacketOffset = 16;
    private const uint OwnedByUser = 1;

    // struct tpacket3_hdr, behind which the address stands.
    private const int AddressOffset = 48;
    private const uint ChecksumNotReady = 0x08;
    private const uint TagValid = 0x10;
    private const uint TagProtocolValid = 0x40;

    private readonly bool _hasVirtio;
    private readonly int _blockCount;
    private readonly int _descriptor;
    private readonly byte* _memory;
    private int _block;
    private byte* _packet;
    private uint _left;
    private bool _holdsBlock;
    private int _disposed;

    internal PacketRing(int descriptor, int bytes, bool hasVirtio)
    {
        _hasVirtio = hasVirtio;
        _descriptor = descriptor;
        _blockCount = Math.Max(2, (bytes + BlockSize - 1) / BlockSize);
        int version = Version3;
        RingRequest request = new()
        {
            BlockSize = BlockSize,
            BlockCount = (uint)_blockCount,
            FrameSize = FrameSize,
            FrameCount = (uint)_blockCount * (BlockSize / FrameSize),
            RetireTime = RetireMilliseconds,
        };
        if (LibC.SetOption(descriptor, LibC.PacketLevel, Version, &version, sizeof(int)) < 0
            || LibC.SetOption(descriptor, LibC.PacketLevel, ReceiveRing, &request, (uint)sizeof(RingRequest)) < 0)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), $"Making a ring of {_blockCount * (BlockSize / 1024)} KB for frames");
        }

        nint memory = LibC.Map(0, (nuint)BlockSize * (nuint)_blockCount, LibC.ProtectReadWrite, LibC.MapShared, descriptor, 0);
        if (memory == -1)
        {
            throw SystemError.ToException(Marshal.GetLastPInvokeError(), "Mapping the ring for frames");
        }

        _memory = (byte*)memory;
    }

    private byte* Block => _memory + ((nint)BlockSize * _block);

    public bool TryTake(out SocketFrame frame)
    {
        frame = default;
        while (_left == 0)
        {
            if (_holdsBlock)
            {
                // Everything read from the block must have been read before the kernel writes into it again.
                Volatile.Write(ref *(uint*)(Block + StatusOffset), 0);
                _holdsBlock = false;
                _block = _block + 1 == _blockCount ? 0 : _block + 1;
            }

            if ((Volatile.Read(ref *(uint*)(Block + StatusOffset)) & OwnedByUser) == 0)
            {
                ThrowIfBroken();
                return false;
            }

            _holdsBlock = true;
            _left = *(uint*)(Block + PacketCountOffset);
            _packet = Block + *(uint*)(Block + FirstPacketOffset);
        }

        Read(_packet, ref frame);
        _left--;
        _packet += *(uint*)_packet;
        return true;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _left = 0;
            _ = LibC.Unmap((nint)_memory, (nuint)BlockSize * (nuint)_blockCount);
        }
    }

    private void Read(byte* packet, ref SocketFrame frame)
    {
        uint* header = (uint*)packet;
        int start = *(ushort*)(packet + 24);
        uint status = header[5];
        PacketAddress* address = (PacketAddress*)(packet + AddressOffset);
        frame.Nanoseconds = (header[1] * 1_000_000_000L) + header[2];
        frame.WireLength = (int)header[4];
        frame.Bytes = new Span<byte>(packet + start, (int)header[3]);
        // The kernel leaves room for it in front of the frame.
        frame.Virtio = _hasVirtio
            ? new ReadOnlySpan<byte>(packet + start - PacketSocket.VirtioHeaderLength, PacketSocket.VirtioHeaderLength)
            : default;
        frame.Interface = address->InterfaceIndex;
        frame.PacketType = address->PacketType;
        frame.Protocol = BinaryPrimitives.ReverseEndianness(address->Protocol);
        frame.HasOpenChecksum = (status & ChecksumNotReady) != 0;
        frame.HasTag = (status & TagValid) != 0;
        frame.TagControl = (ushort)header[8];
        frame.TagProtocol = (status & TagProtocolValid) != 0 ? *(ushort*)(packet + 36) : (ushort)0x8100;
    }

    /// <summary>An interface that goes down leaves an error at the socket, which nobody else would read.</summary>
    private void ThrowIfBroken()
    {
        const int PendingError = 4;
        int error = 0;
        uint length = sizeof(int);
        if (LibC.GetOption(_descriptor, LibC.SocketLevel, PendingError, &error, &length) == 0 && error != 0)
        {
            throw InterfaceGone.ToException(error);
        }
    }

    /// <summary>struct tpacket_req3.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct RingRequest
    {
        internal uint BlockSize;
        internal uint BlockCount;
        internal uint FrameSize;
        internal uint FrameCount;
        internal uint RetireTime;
        internal uint PrivateSize;
        internal uint Features;
    }
}
