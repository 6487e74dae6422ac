using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Inspection;

/// <summary>What a packet is about, in columns: who sends to whom, by which protocol, and what.</summary>
public static class PacketColumns
{
    /// <summary>Where the packet comes from: address and port, or what it has of them; empty when it has neither.</summary>
    public static string Source(Packet packet) => packet switch
    {
        { IP: { } ip } => Endpoint(ip.Source, PortsOf(packet)?.Source),
        { Arp: { } arp } => arp.SenderProtocol.ToString(),
        { Ethernet: { } ethernet } => ethernet.Source.ToString(),
        _ => PortsOf(packet)?.Source.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Where the packet goes to.</summary>
    public static string Destination(Packet packet) => packet switch
    {
        { IP: { } ip } => Endpoint(ip.Destination, PortsOf(packet)?.Destination),
        { Arp: { } arp } => arp.TargetProtocol.ToString(),
        { Ethernet: { } ethernet } => ethernet.Destination.ToString(),
        _ => PortsOf(packet)?.Destination.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>The innermost protocol; of what has no layer of its own, the name by which IP announces it.</summary>
    public static string Protocol(Packet packet) => packet.Layers.LastOrDefault(layer => layer is not PayloadLayer) switch
    {
        null => packet.Layers.Count == 0 ? "" : "data",
        IPv4Layer { FragmentOffset: > 0 } => "IP fragment",
        IPLayer { Protocol: { } protocol } ip => FieldText.OfProtocol(protocol) ?? $"{ip.Name} {protocol}",
        { } layer => layer.Name,
    };

    /// <summary>What the packet says, in the manner of tcpdump, without who says it to whom.</summary>
    public static string Info(Packet packet)
    {
        string line = packet.ToString();
        int arrow = line.IndexOf(" > ", StringComparison.Ordinal);
        int colon = arrow < 0 ? -1 : line.IndexOf(": ", arrow, StringComparison.Ordinal);
        return colon >= 0 ? line[(colon + 2)..] : line;
    }

    /// <summary>
    /// A name for the conversation that the packet belongs to, the same for both directions: protocol and both ends, the
    /// smaller first. Packets can be grouped by it.
    /// </summary>
    public static string Flow(Packet packet)
    {
        (string protocol, int? id) = packet switch
        {
            { Tcp: not null } => ("TCP", (int?)null),
            { Udp: not null } => ("UDP", null),
            { Icmp: { IsError: false } echo } when IcmpType.HasIdentifier(echo.Type) => ("ICMP", echo.Identifier),
            { IP: { } ip } => (FieldText.OfProtocol(ip.Protocol ?? 0) ?? $"protocol {ip.Protocol}", null),
            _ => (Protocol(packet), null),
        };
        string source = Source(packet);
        string destination = Destination(packet);
        bool isOrdered = Compare(packet, source, destination) <= 0;
        (string first, string second) = isOrdered ? (source, destination) : (destination, source);
        return $"{protocol} {first} <> {second}{(id is null ? "" : $" id {id}")}".TrimEnd();
    }

    private static int Compare(Packet packet, string source, string destination)
    {
        if (packet.IP is not { } ip || ip.Source == ip.Destination)
        {
            (ushort Source, ushort Destination)? ports = PortsOf(packet);
            return ports is { } pair ? pair.Source.CompareTo(pair.Destination) : string.CompareOrdinal(source, destination);
        }

        Span<byte> bytes = stackalloc byte[32];
        ip.Source.TryWriteBytes(bytes);
        ip.Destination.TryWriteBytes(bytes[16..]);
        return bytes[..16].SequenceCompareTo(bytes[16..]);
    }

    private static (ushort Source, ushort Destination)? PortsOf(Packet packet) => packet switch
    {
        { Tcp: { } tcp } => (tcp.SourcePort, tcp.DestinationPort),
        { Udp: { } udp } => (udp.SourcePort, udp.DestinationPort),
        _ => null,
    };

    private static string Endpoint(NetworkAddress address, ushort? port) => (address.IsIPv6, port) switch
    {
        (_, null) => address.ToString(),
        (true, { } number) => $"[{address}]:{number}",
        (false, { } number) => $"{address}:{number}",
    };
}
