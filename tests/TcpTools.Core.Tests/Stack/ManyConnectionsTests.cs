using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Many connections, and that nothing is left of them: no timer, buffer, slab, port or session.</summary>
public sealed class ManyConnectionsTests
{
    [Fact]
    public void Five_hundred_at_once_half_of_them_aborted_by_the_peer_leave_nothing()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen(backlog: 500);
        byte[] data = Transfer.Bytes(20_000, 5);
        TcpSession[] clients = [.. Enumerable.Range(0, 500).Select(_ => rig.Connect())];
        List<TcpSession> servers = [];
        foreach (TcpSession client in clients)
        {
            TcpSession? server = listener.Accept(Rig.Limit);
            Assert.NotNull(server);
            servers.Add(server);
        }

        foreach (TcpSession client in clients)
        {
            client.Write(data);
        }

        // Half of the peers reset at once, with data under way; the others read it all and close.
        byte[] buffer = new byte[data.Length];
        for (int i = 0; i < servers.Count; i++)
        {
            if (i % 2 == 0)
            {
                servers[i].Abort();
                continue;
            }

            int got = 0;
            while (got < data.Length)
            {
                got += servers[i].ReadSome(buffer.AsSpan(got), Rig.Limit);
            }

            Assert.True(data.AsSpan().SequenceEqual(buffer));
            servers[i].Close();
        }

        rig.Network.RunUntilIdle();
        Assert.Equal(250, clients.Count(c => c.CloseReason == TcpCloseReason.ResetByPeer));
        foreach (TcpSession client in clients)
        {
            client.Close();
        }

        listener.Stop();
        rig.Network.Run(TimeSpan.FromMinutes(3));
        Assert.All(clients, c => Assert.Equal(TcpState.Closed, c.State));
        Assert.Equal(0, rig.Client.Counters["TcpCurrEstab"]);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Two_thousand_one_after_another_leave_nothing()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        byte[] buffer = new byte[100];
        HashSet<int> ports = [];
        for (int i = 0; i < 2000; i++)
        {
            TcpSession client = rig.Connect();
            Assert.True(ports.Add(client.LocalPort), "A port came again although its connection is in TIME-WAIT.");
            TcpSession server = listener.Accept(Rig.Limit)!;
            client.WriteAll("hello"u8, Rig.Limit);
            client.Shutdown();
            Assert.Equal(5, server.ReadSome(buffer, Rig.Limit));
            Assert.Equal(0, server.ReadSome(buffer, Rig.Limit));
            server.Close();
            Assert.Equal(0, client.ReadSome(buffer, Rig.Limit));
            client.Close();
        }

        Assert.Equal(2000, rig.Client.Counters["TcpExtTWCurrent"]);
        listener.Stop();
        rig.Network.Run(TimeSpan.FromMinutes(2));
        rig.AssertNothingLeft();
        Assert.Equal(0, rig.Client.Counters["TcpExtTWCurrent"]);
    }

    [Fact]
    public void Half_open_connections_whose_peer_vanished_are_given_up()
    {
        using Rig rig = new(client: o => o with { UnclaimedPorts = UnclaimedPortPolicy.Drop });
        TcpListener listener = rig.Listen();
        for (uint i = 0; i < 50; i++)
        {
            rig.Client.SendRaw(UnclaimedTests.Segment(TcpTools.Wire.TcpFlags.Syn, i * 1000, 0, sourcePort: 4000 + (int)i));
        }

        rig.Network.RunUntilIdle();
        Assert.Equal(50, listener.HalfOpen);
        rig.Network.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(0, listener.HalfOpen);
        rig.AssertNothingLeft();
    }
}
