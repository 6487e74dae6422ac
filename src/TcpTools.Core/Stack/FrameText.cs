using System;
using System.Globalization;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Packets in a line, for people who step through an exchange.</summary>
internal static class FrameText
{
    /// <summary>A frame of a link, in the manner of tcpdump.</summary>
    public static string Describe(ReadOnlySpan<byte> frame, LinkMedium medium)
    {
        if (medium == LinkMedium.IP)
        {
            return Describe(frame);
        }

        EthernetView ethernet = new(frame);
        ArpView arp = new(ethernet.Payload);
        if (ethernet.EtherType == EtherType.Arp && arp.IsValid)
        {
            return arp.Operation == ArpOperation.Reply
                ? $"ARP {arp.SenderProtocol} is at {arp.SenderHardware}"
                : $"ARP who has {arp.TargetProtocol} tell {arp.SenderProtocol}";
        }

        return ethernet.EtherType == EtherType.IPv4
            ? Describe(ethernet.Payload)
            : string.Create(CultureInfo.InvariantCulture, $"{frame.Length} bytes of protocol 0x{ethernet.EtherType:x4}");
    }

    /// <summary>A packet that starts with its IP header, in the manner of tcpdump.</summary>
    public static string Describe(ReadOnlySpan<byte> packet)
    {
        IPv4View ip = new(packet);
        if (!ip.IsValid)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{packet.Length} bytes that are no IPv4 packet");
        }

        if (ip.Protocol == IPProtocol.Tcp && ip.FragmentOffset == 0 && new TcpView(ip.Payload).IsValid)
        {
            return DescribeTcp(ip.Source, ip.Destination, ip.Payload);
        }

        string protocol = ip.Protocol switch
        {
            IPProtocol.Icmp => "ICMP",
            IPProtocol.Tcp => "TCP",
            IPProtocol.Udp => "UDP",
            _ => string.Create(CultureInfo.InvariantCulture, $"protocol {ip.Protocol}"),
        };
        return string.Create(
            CultureInfo.InvariantCulture, $"{ip.Source} > {ip.Destination} {protocol} length {ip.Payload.Length}");
    }

    /// <summary>A TCP segment.</summary>
    public static string DescribeTcp(NetworkAddress source, NetworkAddress destination, ReadOnlySpan<byte> segment)
    {
        TcpView tcp = new(segment);
        int length = tcp.Payload.Length;
        string sequence = length > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{tcp.Sequence}:{tcp.Sequence + length}")
            : tcp.Sequence.ToString();
        string acknowledgment = (tcp.Flags & TcpFlags.Ack) != 0
            ? string.Create(CultureInfo.InvariantCulture, $" ack {tcp.Acknowledgment}")
            : "";
        string options = TcpOptionText.Describe(tcp.Options);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{source}:{tcp.SourcePort} > {destination}:{tcp.DestinationPort} [{SegmentRecord.DescribeFlags(tcp.Flags)}] "
                + $"seq {sequence}{acknowledgment} win {tcp.Window}{(options.Length > 0 ? $" [{options}]" : "")} length {length}");
    }
}
