using System;
using TcpTools.Links;
using TcpTools.Stack;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>The way of a byte from one stack's user to the other's allocates nothing once it is under way.</summary>
public sealed class AllocationTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(65535)]
    public void Bulk_data_allocates_nothing_per_segment(int segmentationLength)
    {
        using Rig rig = new(wire: new PacketWireOptions { MaximumSegmentationLength = segmentationLength });
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[64 * 1024];
        byte[] buffer = new byte[64 * 1024];
        long received = 0;
        long goal = 0;
        Func<bool> pump = () =>
        {
            client.Write(data);
            received += server.Read(buffer);
            return received >= goal;
        };

        // Buffers grow to what the connection needs, pools fill, code is compiled.
        Move(16L << 20);
        long segments = rig.Client.Counters["TcpOutSegs"];
        Assert.Equal(0, Allocation.Least(() => Move(8L << 20)));
        Assert.True(rig.Client.Counters["TcpOutSegs"] - segments > 200);

        void Move(long bytes)
        {
            goal = received + bytes;
            Assert.True(rig.Network.RunUntil(pump, TimeSpan.FromHours(1)));
        }
    }

    [Fact]
    public void Waiting_for_data_and_for_room_allocates_nothing()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] data = new byte[64 * 1024];
        byte[] buffer = new byte[64 * 1024];
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                client.WriteAll(data, Rig.Limit);
                for (int got = 0; got < data.Length;)
                {
                    got += server.ReadSome(buffer, Rig.Limit);
                }
            }
        }));
    }

    [Fact]
    public void Questions_and_answers_allocate_nothing()
    {
        using Rig rig = new();
        (TcpSession client, TcpSession server) = rig.Establish();
        byte[] buffer = new byte[100];
        int rounds = 0;
        int goal = 0;
        bool asked = false;
        Func<bool> pump = () =>
        {
            if (!asked)
            {
                client.Write(buffer.AsSpan(0, 10));
                asked = true;
            }

            if (server.Read(buffer) is int question and > 0)
            {
                server.Write(buffer.AsSpan(0, question));
            }

            if (client.Read(buffer) > 0)
            {
                asked = false;
                rounds++;
            }

            return rounds >= goal;
        };
        Move(1000);
        Assert.Equal(0, Allocation.Least(() => Move(1000)));

        void Move(int count)
        {
            goal += count;
            Assert.True(rig.Network.RunUntil(pump, TimeSpan.FromHours(1)));
        }
    }
}
