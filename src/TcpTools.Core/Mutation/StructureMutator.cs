using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Mutation;

/// <summary>Changes what a packet is made of: layers, fragments, its end.</summary>
internal static class StructureMutator
{
    private const int MostLayers = 24;
    private const int LongestTail = 64;

    private static readonly byte[] s_protocols = [0, 1, 2, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132, 255];
    private static readonly ushort[] s_etherTypes = [0, 1500, 0x0600, 0x0800, 0x0806, 0x8100, 0x86DD, 0x8847, 0x8863, 0x88A8, 0xFFFF];
    private static readonly int[] s_offsets = [8, 16, 24, 1480, 32760, 65512, 65520, 65528];

    /// <summary>Changes the structure once.</summary>
    public static void Mutate(Draft draft, IReadOnlyList<Packet> donors)
    {
        for (int tries = 0; tries < 4; tries++)
        {
            if (TryMutate(draft, donors))
            {
                return;
            }
        }

        Cut(draft);
    }

    private static bool TryMutate(Draft draft, IReadOnlyList<Packet> donors)
    {
        switch (draft.Random.Next(10))
        {
            case 0:
                return Cut(draft);
            case 1:
                return FillUp(draft);
            case 2:
                return Change(draft, LeaveOut);
            case 3:
                return Change(draft, Repeat);
            case 4:
                return Change(draft, Exchange);
            case 5:
                return Change(draft, Insert);
            case 6:
                return Change(draft, MakeFragment);
            case 7:
                return Change(draft, Misannounce);
            case 8:
                return PointNameElsewhere(draft);
            default:
                return donors.Count > 0 && Change(draft, (draft, packet) => Graft(draft, packet, donors));
        }
    }

    /// <summary>Cuts the end off, at the end of a header as often as anywhere.</summary>
    private static bool Cut(Draft draft)
    {
        int length = draft.Bytes.Length;
        if (length < 2)
        {
            return false;
        }

        int keep = 1 + draft.Random.Next(length - 1);
        if (draft.OneIn(2))
        {
            int[] ends = [.. draft.Parse().GetFields().Select(layer => layer.Offset).Where(end => end > 0 && end < length)];
            keep = ends.Length > 0 ? Math.Clamp(draft.Pick(ends) + draft.Between(-1, 1), 1, length - 1) : keep;
        }

        draft.Bytes = draft.Bytes[..keep];
        draft.Note(FuzzStrategy.Structure, "packet", string.Create(CultureInfo.InvariantCulture, $"cut to {keep} of {length} bytes"));
        return true;
    }

    private static bool FillUp(Draft draft)
    {
        int more = draft.Between(1, LongestTail);
        draft.Bytes = [.. draft.Bytes, .. draft.NextBytes(more)];
        draft.Note(FuzzStrategy.Structure, "packet", string.Create(CultureInfo.InvariantCulture, $"{more} bytes more at the end"));
        return true;
    }

    /// <summary>A compressed name of DNS that points somewhere: to itself as often as anywhere.</summary>
    private static bool PointNameElsewhere(Draft draft)
    {
        const int Header = 12;
        PacketField? dns = draft.Parse().GetFields().FirstOrDefault(layer => layer.Value is DnsLayer);
        if (dns is null || dns.Length < Header + 2)
        {
            return false;
        }

        int at = draft.Between(Header, dns.Length - 2);
        int target = draft.OneIn(2) ? at : draft.Random.Next(0x4000);
        draft.Bytes[dns.Offset + at] = (byte)(0xC0 | (target >> 8));
        draft.Bytes[dns.Offset + at + 1] = (byte)target;
        draft.Note(FuzzStrategy.Structure, dns.Path, string.Create(CultureInfo.InvariantCulture, $"a name at {at} that goes on at {target}"));
        return true;
    }

    private static bool Change(Draft draft, Func<Draft, Packet, (string Target, string What)?> change)
    {
        Packet packet = draft.Parse();
        if (packet.Layers.Count is 0 or > MostLayers || change(draft, packet) is not { } done)
        {
            return false;
        }

        draft.Take(packet);
        draft.Note(FuzzStrategy.Structure, done.Target, done.What);
        return true;
    }

