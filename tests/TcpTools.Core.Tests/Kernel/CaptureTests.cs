using System;
using System.IO;
using System.Linq;
using System.Threading;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>What an observer on the device sees of us is what a correct TCP does.</summary>
[Trait("Category", "Root")]
public sealed class CaptureTests
{
    private const string Faults =
        "_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.flags.reset == 1";

    [RootFact("tcpdump", "tshark")]
    public void An_ordinary_session_shows_no_fault() => AssertNoFault(null);

    [RootFact("tcpdump", "tshark")]
    public void Retransmissions_on_a_rough_network_show_no_fault() => AssertNoFault(link => new ImpairmentLink(
        link, Transfers.Rough with { Corrupt = 0 }, RandomSource.FromSeed(7)));

    private static void AssertNoFault(Func<ILink, ILink>? decorate)
    {
        string file = Path.GetTempFileName();
        try
        {
            int packets = Capture(file, decorate);
            string[] common = ["-r", file, "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
            string faults = Tool.Run("tshark", [.. common, "-Y", Faults]);
            Assert.Equal("", faults.Trim());
            int seen = Tool.Run("tshark", [.. common, "-Y", "tcp.checksum.status == 1"]).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            Assert.Equal(packets, seen);
        }
        finally
        {
            File.Delete(file);
        }
    }

    // Sends and receives half a megabyte beside a tcpdump that listens at the kernel's end of the device.
    private static int Capture(string file, Func<ILink, ILink>? decorate)
    {
        byte[] data = RepeatableData.Make(500_000);
        // Without offloads each packet on the device is complete, its checksum included.
        using TunPair pair = new(decorate, offload: false);
        pair.Serve(KernelServer.Echo);
        using LabProcess capture = pair.Place.Start("tcpdump", "-i", pair.Device, "-U", "-B", "8192", "-w", file, "tcp");
        Assert.True(Tool.Until(() => capture.Error.Contains("listening", StringComparison.Ordinal), TunPair.Limit));
        using (TcpSession session = pair.Connect())
        {
            Thread writer = new(() =>
            {
                session.WriteAll(data, TunPair.Limit);
                session.Shutdown();
            });
            writer.Start();
            byte[] back = new byte[data.Length];
            int length = 0;
            for (int count = session.ReadSome(back, TunPair.Limit);
                 count > 0;
                 count = length == back.Length ? session.ReadSome(new byte[1], TunPair.Limit) : session.ReadSome(back.AsSpan(length), TunPair.Limit))
            {
                length += count;
            }

            writer.Join();
            Assert.True(back.AsSpan().SequenceEqual(data));
            session.Close();
            Assert.True(session.WaitFor(SessionCondition.Closed, TunPair.Limit));
        }

        capture.Signal("INT");
        Assert.True(capture.WaitForExit(TunPair.Limit));
        string captured = capture.Error.Split('\n').First(line => line.Contains("packets captured", StringComparison.Ordinal));
        Assert.Contains("0 packets dropped by kernel", capture.Error);
        return int.Parse(captured.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
