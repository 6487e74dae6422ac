using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Takes bytes apart into layers. Every bit of the input ends up in a field, an option, a trailer or a payload; a field
/// that could be computed is set only where the bytes deviate from the computed value. Both together make the round trip
/// exact. Which number announces what is told by one file each: PacketDissector.EtherTypes and PacketDissector.Protocols.
/// </summary>
internal ref partial struct PacketDissector
{
    /// <summary>How many headers of tunnels and tags may follow each other before the rest is left as it is.</summary>
    private const int MaximumTunnels = 8;

    private readonly Packet _packet;
    private readonly byte[] _bytes;
    private readonly List<PacketAnomaly>? _anomalies;
    private readonly bool _isQuotation;
    private int _tunnels;
    private int _extensions;

    private PacketDissector(Packet packet, byte[] bytes, List<PacketAnomaly>? anomalies, bool isQuotation)
    {
        _packet = packet;
        _bytes = bytes;
        _anomalies = anomalies;
        _isQuotation = isQuotation;
    }

    /// <summary>
    /// Adds to an empty packet the layers of bytes that nobody changes any more, for the layers keep parts of them; and
    /// lists what is wrong with them if a list is given.
    /// </summary>
    public static void Dissect(Packet packet, byte[] bytes, PacketStart start, List<PacketAnomaly>? anomalies) =>
        new PacketDissector(packet, bytes, anomalies, isQuotation: false).DissectStart(start, bytes);

    private void DissectStart(PacketStart start, ReadOnlySpan<byte> bytes)
    {
        switch (start)
        {
            case PacketStart.Ethernet:
                DissectEthernet(bytes);
                break;
            case PacketStart.LinuxCooked:
                DissectLinuxCooked(bytes, 1);
                break;
            case PacketStart.LinuxCooked2:
                DissectLinuxCooked(bytes, 2);
                break;
            case PacketStart.Null:
                DissectLoopback(bytes, isAlwaysBigEndian: false);
                break;
            case PacketStart.Loop:
                DissectLoopback(bytes, isAlwaysBigEndian: true);
                break;
            case PacketStart.Ppp:
                DissectPpp(bytes);
                break;
            case PacketStart.Ieee80211:
                DissectIeee80211(bytes, hasCheckSequence: false, hasPadding: false);
                break;
            case PacketStart.Radiotap:
                DissectRadiotap(bytes);
                break;
            case PacketStart.Prism:
                DissectPrism(bytes);
                break;
            case PacketStart.Fddi:
                DissectFddi(bytes);
                break;
            case PacketStart.TokenRing:
                DissectTokenRing(bytes);
                break;
            case PacketStart.Unknown:
                AddPayload(bytes);
                break;
            default:
                DissectUnannouncedIP(bytes);
                break;
        }
    }

    /// <summary>Adds a layer, cut if there are fewer bytes than its header has.</summary>
    private readonly void AddHeader(PacketLayer layer, int available, int needed)
    {
        _packet.Layers.Add(layer);
        if (available < needed)
        {
            layer.TruncatedTo = available;
            Report(PacketAnomalyKind.TruncatedHeader, layer.Name, $"{available} bytes of a header of {needed}");
        }
    }

    private readonly void AddPayload(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _packet.Layers.Add(new PayloadLayer(Keep(bytes)));
        }
    }

    /// <summary>The same part of the packet's bytes as something that a layer can keep.</summary>
    private readonly ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> part) =>
        ((ReadOnlySpan<byte>)_bytes).Overlaps(part, out int offset) ? _bytes.AsMemory(offset, part.Length) : default;

    /// <summary>Reports that a layer was announced where the bytes are at their end; false where there are some.</summary>
    private readonly bool IsMissing(ReadOnlySpan<byte> bytes, string layer)
    {
        if (bytes.IsEmpty)
        {
            Report(PacketAnomalyKind.TruncatedHeader, layer, "announced, but nothing follows");
        }

        return bytes.IsEmpty;
    }

    private readonly void ReportTrailer(PacketLayer layer)
    {
        if (_anomalies is not null && layer.Trailer.AsSpan().ContainsAnyExcept((byte)0))
        {
            Report(PacketAnomalyKind.TrailingData, layer.Name, $"{layer.Trailer.Length} bytes that are not zero follow the packet");
        }
    }

    private readonly void Report(PacketAnomalyKind kind, string layer, string message)
    {
        if (!_isQuotation)
        {
            _anomalies?.Add(new PacketAnomaly(kind, layer, message));
        }
    }

    /// <summary>
    /// Whether computing would give just this checksum, given the sum over everything, the checksum included. A valid sum
    /// is not enough: 0xFFFF is as valid as 0, but never computed.
    /// </summary>
    private static bool IsSameAsComputed(ushort checksum, ulong sum) => InternetChecksum.IsValid(sum) && checksum != 0xFFFF;
}
