using System;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>What peers leave behind when they vanish: memory that nobody would ever ask for again must go by itself.</summary>
public sealed class LeftoverTests
{
    private static readonly NetworkAddress s_stranger = NetworkAddress.Parse("10.9.0.99");

    [Fact]
    public void Data_on_a_SYN_whose_sender_never_comes_back_is_dropped_with_the_connection()
    {
        using Rig rig = new();
        using TcpListener listener = rig.Listen();
        for (ushort port = 1; port <= 50; port++)
        {
            rig.Client.SendRaw(Segment(s_stranger, port, Rig.Port, 1000, 0, TcpFlags.Syn, 500));
        }

        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(50, rig.Server.Sessions.Count);
        rig.Network.Run(TimeSpan.FromMinutes(10));
        Assert.Empty(rig.Server.Sessions);
        Assert.Equal(0, rig.Slabs.Outstanding);
    }

    [Fact]
    public void A_connection_that_ends_before_it_is_accepted_takes_its_data_along()
    {
        using Rig rig = new();
        using TcpListener listener = rig.Listen();
        TcpSession client = rig.Connect();
        Assert.True(client.WaitFor(SessionCondition.Established, Rig.Limit));
        client.Write(new byte[5000]);
        Assert.True(client.WaitFor(SessionCondition.Drained, Rig.Limit));
        client.Abort();
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.False(listener.TryAccept(out _));
        Assert.Equal(0, rig.Slabs.Outstanding);
    }

    [Fact]
    public void What_waited_behind_a_gap_goes_when_the_connection_is_reset()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        TcpInfo info = server.Info;
        Send(rig, server, info.ReceiveNext.Value + 1000, TcpFlags.Ack, 500);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.True(rig.Slabs.Outstanding > 0);
        Send(rig, server, info.ReceiveNext.Value, TcpFlags.Rst, 0);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(TcpCloseReason.ResetByPeer, server.CloseReason);
        Assert.Equal(0, rig.Slabs.Outstanding);
        client.Abort();
    }

    [Fact]
    public void What_arrived_in_order_can_still_be_read_after_a_reset_and_frees_everything_then()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        TcpInfo info = server.Info;
        Send(rig, server, info.ReceiveNext.Value, TcpFlags.Ack, 100);
        Send(rig, server, info.ReceiveNext.Value + 1000, TcpFlags.Ack, 500);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Send(rig, server, info.ReceiveNext.Value + 100, TcpFlags.Rst, 0);
        rig.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(100, server.Read(new byte[1000]));
        Assert.Equal(0, rig.Slabs.Outstanding);
        client.Abort();
    }

    private static void Send(Rig rig, TcpSession server, uint sequence, TcpFlags flags, int length) => rig.Client.SendRaw(Segment(
        Rig.ClientAddress, server.Flow.RemotePort, server.Flow.LocalPort, sequence, server.Info.SendNext.Value, flags, length));

    private static byte[] Segment(
        NetworkAddress source, ushort sourcePort, ushort destinationPort, uint sequence, uint acknowledgment, TcpFlags flags, int length)
    {
        byte[] segment = TestPacket.TcpStart(sourcePort, destinationPort, sequence, 20 + length);
        var editor = new TcpEditor(segment) { Acknowledgment = new SequenceNumber(acknowledgment), Flags = flags, Window = 1000 };
        editor.UpdateChecksum(source, Rig.ServerAddress);
        return TestPacket.IPv4(source, Rig.ServerAddress, IPProtocol.Tcp, segment);
    }
}
