using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Hooks;

/// <summary>What a hook decides happens, at every stage of packets.</summary>
public sealed class HookVerdictTests
{
    private static readonly HookStage[] s_out = [HookStage.TcpOut, HookStage.IPOut, HookStage.LinkOut];
    private static readonly HookStage[] s_in = [HookStage.TcpIn, HookStage.IPIn, HookStage.LinkIn];

    public static TheoryData<HookStage> Outgoing => [.. s_out];

    public static TheoryData<HookStage> Incoming => [.. s_in];

    public static TheoryData<HookStage> All => [.. s_out, .. s_in];

    [Theory]
    [MemberData(nameof(All))]
    public void A_dropped_segment_is_sent_again(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = On(rig, stage).AddHook(new HookOptions
        {
            Stages = [stage],
            Filter = new HookFilter { HasData = true },
            Limit = 1,
            Handler = static (ref HookCall _) => HookVerdict.Drop,
        });
        client.Say(server, "once more");
        Assert.Equal(1, hook.Dropped);
        Assert.Equal(1, hook.Matched);
        Assert.False(hook.IsActive);
        Assert.Equal(1, client.Info.RetransmittedSegments);
        Assert.Empty(On(rig, stage).Hooks);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_delayed_segment_arrives_that_much_later(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = On(rig, stage).Hook(
            stage, static (ref HookCall _) => HookVerdict.Delay(TimeSpan.FromMilliseconds(70)), new HookFilter { HasData = true });
        Instant before = rig.Network.Now;
        client.Say(server, "late");
        Assert.Equal(70, (rig.Network.Now - before).TotalMilliseconds);
        Assert.Equal(1, hook.Delayed);
        Assert.Equal(0, hook.Held);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_duplicated_segment_arrives_several_times(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = On(rig, stage).Hook(
            stage, static (ref HookCall _) => HookVerdict.Duplicate(2), new HookFilter { HasData = true });
        long before = server.Info.SegmentsIn;
        client.Say(server, "thrice");
        Assert.Equal(3, server.Info.SegmentsIn - before);
        Assert.Equal(2, hook.Duplicated);
    }

    [Fact]
    public void Copies_come_with_their_gap()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        RawReceiver watch = HookRig.Watch(rig.Server);
        rig.Client.Hook(
            HookStage.TcpOut, static (ref HookCall _) => HookVerdict.Duplicate(2, TimeSpan.FromMilliseconds(40)), new HookFilter { HasData = true });
        Instant start = rig.Network.Now;
        client.Say(server, "x");
        rig.Network.Run(TimeSpan.FromSeconds(1));
        List<double> times = [];
        while (watch.TryReceive(out ReceivedFrame? frame))
        {
            if (new TcpView(new IPv4View(frame!.Bytes.Span).Payload).Payload.Length > 0)
            {
                times.Add((frame.Time - start).TotalMilliseconds);
            }
        }

        Assert.Equal([0, 40, 80], times);
    }

    [Theory]
    [MemberData(nameof(Outgoing))]
    public void What_is_changed_goes_out_with_right_checksums(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        RawReceiver watch = HookRig.Watch(rig.Server);
        PacketHook hook = rig.Client.Hook(
            stage,
            static (ref HookCall call) =>
            {
                IPv4Editor ip = call.EditIP();
                ip.Identification = 7;
                ip.TimeToLive = 9;
                TcpEditor tcp = call.EditTcp();
                tcp.Window = 3;
                call.EditPayload().Reverse();
                return HookVerdict.Accept;
            },
            new HookFilter { HasData = true });
        client.WriteAll("abc"u8, Rig.Limit);
        Assert.Equal("cba", server.Hear(3));
        Assert.True(watch.TryReceive(out ReceivedFrame? frame));
        IPv4View seen = new(frame!.Bytes.Span);
        Assert.Equal(7, seen.Identification);
        Assert.Equal(9, seen.TimeToLive);
        Assert.Equal(3, new TcpView(seen.Payload).Window);
        Assert.True(HookRig.HasRightChecksums(frame.Bytes.Span));
        Assert.Equal(1, hook.Changed);
    }

    [Theory]
    [MemberData(nameof(Incoming))]
    public void What_is_changed_on_the_way_in_is_what_the_connection_gets(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        rig.Server.Hook(
            stage,
            static (ref HookCall call) =>
            {
                call.EditPayload().Reverse();
                return HookVerdict.Accept;
            },
            new HookFilter { HasData = true });
        client.WriteAll("abc"u8, Rig.Limit);
        Assert.Equal("cba", server.Hear(3));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_checksum_can_be_made_wrong_on_purpose(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        On(rig, stage).AddHook(new HookOptions
        {
            Stages = [stage],
            Filter = new HookFilter { HasData = true },
            Limit = 1,
            Handler = static (ref HookCall call) =>
            {
                TcpEditor tcp = call.EditTcp();
                tcp.Checksum ^= 0xFFFF;
                call.KeepChecksums = true;
                return HookVerdict.Accept;
            },
        });
        client.Say(server, "damaged");
        Assert.Equal(1, rig.Server.Counters["TcpInCsumErrors"]);
        Assert.Equal(1, client.Info.RetransmittedSegments);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Other_bytes_take_a_packets_place(HookStage stage)
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        On(rig, stage).AddHook(new HookOptions
        {
            Stages = [stage],
            Filter = new HookFilter { HasData = true },
            Limit = 1,
            Handler = static (ref HookCall call) =>
            {
                // One byte more, which the sender's connection knows nothing of.
                byte[] longer = [.. call.Bytes, (byte)'!'];
                new IPv4Editor(longer).TotalLength = (ushort)longer.Length;
                call.Replace(longer);
                return HookVerdict.Accept;
            },
        });
        client.WriteAll("abc"u8, Rig.Limit);
        Assert.Equal("abc!", server.Hear(4));
    }

    [Fact]
    public void An_answer_goes_back_out_and_the_packet_nowhere()
    {
        using Rig rig = new();
        RawReceiver watch = HookRig.Watch(rig.Client);
        PacketHook hook = rig.Server.Hook(HookStage.IPIn, static (ref HookCall call) =>
        {
            byte[] back = call.Bytes.ToArray();
            IPv4Editor ip = new(back) { Source = call.IP.Destination, Destination = call.IP.Source };
            ip.UpdateChecksum();
            call.Answer(back);
            return HookVerdict.Accept;
        }, new HookFilter { FlagsUnset = TcpFlags.Ack });
        rig.Connect();
        rig.Network.RunUntilIdle();
        Assert.True(watch.TryReceive(out ReceivedFrame? frame));
        Assert.Equal(TcpFlags.Syn, new TcpView(new IPv4View(frame!.Bytes.Span).Payload).Flags);
        Assert.Equal(1, hook.Answered);
        Assert.Equal(0, hook.Dropped);
        Assert.Equal(0, rig.Server.Counters["TcpPassiveOpens"]);
    }

    [Theory]
    [InlineData(HookStage.TcpOut)]
    [InlineData(HookStage.IPOut)]
    [InlineData(HookStage.LinkOut)]
    public void An_answer_on_the_way_out_comes_back_in(HookStage stage)
    {
        using Rig rig = new();
        rig.Client.Hook(
            stage,
            static (ref HookCall call) =>
            {
                // A refusal in the server's place.
                byte[] reset = call.Bytes[..40].ToArray();
                IPv4Editor ip = new(reset) { TotalLength = 40, Source = call.IP.Destination, Destination = call.IP.Source };
                ip.UpdateChecksum();
                TcpEditor tcp = new(reset.AsSpan(20))
                {
                    SourcePort = call.Tcp.DestinationPort,
                    DestinationPort = call.Tcp.SourcePort,
                    Acknowledgment = call.Tcp.Sequence + 1,
                    DataOffset = 20,
                    Flags = TcpFlags.Rst | TcpFlags.Ack,
                };
                tcp.UpdateChecksum(call.IP.Destination, call.IP.Source);
                call.Answer(reset);
                return HookVerdict.Accept;
            },
            new HookFilter { FlagsSet = TcpFlags.Syn });
        TcpSession session = rig.Connect();
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpCloseReason.Refused, session.CloseReason);
        Assert.Equal(0, rig.Server.Counters["IpInReceives"]);
    }

    [Fact]
    public void What_is_held_goes_on_when_the_hook_is_removed()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = rig.Client.Hook(
            HookStage.TcpOut, static (ref HookCall _) => HookVerdict.Hold, new HookFilter { FlagsSet = TcpFlags.Fin });
        client.Shutdown();
        rig.Network.Run(TimeSpan.FromMilliseconds(100));
        Assert.False(server.IsPeerFinished);
        Assert.Equal(1, hook.Held);
        hook.Remove();
        Assert.True(server.WaitFor(SessionCondition.PeerFinished, TimeSpan.Zero));
        Assert.Equal(0, hook.Held);
        Assert.Equal(0, client.Info.RetransmittedSegments);
    }