    private static (string Target, string What)? LeaveOut(Draft draft, Packet packet)
    {
        if (packet.Layers.Count < 2)
        {
            return null;
        }

        // Not the first: the frame must still be what it is sent as.
        int at = draft.Between(1, packet.Layers.Count - 1);
        string name = packet.Layers[at].Name;
        packet.Layers.RemoveAt(at);
        return (name, "left out");
    }

    private static (string Target, string What)? Repeat(Draft draft, Packet packet)
    {
        int at = draft.Random.Next(packet.Layers.Count);
        packet.Layers.Insert(at + 1, packet.Layers[at].Copy());
        return (packet.Layers[at].Name, "repeated");
    }

    private static (string Target, string What)? Exchange(Draft draft, Packet packet)
    {
        if (packet.Layers.Count < 3)
        {
            return null;
        }

        int at = draft.Between(1, packet.Layers.Count - 2);
        PacketLayer layer = packet.Layers[at];
        packet.Layers.RemoveAt(at);
        packet.Layers.Insert(at + 1, layer);
        return (layer.Name, $"behind {packet.Layers[at].Name}");
    }

    private static (string Target, string What)? Insert(Draft draft, Packet packet)
    {
        int ip = packet.Layers.IndexOf(packet.Layers.FirstOrDefault(layer => layer is IPLayer)!);
        PacketLayer added = draft.Random.Next(7) switch
        {
            0 => new VlanLayer { VlanId = (ushort)draft.Random.Next(4096) },
            1 => new IPv4Layer(),
            2 => new IPv6Layer(),
            3 => new FragmentLayer { FragmentOffset = draft.Pick(s_offsets), MoreFragments = draft.OneIn(2) },
            4 => new HopByHopLayer(),
            5 => new DestinationOptionsLayer(),
            _ => new RoutingLayer { RoutingType = (byte)draft.Random.Next(6), SegmentsLeft = (byte)draft.Random.Next(256) },
        };
        int at = added is VlanLayer ? 1 : ip + 1 + draft.Random.Next(packet.Layers.Count - ip);
        if (added is VlanLayer && packet.Start != PacketStart.Ethernet)
        {
            return null;
        }

        packet.Layers.Insert(Math.Max(at, 1), added);
        return (added.Name, $"added behind {packet.Layers[Math.Max(at, 1) - 1].Name}");
    }

    private static (string Target, string What)? MakeFragment(Draft draft, Packet packet)
    {
        if (packet.Layers.FirstOrDefault(layer => layer is IPv4Layer) is not IPv4Layer ip)
        {
            return null;
        }

        ip.FragmentOffset = draft.OneIn(3) ? 0 : draft.Pick(s_offsets);
        ip.MoreFragments = ip.FragmentOffset == 0 || draft.OneIn(2);
        ip.DontFragment = draft.OneIn(4);
        return (ip.Name, string.Create(CultureInfo.InvariantCulture, $"a fragment at {ip.FragmentOffset}{(ip.MoreFragments ? ", more follow" : "")}"));
    }

    private static (string Target, string What)? Misannounce(Draft draft, Packet packet)
    {
        PacketLayer layer = draft.Pick(packet.Layers);
        byte protocol = draft.Pick(s_protocols);
        ushort type = draft.Pick(s_etherTypes);
        switch (layer)
        {
            case EthernetLayer ethernet:
                ethernet.EtherType = type;
                return (layer.Name, $"announces 0x{type:x4}");
            case VlanLayer vlan:
                vlan.EtherType = type;
                return (layer.Name, $"announces 0x{type:x4}");
            case IPv4Layer ip:
                ip.Protocol = protocol;
                break;
            case IPv6Layer ip:
                ip.NextHeader = protocol;
                break;
            case IPv6ExtensionLayer header:
                header.NextHeader = protocol;
                break;
            default:
                return null;
        }

        return (layer.Name, string.Create(CultureInfo.InvariantCulture, $"announces protocol {protocol}"));
    }

    private static (string Target, string What)? Graft(Draft draft, Packet packet, IReadOnlyList<Packet> donors)
    {
        Packet donor = draft.Pick(donors);
        if (donor.Layers.Count == 0)
        {
            return null;
        }

        PacketLayer layer = draft.Pick(donor.Layers).Copy();
        packet.Layers.Insert(draft.Between(1, packet.Layers.Count), layer);
        return (layer.Name, "from another packet");
    }
}
