using System.Collections.Generic;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Packets;

/// <summary>One sound message for each kind that is known.</summary>
internal static class IcmpSamples
{
    private static readonly NetworkAddress A = NetworkAddress.Parse("fe80::1");
    private static readonly NetworkAddress B = NetworkAddress.Parse("fe80::2");
    private static readonly NetworkAddress Group = NetworkAddress.Parse("ff02::1:ff00:2");
    private static readonly MacAddress Mac = MacAddress.Parse("02:00:00:00:00:01");

    /// <summary>Messages for IPv6.</summary>
    public static IReadOnlyList<Packet> Version6 { get; } =
    [
        V6() / new Icmpv6Layer { Identifier = 7, Sequence = 9 } / "abcdefgh",
        V6() / new Icmpv6Layer { Type = Icmpv6Type.EchoReply, Identifier = 7, Sequence = 9 } / "abcdefgh",
        Error(Icmpv6Type.DestinationUnreachable, 0), Error(Icmpv6Type.DestinationUnreachable, 1), Error(Icmpv6Type.DestinationUnreachable, 2),
        Error(Icmpv6Type.DestinationUnreachable, 3), Error(Icmpv6Type.DestinationUnreachable, 4), Error(Icmpv6Type.DestinationUnreachable, 5),
        V6() / new Icmpv6Layer { Type = Icmpv6Type.DestinationUnreachable, Code = 4 } / (V6() / new TcpLayer { DestinationPort = 60001 }),
        Error(Icmpv6Type.PacketTooBig, 0, 1280),
        Error(Icmpv6Type.TimeExceeded, 0), Error(Icmpv6Type.TimeExceeded, 1),
        Error(Icmpv6Type.ParameterProblem, 0, 40), Error(Icmpv6Type.ParameterProblem, 1, 6), Error(Icmpv6Type.ParameterProblem, 2, 42),
        V6() / new Icmpv6Layer { Type = Icmpv6Type.RouterSolicitation, Options = [new NeighborLinkAddressOption(Mac)] },
        V6() / new Icmpv6Layer
        {
            Type = Icmpv6Type.RouterAdvertisement, CurrentHopLimit = 64, RouterFlags = 0xC0, RouterLifetime = 1800, ReachableTime = 30000, RetransmitTime = 1000,
            Options =
            [
                new NeighborLinkAddressOption(Mac), new NeighborMtuOption(1500), new NeighborPrefixOption(NetworkAddress.Parse("2001:db8::"), 64, 86400, 14400),
                new NeighborDnsServersOption(600, NetworkAddress.Parse("2001:db8::53"), NetworkAddress.Parse("2001:db8::54")), new NeighborOption(99, 1, 2, 3),
            ],
        },
        V6() / new Icmpv6Layer { Type = Icmpv6Type.NeighborSolicitation, Target = B, Options = [new NeighborLinkAddressOption(Mac)] },
        V6() / new Icmpv6Layer { Type = Icmpv6Type.NeighborAdvertisement, Target = B, IsRouter = true, IsSolicited = true, IsOverride = true, Options = [new NeighborLinkAddressOption(Mac, ofTarget: true)] },
        V6() / new Icmpv6Layer { Type = Icmpv6Type.Redirect, Target = A, RedirectDestination = NetworkAddress.Parse("2001:db8::9"), Options = [new NeighborRedirectedOption(V6() / new UdpLayer())] },
        Listener(Icmpv6Type.MulticastListenerQuery), Listener(Icmpv6Type.MulticastListenerReport), Listener(Icmpv6Type.MulticastListenerDone),
        Listener(Icmpv6Type.MulticastListenerQuery) / new byte[] { 2, 125, 0, 0 },
        V6() / new HopByHopLayer { Options = [new IPv6RouterAlertOption()] } / new Icmpv6Layer { Type = Icmpv6Type.MulticastListenerReportV2, RestOfHeader = 1 }
            / (byte[])[4, 0, 0, 0, 0xFF, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xFF, 0, 0, 2],
        V6() / new Icmpv6Layer { Type = 200, Code = 3, RestOfHeader = 0x01020304 } / "experiment",
        V6() / new Icmpv6Layer
        {
            Type = Icmpv6Type.TimeExceeded,
            Quoted = V6() / new UdpLayer { DestinationPort = 33434 } / new byte[20],
            Extensions = [new IcmpLabelStackObject(new MplsLabelEntry(16001, 2, false, 1), new MplsLabelEntry(24, 0, true, 255))],
        },
    ];

