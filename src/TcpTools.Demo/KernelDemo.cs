using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Demo;

/// <summary>Our stack against a real server of the kernel's, over a TUN device whose other end is in a namespace.</summary>
internal static class KernelDemo
{
    private const string ServerAddress = "10.9.0.1";
    private const string OwnAddress = "10.9.0.2";
    private const int Port = 80;

    public static void Run(Report report, CancellationToken cancellationToken)
    {
        string[] before = Traces();
        string name;
        using (LabNamespace place = LabNamespace.Create())
        {
            name = place.Name;
            RunInside(place, report, cancellationToken);
        }

        string[] left = [.. Traces().Except(before)];
        report.Check(
            left.Length == 0 && !File.Exists("/run/netns/" + name),
            left.Length == 0 ? "nothing is left behind: no namespace, device, route or process" : $"left behind: {string.Join(", ", left)}");
    }

    private static void RunInside(LabNamespace place, Report report, CancellationToken cancellationToken)
    {
        // Without offloads every packet is complete on the device: the checksums that the kernel checks are ours.
        TunLink link = TunLink.Open(new TunOptions
        {
            NetworkNamespace = place.Name,
            Address = InterfaceAddress.Parse(ServerAddress + "/24"),
            Offload = false,
        });
        using TcpStack stack = TcpStack.Start(new TcpStackOptions
        {
            Name = "demo",
            Link = link,
            Addresses = [InterfaceAddress.Parse(OwnAddress + "/24")],
            Trace = true,
        });
        byte[] page = Page();
        using IDisposable server = StartServer(place, page, out string kind);
        report.Say($"A namespace with {kind} at {ServerAddress}:{Port}; our stack has {OwnAddress} on the TUN device {link.Name}.");
        Exchange.Run(stack, NetworkAddress.Parse(ServerAddress), Port, page, report, cancellationToken);
        report.Check(
            stack.Counters["TcpInCsumErrors"] == 0 && stack.Counters["TcpInErrs"] == 0,
            "we found no error and no wrong checksum in what we got from the kernel");
        if (Tool.Find("curl") is not null)
        {
            string seen = place.Run("curl", "-s", $"http://{ServerAddress}/").Output;
            report.Check(
                seen.TrimEnd() == Encoding.UTF8.GetString(page).TrimEnd(),
                "curl, over the kernel's own TCP, gets the same page");
        }

        Dictionary<string, long> counters = KernelCounters(place);
        report.Check(
            counters["InErrs"] == 0 && counters["InCsumErrors"] == 0,
            "the kernel found no error and no wrong checksum in what it got from us");
    }

    private static IDisposable StartServer(LabNamespace place, byte[] page, out string kind)
    {
        if (NginxServer.Obstacle is null)
        {
            kind = NginxServer.Version;
            return NginxServer.Start(place, ServerAddress, Port, new Dictionary<string, byte[]> { ["index.html"] = page });
        }

        kind = "a small server on the kernel's TCP";
        return KernelServer.Start(place, IPAddress.Parse(ServerAddress), Port, KernelServer.Page(page));
    }

    private static byte[] Page()
    {
        StringBuilder text = new("<!doctype html>\n<title>TcpTools</title>\n<p>Every byte of this page was carried by a TCP of our own.</p>\n");
        for (int i = 1; text.Length < 8000; i++)
        {
            text.Append("<p>Line ").Append(i).Append(": long enough to need more than one segment.</p>\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    // The two "Tcp:" lines of /proc/net/snmp: names, then values.
    private static Dictionary<string, long> KernelCounters(LabNamespace place)
    {
        string[][] lines =
        [
            .. place.Run("cat", "/proc/net/snmp").Output.Split('\n')
                .Where(line => line.StartsWith("Tcp:", StringComparison.Ordinal))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]),
        ];
        return lines[0].Zip(lines[1]).ToDictionary(
            pair => pair.First, pair => long.Parse(pair.Second, System.Globalization.CultureInfo.InvariantCulture));
    }

    // What a careless demo would leave on the host.
    private static string[] Traces() =>
    [
        .. Directory.GetFileSystemEntries("/sys/class/net").Where(path => path.Contains("tcptools", StringComparison.Ordinal)),
        .. Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", $"tcptools-{Environment.ProcessId}-*") : [],
        .. Tool.Run("ip", "route", "show", "table", "all").Split('\n').Where(line => line.Contains("tcptools", StringComparison.Ordinal)),
        .. Directory.GetDirectories(Path.GetTempPath(), "tcptools-nginx-*"),
    ];
}
