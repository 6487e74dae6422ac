using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An IPv4 header (RFC 791).</summary>
public sealed class IPLayer : PacketLayer
{
    private int? _headerLength;
    private ushort? _totalLength;
    private byte? _protocol;
    private ushort? _checksum;
    private NetworkAddress _source = NetworkAddress.FromIPv4(0x7F000001);
    private NetworkAddress _destination = NetworkAddress.FromIPv4(0x7F000001);

    /// <inheritdoc/>
    public override string Name => "IP";

    /// <inheritdoc cref="IPv4View.Version"/>
    public byte Version { get; set; } = 4;

    /// <summary>The header's length in bytes, a multiple of 4 up to 60; computed from the options.</summary>
    public int? HeaderLength
    {
        get => _headerLength ?? new IPv4View(BuildHeader()).HeaderLength;
        set => _headerLength = value;
    }

    /// <inheritdoc cref="IPv4View.TypeOfService"/>
    public byte TypeOfService { get; set; }

    /// <summary>The differentiated services code point: the upper 6 bits of <see cref="TypeOfService"/> (RFC 2474).</summary>
    public byte Dscp
    {
        get => (byte)(TypeOfService >> 2);
        set => TypeOfService = (byte)((TypeOfService & 3) | (value << 2));
    }

    /// <summary>The ECN code point: the lower 2 bits of <see cref="TypeOfService"/> (RFC 3168).</summary>
    public byte Ecn
    {
        get => (byte)(TypeOfService & 3);
        set => TypeOfService = (byte)((TypeOfService & 0xFC) | (value & 3));
    }

    /// <summary>Bytes of header and data; computed from what lies inside.</summary>
    public ushort? TotalLength
    {
        get => _totalLength ?? new IPv4View(BuildHeader()).TotalLength;
        set => _totalLength = value;
    }

    /// <inheritdoc cref="IPv4View.Identification"/>
    public ushort Identification { get; set; } = 1;

    /// <inheritdoc cref="IPv4View.ReservedFlag"/>
    public bool ReservedFlag { get; set; }

    /// <inheritdoc cref="IPv4View.DontFragment"/>
    public bool DontFragment { get; set; }

    /// <inheritdoc cref="IPv4View.MoreFragments"/>
    public bool MoreFragments { get; set; }

    /// <summary>Where this fragment's data belongs, in bytes: a multiple of 8 up to 65528.</summary>
    public int FragmentOffset { get; set; }

    /// <inheritdoc cref="IPv4View.TimeToLive"/>
    public byte TimeToLive { get; set; } = 64;

    /// <summary>What the packet carries; computed from the next layer.</summary>
    public byte? Protocol
    {
        get => _protocol ?? new IPv4View(BuildHeader()).Protocol;
        set => _protocol = value;
    }

    /// <summary>The header checksum; computed over the header.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new IPv4View(BuildHeader()).HeaderChecksum;
        set => _checksum = value;
    }

    /// <inheritdoc cref="IPv4View.Source"/>
    /// <exception cref="ArgumentException">The address is not one of IPv4.</exception>
    public NetworkAddress Source
    {
        get => _source;
        set => _source = CheckFamily(value);
    }

    /// <inheritdoc cref="IPv4View.Destination"/>
    /// <exception cref="ArgumentException">The address is not one of IPv4.</exception>
    public NetworkAddress Destination
    {
        get => _destination;
        set => _destination = CheckFamily(value);
    }

    /// <summary>The options in order; setting copies the list. On the wire they are filled up with zeros to a multiple of 4 bytes.</summary>
    public Collection<IPOption> Options { get; set => field = [.. value ?? []]; } = [];

    /// <summary>
    /// Where the packet ends up: the last address of its one source route while that is not used up, else
    /// <see cref="Destination"/>. It is what transport checksums are computed with.
    /// </summary>
    public NetworkAddress FinalDestination
    {
        get
        {
            IPRouteOption[] routes = [.. Options.OfType<IPRouteOption>().Where(option => option.IsSourceRoute)];
            return routes is [{ IsUsedUp: false } route] ? route.Addresses[^1] : Destination;
        }
    }

    /// <summary>Whether this is a part of a packet only.</summary>
    public bool IsFragment => MoreFragments || FragmentOffset != 0;

    internal override int FixedLength => IPv4View.MinimumHeaderLength;

    /// <summary>The protocol number that announces a layer.</summary>
    internal static byte Announce(PacketLayer? next) => next switch
    {
        TcpLayer => IPProtocol.Tcp,
        UdpLayer => IPProtocol.Udp,
        IcmpLayer => IPProtocol.Icmp,
        IPLayer => IPProtocol.IPv4,
        _ => 0,
    };

    internal ulong PseudoHeader(byte protocol, int length) =>
        InternetChecksum.PseudoHeader(Source, Options.Count == 0 ? Destination : FinalDestination, protocol, length);

    internal override byte[] EncodeBody() => OptionBytes.Encode(Options, static option => option.Raw);

    internal override void Write(in LayerPlace place)
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

    private protected override void Detach() => Options = [.. Options];

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

    private static NetworkAddress CheckFamily(NetworkAddress address) => address.IsIPv4
        ? address
        : throw new ArgumentException($"'{address}' is no IPv4 address; this header has room for no other.", nameof(address));

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"IP {Source} > {Destination}";
}
