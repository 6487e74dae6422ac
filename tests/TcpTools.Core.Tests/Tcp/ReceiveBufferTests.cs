using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Segments in any order, overlapping and contradicting each other, become one stream from bounded memory.</summary>
public class ReceiveBufferTests
{
    private const int Slab = 32;

    [Fact]
    public void It_does_what_a_byte_by_byte_model_does_across_the_wrap_of_sequence_numbers() => Moves.CheckAll(static moves =>
    {
        SlabPool pool = new(Slab);
        int capacity = 200;
        int largest = capacity;
        int ranges = 1 + moves.Next(6);
        SequenceNumber first = new(uint.MaxValue - (uint)moves.Next(300));
        ReceiveBuffer buffer = new(pool, capacity, ranges);
        ReceiveModel model = new(ranges) { Capacity = capacity };
        buffer.Start(first);
        byte content = 0;
        while (!moves.IsOver)
        {
            switch (moves.Next(8))
            {
                case 0:
                    byte[] read = new byte[moves.Next(100)];
                    int count = buffer.Read(read);
                    Assert.Equal(model.Read(read.Length), read[..count]);
                    break;
                case 1 when moves.Next(4) == 0:
                    capacity = moves.Next(500);
                    largest = Math.Max(largest, capacity);
                    buffer.Capacity = capacity;
                    model.Capacity = capacity;
                    break;
                default:
                    // From well before RCV.NXT to well beyond the window; every segment with bytes of its own.
                    long start = model.Next + moves.Next(300) - 60;
                    byte[] data = [.. Enumerable.Repeat(++content, moves.Next(90))];
                    SequenceNumber expected = first + (int)model.Next;
                    ReceiveResult result = buffer.Insert(first + (int)start, data);
                    model.Insert(start, data);
                    CheckResult(result, model, first, expected);
                    break;
            }

            CheckState(buffer, model, first);
            Assert.Equal(pool.Outstanding, buffer.SlabCount);
            Assert.True(buffer.SlabCount <= (largest / Slab) + 2);
        }

        buffer.Clear();
        Assert.Equal(0, pool.Outstanding);
    });

    [Fact]
    public void The_block_with_the_newest_segment_comes_first_and_then_the_others_by_age()
    {
        // RFC 2018, 4: the cases of its section 7, segments of 500 bytes from 5000 on.
        ReceiveBuffer buffer = Started(5000);
        SackBlock[] blocks = new SackBlock[4];
        buffer.Insert(new(5500), new byte[500]);
        buffer.Insert(new(6500), new byte[500]);
        buffer.Insert(new(7500), new byte[500]);
        Assert.Equal(3, buffer.WriteSackBlocks(blocks));
        Assert.Equal([Block(7500, 8000), Block(6500, 7000), Block(5500, 6000)], blocks[..3]);

        // The second arrives late and joins two: one block of all, first.
        buffer.Insert(new(6000), new byte[500]);
        Assert.Equal(2, buffer.WriteSackBlocks(blocks));
        Assert.Equal([Block(5500, 7000), Block(7500, 8000)], blocks[..2]);

        // Room for one only: the newest.
        Assert.Equal(1, buffer.WriteSackBlocks(blocks.AsSpan(0, 1)));
        Assert.Equal(Block(5500, 7000), blocks[0]);

        // The first arrives: what it reaches is acknowledged and no longer reported.
        Assert.Equal(2000, buffer.Insert(new(5000), new byte[500]).Advanced);
        Assert.Equal(1, buffer.WriteSackBlocks(blocks));
        Assert.Equal(Block(7500, 8000), blocks[0]);
    }

    [Theory]
    // Segment, then the duplicate to report (RFC 2883, 4). Held: 1000-2000 in order, 3000-4000 behind a gap.
    [InlineData(1500u, 500, 1500u, 2000u)] // all of it acknowledged
    [InlineData(1800u, 400, 1800u, 2000u)] // the front acknowledged, the rest new
    [InlineData(3200u, 300, 3200u, 3500u)] // all of it held behind the gap
    [InlineData(2500u, 1000, 3000u, 3500u)] // the end held
    [InlineData(3500u, 1000, 3500u, 4000u)] // the front held
    [InlineData(2500u, 2000, 3000u, 4000u)] // the middle held
    public void What_had_been_received_is_reported(uint sequence, int length, uint left, uint right)
    {
        ReceiveBuffer buffer = Started(1000);
        buffer.Insert(new(1000), new byte[1000]);
        buffer.Insert(new(3000), new byte[1000]);
        ReceiveResult result = buffer.Insert(new(sequence), new byte[length]);
        Assert.True(result.HasDuplicate);
        Assert.Equal(Block(left, right), result.Duplicate);
    }

