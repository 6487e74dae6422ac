using System;
using System.Collections;
using System.Collections.Concurrent;
using System.Linq;
using System.Management.Automation;
using System.Reflection;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>
/// Packets of other libraries, and packets that came through serialization: known by the names of types and of
/// properties, so that no library is needed and nothing but the bytes is asked of their objects.
/// </summary>
internal static class ForeignPackets
{
    private const string Serialized = "Deserialized.";
    private const string PacketDotNet = "PacketDotNet.";

    private static readonly ConcurrentDictionary<(Type Type, string Name), Func<object, object?>?> s_members = new();

    /// <summary>
    /// A packet from SharpPcap's RawCapture, from a packet of PacketDotNet's, from a serialized one of any of the three, or
    /// from whatever has its bytes in a property Bytes or Data; null when there is none.
    /// </summary>
    public static Packet? TryRead(PSObject value, PacketStart start)
    {
        if (BytesOf(value) is not { } bytes)
        {
            return null;
        }

        string type = value.TypeNames.FirstOrDefault() ?? "";
        type = type.StartsWith(Serialized, StringComparison.Ordinal) ? type[Serialized.Length..] : type;
        Packet packet = type.StartsWith(PacketDotNet, StringComparison.Ordinal)
            ? FromPacketDotNet(bytes, type[PacketDotNet.Length..])
            : Packet.FromFrame(bytes, StartOf(value) ?? start);
        ReadCircumstances(value, packet);
        return packet;
    }

    private static byte[]? BytesOf(PSObject value)
    {
        object? bytes = Get(value, "Bytes") ?? Get(value, "Data");
        return bytes switch
        {
            byte[] array => [.. array],
            ReadOnlyMemory<byte> memory => memory.ToArray(),
            Memory<byte> memory => memory.ToArray(),
            ICollection { Count: > 0 } list when LanguagePrimitives.TryConvertTo(list, out byte[] converted) => converted,
            _ => null,
        };
    }

    /// <summary>When and where it was seen, as far as the object says.</summary>
    private static void ReadCircumstances(PSObject value, Packet packet)
    {
        if (GetAs<long?>(value, nameof(Packet.TimestampNanoseconds)) is { } nanoseconds)
        {
            packet.TimestampNanoseconds = nanoseconds;
        }
        else if (Get(value, "Timeval") is { } time)
        {
            // Value is the exact decimal; what has passed through JSON or older versions may only have the two parts.
            PSObject parts = PSObject.AsPSObject(time);
            decimal? seconds = GetAs<decimal?>(parts, "Value")
                ?? (GetAs<decimal?>(parts, "Seconds") + ((GetAs<decimal?>(parts, "MicroSeconds") ?? 0) / 1_000_000));
            packet.TimestampNanoseconds = seconds is > 0 and < 9_000_000_000 ? (long)(seconds.Value * 1_000_000_000) : null;
        }
        else
        {
            packet.Timestamp = GetAs<DateTimeOffset?>(value, nameof(Packet.Timestamp));
        }

        int? length = GetAs<int?>(value, nameof(Packet.WireLength)) ?? GetAs<int?>(value, "PacketLength");
        if (length > packet.AsMemory().Length)
        {
            packet.WireLength = length.Value;
        }

        packet.Interface = Get(value, nameof(Packet.Interface)) as string;
        packet.Comment = Get(value, nameof(Packet.Comment)) as string;
        packet.Number = GetAs<long?>(value, nameof(Packet.Number));
        packet.Direction = GetAs<FrameDirection?>(value, nameof(Packet.Direction)) ?? FrameDirection.Unknown;
    }

    private static PacketStart? StartOf(PSObject value)
    {
        if (GetAs<PacketStart?>(value, nameof(Packet.Start)) is { } start)
        {
            return start;
        }

        return Get(value, "LinkLayerType") switch
        {
            null => null,
            object number when LanguagePrimitives.TryConvertTo(number, out int linkType) => PacketStarts.FromLinkType(linkType),
            object name => StartOfName(name.ToString() ?? ""),
        };
    }

    private static PacketStart? StartOfName(string name) => name switch
    {
        "Ethernet" => PacketStart.Ethernet,
        "LinuxSll" => PacketStart.LinuxCooked,
        "LinuxSll2" => PacketStart.LinuxCooked2,
        "Null" => PacketStart.Null,
        "Loop" => PacketStart.Loop,
        "Ppp" or "PppSerial" => PacketStart.Ppp,
        "Ieee80211" => PacketStart.Ieee80211,
        "Ieee80211RadioTap" => PacketStart.Radiotap,
        "PrismHeader" => PacketStart.Prism,
        "Raw" or "RawLegacy" or "IPv4" or "IPv6" => PacketStart.IP,
        _ => null,
    };

