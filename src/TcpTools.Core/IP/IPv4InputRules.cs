using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>What is wrong with a header.</summary>
internal enum HeaderFault
{
    None,
    Malformed,
    Truncated,
    Checksum,
}

/// <summary>What is wrong with a header's options.</summary>
internal enum OptionFault
{
    None,
    Malformed,
    SourceRoute,
}

/// <summary>What a host checks of each packet that arrives (RFC 1122, 3.2.1), as questions without side effects.</summary>
internal static class IPv4InputRules
{
    /// <summary>Version, header length, total length and header checksum (RFC 1122, 3.2.1.1 and 3.2.1.2).</summary>
    public static HeaderFault CheckHeader(ReadOnlySpan<byte> packet, bool verifyChecksum)
    {
        var header = new IPv4View(packet);
        if (!header.HasValidHeader)
        {
            return header.IsComplete && header.Version == 4 && header.HeaderLength > packet.Length
                ? HeaderFault.Truncated
                : HeaderFault.Malformed;
        }

        if (verifyChecksum && !header.IsChecksumValid)
        {
            return HeaderFault.Checksum;
        }

        if (header.TotalLength > packet.Length)
        {
            return HeaderFault.Truncated;
        }

        return header.TotalLength < header.HeaderLength ? HeaderFault.Malformed : HeaderFault.None;
    }

    /// <summary>
    /// Whether a packet from the link can have come from there: RFC 1122, 3.2.1.3 allows a source to be one host's address
    /// only. "This network", loopback and this host's own address can reach the link only by forgery; 240.0.0.0/4 is nobody's.
    /// </summary>
    public static bool IsPossibleSource(NetworkAddress source, RoutingTable routes)
    {
        uint firstOctet = source.IPv4Bits >> 24;
        return firstOctet is > 0 and < 224 and not 127 && !routes.IsOwn(source) && !routes.IsBroadcast(source);
    }

    /// <summary>
    /// Options that a host does not understand are passed over (RFC 1122, 3.2.1.8); source routes are not followed nor
    /// accepted, because they let outsiders choose the way back (RFC 6274, 3.13.2.3).
    /// </summary>
    public static OptionFault CheckOptions(ReadOnlySpan<byte> options, out int faultOffset)
    {
        faultOffset = 0;
        var reader = new IPv4OptionReader(options);
        while (reader.MoveNext())
        {
            if (reader.Kind is IPv4OptionKind.LooseSourceRoute or IPv4OptionKind.StrictSourceRoute)
            {
                return OptionFault.SourceRoute;
            }
        }

        if (!reader.IsMalformed)
        {
            return OptionFault.None;
        }

        faultOffset = options.Length - reader.Rest.Length;
        return OptionFault.Malformed;
    }

    /// <summary>The packet as transports see it; it must have a valid header and end where that says.</summary>
    public static IPDatagram ToDatagram(PacketBuffer packet, bool isUnicast, bool isLooped, bool isReassembled)
    {
        ReadOnlySpan<byte> bytes = packet.Span;
        var header = new IPv4View(bytes);
        int headerLength = header.HeaderLength;
        return new IPDatagram
        {
            Source = header.Source,
            Destination = header.Destination,
            Protocol = header.Protocol,
            TypeOfService = header.TypeOfService,
            TimeToLive = header.TimeToLive,
            Header = bytes[..headerLength],
            Payload = bytes[headerLength..],
            Offload = packet.Offload,
            IsUnicast = isUnicast,
            IsLooped = isLooped,
            IsReassembled = isReassembled,
        };
    }
}
