using System;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The network layer.</summary>
internal sealed partial class PacketDissector
{
    /// <summary>What a packet's content needs to know of the IP header around it.</summary>
    private readonly record struct Enclosing(IPLayer IP, bool IsWhole);

    /// <summary>Bytes that should start with an IP header though no type field says so. Only version 6 is told apart.</summary>
    private void DissectUnannouncedIP(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty && new IPv4View(bytes).Version == 6)
        {
            AddPayload(bytes);
        }
        else if (!bytes.IsEmpty)
        {
            DissectIP(bytes);
        }
    }

    private void DissectIP(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            Report(PacketAnomalyKind.TruncatedHeader, "IP", "announced, but nothing follows");
            return;
        }

        IPv4View view = new(bytes);
        IPLayer layer = new()
        {
            Version = view.Version,
            TypeOfService = view.TypeOfService,
            Identification = view.Identification,
            ReservedFlag = view.ReservedFlag,
            DontFragment = view.DontFragment,
            MoreFragments = view.MoreFragments,
            FragmentOffset = view.FragmentOffset,
            TimeToLive = view.TimeToLive,
            Source = view.Source,
            Destination = view.Destination,
        };
        int headerLength = Math.Max(view.HeaderLength, IPv4View.MinimumHeaderLength);
        AddHeader(layer, bytes.Length, headerLength);
        ReadOptions(layer, view.Options);
        headerLength = Math.Min(headerLength, bytes.Length);
        bool headerIsSound = layer.TruncatedTo is null && view.HeaderLength >= IPv4View.MinimumHeaderLength;
        layer.HeaderLength = headerIsSound ? null : view.HeaderLength;

        bool lengthIsSound = view.TotalLength >= headerLength && view.TotalLength <= bytes.Length;
        layer.TotalLength = lengthIsSound && layer.TruncatedTo is null ? null : view.TotalLength;
        int end = lengthIsSound ? view.TotalLength : bytes.Length;
        layer.Trailer = [.. bytes[end..]];

        bool checksumIsSound = headerIsSound && IsSameAsComputed(view.HeaderChecksum, InternetChecksum.Add(0, bytes[..headerLength]));
        layer.Checksum = checksumIsSound ? null : view.HeaderChecksum;
        ReportIP(layer, view, bytes.Length);

        bool isWhole = lengthIsSound && !layer.IsFragment;
        PacketLayer? next = DissectContent(view.Protocol, bytes[headerLength..end], new Enclosing(layer, isWhole));
        layer.Protocol = view.Protocol == IPLayer.Announce(next) ? null : view.Protocol;
    }

    private PacketLayer? DissectContent(byte protocol, ReadOnlySpan<byte> bytes, Enclosing around)
    {
        int index = _packet.Layers.Count;
        if (bytes.IsEmpty)
        {
            return null;
        }

        switch (protocol)
        {
            // Only a first fragment starts with the header of what the packet carries.
            case IPProtocol.Tcp when around.IP.FragmentOffset == 0:
                DissectTcp(bytes, around);
                break;
            case IPProtocol.Udp when around.IP.FragmentOffset == 0:
                DissectUdp(bytes, around);
                break;
            case IPProtocol.Icmp when around.IP.FragmentOffset == 0:
                DissectIcmp(bytes, around);
                break;
            case IPProtocol.IPv4 when around.IP.FragmentOffset == 0 && _tunnels < MaximumTunnels:
                _tunnels++;
                DissectIP(bytes);
                break;
            default:
                AddPayload(bytes);
                break;
        }

        return _packet.Layers[index];
    }

    private void ReadOptions(IPLayer layer, ReadOnlySpan<byte> options)
    {
        IPv4OptionReader reader = new(options);
        while (reader.MoveNext())
        {
            layer.Options.Add(IPOption.FromBytes(reader.Raw));
        }

        if (!OptionBytes.IsFilling(reader.Rest, options.Length - reader.Rest.Length))
        {
            layer.Options.Add(IPOption.FromBytes(reader.Rest));
            ReportOptionRest(layer.Name, reader.IsMalformed, reader.Rest);
        }
    }

    private void ReportOptionRest(string layer, bool isMalformed, ReadOnlySpan<byte> rest)
    {
        if (isMalformed)
        {
            Report(PacketAnomalyKind.MalformedOption, layer, rest.Length < 2
                ? $"option {rest[0]} ends the header without a length"
                : $"option {rest[0]} claims {rest[1]} bytes where {rest.Length} are left");
        }
        else if (rest.ContainsAnyExcept((byte)0))
        {
            Report(PacketAnomalyKind.DataAfterEndOfOptions, layer, $"{rest.Length} bytes follow the end of the options");
        }
    }

    private void ReportIP(IPLayer layer, IPv4View view, int available)
    {
        if (_anomalies is null)
        {
            return;
        }

        if (view.Version != 4)
        {
            Report(PacketAnomalyKind.BadVersion, layer.Name, $"version {view.Version}");
        }

        if (view.IsComplete && view.HeaderLength < IPv4View.MinimumHeaderLength)
        {
            Report(PacketAnomalyKind.BadHeaderLength, layer.Name, $"header length {view.HeaderLength} is less than 20");
        }

        if (view.IsComplete && view.TotalLength < Math.Max(view.HeaderLength, IPv4View.MinimumHeaderLength))
        {
            Report(PacketAnomalyKind.BadLength, layer.Name, $"total length {view.TotalLength} is less than the header");
        }
        else if (view.TotalLength > available)
        {
            Report(PacketAnomalyKind.TruncatedPacket, layer.Name, $"{available} bytes of {view.TotalLength}");
        }

        if (view.HasValidHeader && !view.IsChecksumValid)
        {
            Report(PacketAnomalyKind.BadChecksum, layer.Name, $"header checksum 0x{view.HeaderChecksum:x4} does not fit");
        }

        if (view.ReservedFlag)
        {
            Report(PacketAnomalyKind.ReservedBits, layer.Name, "the reserved flag is set");
        }

        if (view.FragmentOffset + view.TotalLength - view.HeaderLength > ushort.MaxValue)
        {
            Report(PacketAnomalyKind.OversizedFragment, layer.Name, $"a fragment at {view.FragmentOffset} reaches beyond 65535");
        }

        if (layer.Options.OfType<IPRouteOption>().Count(option => option.IsSourceRoute) > 1)
        {
            Report(PacketAnomalyKind.SeveralSourceRoutes, layer.Name, "more than one source route");
        }

        ReportTrailer(layer);
    }

    /// <summary>
    /// Whether computing would give just this checksum, given the sum over everything, the checksum included. A valid sum
    /// is not enough: 0xFFFF is as valid as 0, but never computed.
    /// </summary>
    private static bool IsSameAsComputed(ushort checksum, ulong sum) => InternetChecksum.IsValid(sum) && checksum != 0xFFFF;
}
