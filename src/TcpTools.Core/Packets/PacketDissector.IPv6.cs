using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>IPv6.</summary>
internal ref partial struct PacketDissector
{
    private void DissectIPv6(ReadOnlySpan<byte> bytes)
    {
        if (IsMissing(bytes, "IPv6"))
        {
            return;
        }

        IPv6View view = new(bytes);
        IPv6Layer layer = new()
        {
            Version = view.Version,
            TrafficClass = view.TrafficClass,
            FlowLabel = view.FlowLabel,
            HopLimit = view.HopLimit,
            Source = view.Source,
            Destination = view.Destination,
        };
        AddHeader(layer, bytes.Length, IPv6View.HeaderLength);
        int available = Math.Max(bytes.Length - IPv6View.HeaderLength, 0);

        // A length of 0 in front of a header that announces content is one that a device was to fill in, or a jumbogram's.
        uint? jumbo = view.PayloadLength == 0 ? FindJumbo(view.NextHeader, bytes[(bytes.Length - available)..]) : null;
        bool isUnknown = view.PayloadLength == 0 && jumbo is null && available > 0 && view.NextHeader != IPProtocol.NoNextHeader;
        uint length = jumbo ?? view.PayloadLength;
        bool lengthIsSound = length <= available && !isUnknown;
        bool isComputed = lengthIsSound && layer.TruncatedTo is null && (jumbo is null || jumbo > ushort.MaxValue);
        layer.PayloadLength = isComputed ? null : view.PayloadLength;
        int end = bytes.Length - available + (lengthIsSound ? (int)length : available);
        layer.Trailer = bytes[end..].ToArray();
        ReportIPv6(layer, view, available, length, isUnknown);
        ReportJumbo(view, bytes[(bytes.Length - available)..]);

        Enclosing around = new(layer, true, lengthIsSound);
        PacketLayer? next = DissectContent(view.NextHeader, bytes[(bytes.Length - available)..end], around);
        layer.NextHeader = view.NextHeader == IPv6Layer.Announce(next) ? null : view.NextHeader;
    }

    private readonly void ReportIPv6(IPv6Layer layer, IPv6View view, int available, uint length, bool isUnknown)
    {
        if (_anomalies is null)
        {
            return;
        }

        if (view.Version != 6)
        {
            Report(PacketAnomalyKind.BadVersion, layer.Name, $"version {view.Version}");
        }

        if (length > available)
        {
            Report(PacketAnomalyKind.TruncatedPacket, layer.Name, $"{available} bytes of {length}");
        }
        else if (isUnknown)
        {
            Report(PacketAnomalyKind.BadLength, layer.Name, $"payload length 0, but {available} bytes follow");
        }

        ReportTrailer(layer);
    }

    /// <summary>RFC 2675, 3: the payload length is 0 with the option, and the option's length more than 65535.</summary>
    private readonly void ReportJumbo(IPv6View view, ReadOnlySpan<byte> payload)
    {
        if (_anomalies is null || FindJumbo(view.NextHeader, payload) is not { } jumbo)
        {
            return;
        }

        if (view.PayloadLength != 0)
        {
            Report(PacketAnomalyKind.BadJumbo, "IPv6", $"a jumbo payload option beside a payload length of {view.PayloadLength}");
        }
        else if (jumbo <= ushort.MaxValue)
        {
            Report(PacketAnomalyKind.BadJumbo, "IPv6", $"a jumbo payload of {jumbo} bytes only");
        }
    }

    /// <summary>The length in the jumbo payload option of the hop-by-hop options that come first; null without.</summary>
    private static uint? FindJumbo(byte nextHeader, ReadOnlySpan<byte> payload)
    {
        if (nextHeader != IPProtocol.HopByHopOptions)
        {
            return null;
        }

        IPv6OptionReader reader = new(WireField.Cut(payload, 2, IPv6ExtensionReader.Measure(nextHeader, payload)));
        while (reader.MoveNext())
        {
            if (reader.Kind == IPv6OptionKind.JumboPayload && reader.HasPlausibleLength)
            {
                return WireField.Read32(reader.Data, 0);
            }
        }

        return null;
    }
}
