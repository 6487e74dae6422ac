using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An IPv4 header (RFC 791).</summary>
public sealed class IPv4Layer : IPLayer
{
    private const uint Loopback = 0x7F000001;

    private int? _headerLength;
    private ushort? _totalLength;
    private byte? _protocol;
    private ushort? _checksum;
    private uint _source = Loopback;
    private uint _destination = Loopback;

    private OptionList<IPOption> _options;

    /// <summary>A header from 127.0.0.1 to itself.</summary>
    public IPv4Layer() => Version = 4;

    /// <inheritdoc/>
    public override string Name => "IP";

    /// <summary>The header's length in bytes, a multiple of 4 up to 60; computed from the options.</summary>
    public int? HeaderLength
    {
        get => _headerLength ?? Math.Min(CutHeader(FixedLength + BodyLength), IPv4View.MaximumHeaderLength) / 4 * 4;
        set => _headerLength = value;
    }

    /// <summary>Bytes of header and data; computed from what lies inside.</summary>
    public ushort? TotalLength
    {
        get => _totalLength ?? (ushort)Math.Min(MeasureWhole(), ushort.MaxValue);
        set => _totalLength = value;
    }

    /// <inheritdoc cref="IPv4View.Identification"/>
    public ushort Identification { get; set; } = 1;

    /// <inheritdoc cref="IPv4View.ReservedFlag"/>
    public bool ReservedFlag { get; set; }

    /// <inheritdoc cref="IPv4View.DontFragment"/>
    public bool DontFragment { get; set; }

    /// <inheritdoc/>
    public override bool MoreFragments { get; set; }

    /// <inheritdoc/>
    public override int FragmentOffset { get; set; }

    /// <summary>What the packet carries; computed from the next layer.</summary>
    public override byte? Protocol
    {
        get => _protocol ?? Announce(FindNext());
        set => _protocol = value;
    }

