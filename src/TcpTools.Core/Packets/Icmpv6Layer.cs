using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// An ICMPv6 message (RFC 4443), those of neighbor discovery (RFC 4861) and of multicast listeners (RFC 2710, RFC 3810)
/// included. What each type has behind its first four bytes are views of <see cref="IcmpMessageLayer.RestOfHeader"/> and of
/// the bytes behind it; a view that does not belong to the type reads as 0.
/// </summary>
public sealed class Icmpv6Layer : IcmpMessageLayer
{
    private OptionList<NeighborOption> _options;

    /// <summary>An echo request.</summary>
    public Icmpv6Layer() => Type = Icmpv6Type.EchoRequest;

    /// <inheritdoc/>
    public override string Name => "ICMPv6";

    /// <summary>Packet too big: the next link's MTU in bytes.</summary>
    public uint Mtu
    {
        get => RestOfHeader;
        set => RestOfHeader = value;
    }

    /// <summary>Parameter problem: the offset of the byte that makes no sense.</summary>
    public uint Pointer
    {
        get => RestOfHeader;
        set => RestOfHeader = value;
    }

    /// <summary>Router advertisement: the hop limit that hosts are to use; 0 for unspecified.</summary>
    public byte CurrentHopLimit
    {
        get => (byte)(RestOfHeader >> 24);
        set => RestOfHeader = (RestOfHeader & 0xFFFFFF) | ((uint)value << 24);
    }

    /// <summary>Router advertisement: the bits M (addresses by DHCPv6), O (other settings by DHCPv6), H, Prf (two) and P.</summary>
    public byte RouterFlags
    {
        get => (byte)(RestOfHeader >> 16);
        set => RestOfHeader = (RestOfHeader & 0xFF00FFFF) | ((uint)value << 16);
    }

    /// <summary>Router advertisement: for how many seconds it is a default router; 0 for not at all.</summary>
    public ushort RouterLifetime
    {
        get => Sequence;
        set => Sequence = value;
    }

    /// <summary>Router advertisement: for how many milliseconds a neighbor is reachable after a confirmation.</summary>
    public uint ReachableTime
    {
        get => WireField.Read32(Fields, 0);
        set => WireField.Write32(OpenFields(8), 0, value);
    }

    /// <summary>Router advertisement: milliseconds between neighbor solicitations.</summary>
    public uint RetransmitTime
    {
        get => WireField.Read32(Fields, 4);
        set => WireField.Write32(OpenFields(8), 4, value);
    }

    /// <summary>Neighbor advertisement: whether the sender is a router.</summary>
    public bool IsRouter
    {
        get => GetFlag(31);
        set => SetFlag(31, value);
    }

    /// <summary>Neighbor advertisement: whether it answers a solicitation.</summary>
    public bool IsSolicited
    {
        get => GetFlag(30);
        set => SetFlag(30, value);
    }

    /// <summary>Neighbor advertisement: whether it replaces what a cache has.</summary>
    public bool IsOverride
    {
        get => GetFlag(29);
        set => SetFlag(29, value);
    }

    /// <summary>Neighbor solicitation and advertisement: the address in question; redirect: the better first hop.</summary>
    public NetworkAddress Target
    {
        get => WireField.ReadIPv6(Fields, 0);
        set => SetAddress(0, value);
    }

    /// <summary>Redirect: the destination that the better first hop is for.</summary>
    public NetworkAddress RedirectDestination
    {
        get => WireField.ReadIPv6(Fields, 16);
        set => SetAddress(16, value);
    }

    /// <summary>Multicast listener query: within how many milliseconds to report (a code beyond 32767 in version 2).</summary>
    public ushort MaximumResponseDelay
    {
        get => Identifier;
        set => Identifier = value;
    }

    /// <summary>Multicast listener messages: the group; all zeros in a general query.</summary>
    public NetworkAddress MulticastAddress
    {
        get => WireField.ReadIPv6(Fields, 0);
        set => SetAddress(0, value);
    }

    /// <summary>The options of neighbor discovery messages; setting copies the list.</summary>
    public Collection<NeighborOption> Options
    {
        get => _options.Open(static (raw, list) => NeighborOption.ReadAll(raw, list));
        set => _options.Set(value);
    }

    /// <inheritdoc/>
    public override bool IsError => Icmpv6Type.IsError(Type);

    internal override byte? ProtocolNumber => IPProtocol.Icmpv6;

    internal override bool IsExtensible => Type is Icmpv6Type.DestinationUnreachable or Icmpv6Type.TimeExceeded;

