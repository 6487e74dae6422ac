using System;
using System.IO;
using TcpTools.Examples;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>A stack put together by hand from the rooms of the engine, as docs/building-a-stack.md shows it.</summary>
public sealed class HandBuiltTests
{
    [Fact]
    public void Two_hosts_made_by_hand_talk_over_a_wire()
    {
        using PacketWire wire = new();
        TcpSettings settings = TcpSettings.Default with
        {
            InitialSequence = new ConstantSequence(new SequenceNumber(5555)),
            CongestionControl = "cubic",
            OptionLayout = new OptionList("mss,nop,ws"),
        };
        SmallHost client = new(wire.A, "10.5.0.1/24", settings);
        SmallHost server = new(wire.B, "10.5.0.2/24", settings);
        Instant now = Instant.FromSeconds(1);
        server.Listen(80);
        client.Connect("10.5.0.2", 80, now);
        Run();
        Assert.Equal(TcpState.Established, client.Connection!.State);
        Assert.Equal(TcpState.Established, server.Connection!.State);
        Assert.Equal(5555u, server.Connection.GetInfo(now).InitialReceiveSequence.Value);

        byte[] data = Transfer.Bytes(100_000, 1);
        byte[] received = new byte[data.Length];
        int sent = 0;
        int read = 0;
        for (int i = 0; read < data.Length && i < 1000; i++)
        {
            sent += client.Connection.Write(data.AsSpan(sent), now);
            Run();
            read += server.Connection.Read(received.AsSpan(read), now);
        }

        Assert.True(data.AsSpan().SequenceEqual(received));
        client.Connection.Close(now);
        Run();
        server.Connection.Close(now);
        Run();
        now += TimeSpan.FromMinutes(2);
        Run();
        Assert.Equal((TcpState.Closed, TcpState.Closed), (client.Connection.State, server.Connection.State));

        void Run()
        {
            for (int i = 0; i < 20; i++)
            {
                now += TimeSpan.FromMilliseconds(10);
                client.Move(now);
                server.Move(now);
            }
        }
    }

    [Fact]
    public void The_page_shows_the_host_as_it_is()
    {
        string? root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "TcpTools.slnx")))
        {
            root = Path.GetDirectoryName(root);
        }

        string source = File.ReadAllText(Path.Combine(root!, "tests/TcpTools.Core.Tests/Stack/SmallHost.cs"));
        Assert.Contains(source.Trim(), File.ReadAllText(Path.Combine(root!, "docs/building-a-stack.md")), StringComparison.Ordinal);
    }
}
