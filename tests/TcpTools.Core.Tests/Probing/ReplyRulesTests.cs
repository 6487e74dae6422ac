using System;
using System.Text;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Probing;

/// <summary>Which packet answers which.</summary>
public sealed class ReplyRulesTests
{
    private static readonly NetworkAddress s_near = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.2");

    [Theory]
    // A SYN-ACK answers a SYN if it acknowledges just that.
    [InlineData("S", 1000, 0, "SA", 5000, 1001, true)]
    [InlineData("S", 1000, 0, "SA", 5000, 1010, false)]
    [InlineData("S", 1000, 0, "SA", 5000, 1000, false)]
    [InlineData("S", uint.MaxValue, 0, "SA", 5000, 0, true)]
    // A reset without an acknowledgment answers a SYN, one with it must fit.
    [InlineData("S", 1000, 0, "R", 0, 0, true)]
    [InlineData("S", 1000, 0, "RA", 0, 1001, true)]
    [InlineData("S", 1000, 0, "RA", 0, 1010, false)]
    // A SYN does not answer a SYN, nor does an ACK.
    [InlineData("S", 1000, 0, "S", 5000, 0, false)]
    [InlineData("S", 1000, 0, "A", 5000, 1001, false)]
    // An ACK answers a SYN-ACK only if both numbers fit.
    [InlineData("SA", 5000, 1001, "A", 1001, 5001, true)]
    [InlineData("SA", 5000, 1001, "A", 1001, 5010, false)]
    [InlineData("SA", 5000, 1001, "A", 1010, 5001, false)]
    // A SYN-ACK out of the blue is reset with its acknowledgment as sequence number.
    [InlineData("SA", 5000, 1001, "R", 1001, 0, true)]
    [InlineData("SA", 5000, 1001, "R", 5, 0, false)]
    // So is an ACK.
    [InlineData("A", 1000, 7777, "R", 7777, 0, true)]
    [InlineData("A", 1000, 7777, "R", 0, 0, false)]
    [InlineData("A", 1000, 7777, "RA", 7777, 1000, true)]
    // Null, FIN and Xmas probes: the reset acknowledges what they take up, some stacks one more.
    [InlineData("", 1000, 0, "RA", 0, 1000, true)]
    [InlineData("", 1000, 31337, "RA", 0, 1000, true)]
    [InlineData("", 1000, 0, "RA", 0, 1001, true)]
    [InlineData("", 1000, 0, "RA", 0, 1009, false)]
    [InlineData("F", 1000, 0, "RA", 0, 1001, true)]
    [InlineData("F", 1000, 0, "RA", 0, 1000, true)]
    [InlineData("FPU", 1000, 99, "RA", 0, 1001, true)]
    [InlineData("FPU", 1000, 99, "RA", 0, 2001, false)]
    // Nothing answers a reset.
    [InlineData("R", 1000, 0, "R", 0, 0, false)]
    [InlineData("RA", 1000, 5, "RA", 5, 1000, false)]
    public void Tcp_by_numbers(string probeFlags, uint sequence, uint acknowledgment, string flags, uint replySequence, uint replyAcknowledgment, bool answers)
    {
        Packet probe = Tcp(s_near, s_far, 4000, 80, probeFlags, sequence, acknowledgment);
        Packet reply = Tcp(s_far, s_near, 80, 4000, flags, replySequence, replyAcknowledgment);
        Assert.Equal(answers, ReplyRules.Default.Answers(reply, probe));
    }

    [Fact]
    public void Tcp_data_is_answered_by_an_acknowledgment_of_any_part()
    {
        Packet probe = Tcp(s_near, s_far, 4000, 80, "PA", 1000, 500) / "hello";
        Assert.True(ReplyRules.Default.Answers(Tcp(s_far, s_near, 80, 4000, "A", 500, 1005), probe));
        Assert.True(ReplyRules.Default.Answers(Tcp(s_far, s_near, 80, 4000, "A", 500, 1003), probe));
        Assert.False(ReplyRules.Default.Answers(Tcp(s_far, s_near, 80, 4000, "A", 500, 1014), probe));
    }

