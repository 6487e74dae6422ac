using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Fragments;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Tests.Fragments;

/// <summary>Packets and fragments to take apart and put together.</summary>
internal static class FragmentSamples
{
    public static readonly PacketFragmenter Cutter = new(RandomSource.FromSeed(7));

    public static byte[] Data(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 7) + (i >> 8)))];

    public static Packet Datagram(int version, int length) => Header(version) / new UdpLayer { SourcePort = 4000, DestinationPort = 5000 } / Data(length);

    public static IPLayer Header(int version) => version == 4
        ? new IPv4Layer
        {
            Source = NetworkAddress.Parse("10.0.0.1"),
            Destination = NetworkAddress.Parse("10.0.0.2"),
            Identification = 77,
        }
        : new IPv6Layer { Source = NetworkAddress.Parse("fd00::1"), Destination = NetworkAddress.Parse("fd00::2") };

    /// <summary>A fragment of so many equal letters.</summary>
    public static Packet Piece(int version, char letter, int offset, int length, bool more, ushort id = 9)
    {
        byte[] data = Encoding.ASCII.GetBytes(new string(letter, length));
        return version == 4
            ? new IPv4Layer
            {
                Source = NetworkAddress.Parse("10.0.0.1"),
                Destination = NetworkAddress.Parse("10.0.0.2"),
                Identification = id,
                Protocol = 253,
                FragmentOffset = offset,
                MoreFragments = more,
            } / Packet.Of(new PayloadLayer(data))
            : Header(6) / new FragmentLayer { Identification = id, FragmentOffset = offset, MoreFragments = more, NextHeader = 253 } / data;
    }

    /// <summary>Everything that comes out of a reassembly.</summary>
    public static List<Packet> Join(IEnumerable<Packet> packets, ReassemblySettings? settings = null, List<FragmentAnomaly>? anomalies = null)
    {
        PacketReassembler reassembler = new(settings) { Anomaly = anomalies is null ? null : anomalies.Add };
        List<Packet> result = [];
        foreach (Packet packet in packets)
        {
            reassembler.Add(packet, out Packet? whole);
            if (whole is not null)
            {
                result.Add(whole);
            }
        }

        reassembler.Finish();
        if (reassembler.HeldBytes != 0 || reassembler.Count != 0)
        {
            throw new InvalidOperationException($"{reassembler.HeldBytes} bytes of {reassembler.Count} packets are left.");
        }

        return result;
    }
}
