using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Fragments;

/// <summary>
/// Cuts packets of both IP versions into fragments (RFC 791, 3.2; RFC 8200, 4.5), fragments into smaller ones, and, where
/// that is wanted, into fragments that overlap. What lies in front of the IP header goes in front of each fragment; what
/// lies behind the IP packet is left out.
/// </summary>
public sealed class PacketFragmenter
{
    private const int Unit = 8;
    private const int FragmentHeader = 8;

    private readonly RandomSource _random;

    /// <summary>A fragmenter that draws identifications from a source.</summary>
    public PacketFragmenter(RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
    }

    /// <summary>The fragments of a packet; the packet itself where it is no IP packet, or fits.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidArgument"/>: the packet cannot be cut so; the message says why.</exception>
    public IReadOnlyList<Packet> Split(Packet packet, FragmentOptions options)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        byte[] frame = packet.ToBytes();
        int start = LinkHeader.Measure(frame, packet.Start.ToLinkType());
        if (start < 0 || start >= frame.Length)
        {
            return [packet];
        }

        Template? template = (frame[start] >> 4) switch
        {
            4 => ReadIPv4(frame, start, options),
            6 => ReadIPv6(frame, start, options),
            _ => null,
        };
        if (template is not { } known)
        {
            return [packet];
        }

        List<FragmentRange> ranges = [];
        if (options.Ranges is { } given)
        {
            ranges.AddRange(given);
        }
        else if (!TryCutBySize(known, options, ranges))
        {
            return [packet];
        }

        List<Packet> fragments = new(ranges.Count);
        foreach (FragmentRange range in ranges)
        {
            Packet fragment = Packet.FromFrame(Build(known, range), packet.Start);
            fragment.TimestampNanoseconds = packet.TimestampNanoseconds;
            fragment.Interface = packet.Interface;
            fragment.Direction = packet.Direction;
            fragments.Add(fragment);
        }

