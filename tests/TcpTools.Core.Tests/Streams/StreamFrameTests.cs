using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>From frames to segments: link layers, checksums, fragments, and what is strange below TCP.</summary>
public sealed class StreamFrameTests
{
    private static readonly byte[] s_macs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    public static TheoryData<int, byte[]> Links() => new()
    {
        { 1, [.. s_macs, 8, 0] },
        { 1, [.. s_macs, 0x81, 0, 0, 5, 8, 0] },
        { 1, [.. s_macs, 0x88, 0xA8, 0, 5, 0x81, 0, 0, 6, 8, 0] },
        { 1, [.. s_macs, 0, 60, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 1, [.. s_macs, 0x88, 0x64, 0x11, 0, 0, 1, 0, 50, 0, 0x21] },
        { 0, [2, 0, 0, 0] },
        { 108, [0, 0, 0, 2] },
        { 101, [] },
        { 228, [] },
        { 9, [0xFF, 3, 0, 0x21] },
        { 9, [0x21] },
        { 10, [0x50, .. s_macs, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 6, [0x10, 0x40, 1, 2, 3, 4, 5, 6, 0x87, 8, 9, 10, 11, 12, 4, 0, 0, 0, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 105, [8, 1, 0, 0, .. s_macs, 1, 2, 3, 4, 5, 6, 0, 0, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 105, [0x88, 3, 0, 0, .. s_macs, 1, 2, 3, 4, 5, 6, 0, 0, .. new byte[8], 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 127, [0, 0, 8, 0, 0, 0, 0, 0, 8, 1, 0, 0, .. s_macs, 1, 2, 3, 4, 5, 6, 0, 0, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 119, [.. new byte[144], 8, 1, 0, 0, .. s_macs, 1, 2, 3, 4, 5, 6, 0, 0, 0xAA, 0xAA, 3, 0, 0, 0, 8, 0] },
        { 113, [0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 8, 0] },
        { 276, [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Links))]
    public void Streams_are_found_behind_any_link_header(int linkType, byte[] header)
    {
        StreamRig rig = new(new TcpStreamSettings { Midstream = true });
        CaptureInterface where = new() { LinkType = (CaptureLinkType)linkType };
        byte[] packet = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 4000, 80, TcpFlags.Ack, 1, 1, "hello"u8);
        rig.Assembler.Receive(new CapturedFrame { Bytes = (byte[])[.. header, .. packet, 0, 0, 0], Interface = where, Timestamp = new CaptureTime(1_500_000_000) });
        Assert.Equal("hello", rig.ClientText);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1.5), rig.Stream!.StartTime);
    }

    [Fact]
    public void Streams_go_over_IPv6_with_extension_headers()
    {
        NetworkAddress client = NetworkAddress.Parse("fd00::1");
        NetworkAddress server = NetworkAddress.Parse("fd00::2");
        StreamRig rig = new(new TcpStreamSettings { Midstream = true });
        byte[] plain = StreamRig.Packet(client, server, 4000, 80, TcpFlags.Ack, 1, 1, "hello"u8);
        rig.Feed(plain);
        byte[] second = StreamRig.Packet(client, server, 4000, 80, TcpFlags.Ack, 6, 1, " world"u8);
        // A hop-by-hop header of 8 bytes and a destination options header of 16 between.
        byte[] extended = [.. second[..40], 60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, .. new byte[12], .. second[40..]];
        extended[6] = 0;
        extended[5] += 24;
        rig.Feed(extended);
        Assert.Equal("hello world", rig.ClientText);
        Assert.Equal("[fd00::1]:4000", rig.Stream!.Client.ToString());
        plain[^1] ^= 1;
        rig.Feed(plain);
        Assert.Equal([StreamAnomalyKind.BadTcpChecksum], rig.Kinds);
    }

    [Fact]
    public void Wrong_checksums_leave_a_segment_out_unless_the_network_is_excepted()
    {
        StreamRig rig = new StreamRig().Open();
        byte[] bad = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "abc"u8);
        bad[^1] ^= 0xFF;
        byte[] badHeader = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "abc"u8);
        badHeader[8]++;
        rig.Feed(bad);
        rig.Feed(badHeader);
        Assert.Equal([StreamAnomalyKind.BadTcpChecksum, StreamAnomalyKind.BadIPChecksum], rig.Kinds);
        Assert.Equal("", rig.ClientText);

        StreamRig off = new StreamRig(new TcpStreamSettings { Checksums = [ChecksumRule.Parse("10.0.0.0/8", verify: false)] }).Open();
        off.Feed(bad);
        Assert.Equal(3, off.ClientText.Length);

        // The first rule that fits decides.
        StreamRig partly = new StreamRig(new TcpStreamSettings
        {
            Checksums = [ChecksumRule.Parse("10.0.0.1", verify: true), ChecksumRule.Parse("10.0.0.0/8", verify: false)],
        }).Open();
        partly.Feed(bad);
        Assert.Equal("", partly.ClientText);
    }

    [Fact]
    public void What_a_card_was_to_complete_counts_as_right()
    {
        StreamRig rig = new StreamRig().Open();
        byte[] packet = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "abc"u8);
        TcpEditor editor = new(packet.AsSpan(20))
        {
            Checksum = InternetChecksum.Fold(InternetChecksum.PseudoHeader(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, packet.Length - 20)),
        };
        // A length of 0: the card was to split the segment as well.
        IPv4Editor ip = new(packet) { TotalLength = 0 };
        ip.UpdateChecksum();
        rig.Feed(packet);
        Assert.Equal("abc", rig.ClientText);
        Assert.NotEqual(0, editor.Checksum);
    }

