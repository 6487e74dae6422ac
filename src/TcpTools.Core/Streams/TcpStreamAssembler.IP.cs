using System;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <content>From an IP packet to a TCP segment: headers, checksums, fragments, and ICMP errors about streams.</content>
public sealed partial class TcpStreamAssembler
{
    private const int MaximumTunnels = 4;
    private const int IPv6HeaderLength = 40;

    private readonly IFragmentJoiner _joiner;

    private void ReceiveIP(ReadOnlySpan<byte> packet, bool isCut, int depth)
    {
        if (packet[0] >> 4 == 6)
        {
            ReceiveIPv6(packet, isCut, depth);
        }
        else
        {
            ReceiveIPv4(packet, isCut, depth);
        }
    }

    private void ReceiveIPv4(ReadOnlySpan<byte> packet, bool isCut, int depth)
    {
        IPv4View view = new(packet);
        // A length of 0 comes from a capture on a sender whose card splits segments.
        int length = view.TotalLength == 0 ? packet.Length : view.TotalLength;
        if (!view.HasValidHeader || length < view.HeaderLength || (length > packet.Length && !isCut))
        {
            Report(StreamAnomalyKind.BadIPHeader, view.Source, view.Destination, $"IPv{view.Version} header of {view.HeaderLength} bytes, length {view.TotalLength} in {packet.Length}");
            return;
        }

        bool verify = _settings.Verifies(view.Source);
        if (verify && !view.IsChecksumValid)
        {
            Report(StreamAnomalyKind.BadIPChecksum, view.Source, view.Destination, $"IP checksum 0x{view.HeaderChecksum:x4} is wrong");
            return;
        }

        if (view.HeaderLength > IPv4View.MinimumHeaderLength && HasSourceRoute(view.Options))
        {
            Report(StreamAnomalyKind.SourceRoute, view.Source, view.Destination, "the packet says which way it is to go");
            if (_settings.DropSourceRouted)
            {
                return;
            }
        }

        if (view.IsFragment)
        {
            if (!isCut)
            {
                ReceiveFragment(packet[..length], view.Source, view.Destination, depth);
            }

            return;
        }

        int missing = Math.Max(0, length - packet.Length);
        Dispatch(view.Protocol, view.Source, view.Destination, packet[view.HeaderLength..Math.Min(length, packet.Length)], missing, verify, depth);
    }

    private void ReceiveFragment(ReadOnlySpan<byte> packet, NetworkAddress source, NetworkAddress destination, int depth)
    {
        FragmentOutcome outcome = _joiner.Add(packet, Now, out ReadOnlySpan<byte> whole);
        switch (outcome)
        {
            case FragmentOutcome.Whole:
                ReceiveIP(whole, isCut: false, depth);
                break;
            case FragmentOutcome.Oversized:
                Report(StreamAnomalyKind.OversizedPacket, source, destination, "a fragment ends beyond the longest packet there can be");
                break;
            case FragmentOutcome.Invalid:
                Report(StreamAnomalyKind.InvalidFragment, source, destination, "a fragment fits no packet, or not to the others");
                break;
            case FragmentOutcome.Overlap:
                Report(StreamAnomalyKind.FragmentOverlap, source, destination, "a fragment overlaps others");
                break;
            default:
                break;
        }
    }

    private void ReceiveIPv6(ReadOnlySpan<byte> packet, bool isCut, int depth)
    {
        NetworkAddress source = NetworkAddress.FromBytes(WireField.Cut(packet, 8, 24));
        NetworkAddress destination = NetworkAddress.FromBytes(WireField.Cut(packet, 24, 40));
        int length = IPv6HeaderLength + WireField.Read16(packet, 4);
        if (length == IPv6HeaderLength)
        {
            length = packet.Length;
        }

        if (packet.Length < IPv6HeaderLength || (length > packet.Length && !isCut))
        {
            Report(StreamAnomalyKind.BadIPHeader, source, destination, $"IPv6 header, length {length} in {packet.Length}");
            return;
        }

        int missing = Math.Max(0, length - packet.Length);
        packet = packet[..Math.Min(length, packet.Length)];
        byte next = packet[6];
        int at = IPv6HeaderLength;
        // Hop-by-hop, routing, destination options (RFC 8200, 4), authentication (RFC 4302), fragment of a whole packet.
        while (next is 0 or 43 or 44 or 51 or 60 && at + 8 <= packet.Length)
        {
            if (next == 44 && (WireField.Read16(packet, at + 2) & 0xFFF9) != 0)
            {
                if (!isCut)
                {
                    ReceiveFragment(packet, source, destination, depth);
                }

                return;
            }

            if (next == 43 && packet[at + 3] != 0)
            {
                // The checksum is that of the final destination, which is not in the header (RFC 8200, 8.1).
                missing = Math.Max(missing, 1);
            }

            int size = next == 44 ? 8 : next == 51 ? (packet[at + 1] + 2) * 4 : (packet[at + 1] + 1) * 8;
            next = packet[at];
            at += size;
        }

        if (at < packet.Length)
        {
            Dispatch(next, source, destination, packet[at..], missing, _settings.Verifies(source), depth);
        }
    }

