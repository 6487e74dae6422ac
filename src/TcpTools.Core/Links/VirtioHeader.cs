using System;
using System.Runtime.InteropServices;
using TcpTools.Buffers;

namespace TcpTools.Links;

/// <summary>
/// The header with which TUN and packet sockets carry what is left to do to a frame (virtio specification 1.2, 5.1.6;
/// the kernel's struct virtio_net_hdr). In the host's byte order.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct VirtioHeader
{
    internal const int Length = 10;

    private const byte NeedsChecksum = 1;
    private const byte DataValid = 2;
    private const byte ExplicitCongestion = 0x80;

    private byte _flags;
    private byte _segmentation;
    private ushort _headerLength;
    private ushort _segmentSize;
    private ushort _checksumStart;
    private ushort _checksumOffset;

    /// <summary>Writes the header of a frame into the <see cref="Length"/> bytes in front of it.</summary>
    internal static void Write(Span<byte> destination, ref OffloadInfo offload, ReadOnlySpan<byte> frame)
    {
        VirtioHeader header = default;
        if (offload.NeedsChecksum)
        {
            header._flags = NeedsChecksum;
            header._checksumStart = offload.ChecksumStart;
            header._checksumOffset = offload.ChecksumOffset;
        }
        else if (offload.ChecksumVerified)
        {
            header._flags = DataValid;
        }

        if (offload.Segmentation != SegmentationKind.None)
        {
            header._segmentation = (byte)offload.Segmentation;
            header._headerLength = offload.HeaderLength;
            header._segmentSize = offload.SegmentSize;
            // CWR belongs on the first packet only (RFC 3168, 6.1.2), which the splitter must be told.
            int flags = offload.ChecksumStart + 13;
            if (flags < frame.Length && (frame[flags] & 0x80) != 0)
            {
                header._segmentation |= ExplicitCongestion;
            }
        }

        MemoryMarshal.Write(destination, in header);
    }

    /// <summary>What the header in front of a received frame says.</summary>
    internal static OffloadInfo Read(ReadOnlySpan<byte> source, ReadOnlySpan<byte> frame)
    {
        VirtioHeader header = MemoryMarshal.Read<VirtioHeader>(source);
        OffloadInfo offload = new()
        {
            NeedsChecksum = (header._flags & NeedsChecksum) != 0,
            ChecksumVerified = (header._flags & DataValid) != 0,
            Segmentation = (header._segmentation & ~ExplicitCongestion) switch
            {
                (int)SegmentationKind.TcpIPv4 => SegmentationKind.TcpIPv4,
                (int)SegmentationKind.TcpIPv6 => SegmentationKind.TcpIPv6,
                _ => SegmentationKind.None,
            },
        };
        if (offload.NeedsChecksum)
        {
            offload.ChecksumStart = header._checksumStart;
            offload.ChecksumOffset = header._checksumOffset;
        }

        if (offload.Segmentation != SegmentationKind.None)
        {
            offload.SegmentSize = header._segmentSize;
            // The kernel's header length is a hint about its own memory; the TCP header tells where the data starts.
            int dataOffset = header._checksumStart + 12;
            offload.HeaderLength = offload.NeedsChecksum && dataOffset < frame.Length
                ? (ushort)(header._checksumStart + ((frame[dataOffset] >> 4) * 4))
                : header._headerLength;
        }

        return offload;
    }
}