    [Fact]
    public void A_hook_ends_after_its_time_and_what_it_holds_goes_on()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        PacketHook hook = rig.Client.AddHook(new HookOptions
        {
            Stages = [HookStage.TcpOut],
            Handler = static (ref HookCall _) => HookVerdict.Hold,
            Duration = TimeSpan.FromMilliseconds(150),
        });
        Instant start = rig.Network.Now;
        client.Say(server, "held");
        Assert.Equal(150, (rig.Network.Now - start).TotalMilliseconds);
        Assert.False(hook.IsActive);
        Assert.Empty(rig.Client.Hooks);
    }

    [Fact]
    public void An_out_of_order_pair()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        client.NoDelay = true;
        rig.Client.AddHook(new HookOptions
        {
            Stages = [HookStage.TcpOut],
            Filter = new HookFilter { HasData = true },
            Limit = 1,
            Handler = static (ref HookCall _) => HookVerdict.Delay(TimeSpan.FromMilliseconds(5)),
        });
        client.Write("one"u8);
        client.Write("two"u8);
        Assert.Equal("onetwo", server.Hear(6));
        Assert.Equal(0, client.Info.RetransmittedSegments);
    }

    [Fact]
    public void Hooks_are_called_by_their_order_and_the_next_one_gets_what_the_one_before_left()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        List<string> seen = [];
        foreach ((string name, int order) in new[] { ("third", 20), ("first", -1), ("second", 0), ("delayed", 10) })
        {
            rig.Client.AddHook(new HookOptions
            {
                Stages = [HookStage.TcpOut],
                Name = name,
                Order = order,
                Filter = new HookFilter { HasData = true },
                Handler = (ref HookCall call) =>
                {
                    seen.Add($"{name} {call.Tcp.Window}");
                    TcpEditor tcp = call.EditTcp();
                    tcp.Window = (ushort)order;
                    return name == "delayed" ? HookVerdict.Delay(TimeSpan.FromMilliseconds(1)) : HookVerdict.Accept;
                },
            });
        }

        Assert.Equal(["first", "second", "delayed", "third"], rig.Client.Hooks.Select(hook => hook.Name));
        seen.Clear();
        client.Say(server, "x");
        Assert.Equal(["second 65535", "delayed 0", "third 10"], seen[1..]);
    }

    private static TcpStack On(Rig rig, HookStage stage) => s_in.Contains(stage) ? rig.Server : rig.Client;
}
