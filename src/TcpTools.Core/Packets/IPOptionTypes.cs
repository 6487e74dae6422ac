using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>Routers are to look at the packet (RFC 2113).</summary>
public sealed class IPRouterAlertOption : IPOption
{
    /// <summary>An alert with this value: 0 for "look at it", others as IANA lists them.</summary>
    public IPRouterAlertOption(ushort value = 0)
        : base(IPv4OptionKind.RouterAlert, (byte)(value >> 8), (byte)value)
    {
    }

    internal IPRouterAlertOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>0 for "look at it"; others as IANA lists them.</summary>
    public ushort Value => WireField.Read16(Raw, 2);

    /// <summary>Name and value.</summary>
    public override string ToString() => $"{Name} {Value}";
}

/// <summary>An MTU on the way, asked for or answered (RFC 1063, obsolete).</summary>
public sealed class IPMtuOption : IPOption
{
    /// <summary>A probe or a reply with this MTU in bytes.</summary>
    public IPMtuOption(ushort mtu, bool isReply = false)
        : base(isReply ? IPv4OptionKind.MtuReply : IPv4OptionKind.MtuProbe, (byte)(mtu >> 8), (byte)mtu)
    {
    }

    internal IPMtuOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>Whether this is the answer.</summary>
    public bool IsReply => Kind == IPv4OptionKind.MtuReply;

    /// <summary>The least MTU so far, in bytes.</summary>
    public ushort Mtu => WireField.Read16(Raw, 2);

    /// <summary>Name and MTU.</summary>
    public override string ToString() => $"{Name} {Mtu}";
}

/// <summary>A stream's identifier in SATNET (RFC 791, 3.1, obsolete).</summary>
public sealed class IPStreamIdOption : IPOption
{
    /// <summary>This stream.</summary>
    public IPStreamIdOption(ushort streamId)
        : base(IPv4OptionKind.StreamId, (byte)(streamId >> 8), (byte)streamId)
    {
    }

    internal IPStreamIdOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The stream's identifier.</summary>
    public ushort StreamId => WireField.Read16(Raw, 2);

    /// <summary>Name and identifier.</summary>
    public override string ToString() => $"{Name} {StreamId}";
}

/// <summary>Security, in the form of RFC 791 (11 bytes) or of RFC 1108 (a level and authorities).</summary>
public sealed class IPSecurityOption : IPOption
{
    /// <summary>The form of RFC 791.</summary>
    /// <param name="security">The level; 0 for unclassified.</param>
    /// <param name="compartments">The compartment; 0 for none.</param>
    /// <param name="handlingRestrictions">The handling restrictions' code.</param>
    /// <param name="transmissionControlCode">24 bits that tell communities of interest apart.</param>
    public IPSecurityOption(ushort security, ushort compartments, ushort handlingRestrictions, uint transmissionControlCode)
        : base(IPv4OptionKind.Security,
            (byte)(security >> 8), (byte)security, (byte)(compartments >> 8), (byte)compartments,
            (byte)(handlingRestrictions >> 8), (byte)handlingRestrictions,
            (byte)(transmissionControlCode >> 16), (byte)(transmissionControlCode >> 8), (byte)transmissionControlCode)
    {
    }

    /// <summary>The form of RFC 1108.</summary>
    /// <param name="level">The classification's code: 0xAB for unclassified.</param>
    /// <param name="authorities">The protection authorities' flags.</param>
    public IPSecurityOption(byte level, params byte[] authorities)
        : base(IPv4OptionKind.Security, [level, .. authorities])
    {
    }

    internal IPSecurityOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>RFC 1108: the classification's code.</summary>
    public byte Level => WireField.Read8(Raw, 2);

    /// <summary>RFC 1108: the protection authorities' flags.</summary>
    public byte[] Authorities => Raw.Length > 3 ? Raw[3..] : [];

    /// <summary>RFC 791: the level.</summary>
    public ushort Security => WireField.Read16(Raw, 2);

    /// <summary>RFC 791: the compartment.</summary>
    public ushort Compartments => WireField.Read16(Raw, 4);

