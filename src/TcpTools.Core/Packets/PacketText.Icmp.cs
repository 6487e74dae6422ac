using System;
using System.Globalization;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What ICMP messages say, in tcpdump's words.</summary>
internal static partial class PacketText
{
    /// <summary>What an ICMP message for IPv4 says.</summary>
    public static string Describe(IcmpLayer icmp)
    {
        string host = icmp.Quoted?.IP?.Destination.ToString() ?? "?";
        return icmp.Type switch
        {
            IcmpType.EchoRequest => $"echo request, id {icmp.Identifier}, seq {icmp.Sequence}",
            IcmpType.EchoReply => $"echo reply, id {icmp.Identifier}, seq {icmp.Sequence}",
            IcmpType.DestinationUnreachable => DescribeUnreachable(icmp, host),
            IcmpType.TimeExceeded => icmp.Code switch
            {
                IcmpCode.TimeToLiveExceeded => "time exceeded in-transit",
                IcmpCode.ReassemblyTimeExceeded => "ip reassembly time exceeded",
                _ => $"time exceeded-#{icmp.Code}",
            },
            IcmpType.Redirect => icmp.Code switch
            {
                0 => $"redirect {host} to net {icmp.Gateway}",
                1 => $"redirect {host} to host {icmp.Gateway}",
                2 => $"redirect-tos {host} to net {icmp.Gateway}",
                3 => $"redirect-tos {host} to host {icmp.Gateway}",
                _ => $"redirect-#{icmp.Code} {host} to {icmp.Gateway}",
            },
            IcmpType.ParameterProblem => icmp.Code == 0 ? $"parameter problem - octet {icmp.Pointer}" : $"parameter problem - code {icmp.Code}",
            IcmpType.SourceQuench => "source quench",
            IcmpType.RouterSolicitation => "router solicitation",
            IcmpType.RouterAdvertisement =>
                $"router advertisement lifetime {DescribeSeconds(icmp.Lifetime)} {icmp.Routers.Length}:{string.Concat(icmp.Routers.Select(router => $" {{{router.Address} {unchecked((uint)router.Preference)}}}"))}",
            IcmpType.TimestampRequest => $"time stamp query id {icmp.Identifier} seq {icmp.Sequence}",
            IcmpType.TimestampReply =>
                $"time stamp reply id {icmp.Identifier} seq {icmp.Sequence}: org {DescribeTime(icmp.OriginateTimestamp)}, recv {DescribeTime(icmp.ReceiveTimestamp)}, xmit {DescribeTime(icmp.TransmitTimestamp)}",
            IcmpType.InformationRequest => "information request",
            IcmpType.InformationReply => "information reply",
            IcmpType.AddressMaskRequest => "address mask request",
            IcmpType.AddressMaskReply => $"address mask is 0x{icmp.AddressMask.IPv4Bits:x8}",
            _ => $"type-#{icmp.Type}",
        };
    }

