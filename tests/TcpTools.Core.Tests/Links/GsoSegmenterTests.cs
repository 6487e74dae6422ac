using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Buffers;
using TcpTools.Links;
using Xunit;

namespace TcpTools.Tests.Links;

public sealed class GsoSegmenterTests
{
    private const byte Fin = 1;
    private const byte Psh = 8;
    private const byte Ack = 16;
    private const byte Cwr = 128;

    private readonly PacketBufferPool _pool = new();

    [Fact]
    public void Packets_are_byte_for_byte_what_a_sender_without_offload_would_have_sent()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<bool>(),
            Gen.Choose(0, 20000).ToArbitrary(),
            Gen.Choose(1, 9000).ToArbitrary(),
            (isIPv6, payload, size) =>
            {
                size = Math.Max(size, payload / 500);
                uint start = uint.MaxValue - 3000;
                byte flags = Ack | Psh | Fin | Cwr;
                PacketBuffer frame = Frames.Offloaded(_pool, isIPv6, start, payload, flags, size);
                List<byte[]> packets = Split(frame, LinkMedium.IP);
                int count = Math.Max(1, (payload + size - 1) / size);
                Assert.Equal(count, packets.Count);
                for (int i = 0; i < count; i++)
                {
                    byte expectedFlags = Ack;
                    expectedFlags |= i == 0 ? Cwr : (byte)0;
                    expectedFlags |= i == count - 1 ? (byte)(Psh | Fin) : (byte)0;
                    byte[] expected = Frames.Tcp(
                        isIPv6,
                        start + (uint)(i * size),
                        Math.Min(size, payload - (i * size)),
                        expectedFlags,
                        (ushort)(0x1234 + i));
                    Assert.Equal(expected, packets[i]);
                    Assert.True(Frames.HasGoodChecksums(packets[i]));
                }
            }).QuickCheckThrowOnFailure();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public void Ethernet_headers_and_tags_are_repeated_in_front_of_every_packet(bool isIPv6, int tags)
    {
        PacketBuffer frame = Frames.Offloaded(_pool, isIPv6, 5, 4000, Ack, 1400);
        byte[] link = new byte[14 + (4 * tags)];
        for (int i = 0; i < tags; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(link.AsSpan(12 + (4 * i)), 0x8100);
            link[15 + (4 * i)] = 42;
        }

        BinaryPrimitives.WriteUInt16BigEndian(link.AsSpan(link.Length - 2), (ushort)(isIPv6 ? 0x86DD : 0x0800));
        link.CopyTo(frame.Push(link.Length));
        frame.Offload.ChecksumStart += (ushort)link.Length;
        frame.Offload.HeaderLength += (ushort)link.Length;
        List<byte[]> packets = Split(frame, LinkMedium.Ethernet);
        Assert.Equal(3, packets.Count);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(link, packets[i].AsSpan(0, link.Length).ToArray());
            byte[] expected = Frames.Tcp(
                isIPv6, 5 + (uint)(1400 * i), Math.Min(1400, 4000 - (1400 * i)), Ack, (ushort)(0x1234 + i));
            Assert.Equal(expected, packets[i].AsSpan(link.Length).ToArray());
        }
    }

    [Fact]
    public void An_open_checksum_is_completed_to_what_the_sender_would_have_computed()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<bool>(),
            Gen.Choose(0, 3000).ToArbitrary(),
            ArbMap.Default.ArbFor<uint>(),
            (isIPv6, payload, sequence) =>
            {
                PacketBuffer frame = Frames.Offloaded(_pool, isIPv6, sequence, payload, Ack, 0);
                Assert.True(GsoSegmenter.TryCompleteChecksum(frame));
                Assert.False(frame.Offload.NeedsChecksum);
                Assert.True(frame.Offload.ChecksumVerified);
                Assert.Equal(Frames.Tcp(isIPv6, sequence, payload, Ack), frame.Span.ToArray());
                frame.Release();
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_UDP_checksum_of_zero_becomes_all_ones()
    {
        // RFC 768: "If the computed checksum is zero, it is transmitted as all ones". The words sum to 0xFFFF here.
        byte[] datagram = [0x12, 0x34, 0, 9, 0, 10, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(8), (ushort)(0xFFFF - Frames.Sum(datagram)));
        OffloadInfo offload = new() { NeedsChecksum = true, ChecksumStart = 0, ChecksumOffset = 6 };
        Assert.True(GsoSegmenter.TryCompleteChecksum(datagram, in offload));
        Assert.Equal(0xFFFF, BinaryPrimitives.ReadUInt16BigEndian(datagram.AsSpan(6)));
    }

    [Fact]
    public void Facts_that_do_not_fit_the_frame_are_reported_and_never_thrown()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<(ushort, ushort, ushort, ushort, bool, bool)>(),
            (bytes, facts) =>
            {
                (ushort start, ushort offset, ushort size, ushort header, bool isIPv6, bool isSmall) = facts;
                OffloadInfo offload = new()
                {
                    NeedsChecksum = true,
                    ChecksumStart = (ushort)(isSmall ? start % 64 : start),
                    ChecksumOffset = isSmall ? (ushort)16 : offset,
                    Segmentation = isIPv6 ? SegmentationKind.TcpIPv6 : SegmentationKind.TcpIPv4,
                    SegmentSize = size,
                    HeaderLength = header,
                };
                foreach (LinkMedium medium in Enum.GetValues<LinkMedium>())
                {
                    byte[] padded = new byte[bytes.Length + 40];
                    bytes.CopyTo(padded, 0);
                    padded[0] = isIPv6 ? (byte)0x60 : (byte)0x45;
                    GsoSegmenter segments = new(padded, in offload, medium);
                    int total = 0;
                    while (segments.TryNext(_pool, out PacketBuffer? packet))
                    {
                        total++;
                        packet.Release();
                    }

                    Assert.Equal(segments.Count, total);
                    GsoSegmenter.TryCompleteChecksum(padded, in offload);
                    Assert.False(new GsoSegmenter([], in offload, medium).IsValid);
                }
            }).QuickCheckThrowOnFailure();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Splitting_allocates_nothing()
    {
        PacketBuffer frame = Frames.Offloaded(_pool, false, 5, 60000, Ack, 1400);
        void Run()
        {
            GsoSegmenter segments = new(frame.Span, in frame.Offload, LinkMedium.IP);
            while (segments.TryNext(_pool, out PacketBuffer? packet))
            {
                packet.Release();
            }
        }

        Run();
        Assert.Equal(0, Allocation.Least(() =>
        {
            Run();
        }));
    }

    private List<byte[]> Split(PacketBuffer frame, LinkMedium medium)
    {
        List<byte[]> packets = [];
        GsoSegmenter segments = new(frame.Span, in frame.Offload, medium);
        while (segments.TryNext(_pool, out PacketBuffer? packet))
        {
            packets.Add(packet.Span.ToArray());
            packet.Release();
        }

        frame.Release();
        return packets;
    }
}
