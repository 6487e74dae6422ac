using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Extension headers of IPv6.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>A chain of at most so many headers in a packet, tunnels included; one calls the next.</summary>
    private void DissectExtension(byte protocol, ReadOnlySpan<byte> bytes, Enclosing around)
    {
        if (_extensions >= IPv6ExtensionReader.MaximumHeaders)
        {
            Report(PacketAnomalyKind.TooManyExtensionHeaders, around.IP.Name, $"more than {IPv6ExtensionReader.MaximumHeaders} extension headers");
            AddPayload(bytes);
            return;
        }

        _extensions++;
        ReportPlace(protocol);
        int length = IPv6ExtensionReader.Measure(protocol, bytes);
        ReadOnlySpan<byte> header = bytes[..Math.Min(length, bytes.Length)];
        IPv6ExtensionLayer layer = protocol switch
        {
            IPProtocol.HopByHopOptions => ReadOptions(new HopByHopLayer(), header),
            IPProtocol.DestinationOptions => ReadOptions(new DestinationOptionsLayer(), header),
            IPProtocol.RoutingHeader => ReadRouting(header),
            IPProtocol.FragmentHeader => ReadFragment(header),
            _ => ReadAuthentication(header),
        };
        AddHeader(layer, bytes.Length, length);
        if (layer is IPv6SizedExtensionLayer sized)
        {
            byte field = WireField.Read8(bytes, 1);
            sized.HeaderExtensionLength = layer.TruncatedTo is null && sized.HeaderExtensionLength == field ? null : field;
        }

        ReadOnlySpan<byte> rest = bytes[header.Length..];
        ReportExtension(layer, rest.Length, around);
        if (layer is FragmentLayer fragment)
        {
            bool isPart = fragment.MoreFragments || fragment.FragmentOffset != 0;
            around = around with { IsFirst = fragment.FragmentOffset == 0, IsWhole = around.IsWhole && !isPart };
        }

        byte announced = WireField.Read8(bytes, 0);
        PacketLayer? next = DissectContent(announced, rest, around);
        layer.NextHeader = announced == IPv6Layer.Announce(next) ? null : announced;
    }

    private readonly IPv6OptionsLayer ReadOptions(IPv6OptionsLayer layer, ReadOnlySpan<byte> header)
    {
        ReadOnlySpan<byte> options = WireField.Cut(header, 2, header.Length);
        layer.SetRawOptions(Keep(options));
        return layer;
    }

    private static RoutingLayer ReadRouting(ReadOnlySpan<byte> header)
    {
        RoutingLayer layer = new() { RoutingType = WireField.Read8(header, 2), Data = WireField.Cut(header, 4, header.Length).ToArray() };
        byte left = WireField.Read8(header, 3);
        layer.SegmentsLeft = layer.SegmentsLeft == left ? null : left;
        return layer;
    }

    private static FragmentLayer ReadFragment(ReadOnlySpan<byte> header)
    {
        ushort field = WireField.Read16(header, 2);
        return new()
        {
            Reserved = WireField.Read8(header, 1),
            FragmentOffset = field & 0xFFF8,
            ReservedBits = (byte)(field >> 1),
            MoreFragments = (field & 1) != 0,
            Identification = WireField.Read32(header, 4),
        };
    }

    private static AuthenticationLayer ReadAuthentication(ReadOnlySpan<byte> header) => new()
    {
        Reserved = WireField.Read16(header, 2),
        SecurityParametersIndex = WireField.Read32(header, 4),
        Sequence = WireField.Read32(header, 8),
        IntegrityCheckValue = WireField.Cut(header, 12, header.Length).ToArray(),
    };

    /// <summary>RFC 8200, 4.1: hop-by-hop options first, every header once, destination options twice.</summary>
    private readonly void ReportPlace(byte protocol)
    {
        if (_anomalies is null)
        {
            return;
        }

        ReadOnlySpan<PacketLayer> before = _packet.Layers.AsSpan();
        int same = 0;
        for (int i = before.Length - 1; i >= 0 && before[i] is IPv6ExtensionLayer; i--)
        {
            same += before[i].ProtocolNumber == protocol ? 1 : 0;
        }

        if (protocol == IPProtocol.HopByHopOptions && before[^1] is not IPv6Layer)
        {
            Report(PacketAnomalyKind.MisplacedExtensionHeader, "HopByHop", "hop-by-hop options do not come first");
        }
        else if (same > (protocol == IPProtocol.DestinationOptions ? 1 : 0))
        {
            Report(PacketAnomalyKind.RepeatedExtensionHeader, "IPv6", $"extension header {protocol} comes more than once");
        }
    }

    private readonly void ReportExtension(IPv6ExtensionLayer layer, int rest, Enclosing around)
    {
        if (_anomalies is null || layer.TruncatedTo is not null)
        {
            return;
        }

        switch (layer)
        {
            case IPv6OptionsLayer options:
                ReportOptions(options);
                break;
            case RoutingLayer routing:
                ReportRouting(routing);
                break;
            case FragmentLayer fragment:
                ReportFragment(fragment, rest, around);
                break;
            case AuthenticationLayer { Reserved: not 0 }:
                Report(PacketAnomalyKind.ReservedBits, layer.Name, "reserved bits are set");
                break;
        }
    }

    private readonly void ReportOptions(IPv6OptionsLayer layer)
    {
        foreach (IPv6Option option in layer.Options)
        {
            IPv6OptionReader reader = new(option.Raw);
            if (!reader.MoveNext())
            {
                Report(PacketAnomalyKind.MalformedOption, layer.Name, $"option {option.Kind} reaches beyond the header");
            }
            else if (!reader.HasPlausibleLength)
            {
                Report(PacketAnomalyKind.BadOptionLength, layer.Name, $"option {option.Kind} has {option.Length} bytes");
            }
            else if (option.IsPadding && reader.Data.ContainsAnyExcept((byte)0))
            {
                Report(PacketAnomalyKind.ReservedBits, layer.Name, "padding is not zero");
            }
        }
    }

    private readonly void ReportRouting(RoutingLayer layer)
    {
        if (layer.RoutingType == RoutingHeaderType.Source)
        {
            Report(PacketAnomalyKind.BadRoutingHeader, layer.Name, "type 0 is forbidden (RFC 5095)");
        }

        bool isKnown = layer.RoutingType is RoutingHeaderType.Source or RoutingHeaderType.Mobile or RoutingHeaderType.Rpl or RoutingHeaderType.Segment;
        if (isKnown && layer.SegmentsLeft > layer.Addresses.Length)
        {
            Report(PacketAnomalyKind.BadRoutingHeader, layer.Name, $"{layer.SegmentsLeft} segments left of {layer.Addresses.Length}");
        }

        if (layer.RoutingType == RoutingHeaderType.Segment && layer.LastEntry >= layer.Addresses.Length)
        {
            Report(PacketAnomalyKind.BadRoutingHeader, layer.Name, $"last entry {layer.LastEntry}, but {layer.Addresses.Length} addresses");
        }
    }

    private readonly void ReportFragment(FragmentLayer layer, int rest, Enclosing around)
    {
        if (layer.Reserved != 0 || layer.ReservedBits != 0)
        {
            Report(PacketAnomalyKind.ReservedBits, layer.Name, "reserved bits are set");
        }

        if (layer.MoreFragments && rest % 8 != 0 && around.IsWhole)
        {
            Report(PacketAnomalyKind.BadLength, layer.Name, $"{rest} bytes, no multiple of 8, though more fragments follow");
        }

        if (layer.FragmentOffset + rest > ushort.MaxValue)
        {
            Report(PacketAnomalyKind.OversizedFragment, layer.Name, $"a fragment at {layer.FragmentOffset} reaches beyond 65535");
        }

        if (around.IP is IPv6Layer { JumboLength: not null })
        {
            Report(PacketAnomalyKind.BadJumbo, layer.Name, "a jumbogram is fragmented");
        }
    }
}
