using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Written bytes come out as they went in, from memory that is bounded and returned.</summary>
public class SendBufferTests
{
    private const int Slab = 32;

    [Fact]
    public void It_holds_what_a_plain_list_of_bytes_would_hold() => Moves.CheckAll(static moves =>
    {
        SlabPool pool = new(Slab);
        SendBuffer buffer = new(pool, 100);
        List<byte> model = [];
        byte next = 0;
        while (!moves.IsOver)
        {
            switch (moves.Next(5))
            {
                case 0 or 1:
                    byte[] data = [.. Enumerable.Range(0, moves.Next(150)).Select(_ => next++)];
                    int taken = buffer.Append(data);
                    Assert.Equal(Math.Min(data.Length, Math.Max(0, buffer.Capacity - model.Count)), taken);
                    model.AddRange(data[..taken]);
                    next = (byte)(next - data.Length + taken);
                    break;
                case 2:
                    int discarded = moves.Next(120);
                    buffer.Discard(discarded);
                    model.RemoveRange(0, Math.Min(discarded, model.Count));
                    break;
                case 3:
                    CheckPeek(buffer, model, moves.Next(200), moves.Next(200));
                    break;
                default:
                    buffer.Capacity = moves.Next(400);
                    break;
            }

            Assert.Equal(model.Count, buffer.Count);
            Assert.Equal(Math.Max(0, buffer.Capacity - model.Count), buffer.Free);
            Assert.Equal(pool.Outstanding, buffer.SlabCount);
            Assert.InRange(buffer.SlabCount, model.Count == 0 ? 0 : 1, model.Count == 0 ? 0 : (model.Count / Slab) + 2);
        }

        for (int offset = 0; offset < model.Count; offset++)
        {
            CheckPeek(buffer, model, offset, 1);
        }

        buffer.Clear();
        Assert.Equal((0, 0), (buffer.Count, pool.Outstanding));
    });

    [Fact]
    public void The_largest_packet_lies_in_two_places_at_most()
    {
        SlabPool pool = new();
        SendBuffer buffer = new(pool, 1 << 20);
        buffer.Append(new byte[1 << 20]);
        for (int offset = 0; offset < 200_000; offset += 977)
        {
            buffer.Peek(offset, 65535, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest);
            Assert.Equal(65535, first.Length + rest.Length);
        }
    }

    [Theory]
    [InlineData(-5, -5)]
    [InlineData(3, int.MaxValue)]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MinValue, int.MaxValue)]
    public void A_stretch_that_is_not_there_is_cut_and_does_not_throw(int offset, int length)
    {
        SendBuffer buffer = new(new SlabPool(Slab), 100);
        buffer.Append(new byte[10]);
        buffer.Peek(offset, length, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest);
        Assert.InRange(first.Length + rest.Length, 0, 10);
        buffer.Discard(-1);
        Assert.Equal(10, buffer.Count);
        buffer.Discard(int.MaxValue);
        Assert.Equal(0, buffer.Count);
    }

    [Fact]
    public void A_stream_that_flows_allocates_nothing()
    {
        SlabPool pool = new();
        SendBuffer buffer = new(pool, 400_000);
        byte[] data = new byte[50_000];
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                buffer.Append(data);
                buffer.Append(data);
                buffer.Peek(20_000, 60_000, out _, out _);
                buffer.Discard(i % 10 == 9 ? 400_000 : 90_000);
            }
        }));
    }

    private static void CheckPeek(SendBuffer buffer, List<byte> model, int offset, int length)
    {
        buffer.Peek(offset, length, out ReadOnlySpan<byte> first, out ReadOnlySpan<byte> rest);
        byte[] seen = [.. first, .. rest];
        byte[] held = [.. model.Skip(offset).Take(length)];
        Assert.Equal(held[..seen.Length], seen);
        Assert.True(seen.Length >= Math.Min(held.Length, Slab + 1));
    }
}
