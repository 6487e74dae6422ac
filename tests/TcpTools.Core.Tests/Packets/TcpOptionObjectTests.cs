using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class TcpOptionObjectTests
{
    public static TheoryData<TcpOption, string, string> Known => new()
    {
        { TcpEndOption.Instance, "00", "eol" },
        { TcpNoOperationOption.Instance, "01", "nop" },
        { new TcpMaximumSegmentSizeOption(1460), "020405b4", "mss 1460" },
        { new TcpWindowScaleOption(7), "030307", "wscale 7" },
        { new TcpSackPermittedOption(), "0402", "sackOK" },
        { new TcpSackOption(new SackBlock(new(1), new(2)), new SackBlock(new(5), new(9))), "051200000001000000020000000500000009", "sack 2 {1:2}{5:9}" },
        { new TcpTimestampsOption(1, 0xFFFFFFFF), "080a00000001ffffffff", "TS val 1 ecr 4294967295" },
        { new TcpMd5SignatureOption(new byte[16]), "1312" + new string('0', 32), "md5 " + new string('0', 32) },
        { new TcpUserTimeoutOption(300), "1c04012c", "uto 300s" },
        { new TcpUserTimeoutOption(5, inMinutes: true), "1c048005", "uto 5m" },
        { new TcpAuthenticationOption(1, 2, [0xAA, 0xBB]), "1d060102aabb", "ao keyid 1 rnextkeyid 2 mac 0xaabb" },
        { new TcpMultipathOption((ReadOnlySpan<byte>)[0x00, 0x81]), "1e040081", "mptcp 0x0081" },
        { new TcpFastOpenOption([]), "2202", "tfo cookiereq" },
        { new TcpFastOpenOption([1, 2, 3, 4]), "220601020304", "tfo cookie 01020304" },
        { new TcpFastOpenOption([], experimental: true), "fe04f989", "exp-tfo cookiereq" },
        { new TcpFastOpenOption([1, 2, 3, 4], experimental: true), "fe08f98901020304", "exp-tfo cookie 01020304" },
        { new TcpAccurateEcnOption(0, 1, 2, 3), "ac0b000001000002000003", "accecn0 e0b 1 ceb 2 e1b 3" },
        { new TcpAccurateEcnOption(1, 0xFFFFFF), "ae05ffffff", "accecn1 e1b 16777215" },
        { new TcpAlternateChecksumRequestOption(1), "0e0301", "altckreq 1" },
        { new TcpAlternateChecksumOption([0xAB, 0xCD, 0xEF]), "0f05abcdef", "altck 0xabcdef" },
        { new TcpMoodOption(":)"), "19043a29", "mood :)" },
        { new TcpMoodOption("%("), "19042528", "mood %(" },
        { new TcpMoodOption([]), "1902", "mood 0x" },
        { new TcpMoodOption([0x20, 0xFF]), "190420ff", "mood 0x20ff" },
        { new UnknownTcpOption(77, [1, 2]), "4d040102", "unknown-77 0x0102" },
        { new UnknownTcpOption([2, 0]), "0200", "bytes 0x0200" },
    };

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public void Bytes_name_and_text_of_each_option_agree(TcpOption option, string hex, string text)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(option.ToBytes()));
        Assert.Equal(text, option.ToString());
        TcpOption read = TcpOption.FromBytes(SampleFrames.Hex(hex));
        Assert.Equal(option, read);
        Assert.Equal(option.GetType(), read.GetType());
        Assert.Equal(option, TcpOption.Parse(text));
    }

    [Fact]
    public void Every_option_comes_through_a_packet()
    {
        foreach (object[] row in Known.Cast<object[]>())
        {
            TcpOption option = (TcpOption)row[0];
            Packet packet = new IPv4Layer() / new TcpLayer { Options = [option] } / "data";
            Packet read = Packet.Parse(packet.ToBytes());
            byte[] options = [.. read.Tcp!.Options.SelectMany(each => each.ToBytes())];
            Assert.True(options.AsSpan().StartsWith(option.ToBytes()));
            Assert.Equal("data", read.Payload!.Text);
            Assert.Equal(packet.ToBytes(), read.ToBytes());
        }
    }

    [Theory]
    [InlineData("0200")]
    [InlineData("0802")]
    [InlineData("02ff05b4")]
    [InlineData("00020405b4000000")]
    [InlineData("050a0000000100")]
    [InlineData("4d0900")]
    public void Malformed_options_are_kept_told_and_never_taken_for_what_they_are_not(string hex)
    {
        byte[] raw = SampleFrames.Hex(hex);
        Packet packet = new IPv4Layer() / new TcpLayer { Options = [new UnknownTcpOption(raw)] };
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Null(read.Tcp!.GetOption<TcpMaximumSegmentSizeOption>());
        Assert.Null(read.Tcp.GetOption<TcpTimestampsOption>());
        Assert.Contains(read.Anomalies, anomaly => anomaly.Kind is PacketAnomalyKind.MalformedOption
            or PacketAnomalyKind.BadOptionLength or PacketAnomalyKind.DataAfterEndOfOptions);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void Options_read_as_tcpdump_prints_them()
    {
        Packet packet = new IPv4Layer() / new TcpLayer
        {
            Options =
            [
                TcpOption.Parse("mss 1460"), TcpOption.Parse("sackOK"), TcpOption.Parse("TS val 1 ecr 0"),
                TcpOption.Parse("nop"), TcpOption.Parse("wscale 7"),
            ],
        };
        Assert.Equal(
            "IP 127.0.0.1.20 > 127.0.0.1.80: Flags [S], seq 0, win 8192, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0",
            packet.ToString());
    }

    [Theory]
    [InlineData("mss")]
    [InlineData("mss x")]
    [InlineData("mss 70000")]
    [InlineData("foo 1")]
    [InlineData("")]
    [InlineData("sack 1")]
    [InlineData("md5 xyz")]
    public void What_is_no_option_is_refused_with_examples(string text) =>
        Assert.Contains("mss 1460", Assert.Throws<FormatException>(() => TcpOption.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Values_of_extension_options_are_read()
    {
        TcpUserTimeoutOption timeout = (TcpUserTimeoutOption)TcpOption.Parse("uto 5m");
        Assert.Equal(TimeSpan.FromMinutes(5), timeout.Timeout);
        TcpAccurateEcnOption ecn = new(1, 7, 8, 9);
        Assert.Equal((9u, 8u, 7u), (ecn.Ect0Bytes, ecn.CongestionBytes, ecn.Ect1Bytes));
        Assert.Null(new TcpAccurateEcnOption(0).CongestionBytes);
        Assert.Equal(3, new TcpMultipathOption((ReadOnlySpan<byte>)[0x30, 0]).Subtype);
    }

    [Fact]
    public void IPv4_options_are_known_by_name_and_kept_exactly()
    {
        Packet packet = new IPv4Layer
        {
            Options =
            [
                new IPRouteOption(IPv4OptionKind.RecordRoute, [NetworkAddress.Parse("10.9.0.1"), NetworkAddress.AnyIPv4], pointer: 8),
                IPOption.NoOperation, IPOption.RouterAlert(), new IPTimestampOption(0, [42], overflow: 2), new IPOption(99, 1, 2, 3),
            ],
        } / new UdpLayer();
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal(["RR", "NOP", "RA", "TS", "unknown 99"], read.IPv4!.Options.Take(5).Select(option => option.Name));
        IPRouteOption route = Assert.IsType<IPRouteOption>(read.IPv4.Options[0]);
        Assert.Equal(["10.9.0.1", "0.0.0.0"], route.Addresses.Select(address => address.ToString()));
        IPTimestampOption timestamp = Assert.IsType<IPTimestampOption>(read.IPv4.Options[3]);
        Assert.Equal((2, 0, 5), (timestamp.Overflow, timestamp.Flag, timestamp.Pointer));
        Assert.Equal([42u], timestamp.Slots);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
        Assert.Empty(read.Anomalies);
    }
}
