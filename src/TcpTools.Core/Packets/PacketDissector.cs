using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Takes bytes apart into layers. Every bit of the input ends up in a field, an option, a trailer or a payload; a field
/// that could be computed is set only where the bytes deviate from the computed value. Both together make the round trip
/// exact. This part of it: the link layer.
/// </summary>
internal sealed partial class PacketDissector
{
    /// <summary>How many IP headers may follow each other before the rest is left as it is.</summary>
    private const int MaximumTunnels = 4;

    private readonly Packet _packet = new();
    private readonly List<PacketAnomaly>? _anomalies;
    private readonly bool _isQuotation;
    private int _tunnels;

    private PacketDissector(List<PacketAnomaly>? anomalies, bool isQuotation)
    {
        _anomalies = anomalies;
        _isQuotation = isQuotation;
    }

    /// <summary>Takes bytes apart, and lists what is wrong with them if a list is given.</summary>
    public static Packet Dissect(ReadOnlySpan<byte> bytes, PacketStart start, List<PacketAnomaly>? anomalies)
    {
        PacketDissector dissector = new(anomalies, isQuotation: false);
        if (start == PacketStart.Ethernet)
        {
            dissector.DissectEthernet(bytes);
        }
        else
        {
            dissector.DissectUnannouncedIP(bytes);
        }

        return dissector._packet;
    }

    private void DissectEthernet(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        EthernetView view = new(bytes);
        EthernetLayer layer = new() { Destination = view.Destination, Source = view.Source };
        AddHeader(layer, bytes.Length, EthernetView.HeaderLength);
        PacketLayer? next = DissectEtherType(view.EtherType, view.Payload);
        layer.EtherType = view.EtherType == EthernetLayer.Announce(next) ? null : view.EtherType;
    }

    /// <summary>Returns the first layer that was found.</summary>
    private PacketLayer? DissectEtherType(ushort type, ReadOnlySpan<byte> bytes)
    {
        int index = _packet.Layers.Count;
        if (type == EtherType.IPv4)
        {
            DissectIP(bytes);
        }
        else if (type == EtherType.Arp)
        {
            DissectArp(bytes);
        }
        else if (EtherType.IsVlan(type))
        {
            DissectVlan(bytes);
        }
        else
        {
            AddPayload(bytes);
        }

        return index < _packet.Layers.Count ? _packet.Layers[index] : null;
    }

    private void DissectVlan(ReadOnlySpan<byte> bytes)
    {
        // Tags could be stacked without end; each takes 4 bytes, and recursion must not grow with the input.
        if (_tunnels >= MaximumTunnels)
        {
            AddPayload(bytes);
            return;
        }

        if (bytes.IsEmpty)
        {
            Report(PacketAnomalyKind.TruncatedHeader, "Vlan", "announced, but nothing follows");
            return;
        }

        _tunnels++;
        VlanTagView view = new(bytes);
        VlanLayer layer = new() { Priority = view.Priority, DropEligible = view.DropEligible, VlanId = view.VlanId };
        AddHeader(layer, bytes.Length, VlanTagView.HeaderLength);
        PacketLayer? next = DissectEtherType(view.EtherType, view.Payload);
        layer.EtherType = view.EtherType == EthernetLayer.Announce(next) ? null : view.EtherType;
    }

    private void DissectArp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            Report(PacketAnomalyKind.TruncatedHeader, "ARP", "announced, but nothing follows");
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

    /// <summary>Adds a layer, cut if there are fewer bytes than its header has.</summary>
    private void AddHeader(PacketLayer layer, int available, int needed)
    {
        _packet.Layers.Add(layer);
        if (available < needed)
        {
            layer.TruncatedTo = available;
            Report(PacketAnomalyKind.TruncatedHeader, layer.Name, $"{available} bytes of a header of {needed}");
        }
    }

    private void AddPayload(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _packet.Layers.Add(new PayloadLayer([.. bytes]));
        }
    }

    private void ReportTrailer(PacketLayer layer)
    {
        if (_anomalies is not null && layer.Trailer.AsSpan().ContainsAnyExcept((byte)0))
        {
            Report(PacketAnomalyKind.TrailingData, layer.Name, $"{layer.Trailer.Length} bytes that are not zero follow the packet");
        }
    }

    private void Report(PacketAnomalyKind kind, string layer, string message)
    {
        if (!_isQuotation)
        {
            _anomalies?.Add(new PacketAnomaly(kind, layer, message));
        }
    }
}
