using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FsCheck.Fluent;
using FsCheck;
using TcpTools.Capture;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Capture;

public sealed class PcapRoundTripTests
{
    public static TheoryData<CaptureFormat, bool, bool> Variants
    {
        get
        {
            TheoryData<CaptureFormat, bool, bool> data = [];
            foreach (CaptureFormat format in new[] { CaptureFormat.PcapNg, CaptureFormat.Pcap })
            {
                foreach (bool nanoseconds in new[] { true, false })
                {
                    data.Add(format, nanoseconds, true);
                    data.Add(format, nanoseconds, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void What_is_written_is_read_back_the_same(CaptureFormat format, bool nanoseconds, bool bigEndian)
    {
        PcapWriterOptions options = new() { Format = format, Nanoseconds = nanoseconds, BigEndian = bigEndian };
        CaptureInterface[] interfaces =
        [
            new() { Name = "tun0", Description = "ours", LinkType = CaptureLinkType.Raw },
            new() { Name = "tun0", LinkType = CaptureLinkType.Raw, SnapLength = 1000 },
        ];
        Gen<CapturedPacket> packets =
            from bytes in ArbMap.Default.GeneratorFor<byte[]>()
            from seconds in Gen.Choose(0, int.MaxValue)
            from fraction in Gen.Choose(0, 999_999_999)
            from more in Gen.Choose(0, 1000)
            from direction in Gen.Elements(Enum.GetValues<FrameDirection>())
            from comment in Gen.Elements(null, "", "a remark", "ä\u4e2d")
            from one in Gen.Elements(interfaces)
            select new CapturedPacket
            {
                Interface = one,
                Bytes = bytes,
                WireLength = bytes.Length + more,
                Timestamp = new CaptureTime((seconds * 1_000_000_000L) + fraction),
                Direction = direction,
                Comment = comment,
            };
        Prop.ForAll(packets.ListOf().ToArbitrary(), list =>
        {
            (List<CapturedPacket> read, StackException? damage) = CaptureFiles.Read(CaptureFiles.Write(options, list));
            Assert.Null(damage);
            Assert.Equal(list.Count, read.Count);
            foreach ((CapturedPacket expected, CapturedPacket actual) in list.Zip(read))
            {
                long unit = nanoseconds ? 1 : 1000;
                Assert.Equal(expected.Bytes, actual.Bytes);
                Assert.Equal(expected.WireLength, actual.WireLength);
                Assert.Equal(expected.Timestamp.Nanoseconds / unit * unit, actual.Timestamp.Nanoseconds);
                Assert.Equal(CaptureLinkType.Raw, actual.Interface.LinkType);
                if (format == CaptureFormat.PcapNg)
                {
                    Assert.Equal(expected.Direction, actual.Direction);
                    Assert.Equal(expected.Comment, actual.Comment);
                    Assert.Equal(expected.Interface.Name, actual.Interface.Name);
                    Assert.Equal(expected.Interface.Description, actual.Interface.Description);
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_capture_without_frames_is_a_valid_file(CaptureFormat format, bool nanoseconds, bool bigEndian)
    {
        byte[] file = CaptureFiles.Write(new() { Format = format, Nanoseconds = nanoseconds, BigEndian = bigEndian });
        (List<CapturedPacket> packets, StackException? damage) = CaptureFiles.Read(file);
        Assert.Empty(packets);
        Assert.Null(damage);
    }

    [Theory]
    [InlineData(CaptureFormat.Pcap)]
    [InlineData(CaptureFormat.PcapNg)]
    public void A_frame_longer_than_the_snap_length_is_cut_and_keeps_its_length_on_the_wire(CaptureFormat format)
    {
        CapturedPacket packet = CaptureFiles.Packet(new CaptureInterface(), CaptureFiles.Bytes(100));
        byte[] file = CaptureFiles.Write(new() { Format = format, SnapLength = 33 }, packet);
        CapturedPacket read = Assert.Single(CaptureFiles.Read(file).Packets);
        Assert.Equal(packet.Bytes[..33], read.Bytes);
        Assert.Equal(100, read.WireLength);
        Assert.Equal(33, read.Interface.SnapLength);
    }

    [Fact]
    public void A_classic_file_refuses_a_second_link_type()
    {
        StackException error = Assert.Throws<StackException>(() => CaptureFiles.Write(
            new() { Format = CaptureFormat.Pcap },
            CaptureFiles.Packet(new() { LinkType = CaptureLinkType.Raw }, [1]),
            CaptureFiles.Packet(new() { LinkType = CaptureLinkType.Ethernet }, [1])));
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.NotEmpty(error.Advice);
    }

    [Fact]
    public void The_section_says_what_made_it_and_what_about()
    {
        byte[] file = CaptureFiles.Write(new() { Application = "a test", Comment = "of words" });
        using PcapReader reader = new(new MemoryStream(file));
        Assert.Equal("a test", reader.Application);
        Assert.Equal("of words", reader.Comment);
    }

    [Fact]
    public void Writing_and_reading_frames_allocates_nothing()
    {
        using MemoryStream stream = new(new byte[1 << 20]);
        using PcapWriter writer = new(stream, leaveOpen: true);
        CapturedPacket packet = CaptureFiles.Packet(new CaptureInterface(), CaptureFiles.Bytes(1500), 5, FrameDirection.Incoming);
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                writer.Write(packet.ToFrame());
            }
        }));
        stream.SetLength(stream.Position);
        stream.Position = 0;
        using PcapReader reader = new(stream);
        Assert.True(reader.TryRead(out _));
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 20; i++)
            {
                Assert.True(reader.TryRead(out CapturedFrame _));
            }
        }));
    }

    [Fact]
    public void Times_convert_to_the_calendar_and_back()
    {
        DateTimeOffset time = new(2024, 2, 29, 23, 59, 58, TimeSpan.FromHours(2));
        CaptureTime capture = CaptureTime.From(time);
        Assert.Equal(time.ToUniversalTime(), capture.ToDateTimeOffset());
        Assert.Equal("2024-02-29T21:59:58.000000042Z", new CaptureTime(capture.Nanoseconds + 42).ToString());
    }
}
