using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// One option of a neighbor discovery message (RFC 4861, 4.6): a value, never changed, that keeps its exact bytes. Options
/// with fields have a class of their own; all others are known by number and data.
/// </summary>
public class NeighborOption : IEquatable<NeighborOption>, IRawOption
{
    /// <summary>An option of any kind with this data, filled up with zeros to a multiple of 8 bytes.</summary>
    public NeighborOption(byte kind, params ReadOnlySpan<byte> data)
        : this(Make(kind, data))
    {
    }

    private protected NeighborOption(byte[] raw) => Raw = raw;

    /// <summary>The option's type: <see cref="NeighborOptionKind"/>.</summary>
    public byte Kind => WireField.Read8(Raw, 0);

    /// <summary>The option's usual short name.</summary>
    public string Name => Kind switch
    {
        NeighborOptionKind.SourceLinkAddress => "source link-address",
        NeighborOptionKind.TargetLinkAddress => "destination link-address",
        NeighborOptionKind.PrefixInformation => "prefix info",
        NeighborOptionKind.RedirectedHeader => "redirected header",
        NeighborOptionKind.Mtu => "mtu",
        NeighborOptionKind.DnsServers => "rdnss",
        _ => $"unknown-{Kind}",
    };

    /// <summary>Bytes on the wire.</summary>
    public int Length => Raw.Length;

    /// <summary>The bytes after type and length.</summary>
    public byte[] Data => Raw.Length > 2 ? Raw[2..] : [];

    /// <summary>The option's bytes; nobody may change them.</summary>
    internal byte[] Raw { get; }

    byte[] IRawOption.Raw => Raw;

    /// <summary>Takes one option apart, whose length is that of the bytes; bytes that are no option are kept as they are.</summary>
    public static NeighborOption FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] raw = bytes.ToArray();
        NeighborOptionReader reader = new(raw);
        if (!reader.MoveNext() || !reader.Rest.IsEmpty)
        {
            return new NeighborOption(raw);
        }

        return (reader.Kind, raw.Length) switch
        {
            (NeighborOptionKind.SourceLinkAddress or NeighborOptionKind.TargetLinkAddress, _) => new NeighborLinkAddressOption(new RawOption(raw)),
            (NeighborOptionKind.PrefixInformation, 32) => new NeighborPrefixOption(new RawOption(raw)),
            (NeighborOptionKind.RedirectedHeader, _) => new NeighborRedirectedOption(new RawOption(raw)),
            (NeighborOptionKind.Mtu, 8) => new NeighborMtuOption(new RawOption(raw)),
            (NeighborOptionKind.DnsServers, >= 24) => new NeighborDnsServersOption(new RawOption(raw)),
            _ => new NeighborOption(raw),
        };
    }

    /// <summary>A copy of the option's bytes.</summary>
    public byte[] ToBytes() => [.. Raw];

    /// <inheritdoc/>
    public bool Equals(NeighborOption? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NeighborOption);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Raw);
        return hash.ToHashCode();
    }

    /// <summary>Name and data.</summary>
    public override string ToString() => $"{Name} 0x{OptionBytes.Hex(Data)}";

    /// <summary>All options in some bytes, and what is none.</summary>
    internal static void ReadAll(ReadOnlySpan<byte> bytes, Collection<NeighborOption> options)
    {
        NeighborOptionReader reader = new(bytes);
        while (reader.MoveNext())
        {
            options.Add(FromBytes(reader.Raw));
        }

        if (!reader.Rest.IsEmpty)
        {
            options.Add(FromBytes(reader.Rest));
        }
    }

    /// <summary>Tells the option's fields.</summary>
    internal void Describe(FieldSink sink)
    {
        sink.Number(nameof(Kind), 0, 8);
        sink.Number(nameof(Length), 8, 8, scale: 8);
        DescribeData(sink);
    }

    /// <summary>Tells the fields behind type and length.</summary>
    private protected virtual void DescribeData(FieldSink sink) => sink.Data(nameof(Data), 2);

    private protected static byte[] Make(byte kind, ReadOnlySpan<byte> data)
    {
        byte[] raw = new byte[(2 + data.Length + 7) & ~7];
        raw[0] = kind;
        raw[1] = (byte)Math.Min(raw.Length / 8, byte.MaxValue);
        data.CopyTo(raw.AsSpan(2));
        return raw;
    }
}

