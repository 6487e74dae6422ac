using System;
using System.Buffers.Binary;
using TcpTools.Wire;

namespace TcpTools.Fragments;

/// <summary>A fragment of either IP version as a reassembly looks at it.</summary>
internal readonly ref struct FragmentView
{
    /// <summary>Where the IP header starts in the frame.</summary>
    public int IPStart { get; private init; }

    /// <summary>Bytes of the frame that stand in front of the data in the whole packet: all up to the data, or to the fragment header.</summary>
    public int FrontLength { get; private init; }

    /// <summary>Where the number of the fragment header stands, to be replaced in the whole packet (IPv6).</summary>
    public int AnnouncedAt { get; private init; }

    /// <summary>What the fragment header announces (IPv6).</summary>
    public byte NextHeader { get; private init; }

    public FragmentIdentity Identity { get; private init; }

    public bool IsIPv6 { get; private init; }

    public bool MoreFragments { get; private init; }

    public int Offset { get; private init; }

    public int End => Offset + Data.Length;

    public byte TrafficClass { get; private init; }

    public ReadOnlySpan<byte> Data { get; private init; }

    /// <summary>Bytes that stand in front of the data in the whole packet, from the IP header on, as they count for its length.</summary>
    public int CountedFront => FrontLength - IPStart - (IsIPv6 ? IPv6View.HeaderLength : 0);

    /// <summary>Finds the fragment in a frame; false for a packet that is whole, is no IP packet, or was cut by a capture.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, int linkType, out FragmentView view)
    {
        view = default;
        int start = LinkHeader.Measure(frame, linkType);
        return start >= 0 && start < frame.Length && (frame[start] >> 4) switch
        {
            4 => TryReadIPv4(frame, start, out view),
            6 => TryReadIPv6(frame, start, out view),
            _ => false,
        };
    }

    private static bool TryReadIPv4(ReadOnlySpan<byte> frame, int start, out FragmentView view)
    {
        IPv4View ip = new(frame[start..]);
        view = default;
        if (!ip.IsValid || !(ip.MoreFragments || ip.FragmentOffset > 0))
        {
            return false;
        }

        view = new FragmentView
        {
            IPStart = start,
            FrontLength = start + ip.HeaderLength,
            Identity = new FragmentIdentity(ip.Source, ip.Destination, ip.Identification, ip.Protocol),
            MoreFragments = ip.MoreFragments,
            Offset = ip.FragmentOffset,
            TrafficClass = ip.TypeOfService,
            Data = ip.Payload,
        };
        return true;
    }

    private static bool TryReadIPv6(ReadOnlySpan<byte> frame, int start, out FragmentView view)
    {
        view = default;
        IPv6View ip = new(frame[start..]);
        if (!ip.IsValid)
        {
            return false;
        }

        IPv6ExtensionReader reader = new(ip.NextHeader, ip.Payload);
        int at = start + IPv6View.HeaderLength;
        int announcedAt = start + 6;
        while (reader.MoveNext())
        {
            if (reader.Kind != IPProtocol.FragmentHeader)
            {
                announcedAt = at;
                at += reader.Raw.Length;
                continue;
            }

            if (!reader.IsFragment)
            {
                // An atomic fragment is whole, whatever else has its identification (RFC 6946).
                return false;
            }

            ReadOnlySpan<byte> header = reader.Raw;
            ushort field = BinaryPrimitives.ReadUInt16BigEndian(header[2..]);
            view = new FragmentView
            {
                IPStart = start,
                FrontLength = at,
                AnnouncedAt = announcedAt,
                NextHeader = header[0],
                IsIPv6 = true,
                Identity = new FragmentIdentity(ip.Source, ip.Destination, BinaryPrimitives.ReadUInt32BigEndian(header[4..]), 0),
                MoreFragments = (field & 1) != 0,
                Offset = field & 0xFFF8,
                TrafficClass = ip.TrafficClass,
                Data = reader.Rest,
            };
            return true;
        }

        return false;
    }
}
