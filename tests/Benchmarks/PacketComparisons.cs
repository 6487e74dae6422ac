using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using TcpTools.Lab;

namespace TcpTools.Benchmarks;

/// <summary>One way to do a piece of work: ours or a peer's.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Rate">Does it once and gives the rate.</param>
internal sealed record Contender(string Name, Func<double> Rate);

/// <summary>Packets, captures and streams, against other libraries in the same run.</summary>
internal static class PacketComparisons
{
    private const double Seconds = 0.7;

    /// <summary>Measures each piece of work in turns and prints medians, with the ratio of ours to each peer's.</summary>
    public static void Print(int runs)
    {
        IReadOnlyList<Peer> peers = Peer.BuildAll();
        Peer? shell = Peer.FindOwnShell();
        Console.WriteLine("One frame is Ethernet/IPv4/TCP with 20 bytes of options and 512 of data, both checksums made (build) or verified");
        Console.WriteLine("(parse; gopacket, libtins and Scapy do not verify). PacketDotNet builds without options, which it cannot add.");
        Ours("build, frames/s", "build", ("views", PacketWork.BuildWithViews()), ("objects", PacketWork.BuildObjects()));
        Ours("build, reused, frames/s", "build-reused", ("views", PacketWork.BuildWithViews()), ("objects", PacketWork.BuildReusedObject()));
        Ours("parse, frames/s", "parse", ("views", PacketWork.ParseWithViews()), ("objects", PacketWork.ParseObjects()));
        Ours("parse, reused, frames/s", "parse-reused", ("views", PacketWork.ParseWithViews()));

        string directory = Directory.CreateTempSubdirectory("tcptools-bench").FullName;
        try
        {
            Files(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }

        void Ours(string title, string operation, params (string Name, Action Work)[] own) => Compare(
            title, runs, [.. own.Select(o => new Contender(o.Name, () => PacketWork.Rate(o.Work, Seconds)))], Others(operation, ""));

        void Files(string place)
        {
            string path = Path.Combine(place, "sample.pcap");
            int packets = SampleCapture.Write(path, 50_000_000);
            Console.WriteLine($"The capture file has {packets} packets, {new FileInfo(path).Length / 1_000_000} MB.");
            Compare("import, packets/s", runs, [new("objects", () => CaptureWork.Import(path, Seconds))], Others("import", path));
            Compare("streams, MB/s", runs, [new("frames", () => CaptureWork.Follow(path, Seconds))], Others("streams", path));
            if (shell is not null && Works(new("pipeline", () => shell.Measure("import-memory", 0, path))))
            {
                double small = shell.Measure("import-memory", 0, path);
                string large = Path.Combine(place, "large.pcap");
                packets = SampleCapture.Write(large, 1_000_000_000);
                double big = shell.Measure("import-memory", 0, large);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"peak memory of pwsh importing 50 MB: {small:F0} MB; importing 1 GB ({packets} packets): {big:F0} MB"));
            }
        }

        IEnumerable<Contender> Others(string operation, string argument) => ((IEnumerable<Peer?>)[shell, .. peers])
            .OfType<Peer>()
            .Where(peer => peer.Knows(operation))
            .Select(peer => new Contender(peer.Name, () => peer.Measure(operation, Seconds, argument)));
    }

    /// <summary>Prints one line for each contender; ratios are of the first, in the turn of the same number.</summary>
    public static void Compare(string title, int runs, IReadOnlyList<Contender> own, IEnumerable<Contender> others)
    {
        // A first turn for compilers and caches does not count.
        Contender[] all = [.. own, .. others.Where(Works)];
        double[][] rates = [.. all.Select(_ => new double[runs])];
        foreach (Contender contender in own)
        {
            _ = contender.Rate();
        }

        for (int run = 0; run < runs; run++)
        {
            for (int i = 0; i < all.Length; i++)
            {
                rates[i][run] = all[i].Rate();
            }
        }

        Console.WriteLine(title);
        for (int i = 0; i < all.Length; i++)
        {
            string ratios = string.Join("  ", Enumerable.Range(0, own.Count).Where(o => o != i).Select(o => string.Create(
                CultureInfo.InvariantCulture,
                $"{own[o].Name} {Comparison.Median([.. rates[o].Zip(rates[i], (a, b) => a / b)]),8:F2} times")));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"    {all[i].Name,-14} {Comparison.Show(rates[i]),34}   {ratios}"));
        }
    }

    private static bool Works(Contender contender)
    {
        try
        {
            _ = contender.Rate();
            return true;
        }
        catch (LabException e)
        {
            Console.WriteLine($"skipped: {e.Message.ReplaceLineEndings(" ")}");
            return false;
        }
    }
}
