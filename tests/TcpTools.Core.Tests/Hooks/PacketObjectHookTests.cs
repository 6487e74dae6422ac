using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Hooks;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>Hooks that get packets as objects, and those that need no code.</summary>
public sealed class PacketObjectHookTests
{
    [Theory]
    [InlineData(HookStage.TcpOut)]
    [InlineData(HookStage.IPOut)]
    [InlineData(HookStage.LinkOut)]
    public void What_an_action_leaves_in_a_packet_goes_on(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        RawReceiver watch = HookRig.Watch(rig.Server);
        PacketHook hook = Add(rig.Client, stage, context =>
        {
            Assert.Same(client, context.Session);
            Assert.Equal(stage, context.Stage);
            context.Tcp!.Window = 99;
            context.IP!.TimeToLive = 3;
            context.Payload = new PayloadLayer("longer than it was");
        });
        client.WriteAll("short"u8, Rig.Limit);
        Assert.Equal("longer than it was", server.Hear(18));
        Assert.True(watch.TryReceive(out ReceivedFrame? frame));
        Packet packet = Packet.Parse(frame!.Bytes.Span);
        Assert.Empty(packet.Anomalies);
        Assert.Equal(99, packet.Tcp!.Window);
        Assert.Equal(3, packet.IP!.TimeToLive);
        Assert.Equal(0, hook.Failed);
    }

