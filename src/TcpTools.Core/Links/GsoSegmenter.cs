using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>
/// Does in software what an offloading device does: splits a TCP segment that stands for several packets into these
/// packets, and completes a transport checksum that was left open. Reads a frame, changes nothing in it.
/// </summary>
/// <remarks>
/// Each packet repeats the headers. The sequence number moves on by the payload before it, the IPv4 identification by
/// one; FIN and PSH stay on the last packet, CWR on the first (RFC 3168, 6.1.2).
/// </remarks>
public ref struct GsoSegmenter
{
    private const int TcpHeaderLength = 20;
    private const int TcpChecksumOffset = 16;
    private const int UdpChecksumOffset = 6;

    private readonly ReadOnlySpan<byte> _frame;
    private readonly int _network;
    private readonly int _transport;
    private readonly int _header;
    private readonly int _segmentSize;
    private readonly bool _isIPv6;
    private int _next;

    /// <summary>Looks at a frame whose <see cref="OffloadInfo.Segmentation"/> is set.</summary>
    public GsoSegmenter(ReadOnlySpan<byte> frame, in OffloadInfo offload, LinkMedium medium)
    {
        _frame = frame;
        _network = NetworkOffset(frame, medium);
        _transport = offload.ChecksumStart;
        _segmentSize = offload.SegmentSize;
        _isIPv6 = offload.Segmentation == SegmentationKind.TcpIPv6;
        int networkLength = _transport - _network;
        if (offload.Segmentation == SegmentationKind.None || !offload.NeedsChecksum || _segmentSize == 0
            || offload.ChecksumOffset != TcpChecksumOffset || networkLength < (_isIPv6 ? 40 : 20)
            || _transport + TcpHeaderLength > frame.Length || frame[_network] >> 4 != (_isIPv6 ? 6 : 4)
            || (!_isIPv6 && (frame[_network] & 15) * 4 is var claimed && (claimed < 20 || claimed > networkLength)))
        {
            return;
        }

        // The TCP header knows its length; what the offload facts say of it is a hint only.
        int tcpLength = (frame[_transport + 12] >> 4) * 4;
        _header = _transport + tcpLength;
        if (tcpLength >= TcpHeaderLength && _header <= frame.Length)
        {
            Count = Math.Max(1, (frame.Length - _header + _segmentSize - 1) / _segmentSize);
        }
    }

    /// <summary>Whether the frame is one that can be split.</summary>
    public readonly bool IsValid => Count > 0;

    /// <summary>How many packets the frame stands for; 0 when it is not valid.</summary>
    public int Count { get; }

    /// <summary>The length in bytes of the packet that comes next; 0 when all have been written.</summary>
    public readonly int NextLength => _next >= Count
        ? 0
        : _header + Math.Min(_segmentSize, _frame.Length - _header - (_next * _segmentSize));

    /// <summary>Where the IP header starts; the frame's length when there is none.</summary>
    public static int NetworkOffset(ReadOnlySpan<byte> frame, LinkMedium medium)
    {
        if (medium == LinkMedium.IP)
        {
            return 0;
        }

        int typeOffset = 12;
        while (typeOffset + 2 <= frame.Length
            && BinaryPrimitives.ReadUInt16BigEndian(frame[typeOffset..]) is EtherType.Vlan or EtherType.ServiceVlan)
        {
            typeOffset += 4;
        }

        return Math.Min(typeOffset + 2, frame.Length);
    }

    /// <summary>
    /// Completes an open checksum in the frame's own bytes and marks it so. False, with nothing changed, when the facts
    /// do not fit the frame.
    /// </summary>
    public static bool TryCompleteChecksum(PacketBuffer frame)
    {
        ref OffloadInfo offload = ref frame.Offload;
        if (!TryCompleteChecksum(frame.Span, in offload))
        {
            return false;
        }

        offload.ChecksumVerified |= offload.NeedsChecksum;
        offload.NeedsChecksum = false;
        return true;
    }

    /// <summary>
    /// Completes an open checksum in these bytes; nothing to do counts as success. False, with nothing changed, when the
    /// facts do not fit the frame.
    /// </summary>
    public static bool TryCompleteChecksum(Span<byte> frame, in OffloadInfo offload)
    {
        if (!offload.NeedsChecksum)
        {
            return true;
        }

        int field = offload.ChecksumStart + offload.ChecksumOffset;
        if (field + 2 > frame.Length)
        {
            return false;
        }

        // The field itself holds the pseudo-header's sum and so brings it into the total.
        ulong sum = InternetChecksum.Add(0, frame[offload.ChecksumStart..]);
        BinaryPrimitives.WriteUInt16BigEndian(
            frame[field..],
            offload.ChecksumOffset == UdpChecksumOffset ? InternetChecksum.FinishUdp(sum) : InternetChecksum.Finish(sum));
        return true;
    }

    /// <summary>
    /// Writes the next packet, complete, to the front of <paramref name="destination"/>, which must hold
    /// <see cref="NextLength"/> bytes. Returns its length; 0 when all have been written.
    /// </summary>
    public int WriteNext(scoped Span<byte> destination)
    {
        int length = NextLength;
        if (length == 0)
        {
            return 0;
        }

        Span<byte> packet = destination[..length];
        int done = _next * _segmentSize;
        _frame[.._header].CopyTo(packet);
        _frame.Slice(_header + done, length - _header).CopyTo(packet[_header..]);
        WriteNetwork(packet[_network..]);
        WriteTransport(packet[_transport..], done);
        _next++;
        return length;
    }

    /// <summary>The next packet in a buffer that the caller owns; false when there are no more.</summary>
    public bool TryNext(PacketBufferPool pool, [NotNullWhen(true)] out PacketBuffer? packet)
    {
        int length = NextLength;
        packet = length == 0 ? null : pool.Rent(length);
        if (packet is null)
        {
            return false;
        }

        WriteNext(packet.Append(length));
        packet.Offload.ChecksumVerified = true;
        return true;
    }

    private readonly void WriteNetwork(Span<byte> header)
    {
        if (_isIPv6)
        {
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(header.Length - 40));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)header.Length);
        ushort identification = BinaryPrimitives.ReadUInt16BigEndian(header[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(identification + _next));
        header.Slice(10, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(
            header[10..], InternetChecksum.Compute(header[..((header[0] & 15) * 4)]));
    }

    private readonly void WriteTransport(Span<byte> segment, int done)
    {
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence + (uint)done);
        TcpFlags cleared = (_next == 0 ? 0 : TcpFlags.Cwr) | (_next == Count - 1 ? 0 : TcpFlags.Fin | TcpFlags.Psh);
        segment[13] &= (byte)~cleared;
        // The open field sums the pseudo-header with the whole's length in it: exchange that for the packet's own
        // (RFC 1624), which stays right where a routing header makes the destination another (RFC 8200, 8.1).
        ushort open = BinaryPrimitives.ReadUInt16BigEndian(segment[TcpChecksumOffset..]);
        ushort whole = (ushort)(_frame.Length - _transport);
        ushort partial = (ushort)~InternetChecksum.Update((ushort)~open, whole, (ushort)segment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpChecksumOffset..], partial);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpChecksumOffset..], InternetChecksum.Compute(segment));
    }
}
