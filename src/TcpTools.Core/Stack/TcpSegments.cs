using System;
using System.Buffers.Binary;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Whether a datagram holds a sound segment.</summary>
public enum SegmentFault
{
    /// <summary>It does.</summary>
    None,

    /// <summary>Its header is none.</summary>
    Malformed,

    /// <summary>Its checksum is wrong.</summary>
    Checksum,
}

/// <summary>Between IP's datagrams and TCP's segments: what stands between the two layers, for stacks built by hand as well.</summary>
public static class TcpSegments
{
    /// <summary>Reads the segment of a datagram; its spans live as long as the datagram's.</summary>
    /// <param name="datagram">What IP delivers.</param>
    /// <param name="flow">The pair of sockets, seen from this side.</param>
    /// <param name="segment">The segment.</param>
    public static SegmentFault Read(in IPDatagram datagram, out FlowKey flow, out ArrivedSegment segment)
    {
        TcpView view = new(datagram.Payload);
        flow = default;
        segment = default;
        if (!view.IsValid)
        {
            return SegmentFault.Malformed;
        }

        if (!datagram.IsChecksumTrusted && !view.IsChecksumValid(datagram.Source, datagram.Destination))
        {
            return SegmentFault.Checksum;
        }

        ReadOnlySpan<byte> payload = view.Payload;
        int packetSize = datagram.Offload.SegmentSize;
        flow = new FlowKey(datagram.Destination, view.DestinationPort, datagram.Source, view.SourcePort);
        segment = new ArrivedSegment
        {
            Sequence = view.Sequence,
            Acknowledgment = view.Acknowledgment,
            Flags = view.Flags,
            Window = view.Window,
            UrgentPointer = view.UrgentPointer,
            Options = view.Options,
            Payload = payload,
            PacketCount = packetSize == 0 ? 1 : Math.Max(1, (payload.Length + packetSize - 1) / packetSize),
        };
        return SegmentFault.None;
    }

    /// <summary>Makes the bytes of a segment, for IP to send.</summary>
    /// <param name="pool">Where the buffer comes from, which then belongs to the caller.</param>
    /// <param name="flow">The pair of sockets.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="leavesChecksum">Whether the link completes checksums and splits segments that are larger than one packet.</param>
    public static PacketBuffer Build(PacketBufferPool pool, in FlowKey flow, in OutgoingSegment segment, bool leavesChecksum)
    {
        ArgumentNullException.ThrowIfNull(pool);
        int headerLength = TcpView.MinimumHeaderLength + segment.Options.Length;
        int length = headerLength + segment.PayloadLength;
        PacketBuffer buffer = pool.Rent(length);
        Span<byte> bytes = buffer.Append(length);
        BinaryPrimitives.WriteUInt16BigEndian(bytes, flow.LocalPort);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], flow.RemotePort);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], segment.Sequence.Value);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], segment.Acknowledgment.Value);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[12..], (ushort)((headerLength << 10) | (ushort)segment.Flags));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[14..], segment.Window);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[18..], segment.UrgentPointer);
        segment.Options.CopyTo(bytes[TcpView.MinimumHeaderLength..]);
        segment.Payload.CopyTo(bytes[headerLength..]);
        segment.PayloadRest.CopyTo(bytes[(headerLength + segment.Payload.Length)..]);

        ulong sum = InternetChecksum.PseudoHeader(flow.LocalAddress, flow.RemoteAddress, IPProtocol.Tcp, length);
        if (leavesChecksum)
        {
            ref OffloadInfo offload = ref buffer.Offload;
            offload.NeedsChecksum = true;
            offload.ChecksumOffset = TcpView.ChecksumOffset;
            BinaryPrimitives.WriteUInt16BigEndian(bytes[TcpView.ChecksumOffset..], InternetChecksum.Fold(sum));
            if (segment.SegmentSize > 0 && segment.PayloadLength > segment.SegmentSize)
            {
                offload.Segmentation = flow.RemoteAddress.IsIPv6 ? SegmentationKind.TcpIPv6 : SegmentationKind.TcpIPv4;
                offload.SegmentSize = (ushort)segment.SegmentSize;
                offload.HeaderLength = (ushort)headerLength;
            }
        }
        else
        {
            bytes[TcpView.ChecksumOffset] = 0;
            bytes[TcpView.ChecksumOffset + 1] = 0;
            BinaryPrimitives.WriteUInt16BigEndian(
                bytes[TcpView.ChecksumOffset..], InternetChecksum.Finish(InternetChecksum.Add(sum, bytes)));
        }

        return buffer;
    }
}
