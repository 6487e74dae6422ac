using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Fragments in, datagrams out (RFC 791, 3.2; RFC 815; RFC 1122, 3.3.2), and what it costs to send nonsense.</summary>
public sealed class ReassemblyTests
{
    private const byte Protocol = IPProtocol.Udp;

    private static List<byte[]> Fragments(byte[] payload, int size = 800, ushort id = 0x1234) =>
        TestPacket.Fragments(IPHost.Peer, IPHost.Me, Protocol, payload, size, id);

    private static byte[] Fragment(int offset, int length, bool more, byte fill = 0x55, ushort id = 0x1234) =>
        TestPacket.IPv4(
            IPHost.Peer, IPHost.Me, Protocol, [.. Enumerable.Repeat(fill, length)], id, offset, more);

    public static TheoryData<string> Orders()
    {
        var data = new TheoryData<string>();
        foreach (string order in Permute("0123"))
        {
            data.Add(order);
        }

        // Seed defect 11 and the orders of others' tests: repeats of any fragment, early and late.
        foreach (string order in (string[])["00123", "32103210", "3333012", "01230", "2101230", "0022113"])
        {
            data.Add(order);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void Fragments_are_reassembled_in_any_order_and_repeated(string order)
    {
        var host = new IPHost();
        byte[] payload = TestPacket.Pattern(3001);
        List<byte[]> fragments = Fragments(payload);
        foreach (char c in order)
        {
            host.Receive(fragments[c - '0']);
        }

        Delivery got = host.Delivered[0];
        Assert.Equal(payload, got.Payload);
        Assert.True(got.IsReassembled);
        var header = new IPv4View([.. got.Header, .. got.Payload]);
        Assert.True(header.IsValid && header.IsChecksumValid && !header.IsFragment);
        Assert.All(host.Delivered, d => Assert.Equal(payload, d.Payload));
    }

    [Fact]
    public void The_stack_goes_on_after_reversed_fragments()
    {
        // Seed defect 14: another implementation's receive loop ended here.
        var host = new IPHost();
        List<byte[]> fragments = Fragments(TestPacket.Pattern(3001));
        fragments.Reverse();
        fragments.ForEach(f => host.Receive(f));
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, Protocol, [1, 2, 3]));
        Assert.Equal([3001, 3], host.Delivered.Select(d => d.Payload.Length));
        host.AssertAlive();
    }

    [Fact]
    public void Datagrams_that_differ_in_source_protocol_or_identification_are_kept_apart()
    {
        var host = new IPHost();
        byte[] a = TestPacket.Pattern(1600);
        byte[] b = [.. a.Select(x => (byte)~x)];
        (NetworkAddress Source, byte Protocol, ushort Id, byte[] Payload)[] all =
        [
            (IPHost.Peer, 17, 1, a), (IPHost.Peer, 17, 2, b), (IPHost.Peer, 6, 1, b), (IPHost.Far, 17, 1, b),
        ];
        var fragments = all.Select(x => TestPacket.Fragments(x.Source, IPHost.Me, x.Protocol, x.Payload, 800, x.Id)).ToList();
        for (int i = 0; i < 2; i++)
        {
            fragments.ForEach(f => host.Receive(f[i]));
        }

        Assert.Equal(all.Select(x => x.Payload), host.Delivered.Select(d => d.Payload));
    }

    [Fact]
    public void The_header_of_the_whole_is_that_of_the_first_fragment()
    {
        var host = new IPHost();
        List<byte[]> fragments = TestPacket.Fragments(
            IPHost.Peer, IPHost.Me, Protocol, TestPacket.Pattern(1000), 504, options: [148, 4, 0, 0]);
        fragments.Reverse();
        fragments.ForEach(f => host.Receive(f));
        Delivery got = Assert.Single(host.Delivered);
        Assert.Equal([148, 4, 0, 0], got.Header[20..]);
        Assert.Equal(TestPacket.Pattern(1000), got.Payload);
    }

