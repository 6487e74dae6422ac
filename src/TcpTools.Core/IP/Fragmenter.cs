using System;
using System.Buffers.Binary;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>Cuts a packet to the size of a link (RFC 791, 3.2, "An Example Fragmentation Procedure").</summary>
internal static class Fragmenter
{
    /// <summary>
    /// Writes the fragment whose data starts at <paramref name="offset"/> into an empty buffer.
    /// </summary>
    /// <returns>Where the next fragment's data starts, or -1 when this was the last.</returns>
    public static int CopyFragment(ReadOnlySpan<byte> packet, int offset, int mtu, PacketBuffer fragment)
    {
        var whole = new IPv4View(packet);
        ReadOnlySpan<byte> data = packet[whole.HeaderLength..];
        Span<byte> header = stackalloc byte[IPv4View.MaximumHeaderLength];
        int headerLength = CopyHeader(whole, isFirst: offset == 0, header);

        int room = mtu - headerLength;
        int length = data.Length - offset;
        bool isLast = length <= room;
        if (!isLast)
        {
            // Offsets are counted in eights.
            length = room & ~7;
        }

        Span<byte> bytes = fragment.Append(headerLength + length);
        header[..headerLength].CopyTo(bytes);
        data.Slice(offset, length).CopyTo(bytes[headerLength..]);
        var editor = new IPv4Editor(bytes)
        {
            HeaderLength = headerLength,
            TotalLength = (ushort)bytes.Length,
            // A packet that is a fragment itself keeps its place, and its last piece its flag.
            FragmentOffset = whole.FragmentOffset + offset,
            MoreFragments = !isLast || whole.MoreFragments,
        };
        editor.UpdateChecksum();
        return isLast ? -1 : offset + length;
    }

    /// <summary>
    /// Computes the transport checksum that was left to a device: no device can sum over fragments.
    /// </summary>
    public static void CompleteChecksum(PacketBuffer packet)
    {
        ref OffloadInfo offload = ref packet.Offload;
        int field = offload.ChecksumStart + offload.ChecksumOffset;
        if (offload.NeedsChecksum && field + 2 <= packet.Length && offload.ChecksumStart <= packet.Length)
        {
            ushort checksum = InternetChecksum.Compute(packet.Span[offload.ChecksumStart..]);
            bool isUdp = new IPv4View(packet.Span).Protocol == IPProtocol.Udp;
            BinaryPrimitives.WriteUInt16BigEndian(
                packet.Span[field..], checksum == 0 && isUdp ? ushort.MaxValue : checksum);
        }

        offload = default;
    }

    /// <summary>All options go into the first fragment, into the others those with the copied flag (RFC 791, 3.1).</summary>
    private static int CopyHeader(in IPv4View whole, bool isFirst, Span<byte> header)
    {
        if (isFirst)
        {
            whole.Header.CopyTo(header);
            return whole.HeaderLength;
        }

        whole.Header[..IPv4View.MinimumHeaderLength].CopyTo(header);
        int length = IPv4View.MinimumHeaderLength;
        var reader = new IPv4OptionReader(whole.Options);
        while (reader.MoveNext())
        {
            if (IPv4OptionKind.IsCopied(reader.Kind))
            {
                reader.Raw.CopyTo(header[length..]);
                length += reader.Raw.Length;
            }
        }

        int padded = (length + 3) & ~3;
        header[length..padded].Clear();
        return padded;
    }
}
