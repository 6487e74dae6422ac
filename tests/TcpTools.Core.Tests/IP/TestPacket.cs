using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Tests.IP;

/// <summary>Packets as a test needs them, right or wrong, built without the layer under test.</summary>
internal static class TestPacket
{
    public static byte[] IPv4(
        NetworkAddress source, NetworkAddress destination, byte protocol, byte[] payload, ushort id = 0x1234, int offset = 0,
        bool more = false, bool dontFragment = false, byte ttl = 64, byte tos = 0, byte[]? options = null)
    {
        options ??= [];
        byte[] packet = new byte[20 + ((options.Length + 3) & ~3) + payload.Length];
        int headerLength = packet.Length - payload.Length;
        options.CopyTo(packet, 20);
        payload.CopyTo(packet, headerLength);
        var editor = new IPv4Editor(packet)
        {
            Version = 4,
            HeaderLength = headerLength,
            TypeOfService = tos,
            TotalLength = (ushort)packet.Length,
            Identification = id,
            DontFragment = dontFragment,
            MoreFragments = more,
            FragmentOffset = offset,
            TimeToLive = ttl,
            Protocol = protocol,
            Source = source,
            Destination = destination,
        };
        editor.UpdateChecksum();
        return packet;
    }

    public static byte[] Icmp(byte type, byte code, uint rest, byte[] data)
    {
        byte[] message = new byte[8 + data.Length];
        data.CopyTo(message, 8);
        var editor = new Icmpv4Editor(message) { Type = type, Code = code, RestOfHeader = rest };
        editor.UpdateChecksum();
        return message;
    }

    public static byte[] Echo(NetworkAddress source, NetworkAddress destination, byte[] data, byte tos = 0) =>
        IPv4(source, destination, IPProtocol.Icmp, Icmp(IcmpType.EchoRequest, 0, 0x00070001, data), tos: tos);

    /// <summary>The first bytes of a TCP segment as an ICMP error quotes them.</summary>
    public static byte[] TcpStart(ushort sourcePort, ushort destinationPort, uint sequence, int length = 20)
    {
        byte[] segment = new byte[Math.Max(length, 20)];
        _ = new TcpEditor(segment)
        {
            SourcePort = sourcePort,
            DestinationPort = destinationPort,
            Sequence = new SequenceNumber(sequence),
            DataOffset = 20,
        };
        return segment[..length];
    }

    public static byte[] Udp(NetworkAddress source, NetworkAddress destination, ushort sourcePort, ushort destinationPort, byte[] data)
    {
        byte[] datagram = new byte[8 + data.Length];
        data.CopyTo(datagram, 8);
        var editor = new UdpEditor(datagram)
        {
            SourcePort = sourcePort,
            DestinationPort = destinationPort,
            Length = (ushort)datagram.Length,
        };
        editor.UpdateChecksum(source, destination);
        return datagram;
    }

    /// <summary>Bytes of which no two stretches are alike.</summary>
    public static byte[] Pattern(int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31) ^ (i >> 5) ^ (i >> 11)))];

    /// <summary>Cuts a payload into fragments of <paramref name="size"/> bytes each (a multiple of 8).</summary>
    public static List<byte[]> Fragments(
        NetworkAddress source, NetworkAddress destination, byte protocol, byte[] payload, int size, ushort id = 0x1234, byte tos = 0,
        byte[]? options = null)
    {
        List<byte[]> fragments = [];
        for (int offset = 0; offset < payload.Length; offset += size)
        {
            int length = Math.Min(size, payload.Length - offset);
            fragments.Add(IPv4(
                source, destination, protocol, payload[offset..(offset + length)], id, offset, offset + length < payload.Length,
                tos: tos, options: offset == 0 ? options : null));
        }

        return fragments;
    }

    /// <summary>The packet with one thing changed and the header checksum made right again.</summary>
    public static byte[] With(byte[] packet, Action<byte[]> change)
    {
        byte[] copy = [.. packet];
        change(copy);
        new IPv4Editor(copy).UpdateChecksum();
        return copy;
    }
}