    [Fact]
    public void Filling_a_gap_is_told_from_plain_progress()
    {
        ReceiveBuffer buffer = Started(0);
        Assert.False(buffer.Insert(new(0), new byte[100]).FilledGap);
        Assert.True(buffer.Insert(new(200), new byte[100]).IsOutOfOrder);
        ReceiveResult part = buffer.Insert(new(100), new byte[50]);
        Assert.True(part.FilledGap && part.Advanced == 50 && buffer.HasGap);
        ReceiveResult rest = buffer.Insert(new(150), new byte[50]);
        Assert.True(rest.FilledGap && rest.Advanced == 150 && !buffer.HasGap);
    }

    [Fact]
    public void A_fin_takes_a_sequence_number_and_no_room_and_what_lies_beyond_it_goes()
    {
        SlabPool pool = new(Slab);
        ReceiveBuffer buffer = new(pool, 1000, 8);
        buffer.Start(new(10));
        buffer.Insert(new(10), new byte[40]);
        buffer.Insert(new(300), new byte[200]);
        buffer.AdvanceNext(1);
        Assert.Equal(new SequenceNumber(51), buffer.Next);
        Assert.Equal((40, false, 2), (buffer.Available, buffer.HasGap, pool.Outstanding));
        Assert.Equal(40, buffer.Read(new byte[100]));
        Assert.Equal(0, pool.Outstanding);
    }

    [Fact]
    public void A_hundred_thousand_tiny_segments_out_of_order_cost_bounded_memory_and_time()
    {
        SlabPool pool = new();
        ReceiveBuffer buffer = new(pool, 1 << 20, 1024);
        buffer.Start(new(7));
        RandomSource random = RandomSource.FromSeed(1);
        Stopwatch watch = Stopwatch.StartNew();
        byte[] one = [1];
        SackBlock[] blocks = new SackBlock[4];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100_000; i++)
        {
            buffer.Insert(new SequenceNumber(8) + (2 * random.Next(500_000)), one);
            buffer.WriteSackBlocks(blocks);
        }

        Assert.Equal(1024, buffer.RangeCount);
        Assert.InRange(pool.Outstanding, 1, (1 << 20) / SlabPool.DefaultSlabSize + 2);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3 << 20);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void A_stream_with_gaps_allocates_nothing()
    {
        ReceiveBuffer buffer = new(new SlabPool(), 1 << 20, 64);
        byte[] data = new byte[1460];
        byte[] large = new byte[64_000];
        SackBlock[] blocks = new SackBlock[3];
        Assert.Equal(0, Allocation.Least(() =>
        {
            buffer.Start(new(uint.MaxValue - 500_000));
            for (int i = 0; i < 500; i++)
            {
                buffer.Insert(buffer.Next + 1460, data);
                buffer.Insert(buffer.Next + 4380, data);
                buffer.WriteSackBlocks(blocks);
                buffer.Insert(buffer.Next, data);
                buffer.Insert(buffer.Next, data);
                buffer.Insert(buffer.Next, large);
                while (buffer.Read(large) > 0)
                {
                }
            }
        }));
    }

    private static void CheckResult(in ReceiveResult result, ReceiveModel model, SequenceNumber first, SequenceNumber expected)
    {
        Assert.Equal(model.IsDropped, result.IsDropped);
        Assert.Equal(model.Stored, result.Stored);
        Assert.Equal(first + (int)model.Next - expected, result.Advanced);
        bool hasDuplicate = model.Duplicate.End > model.Duplicate.Start;
        Assert.Equal(hasDuplicate, result.HasDuplicate);
        if (hasDuplicate)
        {
            Assert.Equal(
                new SackBlock(first + (int)model.Duplicate.Start, first + (int)model.Duplicate.End), result.Duplicate);
        }
    }

    private static void CheckState(ReceiveBuffer buffer, ReceiveModel model, SequenceNumber first)
    {
        Assert.Equal(first + (int)model.Next, buffer.Next);
        Assert.Equal((model.Available, model.Window), (buffer.Available, buffer.Window));
        byte[] seen = new byte[model.Available + 10];
        Assert.Equal(model.Readable, seen[..buffer.Peek(seen, 0)]);
        int half = model.Available / 2;
        Assert.Equal(model.Readable[half..], seen[..buffer.Peek(seen, half)]);
        SackBlock[] blocks = new SackBlock[20];
        int count = buffer.WriteSackBlocks(blocks);
        IEnumerable<SackBlock> expected = model.Ranges.Select(r => new SackBlock(first + (int)r.Start, first + (int)r.End));
        Assert.Equal(expected, blocks[..count]);
        Assert.Equal((count, count > 0), (buffer.RangeCount, buffer.HasGap));
        Assert.Equal(blocks[..count].Sum(block => block.Length), buffer.OutOfOrderBytes);
    }

    private static ReceiveBuffer Started(uint next)
    {
        ReceiveBuffer buffer = new(new SlabPool(Slab), 20_000, 16);
        buffer.Start(new(next));
        return buffer;
    }

    private static SackBlock Block(uint left, uint right) => new(new(left), new(right));
}
