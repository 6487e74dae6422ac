using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Buffers;
using TcpTools.Links;
using Xunit;

namespace TcpTools.Tests.Links;

public sealed class PacketWireTests
{
    private readonly PacketBufferPool _pool = new();

    [Fact]
    public void A_frame_sent_at_one_end_is_the_same_object_at_the_other()
    {
        using PacketWire wire = new();
        PacketBuffer frame = Frames.Numbered(_pool, 7);
        Assert.Equal(1, wire.A.Send([frame], Instant.Zero));
        PacketBuffer[] received = new PacketBuffer[4];
        Assert.Equal(1, wire.B.Receive(received, Instant.FromSeconds(1)));
        Assert.Same(frame, received[0]);
        Assert.Equal(Instant.FromSeconds(1), frame.Timestamp);
        Assert.Equal(0, wire.A.Receive(received, Instant.Zero));
        frame.Release();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Offload_facts_travel_with_the_frame()
    {
        using PacketWire wire = new();
        wire.A.Send([Frames.Offloaded(_pool, false, 1, 5000, 0x10, 1448)], Instant.Zero);
        PacketBuffer[] received = new PacketBuffer[1];
        Assert.Equal(1, wire.B.Receive(received, Instant.Zero));
        Assert.True(received[0].Offload.NeedsChecksum);
        Assert.Equal(SegmentationKind.TcpIPv4, received[0].Offload.Segmentation);
        Assert.Equal(1448, received[0].Offload.SegmentSize);
        received[0].Release();
    }

    [Fact]
    public void What_does_not_fit_the_queue_is_dropped_and_counted_and_given_back()
    {
        using (PacketWire wire = new(new PacketWireOptions { QueueLimit = 10 }))
        {
            PacketBuffer[] frames = [.. Enumerable.Range(0, 25).Select(i => Frames.Numbered(_pool, i))];
            Assert.Equal(25, wire.B.Send(frames, Instant.Zero));
            Assert.Equal(10, wire.B.Counters.SentFrames);
            Assert.Equal(15, wire.B.Counters.SendDrops);
            Assert.Equal(10, _pool.Outstanding);
            PacketBuffer[] received = new PacketBuffer[3];
            Assert.Equal(3, wire.A.Receive(received, Instant.Zero));
            Assert.Equal([0, 1, 2], received.Select(Frames.NumberOf));
            received.ToList().ForEach(frame => frame.Release());
        }

        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void A_frame_longer_than_the_mtu_does_not_pass_unless_it_stands_for_several()
    {
        using PacketWire wire = new(new PacketWireOptions { Mtu = 1500 });
        wire.A.Send([Frames.Numbered(_pool, 1, 1501), Frames.Numbered(_pool, 2, 1500)], Instant.Zero);
        wire.A.Send([Frames.Offloaded(_pool, true, 1, 9000, 0x10, 1428)], Instant.Zero);
        wire.A.Send([Frames.Offloaded(_pool, true, 1, 9000, 0x10, 1429)], Instant.Zero);
        Assert.Equal(2, wire.A.Counters.SentFrames);
        Assert.Equal(2, wire.A.Counters.SendDrops);
    }

    [Fact]
    public void Frames_for_an_end_that_is_closed_are_dropped()
    {
        using PacketWire wire = new();
        wire.A.Send([Frames.Numbered(_pool, 1)], Instant.Zero);
        wire.B.Dispose();
        Assert.Equal(0, _pool.Outstanding);
        wire.A.Send([Frames.Numbered(_pool, 2)], Instant.Zero);
        Assert.Equal(0, _pool.Outstanding);
        Assert.Equal(1, wire.A.Counters.SendDrops);
    }

    [Fact]
    public void The_receiver_is_called_when_its_queue_stops_being_empty_and_for_what_waited_before_it_listened()
    {
        using PacketWire wire = new();
        int calls = 0;
        wire.A.Send([Frames.Numbered(_pool, 1)], Instant.Zero);
        wire.B.Readable = () => calls++;
        Assert.Equal(1, calls);
        wire.A.Send([Frames.Numbered(_pool, 2)], Instant.Zero);
        Assert.Equal(1, calls);
        PacketBuffer[] received = new PacketBuffer[8];
        Assert.Equal(2, wire.B.Receive(received, Instant.Zero));
        wire.A.Send([Frames.Numbered(_pool, 3), Frames.Numbered(_pool, 4)], Instant.Zero);
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task Two_threads_that_answer_each_other_lose_nothing_and_keep_the_order()
    {
        const int Rounds = 20_000;
        using PacketWire wire = new();
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));

        async Task<int> Side(ILink link, bool starts)
        {
            await Task.Yield();
            SemaphoreSlim readable = new(0);
            link.Readable = () => readable.Release();
            PacketBuffer[] frames = new PacketBuffer[16];
            int expected = 0;
            if (starts)
            {
                link.Send([Frames.Numbered(_pool, 0)], Instant.Zero);
            }

            while (expected < Rounds)
            {
                int count = link.Receive(frames, Instant.Zero);
                if (count == 0)
                {
                    await readable.WaitAsync(limit.Token);
                    continue;
                }

                for (int i = 0; i < count; i++)
                {
                    Assert.Equal(expected++, Frames.NumberOf(frames[i]));
                    frames[i].Release();
                    link.Send([Frames.Numbered(_pool, starts ? expected : expected - 1)], Instant.Zero);
                }
            }

            return expected;
        }

        int[] counts = await Task.WhenAll(Side(wire.A, true), Side(wire.B, false));
        Assert.All(counts, count => Assert.Equal(Rounds, count));
        wire.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Passing_frames_allocates_nothing()
    {
        using PacketWire wire = new();
        PacketBuffer[] frames = new PacketBuffer[8];
        void Pass()
        {
            for (int i = 0; i < frames.Length; i++)
            {
                frames[i] = Frames.Numbered(_pool, i);
            }

            wire.A.Send(frames, Instant.Zero);
            int count = wire.B.Receive(frames, Instant.Zero);
            for (int i = 0; i < count; i++)
            {
                frames[i].Release();
            }
        }

        Pass();
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Pass();
            }
        }));
    }
}
