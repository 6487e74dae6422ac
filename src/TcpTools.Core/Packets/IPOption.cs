using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// One IPv4 option: a value, never changed, that keeps its exact bytes. Routes and timestamps have a class of their own;
/// all others are known by name and by their data.
/// </summary>
public class IPOption : IEquatable<IPOption>, IRawOption
{
    /// <summary>An option of any kind with this data; the end marker and no operation have neither length nor data.</summary>
    public IPOption(byte kind, params ReadOnlySpan<byte> data)
        : this(kind <= IPv4OptionKind.NoOperation ? [kind] : OptionBytes.Make(kind, data))
    {
    }

    private protected IPOption(byte[] raw) => Raw = raw;

    /// <summary>No operation.</summary>
    public static IPOption NoOperation { get; } = new(IPv4OptionKind.NoOperation);

    /// <summary>The end of the list.</summary>
    public static IPOption End { get; } = new(IPv4OptionKind.End);

    /// <summary>The option's type: <see cref="IPv4OptionKind"/>.</summary>
    public byte Kind => WireField.Read8(Raw, 0);

    /// <summary>The option's usual short name.</summary>
    public string Name => Kind switch
    {
        _ when Raw.Length == 0 => "empty",
        IPv4OptionKind.End => "EOL",
        IPv4OptionKind.NoOperation => "NOP",
        IPv4OptionKind.RecordRoute => "RR",
        IPv4OptionKind.MtuProbe => "MTUP",
        IPv4OptionKind.MtuReply => "MTUR",
        IPv4OptionKind.Timestamp => "TS",
        IPv4OptionKind.Traceroute => "TR",
        IPv4OptionKind.Security => "SEC",
        IPv4OptionKind.LooseSourceRoute => "LSRR",
        IPv4OptionKind.StreamId => "SID",
        IPv4OptionKind.StrictSourceRoute => "SSRR",
        IPv4OptionKind.AddressExtension => "ADDEXT",
        IPv4OptionKind.RouterAlert => "RA",
        IPv4OptionKind.SelectiveDirectedBroadcast => "SDB",
        _ => $"unknown {Kind}",
    };

    /// <summary>Bytes on the wire.</summary>
    public int Length => Raw.Length;

    /// <summary>The bytes after type and length.</summary>
    public byte[] Data => Raw.Length > 2 ? Raw[2..] : [];

    /// <summary>Whether the option is copied into every fragment.</summary>
    public bool IsCopied => IPv4OptionKind.IsCopied(Kind);

    /// <summary>The option's bytes; nobody may change them.</summary>
    internal byte[] Raw { get; }

    byte[] IRawOption.Raw => Raw;

    /// <summary>Router alert: routers are to look at the packet (RFC 2113).</summary>
    public static IPRouterAlertOption RouterAlert(ushort value = 0) => new(value);

    /// <summary>Takes one option apart, whose length is that of the bytes; bytes that are no option are kept as they are.</summary>
    public static IPOption FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] raw = bytes.ToArray();
        return WireField.Read8(raw, 0) switch
        {
            _ when WireField.Read8(raw, 1) != raw.Length => new IPOption(raw),
            IPv4OptionKind.RecordRoute or IPv4OptionKind.LooseSourceRoute or IPv4OptionKind.StrictSourceRoute
                when raw.Length >= 3 => new IPRouteOption(raw),
            IPv4OptionKind.Timestamp when raw.Length >= 4 => new IPTimestampOption(raw),
            IPv4OptionKind.RouterAlert when raw.Length == 4 => new IPRouterAlertOption(new RawOption(raw)),
            IPv4OptionKind.MtuProbe or IPv4OptionKind.MtuReply when raw.Length == 4 => new IPMtuOption(new RawOption(raw)),
            IPv4OptionKind.StreamId when raw.Length == 4 => new IPStreamIdOption(new RawOption(raw)),
            IPv4OptionKind.Security when raw.Length >= 3 => new IPSecurityOption(new RawOption(raw)),
            IPv4OptionKind.Traceroute when raw.Length == 12 => new IPTracerouteOption(new RawOption(raw)),
            IPv4OptionKind.AddressExtension when raw.Length == 10 => new IPAddressExtensionOption(new RawOption(raw)),
            IPv4OptionKind.SelectiveDirectedBroadcast when raw.Length % 4 == 2 => new IPBroadcastOption(new RawOption(raw)),
            _ => new IPOption(raw),
        };
    }

    /// <summary>
    /// Reads an option as it is printed, or shorter: <c>rr</c> (nine free slots), <c>rr 3</c>, <c>lsrr 10.0.0.1,10.0.0.2</c>,
    /// <c>ts</c>, <c>ra</c>, <c>nop</c>, <c>unknown-77 0x0102</c>.
    /// </summary>
    /// <exception cref="FormatException">The text is no option.</exception>
    public static IPOption Parse(string text) => IPOptionText.Parse(text);

    /// <summary>A copy of the option's bytes.</summary>
    public byte[] ToBytes() => [.. Raw];

    /// <inheritdoc/>
    public bool Equals(IPOption? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IPOption);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Raw);
        return hash.ToHashCode();
    }

    /// <summary>Name and data.</summary>
    public override string ToString() => Data.Length == 0 ? Name : $"{Name} 0x{OptionBytes.Hex(Data)}";

    private protected static byte[] EncodeAddresses(IEnumerable<NetworkAddress> addresses)
    {
        NetworkAddress[] list = [.. addresses];
        byte[] bytes = new byte[list.Length * 4];
        for (int i = 0; i < list.Length; i++)
        {
            WireField.Write32(bytes, i * 4, list[i].IPv4Bits);
        }

        return bytes;
    }
}

