using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.Tests.Capture;

/// <summary>Capture files in memory.</summary>
internal static class CaptureFiles
{
    public static byte[] Write(PcapWriterOptions options, params IEnumerable<CapturedPacket> packets)
    {
        using MemoryStream stream = new();
        using (PcapWriter writer = new(stream, options, leaveOpen: true))
        {
            foreach (CapturedPacket packet in packets)
            {
                writer.Write(packet.ToFrame());
            }
        }

        return stream.ToArray();
    }

    /// <summary>All frames up to the end or to the damage, and the damage.</summary>
    public static (List<CapturedPacket> Packets, StackException? Damage) Read(byte[] file)
    {
        List<CapturedPacket> packets = [];
        try
        {
            using PcapReader reader = new(new MemoryStream(file));
            try
            {
                while (reader.TryRead(out CapturedFrame frame))
                {
                    packets.Add(frame.ToPacket());
                }

                return (packets, null);
            }
            catch (StackException damage)
            {
                // Said once; then there is nothing more.
                return reader.TryRead(out _) ? throw new InvalidDataException("frames after the damage") : (packets, damage);
            }
        }
        catch (StackException damage)
        {
            return (packets, damage);
        }
    }

    public static CapturedPacket Packet(
        CaptureInterface on, byte[] bytes, long nanoseconds = 1_700_000_000_123_456_789, FrameDirection direction = default) =>
        new()
        {
            Interface = on,
            Bytes = bytes,
            WireLength = bytes.Length,
            Timestamp = new CaptureTime(nanoseconds),
            Direction = direction,
        };

    public static byte[] Bytes(int length, int seed = 0) =>
        [.. Enumerable.Range(seed, length).Select(i => (byte)(i * 7))];

    /// <summary>A file from words of hexadecimal digits and spaces.</summary>
    public static byte[] Hex(string text) =>
        System.Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
}
