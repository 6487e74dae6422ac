using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>Every stage is called where it should be, with what it should see.</summary>
public sealed class HookStageTests
{
    [Fact]
    public void A_handshake_passes_the_stages_in_their_order()
    {
        using Rig rig = new();
        List<string> seen = [];
        foreach (TcpStack stack in new[] { rig.Client, rig.Server })
        {
            foreach (HookStage stage in Enum.GetValues<HookStage>().Where(stage => stage is not (HookStage.Timer or HookStage.Data)))
            {
                stack.Hook(stage, (ref HookCall call) =>
                {
                    seen.Add(call.HasPacket ? $"{stack.Name} {stage} {call.Tcp.Flags}" : $"{stack.Name} {stage} {call.State}");
                    return HookVerdict.Accept;
                });
            }
        }

        rig.Establish();
        Assert.Equal(
            [
                "client StateChange SynSent",
                "client Syn Syn", "client TcpOut Syn", "client IPOut Syn", "client LinkOut Syn",
                "server LinkIn Syn", "server IPIn Syn", "server TcpIn Syn", "server StateChange SynReceived",
                "server SynAck Syn, Ack", "server TcpOut Syn, Ack", "server IPOut Syn, Ack", "server LinkOut Syn, Ack",
                "client LinkIn Syn, Ack", "client IPIn Syn, Ack", "client TcpIn Syn, Ack",
                "client StateChange Established", "client Connected Established",
                "client TcpOut Ack", "client IPOut Ack", "client LinkOut Ack",
                "server LinkIn Ack", "server IPIn Ack", "server TcpIn Ack",
                "server StateChange Established", "server Connected Established",
            ],
            seen.Take(26));
    }