/// <summary>The link address of the sender or of the target (RFC 4861, 4.6.1).</summary>
public sealed class NeighborLinkAddressOption : NeighborOption
{
    /// <summary>This address.</summary>
    /// <param name="address">An Ethernet address.</param>
    /// <param name="ofTarget">Whether it is the target's rather than the sender's.</param>
    public NeighborLinkAddressOption(MacAddress address, bool ofTarget = false)
        : base(Encode(address, ofTarget))
    {
    }

    internal NeighborLinkAddressOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>Whether it is the target's rather than the sender's.</summary>
    public bool IsOfTarget => Kind == NeighborOptionKind.TargetLinkAddress;

    /// <summary>The Ethernet address; links with longer ones have it in <see cref="NeighborOption.Data"/>.</summary>
    public MacAddress Address => MacAddress.FromBytes(Raw.AsSpan(2, 6));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Address}";

    private protected override void DescribeData(FieldSink sink) => sink.Mac(nameof(Address), 2);

    private static byte[] Encode(MacAddress address, bool ofTarget)
    {
        byte[] raw = Make(ofTarget ? NeighborOptionKind.TargetLinkAddress : NeighborOptionKind.SourceLinkAddress, new byte[6]);
        address.TryWriteBytes(raw.AsSpan(2));
        return raw;
    }
}

/// <summary>A prefix of the link (RFC 4861, 4.6.2).</summary>
public sealed class NeighborPrefixOption : NeighborOption
{
    /// <summary>This prefix.</summary>
    /// <param name="prefix">The address that starts the prefix.</param>
    /// <param name="prefixLength">Its bits.</param>
    /// <param name="validLifetime">For how many seconds it is valid; the greatest value for ever.</param>
    /// <param name="preferredLifetime">For how many seconds addresses with it are preferred; the greatest value for ever.</param>
    /// <param name="flags">The bits L (on the link), A (hosts make addresses with it), R and P.</param>
    public NeighborPrefixOption(
        NetworkAddress prefix, byte prefixLength = 64, uint validLifetime = uint.MaxValue, uint preferredLifetime = uint.MaxValue, byte flags = 0xC0)
        : base(Encode(prefix, prefixLength, validLifetime, preferredLifetime, flags))
    {
    }

    internal NeighborPrefixOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The prefix's bits.</summary>
    public byte PrefixLength => WireField.Read8(Raw, 2);

    /// <summary>The bits L, A, R and P.</summary>
    public byte Flags => WireField.Read8(Raw, 3);

    /// <summary>Whether addresses with the prefix are on the link.</summary>
    public bool IsOnLink => (Flags & 0x80) != 0;

    /// <summary>Whether hosts make themselves addresses with the prefix (RFC 4862).</summary>
    public bool IsAutonomous => (Flags & 0x40) != 0;

    /// <summary>For how many seconds it is valid; the greatest value for ever.</summary>
    public uint ValidLifetime => WireField.Read32(Raw, 4);

    /// <summary>For how many seconds addresses with it are preferred; the greatest value for ever.</summary>
    public uint PreferredLifetime => WireField.Read32(Raw, 8);

    /// <summary>The address that starts the prefix.</summary>
    public NetworkAddress Prefix => WireField.ReadIPv6(Raw, 16);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Prefix}/{PrefixLength}";

    private protected override void DescribeData(FieldSink sink)
    {
        sink.Number(nameof(PrefixLength), 16, 8);
        sink.Number(nameof(Flags), 24, 8, FieldStyle.Hex);
        sink.Number(nameof(ValidLifetime), 32, 32);
        sink.Number(nameof(PreferredLifetime), 64, 32);
        sink.Number("Reserved", 96, 32, FieldStyle.Hex);
        sink.Address(nameof(Prefix), 16, 16);
    }

    private static byte[] Encode(NetworkAddress prefix, byte prefixLength, uint valid, uint preferred, byte flags)
    {
        byte[] raw = Make(NeighborOptionKind.PrefixInformation, new byte[30]);
        raw[2] = prefixLength;
        raw[3] = flags;
        WireField.Write32(raw, 4, valid);
        WireField.Write32(raw, 8, preferred);
        WireField.WriteAddress(raw, 16, prefix);
        return raw;
    }
}