    /// <summary>RFC 791: the handling restrictions' code.</summary>
    public ushort HandlingRestrictions => WireField.Read16(Raw, 6);

    /// <summary>RFC 791: 24 bits that tell communities of interest apart.</summary>
    public uint TransmissionControlCode => WireField.Read32(Raw, 8) >> 8;
}

/// <summary>A trace of the route by messages from each router (RFC 1393, obsolete).</summary>
public sealed class IPTracerouteOption : IPOption
{
    /// <summary>A trace.</summary>
    /// <param name="id">Tells traces of one host apart.</param>
    /// <param name="outboundHops">Routers that have passed it on, outbound.</param>
    /// <param name="returnHops">Routers that have passed it on, on the way back; 0xFFFF outbound.</param>
    /// <param name="originator">Who gets the messages.</param>
    public IPTracerouteOption(ushort id, ushort outboundHops, ushort returnHops, NetworkAddress originator)
        : base(OptionBytes.Make(IPv4OptionKind.Traceroute,
            [(byte)(id >> 8), (byte)id, (byte)(outboundHops >> 8), (byte)outboundHops, (byte)(returnHops >> 8), (byte)returnHops, .. EncodeAddresses([originator])]))
    {
    }

    internal IPTracerouteOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>Tells traces of one host apart.</summary>
    public ushort Id => WireField.Read16(Raw, 2);

    /// <summary>Routers that have passed it on, outbound.</summary>
    public ushort OutboundHops => WireField.Read16(Raw, 4);

    /// <summary>Routers that have passed it on, on the way back.</summary>
    public ushort ReturnHops => WireField.Read16(Raw, 6);

    /// <summary>Who gets the messages.</summary>
    public NetworkAddress Originator => NetworkAddress.FromIPv4(WireField.Read32(Raw, 8));

    /// <summary>Name, identifier, both counts and the originator.</summary>
    public override string ToString() => $"{Name} {Id} {OutboundHops} {ReturnHops} {Originator}";
}

/// <summary>Longer addresses, in halves (RFC 1475, obsolete).</summary>
public sealed class IPAddressExtensionOption : IPOption
{
    /// <summary>The further halves.</summary>
    public IPAddressExtensionOption(NetworkAddress source, NetworkAddress destination)
        : base(OptionBytes.Make(IPv4OptionKind.AddressExtension, EncodeAddresses([source, destination])))
    {
    }

    internal IPAddressExtensionOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The further half of the source address.</summary>
    public NetworkAddress SourceExtension => NetworkAddress.FromIPv4(WireField.Read32(Raw, 2));

    /// <summary>The further half of the destination address.</summary>
    public NetworkAddress DestinationExtension => NetworkAddress.FromIPv4(WireField.Read32(Raw, 6));

    /// <summary>Name and both halves.</summary>
    public override string ToString() => $"{Name} {SourceExtension} {DestinationExtension}";
}

/// <summary>Selective directed broadcast: the networks it is for (RFC 1770).</summary>
public sealed class IPBroadcastOption : IPOption
{
    /// <summary>These addresses.</summary>
    public IPBroadcastOption(params NetworkAddress[] addresses)
        : base(OptionBytes.Make(IPv4OptionKind.SelectiveDirectedBroadcast, EncodeAddresses(addresses)))
    {
    }

    internal IPBroadcastOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The addresses.</summary>
    public IReadOnlyList<NetworkAddress> Addresses =>
        [.. Enumerable.Range(0, (Raw.Length - 2) / 4).Select(i => NetworkAddress.FromIPv4(WireField.Read32(Raw, 2 + (4 * i))))];

    /// <summary>Name and addresses.</summary>
    public override string ToString() => $"{Name} {string.Join(' ', Addresses)}".TrimEnd();
}

/// <summary>One slot of a timestamp option.</summary>
/// <param name="Address">Whose timestamp it is; null where the option has no addresses.</param>
/// <param name="Value">Milliseconds since midnight UT; the highest bit is set for another unit.</param>
public readonly record struct IPTimestampEntry(NetworkAddress? Address, uint Value);
