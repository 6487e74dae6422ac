using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>Packets of bytes that were seen: taken apart late, with what is known beside the bytes.</summary>
public sealed class CapturedPacketTests
{
    [Fact]
    public void A_packet_of_bytes_is_the_parsed_one_whenever_it_is_looked_at()
    {
        foreach ((byte[] bytes, PacketStart start) in SampleFrames.Packets.Select(bytes => (bytes, PacketStart.IP))
            .Concat(SampleFrames.Frames.Select(bytes => (bytes, PacketStart.Ethernet))))
        {
            Packet late = Packet.FromFrame(bytes, start);
            Packet early = Packet.Parse(bytes, start);
            Assert.Equal(start, late.Start);
            Assert.Equal(bytes, late.ToBytes());
            Assert.Equal(bytes, late.AsMemory().ToArray());
            Assert.Equal(bytes.Length, late.WireLength);
            Assert.Equal(early.Anomalies, late.Anomalies);
            Assert.Equal(early.ToString(), late.ToString());
            Assert.Equal(early.Layers.Select(layer => layer.ToString()), late.Layers.Select(layer => layer.ToString()));
            Assert.Equal(bytes, late.ToBytes());
            Assert.Equal(bytes, late.AsMemory().ToArray());
        }
    }

    [Fact]
    public void Bytes_given_out_and_copies_made_do_not_change_with_the_packet()
    {
        byte[] bytes = SampleFrames.Packets[0].ToArray();
        Packet packet = Packet.FromFrame([.. bytes]);
        Packet copy = packet.Copy();
        packet.ToBytes()[0] ^= 0xFF;
        packet.IP!.TimeToLive ^= 0xFF;
        Assert.NotEqual(bytes, packet.ToBytes());
        Assert.Equal(bytes, copy.ToBytes());
        copy.Layers.Clear();
        Assert.Empty(copy.ToBytes());
        Assert.NotEmpty(packet.ToBytes());
    }

    [Fact]
    public void What_is_known_of_a_packet_goes_with_its_copy()
    {
        Packet packet = Packet.FromFrame(SampleFrames.Packets[0]);
        packet.TimestampNanoseconds = 1_700_000_000_123_456_789;
        packet.Interface = "eth0";
        packet.Direction = FrameDirection.Outgoing;
        packet.Comment = "look";
        packet.Number = 7;
        packet.WireLength = 9000;
        Packet copy = packet.Copy();
        Assert.Equal(1_700_000_000_123_456_789, copy.TimestampNanoseconds);
        Assert.Equal(("eth0", FrameDirection.Outgoing, "look", 7L, 9000),
            (copy.Interface, copy.Direction, copy.Comment, copy.Number, copy.WireLength));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1_700_000_000_123_456_789)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue + 1000)]
    public void Nanoseconds_survive_beside_the_coarser_calendar(long nanoseconds)
    {
        Packet packet = new() { TimestampNanoseconds = nanoseconds };
        if (Math.Abs(nanoseconds) < long.MaxValue - 1000)
        {
            Assert.Equal(nanoseconds, packet.TimestampNanoseconds);
        }

        Assert.InRange(packet.Timestamp!.Value.Year, 1677, 2262);
        packet.Timestamp = DateTimeOffset.MaxValue;
        Assert.True(packet.TimestampNanoseconds > 0);
        packet.Timestamp = null;
        Assert.Null(packet.TimestampNanoseconds);
    }
}
