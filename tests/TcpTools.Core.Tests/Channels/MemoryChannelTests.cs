using System;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Channels;

/// <summary>Channels over wires and beside stacks, in real and in simulated time.</summary>
public sealed class MemoryChannelTests
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private static Packet Ping => Packet.Parse(
        Convert.FromHexString("4500001c00000000400166d80a0000090a000001" + "0800f7fe00000001"));

    [Fact]
    public void A_wires_ends_see_what_the_other_sent_and_the_filter_chooses()
    {
        using PacketWire wire = new();
        using LinkChannel a = new(wire.A);
        using LinkChannel b = new(wire.B);
        a.Send(Ping);
        b.Listen(PacketFilter.Compile("icmp", b.Start));
        a.Send(Convert.FromHexString("4500001400000000400600000a0000090a000001"));
        a.Send(Ping);
        RawFrame? frame = b.Receive(b.Now + s_second, default);
        Assert.Equal(Ping.ToBytes(), frame!.Bytes.ToArray());
        Assert.Equal(wire.B.Name, frame.Interface);
        Assert.NotNull(b.Receive(b.Now + s_second, default));
        Assert.Null(b.Receive(b.Now, default));
        Assert.True((DateTimeOffset.UtcNow - frame.ToPacket().Timestamp!.Value).Duration() < TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(StackMode.Threaded)]
    [InlineData(StackMode.Virtual)]
    public void A_stack_answers_over_its_wire(StackMode mode)
    {
        using PacketWire wire = new();
        using TcpStack stack = Start(wire.A, mode, "10.0.0.1/24");
        using LinkChannel channel = new(wire.B, stack.Clock?.Network);
        channel.Listen();
        channel.Send(Ping);
        RawFrame? answer = channel.Receive(channel.Now + s_second, default);
        Assert.Equal(0, (int)answer!.ToPacket().Icmp!.Type);
        Assert.Null(channel.Receive(channel.Now + TimeSpan.FromMilliseconds(20), default));
    }

    [Fact]
    public void A_channel_beside_a_stack_waits_in_the_stacks_own_time()
    {
        using PacketWire wire = new();
        VirtualNetwork network = new();
        using TcpStack near = Start(wire.A, StackMode.Virtual, "10.0.0.9/24", network);
        using ImpairmentLink slow = new(wire.B, new Impairment { Delay = 2 * s_second }, Impairment.None, RandomSource.FromSeed(1));
        using TcpStack far = Start(slow, StackMode.Virtual, "10.0.0.1/24", network);
        using StackChannel channel = new(near);
        channel.Listen();
        channel.Send(Ping);
        Assert.Null(channel.Receive(Instant.FromSeconds(1.5), default));
        Assert.Equal(Instant.FromSeconds(1.5), channel.Now);
        RawFrame? answer = channel.Receive(Instant.FromSeconds(10), default);
        Assert.Equal(Instant.FromSeconds(2), answer!.Time);
        Assert.Equal(DateTimeOffset.UnixEpoch + (2 * s_second), channel.ToDateTime(answer.Time));
        Assert.Null(channel.Receive(Instant.Never, default));
    }

    [Fact]
    public void A_link_that_holds_frames_back_gives_them_when_simulated_time_has_come()
    {
        using PacketWire wire = new();
        VirtualNetwork network = new();
        using TcpStack far = Start(wire.A, StackMode.Virtual, "10.0.0.1/24", network);
        using ImpairmentLink slow = new(wire.B, Impairment.None, new Impairment { Delay = s_second }, RandomSource.FromSeed(1));
        using LinkChannel channel = new(slow, network);
        channel.Listen();
        channel.Send(Ping);
        RawFrame? answer = channel.Receive(Instant.FromSeconds(30), default);
        Assert.NotNull(answer);
        Assert.InRange(answer.Time.Ticks, Instant.FromSeconds(1).Ticks, Instant.FromSeconds(1.1).Ticks);
    }

    [Fact]
    public void What_finds_no_room_is_dropped_and_counted()
    {
        using PacketWire wire = new();
        using TcpStack stack = Start(wire.A, StackMode.Virtual, "10.0.0.1/24");
        using StackChannel channel = new(stack);
        using LinkPort port = new(wire.B);
        channel.Listen(null, 3);
        for (int i = 0; i < 8; i++)
        {
            port.Send(Ping.ToBytes());
        }

        stack.Clock!.Network.RunUntilIdle();
        Assert.Equal(5, channel.Dropped);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => channel.Listen(null, 0)).Error);
        PacketFilter other = PacketFilter.Compile("ip", PacketStart.Ethernet);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => channel.Listen(other)).Error);
    }

    [Fact]
    public void Ethernet_headers_are_left_out_where_there_are_none_and_missed_where_there_must_be()
    {
        using PacketWire plain = new();
        using LinkChannel channel = new(plain.A);
        using LinkPort other = new(plain.B);
        channel.Send(Packet.Of(new EthernetLayer()) / Ping);
        Assert.Equal(Ping.ToBytes(), other.Receive(s_second));
        Assert.Throws<StackException>(() => channel.Send(Packet.Of(new EthernetLayer()) / Packet.Of(new ArpLayer())));

        using PacketWire framed = new(new PacketWireOptions { Medium = LinkMedium.Ethernet });
        using LinkChannel ethernet = new(framed.A);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => ethernet.Send(Ping)).Error);
        ethernet.Send(Packet.Of(new EthernetLayer()) / Ping);
    }

    [Fact]
    public async Task A_wait_ends_at_once_when_it_is_cancelled_and_needs_somebody_who_listens()
    {
        using PacketWire wire = new();
        using LinkChannel channel = new(wire.A);
        Assert.Throws<StackException>(() => channel.Receive(Instant.Never, default));
        channel.Listen();
        using CancellationTokenSource cancel = new();
        Task<RawFrame?> waiting = Task.Run(() => channel.Receive(Instant.Never, cancel.Token));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(s_second));
    }

    private static TcpStack Start(ILink link, StackMode mode, string address, VirtualNetwork? network = null) => TcpStack.Start(new TcpStackOptions
    {
        Link = link,
        Mode = mode,
        Addresses = [InterfaceAddress.Parse(address)],
        Clock = network?.Clock,
        DisposeLink = false,
    });
}
