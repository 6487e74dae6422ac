using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The link layer.</summary>
internal ref partial struct PacketDissector
{
    private void DissectEthernet(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        EthernetView view = new(bytes);
        EthernetLayer layer = new() { Destination = view.Destination, Source = view.Source };
        AddHeader(layer, bytes.Length, EthernetView.HeaderLength);
        PacketLayer? next = DissectTypeOrLength(layer, view.EtherType, view.Payload, out int length);
        layer.EtherType = view.EtherType == EthernetLayer.Announce(next, length) ? null : view.EtherType;
    }

    private void DissectVlan(ushort type, ReadOnlySpan<byte> bytes)
    {
        // Tags could be stacked without end; each takes 4 bytes, and recursion must not grow with the input.
        if (_tunnels >= MaximumTunnels)
        {
            AddPayload(bytes);
            return;
        }

        if (IsMissing(bytes, "Vlan"))
        {
            return;
        }

        _tunnels++;
        VlanTagView view = new(bytes);
        VlanLayer layer = new()
        {
            TagProtocol = type,
            Priority = view.Priority,
            DropEligible = view.DropEligible,
            VlanId = view.VlanId,
        };
        AddHeader(layer, bytes.Length, VlanTagView.HeaderLength);
        PacketLayer? next = DissectTypeOrLength(layer, view.EtherType, view.Payload, out int length);
        layer.EtherType = view.EtherType == EthernetLayer.Announce(next, length) ? null : view.EtherType;
    }

    private readonly void DissectArp(ReadOnlySpan<byte> bytes)
    {
        if (IsMissing(bytes, "ARP"))
        {
            return;
        }

        ArpView view = new(bytes);
        ArpLayer layer = new()
        {
            HardwareType = view.HardwareType,
            ProtocolType = view.ProtocolType,
            Operation = view.Operation,
            SenderHardwareBytes = [.. view.SenderHardwareBytes],
            SenderProtocolBytes = [.. view.SenderProtocolBytes],
            TargetHardwareBytes = [.. view.TargetHardwareBytes],
            TargetProtocolBytes = [.. view.TargetProtocolBytes],
            Trailer = [.. view.Trailer],
        };
        layer.HardwareLength = view.HardwareLength == layer.SenderHardwareBytes.Length ? null : view.HardwareLength;
        layer.ProtocolLength = view.ProtocolLength == layer.SenderProtocolBytes.Length ? null : view.ProtocolLength;
        AddHeader(layer, bytes.Length, ArpView.FixedLength + (2 * (view.HardwareLength + view.ProtocolLength)));
        ReportTrailer(layer);
    }
}