    private void Dispatch(
        byte protocol, NetworkAddress source, NetworkAddress destination, ReadOnlySpan<byte> data, int missing, bool verify, int depth)
    {
        switch (protocol)
        {
            case IPProtocol.Tcp:
                ReceiveTcp(source, destination, data, missing, verify);
                break;
            case IPProtocol.Icmp or IPProtocol.Icmpv6:
                ReceiveIcmp(data, protocol == IPProtocol.Icmpv6);
                break;
            case IPProtocol.IPv4 or IPProtocol.IPv6 when depth < MaximumTunnels && !data.IsEmpty:
                ReceiveIP(data, missing > 0, depth + 1);
                break;
            default:
                break;
        }
    }

    private void ReceiveTcp(NetworkAddress source, NetworkAddress destination, ReadOnlySpan<byte> bytes, int missing, bool verify)
    {
        TcpView view = new(bytes);
        StreamSegment segment = StreamSegment.From(view, source, destination, missing, Now);
        if (!view.IsValid)
        {
            if (missing == 0)
            {
                Report(StreamAnomalyKind.BadTcpHeader, segment, null, $"TCP header of {view.DataOffset} bytes in {bytes.Length}");
            }

            return;
        }

        if (verify && missing == 0 && !IsSound(view, bytes, source, destination))
        {
            Report(StreamAnomalyKind.BadTcpChecksum, segment, null, $"TCP checksum 0x{view.Checksum:x4} is wrong");
            return;
        }

        Segments++;
        ReceiveSegment(segment);
    }

    /// <summary>
    /// Whether the checksum is right, or is the sum over the pseudo-header that a sender leaves there for its card to
    /// complete: a capture on that sender sees it so.
    /// </summary>
    private static bool IsSound(TcpView view, ReadOnlySpan<byte> bytes, NetworkAddress source, NetworkAddress destination)
    {
        if (view.IsChecksumValid(source, destination))
        {
            return true;
        }

        ulong pseudoHeader = InternetChecksum.PseudoHeader(source, destination, IPProtocol.Tcp, bytes.Length);
        return view.Checksum == InternetChecksum.Fold(pseudoHeader)
            || view.Checksum == InternetChecksum.Fold(InternetChecksum.PseudoHeader(source, destination, IPProtocol.Tcp, 0));
    }

    private void ReceiveIcmp(ReadOnlySpan<byte> message, bool isVersion6)
    {
        byte type = WireField.Read8(message, 0);
        byte code = WireField.Read8(message, 1);
        // "Fragmentation needed" (type 3, code 4) ends nothing.
        if (isVersion6 ? type != 1 : type != IcmpType.DestinationUnreachable || code == 4)
        {
            return;
        }

        ReadOnlySpan<byte> quoted = WireField.Cut(message, 8, int.MaxValue);
        NetworkAddress source;
        NetworkAddress destination;
        ReadOnlySpan<byte> tcp;
        if (isVersion6)
        {
            source = NetworkAddress.FromBytes(WireField.Cut(quoted, 8, 24));
            destination = NetworkAddress.FromBytes(WireField.Cut(quoted, 24, 40));
            tcp = WireField.Read8(quoted, 6) == IPProtocol.Tcp ? WireField.Cut(quoted, IPv6HeaderLength, int.MaxValue) : default;
        }
        else
        {
            IPv4View view = new(quoted);
            source = view.Source;
            destination = view.Destination;
            tcp = view.HasValidHeader && view.Protocol == IPProtocol.Tcp && view.FragmentOffset == 0
                ? WireField.Cut(quoted, view.HeaderLength, int.MaxValue)
                : default;
        }

        if (tcp.Length >= 8)
        {
            TcpView view = new(tcp);
            ReceiveUnreachable(new StreamEndpoint(source, view.SourcePort), new StreamEndpoint(destination, view.DestinationPort), view.Sequence);
        }
    }

    /// <summary>The error ends the stream if its quotation has a number that may be on its way (RFC 5927, 4.1).</summary>
    private void ReceiveUnreachable(StreamEndpoint source, StreamEndpoint destination, SequenceNumber number)
    {
        TcpStream? stream = _table.Find(StreamKey.Of(source, destination, out bool isSwapped));
        if (stream is null || stream.IsEnded)
        {
            return;
        }

        TcpStreamSide side = isSwapped != stream.ClientIsFirst ? stream.ClientSide : stream.ServerSide;
        long offset = side.IsSynced ? side.OffsetOf(number) : long.MinValue;
        if (offset >= Math.Max(-1, side.AckedOffset - 1) && offset <= side.HighestOffset + 1)
        {
            stream.LastSeen = Now;
            EndStream(stream, TcpStreamState.Unreachable);
        }
    }

    private static bool HasSourceRoute(ReadOnlySpan<byte> options)
    {
        IPv4OptionReader reader = new(options);
        while (reader.MoveNext())
        {
            if (reader.Kind is IPv4OptionKind.LooseSourceRoute or IPv4OptionKind.StrictSourceRoute)
            {
                return true;
            }
        }

        return false;
    }
}
