using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Lab;

namespace TcpTools.Benchmarks;

/// <summary>Sending, exchanging and sniffing on a pair of devices between two namespaces, our cmdlets against Scapy.</summary>
internal static class NetworkComparisons
{
    private const double Seconds = 2;
    private const int Burst = 100_000;

    /// <summary>Measures in turns and prints.</summary>
    public static void Print(int runs)
    {
        if (Peer.FindOwnShell() is not { } shell)
        {
            Console.WriteLine("skipped: sending and sniffing with our cmdlets (no PowerShell here)");
            return;
        }

        Peer? scapy = Peer.BuildAll("Scapy") is [var found, ..] ? found : null;
        using LabNamespace here = LabNamespace.Create();
        using LabNamespace there = LabNamespace.Create();
        LabNamespace.Join(here, "10.8.0.2/24", there, "10.8.0.1/24");
        Compare("send, a stream of new segments, packets/s", "send", "veth0");
        Compare("send, one cmdlet call a packet, packets/s", "send-each", "veth0");
        Compare("1000 SYNs and their answers, answers/s", "exchange", "10.8.0.1");
        Compare("ping and its answer, one call each, calls/s", "exchange-each", "10.8.0.1");
        foreach (string filter in (string[])["", "udp port 9"])
        {
            Sniff(50_000, filter);
        }

        void Compare(string title, string operation, string argument) => PacketComparisons.Compare(
            title, runs, [new("pipeline", () => shell.Measure(operation, Seconds, argument, here))],
            Others(peer => new(peer.Name, () => peer.Measure(operation, Seconds, argument, here))));

        IEnumerable<Contender> Others(Func<Peer, Contender> make) => scapy is null ? [] : [make(scapy)];

        // How much of what is sent at a rate arrives at who sniffs: a share, not a rate.
        void Sniff(int rate, string filter)
        {
            string title = string.Create(
                CultureInfo.InvariantCulture, $"sniffed of {Burst} packets at {rate}/s, {(filter.Length > 0 ? "with a filter" : "unfiltered")}");
            PacketComparisons.Compare(
                title, runs, [new("pipeline", () => Received(shell, rate, filter))], Others(peer => new(peer.Name, () => Received(peer, rate, filter))));
        }

        double Received(Peer peer, int rate, string filter)
        {
            using LabProcess sniffer = peer.Start(there, "sniff", "veth0", filter);
            if (!Tool.Until(() => sniffer.Output.Contains("ready", StringComparison.Ordinal), TimeSpan.FromSeconds(20)))
            {
                throw new LabException($"{peer.Name} does not begin to sniff: {sniffer.Error}");
            }

            shell.Measure("flood", rate, "veth0", here);
            return sniffer.WaitForExit(TimeSpan.FromSeconds(120))
                ? double.Parse(sniffer.Output.Trim().Split('\n')[^1], CultureInfo.InvariantCulture) / Burst
                : throw new LabException($"{peer.Name} does not stop sniffing.");
        }
    }
}