/// <summary>The packet that a redirect is about (RFC 4861, 4.6.3).</summary>
public sealed class NeighborRedirectedOption : NeighborOption
{
    /// <summary>The start of a packet, filled up with zeros to a multiple of 8 bytes.</summary>
    public NeighborRedirectedOption(Packet packet)
        : base(NeighborOptionKind.RedirectedHeader, [.. new byte[6], .. packet.ToBytes()])
    {
    }

    internal NeighborRedirectedOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The packet, as far as it is quoted.</summary>
    public Packet Quoted => Packet.Parse(Raw.AsSpan(8));

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Quoted}";

    private protected override void DescribeData(FieldSink sink)
    {
        sink.Data("Reserved", 2, 6);
        sink.Data(nameof(Quoted), 8);
    }
}

/// <summary>The MTU of the link (RFC 4861, 4.6.4).</summary>
public sealed class NeighborMtuOption : NeighborOption
{
    /// <summary>So many bytes.</summary>
    public NeighborMtuOption(uint mtu)
        : base(NeighborOptionKind.Mtu, 0, 0, (byte)(mtu >> 24), (byte)(mtu >> 16), (byte)(mtu >> 8), (byte)mtu)
    {
    }

    internal NeighborMtuOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>Bytes of the longest packet that fits the link.</summary>
    public uint Mtu => WireField.Read32(Raw, 4);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Mtu}";

    private protected override void DescribeData(FieldSink sink)
    {
        sink.Number("Reserved", 16, 16, FieldStyle.Hex);
        sink.Number(nameof(Mtu), 32, 32);
    }
}

/// <summary>DNS servers (RFC 8106, 5.1).</summary>
public sealed class NeighborDnsServersOption : NeighborOption
{
    /// <summary>These servers.</summary>
    /// <param name="lifetime">For how many seconds they may be used; the greatest value for ever.</param>
    /// <param name="addresses">Their addresses.</param>
    public NeighborDnsServersOption(uint lifetime, params NetworkAddress[] addresses)
        : base(Encode(lifetime, addresses))
    {
    }

    internal NeighborDnsServersOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>For how many seconds they may be used; the greatest value for ever.</summary>
    public uint Lifetime => WireField.Read32(Raw, 4);

    /// <summary>The servers' addresses.</summary>
    public IReadOnlyList<NetworkAddress> Addresses =>
        [.. Enumerable.Range(0, (Raw.Length - 8) / 16).Select(i => WireField.ReadIPv6(Raw, 8 + (16 * i)))];

    /// <inheritdoc/>
    public override string ToString() => $"{Name} lifetime {Lifetime}s {string.Join(' ', Addresses)}";

    private protected override void DescribeData(FieldSink sink)
    {
        sink.Number("Reserved", 16, 16, FieldStyle.Hex);
        sink.Number(nameof(Lifetime), 32, 32);
        for (int i = 0; i < Addresses.Count; i++)
        {
            sink.Address($"{nameof(Addresses)}[{i}]", 8 + (16 * i), 16);
        }
    }

    private static byte[] Encode(uint lifetime, NetworkAddress[] addresses)
    {
        byte[] raw = Make(NeighborOptionKind.DnsServers, new byte[6 + (16 * addresses.Length)]);
        WireField.Write32(raw, 4, lifetime);
        for (int i = 0; i < addresses.Length; i++)
        {
            WireField.WriteAddress(raw, 8 + (16 * i), addresses[i]);
        }

        return raw;
    }
}
