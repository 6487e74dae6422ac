using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Capture;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Tests.Links;
using Xunit;

namespace TcpTools.Tests.Capture;

public sealed class CaptureTapTests : IDisposable
{
    private readonly PacketBufferPool _pool = new();
    private readonly PacketWire _wire = new();
    private readonly MemoryCaptureSink _sink = new();

    public void Dispose()
    {
        _wire.Dispose();
        _sink.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Frames_pass_as_they_are_and_are_captured_both_ways_with_time_and_direction()
    {
        using CaptureTap tap = new(_wire.A, _sink);
        PacketBuffer sent = Frames.Numbered(_pool, 1);
        PacketBuffer[] frames = new PacketBuffer[4];
        tap.Send([sent], Instant.FromSeconds(1));
        Assert.Equal(1, _wire.B.Receive(frames, Instant.Zero));
        Assert.Same(sent, frames[0]);
        _wire.B.Send([sent], Instant.Zero);
        Assert.Equal(1, tap.Receive(frames, Instant.FromSeconds(2.5)));
        Assert.Same(sent, frames[0]);
        IReadOnlyList<CapturedPacket> captured = _sink.Drain();
        Assert.Equal([FrameDirection.Outgoing, FrameDirection.Incoming], captured.Select(packet => packet.Direction));
        Assert.Equal([1_000_000_000, 2_500_000_000], captured.Select(packet => packet.Timestamp.Nanoseconds));
        Assert.All(captured, packet => Assert.Equal(sent.Span.ToArray(), packet.Bytes));
        Assert.All(captured, packet => Assert.Equal("wire.A", packet.Interface.Name));
        sent.Release();
        Assert.Equal(0, _sink.Count);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 1400)]
    [InlineData(true, 1400)]
    public void An_open_checksum_is_complete_in_the_capture_and_still_open_in_the_frame(bool isIPv6, int segmentSize)
    {
        using CaptureTap tap = new(_wire.A, _sink);
        int payload = segmentSize == 0 ? 700 : 7000;
        PacketBuffer frame = Frames.Offloaded(_pool, isIPv6, 5, payload, 16, segmentSize);
        byte[] before = frame.Span.ToArray();
        tap.Send([frame], Instant.Zero);
        Assert.Equal(Frames.Tcp(isIPv6, 5, payload, 16), Assert.Single(_sink.ToList()).Bytes);
        PacketBuffer[] frames = new PacketBuffer[1];
        Assert.Equal(1, _wire.B.Receive(frames, Instant.Zero));
        Assert.Equal(before, frames[0].Span.ToArray());
        Assert.True(frames[0].Offload.NeedsChecksum);
        frames[0].Release();
    }

