using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>What a router's "too big" does to connections, and for how long (RFC 1191; RFC 5927, 7).</summary>
public sealed class PathMtuTests
{
    private static readonly NetworkAddress s_router = NetworkAddress.Parse("198.51.100.1");

    private readonly byte[] _data = TestPacket.Pattern(20_000);

    [Fact]
    public void Segments_shrink_at_once_and_nothing_is_lost()
    {
        using Rig rig = NewRig();
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.True(LargestSegment(rig, client, server) > 1400);
        TooBig(rig, client, server, 1000);
        Assert.InRange(LargestSegment(rig, client, server), 900, 960);
    }

    [Fact]
    public void A_quote_of_what_is_not_in_flight_changes_nothing()
    {
        using Rig rig = NewRig();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Write([1]);
        uint sequence = client.Info.SendNext.Value;
        foreach (uint wrong in (uint[])[sequence, sequence + 1000, sequence - 2, sequence + 0x80000000])
        {
            Send(rig, client, wrong, 1000);
        }

        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, server.ReadSome(new byte[10], Rig.Limit));
        Assert.True(LargestSegment(rig, client, server) > 1400);
    }

    [Fact]
    public void No_router_makes_segments_smaller_than_the_floor()
    {
        using Rig rig = NewRig();
        (TcpSession client, TcpSession server) = rig.Establish();
        TooBig(rig, client, server, 68);
        Assert.InRange(LargestSegment(rig, client, server), 480, 512);
    }

    [Fact]
    public void A_new_connection_to_the_same_host_starts_with_what_is_known()
    {
        using Rig rig = NewRig();
        (TcpSession first, TcpSession peer) = rig.Establish();
        TooBig(rig, first, peer, 1000);
        (TcpSession client, TcpSession server) = rig.Establish(81);
        Assert.InRange(LargestSegment(rig, client, server), 900, 960);
        // What it says to the peer is about its own link, and stays (RFC 6691).
        Assert.Equal(1460, client.Info.ReceiveMaximumSegment);
    }

    [Fact]
    public void After_ten_minutes_larger_segments_are_tried_again()
    {
        using Rig rig = NewRig();
        (TcpSession client, TcpSession server) = rig.Establish();
        TooBig(rig, client, server, 1000);
        rig.Network.Run(TimeSpan.FromMinutes(9));
        Assert.InRange(LargestSegment(rig, client, server), 900, 960);
        rig.Network.Run(TimeSpan.FromMinutes(2));
        Assert.True(LargestSegment(rig, client, server) > 1400);
        // If the path has not grown, the router says so again.
        TooBig(rig, client, server, 1100);
        Assert.InRange(LargestSegment(rig, client, server), 1000, 1060);
    }

    // Each segment is to be seen as a packet of its own.
    private static Rig NewRig() => new(wire: new PacketWireOptions { MaximumSegmentationLength = 0 });

    /// <summary>Sends data, checks that it arrives, and returns the largest payload that one segment carried.</summary>
    private int LargestSegment(Rig rig, TcpSession client, TcpSession server)
    {
        RawReceiver frames = rig.Server.OpenRawReceiver(1000);
        byte[] received = new byte[_data.Length];
        int sent = 0;
        for (int got = 0; got < received.Length;)
        {
            sent += client.Write(_data.AsSpan(sent));
            got += server.ReadSome(received.AsSpan(got), Rig.Limit);
        }

        Assert.Equal(_data, received);
        List<int> sizes = [];
        while (frames.TryReceive(out ReceivedFrame? frame))
        {
            sizes.Add(new TcpView(new IPv4View(frame!.Bytes.Span).Payload).Payload.Length);
        }

        frames.Dispose();
        return sizes.Max();
    }

    /// <summary>A router complains about what the client has in flight.</summary>
    private static void TooBig(Rig rig, TcpSession client, TcpSession server, ushort mtu)
    {
        rig.Network.Run(TimeSpan.FromSeconds(1)); // so that nothing is in flight but what follows
        uint next = client.Info.SendNext.Value;
        client.Write([1]);
        Send(rig, client, next, mtu);
        Assert.Equal(1, server.ReadSome(new byte[10], Rig.Limit));
        rig.Network.Run(TimeSpan.FromSeconds(1));
    }

    private static void Send(Rig rig, TcpSession client, uint sequence, ushort mtu)
    {
        byte[] quote = TestPacket.IPv4(
            Rig.ClientAddress, Rig.ServerAddress, IPProtocol.Tcp,
            TestPacket.TcpStart((ushort)client.LocalPort, (ushort)client.RemotePort, sequence, 1480));
        rig.Server.SendRaw(TestPacket.IPv4(
            s_router, Rig.ClientAddress, IPProtocol.Icmp,
            TestPacket.Icmp(IcmpType.DestinationUnreachable, IcmpCode.FragmentationNeeded, mtu, quote[..28])));
    }
}