/// <summary>Record route, loose or strict source route (RFC 791, 3.1).</summary>
public sealed class IPRouteOption : IPOption
{
    /// <summary>A route of any of the three kinds.</summary>
    /// <param name="kind">Record, loose or strict source route.</param>
    /// <param name="addresses">The slots for addresses.</param>
    /// <param name="pointer">The octet of the option, counted from 1, where the next slot starts.</param>
    public IPRouteOption(byte kind, IEnumerable<NetworkAddress> addresses, byte pointer = 4)
        : base(OptionBytes.Make(kind, [pointer, .. EncodeAddresses(addresses)]))
    {
    }

    internal IPRouteOption(byte[] raw)
        : base(raw)
    {
    }

    /// <summary>The octet of the option, counted from 1, where the next slot starts.</summary>
    public byte Pointer => WireField.Read8(Raw, 2);

    /// <summary>The addresses in the slots.</summary>
    public IReadOnlyList<NetworkAddress> Addresses =>
        [.. Enumerable.Range(0, (Raw.Length - 3) / 4).Select(i => NetworkAddress.FromIPv4(WireField.Read32(Raw, 3 + (4 * i))))];

    /// <summary>Whether this tells where to go, rather than where the packet has been.</summary>
    public bool IsSourceRoute => Kind is IPv4OptionKind.LooseSourceRoute or IPv4OptionKind.StrictSourceRoute;

    /// <summary>Whether the pointer has passed the last slot.</summary>
    public bool IsUsedUp => Pointer > Raw.Length || Addresses.Count == 0;

    /// <summary>Name and addresses.</summary>
    public override string ToString() => $"{Name} {string.Join(' ', Addresses)}".TrimEnd();
}

/// <summary>Internet timestamp (RFC 791, 3.1).</summary>
public sealed class IPTimestampOption : IPOption
{
    /// <summary>Slots for timestamps, or for pairs of address and timestamp.</summary>
    /// <param name="flag">0 timestamps only, 1 with addresses, 3 with addresses given beforehand.</param>
    /// <param name="slots">The 32-bit words of all slots.</param>
    /// <param name="pointer">The octet of the option, counted from 1, where the next slot starts.</param>
    /// <param name="overflow">How many hosts found no slot free.</param>
    public IPTimestampOption(byte flag, ReadOnlySpan<uint> slots, byte pointer = 5, byte overflow = 0)
        : base(Encode(flag, slots, pointer, overflow))
    {
    }

    internal IPTimestampOption(byte[] raw)
        : base(raw)
    {
    }

    /// <summary>The octet of the option, counted from 1, where the next slot starts.</summary>
    public byte Pointer => WireField.Read8(Raw, 2);

    /// <summary>How many hosts found no slot free.</summary>
    public byte Overflow => (byte)(WireField.Read8(Raw, 3) >> 4);

    /// <summary>0 timestamps only, 1 with addresses, 3 with addresses given beforehand.</summary>
    public byte Flag => (byte)(WireField.Read8(Raw, 3) & 15);

    /// <summary>The 32-bit words of all slots: milliseconds since midnight UT, or addresses.</summary>
    public IReadOnlyList<uint> Slots => [.. Enumerable.Range(0, (Raw.Length - 4) / 4).Select(i => WireField.Read32(Raw, 4 + (4 * i)))];

    /// <summary>The slots as the flag says they are filled: timestamps alone, or each with an address.</summary>
    public IReadOnlyList<IPTimestampEntry> Entries => Flag == 0
        ? [.. Slots.Select(slot => new IPTimestampEntry(null, slot))]
        : [.. Slots.Chunk(2).Where(pair => pair.Length == 2).Select(pair => new IPTimestampEntry(NetworkAddress.FromIPv4(pair[0]), pair[1]))];

    /// <summary>Name and slots.</summary>
    public override string ToString() => $"{Name} flag {Flag} {string.Join(' ', Slots)}".TrimEnd();

    private static byte[] Encode(byte flag, ReadOnlySpan<uint> slots, byte pointer, byte overflow)
    {
        byte[] data = new byte[2 + (4 * slots.Length)];
        data[0] = pointer;
        data[1] = (byte)((overflow << 4) | (flag & 15));
        for (int i = 0; i < slots.Length; i++)
        {
            WireField.Write32(data, 2 + (4 * i), slots[i]);
        }

        return OptionBytes.Make(IPv4OptionKind.Timestamp, data);
    }
}
