using System;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// Reads an ICMP error and what it quotes, and refuses what cannot be about a datagram of this host. The rest of the
/// checks of RFC 5927 needs the state of a connection and is the transport's.
/// </summary>
internal static class IcmpErrorParser
{
    // RFC 792: the quoted header and the first 64 bits of its data, which hold ports and TCP's sequence number.
    private const int MinimumQuotedData = 8;

    /// <summary>False when the message makes no sense or quotes what this host cannot have sent.</summary>
    public static bool TryParse(in IPDatagram datagram, RoutingTable routes, out IcmpError error)
    {
        error = default;
        var message = new Icmpv4View(datagram.Payload);
        IcmpErrorKind kind = Classify(message.Type, message.Code);
        ReadOnlySpan<byte> quotation = message.Payload;
        var quoted = new IPv4View(quotation);
        if (kind == IcmpErrorKind.None || !quoted.HasValidHeader
            || quotation.Length < quoted.HeaderLength + MinimumQuotedData
            || quoted.TotalLength < quoted.HeaderLength + MinimumQuotedData)
        {
            return false;
        }

        // Errors go to who sent the datagram: to the same address, which is this host's, about something addressed to
        // one host. Ports stand in the first fragment only.
        if (!datagram.IsUnicast || quoted.Source != datagram.Destination || !routes.IsLocal(quoted.Source)
            || quoted.Destination.IsMulticast || routes.IsBroadcast(quoted.Destination) || quoted.FragmentOffset != 0)
        {
            return false;
        }

        // No error is sent about an error (RFC 1122, 3.2.2): who says so lies.
        ReadOnlySpan<byte> data = quotation[quoted.HeaderLength..];
        if (quoted.Protocol == IPProtocol.Icmp && IcmpType.IsError(data[0]))
        {
            return false;
        }

        int mtu = kind == IcmpErrorKind.FragmentationNeeded ? message.NextHopMtu : 0;
        if (mtu >= quoted.TotalLength)
        {
            // RFC 5927, 7.2: the datagram would have fitted.
            return false;
        }

        if (kind == IcmpErrorKind.FragmentationNeeded && mtu == 0)
        {
            mtu = MtuPlateaus.Below(quoted.TotalLength);
        }

        bool hasPorts = quoted.Protocol is IPProtocol.Tcp or IPProtocol.Udp;
        var transport = new TcpView(data);
        error = new IcmpError(
            kind,
            message.Type,
            message.Code,
            datagram.Source,
            quoted.Protocol,
            new FlowKey(
                quoted.Source,
                hasPorts ? transport.SourcePort : (ushort)0,
                quoted.Destination,
                hasPorts ? transport.DestinationPort : (ushort)0),
            quoted.Protocol == IPProtocol.Tcp ? transport.Sequence : default,
            quoted.TotalLength,
            mtu);
        return true;
    }

    private static IcmpErrorKind Classify(byte type, byte code) => type switch
    {
        IcmpType.DestinationUnreachable => code switch
        {
            0 or 6 or 8 or 11 => IcmpErrorKind.NetworkUnreachable,
            1 or 7 or 12 => IcmpErrorKind.HostUnreachable,
            2 => IcmpErrorKind.ProtocolUnreachable,
            3 => IcmpErrorKind.PortUnreachable,
            4 => IcmpErrorKind.FragmentationNeeded,
            5 => IcmpErrorKind.SourceRouteFailed,
            9 or 10 or 13 or 14 or 15 => IcmpErrorKind.AdministrativelyProhibited,
            _ => IcmpErrorKind.None,
        },
        IcmpType.TimeExceeded => code switch
        {
            0 => IcmpErrorKind.TimeExceeded,
            1 => IcmpErrorKind.ReassemblyTimeExceeded,
            _ => IcmpErrorKind.None,
        },
        IcmpType.ParameterProblem => IcmpErrorKind.ParameterProblem,
        _ => IcmpErrorKind.None,
    };
}
