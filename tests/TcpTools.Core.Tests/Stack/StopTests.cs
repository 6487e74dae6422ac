using System;
using System.Linq;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

public sealed class StopTests
{
    [Fact]
    public void Stopping_resets_the_peers_and_releases_everything()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        (TcpSession client, TcpSession server) = rig.Establish(listener: listener);
        client.Write(new byte[50_000]);
        server.Write(new byte[50_000]);
        rig.Network.RunUntilIdle();
        rig.Client.Stop();
        rig.Client.Stop();
        rig.Network.RunUntilIdle();

        Assert.Equal(StackState.Stopped, rig.Client.State);
        Assert.Equal(TcpCloseReason.StackStopped, client.CloseReason);
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
        StackException error = Assert.Throws<StackException>(() => client.ReadSome(new byte[1], Rig.Limit));
        Assert.Equal(StackError.StackStopped, error.Error);
        error = Assert.Throws<StackException>(() => rig.Connect());
        Assert.Equal(StackError.StackStopped, error.Error);
        error = Assert.Throws<StackException>(() => rig.Client.Listen(new ListenOptions { Port = 1 }));
        Assert.Equal(StackError.StackStopped, error.Error);
        rig.Server.Stop();
        error = Assert.Throws<StackException>(() => listener.Accept(Rig.Limit));
        Assert.Equal(StackError.StackStopped, error.Error);
        rig.AssertNothingLeft();
    }

    [Fact]
    public void Stopping_with_grace_closes_in_order()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = Transfer.Bytes(30_000, 4);
        client.Write(data);
        server.StateChanged += (_, change) =>
        {
            if (change.To == TcpState.CloseWait)
            {
                server.Shutdown();
            }
        };
        rig.Client.Stop(grace: TimeSpan.FromSeconds(10));
        Assert.Equal(StackState.Stopped, rig.Client.State);
        byte[] buffer = new byte[data.Length];
        int got = 0;
        while (got < data.Length)
        {
            got += server.ReadSome(buffer.AsSpan(got), Rig.Limit);
        }

        Assert.Equal(data, buffer);
        Assert.Equal(0, server.ReadSome(buffer, Rig.Limit));
        Assert.NotEqual(TcpCloseReason.ResetByPeer, server.CloseReason);
    }

    [Fact]
    public void Data_nobody_read_is_given_back_when_the_stack_stops()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.WriteAll("nobody reads this"u8, Rig.Limit);
        client.Close();
        rig.Network.RunUntilIdle();
        server.Shutdown();
        rig.Network.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(TcpState.Closed, server.State);
        rig.Server.Stop();
        Assert.Equal(0, rig.Slabs.Outstanding);
    }

    [Fact]
    public void A_stack_needs_addresses_that_a_host_can_have()
    {
        using TcpTools.Links.PacketWire wire = new();
        StackException error = Assert.Throws<StackException>(() => TcpStack.Start(new TcpStackOptions { Link = wire.A }));
        Assert.Equal(StackError.InvalidArgument, error.Error);

        error = Assert.Throws<StackException>(() => TcpStack.Start(
            new TcpStackOptions { Link = wire.A, Addresses = [InterfaceAddress.Parse("10.0.0.255/24")] }));
        Assert.Equal(StackError.InvalidArgument, error.Error);
    }

    [Fact]
    public void Numbers_of_stacks_and_sessions_rise_and_never_come_again()
    {
        using Rig first = new();
        using Rig second = new();
        long[] ids = [first.Client.Id, first.Server.Id, second.Client.Id, second.Server.Id];
        Assert.Equal(ids, ids.Order());
        Assert.Equal(4, ids.Distinct().Count());
        long a = first.Connect().Id;
        long b = second.Connect().Id;
        Assert.True(b > a);
    }
}
