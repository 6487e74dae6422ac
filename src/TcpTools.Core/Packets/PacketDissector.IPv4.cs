using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>IPv4.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>Bytes that should start with an IP header though no type field says so: the version tells.</summary>
    private void DissectUnannouncedIP(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty && new IPv4View(bytes).Version == 6)
        {
            DissectIPv6(bytes);
        }
        else if (!bytes.IsEmpty)
        {
            DissectIPv4(bytes);
        }
    }

    private void DissectIPv4(ReadOnlySpan<byte> bytes)
    {
        if (IsMissing(bytes, "IP"))
        {
            return;
        }

        IPv4View view = new(bytes);
        IPv4Layer layer = new()
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
        layer.SetRawOptions(Keep(view.Options));
        headerLength = Math.Min(headerLength, bytes.Length);
        bool headerIsSound = layer.TruncatedTo is null && view.HeaderLength >= IPv4View.MinimumHeaderLength;
        layer.HeaderLength = headerIsSound ? null : view.HeaderLength;

        bool lengthIsSound = view.TotalLength >= headerLength && view.TotalLength <= bytes.Length;
        layer.TotalLength = lengthIsSound && layer.TruncatedTo is null ? null : view.TotalLength;
        int end = lengthIsSound ? view.TotalLength : bytes.Length;
        layer.Trailer = bytes[end..].ToArray();

        bool checksumIsSound = headerIsSound && IsSameAsComputed(view.HeaderChecksum, InternetChecksum.Add(0, bytes[..headerLength]));
        layer.Checksum = checksumIsSound ? null : view.HeaderChecksum;
        ReportIP(layer, view, bytes.Length);

        Enclosing around = new(layer, layer.FragmentOffset == 0, lengthIsSound && !layer.IsFragment);
        PacketLayer? next = DissectContent(view.Protocol, bytes[headerLength..end], around);
        layer.Protocol = view.Protocol == IPv4Layer.Announce(next) ? null : view.Protocol;
    }

    private readonly void ReportOptionRest(string layer, bool isMalformed, ReadOnlySpan<byte> rest)
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

    private readonly void ReportIP(IPv4Layer layer, IPv4View view, int available)
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

        ReportOptions(layer, view.Options);
        ReportTrailer(layer);
    }

    private readonly void ReportOptions(IPv4Layer layer, ReadOnlySpan<byte> options)
    {
        IPv4OptionReader reader = new(options);
        int routes = 0;
        while (reader.MoveNext())
        {
            routes += reader.Kind is IPv4OptionKind.LooseSourceRoute or IPv4OptionKind.StrictSourceRoute ? 1 : 0;
        }

        if (routes > 1)
        {
            Report(PacketAnomalyKind.SeveralSourceRoutes, layer.Name, "more than one source route");
        }

        if (!OptionBytes.IsFilling(reader.Rest, options.Length - reader.Rest.Length))
        {
            ReportOptionRest(layer.Name, reader.IsMalformed, reader.Rest);
        }
    }
}
