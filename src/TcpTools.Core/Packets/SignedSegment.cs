using System;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A packet's TCP segment as the signatures of RFC 2385 and RFC 5925 see it.</summary>
internal sealed class SignedSegment
{
    private const int ChecksumOffset = 16;

    private readonly IPLayer _ip;
    private readonly byte[] _segment;
    private readonly int _headerLength;

    private SignedSegment(IPLayer ip, byte[] segment, int headerLength)
    {
        _ip = ip;
        _segment = segment;
        _headerLength = headerLength;
        segment.AsSpan(Math.Min(ChecksumOffset, segment.Length), Math.Clamp(segment.Length - ChecksumOffset, 0, 2)).Clear();
    }

    /// <summary>The header up to its options, the checksum zero.</summary>
    public ReadOnlySpan<byte> FixedHeader => _segment.AsSpan(0, Math.Min(TcpView.MinimumHeaderLength, _headerLength));

    /// <summary>The options as they are, filling included.</summary>
    public ReadOnlySpan<byte> Options => _segment.AsSpan(FixedHeader.Length, _headerLength - FixedHeader.Length);

    /// <summary>What the segment carries.</summary>
    public ReadOnlySpan<byte> Data => _segment.AsSpan(_headerLength);

    /// <summary>The sender's address.</summary>
    public NetworkAddress Source => _ip.Source;

    /// <summary>The address of who is to receive it in the end.</summary>
    public NetworkAddress Destination => _ip.FinalDestination;

    /// <summary>The pseudo-header: of IPv4 (RFC 9293, 3.1) or IPv6 (RFC 8200, 8.1).</summary>
    public byte[] PseudoHeader()
    {
        int length = Source.Length;
        byte[] bytes = new byte[(2 * length) + (length == 4 ? 4 : 8)];
        _ = Source.TryWriteBytes(bytes);
        _ = Destination.TryWriteBytes(bytes.AsSpan(length));
        if (length == 4)
        {
            bytes[9] = IPProtocol.Tcp;
            WireField.Write16(bytes, 10, (ushort)_segment.Length);
        }
        else
        {
            WireField.Write32(bytes, 32, (uint)_segment.Length);
            bytes[39] = IPProtocol.Tcp;
        }

        return bytes;
    }

    /// <summary>The first TCP segment of a packet.</summary>
    /// <exception cref="ArgumentException">The packet has no TCP segment inside an IP packet.</exception>
    public static SignedSegment Of(Packet packet)
    {
        int index = IndexOf(packet);
        TcpLayer tcp = (TcpLayer)packet.Layers[index];
        IPLayer ip = packet.Layers.Take(index).OfType<IPLayer>().LastOrDefault()
            ?? throw new ArgumentException("A signature covers the addresses, and the segment has no IP header around it.", nameof(packet));
        int start = packet.Layers.Take(index).Sum(layer => layer.BuiltLength);
        byte[] bytes = packet.ToBytes();
        return new(ip, bytes[start..(start + tcp.BuiltLength + tcp.DataLength)], tcp.BuiltLength);
    }

    /// <summary>The first TCP header of a packet.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static TcpLayer TcpOf(Packet packet) => (TcpLayer)packet.Layers[IndexOf(packet)];

    /// <summary>
    /// Puts an option in the place of the first of its kind, or behind all others, with NOPs before it so that it ends
    /// at a multiple of 4 bytes.
    /// </summary>
    public static void Place(Collection<TcpOption> options, TcpOption option)
    {
        for (int i = 0; i < options.Count; i++)
        {
            if (options[i].Kind == option.Kind)
            {
                options[i] = option;
                return;
            }
        }

        // What ends the list, or only fills it up, would stand before the option.
        while (options.Count > 0 && options[^1] is TcpEndOption)
        {
            options.RemoveAt(options.Count - 1);
        }

        while ((options.Sum(each => each.Length) + option.Length) % 4 != 0)
        {
            options.Add(TcpNoOperationOption.Instance);
        }

        options.Add(option);
    }

    private static int IndexOf(Packet packet)
    {
        for (int i = 0; i < packet.Layers.Count; i++)
        {
            if (packet.Layers[i] is TcpLayer)
            {
                return i;
            }
        }

        throw new ArgumentException("The packet has no TCP segment to sign.", nameof(packet));
    }
}
