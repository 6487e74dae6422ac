using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;

namespace TcpTools.Benchmarks;

/// <summary>How fast streams are followed: data of 1460-byte segments in order, both checksums verified.</summary>
internal static class StreamFollowing
{
    private const int SegmentBytes = 1460;
    private const int Segments = 100_000;

    public static void Print(int runs)
    {
        byte[][] frames = MakeFrames(1);
        byte[][] many = MakeFrames(1000);
        string file = Path.GetTempFileName();
        try
        {
            Write(file, frames);
            Print("one stream, in order", runs, () => Follow(frames, new Silent()));
            Print("1000 streams in turns", runs, () => Follow(many, new Silent()));
            Print("one stream, data kept", runs, () => Follow(frames, new TcpStreamRecorder(_ => { }, null, long.MaxValue)));
            Print("every other pair swapped", runs, () => Follow(Swapped(frames), new Silent()));
            Print("from a pcapng file, data kept", runs, () => FollowFile(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Print(string name, int runs, Func<long> follow)
    {
        follow();
        double[] rates = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            long bytes = follow();
            rates[i] = bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"streams followed, {name,-30} {Comparison.Median(rates),8:F0} MB/s [{rates.Min():F0}-{rates.Max():F0}]"));
    }

    private static long Follow(byte[][] frames, TcpStreamObserver observer)
    {
        TcpStreamAssembler assembler = new(observer, new TcpStreamSettings { Midstream = true });
        foreach (byte[] frame in frames)
        {
            assembler.Receive(frame, PacketStart.Ethernet, Instant.FromSeconds(1));
        }

        assembler.Finish();
        return assembler.Bytes == (long)frames.Length * SegmentBytes ? assembler.Bytes : throw new InvalidDataException("Data is missing.");
    }

    private static long FollowFile(string file)
    {
        TcpStreamAssembler assembler = new(new TcpStreamRecorder(_ => { }, null, long.MaxValue), new TcpStreamSettings { Midstream = true });
        using PcapReader reader = PcapReader.Open(file);
        while (reader.TryRead(out CapturedFrame frame))
        {
            assembler.Receive(in frame);
        }

        assembler.Finish();
        return assembler.Bytes;
    }

    private static byte[][] Swapped(byte[][] frames)
    {
        byte[][] swapped = [.. frames];
        for (int i = 2; i + 1 < swapped.Length; i += 4)
        {
            (swapped[i], swapped[i + 1]) = (swapped[i + 1], swapped[i]);
        }

        return swapped;
    }

    private static byte[][] MakeFrames(int streams)
    {
        byte[][] frames = new byte[Segments][];
        byte[] data = new byte[SegmentBytes];
        new Random(1).NextBytes(data);
        Packet packet = new(
            new EthernetLayer(),
            new IPv4Layer { Source = NetworkAddress.Parse("10.0.0.1"), Destination = NetworkAddress.Parse("10.0.0.2") },
            new TcpLayer { DestinationPort = 80, Flags = TcpFlags.Ack, Acknowledgment = 1 },
            new PayloadLayer("x"));
        for (int i = 0; i < Segments; i++)
        {
            packet.Tcp!.SourcePort = (ushort)(10_000 + (i % streams));
            packet.Tcp.Sequence = (uint)(i / streams * SegmentBytes);
            packet.Payload!.Data = data;
            frames[i] = packet.ToBytes();
        }

        return frames;
    }

    private static void Write(string file, byte[][] frames)
    {
        CaptureInterface where = new() { LinkType = CaptureLinkType.Ethernet };
        using PcapWriter writer = PcapWriter.Create(file, new PcapWriterOptions { Format = CaptureFormat.PcapNg });
        foreach (byte[] frame in frames)
        {
            writer.Write(new CapturedFrame { Bytes = frame, Interface = where, Timestamp = new CaptureTime(1_000_000_000) });
        }
    }

    private sealed class Silent : TcpStreamObserver;
}
