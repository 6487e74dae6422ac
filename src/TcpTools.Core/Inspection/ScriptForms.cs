using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>How a property of a layer is given to a cmdlet.</summary>
/// <param name="Property">The property.</param>
/// <param name="Parameter">The parameter; null for one that is given by its position, and always.</param>
/// <param name="IsSwitch">Whether the parameter is a switch.</param>
internal sealed record ScriptParameter(string Property, string? Parameter, bool IsSwitch = false);

/// <summary>The cmdlet that makes a layer.</summary>
/// <param name="Cmdlet">Its name.</param>
/// <param name="Parameters">What it can be told, those given by position first.</param>
internal sealed record ScriptForm(string Cmdlet, ScriptParameter[] Parameters)
{
    private static readonly Dictionary<Type, ScriptForm> s_forms = new()
    {
        [typeof(EthernetLayer)] = Make("New-EthernetFrame", "Destination Source", "EtherType"),
        [typeof(IPv4Layer)] = Make(
            "New-IPPacket",
            "Destination Source",
            "TimeToLive Identification DontFragment? MoreFragments? FragmentOffset TypeOfService Protocol Checksum TotalLength HeaderLength Options=Option"),
        [typeof(IPv6Layer)] = Make(
            "New-IPPacket", "Destination Source", "HopLimit TrafficClass FlowLabel NextHeader=Protocol PayloadLength=TotalLength"),
        [typeof(TcpLayer)] = Make(
            "New-TcpSegment",
            "DestinationPort SourcePort",
            "Flags Sequence Acknowledgment Window UrgentPointer Options=Option Checksum DataOffset"),
        [typeof(UdpLayer)] = Make("New-UdpDatagram", "DestinationPort SourcePort", "Length Checksum"),
        [typeof(IcmpLayer)] = Make("New-IcmpMessage", "Type Code", "Identifier Sequence Quoted Checksum"),
        [typeof(Icmpv6Layer)] = Make("New-IcmpMessage", "Type Code", "Identifier Sequence Quoted Target Checksum"),
        [typeof(ArpLayer)] = Make(
            "New-ArpPacket",
            "TargetProtocol SenderProtocol",
            "SenderHardware TargetHardware"),
    };

    /// <summary>The form for a layer; null when only an object can be written.</summary>
    /// <param name="layer">The layer, in its packet.</param>
    /// <param name="ip">The nearest IP layer around it, which decides the version of ICMP; null for none.</param>
    public static ScriptForm? Of(PacketLayer layer, IPLayer? ip) =>
        layer is IcmpMessageLayer && ip is IPv6Layer != layer is Icmpv6Layer ? null : s_forms.GetValueOrDefault(layer.GetType());

    // A question mark makes a switch, and an equals sign precedes a parameter whose name is not the property's.
    private static ScriptForm Make(string cmdlet, string byPosition, string byName) => new(cmdlet,
    [
        .. byPosition.Split(' ').Select(property => new ScriptParameter(property, null)),
        .. byName.Split(' ').Select(word => word.TrimEnd('?').Split('=') is [string property, .. var rest]
            ? new ScriptParameter(property, rest.Length > 0 ? rest[0] : property, word.EndsWith('?'))
            : throw new InvalidOperationException()),
    ]);
}