    /// <summary>The header checksum; computed over the header.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new IPv4View(BuildHeader()).HeaderChecksum;
        set => _checksum = value;
    }

    /// <inheritdoc/>
    public override NetworkAddress Source
    {
        get => NetworkAddress.FromIPv4(_source);
        set
        {
            _source = CheckFamily(value).IPv4Bits;
            IsSourceSet = true;
        }
    }

    /// <inheritdoc/>
    public override NetworkAddress Destination
    {
        get => NetworkAddress.FromIPv4(_destination);
        set => _destination = CheckFamily(value).IPv4Bits;
    }

    /// <summary>The options in order; setting copies the list. On the wire they are filled up with zeros to a multiple of 4 bytes.</summary>
    public Collection<IPOption> Options
    {
        get => _options.Open(static (raw, list) => ReadOptions(raw, list));
        set => _options.Set(value);
    }

    /// <summary>
    /// Where the packet ends up: the last address of its one source route while that is not used up, else
    /// <see cref="Destination"/>. It is what transport checksums are computed with.
    /// </summary>
    public override NetworkAddress FinalDestination
    {
        get
        {
            if (_options.IsEmpty)
            {
                return Destination;
            }

            IPRouteOption? route = null;
            foreach (IPOption option in Options)
            {
                if (option is IPRouteOption { IsSourceRoute: true } found)
                {
                    if (route is not null)
                    {
                        return Destination;
                    }

                    route = found;
                }
            }

            return route is { IsUsedUp: false } ? route.Addresses[^1] : Destination;
        }
    }

    /// <inheritdoc/>
    public override ulong PseudoHeader(byte protocol, int length) => _options.IsEmpty
        ? InternetChecksum.PseudoHeader(_source, _destination, protocol, length)
        : base.PseudoHeader(protocol, length);

    internal override int FixedLength => IPv4View.MinimumHeaderLength;

    internal override int BodyLength => OptionBytes.FillUp(_options.Length);

    internal override ushort? EtherTypeNumber => EtherType.IPv4;

    internal override byte? ProtocolNumber => IPProtocol.IPv4;

    /// <summary>The protocol number that announces a layer.</summary>
    internal static byte Announce(PacketLayer? next) => next?.ProtocolNumber ?? 0;

    /// <summary>Takes over the option bytes of a packet that was parsed; nobody may change them.</summary>
    internal void SetRawOptions(ReadOnlyMemory<byte> options) => _options.SetRaw(options);

    internal override void WriteBody(Span<byte> body) => _options.Write(body);

    internal override void Write(in LayerPlace place)
    {
        Span<byte> header = place.Header;
        if (header.Length < IPv4View.MinimumHeaderLength)
        {
            WriteCut(place);
            return;
        }

        int words = ((_headerLength ?? Math.Min(header.Length, IPv4View.MaximumHeaderLength)) / 4) & 15;
        int flags = (ReservedFlag ? 0x8000 : 0) | (DontFragment ? 0x4000 : 0) | (MoreFragments ? 0x2000 : 0);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], _destination);
        BinaryPrimitives.WriteUInt32BigEndian(header[12..], _source);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)(flags | ((FragmentOffset / 8) & 0x1FFF)));
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], Identification);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], _totalLength ?? (ushort)Math.Min(place.Whole.Length, ushort.MaxValue));
        header[9] = _protocol ?? Announce(place.Next);
        header[8] = TimeToLive;
        header[1] = TypeOfService;
        header[0] = (byte)((Version << 4) | words);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], _checksum ?? InternetChecksum.Compute(header));
    }

    /// <summary>The same where not even the fixed header is whole.</summary>
    private void WriteCut(in LayerPlace place)
    {
        IPv4Editor editor = new(place.Header)
        {
            Version = Version,
            HeaderLength = _headerLength ?? Math.Min(place.Header.Length, IPv4View.MaximumHeaderLength),
            TypeOfService = TypeOfService,
            TotalLength = _totalLength ?? (ushort)Math.Min(place.Whole.Length, ushort.MaxValue),
            Identification = Identification,
            ReservedFlag = ReservedFlag,
            DontFragment = DontFragment,
            MoreFragments = MoreFragments,
            FragmentOffset = FragmentOffset,
            TimeToLive = TimeToLive,
            Protocol = _protocol ?? Announce(place.Next),
            HeaderChecksum = 0,
            Source = Source,
            Destination = Destination,
        };
        editor.HeaderChecksum = _checksum ?? InternetChecksum.Compute(place.Header);
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Version), 0, 4);
        sink.Number(nameof(HeaderLength), 4, 4, isSet: _headerLength is not null, scale: 4);
        sink.Number(nameof(TypeOfService), 8, 8, FieldStyle.Hex);
        sink.Number(nameof(TotalLength), 16, 16, isSet: _totalLength is not null);
        sink.Number(nameof(Identification), 32, 16);
        sink.Flag(nameof(ReservedFlag), 48);
        sink.Flag(nameof(DontFragment), 49);
        sink.Flag(nameof(MoreFragments), 50);
        sink.Number(nameof(FragmentOffset), 51, 13, scale: 8);
        sink.Number(nameof(TimeToLive), 64, 8);
        sink.Number(nameof(Protocol), 72, 8, isSet: _protocol is not null, meaning: FieldText.OfProtocol);
        sink.Number(nameof(Checksum), 80, 16, FieldStyle.Hex, _checksum is not null);
        sink.Address(nameof(Source), 12, 4);
        sink.Address(nameof(Destination), 16, 4);
        sink.Options(nameof(Options), FixedLength, Options, static option => option.Raw, IPOptionFields.Describe);
    }

    private protected override void Detach() => _options.Detach();

    private protected override void ListFixedFields(List<string> names)
    {
        Add(_headerLength is not null, nameof(HeaderLength));
        Add(_totalLength is not null, nameof(TotalLength));
        Add(_protocol is not null, nameof(Protocol));
        Add(_checksum is not null, nameof(Checksum));

        void Add(bool isSet, string name)
        {
            if (isSet)
            {
                names.Add(name);
            }
        }
    }

    private static void ReadOptions(ReadOnlySpan<byte> raw, Collection<IPOption> options)
    {
        IPv4OptionReader reader = new(raw);
        while (reader.MoveNext())
        {
            options.Add(IPOption.FromBytes(reader.Raw));
        }

        if (!OptionBytes.IsFilling(reader.Rest, raw.Length - reader.Rest.Length))
        {
            options.Add(IPOption.FromBytes(reader.Rest));
        }
    }

    private static NetworkAddress CheckFamily(NetworkAddress address) => address.IsIPv4
        ? address
        : throw new ArgumentException($"'{address}' is no IPv4 address; this header has room for no other.", nameof(address));

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"IP {Source} > {Destination}";
}
