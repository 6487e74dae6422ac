using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What the protocol field of IP announces.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>What a packet's content needs to know of the IP header around it.</summary>
    private readonly record struct Enclosing(IPLayer IP, bool IsFirst, bool IsWhole);

    /// <summary>Returns the first layer that was found.</summary>
    private PacketLayer? DissectContent(byte protocol, ReadOnlySpan<byte> bytes, Enclosing around)
    {
        int index = _packet.Layers.Count;
        if (bytes.IsEmpty)
        {
            return null;
        }

        switch (protocol)
        {
            // Only a first fragment starts with the header of what the packet carries.
            case var _ when !around.IsFirst:
                AddPayload(bytes);
                break;
            case IPProtocol.Tcp:
                DissectTcp(bytes, around);
                break;
            case IPProtocol.Udp:
                DissectUdp(bytes, around);
                break;
            case IPProtocol.Icmp:
                DissectIcmp(bytes, around);
                break;
            case IPProtocol.Icmpv6:
                DissectIcmpv6(bytes, around);
                break;
            case IPProtocol.AuthenticationHeader:
            case IPProtocol.HopByHopOptions or IPProtocol.RoutingHeader or IPProtocol.FragmentHeader or IPProtocol.DestinationOptions
                when around.IP is IPv6Layer:
                DissectExtension(protocol, bytes, around);
                break;
            case IPProtocol.IPv4 when _tunnels < MaximumTunnels:
                _tunnels++;
                DissectIPv4(bytes);
                break;
            case IPProtocol.IPv6 when _tunnels < MaximumTunnels:
                _tunnels++;
                DissectIPv6(bytes);
                break;
            case IPProtocol.Gre:
                DissectGre(bytes, around.IsWhole);
                break;
            default:
                AddPayload(bytes);
                break;
        }

        return _packet.Layers[index];
    }
}
