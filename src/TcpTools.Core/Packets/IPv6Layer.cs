using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An IPv6 header (RFC 8200, 3). Extension headers are layers of their own behind it.</summary>
public sealed class IPv6Layer : IPLayer
{
    private static readonly NetworkAddress Loopback = NetworkAddress.Parse("::1");

    private ushort? _payloadLength;
    private byte? _nextHeader;

    /// <summary>A header from ::1 to itself.</summary>
    public IPv6Layer() => Version = 6;

    /// <inheritdoc/>
    public override string Name => "IPv6";

    /// <summary>Differentiated services and ECN: the same as <see cref="IPLayer.TypeOfService"/>.</summary>
    public byte TrafficClass
    {
        get => TypeOfService;
        set => TypeOfService = value;
    }

    /// <summary>The flow label, 20 bits (RFC 6437).</summary>
    public uint FlowLabel { get; set => field = value & 0xFFFFF; }

    /// <summary>
    /// Bytes behind this header, extension headers included; computed from what lies inside. 0 where the packet is longer
    /// than 65535 bytes and has a jumbo payload option (RFC 2675).
    /// </summary>
    public ushort? PayloadLength
    {
        get => _payloadLength ?? ComputeLength(MeasureWhole() - BuiltLength);
        set => _payloadLength = value;
    }

    /// <summary>The number of what follows directly, an extension header or the content; computed from the next layer.</summary>
    public byte? NextHeader
    {
        get => _nextHeader ?? Announce(FindNext());
        set => _nextHeader = value;
    }

    /// <summary>How many routers the packet may pass: the same as <see cref="IPLayer.TimeToLive"/>.</summary>
    public byte HopLimit
    {
        get => TimeToLive;
        set => TimeToLive = value;
    }

    /// <inheritdoc/>
    public override NetworkAddress Source
    {
        get;
        set
        {
            field = CheckFamily(value);
            IsSourceSet = true;
        }
    } = Loopback;

    /// <inheritdoc/>
    public override NetworkAddress Destination { get; set => field = CheckFamily(value); } = Loopback;

    /// <summary>
    /// Where the packet ends up: the last waypoint of the routing headers behind, as long as there are segments left, else
    /// <see cref="Destination"/>. It is what transport checksums are computed with (RFC 8200, 8.1).
    /// </summary>
    public override NetworkAddress FinalDestination
    {
        get
        {
            NetworkAddress destination = Destination;
            foreach (PacketLayer layer in FindExtensions())
            {
                destination = layer is RoutingLayer routing ? routing.FindFinalDestination(destination) : destination;
            }

            return destination;
        }
    }

    /// <summary>
    /// What the packet carries, behind all extension headers: the next header of the last of them. Setting it sets that.
    /// </summary>
    public override byte? Protocol
    {
        get => FindExtensions() is [.., IPv6ExtensionLayer last] ? last.NextHeader : NextHeader;
        set
        {
            if (FindExtensions() is [.., IPv6ExtensionLayer last])
            {
                last.NextHeader = value;
            }
            else
            {
                NextHeader = value;
            }
        }
    }

    /// <summary>Where this fragment's data belongs, in bytes: that of the fragment header behind; 0 without.</summary>
    /// <exception cref="InvalidOperationException">Set without a fragment header behind.</exception>
    public override int FragmentOffset
    {
        get => FindFragment()?.FragmentOffset ?? 0;
        set => NeedFragment().FragmentOffset = value;
    }

    /// <summary>Whether more fragments follow: what the fragment header behind says; false without.</summary>
    /// <exception cref="InvalidOperationException">Set without a fragment header behind.</exception>
    public override bool MoreFragments
    {
        get => FindFragment()?.MoreFragments ?? false;
        set => NeedFragment().MoreFragments = value;
    }

    /// <summary>The length that a jumbo payload option behind tells (RFC 2675); null without.</summary>
    public uint? JumboLength => (FindNext() as HopByHopLayer)?.GetOption<IPv6JumboOption>()?.PayloadLength;

    internal override int FixedLength => IPv6View.HeaderLength;

    internal override ushort? EtherTypeNumber => EtherType.IPv6;

    internal override byte? ProtocolNumber => IPProtocol.IPv6;

    /// <summary>The next header value that announces a layer.</summary>
    internal static byte Announce(PacketLayer? next) => next?.ProtocolNumber ?? IPProtocol.NoNextHeader;

    internal override void Write(in LayerPlace place) => _ = new IPv6Editor(place.Header)
    {
        Version = Version,
        TrafficClass = TypeOfService,
        FlowLabel = FlowLabel,
        PayloadLength = _payloadLength ?? ComputeLength(place.Whole.Length - place.Header.Length),
        NextHeader = _nextHeader ?? Announce(place.Next),
        HopLimit = TimeToLive,
        Source = Source,
        Destination = Destination,
    };

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Version), 0, 4);
        sink.Number(nameof(TrafficClass), 4, 8, FieldStyle.Hex);
        sink.Number(nameof(FlowLabel), 12, 20, FieldStyle.Hex);
        sink.Number(nameof(PayloadLength), 32, 16, isSet: _payloadLength is not null);
        sink.Number(nameof(NextHeader), 48, 8, isSet: _nextHeader is not null, meaning: FieldText.OfProtocol);
        sink.Number(nameof(HopLimit), 56, 8);
        sink.Address(nameof(Source), 8, 16);
        sink.Address(nameof(Destination), 24, 16);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_payloadLength is not null)
        {
            names.Add(nameof(PayloadLength));
        }

        if (_nextHeader is not null)
        {
            names.Add(nameof(NextHeader));
        }
    }

    private protected override NetworkAddress PseudoSource
    {
        get
        {
            foreach (PacketLayer layer in FindExtensions())
            {
                if (layer is DestinationOptionsLayer options && options.GetOption<IPv6HomeAddressOption>() is { } home)
                {
                    return home.Address;
                }
            }

            return Source;
        }
    }

    private ReadOnlySpan<PacketLayer> FindExtensions()
    {
        ReadOnlySpan<PacketLayer> inside = FindInside();
        int count = 0;
        while (count < inside.Length && inside[count] is IPv6ExtensionLayer)
        {
            count++;
        }

        return inside[..count];
    }

    private FragmentLayer? FindFragment()
    {
        foreach (PacketLayer layer in FindExtensions())
        {
            if (layer is FragmentLayer fragment)
            {
                return fragment;
            }
        }

        return null;
    }

    private FragmentLayer NeedFragment() => FindFragment()
        ?? throw new InvalidOperationException("An IPv6 header itself tells no fragments: add a FragmentLayer behind it.");

    private ushort ComputeLength(int length) =>
        length <= ushort.MaxValue ? (ushort)length : JumboLength is null ? ushort.MaxValue : (ushort)0;

    private static NetworkAddress CheckFamily(NetworkAddress address) => address.IsIPv6
        ? address
        : throw new ArgumentException($"'{address}' is no IPv6 address; this header has room for no other.", nameof(address));

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"IPv6 {Source} > {Destination}";
}