    [Fact]
    public void A_wall_clock_dates_the_first_frame_and_the_stacks_time_the_rest()
    {
        FixedClock clock = new() { Now = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero) };
        using CaptureTap tap = new(_wire.A, _sink, clock);
        tap.Send([Frames.Numbered(_pool, 1)], Instant.FromSeconds(100));
        clock.Now = clock.Now.AddYears(1);
        tap.Send([Frames.Numbered(_pool, 2)], Instant.FromSeconds(101));
        IReadOnlyList<CapturedPacket> captured = _sink.ToList();
        Assert.Equal(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), captured[0].Timestamp.ToDateTimeOffset());
        Assert.Equal(1_000_000_000, captured[1].Timestamp.Nanoseconds - captured[0].Timestamp.Nanoseconds);
    }

    [Fact]
    public void A_frame_that_the_link_left_the_first_time_is_captured_once()
    {
        ReluctantLink inner = new() { Room = 1 };
        using CaptureTap tap = new(inner, _sink);
        PacketBuffer[] frames = [Frames.Numbered(_pool, 1), Frames.Numbered(_pool, 2), Frames.Numbered(_pool, 3)];
        Assert.Equal(1, tap.Send(frames, Instant.Zero));
        inner.Room = 10;
        Assert.Equal(3, tap.Send([frames[1], frames[2], Frames.Numbered(_pool, 4)], Instant.Zero));
        Assert.Equal([1, 2, 3, 4], _sink.ToList().Select(packet => (int)packet.Bytes[3]));
    }

    [Fact]
    public void One_file_takes_several_links_and_names_each()
    {
        using MemoryStream stream = new();
        using (PcapFileSink sink = new(new PcapWriter(stream, leaveOpen: true)))
        {
            using CaptureTap a = new(_wire.A, sink);
            using CaptureTap b = new(_wire.B, sink);
            a.Send([Frames.Numbered(_pool, 1)], Instant.Zero);
            PacketBuffer[] frames = new PacketBuffer[1];
            b.Receive(frames, Instant.FromSeconds(1));
            frames[0].Release();
            Assert.Equal(2, sink.FramesWritten);
            sink.Flush();
            sink.Dispose();
            sink.Add(new CapturedFrame { Interface = new CaptureInterface() });
            Assert.Equal(1, sink.Dropped);
            Assert.Null(sink.Failure);
        }

        List<CapturedPacket> read = CaptureFiles.Read(stream.ToArray()).Packets;
        Assert.Equal(["wire.A", "wire.B"], read.Select(packet => packet.Interface.Name));
    }

    [Fact]
    public void A_file_that_cannot_be_written_ends_the_capture_and_not_the_traffic()
    {
        using PcapFileSink sink = new(new PcapWriter(new FullStream()));
        using CaptureTap tap = new(_wire.A, sink);
        Assert.Equal(2, tap.Send([Frames.Numbered(_pool, 1), Frames.Numbered(_pool, 2)], Instant.Zero));
        Assert.Equal(2, sink.Dropped);
        Assert.IsType<IOException>(sink.Failure);
    }

    [Fact]
    public void Memory_keeps_the_latest_frames_within_both_limits()
    {
        CaptureInterface on = new();
        foreach ((int frames, int bytes) in new[] { (10, 1 << 20), (1000, 777), (7, 500) })
        {
            using MemoryCaptureSink sink = new(frames, bytes);
            Queue<byte[]> model = new();
            RandomSource random = RandomSource.FromSeed(3);
            long dropped = 0;
            for (int i = 0; i < 2000; i++)
            {
                byte[] data = CaptureFiles.Bytes(random.Next(120), i);
                sink.Add(CaptureFiles.Packet(on, data).ToFrame());
                model.Enqueue(data);
                while (model.Count > frames || model.Sum(kept => kept.Length) > bytes)
                {
                    model.Dequeue();
                    dropped++;
                }

                if (i % 100 == 0)
                {
                    Assert.Equal(model, sink.ToList().Select(packet => packet.Bytes));
                }
            }

            Assert.Equal(dropped, sink.Dropped);
            sink.Add(CaptureFiles.Packet(on, new byte[bytes + 1]).ToFrame());
            Assert.Equal(dropped + 1, sink.Dropped);
            Assert.Equal(model.Count, sink.Count);
        }
    }

    [Fact]
    public void Capturing_into_memory_allocates_nothing()
    {
        using MemoryCaptureSink sink = new(100, 10_000);
        using CaptureTap tap = new(_wire.A, sink);
        PacketBuffer[] frames = new PacketBuffer[1];
        byte[] template = Frames.Offloaded(_pool, false, 1, 1000, 16, 0) is var made ? made.Span.ToArray() : [];
        OffloadInfo offload = made.Offload;
        made.Release();
        void Pass()
        {
            frames[0] = Frames.From(_pool, template);
            frames[0].Offload = offload;
            tap.Send(frames, Instant.Zero);
            _wire.B.Receive(frames, Instant.Zero);
            frames[0].Release();
        }

        Pass();
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 500; i++)
            {
                Pass();
            }
        }));
    }

    private sealed class FixedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private sealed class FullStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");
    }

    private sealed class ReluctantLink : ILink
    {
        public int Room { get; set; }

        public string Name => "reluctant";

        public LinkCapabilities Capabilities { get; } = new();

        public LinkCounters Counters { get; } = new();

        public int PollDescriptor => -1;

        public Instant NextDeadline => Instant.Never;

        public Action? Readable { get; set; }

        public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
        {
            int taken = Math.Min(Room, frames.Length);
            Room -= taken;
            foreach (PacketBuffer frame in frames[..taken])
            {
                frame.Release();
            }

            return taken;
        }

        public int Receive(Span<PacketBuffer> frames, Instant now) => 0;

        public void Dispose()
        {
        }
    }
}