    [Fact]
    public void The_largest_datagram_there_is_can_be_reassembled_from_the_smallest_fragments_of_a_legal_link()
    {
        var host = new IPHost();
        byte[] payload = TestPacket.Pattern(65515);
        List<byte[]> fragments = Fragments(payload, 48);
        Assert.Equal(1365, fragments.Count);
        fragments.Reverse();
        fragments.ForEach(f => host.Receive(f));
        Assert.Equal(payload, Assert.Single(host.Delivered).Payload);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Theory]
    [InlineData(29.999, true)]
    [InlineData(30.0, false)]
    [InlineData(31.0, false)]
    public void A_datagram_waits_thirty_seconds_for_its_rest(double pause, bool completes)
    {
        var host = new IPHost();
        List<byte[]> fragments = Fragments(TestPacket.Pattern(1600));
        host.Receive(fragments[0]);
        Assert.Equal(host.Now + TimeSpan.FromSeconds(30), host.Layer.NextDeadline);
        host.Advance(pause);
        host.Receive(fragments[1]);
        Assert.Equal(completes ? 1 : 0, host.Delivered.Count);
        Assert.Equal(completes ? 0 : 1, host.Counters.ReasmTimeout);
        Assert.Equal(completes ? 0 : 1, host.Sent.Count);
    }

    [Fact]
    public void A_late_timer_does_not_mix_datagrams_with_the_same_identification()
    {
        var host = new IPHost();
        host.Receive(Fragments(TestPacket.Pattern(1600))[0]);
        host.Now += TimeSpan.FromSeconds(40);
        host.Receive(Fragments(new byte[1600])[1]);
        Assert.Empty(host.Delivered);
        host.Receive(Fragments(new byte[1600])[0]);
        Assert.Equal(new byte[1600], Assert.Single(host.Delivered).Payload);
    }

    [Fact]
    public void Later_fragments_do_not_prolong_the_wait()
    {
        var host = new IPHost();
        List<byte[]> fragments = Fragments(TestPacket.Pattern(2400));
        host.Receive(fragments[0]);
        host.Advance(29);
        host.Receive(fragments[1]);
        host.Advance(2);
        host.Receive(fragments[2]);
        Assert.Empty(host.Delivered);
        Assert.Equal(1, host.Counters.ReasmTimeout);
    }

    [Fact]
    public void Time_exceeded_is_sent_only_when_the_first_fragment_came_and_quotes_it()
    {
        var host = new IPHost();
        List<byte[]> fragments = Fragments(TestPacket.Pattern(1600));
        host.Receive(fragments[1]);
        host.Advance(30);
        Assert.Empty(host.Sent);
        host.Receive(fragments[0]);
        host.Advance(30);
        byte[] packet = host.TakeSent();
        var error = new Icmpv4View(new IPv4View(packet).Payload);
        Assert.Equal((IcmpType.TimeExceeded, IcmpCode.ReassemblyTimeExceeded), (error.Type, error.Code));
        Assert.Equal(fragments[0][..548], error.Payload.ToArray());
        Assert.Equal(576, packet.Length);
        Assert.Equal(0, host.Pool.Outstanding);
        Assert.True(host.Layer.NextDeadline.IsNever);
    }

    [Fact]
    public void Several_last_fragments_are_judged_by_the_first_of_them()
    {
        // All with MF, then two that claim to be the last: no end fits both.
        foreach (FragmentOverlapPolicy policy in Enum.GetValues<FragmentOverlapPolicy>())
        {
            var host = new IPHost(new IPSettings { OverlapPolicy = policy });
            host.Receive(Fragment(16, 8, more: false));
            host.Receive(Fragment(24, 8, more: false));
            host.Receive(Fragment(0, 8, more: true));
            host.Receive(Fragment(8, 8, more: true));
            Assert.Equal(policy == FragmentOverlapPolicy.Drop ? 0 : 1, host.Delivered.Count);
            Assert.All(host.Delivered, d => Assert.Equal(24, d.Payload.Length));
            host.AssertAlive();
        }
    }

    [Fact]
    public void A_datagram_with_no_last_fragment_is_never_whole()
    {
        var host = new IPHost();
        for (int i = 0; i < 3; i++)
        {
            host.Receive(Fragment(i * 8, 8, more: true));
        }

        Assert.Empty(host.Delivered);
        host.Receive(Fragment(24, 1, more: false));
        Assert.Single(host.Delivered);
    }

