using System;
using System.Threading;
using System.Threading.Tasks;
using TcpTools;
using TcpTools.Links;
using Xunit;

namespace TcpTools.Tests.Links;

public class LinkPortTests
{
    private static readonly byte[] s_frame = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];

    [Fact]
    public void Frames_pass_both_ways()
    {
        using PacketWire wire = new();
        using LinkPort a = new(wire.A);
        using LinkPort b = new(wire.B);
        a.Send(s_frame);
        Assert.Equal(s_frame, b.Receive(TimeSpan.FromSeconds(5)));
        b.Send(s_frame);
        Assert.Equal(s_frame, a.TryReceive());
        Assert.Null(a.TryReceive());
    }

    [Fact]
    public async Task A_frame_that_arrives_ends_the_wait()
    {
        using PacketWire wire = new();
        using LinkPort a = new(wire.A);
        using LinkPort b = new(wire.B);
        Task<byte[]?> waiting = Task.Run(() => b.Receive(Timeout.InfiniteTimeSpan));
        a.Send(s_frame);
        Assert.Equal(s_frame, await waiting.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task One_thread_sends_while_another_receives_also_where_the_link_itself_takes_one_thread_only()
    {
        const int Count = 20_000;
        using PacketWire wire = new(new PacketWireOptions { QueueLimit = Count });
        using ImpairmentLink bad = new(wire.A, new Impairment(), new Impairment(), RandomSource.FromSeed(1));
        using LinkPort a = new(bad);
        using LinkPort b = new(wire.B);
        for (int i = 0; i < Count; i++)
        {
            b.Send(s_frame);
        }

        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                a.Send(s_frame);
            }
        });
        int received = 0;
        while (a.Receive(TimeSpan.FromSeconds(5)) is { } frame)
        {
            Assert.Equal(s_frame, frame);
            if (++received == Count)
            {
                break;
            }
        }

        await sending.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(Count, received);
        int arrived = 0;
        while (b.TryReceive() is not null)
        {
            arrived++;
        }

        Assert.Equal(Count, arrived);
    }

    [Fact]
    public void A_wait_ends_by_its_limit_and_when_cancelled()
    {
        using PacketWire wire = new();
        using LinkPort port = new(wire.A);
        Assert.Null(port.Receive(TimeSpan.FromMilliseconds(5)));
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(5));
        Assert.ThrowsAny<OperationCanceledException>(() => port.Receive(Timeout.InfiniteTimeSpan, cancel.Token));
    }

    [Fact]
    public void What_is_not_asked_for_stays_on_the_link()
    {
        using PacketWire wire = new();
        using LinkPort a = new(wire.A);
        a.Send(s_frame);
        a.Send(s_frame);
        using (LinkPort first = new(wire.B))
        {
            Assert.NotNull(first.TryReceive());
        }

        using LinkPort second = new(wire.B);
        Assert.NotNull(second.TryReceive());
    }

    [Fact]
    public void A_delayed_frame_arrives_when_it_is_due_and_not_before()
    {
        using PacketWire wire = new();
        using ImpairmentLink slow = new(
            wire.A, Impairment.None, new Impairment { Delay = TimeSpan.FromMilliseconds(20) }, RandomSource.FromSeed(1));
        using LinkPort near = new(slow);
        using LinkPort far = new(wire.B);
        Instant before = near.Now;
        far.Send(s_frame);
        Assert.Equal(s_frame, near.Receive(TimeSpan.FromSeconds(5)));
        Assert.True(near.Now - before >= TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void Frames_that_no_link_can_carry_are_refused()
    {
        using PacketWire wire = new();
        using LinkPort port = new(wire.A);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => port.Send([])).Error);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => port.Send(new byte[1501])).Error);
        port.Send(new byte[1500]);
    }

    [Fact]
    public void The_link_is_given_back_as_it_was()
    {
        using PacketWire wire = new();
        static void Callback()
        {
        }

        wire.A.Readable = Callback;
        using (LinkPort port = new(wire.A))
        {
            Assert.NotEqual(Callback, wire.A.Readable);
        }

        Assert.Equal(Callback, wire.A.Readable);
    }
}
