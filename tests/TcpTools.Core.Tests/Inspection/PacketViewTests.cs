using System;
using System.Linq;
using System.Text.Json;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Inspection;

/// <summary>Packets as text.</summary>
public class PacketViewTests
{
    private static readonly Packet s_packet = new IPv4Layer { DontFragment = true }
        / new UdpLayer { SourcePort = 4000, DestinationPort = 7, Checksum = 0xBEEF } / "hello";

    [Fact]
    public void A_tree_has_places_names_values_and_what_was_computed() => Assert.Equal(
        """
        IP 127.0.0.1 > 127.0.0.1, 20 bytes at 0
           0.0  Version         4
           0.4  HeaderLength    20  computed
             1  TypeOfService   0x00
             2  TotalLength     33  computed
             4  Identification  1
           6.0  ReservedFlag    no
           6.1  DontFragment    yes
           6.2  MoreFragments   no
           6.3  FragmentOffset  0
             8  TimeToLive      64
             9  Protocol        17 (UDP)  computed
            10  Checksum        0x3cc9  computed
            12  Source          127.0.0.1
            16  Destination     127.0.0.1
        UDP 4000 > 7, 8 bytes at 20
            20  SourcePort       4000
            22  DestinationPort  7
            24  Length           13  computed
            26  Checksum         0xbeef  set
        Payload 5 bytes, 5 bytes at 28
            28  Data  5 bytes 'hello'
        """,
        string.Join('\n', PacketTreeView.Render(s_packet.GetFields())).ReplaceLineEndings("\n").TrimEnd());

    [Fact]
    public void A_dump_has_sixteen_bytes_a_line() => Assert.Equal(
        """
        0000  45 00 00 21 00 01 40 00  40 11 3c c9 7f 00 00 01  E..!..@.@.<.....
        0010  7f 00 00 01 0f a0 00 07  00 0d be ef 68 65 6c 6c  ............hell
        0020  6f                                                o
        """,
        string.Join('\n', PacketHexView.Render(s_packet.ToBytes())));

    [Fact]
    public void A_dump_by_fields_has_bits_where_fields_share_bytes()
    {
        string[] lines = [.. PacketHexView.RenderFields(s_packet.ToBytes(), s_packet.GetFields()).Select(line => line.ToString())];
        Assert.Equal("0000  0100 ....                                         IP.Version 4", lines[0]);
        Assert.Contains("0006  ...0 0000 0000 0000                               IP.FragmentOffset 0", lines);
        Assert.Contains("001a  be ef                                             UDP.Checksum 0xbeef set", lines);
        Assert.Equal("001c  68 65 6c 6c 6f                                    Payload.Data 5 bytes 'hello'", lines[^1]);
    }

    [Fact]
    public void Roles_make_colours()
    {
        PacketLine line = PacketTreeView.Render(s_packet.GetFields()).Single(line => line.ToString().Contains("0xbeef", StringComparison.Ordinal));
        string colored = line.ToString(role => role == LineRole.Fixed ? "<" : "", ">");
        Assert.Equal("    26  Checksum         <0xbeef><  set>", colored);
    }

    [Fact]
    public void JSON_has_a_member_for_each_field_and_arrays_for_options()
    {
        Packet packet = new IPv4Layer() / new TcpLayer { Options = [new TcpMaximumSegmentSizeOption(1460)] } / new byte[] { 1, 2 };
        using JsonDocument json = JsonDocument.Parse(PacketJson.Render(packet.GetFields()));
        JsonElement tcp = json.RootElement.GetProperty("TCP");
        Assert.Equal("S", tcp.GetProperty("Flags").GetString());
        Assert.Equal(1460, tcp.GetProperty("Options")[0].GetProperty("Value").GetInt32());
        Assert.Equal("0102", json.RootElement.GetProperty("Payload").GetProperty("Data").GetString());
        Assert.Equal("127.0.0.1", json.RootElement.GetProperty("IP").GetProperty("Source").GetString());
        Assert.DoesNotContain('\n', PacketJson.Render(packet.GetFields(), isCompact: true));
    }

    [Fact]
    public void A_quoted_packet_is_a_tree_in_the_tree()
    {
        Packet error = new IPv4Layer() / new IcmpLayer { Type = IcmpType.DestinationUnreachable, Code = 3, Quoted = s_packet.Copy() };
        string[] lines = [.. PacketTreeView.Render(error.GetFields()).Select(line => line.ToString())];
        Assert.Contains("    UDP 4000 > 7, 8 bytes at 48", lines);
        Assert.Contains("        54  Checksum         0xbeef  set", lines);
    }

    [Fact]
    public void Anything_can_be_looked_at() => new ByteMutator(34).Run(SampleFrames.Frames, 1_000, static bytes =>
    {
        Packet packet = Packet.Parse(bytes, PacketStart.Ethernet);
        Assert.All(PacketTreeView.Render(packet.GetFields()), line => Assert.NotEmpty(line.ToString()));
        Assert.All(PacketHexView.RenderFields(bytes, packet.GetFields()), line => Assert.NotEmpty(line.ToString()));
        JsonDocument.Parse(PacketJson.Render(packet.GetFields())).Dispose();
        Assert.NotNull(PacketChecks.Of(packet));
        Assert.Empty(PacketDifference.Between(packet, packet.Copy()));
        Assert.NotEmpty(PacketScript.Write(packet));
    });
}