    [Theory]
    [InlineData("teardrop: the second lies within the first")]
    [InlineData("bonk: the second begins beyond what follows")]
    [InlineData("nestea: a hole, then overlap at the end")]
    [InlineData("one byte of overlap")]
    [InlineData("same place, other bytes")]
    public void Overlapping_fragments_end_the_datagram_and_nothing_else(string attack)
    {
        var host = new IPHost();
        List<byte[]> packets = attack[..4] switch
        {
            "tear" => [Fragment(0, 40, true), Fragment(24, 4, false)],
            "bonk" => [Fragment(0, 32, true), Fragment(24, 32, false, 0x66)],
            "nest" => [Fragment(0, 16, true), Fragment(48, 200, false), Fragment(24, 32, true, 0x66)],
            "one " => [Fragment(0, 8, true), Fragment(8, 8, true), Fragment(16, 9, true), Fragment(8, 9, false)],
            _ => [Fragment(0, 8, true, 1), Fragment(0, 8, true, 2), Fragment(8, 8, false, 3)],
        };
        packets.ForEach(p => host.Receive(p));
        Assert.Empty(host.Delivered);
        Assert.True(host.Counters.ReasmFails > 0);
        host.AssertAlive();
    }

    [Theory]
    [InlineData(65528, 8, false)] // ends at 65,536: the ping of death
    [InlineData(65528, 1400, false)]
    [InlineData(65512, 8, true)]
    [InlineData(65512, 4, false)] // fits 65,516 of data, but not the header before them
    public void A_fragment_that_ends_beyond_the_longest_packet_is_refused(int offset, int length, bool more)
    {
        var host = new IPHost();
        host.Receive(Fragment(0, 8, true));
        host.Receive(Fragment(offset, length, more));
        Assert.Equal(1, host.Counters.ReasmFails);
        host.Receive(Fragment(8, 8, false));
        Assert.Equal(16, Assert.Single(host.Delivered).Payload.Length);
    }

    [Fact]
    public void Options_in_the_first_fragment_alone_cannot_make_the_whole_too_long()
    {
        var host = new IPHost();
        byte[] last = Fragment(65504, 11, more: false);
        host.Receive(last);
        for (int offset = 65504 - 8; offset > 0; offset -= 8 * 1024)
        {
            int start = Math.Max(8, offset - (8 * 1023));
            host.Receive(Fragment(start, offset + 8 - start, more: true));
        }

        byte[] first = TestPacket.IPv4(
            IPHost.Peer, IPHost.Me, Protocol, new byte[8], offset: 0, more: true, options: [148, 4, 0, 0]);
        host.Receive(first);
        Assert.Empty(host.Delivered);
        Assert.Equal(0, host.Layer.IncompleteDatagrams);
        host.AssertAlive();
    }

