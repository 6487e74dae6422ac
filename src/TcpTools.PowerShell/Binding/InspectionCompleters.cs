using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Completes the names of layers: of a packet that was given already, else of those that most packets have.</summary>
public sealed class LayerNameCompleter : WordCompleter
{
    private static readonly string[] s_usual = ["Ethernet", "Vlan", "ARP", "IP", "IPv6", "ICMP", "ICMPv6", "UDP", "TCP", "DNS", "Payload"];

    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) => FieldNameCompleter.FindPacket(bound) is { } packet
        ? packet.GetFields().Select(layer => (layer.Name, layer.Text))
        : s_usual.Select(name => (name, name));
}

/// <summary>Completes the paths of fields.</summary>
public sealed class FieldNameCompleter : WordCompleter
{
    private static readonly string[] s_usual =
    [
        "Checksum", "IP.Checksum", "IP.Identification", "IP.TimeToLive", "IP.TotalLength", "TCP.Sequence", "TCP.Acknowledgment",
        "TCP.Window", "TCP.Checksum", "TCP.Options", "UDP.Checksum", "ICMP.Checksum", "Ethernet.*", "Payload.Data",
    ];

    private static readonly string[] s_packets = ["InputObject", "ReferenceObject", "Expected"];

    /// <summary>The packet that the command line names already; null when there is none.</summary>
    internal static Packet? FindPacket(IDictionary bound) =>
        s_packets.Select(name => PacketInput.TryRead(bound[name])).FirstOrDefault(packet => packet is not null);

    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) => FindPacket(bound) is { } packet
        ? packet.GetFields().SelectMany(layer => layer.Leaves()).Select(field => (field.Path, field.Text))
        : s_usual.Select(name => (name, name));
}

/// <summary>Completes the names of checks.</summary>
public sealed class CheckNameCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("Checksum", "all checksums, as where a device computes them"), ("IP.Checksum", "the header checksum"),
        ("TCP.Checksum", "the checksum of TCP"), ("UDP.Checksum", "the checksum of UDP"), ("Length", "lengths, as of a packet that was cut"),
        ("Flags", "control bits"), ("Options", "options"), ("Reserved", "reserved bits"), ("Trailer", "bytes behind the packet"),
    ];
}
