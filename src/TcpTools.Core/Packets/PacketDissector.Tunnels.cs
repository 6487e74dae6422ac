using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Headers that carry other packets: GRE, label stacks, Ethernet inside something.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>How many labels may be stacked before the rest is left as it is.</summary>
    private const int MaximumLabels = 32;

    private void DissectGre(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        GreView view = new(bytes);
        if (!view.IsStandard || _tunnels >= MaximumTunnels)
        {
            AddPayload(bytes);
            return;
        }

        _tunnels++;
        GreLayer layer = new()
        {
            HasChecksum = view.HasChecksum,
            Reserved = view.Reserved,
            Key = view.HasKey ? view.Key : null,
            Sequence = view.HasSequence ? view.Sequence : null,
            ReservedFlags = (ushort)(view.Flags & GreView.ReservedBits),
        };
        AddHeader(layer, bytes.Length, view.HeaderLength);
        if (view.HasChecksum)
        {
            ulong sum = InternetChecksum.Add(0, bytes);
            layer.Checksum = layer.TruncatedTo is null && IsSameAsComputed(view.Checksum, sum) ? null : view.Checksum;
            if (isWhole && layer.TruncatedTo is null && !InternetChecksum.IsValid(sum))
            {
                Report(PacketAnomalyKind.BadChecksum, layer.Name, $"checksum 0x{view.Checksum:x4} does not fit");
            }
        }

        if (layer.ReservedFlags != 0)
        {
            Report(PacketAnomalyKind.ReservedBits, layer.Name, $"reserved flags 0x{layer.ReservedFlags:x4}");
        }

        // Empty is legal here: a keep-alive's answer has nothing inside.
        PacketLayer? next = view.Payload.IsEmpty ? null : DissectEtherType(view.Protocol, view.Payload);
        layer.Protocol = view.Protocol == EthernetLayer.Announce(next) ? null : view.Protocol;
    }

    private void DissectInnerEthernet(ReadOnlySpan<byte> bytes)
    {
        if (_tunnels >= MaximumTunnels)
        {
            AddPayload(bytes);
        }
        else if (!IsMissing(bytes, "Ethernet"))
        {
            _tunnels++;
            DissectEthernet(bytes);
        }
    }

    private void DissectMpls(ReadOnlySpan<byte> bytes)
    {
        if (_tunnels >= MaximumTunnels)
        {
            AddPayload(bytes);
            return;
        }

        _tunnels++;
        for (int i = 0; i < MaximumLabels; i++)
        {
            if (IsMissing(bytes, "MPLS"))
            {
                return;
            }

            MplsLabelView view = new(bytes);
            MplsLayer layer = new() { Label = view.Label, TrafficClass = view.TrafficClass, TimeToLive = view.TimeToLive };
            AddHeader(layer, bytes.Length, MplsLabelView.HeaderLength);
            bytes = view.Payload;
            if (view.IsBottom || bytes.IsEmpty || i == MaximumLabels - 1)
            {
                DissectLabelled(bytes, view.IsBottom);
                layer.IsBottom = view.IsBottom ? null : false;
                return;
            }
        }
    }

    /// <summary>Nothing says what follows the labels; the first four bits tell IP apart (RFC 4928).</summary>
    private void DissectLabelled(ReadOnlySpan<byte> bytes, bool isBottom)
    {
        if (!isBottom && bytes.IsEmpty)
        {
            Report(PacketAnomalyKind.TruncatedHeader, "MPLS", "the stack has no bottom");
        }

        if (isBottom && !bytes.IsEmpty && (bytes[0] >> 4) is 4 or 6)
        {
            DissectUnannouncedIP(bytes);
        }
        else
        {
            AddPayload(bytes);
        }
    }
}
