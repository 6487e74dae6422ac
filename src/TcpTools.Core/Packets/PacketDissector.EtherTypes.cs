using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What the type field of Ethernet and its like announces.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>Returns the first layer that was found.</summary>
    private PacketLayer? DissectEtherType(ushort type, ReadOnlySpan<byte> bytes)
    {
        int index = _packet.Layers.Count;
        switch (type)
        {
            case EtherType.IPv4:
                DissectIPv4(bytes);
                break;
            case EtherType.IPv6:
                DissectIPv6(bytes);
                break;
            case EtherType.Arp:
                DissectArp(bytes);
                break;
            case EtherType.Vlan or EtherType.ServiceVlan or EtherType.OldServiceVlan:
                DissectVlan(type, bytes);
                break;
            case EtherType.Mpls or EtherType.MplsUpstream:
                DissectMpls(bytes);
                break;
            case EtherType.TransparentBridging:
                DissectInnerEthernet(bytes);
                break;
            default:
                AddPayload(bytes);
                break;
        }

        return index < _packet.Layers.Count ? _packet.Layers[index] : null;
    }
}