        return fragments;
    }

    /// <summary>
    /// Two sets of fragments of one packet: first those of other data, all of which say that more follow, then those of
    /// the packet's own. Which of both a receiver takes tells its overlap policy.
    /// </summary>
    /// <param name="packet">The packet.</param>
    /// <param name="overlap">What is put in the place of the packet's data in the first set.</param>
    /// <param name="options">How the packet is cut.</param>
    /// <param name="overlapSize">Bytes of data in each fragment of the first set; as in the second without.</param>
    /// <exception cref="StackException">The packet cannot be cut so.</exception>
    public IReadOnlyList<Packet> SplitWithOverlap(Packet packet, byte[] overlap, FragmentOptions options, int? overlapSize = null)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(overlap);
        ArgumentNullException.ThrowIfNull(options);
        options = options with { Identification = options.Identification ?? (packet.IPv4 is null ? _random.NextUInt32() : null) };
        Packet other = packet.Copy();
        int ip = other.IP is { } header ? other.Layers.IndexOf(header) : -1;
        if (ip < 0)
        {
            return [packet];
        }

        // The same headers, of the same content by their word, around other bytes.
        byte? protocol = other.IP!.Protocol;
        while (other.Layers.Count > ip + 1 && other.Layers[^1] is not IPv6ExtensionLayer)
        {
            other.Layers.RemoveAt(other.Layers.Count - 1);
        }

        if (other.Layers[^1] is IPv6ExtensionLayer extension)
        {
            byte announced = ((IPv6ExtensionLayer)packet.Layers[other.Layers.Count - 1]).NextHeader ?? IPProtocol.NoNextHeader;
            extension.NextHeader = announced;
        }
        else
        {
            other.IP!.Protocol = protocol;
        }

        other.Layers.Add(new PayloadLayer([.. overlap]));
        FragmentOptions otherOptions = overlapSize is { } size ? options with { DataSize = size, Mtu = null } : options;
        otherOptions = otherOptions with { Ranges = AllWithMore(other, otherOptions) };
        return [.. Split(other, otherOptions), .. Split(packet, options)];
    }

    private static FragmentRange[] AllWithMore(Packet packet, FragmentOptions options)
    {
        byte[] frame = packet.ToBytes();
        int start = LinkHeader.Measure(frame, packet.Start.ToLinkType());
        Template template = frame[start] >> 4 == 4
            ? ReadIPv4(frame, start, options with { Force = true })!.Value
            : new PacketFragmenter(RandomSource.FromSeed(0)).ReadIPv6(frame, start, options)!.Value;
        List<FragmentRange> ranges = [];
        if (!TryCutBySize(template, options, ranges))
        {
            ranges.Add(new FragmentRange(0, template.DataLength));
        }

        return [.. ranges.ConvertAll(range => range with { MoreFragments = true })];
    }

    private static bool TryCutBySize(in Template template, FragmentOptions options, List<FragmentRange> ranges)
    {
        int header = template.FirstHeader;
        if (options.DataSize is null && (options.Mtu ?? 1500) >= template.WholeLength)
        {
            return false;
        }

        int offset = 0;
        do
        {
            int room = options.DataSize is { } size
                ? Math.Max(size & ~(Unit - 1), Unit)
                : ((options.Mtu ?? 1500) - (offset == 0 ? header : template.LaterHeader)) & ~(Unit - 1);
            if (room < Unit)
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"Nothing fits into {options.Mtu} bytes beside a header of {header}.",
                    $"Give at least {header + Unit} bytes.");
            }

            // The last one need not be a multiple of eight, and so may be a little longer than the others.
            int left = template.DataLength - offset;
            int whole = options.DataSize is null ? options.Mtu ?? 1500 : 0;
            bool isLast = left <= Math.Max(room, whole - (offset == 0 ? header : template.LaterHeader));
            int length = isLast ? left : room;
            ranges.Add(new FragmentRange(offset, offset + length));
            offset += length;
        }
        while (offset < template.DataLength);

        return ranges.Count > 1 || template.IsFragment;
    }

    private static Template? ReadIPv4(byte[] frame, int start, FragmentOptions options)
    {
        IPv4View view = new(frame.AsSpan(start));
        if (!view.HasValidHeader || view.TotalLength < view.HeaderLength)
        {
            throw Malformed();
        }

        if (view.DontFragment && !options.Force && (options.Ranges is not null || options.DataSize is not null || view.TotalLength > (options.Mtu ?? 1500)))
        {
            throw new StackException(
                StackError.InvalidArgument, "The packet says that it must not be fragmented (DF).", "Clear DF, or use -Force.");
        }

        int length = Math.Min(view.TotalLength, frame.Length - start);
        return new Template
        {
            Frame = frame,
            IPStart = start,
            Version = 4,
            DataStart = start + view.HeaderLength,
            DataLength = length - view.HeaderLength,
            FirstHeader = view.HeaderLength,
            LaterHeader = IPv4View.MinimumHeaderLength + CopiedOptions(view, []),
            WholeLength = length,
            BaseOffset = view.FragmentOffset,
            IsFragment = view.MoreFragments || view.FragmentOffset > 0,
            MoreBehind = view.MoreFragments,
            Identification = options.Identification ?? view.Identification,
        };
    }

    private Template? ReadIPv6(byte[] frame, int start, FragmentOptions options)
    {
        IPv6View view = new(frame.AsSpan(start));
        if (!view.IsComplete)
        {
            throw Malformed();
        }

        int length = Math.Min(view.PayloadLength + IPv6View.HeaderLength, frame.Length - start);
        IPv6ExtensionReader reader = new(view.NextHeader, frame.AsSpan(start + IPv6View.HeaderLength, length - IPv6View.HeaderLength));

        // What every router on the way may look at stays in front of each fragment.
        int unfragmentable = IPv6View.HeaderLength;
        int announcedAt = start + 6;
        int lastAnnounced = announcedAt;
        int walked = IPv6View.HeaderLength;
        int fragmentAt = -1;
        while (fragmentAt < 0 && reader.MoveNext())
        {
            if (reader.Kind == IPProtocol.FragmentHeader)
            {
                fragmentAt = start + walked;
                unfragmentable = walked;
                announcedAt = lastAnnounced;
                break;
            }

            lastAnnounced = start + walked;
            walked += reader.Raw.Length;
            if (reader.Kind is IPProtocol.HopByHopOptions or IPProtocol.RoutingHeader)
            {
                unfragmentable = walked;
                announcedAt = lastAnnounced;
            }
        }

        int dataStart = start + unfragmentable + (fragmentAt < 0 ? 0 : FragmentHeader);
        ushort field = fragmentAt < 0 ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(fragmentAt + 2));
        return new Template
        {
            Frame = frame,
            IPStart = start,
            Version = 6,
            DataStart = dataStart,
            DataLength = Math.Max(start + length - dataStart, 0),
            FirstHeader = unfragmentable + FragmentHeader,
            LaterHeader = unfragmentable + FragmentHeader,
            WholeLength = length,
            BaseOffset = field & 0xFFF8,
            IsFragment = fragmentAt >= 0,
            MoreBehind = (field & 1) != 0,
            NextHeader = frame[fragmentAt < 0 ? announcedAt : fragmentAt],
            AnnouncedAt = announcedAt,
            Identification = options.Identification
                ?? (fragmentAt < 0 ? _random.NextUInt32() : BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(fragmentAt + 4))),
        };
    }

    private static byte[] Build(in Template template, FragmentRange range)
    {
        int end = Math.Min(range.End, template.DataLength);
        int offset = template.BaseOffset + range.Start;
        if (range.Start < 0 || range.Start % Unit != 0 || offset > 0xFFF8 || end < range.Start)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"There can be no fragment {range} of {template.DataLength} bytes.",
                "A fragment starts at a multiple of 8, inside the data, and ends behind that.");
        }

        bool more = range.MoreFragments ?? (end < template.DataLength || template.MoreBehind);
        ReadOnlySpan<byte> data = template.Frame.AsSpan(template.DataStart + range.Start, end - range.Start);
        return template.Version == 4 ? BuildIPv4(template, data, offset, more) : BuildIPv6(template, data, offset, more);
    }

    private static byte[] BuildIPv4(in Template template, ReadOnlySpan<byte> data, int offset, bool more)
    {
        Span<byte> options = stackalloc byte[40];
        IPv4View whole = new(template.Frame.AsSpan(template.IPStart));
        int headerLength = whole.HeaderLength;
        if (offset > 0)
        {
            headerLength = IPv4View.MinimumHeaderLength + CopiedOptions(whole, options);
        }
        else
        {
            whole.Options.CopyTo(options);
        }

        byte[] bytes = new byte[template.IPStart + headerLength + data.Length];
        template.Frame.AsSpan(0, template.IPStart + IPv4View.MinimumHeaderLength).CopyTo(bytes);
        Span<byte> packet = bytes.AsSpan(template.IPStart);
        options[..(headerLength - IPv4View.MinimumHeaderLength)].CopyTo(packet[IPv4View.MinimumHeaderLength..]);
        data.CopyTo(packet[headerLength..]);
        IPv4Editor editor = new(packet)
        {
            HeaderLength = headerLength,
            TotalLength = (ushort)packet.Length,
            Identification = (ushort)template.Identification,
            DontFragment = false,
            MoreFragments = more,
            FragmentOffset = offset,
        };
        editor.UpdateChecksum();
        return bytes;
    }

    private static byte[] BuildIPv6(in Template template, ReadOnlySpan<byte> data, int offset, bool more)
    {
        int front = template.IPStart + template.FirstHeader - FragmentHeader;
        byte[] bytes = new byte[front + FragmentHeader + data.Length];
        template.Frame.AsSpan(0, front).CopyTo(bytes);
        bytes[template.AnnouncedAt] = IPProtocol.FragmentHeader;
        bytes[front] = template.NextHeader;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(front + 2), (ushort)(offset | (more ? 1 : 0)));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(front + 4), template.Identification);
        data.CopyTo(bytes.AsSpan(front + FragmentHeader));
        _ = new IPv6Editor(bytes.AsSpan(template.IPStart))
        {
            PayloadLength = (ushort)(bytes.Length - template.IPStart - IPv6View.HeaderLength),
        };
        return bytes;
    }

    /// <summary>The options that later fragments have too (RFC 791, 3.1), filled up to a multiple of four.</summary>
    private static int CopiedOptions(in IPv4View whole, Span<byte> target)
    {
        int length = 0;
        IPv4OptionReader reader = new(whole.Options);
        while (reader.MoveNext())
        {
            if (IPv4OptionKind.IsCopied(reader.Kind))
            {
                if (!target.IsEmpty)
                {
                    reader.Raw.CopyTo(target[length..]);
                }

                length += reader.Raw.Length;
            }
        }

        return (length + 3) & ~3;
    }

    private static StackException Malformed() => new(
        StackError.InvalidArgument, "The packet's IP header is malformed: where its data starts is not certain.");

    /// <summary>A packet as it is cut up.</summary>
    private readonly record struct Template
    {
        public required byte[] Frame { get; init; }

        public int IPStart { get; init; }

        public int Version { get; init; }

        public int DataStart { get; init; }

        public int DataLength { get; init; }

        /// <summary>Bytes in front of the data in the first fragment, from the IP header on.</summary>
        public int FirstHeader { get; init; }

        public int LaterHeader { get; init; }

        public int WholeLength { get; init; }

        /// <summary>Where the packet's data belongs, when the packet is a fragment itself.</summary>
        public int BaseOffset { get; init; }

        public bool IsFragment { get; init; }

        public bool MoreBehind { get; init; }

        public byte NextHeader { get; init; }

        public int AnnouncedAt { get; init; }

        public uint Identification { get; init; }
    }
}
