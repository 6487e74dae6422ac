using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Stacks on a wire whose frames start with an Ethernet header: they find each other by ARP.</summary>
public sealed class EthernetStackTests
{
    private static readonly PacketWireOptions s_wire = new() { Medium = LinkMedium.Ethernet };

    private static NetworkAddress Nobody => NetworkAddress.Parse("10.9.0.77");

    [Fact]
    public void Two_stacks_find_each_other_and_talk()
    {
        using Rig rig = new(wire: s_wire);
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(300_000, 1), Transfer.Bytes(200_000, 2), TimeSpan.FromMinutes(1));
        NeighborEntry neighbor = Assert.Single(rig.Client.Neighbors);
        Assert.Equal((Rig.ServerAddress, rig.Server.HardwareAddress), (neighbor.Address, neighbor.HardwareAddress));
        Assert.True(rig.Client.HardwareAddress is { IsLocal: true, IsGroup: false });
        Assert.NotEqual(rig.Client.HardwareAddress, rig.Server.HardwareAddress);
        Assert.Equal(1, rig.Server.Counters["ArpOutReplies"]);
        // Sessions and neighbours end by themselves.
        rig.Network.Run(TimeSpan.FromMinutes(10));
        rig.AssertNothingLeft();
        Assert.Empty(rig.Client.Neighbors);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65535)]
    public void Data_arrives_whole_over_a_rough_wire(int segmentationLength)
    {
        using Rig rig = new(
            wire: s_wire with { MaximumSegmentationLength = segmentationLength },
            impairment: new Impairment { Loss = 0.03, Delay = TimeSpan.FromMilliseconds(10), Duplicate = 0.02, Reorder = 0.05, Corrupt = 0.01 });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(300_000, 1), Transfer.Bytes(300_000, 2), TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void Who_opens_a_connection_to_nobody_is_told_after_three_seconds()
    {
        using Rig rig = new(wire: s_wire);
        TcpSession session = rig.Client.Connect(new ConnectOptions { RemoteAddress = Nobody, RemotePort = 80 });
        Assert.False(session.WaitFor(SessionCondition.Established, Rig.Limit));
        StackException error = Assert.Throws<StackException>(() => session.WriteAll([1], Rig.Limit));
        Assert.Equal(StackError.Unreachable, error.Error);
        Assert.Contains("on the link", error.Message);
        Assert.Equal(TcpCloseReason.Unreachable, session.CloseReason);
        Assert.Equal(3, rig.Network.Now.TotalMilliseconds / 1000);
        rig.Network.Run(TimeSpan.FromMinutes(5));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_connection_that_is_open_outlives_a_neighbour_that_is_away_for_a_while()
    {
        using Rig rig = new(wire: s_wire, impairment: new Impairment());
        (TcpSession client, TcpSession server) = rig.Establish();
        ImpairmentLink link = (ImpairmentLink)rig.Client.Link;
        link.Outgoing = new Impairment { Loss = 1 };
        link.Incoming = new Impairment { Loss = 1 };
        client.Write(new byte[100]);
        rig.Network.Run(TimeSpan.FromSeconds(90));
        Assert.True(rig.Client.Counters["ArpFailures"] > 0);
        Assert.Equal(TcpState.Established, client.State);
        link.Outgoing = new Impairment();
        link.Incoming = new Impairment();
        Assert.True(rig.Network.RunUntil(() => server.Available == 100, TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void A_gateway_is_the_neighbour_for_everything_outside()
    {
        using Rig rig = new(
            wire: s_wire,
            client: o => o with { Gateway = Rig.ServerAddress },
            server: o => o with { Addresses = [.. o.Addresses, InterfaceAddress.Parse("192.0.2.1/24")], Gateway = Rig.ClientAddress });
        using TcpListener listener = rig.Listen();
        TcpSession session = rig.Client.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.Parse("192.0.2.1"), RemotePort = Rig.Port });
        Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit));
        Assert.Equal(Rig.ServerAddress, Assert.Single(rig.Client.Neighbors).Address);
    }

    [Fact]
    public void Padding_of_short_frames_is_no_data()
    {
        using Rig rig = new(wire: s_wire);
        // The server's part is played by hand: every frame is padded to 60 bytes, the shortest there is.
        using RawReceiver frames = rig.Server.OpenRawReceiver();
        using TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        TcpSession server = listener.Accept(Rig.Limit)!;
        byte[] padded = new byte[60];
        Assert.True(frames.TryReceive(out _));
        rig.Network.RunUntilIdle();
        byte[]? ack = null;
        while (frames.TryReceive(out ReceivedFrame? frame))
        {
            ack = frame!.Bytes.ToArray();
        }

        // The client's own acknowledgment again, padded with what must not be taken for data.
        padded.AsSpan().Fill(0x55);
        int length = Math.Min(ack!.Length, 60);
        ack.AsSpan(0, length).CopyTo(padded);
        byte[] whole = ack.Length < 60 ? padded : [.. ack, .. new byte[6]];
        rig.Client.SendRaw(whole);
        rig.Network.RunUntilIdle();
        Assert.Equal(0, server.Available);
        Assert.Equal(TcpState.Established, server.State);
        client.Write([1, 2, 3]);
        Assert.True(rig.Network.RunUntil(() => server.Available == 3, Rig.Limit));
    }

    [Fact]
    public void An_address_that_somebody_has_is_not_claimed()
    {
        using Rig rig = new(wire: s_wire, client: o => o with
        {
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24"), InterfaceAddress.Parse("10.9.0.1/24")],
            Neighbors = new NeighborSettings { ClaimMode = AddressClaimMode.Probe },
        });
        Assert.True(rig.Client.WaitForClaims(TimeSpan.FromSeconds(20)));
        Assert.Equal(
            [new AddressClaim(Rig.ServerAddress, AddressClaimState.Lost), new AddressClaim(Rig.ClientAddress, AddressClaimState.Claimed)],
            rig.Client.Claims);
        Assert.Equal(Rig.ClientAddress, Assert.Single(rig.Client.Addresses).Address);
        AddressConflict conflict = Assert.Single(rig.Client.Conflicts);
        Assert.Equal(rig.Server.HardwareAddress, conflict.HardwareAddress);
        (TcpSession client, _) = rig.Establish();
        Assert.Equal(TcpState.Established, client.State);
    }

    [Fact]
    public void Connections_are_reset_when_their_address_has_to_be_given_up()
    {
        using Rig rig = new(wire: s_wire);
        (TcpSession client, TcpSession server) = rig.Establish();
        for (int i = 0; i < 2; i++)
        {
            // Somebody at the server's end announces the client's address.
            byte[] frame = new TcpTools.Tests.Neighbors.Arp(
                ArpOperation.Request, MacAddress.Parse("02:99:00:00:00:01"), Rig.ClientAddress, default, Rig.ClientAddress).ToFrame();
            rig.Server.SendRaw(frame);
            rig.Network.Run(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([AddressConflictOutcome.Defended, AddressConflictOutcome.GivenUp], rig.Client.Conflicts.Select(c => c.Outcome));
        Assert.Empty(rig.Client.Addresses);
        Assert.Equal(TcpState.Closed, client.State);
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
    }

    [Fact]
    public void An_address_is_lent_to_sessions_and_goes_with_the_last_one()
    {
        using Rig rig = new(wire: s_wire);
        using TcpListener listener = rig.Listen();
        NetworkAddress lent = NetworkAddress.Parse("10.9.0.50");
        Assert.True(rig.Client.LendAddress(new InterfaceAddress(lent, 24), AddressClaimMode.Probe));
        Assert.False(rig.Client.LendAddress(InterfaceAddress.Parse("10.9.0.1/24")));
        Assert.True(rig.Client.WaitForClaims(Rig.Limit));
        TcpSession[] sessions = [Open(), Open()];
        TcpSession accepted = listener.Accept(Rig.Limit)!;
        Assert.Equal(lent, accepted.Flow.RemoteAddress);
        sessions[0].Abort();
        Assert.Equal(2, rig.Client.Addresses.Count);
        sessions[1].Abort();
        Assert.Equal(Rig.ClientAddress, Assert.Single(rig.Client.Addresses).Address);
        Assert.False(rig.Client.ReturnAddress(lent));
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(TcpCloseReason.ResetByPeer, accepted.CloseReason);

        TcpSession Open()
        {
            TcpSession session = rig.Client.Connect(
                new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port, LocalAddress = lent });
            Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit));
            return session;
        }
    }

    [Fact]
    public void Neighbours_are_asked_for_fixed_and_forgotten_by_hand()
    {
        using Rig rig = new(wire: s_wire);
        Assert.Equal(rig.Server.HardwareAddress, rig.Client.ResolveNeighbor(Rig.ServerAddress, Rig.Limit)!.HardwareAddress);
        Assert.Null(rig.Client.ResolveNeighbor(Nobody, Rig.Limit));
        Assert.True(rig.Client.RemoveNeighbor(Rig.ServerAddress));
        rig.Client.SetNeighbor(Nobody, MacAddress.Parse("02:00:00:00:00:77"));
        Assert.Equal(NeighborState.Permanent, Assert.Single(rig.Client.Neighbors).State);
        Assert.Equal(StackError.NoRoute, Assert.Throws<StackException>(() => rig.Client.ResolveNeighbor(NetworkAddress.Parse("192.0.2.1"), Rig.Limit)).Error);
        using Rig other = new();
        Assert.Null(other.Client.HardwareAddress);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => other.Client.ResolveNeighbor(Rig.ServerAddress, Rig.Limit)).Error);
    }

    [Fact]
    public void Routes_are_looked_up_added_and_removed()
    {
        using Rig rig = new();
        NetworkAddress far = NetworkAddress.Parse("192.0.2.7");
        Assert.Null(rig.Client.FindRoute(far));
        rig.Client.AddRoute(InterfaceAddress.Parse("192.0.2.0/24"), Rig.ServerAddress);
        Assert.Equal("192.0.2.0/24 via 10.9.0.2 src 10.9.0.1", rig.Client.FindRoute(far).ToString());
        Assert.True(rig.Client.RemoveRoute(InterfaceAddress.Parse("192.0.2.0/24")));
        Assert.Null(rig.Client.FindRoute(far));
        Assert.Throws<StackException>(() => rig.Client.AddRoute(InterfaceAddress.Parse("192.0.2.0/24"), far));
        rig.Client.AddAddress(InterfaceAddress.Parse("192.0.2.1/24"));
        Assert.Equal("192.0.2.1", rig.Client.FindRoute(far)!.Value.Source.ToString());
        Assert.True(rig.Client.RemoveAddress(NetworkAddress.Parse("192.0.2.1")));
        Assert.Null(rig.Client.FindRoute(far));
    }

    [Fact]
    public void Single_steps_show_questions_and_answers()
    {
        using Rig rig = new(wire: s_wire, client: o => o with { Mode = StackMode.Manual });
        using TcpListener listener = rig.Listen();
        TcpSession session = rig.Connect();
        List<string> seen = [];
        while (session.State != TcpState.Established)
        {
            StepResult step = rig.Client.Step();
            Assert.True(step.DidSomething);
            seen.AddRange(step.Events.Select(e => e.Summary));
        }

        Assert.Contains($"received ARP 10.9.0.2 is at {rig.Server.HardwareAddress}", seen);
        Assert.Contains(seen, s => s.Contains($"session {session.Id} received [S.]", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_seed_gives_the_same_frames()
    {
        Assert.Equal(Frames(3), Frames(3));
        Assert.NotEqual(Frames(3), Frames(4));

        static List<string> Frames(ulong seed)
        {
            MemoryCaptureSink sink = new();
            using Rig rig = new(seed: seed, wire: s_wire, client: o => o with { Link = new CaptureTap(o.Link, sink) });
            (TcpSession client, TcpSession server) = rig.Establish();
            Transfer.BothWays(rig, client, server, new byte[5000], new byte[5000], TimeSpan.FromMinutes(1));
            return [.. sink.ToList().Select(f => $"{f.Timestamp} {Convert.ToHexString(f.Bytes)}")];
        }
    }

    [Fact]
    public void Bulk_data_over_Ethernet_allocates_nothing_per_segment()
    {
        using Rig rig = new(wire: s_wire);
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[64 * 1024];
        byte[] buffer = new byte[64 * 1024];
        long received = 0;
        long goal = 0;
        Func<bool> pump = () =>
        {
            client.Write(data);
            received += server.Read(buffer);
            return received >= goal;
        };
        Move(16L << 20);
        Assert.Equal(0, Allocation.Least(() => Move(8L << 20)));

        void Move(long bytes)
        {
            goal = received + bytes;
            Assert.True(rig.Network.RunUntil(pump, TimeSpan.FromHours(1)));
        }
    }
}
