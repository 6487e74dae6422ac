using System.Linq;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Inspection;

/// <summary>What two packets differ in, and what is wrong with one.</summary>
public class PacketDifferenceTests
{
    private static Packet Make(byte timeToLive = 64, string data = "data") => new IPv4Layer { TimeToLive = timeToLive }
        / new TcpLayer { Options = [new TcpMaximumSegmentSizeOption(1460)] } / data;

    [Fact]
    public void A_changed_field_and_what_follows_from_it_differ()
    {
        PacketDifference[] found = [.. PacketDifference.Between(Make(), Make(63))];
        Assert.Equal(["IP.TimeToLive", "IP.Checksum"], found.Select(one => one.Path));
        Assert.Equal(("IP", "TimeToLive", "64", "63"), (found[0].Layer, found[0].Field, found[0].ReferenceText, found[0].DifferenceText));
        Assert.Equal([false, true], found.Select(one => one.IsConsequence));
        Assert.Empty(PacketDifference.Between(Make(), Make()));
    }

    [Fact]
    public void Options_differ_as_a_whole_and_layers_may_be_missing()
    {
        Packet other = Make();
        other.Tcp!.Options = [new TcpWindowScaleOption(7)];
        Assert.Contains(PacketDifference.Between(Make(), other), one => one.ToString() == "TCP.Options[0]: mss 1460 -> wscale 7");
        PacketDifference[] found = [.. PacketDifference.Between(Make(), new IPv4Layer() / new UdpLayer())];
        Assert.Contains(found, one => one is { Path: "TCP", DifferenceText: "absent", Field: "" });
        Assert.Contains(found, one => one is { Path: "UDP", ReferenceText: "absent" });
    }

    [Theory]
    [InlineData("IP.TimeToLive", 1)]
    [InlineData("checksum", 1)]
    [InlineData("*.Checksum", 1)]
    [InlineData("ip", 0)]
    [InlineData("IP.*", 0)]
    [InlineData("TCP", 2)]
    [InlineData("Options", 2)]
    public void Fields_can_be_left_out_by_patterns(string pattern, int left) =>
        Assert.Equal(left, PacketDifference.Between(Make(), Make(63), new FieldPattern([pattern])).Count);

    [Fact]
    public void A_pattern_without_a_layer_means_the_field_in_any()
    {
        FieldPattern options = new(["Options"]);
        Assert.True(options.Matches("TCP.Options[0].Value"));
        Assert.True(options.Matches("ICMP.Quoted.TCP.Options[1]"));
        Assert.False(options.Matches("TCP.Window"));
        Assert.True(new FieldPattern(["ICMP.Quoted"]).Matches("ICMP.Quoted.IP.TimeToLive"));
    }

    [Fact]
    public void A_hexadecimal_difference_marks_the_bytes() => Assert.Equal(
        """
          0000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  0123456789abcdef
        - 0010  41 42                                             AB
        + 0010  41 43 44                                          ACD
                   ^^ ^^
        """,
        string.Join('\n', PacketHexView.RenderDifference("0123456789abcdefAB"u8.ToArray(), "0123456789abcdefACD"u8.ToArray())
            .Select(line => line.ToString().TrimEnd())));

    [Fact]
    public void A_sound_packet_passes_every_check()
    {
        PacketCheck[] checks = [.. PacketChecks.Of(Make())];
        Assert.All(checks.Where(check => check.Name != "Source"), check => Assert.Equal(PacketCheckResult.Passed, check.Result));
        Assert.Contains(checks, check => check is { Layer: "IP", Name: "Checksum" });
        Assert.Contains(checks, check => check is { Layer: "TCP", Name: "Flags" });
        Assert.Contains(checks, check => check is { Layer: "TCP", Name: "Options" });
    }

    [Fact]
    public void What_is_wrong_fails_and_what_is_odd_is_suspicious()
    {
        Packet packet = Make();
        packet.IPv4!.Checksum = 1;
        packet.Tcp!.Flags = TcpFlags.Syn | TcpFlags.Fin;
        packet.Tcp.UrgentPointer = 5;
        PacketCheck[] checks = [.. PacketChecks.Of(packet)];
        Assert.Equal(PacketCheckResult.Failed, checks.Single(check => check is { Layer: "IP", Name: "Checksum" }).Result);
        Assert.Equal(PacketCheckResult.Failed, checks.Single(check => check is { Layer: "TCP", Name: "Flags" }).Result);
        Assert.Equal(PacketCheckResult.Suspicious, checks.Single(check => check.Name == "UrgentPointer").Result);
    }
}