    /// <summary>Messages for IPv4.</summary>
    public static IReadOnlyList<Packet> Version4 { get; } =
    [
        V4() / new IcmpLayer { Identifier = 7, Sequence = 9 } / "abcdefgh",
        V4() / new IcmpLayer { Type = IcmpType.TimestampRequest, Identifier = 1, Sequence = 2, OriginateTimestamp = 3_600_000 },
        V4() / new IcmpLayer { Type = IcmpType.TimestampReply, Identifier = 1, Sequence = 2, OriginateTimestamp = 3_600_000, ReceiveTimestamp = 3_600_123, TransmitTimestamp = 3_600_124 },
        V4() / new IcmpLayer { Type = IcmpType.AddressMaskRequest, Identifier = 1, Sequence = 2 },
        V4() / new IcmpLayer { Type = IcmpType.AddressMaskReply, AddressMask = NetworkAddress.Parse("255.255.255.0") },
        V4() / new IcmpLayer { Type = IcmpType.RouterSolicitation },
        V4() / new IcmpLayer { Type = IcmpType.RouterAdvertisement, Lifetime = 1800, Routers = [new(NetworkAddress.Parse("10.0.0.1"), 0), new(NetworkAddress.Parse("10.0.0.2"), -5)] },
        V4() / new IcmpLayer { Type = IcmpType.InformationRequest, Identifier = 1, Sequence = 2 },
        V4() / new IcmpLayer { Type = IcmpType.InformationReply, Identifier = 1, Sequence = 2 },
        Error4(IcmpType.DestinationUnreachable, 0), Error4(IcmpType.DestinationUnreachable, 1), Error4(IcmpType.DestinationUnreachable, 2),
        Error4(IcmpType.DestinationUnreachable, 3), Error4(IcmpType.DestinationUnreachable, 4, 1400), Error4(IcmpType.DestinationUnreachable, 5),
        Error4(IcmpType.DestinationUnreachable, 6), Error4(IcmpType.DestinationUnreachable, 7), Error4(IcmpType.DestinationUnreachable, 8),
        Error4(IcmpType.DestinationUnreachable, 9), Error4(IcmpType.DestinationUnreachable, 10), Error4(IcmpType.DestinationUnreachable, 11),
        Error4(IcmpType.DestinationUnreachable, 12), Error4(IcmpType.DestinationUnreachable, 13), Error4(IcmpType.DestinationUnreachable, 14),
        Error4(IcmpType.DestinationUnreachable, 15), Error4(IcmpType.DestinationUnreachable, 99),
        Error4(IcmpType.TimeExceeded, 0), Error4(IcmpType.TimeExceeded, 1), Error4(IcmpType.SourceQuench, 0),
        Error4(IcmpType.ParameterProblem, 0, 0x14000000), Error4(IcmpType.ParameterProblem, 1),
        Error4(IcmpType.Redirect, 0, 0x0A000001), Error4(IcmpType.Redirect, 1, 0x0A000001), Error4(IcmpType.Redirect, 2, 0x0A000001), Error4(IcmpType.Redirect, 3, 0x0A000001),
        V4() / new IcmpLayer { Type = 200, Code = 3, RestOfHeader = 0x01020304 } / "experiment",
        V4() / new IcmpLayer
        {
            Type = IcmpType.TimeExceeded,
            Quoted = V4() / new UdpLayer { DestinationPort = 33434 } / new byte[20],
            Extensions =
            [
                new IcmpLabelStackObject(new MplsLabelEntry(16001, 2, false, 1), new MplsLabelEntry(24, 0, true, 255)),
                new IcmpInterfaceObject(0, 3, NetworkAddress.Parse("10.0.0.9"), "eth0", 1500), new IcmpInterfaceObject(2, address: A, name: "a"),
                new IcmpExtensionObject(247, 1, 1, 2, 3, 4),
            ],
        },
    ];

    private static IPv6Layer V6() => new() { Source = A, Destination = Group, HopLimit = 255 };

    private static IPv4Layer V4() => new() { Source = NetworkAddress.Parse("10.9.0.1"), Destination = NetworkAddress.Parse("10.9.0.2") };

    private static Packet Error(byte type, byte code, uint rest = 0) =>
        V6() / new Icmpv6Layer { Type = type, Code = code, RestOfHeader = rest } / (new IPv6Layer { Source = B, Destination = A } / new UdpLayer { SourcePort = 60001, DestinationPort = 60002 } / "quoted");

    private static Packet Error4(byte type, byte code, uint rest = 0) =>
        V4() / new IcmpLayer { Type = type, Code = code, RestOfHeader = rest } / (new IPv4Layer { Source = NetworkAddress.Parse("10.9.0.2"), Destination = NetworkAddress.Parse("10.9.0.7") }
            / new UdpLayer { SourcePort = 60001, DestinationPort = 60002 } / "quoted");

    private static Packet Listener(byte type) =>
        new IPv6Layer { Source = A, Destination = Group, HopLimit = 1 } / new HopByHopLayer { Options = [new IPv6RouterAlertOption()] }
            / new Icmpv6Layer { Type = type, MaximumResponseDelay = 1000, MulticastAddress = type == Icmpv6Type.MulticastListenerQuery ? NetworkAddress.Parse("::") : Group };
}
