using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class IPOptionTypeTests
{
    private static readonly NetworkAddress A = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress B = NetworkAddress.Parse("10.0.0.2");

    /// <summary>All kinds that there are names for, with their bytes and their text.</summary>
    public static TheoryData<IPOption, string, string> Known => new()
    {
        { IPOption.End, "00", "EOL" },
        { IPOption.NoOperation, "01", "NOP" },
        { new IPRouteOption(IPv4OptionKind.RecordRoute, [A, B]), "070b040a0000010a000002", "RR 10.0.0.1 10.0.0.2" },
        { new IPMtuOption(1500), "0b0405dc", "MTUP 1500" },
        { new IPMtuOption(1400, isReply: true), "0c040578", "MTUR 1400" },
        { new IPTimestampOption(1, [A.IPv4Bits, 42]), "440c05010a0000010000002a", "TS flag 1 167772161 42" },
        { new IPTracerouteOption(5, 1, 2, A), "520c0005000100020a000001", "TR 5 1 2 10.0.0.1" },
        { new IPSecurityOption(0xF135, 1, 2, 0x030405), "820bf13500010002030405", "SEC 0xf13500010002030405" },
        { new IPSecurityOption(0xAB, 0x80), "8204ab80", "SEC 0xab80" },
        { new IPRouteOption(IPv4OptionKind.LooseSourceRoute, [A]), "8307040a000001", "LSRR 10.0.0.1" },
        { new IPStreamIdOption(7), "88040007", "SID 7" },
        { new IPRouteOption(IPv4OptionKind.StrictSourceRoute, [A]), "8907040a000001", "SSRR 10.0.0.1" },
        { new IPAddressExtensionOption(A, B), "930a0a0000010a000002", "ADDEXT 10.0.0.1 10.0.0.2" },
        { new IPRouterAlertOption(1), "94040001", "RA 1" },
        { new IPBroadcastOption(A, B), "950a0a0000010a000002", "SDB 10.0.0.1 10.0.0.2" },
        { new IPOption(99, 1, 2, 3), "6305010203", "unknown 99 0x010203" },
    };

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public void Bytes_type_and_text_of_each_option_agree(IPOption option, string hex, string text)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(option.ToBytes()));
        Assert.Equal(text, option.ToString());
        IPOption read = IPOption.FromBytes(SampleFrames.Hex(hex));
        Assert.Equal(option, read);
        Assert.Equal(option.GetType(), read.GetType());
        IPOption parsed = IPOption.Parse(text);
        Assert.Equal(option, parsed);
        Assert.Equal(option.GetType(), parsed.GetType());
    }

    [Theory]
    [MemberData(nameof(Known), DisableDiscoveryEnumeration = true)]
    public void Each_comes_through_a_packet_with_its_fields(IPOption option, string hex, string text)
    {
        _ = (hex, text);
        Packet packet = new IPv4Layer { Options = [option] } / new UdpLayer() / "data";
        Packet read = Packet.Parse(packet.ToBytes());
        Assert.Equal(option, read.IPv4!.Options[0]);
        Assert.Equal("data", read.Payload!.Text);
        Assert.Equal(packet.ToBytes(), read.ToBytes());
        Assert.Equal(8 * packet.GetLength(), read.GetFields().SelectMany(layer => layer.Leaves()).Sum(leaf => leaf.BitLength));
    }

    [Fact]
    public void Values_are_read()
    {
        IPSecurityOption security = new(0xF135, 1, 2, 0x030405);
        Assert.Equal((0xF135, 1, 2, 0x030405u), (security.Security, security.Compartments, security.HandlingRestrictions, security.TransmissionControlCode));
        Assert.Equal((0xAB, 0x80), (new IPSecurityOption(0xAB, 0x80).Level, new IPSecurityOption(0xAB, 0x80).Authorities[0]));
        Assert.Equal([new IPTimestampEntry(A, 42)], new IPTimestampOption(1, [A.IPv4Bits, 42]).Entries);
        Assert.Equal([new IPTimestampEntry(null, 1), new IPTimestampEntry(null, 2)], new IPTimestampOption(0, [1, 2]).Entries);
        IPTracerouteOption trace = new(5, 1, 2, A);
        Assert.Equal((5, 1, 2, A), (trace.Id, trace.OutboundHops, trace.ReturnHops, trace.Originator));
        IPAddressExtensionOption extension = new(A, B);
        Assert.Equal((A, B), (extension.SourceExtension, extension.DestinationExtension));
    }

    [Fact]
    public void Options_of_a_length_that_their_kind_cannot_have_are_kept_as_bytes()
    {
        foreach (string hex in new[] { "9403aa", "0b05050505", "52041111", "93060a000001", "950900", "8202" })
        {
            IPOption option = IPOption.FromBytes(SampleFrames.Hex(hex));
            Assert.Equal(typeof(IPOption), option.GetType());
            Assert.Equal(hex, Convert.ToHexStringLower(option.ToBytes()));
        }
    }

    [Fact]
    public void More_than_40_bytes_are_built_and_none_is_lost()
    {
        IPRouteOption route = new(IPv4OptionKind.RecordRoute, Enumerable.Repeat(A, 9));
        Packet packet = new IPv4Layer { Options = [route, route] } / new UdpLayer();
        byte[] bytes = packet.ToBytes();
        Assert.Equal(20 + 80 + 8, bytes.Length);
        Assert.Equal(60, new IPv4View(bytes).HeaderLength);
        Assert.Equal(bytes, Packet.Parse(bytes).ToBytes());
    }

    /// <summary>What another library made of packets; each number is a defect of it that must not be ours.</summary>
    [Fact]
    public void Defects_of_others_are_not_ours()
    {
        // 1: an option of length 0 ends the walk instead of going on for ever.
        Packet zero = Packet.Parse((new IPv4Layer() / new TcpLayer { Options = [new UnknownTcpOption([2, 0, 5, 180])] }).ToBytes());
        Assert.Single(zero.Tcp!.Options);

        // 2: options can be set on a new header.
        Assert.Equal(24, new TcpLayer { Options = [new TcpMaximumSegmentSizeOption(1460)] }.DataOffset);

        // 3: URG does not hide the options; the pointer is unsigned.
        Packet urgent = Packet.Parse((new IPv4Layer() / new TcpLayer
        {
            Flags = TcpFlags.Ack | TcpFlags.Urg, UrgentPointer = 0xFFFF, Options = [new TcpMaximumSegmentSizeOption(1460)],
        }).ToBytes());
        Assert.Equal((0xFFFF, 1460), (urgent.Tcp!.UrgentPointer, urgent.Tcp.GetOption<TcpMaximumSegmentSizeOption>()!.Value));

        // 4: a header length that is too small or too large is not believed and does not throw.
        foreach (int offset in new[] { 12, 60 })
        {
            byte[] bytes = (new IPv4Layer() / new TcpLayer { DataOffset = offset } / "data").ToBytes();
            Packet read = Packet.Parse(bytes);
            Assert.Equal(bytes, read.ToBytes());
            Assert.NotEmpty(read.Anomalies);
            Assert.NotNull(read.Tcp!.Options);
        }

        // 5 is ExtensionHeaderTests.Headers_of_different_sizes_are_each_read_by_their_own_length.
        // 6: data stays data whatever it looks like.
        byte[] data = [0, 10, 0xD0, 0, 0, 10, 0, 4, 0x11, 0x49];
        Assert.Equal(data, Packet.Parse((new IPv4Layer() / new TcpLayer { DestinationPort = 446 } / data).ToBytes()).Payload!.Data);

        // 7: flags are no signed number; a checksum without an IP header is no reason to throw.
        Packet evil = Packet.Parse((new IPv4Layer { ReservedFlag = true } / new UdpLayer()).ToBytes());
        Assert.True(evil.IPv4!.ReservedFlag && !evil.IPv4.DontFragment && !evil.IPv4.MoreFragments);
        Assert.Equal(0, new TcpLayer().Checksum!.Value);

        // 8: what is built is sound without a further call.
        Assert.Empty((new IPv4Layer() / new IcmpLayer() / "data").Anomalies);
        Assert.Empty((new IPv6Layer() / new Icmpv6Layer() / "data").Anomalies);
    }
}
