using System;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class PacketCompositionTests
{
    [Fact]
    public void Layers_text_and_bytes_compose_and_the_parts_stay_as_they_are()
    {
        IPv4Layer ip = new() { TimeToLive = 3 };
        TcpLayer tcp = new() { DestinationPort = 8080 };
        Packet packet = ip / tcp / "GET /";
        packet.IPv4!.TimeToLive = 99;
        Assert.Equal(3, ip.TimeToLive);
        Packet framed = new EthernetLayer() / packet / new byte[] { 1, 2 };
        Assert.Equal(4 + 1, framed.Layers.Count);
        Assert.Equal(3, packet.Layers.Count);
        Assert.Equal(EtherType.IPv4, framed.Ethernet!.EtherType!.Value);
        Assert.Equal(7, framed.Tcp!.DataLength);
        Assert.Equal(8u, framed.Tcp.NextSequence); // 7 bytes and the SYN
    }

    [Fact]
    public void Sequence_numbers_after_a_segment_wrap()
    {
        Packet packet = new IPv4Layer() / new TcpLayer { Sequence = 0xFFFFFFFE, Flags = TcpFlags.Fin | TcpFlags.Ack } / "abc";
        Assert.Equal(2u, packet.Tcp!.NextSequence);
    }

    [Fact]
    public void Computed_fields_follow_every_change_and_fixed_ones_do_not()
    {
        Packet packet = new IPv4Layer() / new TcpLayer();
        Assert.Equal(40, (int)packet.IPv4!.TotalLength!.Value);
        packet.Tcp!.Options.Add(new TcpMaximumSegmentSizeOption(1460));
        Assert.Equal((44, 24), ((int)packet.IPv4.TotalLength.Value, packet.Tcp.DataOffset!.Value));
        packet.IPv4.TotalLength = 7;
        packet.Layers.Add(new PayloadLayer("xyz"));
        Assert.Equal(7, (int)packet.IPv4.TotalLength.Value);
        packet.IPv4.TotalLength = null;
        Assert.Equal(47, (int)packet.IPv4.TotalLength!.Value);
        Assert.Equal(47, packet.WireLength);
    }

    [Fact]
    public void The_protocol_follows_the_layer_inside()
    {
        Packet packet = new IPv4Layer() / new UdpLayer();
        Assert.Equal(IPProtocol.Udp, packet.IPv4!.Protocol!.Value);
        packet.Layers[1] = new IcmpLayer();
        Assert.Equal(IPProtocol.Icmp, packet.IPv4.Protocol.Value);
        packet.IPv4.Protocol = 222;
        Assert.Equal(222, (int)packet.IPv4.Protocol.Value);
        Assert.Empty(new IPv4Layer().FixedFields);
        Assert.Equal([nameof(IPv4Layer.Protocol)], packet.IPv4.FixedFields);
    }

    [Fact]
    public void Without_an_IP_layer_a_transport_checksum_cannot_be_computed_and_is_zero()
    {
        Assert.Equal(0, (int)new TcpLayer().Checksum!.Value);
        Assert.Equal(0, (int)(new UdpLayer() / "x").Udp!.Checksum!.Value);
    }

    [Fact]
    public void A_layer_belongs_to_one_packet()
    {
        TcpLayer tcp = new();
        Packet first = new(tcp);
        Assert.Throws<ArgumentException>(() => new Packet(tcp));
        first.Layers.Clear();
        Assert.Same(tcp, new Packet(tcp).Tcp);
    }

    [Fact]
    public void A_copy_shares_nothing()
    {
        Packet packet = new IPv4Layer { Options = [IPOption.NoOperation] } / new TcpLayer { Options = [TcpOption.Parse("nop")] } / "abc";
        packet.Timestamp = DateTimeOffset.UnixEpoch;
        Packet copy = packet.Copy();
        copy.Payload!.Data[0] = 0;
        copy.Tcp!.Options.Clear();
        copy.IPv4!.Options.Clear();
        Assert.Equal("abc", packet.Payload!.Text);
        Assert.Single(packet.Tcp!.Options);
        Assert.Single(packet.IPv4!.Options);
        Assert.Equal(packet.Timestamp, copy.Timestamp);
    }

    [Fact]
    public void Nothing_can_be_set_for_options_and_data_and_a_list_is_copied()
    {
        TcpOption[] given = [TcpNoOperationOption.Instance];
        TcpLayer tcp = new() { Options = [.. given], Trailer = null! };
        tcp.Options.Add(new TcpSackPermittedOption());
        Packet packet = new IPv4Layer { Options = null! } / tcp / new PayloadLayer { Data = null! };
        Assert.Equal(20 + 24, packet.ToBytes().Length);
        Assert.Single(given);
    }

    [Fact]
    public void More_options_than_a_header_can_hold_are_built_and_none_is_lost()
    {
        TcpLayer tcp = new();
        for (int i = 0; i < 60; i++)
        {
            tcp.Options.Add(TcpNoOperationOption.Instance);
        }

        byte[] bytes = (new IPv4Layer() / tcp).ToBytes();
        Assert.Equal(20 + 20 + 60, bytes.Length);
        Assert.Equal(bytes, Packet.Parse(bytes).ToBytes());
    }

    [Fact]
    public void An_address_of_the_wrong_family_is_refused() =>
        Assert.Throws<ArgumentException>(() => new IPv4Layer { Source = NetworkAddress.Parse("::1") });

    [Theory]
    [InlineData("SA", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("sa", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("SYN,ACK", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("Syn,Ack", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("Syn | Ack", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("S.", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("0x12", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("18", TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData("FPU", TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Urg)]
    [InlineData("AE", TcpFlags.Ack | TcpFlags.Ece)]
    [InlineData("Ae", TcpFlags.Ae)]
    [InlineData("N", TcpFlags.Ae)]
    [InlineData("none", TcpFlags.None)]
    [InlineData("", TcpFlags.None)]
    [InlineData("SEW", TcpFlags.Syn | TcpFlags.Ece | TcpFlags.Cwr)]
    public void Flags_are_read_in_every_usual_form(string text, TcpFlags flags)
    {
        Assert.Equal(flags, TcpFlagsText.Parse(text));
        Assert.Equal(flags, TcpFlagsText.Parse(TcpFlagsText.ToLetters(flags)));
    }

    [Theory]
    [InlineData("SX")]
    [InlineData("Synn")]
    [InlineData("0x200")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    public void What_are_no_flags_is_refused_with_the_forms_there_are(string text) =>
        Assert.Contains("Syn,Ack", Assert.Throws<FormatException>(() => TcpFlagsText.Parse(text)).Message, StringComparison.Ordinal);
}
