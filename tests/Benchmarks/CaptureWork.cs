using System.Diagnostics;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Streams;

namespace TcpTools.Benchmarks;

/// <summary>Reading a capture file, packet by packet, again and again.</summary>
internal static class CaptureWork
{
    private sealed class Silent : TcpStreamObserver;

    /// <summary>Packets a second, each taken apart.</summary>
    public static double Import(string path, double seconds)
    {
        long sink = 0;
        long done = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            using PcapReader reader = PcapReader.Open(path);
            while (reader.TryRead(out CapturedFrame frame))
            {
                sink += Packet.Parse(frame.Bytes, PacketStart.Ethernet).Tcp!.DestinationPort;
                done++;
            }
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return sink == 0 ? 0 : done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Megabytes a second of data put back in order, checksums verified.</summary>
    public static double Follow(string path, double seconds)
    {
        long bytes = 0;
        long start = Stopwatch.GetTimestamp();
        do
        {
            TcpStreamAssembler assembler = new(new Silent());
            using PcapReader reader = PcapReader.Open(path);
            while (reader.TryRead(out CapturedFrame frame))
            {
                assembler.Receive(in frame);
            }

            assembler.Finish();
            bytes += assembler.Bytes;
        }
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
        return bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }
}
