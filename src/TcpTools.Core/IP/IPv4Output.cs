using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>The way out (RFC 1122, 3.3): route, header, identification, fragments.</summary>
internal sealed class IPv4Output(
    IPv4Protocol layer, PathMtuCache pathMtus, LoopQueue looped, IdentificationGenerator identifications, PacketBufferPool pool)
{
    private const int MaximumOptions = IPv4View.MaximumHeaderLength - IPv4View.MinimumHeaderLength;

    /// <inheritdoc cref="IPv4Protocol.Send"/>
    public bool Send(PacketBuffer payload, in IPSendOptions options, Instant now)
    {
        IPCounters counters = layer.Counters;
        counters.OutRequests++;
        if (!layer.Routes.TryLookup(options.Destination, out Route route))
        {
            counters.OutNoRoutes++;
            payload.Release();
            return false;
        }

        NetworkAddress source = options.Source.IsNone ? route.Source : options.Source;
        int headerLength = IPv4View.MinimumHeaderLength + ((options.Options.Length + 3) & ~3);
        int totalLength = headerLength + payload.Length;
        if (!IsAllowedSource(source, route) || options.Options.Length > MaximumOptions || totalLength > ushort.MaxValue)
        {
            counters.OutDiscards++;
            payload.Release();
            return false;
        }

        bool mustSplit = false;
        bool dontFragment = options.DontFragment;
        if (route.Kind != RouteKind.Local)
        {
            bool isSplitBelow = payload.Offload.Segmentation != SegmentationKind.None;
            PathMtu path = pathMtus.Get(options.Destination, now);
            // Below the floor that is believed, only fragments get through.
            dontFragment &= !path.IsLocked;
            mustSplit = !isSplitBelow && totalLength > (dontFragment ? layer.Settings.Mtu : path.Mtu);
            if (mustSplit && dontFragment)
            {
                counters.FragFails++;
                payload.Release();
                return false;
            }
        }

        if (options.Protocol == IPProtocol.Icmp)
        {
            CountIcmp(payload.Span);
        }

        // RFC 6864, 4.1: what can never be in fragments needs no identification.
        ushort identification = options.Identification
            ?? (dontFragment && layer.Settings.ZeroIdentificationWhenAtomic
                ? (ushort)0
                : identifications.Next(source, options.Destination, options.Protocol, PacketCount(payload)));

        payload = WithHeadroom(payload, headerLength);
        WriteHeader(payload.Push(headerLength), totalLength, source, identification, dontFragment, options);
        MoveOffsets(ref payload.Offload, headerLength);

        if (route.Kind == RouteKind.Local)
        {
            return Loop(payload, now);
        }

        NetworkAddress nextHop = route.NextHop(options.Destination);
        if (mustSplit)
        {
            SendFragments(payload, pathMtus.Get(options.Destination, now).Mtu, nextHop, now);
        }
        else
        {
            Transmit(payload, nextHop, now);
        }

        return true;
    }

    /// <summary>RFC 1122, 3.2.1.3: the source is an address of this host, and a loopback address never leaves it.</summary>
    private bool IsAllowedSource(NetworkAddress source, in Route route) =>
        layer.Routes.IsOwn(source) || (route.Kind == RouteKind.Local && source.IsIPv4 && source.IsLoopback);

    private static int PacketCount(PacketBuffer payload)
    {
        int size = payload.Offload.Segmentation == SegmentationKind.None ? 0 : payload.Offload.SegmentSize;
        return size == 0 ? 1 : (payload.Length + size - 1) / size;
    }

    private void WriteHeader(
        Span<byte> header, int totalLength, NetworkAddress source, ushort identification, bool dontFragment, in IPSendOptions options)
    {
        header.Clear();
        var editor = new IPv4Editor(header)
        {
            Version = 4,
            HeaderLength = header.Length,
            TypeOfService = options.TypeOfService,
            TotalLength = (ushort)totalLength,
            Identification = identification,
            DontFragment = dontFragment,
            TimeToLive = options.TimeToLive != 0 ? options.TimeToLive : DefaultTimeToLive(options.Destination),
            Protocol = options.Protocol,
            Source = source,
            Destination = options.Destination,
        };
        options.Options.CopyTo(header[IPv4View.MinimumHeaderLength..]);
        editor.UpdateChecksum();
    }

    // RFC 1112, 6.1: a group's datagrams stay on the link unless somebody asks for more.
    private byte DefaultTimeToLive(NetworkAddress destination) =>
        destination.IsMulticast ? (byte)1 : layer.Settings.TimeToLive;

    private static void MoveOffsets(ref OffloadInfo offload, int headerLength)
    {
        if (offload.NeedsChecksum)
        {
            offload.ChecksumStart += (ushort)headerLength;
        }

        if (offload.Segmentation != SegmentationKind.None)
        {
            offload.HeaderLength += (ushort)headerLength;
        }
    }

    /// <summary>The same payload with room in front; a copy only where a caller did not leave any.</summary>
    private PacketBuffer WithHeadroom(PacketBuffer payload, int headerLength)
    {
        if (payload.Headroom >= headerLength)
        {
            return payload;
        }

        PacketBuffer copy = pool.Rent(payload.Length);
        payload.Span.CopyTo(copy.Append(payload.Length));
        copy.Offload = payload.Offload;
        payload.Release();
        return copy;
    }

    private bool Loop(PacketBuffer packet, Instant now)
    {
        int length = packet.Length;
        if (!looped.TryAdd(packet, now))
        {
            layer.Counters.OutDiscards++;
            packet.Release();
            return false;
        }

        layer.Counters.OutTransmits++;
        layer.Counters.OutOctets += length;
        return true;
    }

    private void Transmit(PacketBuffer packet, NetworkAddress nextHop, Instant now)
    {
        layer.Counters.OutTransmits++;
        layer.Counters.OutOctets += packet.Length;
        layer.Environment.Transmit(packet, nextHop, now);
    }

    private void SendFragments(PacketBuffer packet, int mtu, NetworkAddress nextHop, Instant now)
    {
        Fragmenter.CompleteChecksum(packet);
        layer.Counters.FragOKs++;
        for (int offset = 0; offset >= 0;)
        {
            PacketBuffer fragment = pool.Rent(mtu);
            offset = Fragmenter.CopyFragment(packet.Span, offset, mtu, fragment);
            layer.Counters.FragCreates++;
            Transmit(fragment, nextHop, now);
        }

        packet.Release();
    }

    private void CountIcmp(ReadOnlySpan<byte> message)
    {
        IcmpCounters counters = layer.Counters.Icmp;
        counters.OutMsgs++;
        switch (new Icmpv4View(message).Type)
        {
            case IcmpType.DestinationUnreachable:
                counters.OutDestUnreachs++;
                break;
            case IcmpType.TimeExceeded:
                counters.OutTimeExcds++;
                break;
            case IcmpType.ParameterProblem:
                counters.OutParmProbs++;
                break;
            case IcmpType.EchoRequest:
                counters.OutEchos++;
                break;
            case IcmpType.EchoReply when !message.IsEmpty:
                counters.OutEchoReps++;
                break;
            default:
                break;
        }
    }
}
