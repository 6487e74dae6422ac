using System;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>A sequence number that a hook sets in a SYN or SYN-ACK becomes the connection's own, which goes on working.</summary>
public sealed class InitialSequenceHookTests
{
    public static TheoryData<uint> Numbers => [0u, 5555u, 0x7FFFFFFFu, 0x80000000u, uint.MaxValue];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_connection_that_was_taken_counts_from_the_number_set(uint number)
    {
        using Rig rig = new();
        rig.Server.Hook(HookStage.SynAck, (ref HookCall call) => Set(ref call, number));
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(number, server.Info.InitialSendSequence.Value);
        Assert.Equal(number, client.Info.InitialReceiveSequence.Value);
        Exchange(rig, client, server);
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_connection_that_was_opened_counts_from_the_number_set(uint number)
    {
        using Rig rig = new();
        rig.Client.Hook(HookStage.Syn, (ref HookCall call) => Set(ref call, number));
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(number, client.Info.InitialSendSequence.Value);
        Assert.Equal(number, server.Info.InitialReceiveSequence.Value);
        Exchange(rig, client, server);
    }

    [Fact]
    public void What_was_written_before_the_handshake_follows_the_number()
    {
        using Rig rig = new();
        rig.Client.Hook(HookStage.TcpOut, (ref HookCall call) => Set(ref call, 5555), new HookFilter { FlagsSet = TcpFlags.Syn });
        using TcpListener listener = rig.Listen();
        TcpSession client = rig.Client.Connect(new ConnectOptions
        {
            RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port, InitialData = "early"u8.ToArray(),
        });
        client.WriteUrgent("!"u8);
        TcpSession? server = listener.Accept(Rig.Limit);
        Assert.NotNull(server);
        Assert.Equal("early!", server.Hear(6));
        Assert.Equal(5555u, client.Info.InitialSendSequence.Value);
    }

    [Theory]
    [InlineData(HookStage.Syn)]
    [InlineData(HookStage.SynAck)]
    public void What_is_sent_again_keeps_the_number_of_the_first(HookStage stage)
    {
        using Rig rig = new(server: o => o with { Trace = true }, client: o => o with { Trace = true });
        TcpStack sender = stage == HookStage.Syn ? rig.Client : rig.Server;
        TcpStack other = stage == HookStage.Syn ? rig.Server : rig.Client;
        uint next = 5555;
        sender.Hook(stage, (ref HookCall call) => Set(ref call, next++));
        int lost = 0;
        PacketHook loss = other.Hook(
            HookStage.LinkIn, (ref HookCall _) => ++lost <= 2 ? HookVerdict.Drop : HookVerdict.Accept, new HookFilter { FlagsSet = TcpFlags.Syn });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.True(next >= 5557, "Nothing was sent again.");
        Assert.All(
            sender.Trace!.Snapshot().Where(record => record.Direction == SegmentDirection.Out && (record.Flags & TcpFlags.Syn) != 0),
            record => Assert.Equal(5555u, record.Sequence.Value));
        loss.Remove();
        Exchange(rig, client, server);
    }

    [Fact]
    public void A_number_that_comes_late_is_taken_all_the_same()
    {
        using Rig rig = new();
        rig.Server.Hook(HookStage.SynAck, (ref HookCall call) =>
        {
            Set(ref call, 5555);
            return HookVerdict.Delay(TimeSpan.FromMilliseconds(200));
        });
        (TcpSession client, TcpSession server) = rig.Establish();
        Assert.Equal(5555u, server.Info.InitialSendSequence.Value);
        Exchange(rig, client, server);
    }

    [Fact]
    public void A_number_set_after_the_stages_of_segments_is_no_more_than_a_wrong_number()
    {
        using Rig rig = new();
        rig.Server.Hook(HookStage.IPOut, (ref HookCall call) => Set(ref call, 5555), new HookFilter { FlagsSet = TcpFlags.Syn });
        using TcpListener listener = rig.Listen();
        rig.Connect();
        Assert.Null(listener.Accept(TimeSpan.FromSeconds(1)));
    }

    private static HookVerdict Set(ref HookCall call, uint number)
    {
        TcpEditor tcp = call.EditTcp();
        tcp.Sequence = new SequenceNumber(number);
        return HookVerdict.Accept;
    }

    private static void Exchange(Rig rig, TcpSession client, TcpSession server)
    {
        client.Say(server, "to the server");
        server.Say(client, "to the client");
        byte[] data = new byte[100_000];
        new Random(1).NextBytes(data);
        rig.Transfer(client, server, data);
        rig.Transfer(server, client, data);
        client.Close();
        server.Close();
        Assert.True(client.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.True(server.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Equal(TcpCloseReason.Finished, server.CloseReason);
    }
}
