using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Listening, backlog, ports and options that make no sense.</summary>
public sealed class ListenerTests
{
    [Fact]
    public void A_full_backlog_drops_further_connections_until_some_are_accepted()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen(backlog: 3);
        TcpSession[] clients = [.. Enumerable.Range(0, 5).Select(_ => rig.Connect())];
        rig.Network.RunUntilIdle();
        Assert.Equal(3, listener.Pending);
        Assert.True(rig.Server.Counters["TcpExtListenDrops"] >= 2);
        Assert.Equal(3, clients.Count(c => c.State == TcpState.Established));

        for (int i = 0; i < 5; i++)
        {
            Assert.NotNull(listener.Accept(TimeSpan.FromSeconds(60)));
        }

        Assert.All(clients, c => Assert.True(c.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(10))));
    }

    [Fact]
    public void Connections_are_accepted_in_the_order_in_which_they_came()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        TcpSession[] clients = [.. Enumerable.Range(0, 10).Select(_ => rig.Connect())];
        rig.Network.RunUntilIdle();
        foreach (TcpSession client in clients)
        {
            Assert.True(listener.TryAccept(out TcpSession? session));
            Assert.Equal(client.Flow.Reverse(), session.Flow);
        }

        Assert.False(listener.TryAccept(out _));
    }

    [Fact]
    public void Stopping_a_listener_resets_who_waits_and_keeps_who_was_accepted()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        TcpSession first = rig.Connect();
        TcpSession? accepted = listener.Accept(Rig.Limit);
        TcpSession second = rig.Connect();
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpState.Established, second.State);

        listener.Stop();
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpCloseReason.ResetByPeer, second.CloseReason);
        Assert.Equal(TcpState.Established, first.State);
        Assert.Equal(TcpState.Established, accepted!.State);
        Assert.False(listener.IsListening);
        Assert.Empty(rig.Server.Listeners);
        StackException error = Assert.Throws<StackException>(() => listener.Accept(TimeSpan.FromSeconds(1)));
        Assert.Equal(StackError.SessionClosed, error.Error);
        Assert.False(rig.Connect().WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(5)));
        rig.Listen().Stop();
    }

    [Fact]
    public void A_port_can_be_listened_on_once()
    {
        using Rig rig = new();
        rig.Listen();
        StackException error = Assert.Throws<StackException>(() => rig.Listen());
        Assert.Equal(StackError.AddressInUse, error.Error);
        error = Assert.Throws<StackException>(
            () => rig.Server.Listen(new ListenOptions { Port = Rig.Port, LocalAddress = Rig.ServerAddress }));
        Assert.Equal(StackError.AddressInUse, error.Error);
    }

    [Fact]
    public void Port_zero_listens_on_a_free_port()
    {
        using Rig rig = new();
        TcpListener a = rig.Listen(port: 0);
        TcpListener b = rig.Listen(port: 0);
        Assert.NotEqual(a.Port, b.Port);
        Assert.InRange(a.Port, 1024, 65535);
        TcpSession client = rig.Connect(a.Port);
        Assert.NotNull(a.Accept(Rig.Limit));
        Assert.True(client.WaitFor(SessionCondition.Established, Rig.Limit));
    }

    [Fact]
    public void A_listener_of_one_address_does_not_answer_for_another()
    {
        using Rig rig = new(server: o => o with
        {
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24"), InterfaceAddress.Parse("10.9.0.3/24")],
        });
        rig.Server.Listen(new ListenOptions { Port = 80, LocalAddress = NetworkAddress.Parse("10.9.0.3") });
        Assert.False(rig.Connect().WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(5)));
        TcpSession other = rig.Client.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.9.0.3"), RemotePort = 80 });
        Assert.True(other.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void The_same_pair_of_sockets_cannot_be_used_twice()
    {
        using Rig rig = new();
        rig.Listen();
        ConnectOptions options = new() { RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port, LocalPort = 5000 };
        rig.Client.Connect(options);
        StackException error = Assert.Throws<StackException>(() => rig.Client.Connect(options));
        Assert.Equal(StackError.AddressInUse, error.Error);
        rig.Client.Connect(options with { RemotePort = 81 });
    }

    [Fact]
    public void When_all_ports_are_taken_opening_says_so()
    {
        using Rig rig = new(client: o => o with { FirstEphemeralPort = 5000, LastEphemeralPort = 5003 });
        rig.Listen();
        HashSet<int> ports = [.. Enumerable.Range(0, 4).Select(_ => rig.Connect().LocalPort)];
        Assert.Equal([5000, 5001, 5002, 5003], ports.Order());
        StackException error = Assert.Throws<StackException>(() => rig.Connect());
        Assert.Equal(StackError.ResourceExhausted, error.Error);
        Assert.NotEmpty(error.Advice);
    }

    [Fact]
    public void A_stack_takes_no_more_connections_than_it_may()
    {
        using Rig rig = new(client: o => o with { MaximumSessions = 2 });
        rig.Connect();
        rig.Connect();
        StackException error = Assert.Throws<StackException>(() => rig.Connect());
        Assert.Equal(StackError.ResourceExhausted, error.Error);
    }

    [Fact]
    public void A_new_syn_takes_the_place_of_an_old_connection_in_time_wait()
    {
        using Rig rig = new();
        TcpListener listener = rig.Listen();
        ConnectOptions options = new() { RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port, LocalPort = 5000 };
        TcpSession first = rig.Client.Connect(options);
        TcpSession server = listener.Accept(Rig.Limit)!;
        server.Close();
        Assert.True(first.WaitFor(SessionCondition.PeerFinished, Rig.Limit));
        first.Close();
        Assert.True(first.WaitFor(TcpState.Closed, Rig.Limit));
        Assert.Equal(TcpState.TimeWait, server.State);
        rig.Network.Run(TimeSpan.FromSeconds(2));

        TcpSession second = rig.Client.Connect(options);
        Assert.True(second.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(1)));
        Assert.NotNull(listener.Accept(Rig.Limit));
        Assert.Equal(TcpState.Closed, server.State);
    }

    [Fact]
    public void Too_many_in_time_wait_end_the_oldest_early()
    {
        using Rig rig = new(client: o => o with { MaximumTimeWait = 5 });
        TcpListener listener = rig.Listen();
        List<TcpSession> clients = [];
        for (int i = 0; i < 8; i++)
        {
            TcpSession client = rig.Connect();
            TcpSession server = listener.Accept(Rig.Limit)!;
            client.Close();
            Assert.True(server.WaitFor(SessionCondition.PeerFinished, Rig.Limit));
            server.Close();
            Assert.True(client.WaitFor(SessionCondition.Closed, Rig.Limit));
            clients.Add(client);
        }

        rig.Network.RunUntilIdle();
        Assert.Equal(5, clients.Count(c => c.State == TcpState.TimeWait));
        Assert.All(clients.Take(3), c => Assert.Equal(TcpState.Closed, c.State));
        Assert.Equal(3, rig.Client.Counters["TcpExtTCPTimeWaitOverflow"]);
    }

    [Theory]
    [InlineData("192.168.1.1", 80, StackError.NoRoute)]
    [InlineData("10.9.0.2", 0, StackError.InvalidArgument)]
    [InlineData("10.9.0.2", 70000, StackError.InvalidArgument)]
    [InlineData("10.9.0.255", 80, StackError.InvalidArgument)]
    [InlineData("255.255.255.255", 80, StackError.InvalidArgument)]
    [InlineData("224.0.0.1", 80, StackError.InvalidArgument)]
    [InlineData("0.0.0.0", 80, StackError.InvalidArgument)]
    [InlineData("::1", 80, StackError.InvalidArgument)]
    public void What_cannot_be_connected_to_is_refused_with_a_reason(string address, int port, StackError expected)
    {
        using Rig rig = new();
        StackException error = Assert.Throws<StackException>(() => rig.Client.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.Parse(address), RemotePort = port }));
        Assert.Equal(expected, error.Error);
        Assert.Empty(rig.Client.Sessions);
    }

    [Fact]
    public void An_address_of_somebody_else_can_be_neither_source_nor_listened_on()
    {
        using Rig rig = new();
        NetworkAddress other = NetworkAddress.Parse("10.9.0.77");
        StackException error = Assert.Throws<StackException>(() => rig.Client.Connect(
            new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = 80, LocalAddress = other }));
        Assert.Equal(StackError.NoRoute, error.Error);
        error = Assert.Throws<StackException>(() => rig.Client.Listen(new ListenOptions { Port = 80, LocalAddress = other }));
        Assert.Equal(StackError.NoRoute, error.Error);
    }

    [Fact]
    public void A_gateway_leads_to_everybody_else()
    {
        using Rig rig = new(
            client: o => o with { Gateway = Rig.ServerAddress },
            server: o => o with { Addresses = [InterfaceAddress.Parse("203.0.113.9/24")], Gateway = NetworkAddress.Parse("203.0.113.1") });
        TcpListener listener = rig.Listen();
        TcpSession client = rig.Client.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.Parse("203.0.113.9"), RemotePort = Rig.Port });
        Assert.NotNull(listener.Accept(Rig.Limit));
        Assert.True(client.WaitFor(SessionCondition.Established, Rig.Limit));
    }
}