    [Theory]
    [InlineData(0, true)] // no data at all
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(12, true)] // offsets count in eights: nothing could follow
    public void A_fragment_of_a_length_that_cannot_be_is_refused(int length, bool more)
    {
        var host = new IPHost();
        host.Receive(Fragment(8, length, more));
        Assert.Equal(1, host.Counters.ReasmFails);
        Assert.Equal(0, host.Layer.IncompleteDatagrams);
        host.AssertAlive();
    }

    [Fact]
    public void A_flood_of_first_fragments_holds_bounded_memory_and_new_datagrams_still_pass()
    {
        var settings = new IPSettings { ReassemblyHighWatermark = 1024 * 1024, ReassemblyLowWatermark = 768 * 1024 };
        var host = new IPHost(settings);
        for (int i = 0; i < 20_000; i++)
        {
            host.Receive(Fragment(i % 2 == 0 ? 0 : 60000, 8, more: true, id: (ushort)i));
            Assert.True(host.Layer.ReassemblyBytes <= settings.ReassemblyHighWatermark);
            Assert.True(host.Layer.IncompleteDatagrams <= settings.MaximumIncompleteDatagrams);
        }

        byte[] payload = TestPacket.Pattern(3000);
        List<byte[]> good = TestPacket.Fragments(IPHost.Far, IPHost.Me, Protocol, payload, 800);
        good.ForEach(f => host.Receive(f));
        Assert.Equal(payload, Assert.Single(host.Delivered).Payload);
        host.AssertAlive();
        host.Layer.Clear();
        Assert.Equal((0, 0L, 0), (host.Pool.Outstanding, host.Layer.ReassemblyBytes, host.Layer.IncompleteDatagrams));
    }

    [Fact]
    public void The_number_of_incomplete_datagrams_is_bounded_and_the_oldest_goes()
    {
        var host = new IPHost(new IPSettings { MaximumIncompleteDatagrams = 3 });
        for (ushort id = 1; id <= 4; id++)
        {
            host.Receive(Fragment(0, 8, true, id: id));
        }

        Assert.Equal(3, host.Layer.IncompleteDatagrams);
        host.Receive(Fragment(8, 8, false, id: 1));
        Assert.Empty(host.Delivered);
        host.Receive(Fragment(8, 8, false, id: 4));
        Assert.Single(host.Delivered);
    }

    [Theory]
    [InlineData(711, true)]
    [InlineData(712, true)]
    [InlineData(713, false)]
    public void A_datagram_may_come_in_so_many_fragments_and_no_more(int count, bool completes)
    {
        // The shape of an old kernel's limit: 650 + 1 + 61 tiny fragments pass, one more does not.
        var host = new IPHost(new IPSettings { MaximumFragments = 712 });
        for (int i = 0; i < count; i++)
        {
            host.Receive(Fragment(i * 8, 8, more: i < count - 1));
        }

        Assert.Equal(completes ? 1 : 0, host.Delivered.Count);
        host.AssertAlive();
    }

    [Fact]
    public void A_buffer_larger_than_the_limit_is_never_taken()
    {
        var host = new IPHost(new IPSettings { ReassemblyHighWatermark = 10_000, ReassemblyLowWatermark = 5_000 });
        host.Receive(Fragment(8000, 8, more: true));
        Assert.Equal(0, host.Layer.IncompleteDatagrams);
        Fragments(TestPacket.Pattern(1000)).ForEach(f => host.Receive(f));
        Assert.Single(host.Delivered);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 2, 2)]
    [InlineData(2, 3, 3)] // one packet met congestion: so did the datagram
    [InlineData(3, 1, 3)]
    [InlineData(0, 3, -1)] // a mark on what cannot be marked: dropped
    public void Congestion_marks_of_the_fragments_come_together(byte first, byte second, int expected)
    {
        var host = new IPHost();
        List<byte[]> fragments = Fragments(TestPacket.Pattern(1600));
        host.Receive(TestPacket.With(fragments[0], p => p[1] = (byte)(0xB8 | first)));
        host.Receive(TestPacket.With(fragments[1], p => p[1] = (byte)(0xB8 | second)));
        if (expected < 0)
        {
            Assert.Empty(host.Delivered);
        }
        else
        {
            Delivery got = Assert.Single(host.Delivered);
            Assert.Equal(0xB8 | expected, got.TypeOfService);
            Assert.True(new IPv4View([.. got.Header, .. got.Payload]).IsChecksumValid);
        }
    }

    [Fact]
    public void A_reassembled_datagram_must_be_verified_by_its_transport()
    {
        var host = new IPHost();
        foreach (byte[] fragment in Fragments(TestPacket.Pattern(1600)))
        {
            host.Receive(fragment, new TcpTools.Buffers.OffloadInfo { ChecksumVerified = true });
        }

        Assert.False(Assert.Single(host.Delivered).IsChecksumTrusted);
    }

    [Fact]
    public void Two_datagrams_with_one_identification_interleaved_never_make_a_mixture()
    {
        // F1(P), a whole P' with the same identification, F2(P): P' is no fragment and does not disturb.
        var host = new IPHost();
        byte[] payload = TestPacket.Pattern(1600);
        List<byte[]> fragments = Fragments(payload);
        host.Receive(fragments[0]);
        host.Receive(TestPacket.IPv4(IPHost.Peer, IPHost.Me, Protocol, [7], id: 0x1234));
        host.Receive(fragments[1]);
        Assert.Equal([[7], payload], host.Delivered.Select(d => d.Payload));
    }

    [Fact]
    public void Counters_tell_the_story()
    {
        var host = new IPHost();
        Fragments(TestPacket.Pattern(2400)).ForEach(f => host.Receive(f));
        host.Receive(Fragment(0, 8, true, id: 9));
        host.Receive(Fragment(0, 16, true, 1, id: 9));
        Assert.Equal((5L, 1L, 1L, 1L), (host.Counters.ReasmReqds, host.Counters.ReasmOKs, host.Counters.ReasmFails, host.Counters.ReasmOverlaps));
    }

    private static IEnumerable<string> Permute(string text) => text.Length < 2
        ? [text]
        : text.SelectMany((c, i) => Permute(text.Remove(i, 1)).Select(rest => c + rest));
}
