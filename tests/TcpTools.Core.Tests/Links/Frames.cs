using System;
using System.Buffers.Binary;
using TcpTools.Buffers;

namespace TcpTools.Tests.Links;

/// <summary>Frames made and checked byte by byte, without the code under test.</summary>
internal static class Frames
{
    /// <summary>A frame of this length whose first four bytes are a number and whose rest follows from it.</summary>
    public static PacketBuffer Numbered(PacketBufferPool pool, int number, int length = 100)
    {
        PacketBuffer frame = pool.Rent(length);
        Span<byte> bytes = frame.Append(length);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)(number + i);
        }

        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return frame;
    }

    public static int NumberOf(PacketBuffer frame) => BinaryPrimitives.ReadInt32BigEndian(frame.Span);

    /// <summary>The one's complement sum of 16-bit words (RFC 1071), the slow and plain way.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes, uint partial = 0)
    {
        ulong sum = partial;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)(bytes[i] << 8) + (i + 1 < bytes.Length ? bytes[i + 1] : 0u);
        }

        while (sum > 0xFFFF)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    /// <summary>The sum over the pseudo-header of an IPv4 or IPv6 packet whose transport part starts at an offset.</summary>
    public static ushort PseudoHeaderSum(ReadOnlySpan<byte> packet, int transport, byte protocol)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        ReadOnlySpan<byte> addresses = isIPv6 ? packet.Slice(8, 32) : packet.Slice(12, 8);
        return Sum(addresses, (uint)(packet.Length - transport) + protocol);
    }

    /// <summary>Whether IPv4 header checksum and TCP or UDP checksum of a packet are right.</summary>
    public static bool HasGoodChecksums(ReadOnlySpan<byte> packet)
    {
        bool isIPv6 = packet[0] >> 4 == 6;
        int transport = isIPv6 ? 40 : (packet[0] & 15) * 4;
        byte protocol = isIPv6 ? packet[6] : packet[9];
        bool header = isIPv6 || Sum(packet[..transport]) == 0xFFFF;
        return header && Sum(packet[transport..], PseudoHeaderSum(packet, transport, protocol)) == 0xFFFF;
    }

    /// <summary>
    /// A TCP segment over IPv4 or IPv6 with 12 bytes of options and good checksums. Its payload is numbered from
    /// <paramref name="sequence"/>.
    /// </summary>
    public static byte[] Tcp(
        bool isIPv6, uint sequence, int payload, byte flags, ushort identification = 0x1234, string? source = null)
    {
        int ip = isIPv6 ? 40 : 20;
        byte[] packet = new byte[ip + 32 + payload];
        if (isIPv6)
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
            packet[6] = 6;
            packet[7] = 64;
            System.Net.IPAddress.Parse(source ?? "fd00::2").TryWriteBytes(packet.AsSpan(8), out _);
            System.Net.IPAddress.Parse("fd00::1").TryWriteBytes(packet.AsSpan(24), out _);
        }
        else
        {
            packet[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), identification);
            packet[6] = 0x40;
            packet[8] = 64;
            packet[9] = 6;
            System.Net.IPAddress.Parse(source ?? "10.77.0.2").TryWriteBytes(packet.AsSpan(12), out _);
            System.Net.IPAddress.Parse("10.77.0.1").TryWriteBytes(packet.AsSpan(16), out _);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), (ushort)~Sum(packet.AsSpan(0, 20)));
        }

        Span<byte> tcp = packet.AsSpan(ip);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], 81);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], 77);
        tcp[12] = 8 << 4;
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 501);
        tcp[20] = 1;
        tcp[21] = 1;
        tcp[22] = 8;
        tcp[23] = 10;
        for (int i = 0; i < payload; i++)
        {
            tcp[32 + i] = (byte)((sequence + (uint)i) * 31 >> 3);
        }

        ushort sum = Sum(tcp, PseudoHeaderSum(packet, ip, 6));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], (ushort)~sum);
        return packet;
    }

    /// <summary>The same segment as a stack hands it to an offloading link: checksum open, to be split at a size.</summary>
    public static PacketBuffer Offloaded(
        PacketBufferPool pool, bool isIPv6, uint sequence, int payload, byte flags, int segmentSize)
    {
        byte[] packet = Tcp(isIPv6, sequence, payload, flags);
        int ip = isIPv6 ? 40 : 20;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(ip + 16), PseudoHeaderSum(packet, ip, 6));
        PacketBuffer frame = From(pool, packet);
        frame.Offload = new OffloadInfo
        {
            NeedsChecksum = true,
            ChecksumStart = (ushort)ip,
            ChecksumOffset = 16,
            Segmentation = segmentSize == 0 ? SegmentationKind.None
                : isIPv6 ? SegmentationKind.TcpIPv6 : SegmentationKind.TcpIPv4,
            SegmentSize = (ushort)segmentSize,
            HeaderLength = (ushort)(segmentSize == 0 ? 0 : ip + 32),
        };
        return frame;
    }

    public static PacketBuffer From(PacketBufferPool pool, ReadOnlySpan<byte> bytes)
    {
        PacketBuffer frame = pool.Rent(bytes.Length);
        bytes.CopyTo(frame.Append(bytes.Length));
        return frame;
    }
}
