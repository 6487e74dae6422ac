using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Automata;

/// <summary>Automata on links, beside stacks and on sessions, in real and in simulated time.</summary>
public sealed class AutomatonPlaceTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(StackMode.Virtual)]
    [InlineData(StackMode.Threaded)]
    public void It_pings_a_stack_at_the_other_end_of_a_wire(StackMode mode)
    {
        using PacketWire wire = new();
        using TcpStack stack = Start(wire.A, mode);
        using AutomatonRunner runner = new(new PacketAutomaton(Ping(3)), new AutomatonPlace(new LinkChannel(wire.B, stack.Clock?.Network)));
        Assert.Equal(AutomatonPause.None, runner.Run(s_patience, CancellationToken.None));
        Assert.Equal((AutomatonStatus.Ended, 3L), (runner.Automaton.Status, runner.Automaton.Received));
    }

    [Fact]
    public void It_lives_beside_a_stack_that_others_use()
    {
        using Rig rig = new();
        using AutomatonRunner runner = new(new PacketAutomaton(Ping(2)), new AutomatonPlace(new StackChannel(rig.Client)));
        (TcpSession client, TcpSession server) = rig.Establish();
        client.WriteAll("hello"u8, s_second);
        Assert.Equal(AutomatonPause.None, runner.Run(s_second, CancellationToken.None));
        Assert.Equal(5, server.ReadSome(new byte[10], s_second));
    }

    [Fact]
    public void A_frame_that_comes_late_finds_the_timeout_gone_off_at_its_very_time()
    {
        using PacketWire wire = new();
        VirtualNetwork network = new();
        using TcpStack stack = Start(new ImpairmentLink(wire.A, new Impairment { Delay = 2 * s_second }, Impairment.None, RandomSource.FromSeed(1)), StackMode.Virtual, network);
        AutomatonDefinition definition = new AutomatonBuilder("Patient", Ping(1))
            .State("Late", AutomatonStateKind.Final)
            .After(AutomatonTrigger.Timeout, "Waiting", 1.5 * s_second, to: "Late")
            .Build();
        using AutomatonRunner runner = new(new PacketAutomaton(definition), new AutomatonPlace(new LinkChannel(wire.B, network)));
        runner.Run(s_patience, CancellationToken.None);
        Assert.Equal(("Late", Instant.FromSeconds(1.5)), (runner.Automaton.State, network.Now));
    }

    [Theory]
    [InlineData(StackMode.Virtual)]
    [InlineData(StackMode.Threaded)]
    public void It_speaks_a_protocol_of_lines_on_a_session(StackMode mode)
    {
        using Rig rig = new(mode);
        (TcpSession client, TcpSession server) = rig.Establish();
        AutomatonDefinition shout = new AutomatonBuilder("Shout")
            .State("Talk", AutomatonStateKind.Initial)
            .State("End", AutomatonStateKind.Final)
            .On(new AutomatonRule
            {
                Trigger = AutomatonTrigger.Data,
                States = ["Talk"],
                Cut = StreamCut.Line,
                Then = e => e.Automaton.Write(Encoding.UTF8.GetBytes(((string)e.Value!).ToUpperInvariant() + "\n")),
            })
            .On(AutomatonTrigger.DataEnd, "Talk", to: "End")
            .Build();
        using AutomatonRunner runner = new(new PacketAutomaton(shout), new AutomatonPlace(stream: new SessionStream(server, rig.Clock?.Network)));
        client.WriteAll("one\ntwo\r\nthree\n"u8, s_second);
        client.Shutdown();
        Assert.Equal(AutomatonPause.None, runner.Run(s_patience, CancellationToken.None));
        runner.Place.Finish();
        byte[] answer = new byte[100];
        int length = 0;
        for (int read; (read = client.ReadSome(answer.AsSpan(length), s_patience)) > 0;)
        {
            length += read;
        }

        Assert.Equal("ONE\nTWO\nTHREE\n", Encoding.UTF8.GetString(answer, 0, length));
        Assert.Equal(("End", AutomatonStatus.Ended), (runner.Automaton.State, runner.Automaton.Status));
    }

    [Fact]
    public void A_stream_that_breaks_leaves_a_state_that_waits_for_it_stuck()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        AutomatonDefinition reader = new AutomatonBuilder("Reader").State("Read", AutomatonStateKind.Initial).On(AutomatonTrigger.Data, "Read").Build();
        using AutomatonRunner runner = new(new PacketAutomaton(reader), new AutomatonPlace(stream: new SessionStream(server, rig.Network)));
        client.Abort();
        runner.Run(s_second, CancellationToken.None);
        Assert.Contains("reset", Assert.IsType<StackException>(runner.Automaton.Failure).Message);
    }

    [Fact]
    public void A_guest_takes_its_turns_on_a_thread_of_its_own_while_others_move_simulated_time()
    {
        for (int i = 0; i < 20; i++)
        {
            VirtualNetwork network = new();
            using AutomatonRunner runner = new(new PacketAutomaton(Clock()), new AutomatonPlace(network: network));
            runner.Join();
            Thread thread = new(() => runner.Run(Timeout.InfiniteTimeSpan, CancellationToken.None)) { IsBackground = true };
            thread.Start();
            network.Run(2.5 * s_second);
            Assert.Equal((2, AutomatonStatus.Running), (runner.Automaton.Data["ticks"], runner.Automaton.Status));
            runner.Automaton.Input("stop");
            Assert.True(runner.WaitUntil(() => runner.Automaton.IsEnded, s_second, CancellationToken.None));
            Assert.True(thread.Join(s_patience));
            Assert.Equal(Instant.FromSeconds(2.5), runner.Automaton.Log[^1].Time);
        }
    }

    [Fact]
    public void Stopped_while_it_waits_it_ends_soon_in_real_time()
    {
        using AutomatonRunner runner = new(new PacketAutomaton(Clock()), new AutomatonPlace());
        Thread thread = new(() => runner.Run(Timeout.InfiniteTimeSpan, CancellationToken.None)) { IsBackground = true };
        thread.Start();
        Assert.True(SpinWait.SpinUntil(() => runner.Automaton.State == "Tick", s_patience));
        runner.Automaton.Stop();
        Assert.True(thread.Join(s_patience));
        Assert.Equal(AutomatonStatus.Stopped, runner.Automaton.Status);
    }

    [Fact]
    public void A_link_that_goes_ends_what_waits_for_its_packets()
    {
        Rig rig = new();
        rig.Dispose();
        using PacketWire wire = new();
        TcpStack stack = Start(wire.A, StackMode.Threaded);
        using AutomatonRunner runner = new(new PacketAutomaton(Ping(100)), new AutomatonPlace(new StackChannel(stack)));
        Thread thread = new(() => runner.Run(Timeout.InfiniteTimeSpan, CancellationToken.None)) { IsBackground = true };
        thread.Start();
        stack.Dispose();
        Assert.True(thread.Join(s_patience));
        Assert.Equal(AutomatonStatus.Failed, runner.Automaton.Status);
    }

    [Fact]
    public void A_place_has_one_time()
    {
        using Rig rig = new();
        (TcpSession _, TcpSession server) = rig.Establish();
        using PacketWire wire = new();
        Assert.Throws<StackException>(() => new AutomatonPlace(new LinkChannel(wire.A), new SessionStream(server, rig.Network)));
    }

    private static AutomatonDefinition Clock() => new AutomatonBuilder("Clock")
        .State("Tick", AutomatonStateKind.Initial)
        .State("End", AutomatonStateKind.Final)
        .After(AutomatonTrigger.Timer, "Tick", s_second, e => e.Automaton.Data["ticks"] = (int)e.Automaton.Data["ticks"]! + 1)
        .On(AutomatonTrigger.Input, "Tick", to: "End")
        .Data("ticks", 0)
        .Build();

    private static AutomatonDefinition Ping(int count)
    {
        return new AutomatonBuilder("Ping")
            .State("Sending", AutomatonStateKind.Initial, Send)
            .State("Waiting")
            .State("Done", AutomatonStateKind.Final)
            .Data("left", count)
            .On(AutomatonTrigger.Condition, "Sending", to: "Waiting")
            .On(AutomatonTrigger.Packet, "Waiting", e => IsEcho(e) && (int)e.Automaton.Data["left"]! == 0, to: "Done", priority: 1)
            .On(AutomatonTrigger.Packet, "Waiting", IsEcho, to: "Sending", priority: 2)
            .Build();

        static bool IsEcho(AutomatonEvent e) => e.Packet!.Icmp is { Type: IcmpType.EchoReply };

        static void Send(AutomatonEvent e)
        {
            e.Automaton.Data["left"] = (int)e.Automaton.Data["left"]! - 1;
            Packet echo = new([new IPv4Layer { Source = NetworkAddress.Parse("10.9.0.1"), Destination = NetworkAddress.Parse("10.9.0.2") }, new IcmpLayer { Type = IcmpType.EchoRequest }]);
            e.Automaton.Send(echo);
        }
    }

    private static TcpStack Start(ILink link, StackMode mode, VirtualNetwork? network = null) => TcpStack.Start(new TcpStackOptions
    {
        Link = link,
        Addresses = [InterfaceAddress.Parse("10.9.0.2/24")],
        Mode = mode,
        Clock = network?.Clock ?? (mode == StackMode.Virtual ? new VirtualClock() : null),
    });
}
