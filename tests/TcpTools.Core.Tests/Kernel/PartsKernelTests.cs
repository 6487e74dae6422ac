using System;
using System.Net.Sockets;
using System.Text;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;
using TcpListener = TcpTools.Stack.TcpListener;

namespace TcpTools.Tests.Kernel;

/// <summary>Replaced parts against the kernel's TCP.</summary>
[Trait("Category", "Root")]
public sealed class PartsKernelTests
{
    private static readonly TcpSettings s_constant =
        TcpSettings.Default with { InitialSequence = new ConstantSequence(new SequenceNumber(5555)), TimeWait = TimeSpan.FromMilliseconds(300) };

    [RootFact("nc")]
    public void The_kernel_connects_to_a_listener_that_answers_with_5555()
    {
        using TunPair pair = new(settings: s_constant);
        using TcpListener listener = pair.Stack.Listen(new ListenOptions { Port = 9 });
        using LabProcess client = pair.Place.Start("nc", "-N", "10.9.0.2", "9");
        client.Input.Write("from netcat"u8);
        client.CloseInput();
        using TcpSession session = listener.Accept(TunPair.Limit)!;
        Assert.Equal(5555u, session.Info.InitialSendSequence.Value);
        byte[] buffer = new byte[100];
        int count = session.ReadSome(buffer, TunPair.Limit);
        Assert.Equal("from netcat", Encoding.ASCII.GetString(buffer, 0, count));
        session.WriteAll("from 5555\n"u8, TunPair.Limit);
        session.Close();
        Assert.True(client.WaitForExit(TunPair.Limit));
        Assert.Equal("from 5555", client.Output.Trim());
    }

    [RootFact]
    public void The_kernel_downloads_by_cubic_over_a_rough_network_byte_exact()
    {
        byte[] data = RepeatableData.Make(2 << 20);
        using TunPair pair = new(
            link => new ImpairmentLink(link, Transfers.Rough with { Delay = TimeSpan.FromMilliseconds(5) }, RandomSource.FromSeed(7)),
            settings: s_constant with { CongestionControl = "cubic" });
        byte[] received = new byte[data.Length];
        KernelServer server = pair.Serve(socket =>
        {
            int total = 0;
            for (int count = 1; count > 0 && total < received.Length; total += count)
            {
                count = socket.Receive(received, total, received.Length - total, SocketFlags.None);
            }

            KernelServer.SendAll(socket, "done"u8.ToArray());
        });
        using TcpSession session = pair.Connect();
        session.WriteAll(data, TimeSpan.FromMinutes(4));
        Assert.True(session.ReadSome(new byte[10], TimeSpan.FromMinutes(4)) > 0);
        Assert.True(data.AsSpan().SequenceEqual(received));
        TcpInfo info = session.Info;
        Assert.Equal((5555u, "cubic"), (info.InitialSendSequence.Value, info.CongestionControl));
        Assert.True(info.RetransmittedSegments > 0);
        Assert.Null(server.Failure);
    }

    [RootFact]
    public void Both_ways_pass_layers_that_do_nothing_byte_exact()
    {
        byte[] data = RepeatableData.Make(8 << 20);
        Plain above = new(LayerPlace.AboveIP);
        Plain below = new(LayerPlace.BelowIP);
        using TunPair pair = new(settings: s_constant, layers: [above, below]);
        KernelServer server = pair.Serve(socket =>
        {
            byte[] buffer = new byte[65536];
            int total = 0;
            for (int count = 1; count > 0 && total < data.Length; total += count)
            {
                count = socket.Receive(buffer);
                KernelServer.SendAll(socket, buffer.AsSpan(0, count));
            }
        });
        using TcpSession session = pair.Connect();
        byte[] received = new byte[data.Length];
        int sent = 0;
        int total = 0;
        while (total < data.Length)
        {
            sent += session.Write(data.AsSpan(sent, Math.Min(100_000, data.Length - sent)));
            int count = session.ReadSome(received.AsSpan(total), TunPair.Limit);
            Assert.True(count > 0, $"{total} of {data.Length} came back");
            total += count;
        }

        Assert.True(data.AsSpan().SequenceEqual(received));
        Assert.True(above.Received > 5000 && below.Sent >= above.Sent);
        Assert.Null(server.Failure);
        Assert.Empty(pair.Stack.PartErrors);
    }

    [RootFact]
    public void The_kernel_agrees_on_what_each_layout_offers()
    {
        foreach (NamedPart<ITcpOptionLayout> layout in TcpParts.OptionLayouts)
        {
            using TunPair pair = new(settings: s_constant with { OptionLayout = layout.Value });
            KernelServer server = pair.Serve(socket => KernelServer.SendAll(socket, new byte[100_000]));
            using TcpSession session = pair.Connect();
            byte[] buffer = new byte[100_000];
            int total = 0;
            for (int count = 1; count > 0 && total < buffer.Length; total += count)
            {
                count = session.ReadSome(buffer, TunPair.Limit);
            }

            Assert.Equal(100_000, total);
            bool hasAll = layout.Name is not ("Minimal" or "None" or "Windows");
            Assert.Equal((hasAll, layout.Name is not ("Minimal" or "None")), (session.Info.Timestamps, session.Info.Sack));
            Assert.Null(server.Failure);
        }
    }

    private sealed class Plain(LayerPlace place) : StackLayer(null, place);
}
