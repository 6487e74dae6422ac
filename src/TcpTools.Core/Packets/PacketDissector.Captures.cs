using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Link headers that occur in captures.</summary>
internal ref partial struct PacketDissector
{
    private const ushort NetlinkDevice = 824;
    private const ushort WirelessDevice = 801;
    private const ushort PrismDevice = 802;
    private const ushort RadiotapDevice = 803;

    private void DissectLinuxCooked(ReadOnlySpan<byte> bytes, int version)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        LinuxCookedView view = new(bytes, version);
        LinuxCookedLayer layer = new()
        {
            Version = version,
            PacketType = view.PacketType,
            DeviceType = view.DeviceType,
            AddressLength = view.AddressLength,
            AddressBytes = view.Address.ToArray(),
            Reserved = view.Reserved,
            InterfaceIndex = view.InterfaceIndex,
        };
        AddHeader(layer, bytes.Length, view.HeaderLength);
        int index = _packet.Layers.Count;
        DissectCookedContent(view);
        PacketLayer? next = index < _packet.Layers.Count ? _packet.Layers[index] : null;
        layer.Protocol = view.Protocol == LinuxCookedLayer.Announce(next) ? null : view.Protocol;
    }

    private void DissectCookedContent(LinuxCookedView view)
    {
        switch (view.DeviceType)
        {
            case NetlinkDevice:
                AddPayload(view.Payload);
                break;
            case WirelessDevice:
                DissectIeee80211(view.Payload, false, false);
                break;
            case PrismDevice:
                DissectPrism(view.Payload);
                break;
            case RadiotapDevice:
                DissectRadiotap(view.Payload);
                break;
            default:
                if (view.Protocol == LinuxCookedView.Llc)
                {
                    DissectLlc(view.Payload);
                }
                else
                {
                    DissectEtherType(view.Protocol, view.Payload);
                }

                break;
        }
    }

    private void DissectLoopback(ReadOnlySpan<byte> bytes, bool isAlwaysBigEndian)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        LoopbackView view = new(bytes);
        bool isBigEndian = isAlwaysBigEndian || view.LooksBigEndian;
        uint family = isBigEndian ? view.BigEndianFamily : view.LittleEndianFamily;
        LoopbackLayer layer = new() { IsBigEndian = isBigEndian };
        AddHeader(layer, bytes.Length, LoopbackView.HeaderLength);
        int index = _packet.Layers.Count;
        if (family == LoopbackView.IPv4Family || LoopbackView.IsIPv6(family))
        {
            DissectUnannouncedIP(view.Payload);
        }
        else
        {
            AddPayload(view.Payload);
        }

        PacketLayer? next = index < _packet.Layers.Count ? _packet.Layers[index] : null;
        layer.Family = family == LoopbackLayer.Announce(next) ? null : family;
    }

    private void DissectPpp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        PppView view = new(bytes);
        PppLayer layer = new() { HasAddressControl = view.HasAddressControl, IsProtocolCompressed = view.IsProtocolCompressed };
        AddHeader(layer, bytes.Length, view.HeaderLength);
        int index = _packet.Layers.Count;
        switch (view.Protocol)
        {
            case PppProtocol.IPv4:
                DissectIPv4(view.Payload);
                break;
            case PppProtocol.IPv6:
                DissectIPv6(view.Payload);
                break;
            case PppProtocol.Mpls:
                DissectMpls(view.Payload);
                break;
            default:
                AddPayload(view.Payload);
                break;
        }

        PacketLayer? next = index < _packet.Layers.Count ? _packet.Layers[index] : null;
        layer.Protocol = view.Protocol == PppLayer.Announce(next) ? null : view.Protocol;
    }

    private void DissectFddi(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        FddiView view = new(bytes);
        FddiLayer layer = new() { FrameControl = view.FrameControl, Destination = view.Destination, Source = view.Source };
        AddHeader(layer, bytes.Length, FddiView.HeaderLength);
        DissectLlcOrNot(view.Payload, view.IsLlc);
    }

    private void DissectTokenRing(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        TokenRingView view = new(bytes);
        TokenRingLayer layer = new()
        {
            AccessControl = view.AccessControl,
            FrameControl = view.FrameControl,
            Destination = view.Destination,
            Source = view.Source,
            Route = view.Route.ToArray(),
        };
        AddHeader(layer, bytes.Length, view.HeaderLength);
        DissectLlcOrNot(view.Payload, view.IsLlc);
    }

    private void DissectRadiotap(ReadOnlySpan<byte> bytes)
    {
        RadiotapView view = new(bytes);
        if (view.Version != 0 || view.HeaderLength < RadiotapView.MinimumHeaderLength)
        {
            AddPayload(bytes);
            return;
        }

        int length = AddRawHeader(new RadiotapLayer(WireField.Cut(bytes, 0, view.HeaderLength)), bytes.Length, view.HeaderLength);
        DissectIeee80211(bytes[length..], view.HasCheckSequence, view.HasPadding);
    }

    private void DissectPrism(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        int needed = new PrismView(bytes).HeaderLength;
        int length = AddRawHeader(new PrismLayer(WireField.Cut(bytes, 0, needed)), bytes.Length, needed);
        DissectIeee80211(bytes[length..], false, false);
    }

    private void DissectIeee80211(ReadOnlySpan<byte> bytes, bool hasCheckSequence, bool hasPadding)
    {
        const int CheckSequenceLength = 4;
        if (bytes.IsEmpty)
        {
            return;
        }

        Ieee80211View view = new(bytes);
        int needed = hasPadding ? (view.HeaderLength + 3) / 4 * 4 : view.HeaderLength;
        Ieee80211Layer layer = new(WireField.Cut(bytes, 0, needed));
        int length = AddRawHeader(layer, bytes.Length, needed);
        int end = bytes.Length;
        if (hasCheckSequence && end - length >= CheckSequenceLength)
        {
            end -= CheckSequenceLength;
            layer.Trailer = bytes[end..].ToArray();
        }

        DissectLlcOrNot(bytes[length..end], view.CarriesData && !view.IsProtected && !view.IsAggregate);
    }

    private void DissectLlcOrNot(ReadOnlySpan<byte> bytes, bool isLlc)
    {
        if (isLlc && !bytes.IsEmpty)
        {
            DissectLlc(bytes);
        }
        else
        {
            AddPayload(bytes);
        }
    }

    /// <summary>Adds a header that holds its bytes itself, as many as there are; returns their number.</summary>
    private readonly int AddRawHeader(RawHeaderLayer layer, int available, int needed)
    {
        _packet.Layers.Add(layer);
        if (available < needed)
        {
            Report(PacketAnomalyKind.TruncatedHeader, layer.Name, $"{available} bytes of a header of {needed}");
        }

        return Math.Min(available, needed);
    }
}