    /// <summary>The type of the outermost packet tells what the bytes start with.</summary>
    private static Packet FromPacketDotNet(byte[] bytes, string type) => type switch
    {
        "EthernetPacket" => Packet.FromFrame(bytes, PacketStart.Ethernet),
        "IPv4Packet" or "IPv6Packet" or "RawIPPacket" => Packet.FromFrame(bytes, PacketStart.IP),
        "LinuxSllPacket" => Packet.FromFrame(bytes, PacketStart.LinuxCooked),
        "LinuxSll2Packet" => Packet.FromFrame(bytes, PacketStart.LinuxCooked2),
        "NullPacket" => Packet.FromFrame(bytes, PacketStart.Null),
        "PppPacket" => Packet.FromFrame(bytes, PacketStart.Ppp),
        "ArpPacket" => Within(bytes, EtherType.Arp),
        "Ieee8021QPacket" => Within(bytes, EtherType.Vlan),
        "TcpPacket" => Within(bytes, EtherType.IPv4, IPProtocol.Tcp),
        "UdpPacket" => Within(bytes, EtherType.IPv4, IPProtocol.Udp),
        "IcmpV4Packet" => Within(bytes, EtherType.IPv4, IPProtocol.Icmp),
        _ => new Packet([new PayloadLayer(bytes)]),
    };

    /// <summary>What lies inside of a packet, alone: read inside headers that announce it, which then go.</summary>
    private static Packet Within(byte[] bytes, ushort etherType, byte? protocol = null)
    {
        int headers = protocol is null ? EthernetView.HeaderLength : EthernetView.HeaderLength + IPv4View.MinimumHeaderLength;
        byte[] frame = new byte[headers + bytes.Length];
        _ = new EthernetEditor(frame) { EtherType = etherType };
        if (protocol is not null)
        {
            _ = new IPv4Editor(frame.AsSpan(EthernetView.HeaderLength))
            {
                Version = 4,
                HeaderLength = IPv4View.MinimumHeaderLength,
                TotalLength = (ushort)Math.Min(frame.Length - EthernetView.HeaderLength, ushort.MaxValue),
                Protocol = protocol.Value,
            };
        }

        bytes.CopyTo(frame, headers);
        Packet inside = new(Packet.Parse(frame, PacketStart.Ethernet).Layers.Skip(protocol is null ? 1 : 2).Select(layer => layer.Copy()));

        // The pseudo-header is gone with the addresses: the checksum is what the bytes hold.
        if (inside.Tcp is { } tcp)
        {
            tcp.Checksum = new TcpView(bytes).Checksum;
        }
        else if (inside.Udp is { } udp)
        {
            udp.Checksum = new UdpView(bytes).Checksum;
        }

        return inside.AsMemory().Span.SequenceEqual(bytes) ? inside : new Packet([new PayloadLayer(bytes)]);
    }

    private static object? Get(PSObject value, string name)
    {
        try
        {
            object? found = value.BaseObject is PSCustomObject
                ? value.Properties[name]?.Value
                : s_members.GetOrAdd((value.BaseObject.GetType(), name), FindMember)?.Invoke(value.BaseObject);
            return found is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : found;
        }
        catch (Exception e) when (e is GetValueException or TargetInvocationException)
        {
            // Their getters throw at some malformed packets; what cannot be had is as good as absent.
            return null;
        }
    }

    /// <summary>How to read a member: PowerShell's own way looks for it anew in each object, which costs more than the packet.</summary>
    private static Func<object, object?>? FindMember((Type Type, string Name) member)
    {
        if (member.Type.GetProperty(member.Name, BindingFlags.Public | BindingFlags.Instance) is { CanRead: true } property
            && property.GetIndexParameters().Length == 0)
        {
            return property.GetValue;
        }

        return member.Type.GetField(member.Name, BindingFlags.Public | BindingFlags.Instance) is { } field ? field.GetValue : null;
    }

    private static T? GetAs<T>(PSObject value, string name) =>
        Get(value, name) is { } found && LanguagePrimitives.TryConvertTo(found, out T converted) ? converted : default;
}
