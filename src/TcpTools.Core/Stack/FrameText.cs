using System;
using System.Globalization;
using System.Text;
using TcpTools.Links;
using TcpTools.Tcp;
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

    /// <summary>A TCP segment with its sockets.</summary>
    public static string DescribeTcp(NetworkAddress source, NetworkAddress destination, ReadOnlySpan<byte> segment)
    {
        TcpView tcp = new(segment);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{source}:{tcp.SourcePort} > {destination}:{tcp.DestinationPort} {DescribeSegment(tcp, null, null)}");
    }

    /// <summary>
    /// A TCP segment without its sockets. Of the options, those of a SYN are told, and of others what is acknowledged
    /// selectively.
    /// </summary>
    /// <param name="tcp">The segment.</param>
    /// <param name="first">The sender's first sequence number, from which its numbers are counted; null for none.</param>
    /// <param name="peerFirst">The receiver's first, from which acknowledgments are counted; null for none.</param>
    public static string DescribeSegment(TcpView tcp, SequenceNumber? first, SequenceNumber? peerFirst)
    {
        int length = tcp.Payload.Length;
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"[{SegmentRecord.DescribeFlags(tcp.Flags)}] seq {Number(tcp.Sequence, first)}");
        if (length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $":{Number(tcp.Sequence + length, first)}");
        }

        if ((tcp.Flags & TcpFlags.Ack) != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" ack {Number(tcp.Acknowledgment, peerFirst)}");
        }

        text.Append(CultureInfo.InvariantCulture, $" win {tcp.Window}");
        if ((tcp.Flags & TcpFlags.Syn) != 0)
        {
            string options = TcpOptionText.Describe(tcp.Options);
            text.Append(options.Length > 0 ? $" [{options}]" : "");
        }
        else
        {
            AppendSack(text, tcp.Options, peerFirst);
        }

        return length == 0 ? text.ToString() : text.Append(CultureInfo.InvariantCulture, $" length {length}").ToString();
    }

    private static void AppendSack(StringBuilder text, ReadOnlySpan<byte> options, SequenceNumber? first)
    {
        Span<SackBlock> blocks = stackalloc SackBlock[4];
        TcpOptionReader reader = new(options);
        while (reader.MoveNext())
        {
            foreach (SackBlock block in blocks[..Math.Max(0, reader.ReadSack(blocks))])
            {
                text.Append(CultureInfo.InvariantCulture, $" sack {Number(block.Left, first)}:{Number(block.Right, first)}");
            }
        }
    }

    private static string Number(SequenceNumber number, SequenceNumber? first) => first is { } start
        ? (number - start).ToString(CultureInfo.InvariantCulture)
        : number.ToString();
}
