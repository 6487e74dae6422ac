using System;
using System.Buffers.Binary;
using TcpTools.Buffers;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Links;

/// <summary>
/// Makes of what a packet socket gives the frame as it is on a wire: checksums that a device was to complete are complete,
/// and a VLAN tag that the kernel took out is back in its place.
/// </summary>
internal static class SocketFrames
{
    private const int AddressesLength = 12;
    private const int TagLength = 4;
    private const int TcpChecksumOffset = 16;
    private const int UdpChecksumOffset = 6;

    /// <summary>The complete frame's length; <see cref="Write"/> needs as much room.</summary>
    internal static int Measure(in SocketFrame frame) => frame.Bytes.Length + (HasTag(in frame) ? TagLength : 0);

    /// <summary>How long the frame was on the wire.</summary>
    internal static int MeasureWire(in SocketFrame frame) => frame.WireLength + (HasTag(in frame) ? TagLength : 0);

    /// <summary>Writes the complete frame.</summary>
    internal static void Write(in SocketFrame frame, bool isEthernet, Span<byte> destination)
    {
        if (frame.WireLength == frame.Bytes.Length)
        {
            CompleteChecksum(in frame, isEthernet);
        }

        if (!HasTag(in frame))
        {
            frame.Bytes.CopyTo(destination);
            return;
        }

        frame.Bytes[..AddressesLength].CopyTo(destination);
        BinaryPrimitives.WriteUInt16BigEndian(destination[AddressesLength..], frame.TagProtocol);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(AddressesLength + 2)..], frame.TagControl);
        frame.Bytes[AddressesLength..].CopyTo(destination[(AddressesLength + TagLength)..]);
    }

    private static bool HasTag(in SocketFrame frame) => frame.HasTag && frame.Bytes.Length >= AddressesLength;

    private static void CompleteChecksum(in SocketFrame frame, bool isEthernet)
    {
        OffloadInfo offload = default;
        if (!frame.Virtio.IsEmpty)
        {
            offload = VirtioHeader.Read(frame.Virtio, frame.Bytes);
        }
        else if (frame.HasOpenChecksum)
        {
            offload = FindChecksum(frame.Bytes, isEthernet ? LinkMedium.Ethernet : LinkMedium.IP);
        }

        GsoSegmenter.TryCompleteChecksum(frame.Bytes, in offload);
    }

    /// <summary>Where the open checksum of a frame is, as far as plain headers tell.</summary>
    private static OffloadInfo FindChecksum(ReadOnlySpan<byte> frame, LinkMedium medium)
    {
        const int IPv6HeaderLength = 40;
        int network = GsoSegmenter.NetworkOffset(frame, medium);
        ReadOnlySpan<byte> packet = frame[network..];
        if (packet.Length < 20)
        {
            return default;
        }

        bool isIPv6 = packet[0] >> 4 == 6;
        byte protocol = packet[isIPv6 ? 6 : 9];
        return new OffloadInfo
        {
            NeedsChecksum = protocol is IPProtocol.Tcp or IPProtocol.Udp,
            ChecksumStart = (ushort)(network + (isIPv6 ? IPv6HeaderLength : (packet[0] & 15) * 4)),
            ChecksumOffset = protocol == IPProtocol.Tcp ? (ushort)TcpChecksumOffset : (ushort)UdpChecksumOffset,
        };
    }
}
