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
    public override NetworkAddress Source { get; set => field = CheckFamily(value); } = Loopback;

    /// <inheritdoc/>
    public override NetworkAddress Destination { get; set => field = CheckFamily(value); } = Loopback;

    /// <inheritdoc/>
    public override NetworkAddress FinalDestination => Destination;

    /// <inheritdoc/>
    public override byte? Protocol
    {
        get => NextHeader;
        set => NextHeader = value;
    }

    /// <inheritdoc/>
    public override int FragmentOffset
    {
        get => 0;
        set => throw new InvalidOperationException("An IPv6 header has no fragment offset: add a fragment header behind it.");
    }

    /// <inheritdoc/>
    public override bool MoreFragments
    {
        get => false;
        set => throw new InvalidOperationException("An IPv6 header does not tell fragments: add a fragment header behind it.");
    }

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

    private static ushort ComputeLength(int length) => (ushort)Math.Min(length, ushort.MaxValue);

    private static NetworkAddress CheckFamily(NetworkAddress address) => address.IsIPv6
        ? address
        : throw new ArgumentException($"'{address}' is no IPv6 address; this header has room for no other.", nameof(address));

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"IPv6 {Source} > {Destination}";
}