    [Fact]
    public void Tcp_by_ports_and_addresses()
    {
        Packet probe = Tcp(s_near, s_far, 4000, 80, "S", 1, 0);
        NetworkAddress other = NetworkAddress.Parse("10.0.0.3");
        Assert.False(ReplyRules.Default.Answers(Tcp(s_far, s_near, 81, 4000, "SA", 9, 2), probe));
        Assert.False(ReplyRules.Default.Answers(Tcp(s_far, s_near, 80, 4001, "SA", 9, 2), probe));
        Assert.False(ReplyRules.Default.Answers(Tcp(other, s_near, 80, 4000, "SA", 9, 2), probe));
        Assert.False(ReplyRules.Default.Answers(Tcp(s_far, other, 80, 4000, "SA", 9, 2), probe));
        Assert.True((ReplyRules.Default with { AnySource = true }).Answers(Tcp(other, s_near, 80, 4000, "SA", 9, 2), probe));
        Assert.False(ReplyRules.Default.Answers(probe, probe));
    }

    [Fact]
    public void Udp_by_ports_and_from_anybody_where_all_were_asked()
    {
        Packet probe = IP(s_near, s_far) / new UdpLayer { SourcePort = 4000, DestinationPort = 7 };
        Packet reply = IP(s_far, s_near) / new UdpLayer { SourcePort = 7, DestinationPort = 4000 };
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        probe.IP!.Destination = NetworkAddress.BroadcastIPv4;
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        probe.IP!.Destination = NetworkAddress.Parse("239.1.1.1");
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        probe.IP!.Destination = NetworkAddress.Parse("10.0.0.255");
        Assert.False(ReplyRules.Default.Answers(reply, probe));
        Assert.True(ReplyRules.Default.Answers(
            Packet.Of(new EthernetLayer()) / reply, Packet.Of(new EthernetLayer { Destination = MacAddress.Broadcast }) / probe));
    }

    [Fact]
    public void Dns_by_id_and_question()
    {
        Packet probe = Dns(s_near, s_far, 4000, 53, 7, false, "www.Example.org");
        Assert.True(ReplyRules.Default.Answers(Dns(s_far, s_near, 53, 4000, 7, true, "www.example.org"), probe));
        Assert.False(ReplyRules.Default.Answers(Dns(s_far, s_near, 53, 4000, 8, true, "www.example.org"), probe));
        Assert.False(ReplyRules.Default.Answers(Dns(s_far, s_near, 53, 4000, 7, false, "www.example.org"), probe));
        Assert.False(ReplyRules.Default.Answers(Dns(s_far, s_near, 53, 4000, 7, true, "www.example.com"), probe));
    }

    [Fact]
    public void Multicast_dns_answers_to_the_group()
    {
        NetworkAddress group = NetworkAddress.Parse("224.0.0.251");
        Packet probe = Dns(s_near, group, 5353, 5353, 0, false, "host.local");
        Assert.True(ReplyRules.Default.Answers(Dns(s_far, group, 5353, 5353, 0, true, "host.local"), probe));
        Assert.True(ReplyRules.Default.Answers(Dns(s_far, s_near, 5353, 5353, 0, true, "host.local"), probe));
    }

    [Theory]
    [InlineData(IcmpType.EchoRequest, IcmpType.EchoReply)]
    [InlineData(IcmpType.TimestampRequest, IcmpType.TimestampReply)]
    [InlineData(IcmpType.InformationRequest, IcmpType.InformationReply)]
    [InlineData(IcmpType.AddressMaskRequest, IcmpType.AddressMaskReply)]
    public void Icmp_by_identifier_and_sequence_number(byte request, byte reply)
    {
        Packet probe = IP(s_near, s_far) / new IcmpLayer { Type = request, Identifier = 5, Sequence = 6 };
        Assert.True(Is(reply, 5, 6));
        Assert.False(Is(reply, 5, 7));
        Assert.False(Is(reply, 4, 6));
        Assert.False(Is(request, 5, 6));
        Assert.False(Is(IcmpType.RouterAdvertisement, 5, 6));

        bool Is(byte type, ushort identifier, ushort sequence) => ReplyRules.Default.Answers(
            IP(s_far, s_near) / new IcmpLayer { Type = type, Identifier = identifier, Sequence = sequence }, probe);
    }

