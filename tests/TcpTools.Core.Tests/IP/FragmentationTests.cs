using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Datagrams larger than the link (RFC 791, 3.2).</summary>
public sealed class FragmentationTests
{
    private static readonly byte[] Options =
    [
        7, 7, 4, 0, 0, 0, 0, // record route: first fragment only
        148, 4, 0, 0, // router alert: copied
        1, // no operation: first only
        0x9E, 5, 1, 2, 3, // experiment, copied flag set
    ];

    [Theory]
    [InlineData(1500, 1480, 1)]
    [InlineData(1500, 1481, 2)]
    [InlineData(1500, 65515, 45)]
    [InlineData(576, 4000, 8)]
    [InlineData(68, 100, 3)]
    [InlineData(1003, 5000, 6)]
    public void Fragments_fit_the_link_and_make_up_the_whole(int mtu, int length, int count)
    {
        var host = new IPHost(new IPSettings { Mtu = mtu });
        byte[] payload = TestPacket.Pattern(length);
        Assert.True(host.Send(payload, new IPSendOptions { Destination = IPHost.Peer, Protocol = 17, TypeOfService = 8 }));
        Assert.Equal(count, host.Sent.Count);
        byte[] whole = new byte[length];
        int expected = 0;
        HashSet<ushort> ids = [];
        for (int i = 0; i < count; i++)
        {
            var fragment = new IPv4View(host.Sent[i]);
            Assert.True(fragment.IsValid && fragment.IsChecksumValid);
            Assert.True(host.Sent[i].Length <= mtu);
            Assert.Equal(expected, fragment.FragmentOffset);
            Assert.Equal(i < count - 1, fragment.MoreFragments);
            Assert.Equal((false, (byte)8, (byte)17), (fragment.DontFragment, fragment.TypeOfService, fragment.Protocol));
            Assert.True(i == count - 1 || fragment.Payload.Length % 8 == 0);
            fragment.Payload.CopyTo(whole.AsSpan(expected));
            expected += fragment.Payload.Length;
            ids.Add(fragment.Identification);
        }

        Assert.Equal(payload, whole);
        Assert.Single(ids);
        Assert.Equal(0, host.Pool.Outstanding);
        Assert.Equal(count == 1 ? 0 : count, host.Counters.FragCreates);
        Assert.Equal(count == 1 ? 0 : 1, host.Counters.FragOKs);
    }

    [Fact]
    public void Only_options_with_the_copied_flag_are_in_every_fragment()
    {
        var host = new IPHost(new IPSettings { Mtu = 200 });
        host.Send(TestPacket.Pattern(500), new IPSendOptions { Destination = IPHost.Peer, Protocol = 17, Options = Options });
        Assert.Equal([.. Options, 0, 0, 0], new IPv4View(host.Sent[0]).Options.ToArray());
        Assert.All(
            host.Sent.Skip(1),
            f => Assert.Equal([148, 4, 0, 0, 0x9E, 5, 1, 2, 3, 0, 0, 0], new IPv4View(f).Options.ToArray()));
        Assert.All(host.Sent, f => Assert.True(new IPv4View(f).IsChecksumValid && f.Length <= 200));
        Assert.Equal(TestPacket.Pattern(500), host.Sent.SelectMany(f => new IPv4View(f).Payload.ToArray()));
    }

    [Fact]
    public void What_must_not_be_fragmented_and_does_not_fit_is_not_sent()
    {
        var host = new IPHost();
        var options = new IPSendOptions { Destination = IPHost.Peer, Protocol = 6, DontFragment = true };
        Assert.True(host.Send(new byte[1480], options));
        Assert.False(host.Send(new byte[1481], options));
        Assert.Equal(1, host.Counters.FragFails);
        Assert.Equal(0, host.Pool.Outstanding);
    }

    [Theory]
    [InlineData((byte)17, 6)]
    [InlineData((byte)6, 16)]
    public void A_checksum_left_to_the_device_is_computed_before_the_cut(byte protocol, int field)
    {
        var host = new IPHost(new IPSettings { Mtu = 576 });
        byte[] payload = TestPacket.Pattern(2001);
        ushort partial = InternetChecksum.Fold(InternetChecksum.PseudoHeader(IPHost.Me, IPHost.Peer, protocol, payload.Length));
        payload[field] = (byte)(partial >> 8);
        payload[field + 1] = (byte)partial;
        host.Send(
            payload,
            new IPSendOptions { Destination = IPHost.Peer, Protocol = protocol },
            new OffloadInfo { NeedsChecksum = true, ChecksumOffset = (ushort)field });
        byte[] whole = [.. host.Sent.SelectMany(f => new IPv4View(f).Payload.ToArray())];
        ulong sum = InternetChecksum.Add(InternetChecksum.PseudoHeader(IPHost.Me, IPHost.Peer, protocol, whole.Length), whole);
        Assert.True(InternetChecksum.IsValid(sum));
        Assert.All(host.SentOffloads, o => Assert.False(o.NeedsChecksum));
    }

    [Fact]
    public void Fragments_go_to_the_gateway_like_anything_else()
    {
        var host = new IPHost();
        host.Send(new byte[3000], new IPSendOptions { Destination = IPHost.Far, Protocol = 17 });
        Assert.All(host.NextHops, h => Assert.Equal(IPHost.Gateway, h));
    }

    [Fact]
    public void A_fragment_can_be_cut_again()
    {
        var pool = new PacketBufferPool();
        byte[] payload = TestPacket.Pattern(1480);
        byte[] middle = TestPacket.IPv4(IPHost.Me, IPHost.Peer, 17, payload, offset: 2960, more: true);
        List<byte[]> pieces = [];
        for (int offset = 0; offset >= 0;)
        {
            PacketBuffer piece = pool.Rent(576);
            offset = Fragmenter.CopyFragment(middle, offset, 576, piece);
            pieces.Add(piece.Span.ToArray());
            piece.Release();
        }

        Assert.All(pieces, p => Assert.True(new IPv4View(p).MoreFragments));
        Assert.Equal([2960, 2960 + 552, 2960 + 1104], pieces.Select(p => new IPv4View(p).FragmentOffset));
        Assert.Equal(payload, pieces.SelectMany(p => new IPv4View(p).Payload.ToArray()));
    }
}
