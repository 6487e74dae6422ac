using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>ICMP of both versions.</summary>
internal ref partial struct PacketDissector
{
    private readonly void DissectIcmp(ReadOnlySpan<byte> bytes, Enclosing around)
    {
        Icmpv4View view = new(bytes);
        IcmpLayer layer = new() { Type = view.Type, Code = view.Code, RestOfHeader = view.RestOfHeader };
        int fields = IcmpLayer.MeasureFields(view.Type, view.RestOfHeader, view.Payload.Length);
        DissectMessage(layer, view.Checksum, InternetChecksum.Add(0, bytes), fields, bytes, around);
        DissectQuotation(layer, WireField.Cut(bytes, Icmpv4View.HeaderLength + fields, bytes.Length));
    }

    private readonly void DissectIcmpv6(ReadOnlySpan<byte> bytes, Enclosing around)
    {
        Icmpv6View view = new(bytes);
        Icmpv6Layer layer = new() { Type = view.Type, Code = view.Code, RestOfHeader = view.RestOfHeader };
        int fields = Icmpv6Layer.MeasureFields(view.Type);
        ulong sum = InternetChecksum.Add(around.IP.PseudoHeader(IPProtocol.Icmpv6, bytes.Length), bytes);
        DissectMessage(layer, view.Checksum, sum, fields, bytes, around);
        ReadOnlySpan<byte> rest = WireField.Cut(bytes, Icmpv6View.HeaderLength + fields, bytes.Length);
        if (Icmpv6Type.IsNeighborDiscovery(view.Type))
        {
            layer.SetRawOptions(Keep(rest));
            ReportNeighbor(layer, rest, around);
        }
        else
        {
            DissectQuotation(layer, rest);
        }
    }

    private readonly void DissectMessage(
        IcmpMessageLayer layer, ushort checksum, ulong sum, int fields, ReadOnlySpan<byte> bytes, Enclosing around)
    {
        const int Header = Icmpv4View.HeaderLength;
        AddHeader(layer, bytes.Length, Header + fields);
        if (fields > 0)
        {
            layer.SetFields(WireField.Cut(bytes, Header, Header + fields));
        }

        layer.Checksum = layer.TruncatedTo is null && IsSameAsComputed(checksum, sum) ? null : checksum;
        if (around.IsWhole && bytes.Length >= Header && !InternetChecksum.IsValid(sum))
        {
            Report(PacketAnomalyKind.BadChecksum, layer.Name, $"checksum 0x{checksum:x4} does not fit");
        }
    }

    private readonly void DissectQuotation(IcmpMessageLayer layer, ReadOnlySpan<byte> rest)
    {
        // A quotation inside a quotation stays bytes: one cannot make this recurse by nesting.
        if (!layer.IsError || _isQuotation || rest.IsEmpty)
        {
            AddPayload(rest);
            return;
        }

        int length = FindStructure(layer, rest);
        PacketDissector quotation = new(new Packet(), _bytes, null, isQuotation: true);
        quotation.DissectUnannouncedIP(rest[..length]);
        layer.Quoted = quotation._packet;
        if (length < rest.Length)
        {
            ReadOnlySpan<byte> structure = rest[length..];
            layer.SetStructure(Keep(structure), length);
            ReportStructure(layer, structure);
        }
    }

    /// <summary>
    /// Where the extension structure starts, else the end. Routers older than RFC 4884 tell no length, and are believed
    /// where there is a structure with a checksum that fits behind 128 bytes (RFC 4884, 5.5).
    /// </summary>
    private static int FindStructure(IcmpMessageLayer layer, ReadOnlySpan<byte> rest)
    {
        int told = layer.IsExtensible ? layer.OriginalLength!.Value * layer.LengthUnit : rest.Length;
        int length = told == 0 ? IcmpExtensionView.MinimumQuotation : told;
        IcmpExtensionView view = new(WireField.Cut(rest, length, rest.Length));
        bool isThere = view.IsValid && (told != 0 || (view.Checksum != 0 && view.IsChecksumValid));
        return isThere ? length : rest.Length;
    }

    private readonly void ReportStructure(IcmpMessageLayer layer, ReadOnlySpan<byte> structure)
    {
        IcmpExtensionView view = new(structure);
        if (!view.IsChecksumValid)
        {
            Report(PacketAnomalyKind.BadChecksum, layer.Name, $"checksum 0x{view.Checksum:x4} of the extensions does not fit");
        }

        ReadOnlySpan<byte> objects = view.Objects;
        while (IcmpExtensionView.MeasureObject(objects) is var length and > 0)
        {
            objects = objects[length..];
        }

        if (!objects.IsEmpty)
        {
            Report(PacketAnomalyKind.MalformedOption, layer.Name, $"an extension object claims {WireField.Read16(objects, 0)} bytes where {objects.Length} are left");
        }
    }

    /// <summary>RFC 4861, 7.1: hop limit 255, and options whose lengths are true.</summary>
    private readonly void ReportNeighbor(Icmpv6Layer layer, ReadOnlySpan<byte> options, Enclosing around)
    {
        if (_anomalies is null)
        {
            return;
        }

        if (around.IP.TimeToLive != 255)
        {
            Report(PacketAnomalyKind.BadHopLimit, layer.Name, $"neighbor discovery with a hop limit of {around.IP.TimeToLive}, not 255");
        }

        NeighborOptionReader reader = new(options);
        while (reader.MoveNext())
        {
        }

        if (!reader.Rest.IsEmpty)
        {
            Report(PacketAnomalyKind.MalformedOption, layer.Name, $"an option claims {8 * WireField.Read8(reader.Rest, 1)} bytes where {reader.Rest.Length} are left");
        }
    }
}
