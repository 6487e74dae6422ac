using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Length fields, LLC and SNAP.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>
    /// What follows a field of Ethernet or a VLAN tag that holds a type, or the length of what has an LLC header (IEEE
    /// 802.3, 3.2.6). What lies beyond that length becomes the trailer of the layer with the field.
    /// </summary>
    private PacketLayer? DissectTypeOrLength(PacketLayer holder, ushort field, ReadOnlySpan<byte> bytes, out int length)
    {
        length = bytes.Length;
        if (holder.TruncatedTo is not null)
        {
            return null;
        }

        if (field >= EtherType.FirstType)
        {
            return DissectEtherType(field, bytes);
        }

        if (field > bytes.Length)
        {
            Report(PacketAnomalyKind.TruncatedPacket, holder.Name, $"{bytes.Length} bytes of {field}");
        }

        length = Math.Min(field, bytes.Length);
        holder.Trailer = bytes[length..].ToArray();
        ReportTrailer(holder);
        int index = _packet.Layers.Count;
        DissectLlc(bytes[..length]);
        return index < _packet.Layers.Count ? _packet.Layers[index] : null;
    }

    private void DissectLlc(ReadOnlySpan<byte> bytes)
    {
        // Novell's frames have a length and no LLC header: their checksum, never computed, tells them.
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFF]))
        {
            AddPayload(bytes);
            return;
        }

        if (IsMissing(bytes, "LLC"))
        {
            return;
        }

        LlcView view = new(bytes);
        LlcLayer layer = new()
        {
            Destination = view.Destination,
            Source = view.Source,
            Control = view.Control,
            SecondControl = view.SecondControl,
        };
        AddHeader(layer, bytes.Length, view.HeaderLength);
        ReadOnlySpan<byte> payload = view.Payload;
        switch (view.Destination, view.Control)
        {
            case (ServiceAccessPoint.Snap, LlcView.UnnumberedInformation) when !payload.IsEmpty:
                DissectSnap(payload);
                break;
            case (ServiceAccessPoint.IPv4, LlcView.UnnumberedInformation):
                DissectUnannouncedIP(payload);
                break;
            default:
                AddPayload(payload);
                break;
        }
    }

    private void DissectSnap(ReadOnlySpan<byte> bytes)
    {
        SnapView view = new(bytes);
        SnapLayer layer = new() { Organization = view.Organization };
        AddHeader(layer, bytes.Length, SnapView.HeaderLength);
        int index = _packet.Layers.Count;
        if (view.HasEtherType && view.IsComplete)
        {
            DissectEtherType(view.Protocol, view.Payload);
        }
        else
        {
            AddPayload(view.Payload);
        }

        PacketLayer? next = index < _packet.Layers.Count ? _packet.Layers[index] : null;
        layer.Protocol = view.Protocol == EthernetLayer.Announce(next) ? null : view.Protocol;
    }
}