    /// <summary>What an ICMPv6 message says.</summary>
    public static string Describe(Icmpv6Layer icmp)
    {
        string host = icmp.Quoted?.IP?.Destination.ToString() ?? "?";
        return icmp.Type switch
        {
            Icmpv6Type.EchoRequest => $"echo request, id {icmp.Identifier}, seq {icmp.Sequence}",
            Icmpv6Type.EchoReply => $"echo reply, id {icmp.Identifier}, seq {icmp.Sequence}",
            Icmpv6Type.DestinationUnreachable => "destination unreachable, " + icmp.Code switch
            {
                0 => $"unreachable route {host}",
                1 => $" unreachable prohibited {host}",
                2 => $"beyond scope {host}, source address {icmp.Quoted?.IP?.Source}",
                3 => $"unreachable address {host}",
                4 => $"unreachable port, {host} {DescribePort(icmp.Quoted)}",
                _ => $"unknown unreach code ({icmp.Code})",
            },
            Icmpv6Type.PacketTooBig => $"packet too big, mtu {icmp.Mtu}",
            Icmpv6Type.TimeExceeded => icmp.Code switch
            {
                0 => $"time exceeded in-transit for {host}",
                1 => "time exceeded in-transit (reassembly)",
                _ => $"time exceeded, unknown code ({icmp.Code})",
            },
            Icmpv6Type.ParameterProblem => icmp.Code switch
            {
                0 => $"parameter problem, erroneous - octet {icmp.Pointer}",
                1 => $"parameter problem, next header - octet {icmp.Pointer}",
                2 => $"parameter problem, option - octet {icmp.Pointer}",
                _ => $"parameter problem, code-#{icmp.Code}",
            },
            Icmpv6Type.RouterSolicitation => "router solicitation",
            Icmpv6Type.RouterAdvertisement => "router advertisement",
            Icmpv6Type.NeighborSolicitation => $"neighbor solicitation, who has {icmp.Target}",
            Icmpv6Type.NeighborAdvertisement => $"neighbor advertisement, tgt is {icmp.Target}",
            Icmpv6Type.Redirect => $"redirect, {icmp.RedirectDestination} to {icmp.Target}",
            Icmpv6Type.MulticastListenerQuery or Icmpv6Type.MulticastListenerReport or Icmpv6Type.MulticastListenerDone => DescribeListener(icmp),
            Icmpv6Type.MulticastListenerReportV2 => $"multicast listener report v2, {icmp.Sequence} group record(s)",
            _ => $"type-#{icmp.Type}",
        };
    }

    private static string DescribeUnreachable(IcmpLayer icmp, string host) => icmp.Code switch
    {
        IcmpCode.NetworkUnreachable => $"net {host} unreachable",
        IcmpCode.HostUnreachable => $"host {host} unreachable",
        IcmpCode.ProtocolUnreachable => $"{host} protocol {icmp.Quoted?.IP?.Protocol} unreachable",
        IcmpCode.PortUnreachable => $"{host} {DescribePort(icmp.Quoted)} unreachable",
        IcmpCode.FragmentationNeeded when icmp.NextHopMtu == 0 => $"{host} unreachable - need to frag",
        IcmpCode.FragmentationNeeded => $"{host} unreachable - need to frag (mtu {icmp.NextHopMtu})",
        IcmpCode.SourceRouteFailed => $"{host} unreachable - source route failed",
        IcmpCode.NetworkUnknown => $"net {host} unreachable - unknown",
        IcmpCode.HostUnknown => $"host {host} unreachable - unknown",
        IcmpCode.SourceIsolated => $"{host} unreachable - source host isolated",
        IcmpCode.NetworkProhibited => $"net {host} unreachable - admin prohibited",
        IcmpCode.HostProhibited => $"host {host} unreachable - admin prohibited",
        IcmpCode.NetworkUnreachableForService => $"net {host} unreachable - tos prohibited",
        IcmpCode.HostUnreachableForService => $"host {host} unreachable - tos prohibited",
        IcmpCode.Prohibited => $"host {host} unreachable - admin prohibited filter",
        14 => $"host {host} unreachable - host precedence violation",
        15 => $"host {host} unreachable - precedence cutoff",
        _ => $"{host} unreachable - #{icmp.Code}",
    };

    private static string DescribeListener(Icmpv6Layer icmp)
    {
        int index = icmp.Owner?.Layers.IndexOf(icmp) ?? -1;
        bool isSecond = icmp.Type == Icmpv6Type.MulticastListenerQuery && index >= 0 && MeasureFrom(icmp.Owner!, index) >= 28;
        return isSecond
            ? $"multicast listener query v2 [gaddr {icmp.MulticastAddress}]"
            : $"{FieldText.OfIcmpv6Type(icmp.Type)} max resp delay: {icmp.MaximumResponseDelay} addr: {icmp.MulticastAddress}";
    }

    private static string DescribePort(Packet? quoted) => quoted switch
    {
        { Tcp: { } tcp } => $"tcp port {tcp.DestinationPort}",
        { Udp: { } udp } => $"udp port {udp.DestinationPort}",
        _ => "port",
    };

    private static string DescribeSeconds(int seconds) => seconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{seconds}"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60}:{seconds % 60:00}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}"),
    };

    private static string DescribeTime(uint milliseconds) =>
        TimeSpan.FromMilliseconds(milliseconds).ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);
}