    [Fact]
    public void An_extended_echo_reply_differs_in_its_last_byte()
    {
        Packet probe = IP(s_near, s_far) / new IcmpLayer { Type = IcmpType.ExtendedEchoRequest, RestOfHeader = 0x0005_0601 };
        Packet reply = IP(s_far, s_near) / new IcmpLayer { Type = IcmpType.ExtendedEchoReply, RestOfHeader = 0x0005_0646 };
        Assert.True(ReplyRules.Default.Answers(reply, probe));
    }

    [Fact]
    public void Arp_by_the_address_asked_for()
    {
        Packet probe = Packet.Of(new EthernetLayer()) / new ArpLayer { SenderProtocol = s_near, TargetProtocol = s_far };
        Packet reply = Packet.Of(new EthernetLayer()) / new ArpLayer { Operation = 2, SenderProtocol = s_far, TargetProtocol = s_near };
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        reply.Arp!.SenderProtocol = s_near;
        Assert.False(ReplyRules.Default.Answers(reply, probe));
        reply.Arp!.SenderProtocol = s_far;
        reply.Arp!.Operation = 1;
        Assert.False(ReplyRules.Default.Answers(reply, probe));
    }

    [Fact]
    public void Other_protocols_by_addresses_and_foreign_frames_by_theirs()
    {
        Packet probe = IP(s_near, s_far);
        probe.IP!.Protocol = 50;
        Packet reply = IP(s_far, s_near);
        reply.IP!.Protocol = 50;
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        reply.IP!.Protocol = 51;
        Assert.False(ReplyRules.Default.Answers(reply, probe));

        EthernetLayer sent = new() { Source = new(1), Destination = new(2), EtherType = 0x88B5 };
        Assert.True(ReplyRules.Default.Answers(Packet.Of(new EthernetLayer { Source = new(2), Destination = new(1), EtherType = 0x88B5 }), Packet.Of(sent)));
        Assert.False(ReplyRules.Default.Answers(Packet.Of(new EthernetLayer { Source = new(3), Destination = new(1), EtherType = 0x88B5 }), Packet.Of(sent)));
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    [InlineData("echo")]
    [InlineData("protocol")]
    [InlineData("fragment")]
    public void An_icmp_error_by_its_quotation(string kind)
    {
        Packet probe = kind switch
        {
            "tcp" => Tcp(s_near, s_far, 4000, 80, "S", 1000, 0),
            "udp" => IP(s_near, s_far) / new UdpLayer { SourcePort = 4000, DestinationPort = 7 } / "data",
            "echo" => IP(s_near, s_far) / new IcmpLayer { Identifier = 7, Sequence = 3 },
            "fragment" => IP(s_near, s_far) / "a piece of something",
            _ => IP(s_near, s_far),
        };
        probe.IPv4().Identification = 0x1234;
        if (kind is "protocol" or "fragment")
        {
            probe.IP!.Protocol = 99;
            probe.IP!.FragmentOffset = kind == "fragment" ? 64 : 0;
        }

        NetworkAddress router = NetworkAddress.Parse("10.9.9.9");
        byte[] quoted = probe.ToBytes()[..Math.Min(28, probe.ToBytes().Length)];
        // What routers change, or get wrong: time to live, type of service, checksum, byte order of the identification.
        Assert.True(Is(quoted));
        Assert.True(Is(With(quoted, 8, 1)));
        Assert.True(Is(With(quoted, 1, 0xB8)));
        Assert.True(Is(With(quoted, 10, 0xEE)));
        // Of a fragment beyond the first, the identification is all there is.
        Assert.Equal(kind != "fragment", Is(With(With(quoted, 4, 0x34), 5, 0x12)));
        Assert.Equal(kind != "fragment", Is(With(With(quoted, 4, 0), 5, 0)));
        // What makes it another packet: addresses, protocol, ports.
        Assert.False(Is(With(quoted, 15, 77)));
        Assert.False(Is(With(quoted, 19, 77)));
        Assert.False(Is(With(quoted, 9, 98)));
        if (kind is "tcp" or "udp" or "echo")
        {
            Assert.False(Is(With(quoted, 20, (byte)(quoted[20] ^ 1))));
        }

        if (kind is "tcp" or "echo")
        {
            Assert.False(Is(With(quoted, 27, (byte)(quoted[27] ^ 1))));
        }

        bool Is(byte[] bytes)
        {
            byte[] error = (IP(router, s_near) / new IcmpLayer { Type = IcmpType.TimeExceeded } / bytes).ToBytes();
            return ReplyRules.Default.Answers(error, PacketStart.IP, probe.ToBytes(), PacketStart.IP);
        }

        static byte[] With(byte[] bytes, int offset, byte value)
        {
            byte[] copy = [.. bytes];
            copy[offset] = value;
            return copy;
        }
    }

    [Fact]
    public void IPv6_by_the_same_rules_behind_any_extension_headers()
    {
        NetworkAddress near = NetworkAddress.Parse("2001:db8::1");
        NetworkAddress far = NetworkAddress.Parse("2001:db8::2");
        NetworkAddress router = NetworkAddress.Parse("2001:db8:1::1");
        Packet probe = Tcp(near, far, 4000, 80, "S", 1000, 0);
        Assert.True(ReplyRules.Default.Answers(Tcp(far, near, 80, 4000, "SA", 1, 1001), probe));
        Assert.False(ReplyRules.Default.Answers(Tcp(far, near, 80, 4000, "SA", 1, 1010), probe));
        byte[] quoted = probe.ToBytes();
        Assert.True(Message(router, near, [3, 0, 0, 0, 0, 0, 0, 0, .. quoted], probe));
        Assert.True(Message(router, near, [3, 0, 0, 0, 0, 0, 0, 0, .. quoted[..48]], probe));
        Assert.False(Message(router, near, [3, 0, 0, 0, 0, 0, 0, 0, .. quoted[..41], 0xFF, .. quoted[42..]], probe));

        byte[] transport = quoted[40..];
        byte[] extended = [.. quoted[..6], 0, .. quoted[7..40], 60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0, .. transport];
        extended[5] += 16;
        Packet reply = Tcp(far, near, 80, 4000, "SA", 1, 1001);
        Assert.True(ReplyRules.Default.Answers(reply.ToBytes(), PacketStart.IP, extended, PacketStart.IP));
        Assert.True(Message(router, near, [1, 4, 0, 0, 0, 0, 0, 0, .. extended], Packet.Parse(extended)));

        // A routing header: who answers is the last on the list.
        byte[] routed = [.. quoted[..6], 43, .. quoted[7..24], .. Bytes(router), 6, 2, 0, 1, 0, 0, 0, 0, .. Bytes(far), .. transport];
        routed[5] += 24;
        Assert.True(ReplyRules.Default.Answers(reply.ToBytes(), PacketStart.IP, routed, PacketStart.IP));

        Assert.True(Message(far, near, [129, 0, 0, 0, 0, 7, 0, 1], Raw(near, far, [128, 0, 0, 0, 0, 7, 0, 1])));
        Assert.False(Message(far, near, [129, 0, 0, 0, 0, 7, 0, 2], Raw(near, far, [128, 0, 0, 0, 0, 7, 0, 1])));
    }

    [Fact]
    public void Neighbor_discovery_by_the_address_asked_for()
    {
        NetworkAddress near = NetworkAddress.Parse("fe80::1");
        NetworkAddress far = NetworkAddress.Parse("fe80::2");
        Packet probe = Raw(near, NetworkAddress.Parse("ff02::1:ff00:2"), [135, 0, 0, 0, 0, 0, 0, 0, .. Bytes(far)]);
        Assert.True(Message(far, near, [136, 0, 0, 0, 0x60, 0, 0, 0, .. Bytes(far)], probe));
        Assert.True(Message(far, NetworkAddress.Parse("ff02::1"), [136, 0, 0, 0, 0x60, 0, 0, 0, .. Bytes(far)], probe));
        Assert.False(Message(far, near, [136, 0, 0, 0, 0x60, 0, 0, 0, .. Bytes(near)], probe));
        Packet solicitation = Raw(near, NetworkAddress.Parse("ff02::2"), [133, 0, 0, 0, 0, 0, 0, 0]);
        Assert.True(Message(far, NetworkAddress.Parse("ff02::1"), [134, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], solicitation));
    }

    [Fact]
    public void A_wrong_checksum_is_an_answer_unless_checksums_matter()
    {
        Packet probe = Tcp(s_near, s_far, 4000, 80, "S", 1000, 0);
        Packet reply = Tcp(s_far, s_near, 80, 4000, "SA", 1, 1001);
        ReplyRules strict = new() { VerifyChecksums = true };
        Assert.True(strict.Answers(reply, probe));
        reply.Tcp!.Checksum = 1;
        Assert.True(ReplyRules.Default.Answers(reply, probe));
        Assert.False(strict.Answers(reply, probe));
        reply.Tcp!.Checksum = null;
        reply.IPv4().Checksum = 1;
        Assert.False(strict.Answers(reply, probe));
    }

    [Fact]
    public void Any_bytes_are_judged_without_harm()
    {
        RandomSource random = RandomSource.FromSeed(7);
        Packet probe = Packet.Of(new EthernetLayer()) / Tcp(s_near, s_far, 4000, 80, "S", 1000, 0);
        byte[] valid = (Packet.Of(new EthernetLayer()) / IP(s_far, s_near) / new IcmpLayer { Type = 3 } / probe).ToBytes();
        for (int i = 0; i < 20000; i++)
        {
            byte[] bytes = valid[..random.Next(valid.Length + 1)];
            for (int change = random.Next(6); change > 0 && bytes.Length > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.NextUInt32();
            }

            ReplyRules rules = new() { VerifyChecksums = i % 2 == 0 };
            rules.Answers(bytes, PacketStart.Ethernet, valid, PacketStart.Ethernet);
            rules.Answers(valid, PacketStart.Ethernet, bytes, PacketStart.Ethernet);
            rules.Answers(bytes, PacketStart.IP, bytes, PacketStart.IP);
        }
    }

    private static bool Message(NetworkAddress source, NetworkAddress destination, byte[] message, Packet probe) =>
        ReplyRules.Default.Answers(Raw(source, destination, message), probe);

    /// <summary>A message of ICMP for IPv6.</summary>
    private static Packet Raw(NetworkAddress source, NetworkAddress destination, byte[] message)
    {
        Packet packet = TestPackets.IP(source, destination) / message;
        packet.IP!.Protocol = IPProtocol.Icmpv6;
        return packet;
    }

    private static byte[] Bytes(NetworkAddress address) => address.ToIPAddress().GetAddressBytes();

    private static Packet IP(NetworkAddress source, NetworkAddress destination) => TestPackets.IP(source, destination);

    private static Packet Tcp(NetworkAddress source, NetworkAddress destination, ushort from, ushort to, string flags, uint sequence, uint acknowledgment)
    {
        Assert.True(TcpFlagsText.TryParse(flags.Length == 0 ? "0" : flags, out TcpFlags parsed));
        return IP(source, destination) / new TcpLayer
        {
            SourcePort = from,
            DestinationPort = to,
            Flags = parsed,
            Sequence = sequence,
            Acknowledgment = acknowledgment,
        };
    }

    private static Packet Dns(NetworkAddress source, NetworkAddress destination, ushort from, ushort to, ushort id, bool isResponse, string name)
    {
        byte[] header = [(byte)(id >> 8), (byte)id, isResponse ? (byte)0x81 : (byte)1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        byte[] question = [];
        foreach (string label in name.Split('.'))
        {
            question = [.. question, (byte)label.Length, .. Encoding.ASCII.GetBytes(label)];
        }

        return IP(source, destination) / new UdpLayer { SourcePort = from, DestinationPort = to } / (byte[])[.. header, .. question, 0, 0, 1, 0, 1];
    }
}
