using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>What becomes of connections to ports that nobody holds, by ranges of ports.</summary>
public sealed class UnclaimedPortTests
{
    [Fact]
    public void The_rule_set_last_for_a_port_counts()
    {
        using Rig rig = new();
        rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Drop, 8000, 8100);
        rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Reset, 8050, 8200);
        Assert.Equal(TcpCloseReason.None, Try(rig, 8049));
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 8050));
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 9000));
        Assert.Equal(
            ["8050-8200 Reset", "8000-8100 Drop", "1-65535 Reset"], rig.Server.UnclaimedPorts.Select(rule => rule.ToString()));
        rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Drop);
        Assert.Equal(["1-65535 Drop", "1-65535 Reset"], rig.Server.UnclaimedPorts.Select(rule => rule.ToString()));
        Assert.Equal(TcpCloseReason.None, Try(rig, 9000));
    }

    [Fact]
    public void Accepted_connections_of_a_range_come_by_one_listener()
    {
        using Rig rig = new();
        TcpListener own = rig.Listen(8005);
        TcpListener rest = rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Accept, 8000, 8010).Listener!;
        foreach (int port in new[] { 8000, 8007, 8010, 8005 })
        {
            Assert.True(rig.Connect(port).WaitFor(SessionCondition.Established, Rig.Limit));
        }

        Assert.Equal([8000, 8007, 8010], Enumerable.Range(0, 3).Select(_ => rest.Accept(Rig.Limit)!.LocalPort));
        Assert.Equal(8005, own.Accept(Rig.Limit)!.LocalPort);
        Assert.Equal((8000, 8010, true), (rest.Port, rest.LastPort, rest.IsCatchAll));
        Assert.Contains(rest, rig.Server.Listeners);
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 8011));
        rest.Stop();
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 8000));
        Assert.Single(rig.Server.UnclaimedPorts);
    }

    [Fact]
    public void A_newer_rule_for_all_of_a_range_stops_who_accepted_there()
    {
        using Rig rig = new();
        TcpListener rest = rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Accept, 8000, 8010).Listener!;
        rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Reset, 7000, 9000);
        Assert.False(rest.IsListening);
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 8000));
    }

    [Fact]
    public void Stopping_the_stack_stops_who_accepts_for_it()
    {
        using Rig rig = new();
        TcpListener rest = rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Accept).Listener!;
        rig.Server.Stop();
        Assert.False(rest.IsListening);
        Assert.Throws<StackException>(() => rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Drop));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 9)]
    [InlineData(10, 65536)]
    public void Ports_that_are_no_range_are_refused(int first, int last)
    {
        using Rig rig = new();
        StackException error = Assert.Throws<StackException>(() => rig.Server.SetUnclaimedPorts(UnclaimedPortPolicy.Drop, first, last));
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.NotEmpty(error.Advice);
    }

    [Fact]
    public void A_full_backlog_drops_and_the_peer_tries_again_or_resets_where_that_is_wanted()
    {
        using Rig rig = new();
        TcpListener patient = rig.Listen(81, backlog: 1);
        TcpSession first = rig.Connect(81);
        Assert.True(first.WaitFor(SessionCondition.Established, Rig.Limit));
        TcpSession second = rig.Connect(81);
        Assert.False(second.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(0.5)));
        Assert.NotNull(patient.Accept(Rig.Limit));
        // The first SYN was dropped; the one that is sent again a second later finds room.
        Assert.True(second.WaitFor(SessionCondition.Established, TimeSpan.FromSeconds(1)));
        rig.Server.Listen(new ListenOptions { Port = 82, Backlog = 1, ResetsWhenFull = true });
        Assert.True(rig.Connect(82).WaitFor(SessionCondition.Established, Rig.Limit));
        Assert.Equal(TcpCloseReason.Refused, Try(rig, 82));
    }

    [Fact]
    public void Whether_datagrams_for_nobody_are_answered_can_be_changed()
    {
        using Rig rig = new();
        Assert.True(rig.Server.AnswersUnclaimedUdp);
        rig.Server.AnswersUnclaimedUdp = false;
        RawReceiver answers = rig.Client.OpenRawReceiver();
        rig.Client.SendRaw(Datagram());
        Assert.Null(answers.Receive(TimeSpan.FromSeconds(1)));
        rig.Server.AnswersUnclaimedUdp = true;
        rig.Client.SendRaw(Datagram());
        Assert.NotNull(answers.Receive(TimeSpan.FromSeconds(1)));

        static byte[] Datagram() => new Packet(
            new IPv4Layer { Source = Rig.ClientAddress, Destination = Rig.ServerAddress },
            new UdpLayer { SourcePort = 9, DestinationPort = 9 }).ToBytes();
    }

    private static TcpCloseReason Try(Rig rig, int port)
    {
        TcpSession session = rig.Connect(port);
        session.WaitFor(SessionCondition.Closed, TimeSpan.FromSeconds(0.5));
        TcpCloseReason reason = session.CloseReason;
        session.Abort();
        return reason;
    }
}