    [Theory]
    [InlineData(HookStage.LinkIn, SegmentDirection.In)]
    [InlineData(HookStage.IPIn, SegmentDirection.In)]
    [InlineData(HookStage.TcpIn, SegmentDirection.In)]
    [InlineData(HookStage.TcpOut, SegmentDirection.Out)]
    [InlineData(HookStage.IPOut, SegmentDirection.Out)]
    [InlineData(HookStage.LinkOut, SegmentDirection.Out)]
    public void A_packet_is_seen_with_its_session_from_this_side(HookStage stage, SegmentDirection direction)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        int calls = 0;
        rig.Client.Hook(stage, (ref HookCall call) =>
        {
            calls++;
            Assert.Same(client, call.Session);
            Assert.Equal(TcpState.Established, call.State);
            Assert.Equal(client.Flow, call.Flow);
            Assert.Equal(direction, call.Direction);
            Assert.True(call.IsTcp);
            Assert.Equal(IPProtocol.Tcp, call.Protocol);
            Assert.True(HookRig.HasRightChecksums(call.Bytes));
            return HookVerdict.Accept;
        });
        client.Say(server, "ask");
        server.Say(client, "answer");
        Assert.True(calls > 0);
        Assert.Equal(0, Assert.Single(rig.Client.Hooks).Failed);
    }

    [Fact]
    public void Data_is_told_once_and_in_order()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.Say(server, "before anybody looked");
        List<byte> told = [];
        rig.Server.Hook(HookStage.Data, (ref HookCall call) =>
        {
            Assert.Same(server, call.Session);
            told.AddRange(call.Payload);
            return HookVerdict.Accept;
        });
        byte[] data = new byte[300_000];
        new Random(1).NextBytes(data);
        rig.Transfer(client, server, data);
        Assert.Equal(data, told);
    }

    [Fact]
    public void A_timer_is_told_and_can_be_delayed()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        rig.Server.Hook(HookStage.LinkIn, (ref HookCall _) => HookVerdict.Drop);
        List<(TcpTimer?, Instant)> told = [];
        rig.Client.Hook(HookStage.Timer, (ref HookCall call) =>
        {
            told.Add((call.Timer, call.Now));
            return told.Count == 1 ? HookVerdict.Delay(TimeSpan.FromSeconds(30)) : HookVerdict.Accept;
        });
        client.Write("lost"u8);
        Assert.True(rig.Network.RunUntil(() => client.Info.RetransmittedBytes > 0, TimeSpan.FromMinutes(5)));
        Assert.Equal(TcpTimer.Retransmission, told[0].Item1);
        Assert.Equal(30, (told[1].Item2 - told[0].Item2).TotalSeconds);
    }

    [Fact]
    public void Packets_that_are_no_segments_pass_the_lower_stages()
    {
        using Rig rig = new();
        int seen = 0;
        PacketHookHandler count = (ref HookCall call) =>
        {
            seen += call.Protocol == IPProtocol.Udp && call.Flow.RemotePort == 53 ? 1 : 0;
            return HookVerdict.Accept;
        };
        rig.Server.Hook(HookStage.LinkIn, count);
        rig.Server.Hook(HookStage.IPIn, count);
        rig.Server.Hook(HookStage.TcpIn, count);
        rig.Client.Hook(HookStage.LinkOut, (ref HookCall call) =>
        {
            seen += call.Flow.LocalPort == 53 ? 1 : 0;
            return HookVerdict.Accept;
        });
        rig.Client.SendRaw(new TcpTools.Packets.Packet(
            new TcpTools.Packets.IPv4Layer { Source = Rig.ClientAddress, Destination = Rig.ServerAddress },
            new TcpTools.Packets.UdpLayer { SourcePort = 53, DestinationPort = 7 }).ToBytes());
        rig.Network.RunUntilIdle();
        Assert.Equal(3, seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65535)]
    public void Hooks_see_segments_as_they_are_on_the_wire_whatever_the_link_splits_and_completes(int segmentationLength)
    {
        using Rig rig = new(wire: new PacketWireOptions { MaximumSegmentationLength = segmentationLength });
        (TcpSession client, TcpSession server) = rig.Establish();
        int longest = 0;
        int wrong = 0;
        PacketHookHandler look = (ref HookCall call) =>
        {
            longest = Math.Max(longest, call.Bytes.Length);
            wrong += HookRig.HasRightChecksums(call.Bytes) ? 0 : 1;
            return HookVerdict.Accept;
        };
        foreach (HookStage stage in new[] { HookStage.TcpOut, HookStage.IPOut, HookStage.LinkOut })
        {
            rig.Client.Hook(stage, look);
        }

        byte[] data = new byte[200_000];
        new Random(2).NextBytes(data);
        rig.Transfer(client, server, data);
        Assert.Equal(1500, longest);
        foreach (PacketHook hook in rig.Client.Hooks)
        {
            hook.Remove();
        }

        longest = 0;
        foreach (HookStage stage in new[] { HookStage.LinkIn, HookStage.IPIn, HookStage.TcpIn })
        {
            rig.Server.Hook(stage, look);
        }

        rig.Transfer(client, server, data);
        Assert.Equal(1500, longest);
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_stack_that_speaks_to_itself_has_its_segments_seen_too()
    {
        using Rig rig = new();
        using TcpListener listener = rig.Listen();
        int seen = 0;
        PacketHookHandler look = (ref HookCall call) =>
        {
            seen++;
            Assert.True(HookRig.HasRightChecksums(call.Bytes));
            return HookVerdict.Accept;
        };
        PacketHook[] hooks = [rig.Server.Hook(HookStage.TcpIn, look), rig.Server.Hook(HookStage.TcpOut, look)];
        TcpSession near = rig.Server.Connect(new ConnectOptions { RemoteAddress = Rig.ServerAddress, RemotePort = Rig.Port });
        TcpSession? far = listener.Accept(Rig.Limit);
        Assert.NotNull(far);
        near.Say(far, "to myself");
        Assert.True(seen >= 8);
        Assert.All(hooks, static hook => Assert.Equal(0, hook.Failed));
    }
}