    [Theory]
    [InlineData("0123")]
    [InlineData("3210")]
    [InlineData("20013")]
    public void Fragments_are_joined_in_front(string order)
    {
        StreamRig rig = new StreamRig().Open();
        string text = string.Concat(Enumerable.Range(0, 3000).Select(i => (char)('a' + (i % 26))));
        byte[] whole = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, System.Text.Encoding.ASCII.GetBytes(text));
        foreach (char c in order)
        {
            int at = (c - '0') * 800;
            int length = Math.Min(800, whole.Length - 20 - at);
            rig.Feed([.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, length, 77, at, at + length < whole.Length - 20), .. whole.AsSpan(20 + at, length)]);
        }

        Assert.Equal(text, rig.ClientText);
        rig.Client(3000, "on");
        Assert.EndsWith("on", rig.ClientText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("012", "")]
    [InlineData("201", "")]
    [InlineData("21100", "")]
    [InlineData("0x12", "FragmentOverlap")]
    [InlineData("2o01", "OversizedPacket")]
    [InlineData("0i12", "InvalidFragment")]
    public void Fragments_of_IPv6_are_joined_in_front(string order, string strange)
    {
        NetworkAddress client = NetworkAddress.Parse("fd00::1");
        NetworkAddress server = NetworkAddress.Parse("fd00::2");
        StreamRig rig = new(new TcpStreamSettings { Midstream = true });
        string text = string.Concat(Enumerable.Range(0, 2000).Select(i => (char)('a' + (i % 26))));
        byte[] whole = StreamRig.Packet(client, server, 4000, 80, TcpFlags.Ack, 1, 1, System.Text.Encoding.ASCII.GetBytes(text));
        byte[] Fragment(int at, int length, bool more)
        {
            byte[] data = [.. whole.Skip(40 + at).Concat(new byte[length]).Take(length)];
            // A destination options header in front of the fragment header.
            byte[] packet = [.. whole[..40], 44, 0, 1, 4, 0, 0, 0, 0, 6, 0, (byte)(at >> 8), (byte)((at & 0xF8) | (more ? 1 : 0)), 0, 0, 0, 9, .. data];
            packet[6] = 60;
            packet[4] = (byte)((packet.Length - 40) >> 8);
            packet[5] = (byte)(packet.Length - 40);
            return packet;
        }

        foreach (char c in order)
        {
            rig.Feed(c switch
            {
                'x' => Fragment(400, 160, true),
                'o' => Fragment(65528, 16, false),
                'i' => Fragment(800, 13, true),
                _ => Fragment((c - '0') * 800, Math.Min(800, whole.Length - 40 - ((c - '0') * 800)), c != '2'),
            });
        }

        Assert.Equal(strange, string.Join(',', rig.Kinds));
        if (strange != "FragmentOverlap")
        {
            Assert.Equal(text, rig.ClientText);
        }
    }

    [Theory]
    [InlineData(29, "joined")]
    [InlineData(31, "")]
    public void Fragments_wait_for_thirty_seconds(double seconds, string expected)
    {
        StreamRig rig = new StreamRig().Open();
        byte[] whole = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "joined"u8);
        rig.Feed([.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, 16, 5, 0, true), .. whole.AsSpan(20, 16)]);
        rig.Wait(seconds);
        rig.Feed([.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, whole.Length - 36, 5, 16, false), .. whole.AsSpan(36)]);
        Assert.Equal(expected, rig.ClientText);
    }

    [Fact]
    public void Strange_packets_are_told()
    {
        StreamRig rig = new();
        byte[] Fragment(int length, int offset, bool more) => [.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, length, 9, offset, more), .. new byte[length]];
        rig.Feed(Fragment(64, 65504, false));
        rig.Feed(Fragment(13, 0, true));
        rig.Feed(Fragment(80, 80, true));
        byte[] other = Fragment(80, 120, true);
        other[^1] = 9;
        rig.Feed(other);

        byte[] routed = [.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 6, 28), 131, 7, 4, 1, 2, 3, 4, 0, .. new byte[20]];
        IPv4Editor editor = new(routed) { HeaderLength = 28 };
        editor.UpdateChecksum();
        rig.Feed(routed);

        byte[] cut = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 1, 2, TcpFlags.Ack, 1, 1, "abc"u8);
        rig.Feed(cut[..30]);
        byte[] offset = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 1, 2, TcpFlags.Ack, 1, 1, "abc"u8);
        offset[32] = 0x20;
        rig.Feed(offset);
        Assert.Equal(
            [
                StreamAnomalyKind.OversizedPacket, StreamAnomalyKind.InvalidFragment, StreamAnomalyKind.FragmentOverlap,
                StreamAnomalyKind.SourceRoute, StreamAnomalyKind.BadIPHeader, StreamAnomalyKind.BadTcpHeader,
            ],
            rig.Kinds);
        Assert.All(rig.Anomalies, a => Assert.NotEmpty(a.ToString()));
    }

    [Fact]
    public void Reversed_fragments_do_not_keep_what_follows_from_being_followed()
    {
        StreamRig rig = new();
        byte[] data = new byte[100];
        rig.Feed([.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 17, 40, 5, 80, false), .. data[..40]]);
        rig.Feed([.. StreamRig.Header4(StreamRig.ClientAddress, StreamRig.ServerAddress, 17, 80, 5, 0, true), .. data[..80]]);
        rig.Open();
        rig.Client(0, "goes on");
        Assert.Equal("goes on", rig.ClientText);
    }

    [Fact]
    public void Text_that_names_no_network_is_refused()
    {
        foreach (string text in (string[])["", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "/8"])
        {
            Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => ChecksumRule.Parse(text, true)).Error);
        }

        Assert.Equal("fe80::/10 on", ChecksumRule.Parse("fe80::/10", true).ToString());
    }
}