    [Fact]
    public void What_is_only_looked_at_goes_on_byte_for_byte()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = Add(rig.Client, HookStage.TcpOut, static context => Assert.NotEmpty(context.Packet!.Summary));
        client.Say(server, "as it was");
        Assert.Equal(0, hook.Changed);
        Assert.Equal(0, hook.Failed);
    }

    [Fact]
    public void A_wrong_checksum_that_is_set_stays()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        int turn = 0;
        Add(rig.Client, HookStage.TcpOut, context => context.Tcp!.Checksum = turn++ == 0 ? (ushort)0xBAD : null);
        client.Say(server, "twice");
        Assert.Equal(1, rig.Server.Counters["TcpInCsumErrors"]);
    }

    [Fact]
    public void An_action_decides_what_becomes_of_a_packet()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        int turn = 0;
        PacketHook hook = Add(rig.Client, HookStage.TcpOut, context =>
        {
            switch (turn++)
            {
                case 0:
                    context.Drop();
                    break;
                case 1:
                    context.Delay(0.02);
                    break;
                case 2:
                    context.Duplicate(2, 0.001);
                    break;
                case 3:
                    context.Drop();
                    context.Accept();
                    break;
            }
        });
        foreach (string word in new[] { "one", "two", "three" })
        {
            client.Say(server, word);
        }

        Assert.Equal((1, 1, 2, 0), (hook.Dropped, hook.Delayed, hook.Duplicated, hook.Failed));
    }

    [Fact]
    public void A_node_is_played_by_a_hook()
    {
        using Rig rig = new();
        Add(rig.Server, HookStage.IPIn, static context =>
        {
            if (context.Icmp is { Type: IcmpType.EchoRequest })
            {
                Packet answer = context.Packet!.Copy();
                (answer.IP!.Source, answer.IP.Destination) = (answer.IP.Destination, answer.IP.Source);
                answer.Icmp!.Type = IcmpType.EchoReply;
                answer.Payload!.Text = "played";
                context.Answer(answer);
            }
        });
        RawReceiver watch = HookRig.Watch(rig.Client);
        rig.Client.SendRaw(new Packet(
            new IPv4Layer { Source = Rig.ClientAddress, Destination = Rig.ServerAddress },
            new IcmpLayer { Type = IcmpType.EchoRequest },
            new PayloadLayer("asked")).ToBytes());
        rig.Network.RunUntilIdle();
        Assert.True(watch.TryReceive(out ReceivedFrame? frame));
        Assert.Equal("played", Packet.Parse(frame!.Bytes.Span).Payload!.Text);
        Assert.False(watch.TryReceive(out _));
    }

    [Fact]
    public void What_cannot_be_is_refused_in_words()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = Add(rig.Client, HookStage.StateChange, static context =>
        {
            Assert.Null(context.Packet);
            Assert.Throws<StackException>(() => context.Packet = new Packet());
            Assert.Throws<StackException>(() => context.InitialSequence = 1);
            Assert.Throws<StackException>(() => context.Answer(new Packet()));
            Assert.Throws<StackException>(() => context.Delay(-1));
            Assert.Throws<StackException>(() => context.Delay(double.NaN));
        });
        client.Shutdown();
        Assert.Equal(1, hook.Matched);
        Assert.Equal(0, hook.Failed);
    }

    [Fact]
    public void Actions_that_make_nonsense_of_packets_are_isolated()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        Action<PacketHookContext>[] nonsense =
        [
            static context => context.Packet = new Packet(),
            static context => context.Packet!.Layers.Clear(),
            static context => context.Packet!.Layers.RemoveAt(0),
            static context => context.Packet = new Packet(new IPv4Layer(), new PayloadLayer(new byte[65000])),
            static context => context.Tcp!.TruncatedTo = 3,
            static context => context.Payload = new PayloadLayer(new byte[100_000]),
            static context => ((IPv4Layer)context.IP!).TotalLength = 1,
            static context => ((IPv4Layer)context.IP!).HeaderLength = 60,
            static context => context.Tcp!.DataOffset = 0,
            static _ => throw new InvalidOperationException(),
        ];
        int turn = 0;
        PacketHook hook = Add(rig.Client, HookStage.TcpOut, context => nonsense[turn++ % nonsense.Length](context));
        for (int i = 0; i < 20; i++)
        {
            client.Write("x"u8);
            rig.Network.Run(TimeSpan.FromMilliseconds(300));
        }

        hook.Remove();
        Assert.Equal(StackState.Running, rig.Client.State);
        (TcpSession other, TcpSession otherServer) = rig.Establish(port: 81);
        other.Say(otherServer, "sound");
    }

    public static TheoryData<HookDamage, string> Damages => new()
    {
        { HookDamage.Checksum, "TcpInCsumErrors" },
        { HookDamage.IPChecksum, "IpInHdrErrors" },
        { HookDamage.Data, "TcpInCsumErrors" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_is_found_by_the_receiver(HookDamage damage, string counter)
    {
        foreach (HookStage stage in new[] { HookStage.TcpOut, HookStage.IPOut, HookStage.LinkOut })
        {
            using Rig rig = new();
            (TcpSession client, TcpSession server) = rig.Establish();
            rig.Client.AddHook(new HookOptions
            {
                Stages = [stage],
                Filter = new HookFilter { HasData = true },
                Limit = 1,
                Hook = new PreparedHook { Damage = damage },
            });
            client.Say(server, "damaged once");
            Assert.Equal(1, rig.Server.Counters[counter]);
            Assert.Equal(1, client.Info.RetransmittedSegments);
        }
    }

    [Fact]
    public void On_Ethernet_the_frame_is_what_hooks_of_the_link_see()
    {
        using Rig rig = new(wire: new PacketWireOptions { Medium = LinkMedium.Ethernet });
        List<string> seen = [];
        foreach (HookStage stage in new[] { HookStage.IPOut, HookStage.LinkOut, HookStage.LinkIn, HookStage.IPIn })
        {
            rig.Client.AddHook(new HookOptions
            {
                Stages = [stage],
                Filter = new HookFilter { Ports = [new(Rig.Port)] },
                Hook = new PacketActionHook(context =>
                {
                    seen.Add($"{stage} {context.Packet!.Layers[0].Name}");
                    context.IP!.TimeToLive = 9;
                }),
            });
        }

        (TcpSession client, TcpSession server) = rig.Establish();
        client.Say(server, "over Ethernet");
        Assert.Equal(["IPOut IP", "LinkOut Ethernet", "LinkIn Ethernet", "IPIn IP"], seen.Distinct());
        Assert.All(rig.Client.Hooks, static hook => Assert.Equal(0, hook.Failed));
    }

    private static PacketHook Add(TcpStack stack, HookStage stage, Action<PacketHookContext> action) => stack.AddHook(new HookOptions
    {
        Stages = [stage],
        Filter = stage is HookStage.TcpOut or HookStage.IPOut or HookStage.LinkOut ? new HookFilter { HasData = true } : HookFilter.All,
        Hook = new PacketActionHook(action),
    });
}
