using System;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Tests.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Inspection;

/// <summary>Packets in columns, conversations, and packets made sound again.</summary>
public class PacketColumnsTests
{
    [Fact]
    public void Both_directions_of_a_conversation_have_one_name()
    {
        RandomPackets random = new(37);
        for (int i = 0; i < 300; i++)
        {
            Packet there = random.NextIP();
            Packet back = there.Copy();
            (back.IP!.Source, back.IP.Destination) = (there.IP!.Destination, there.IP.Source);
            if (back.Tcp is { } tcp)
            {
                (tcp.SourcePort, tcp.DestinationPort) = (tcp.DestinationPort, tcp.SourcePort);
            }
            else if (back.Udp is { } udp)
            {
                (udp.SourcePort, udp.DestinationPort) = (udp.DestinationPort, udp.SourcePort);
            }

            Assert.Equal(PacketColumns.Flow(there), PacketColumns.Flow(back));
            Assert.Equal(PacketColumns.Source(there), PacketColumns.Destination(back));
            Assert.NotEmpty(PacketColumns.Info(there));
        }
    }

    [Fact]
    public void Ports_decide_where_the_addresses_are_the_same()
    {
        Packet there = new IPv4Layer() / new TcpLayer { SourcePort = 4000, DestinationPort = 80 };
        Packet back = new IPv4Layer() / new TcpLayer { SourcePort = 80, DestinationPort = 4000 };
        Assert.Equal("TCP 127.0.0.1:80 <> 127.0.0.1:4000", PacketColumns.Flow(there));
        Assert.Equal(PacketColumns.Flow(there), PacketColumns.Flow(back));
    }

    [Fact]
    public void Columns_tell_what_there_is()
    {
        Assert.Equal("", PacketColumns.Source(new Packet()));
        Assert.Equal("", PacketColumns.Protocol(new Packet()));
        Assert.Equal("data", PacketColumns.Protocol(new Packet([new PayloadLayer("x")])));
        Assert.Equal("[::1]:53", PacketColumns.Source(new IPv6Layer() / new UdpLayer()));
        Assert.Equal("UDP, length 0", PacketColumns.Info(new IPv6Layer { Destination = NetworkAddress.Parse("::") } / new UdpLayer { DestinationPort = 9 }));
    }

    [Fact]
    public void What_was_set_is_computed_again()
    {
        Packet packet = new IPv4Layer { Checksum = 1, TotalLength = 3, HeaderLength = 24 } / new TcpLayer { Checksum = 1, DataOffset = 60 } / "x";
        Assert.NotEmpty(packet.Anomalies);
        PacketReset.ComputeAll(packet);
        Assert.Empty(packet.Anomalies);
    }

    [Theory]
    [InlineData("mpls 16005", "MPLS label 16005, tc 0 [S], ttl 1")]
    [InlineData("mpls 5 tc 3 ttl 9, 6", "MPLS label 5, tc 3, ttl 9; label 6, tc 0 [S], ttl 1")]
    [InlineData("object 9/1 0x0102", "object 9/1 0x0102")]
    public void Objects_behind_quotations_are_read(string text, string printed) =>
        Assert.Equal(printed, IcmpExtensionObject.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("mpls")]
    [InlineData("mpls x")]
    [InlineData("mpls 1 tc")]
    [InlineData("mpls 1 xx 2")]
    [InlineData("object 1")]
    [InlineData("object 1/2 0x0")]
    [InlineData("nonsense 1")]
    public void What_is_no_such_object_is_not_read(string text) => Assert.Throws<FormatException>(() => IcmpExtensionObject.Parse(text));

    [Theory]
    [InlineData("RouterAlert 0", "RouterAlert 0")]
    [InlineData("ra 1", "RouterAlert 1")]
    [InlineData("Jumbo 70000", "Jumbo 70000")]
    [InlineData("HomeAddress 2001:db8::1", "HomeAddress 2001:db8::1")]
    [InlineData("PadN 4", "PadN 4")]
    [InlineData("Pad1", "Pad1")]
    [InlineData("QuickStart function 0 rate 5 ttl 9 nonce 0x00000007", "QuickStart function 0 rate 5 ttl 9 nonce 0x00000007")]
    [InlineData("unknown-77 0x0102", "unknown-77 0x0102")]
    public void Options_of_IPv6_are_read(string text, string printed)
    {
        IPv6Option option = IPv6Option.Parse(text);
        Assert.Equal(printed, option.ToString());
        Assert.Equal(option, IPv6Option.Parse(printed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Jumbo x")]
    [InlineData("HomeAddress 10.0.0.1")]
    [InlineData("PadN 300")]
    [InlineData("nonsense")]
    public void What_is_no_option_of_IPv6_is_not_read(string text) => Assert.Throws<FormatException>(() => IPv6Option.Parse(text));
}
