using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Linux;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Streams;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>Streams of real programs, put together as tshark does it, and ended from outside.</summary>
[Trait("Category", "Root")]
public sealed class StreamKernelTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly string _file = Path.GetTempFileName();
    private readonly LabNamespace _near = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;
    private readonly LabNamespace _far = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;

    public StreamKernelTests()
    {
        if (_near is not null)
        {
            LabNamespace.Join(_near, "10.8.0.1/24", _far, "10.8.0.2/24");
        }
    }

    public void Dispose()
    {
        _near?.Dispose();
        _far?.Dispose();
        File.Delete(_file);
    }

    [RootFact("nginx", "curl", "tcpdump", "tshark")]
    public void What_curl_and_nginx_say_is_what_tshark_finds()
    {
        byte[] page = RepeatableData.Make(700_000);
        using NginxServer nginx = NginxServer.Start(_far, "10.8.0.2", 80, new Dictionary<string, byte[]> { ["big.bin"] = page, ["small.txt"] = Encoding.ASCII.GetBytes("small\n") });
        using (LabProcess capture = StartCapture(_near, "veth0"))
        {
            // Offloads are on: frames are larger than the MTU, and the kernel leaves checksums of its own to the device.
            Assert.True(_near.Run("curl", "-s", "-o", "/dev/null", "http://10.8.0.2/big.bin", "-o", "/dev/null", "http://10.8.0.2/small.txt", "-o", "/dev/null", "http://10.8.0.2/none").Succeeded);
            Assert.True(_near.Run("curl", "-s", "-o", "/dev/null", "--data", "a=b", "http://10.8.0.2/small.txt").Succeeded);
            StopCapture(capture);
        }

        List<TcpStream> streams = Follow(out List<StreamAnomaly> strange);
        Assert.Equal(2, streams.Count);
        Assert.Empty(strange);
        AgreesWithShark(streams);
        List<HttpExchange> exchanges = [];
        Feed(new HttpObserver(exchanges.Add));
        Assert.Equal([("/big.bin", 200), ("/small.txt", 200), ("/none", 404), ("/small.txt", 405)], exchanges.Select(e => (e.Request!.Target, e.StatusCode)));
        Assert.Equal(page, exchanges[0].Response!.Content);
        Assert.All(exchanges.Take(3), e => Assert.True(e.IsComplete && e.Latency > TimeSpan.Zero));
    }

    [RootFact("tcpdump", "tshark")]
    public void Loss_reordering_and_repeats_on_the_way_leave_no_trace_in_the_stream()
    {
        byte[] data = RepeatableData.Make(600_000);
        using TunPair pair = new(link => new ImpairmentLink(link, Transfers.Rough with { Corrupt = 0.01 }, RandomSource.FromSeed(3)), offload: false);
        pair.Serve(KernelServer.Echo);
        using (LabProcess capture = StartCapture(pair.Place, pair.Device))
        {
            using TcpSession session = pair.Connect();
            Thread writer = new(() =>
            {
                session.WriteAll(data, TunPair.Limit);
                session.Shutdown();
            });
            writer.Start();
            byte[] back = new byte[65536];
            while (session.ReadSome(back, TunPair.Limit) > 0)
            {
            }

            writer.Join();
            session.Close();
            Assert.True(session.WaitFor(SessionCondition.Closed, TunPair.Limit));
            StopCapture(capture);
        }

        TcpStream stream = Follow(out List<StreamAnomaly> strange).Single();
        // The device shows damaged frames on their way in, which no receiver takes.
        Assert.All(strange, a => Assert.True(a.Kind is StreamAnomalyKind.BadTcpChecksum or StreamAnomalyKind.BadIPChecksum or StreamAnomalyKind.BadIPHeader or StreamAnomalyKind.BadTcpHeader, a.ToString()));
        Assert.True(stream.ClientData.AsSpan().SequenceEqual(data));
        Assert.True(stream.ServerData.AsSpan().SequenceEqual(data));
        Assert.Empty(stream.Gaps);
        Assert.Equal(TcpStreamState.Closed, stream.State);
        Assert.True(stream.ClientSide.Retransmissions + stream.ClientSide.OutOfOrder > 0);
    }

    [RootFact("nmap")]
    public void A_scan_by_nmap_raises_the_alarm() => _near.Do(() =>
    {
        using InterfaceChannel channel = InterfaceChannel.Open("veth0", new InterfaceOptions { Direction = FrameDirection.Unknown });
        channel.Listen(null, 10_000);
        Assert.True(_far.Run("nmap", "-n", "-Pn", "-sS", "-p", "1-100", "--max-retries", "0", "10.8.0.1").Succeeded);
        List<StreamAnomaly> strange = [];
        TcpStreamAssembler assembler = new(new TcpStreamRecorder(_ => { }, strange.Add));
        while (channel.Receive(channel.Now + TimeSpan.FromMilliseconds(300), default) is { } frame)
        {
            assembler.Receive(frame.Bytes.Span, frame.Start, StreamTime.From(frame.Timestamp), frame.WireLength);
        }

        StreamAnomaly scan = strange.First(a => a.Kind == StreamAnomalyKind.Scan);
        Assert.Equal("10.8.0.2", scan.Source.Address.ToString());
        Assert.Equal(11, scan.Targets.Count);
        return true;
    });

    [RootFact("nc")]
    public void Four_resets_end_a_session_of_nc_on_both_sides()
    {
        using LabProcess server = _far.Start("nc", "-l", "10.8.0.2", "9000");
        Assert.True(Tool.Until(() => _far.Run("ss", "-Hltn").Output.Contains(":9000", StringComparison.Ordinal), s_limit));
        _near.Do(() =>
        {
            using InterfaceChannel channel = InterfaceChannel.Open("veth0", new InterfaceOptions { Direction = FrameDirection.Unknown });
            channel.Listen();
            using LabProcess client = _near.Start("nc", "10.8.0.2", "9000");
            client.Input.Write("what was typed\n"u8);
            client.Input.Flush();
            TcpStream? stream = null;
            TcpStreamAssembler assembler = new(new TcpStreamEvents(e => stream = e.Kind == TcpStreamEventKind.Data ? e.Stream : stream));
            Assert.True(Tool.Until(() => server.Output.Contains("typed", StringComparison.Ordinal), s_limit));
            while (channel.Receive(channel.Now + TimeSpan.FromMilliseconds(300), default) is { } frame)
            {
                assembler.Receive(frame.Bytes.Span, frame.Start, StreamTime.From(frame.Timestamp), frame.WireLength);
            }

            Assert.False(client.HasExited || server.HasExited);
            IReadOnlyList<Packet> resets = TcpReset.Of(stream!).ToPackets();
            Assert.Equal(4, resets.Count);
            using RawIPSocket socket = new();
            foreach (Packet reset in resets)
            {
                byte[] to = new byte[4];
                reset.IP!.Destination.TryWriteBytes(to);
                Assert.Equal(0, socket.Send(reset.ToBytes(), to));
            }

            Assert.True(server.WaitForExit(s_limit));
            Assert.True(client.WaitForExit(s_limit));
            return true;
        });
    }

    private LabProcess StartCapture(LabNamespace place, string device)
    {
        LabProcess capture = place.Start("tcpdump", "-i", device, "-U", "-s", "0", "-B", "16384", "-w", _file, "tcp");
        Assert.True(Tool.Until(() => capture.Error.Contains("listening", StringComparison.Ordinal), s_limit));
        return capture;
    }

    private static void StopCapture(LabProcess capture)
    {
        // tcpdump takes what the kernel has gathered once a second.
        Thread.Sleep(1500);
        capture.Signal("INT");
        Assert.True(capture.WaitForExit(s_limit));
        Assert.Contains("0 packets dropped by kernel", capture.Error);
    }

    private List<TcpStream> Follow(out List<StreamAnomaly> strange)
    {
        List<TcpStream> streams = [];
        strange = [];
        Feed(new TcpStreamRecorder(streams.Add, strange.Add));
        return streams;
    }

    private void Feed(TcpStreamObserver observer)
    {
        TcpStreamAssembler assembler = new(observer);
        using PcapReader reader = PcapReader.Open(_file);
        while (reader.TryRead(out CapturedFrame frame))
        {
            assembler.Receive(in frame);
        }

        assembler.Finish();
    }

    private void AgreesWithShark(List<TcpStream> streams)
    {
        for (int i = 0; i < streams.Count; i++)
        {
            TcpStream stream = streams.Single(s => s.Number == i + 1);
            List<byte> client = [];
            List<byte> server = [];
            string followed = Tool.Run("tshark", "-r", _file, "-q", "-z", $"follow,tcp,raw,{i}");
            foreach (string line in followed.Split('\n'))
            {
                // The side that speaks second is indented.
                string text = line.Trim();
                if (text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigitLower))
                {
                    (line[0] == '\t' ? server : client).AddRange(Convert.FromHexString(text));
                }
            }

            Assert.True(client.Count > 0 && server.Count > 0);
            Assert.True(stream.ClientData.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(client)));
            Assert.True(stream.ServerData.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(server)));
        }
    }
}
