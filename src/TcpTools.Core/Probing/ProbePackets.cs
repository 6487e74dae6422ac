using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>The packets that scans, route traces and echo tests are made of.</summary>
internal static class ProbePackets
{
    /// <summary>An IP header of the version of its addresses.</summary>
    public static IPLayer IP(NetworkAddress source, NetworkAddress destination, byte timeToLive = 64, ushort identification = 0) =>
        destination.IsIPv6
            ? new IPv6Layer { Source = source, Destination = destination, TimeToLive = timeToLive }
            : new IPv4Layer { Source = source, Destination = destination, TimeToLive = timeToLive, Identification = identification };

    /// <summary>An echo request.</summary>
    public static Packet Echo(IPLayer ip, ushort identifier, ushort sequence, byte[] data) => ip.Version == 6
        ? Packet.Of(ip) / Packet.Of(new Icmpv6Layer { Identifier = identifier, Sequence = sequence }) / data
        : Packet.Of(ip) / Packet.Of(new IcmpLayer { Identifier = identifier, Sequence = sequence }) / data;

    /// <summary>What a server at a port of UDP would answer to: a question where one is known, else nothing.</summary>
    public static byte[] DatagramFor(int port)
    {
        const int Dns = 53, Time = 123;
        switch (port)
        {
            case Dns: // who serves the root?
                return [0x54, 0x54, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];
            case Time: // a client of version 4
                byte[] request = new byte[48];
                request[0] = 0x23;
                return request;
            default:
                return [];
        }
    }
}
