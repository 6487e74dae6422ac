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

        // A length of 0 in front of a header that announces content is one that a device was to fill in.
        bool isUnknown = view.PayloadLength == 0 && available > 0 && view.NextHeader != IPProtocol.NoNextHeader;
        bool lengthIsSound = view.PayloadLength <= available && !isUnknown;
        layer.PayloadLength = lengthIsSound && layer.TruncatedTo is null ? null : view.PayloadLength;
        int end = bytes.Length - available + (lengthIsSound ? view.PayloadLength : available);
        layer.Trailer = bytes[end..].ToArray();
        ReportIPv6(layer, view, available, isUnknown);

        Enclosing around = new(layer, true, lengthIsSound);
        PacketLayer? next = DissectContent(view.NextHeader, bytes[(bytes.Length - available)..end], around);
        layer.NextHeader = view.NextHeader == IPv6Layer.Announce(next) ? null : view.NextHeader;
    }

    private readonly void ReportIPv6(IPv6Layer layer, IPv6View view, int available, bool isUnknown)
    {
        if (_anomalies is null)
        {
            return;
        }

        if (view.Version != 6)
        {
            Report(PacketAnomalyKind.BadVersion, layer.Name, $"version {view.Version}");
        }

        if (view.PayloadLength > available)
        {
            Report(PacketAnomalyKind.TruncatedPacket, layer.Name, $"{available} bytes of {view.PayloadLength}");
        }
        else if (isUnknown)
        {
            Report(PacketAnomalyKind.BadLength, layer.Name, $"payload length 0, but {available} bytes follow");
        }

        ReportTrailer(layer);
    }
}