    internal override int LengthUnit => 8;

    private protected override int LengthShift => 24;

    private protected override int FieldsLength => MeasureFields(Type);

    private protected override int OptionsLength => Icmpv6Type.IsNeighborDiscovery(Type) ? _options.Length : 0;

    /// <summary>The first option of a class; null when there is none.</summary>
    public T? GetOption<T>()
        where T : NeighborOption => Options.OfType<T>().FirstOrDefault();

    /// <summary>Bytes of fields behind the header.</summary>
    internal static int MeasureFields(byte type) => type switch
    {
        Icmpv6Type.RouterAdvertisement => 8,
        Icmpv6Type.NeighborSolicitation or Icmpv6Type.NeighborAdvertisement => 16,
        Icmpv6Type.MulticastListenerQuery or Icmpv6Type.MulticastListenerReport or Icmpv6Type.MulticastListenerDone => 16,
        Icmpv6Type.Redirect => 32,
        _ => 0,
    };

    /// <summary>Takes over the option bytes of a message that was parsed; nobody may change them.</summary>
    internal void SetRawOptions(ReadOnlyMemory<byte> options) => _options.SetRaw(options);

    private protected override void WriteOptions(Span<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            _options.Write(bytes);
        }
    }

    private protected override ushort ComputeChecksum(in LayerPlace place) => place.IP is not { } ip ? (ushort)0
        : InternetChecksum.Finish(InternetChecksum.Add(ip.PseudoHeader(IPProtocol.Icmpv6, place.Whole.Length), place.Whole));

    private protected override void Detach()
    {
        base.Detach();
        _options.Detach();
    }

    private protected override string? NameType(byte type) => FieldText.OfIcmpv6Type(type);

    private protected override void DescribeFields(FieldSink sink)
    {
        switch (Type)
        {
            case var type when Icmpv6Type.HasIdentifier(type):
                sink.Number(nameof(Identifier), 32, 16);
                sink.Number(nameof(Sequence), 48, 16);
                break;
            case Icmpv6Type.PacketTooBig:
                sink.Number(nameof(Mtu), 32, 32);
                break;
            case Icmpv6Type.ParameterProblem:
                sink.Number(nameof(Pointer), 32, 32);
                break;
            case Icmpv6Type.RouterAdvertisement:
                sink.Number(nameof(CurrentHopLimit), 32, 8);
                sink.Number(nameof(RouterFlags), 40, 8, FieldStyle.Hex);
                sink.Number(nameof(RouterLifetime), 48, 16);
                sink.Number(nameof(ReachableTime), 64, 32);
                sink.Number(nameof(RetransmitTime), 96, 32);
                break;
            case Icmpv6Type.NeighborAdvertisement:
                sink.Flag(nameof(IsRouter), 32);
                sink.Flag(nameof(IsSolicited), 33);
                sink.Flag(nameof(IsOverride), 34);
                sink.Address(nameof(Target), 8, 16);
                break;
            case Icmpv6Type.NeighborSolicitation:
                sink.Address(nameof(Target), 8, 16);
                break;
            case Icmpv6Type.Redirect:
                sink.Address(nameof(Target), 8, 16);
                sink.Address(nameof(RedirectDestination), 24, 16);
                break;
            case Icmpv6Type.MulticastListenerQuery or Icmpv6Type.MulticastListenerReport or Icmpv6Type.MulticastListenerDone:
                sink.Number(nameof(MaximumResponseDelay), 32, 16);
                sink.Address(nameof(MulticastAddress), 8, 16);
                break;
            case var _ when !IsExtensible:
                sink.Number(nameof(RestOfHeader), 32, 32, FieldStyle.Hex);
                break;
        }

        if (OptionsLength > 0)
        {
            sink.Options(nameof(Options), FixedLength + FieldsLength, Options, static option => option.Raw, static (option, inner) => option.Describe(inner));
        }
    }

    private bool GetFlag(int bit) => (RestOfHeader & (1u << bit)) != 0;

    private void SetFlag(int bit, bool value) => RestOfHeader = (RestOfHeader & ~(1u << bit)) | (value ? 1u << bit : 0);

    private void SetAddress(int offset, NetworkAddress address)
    {
        if (!address.IsIPv6)
        {
            throw new ArgumentException($"'{address}' is no IPv6 address; this message has room for no other.", nameof(address));
        }

        address.TryWriteBytes(OpenFields(offset + 16)[offset..]);
    }

    /// <summary>What the message says, as tcpdump prints it.</summary>
    public override string ToString() => PacketText.Describe(this);
}
