using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>What an ICMP error says about a probe, in the same words for both versions.</summary>
internal enum IcmpVerdict
{
    None,
    TimeExceeded,
    PortUnreachable,
    ProtocolUnreachable,
    HostUnreachable,
    NetworkUnreachable,
    Prohibited,
    TooBig,
    Other,
}

/// <summary>Reads errors of both versions of ICMP.</summary>
internal static class IcmpVerdicts
{
    /// <summary>What a reply says, if it is an error.</summary>
    public static IcmpVerdict Of(Packet? reply)
    {
        if (reply is null)
        {
            return IcmpVerdict.None;
        }

        ReadOnlySpan<byte> bytes = reply.ToBytes();
        PacketOutline outline = OutlineReader.Read(bytes, reply.Start);
        if (!outline.IsError)
        {
            return IcmpVerdict.None;
        }

        byte code = WireField.Read8(bytes, outline.TransportOffset + 1);
        return outline.Network == OutlineNetwork.IPv4 ? OfIPv4(outline.IcmpType, code) : OfIPv6(outline.IcmpType, code);
    }

    /// <summary>The verdict in words.</summary>
    public static string Describe(IcmpVerdict verdict) => verdict switch
    {
        IcmpVerdict.TimeExceeded => "time exceeded",
        IcmpVerdict.PortUnreachable => "port unreachable",
        IcmpVerdict.ProtocolUnreachable => "protocol unreachable",
        IcmpVerdict.HostUnreachable => "host unreachable",
        IcmpVerdict.NetworkUnreachable => "network unreachable",
        IcmpVerdict.Prohibited => "prohibited",
        IcmpVerdict.TooBig => "too big",
        IcmpVerdict.Other => "ICMP error",
        _ => "",
    };

    private static IcmpVerdict OfIPv4(byte type, byte code) => type switch
    {
        IcmpType.TimeExceeded => IcmpVerdict.TimeExceeded,
        IcmpType.DestinationUnreachable => code switch
        {
            IcmpCode.NetworkUnreachable or IcmpCode.NetworkUnknown or 11 => IcmpVerdict.NetworkUnreachable,
            IcmpCode.HostUnreachable or IcmpCode.HostUnknown or 8 or 12 => IcmpVerdict.HostUnreachable,
            IcmpCode.ProtocolUnreachable => IcmpVerdict.ProtocolUnreachable,
            IcmpCode.PortUnreachable => IcmpVerdict.PortUnreachable,
            IcmpCode.FragmentationNeeded => IcmpVerdict.TooBig,
            9 or 10 or 13 or 14 or 15 => IcmpVerdict.Prohibited,
            _ => IcmpVerdict.Other,
        },
        _ => IcmpVerdict.Other,
    };

    private static IcmpVerdict OfIPv6(byte type, byte code) => (type, code) switch
    {
        (1, 0) => IcmpVerdict.NetworkUnreachable,
        (1, 1 or 5 or 6) => IcmpVerdict.Prohibited,
        (1, 2 or 3) => IcmpVerdict.HostUnreachable,
        (1, 4) => IcmpVerdict.PortUnreachable,
        (2, _) => IcmpVerdict.TooBig,
        (3, _) => IcmpVerdict.TimeExceeded,
        (4, 1) => IcmpVerdict.ProtocolUnreachable,
        _ => IcmpVerdict.Other,
    };
}
