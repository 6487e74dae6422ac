using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// One option of a hop-by-hop or destination options header (RFC 8200, 4.2): a value, never changed, that keeps its exact
/// bytes. Options with fields have a class of their own; all others are known by name and by their data.
/// </summary>
public class IPv6Option : IEquatable<IPv6Option>, IRawOption
{
    /// <summary>An option of any kind with this data; <see cref="IPv6OptionKind.Pad1"/> has neither length nor data.</summary>
    public IPv6Option(byte kind, params ReadOnlySpan<byte> data)
        : this(kind == IPv6OptionKind.Pad1 ? [kind] : Make(kind, data))
    {
    }

    private protected IPv6Option(byte[] raw) => Raw = raw;

    /// <summary>One byte of padding.</summary>
    public static IPv6Option Pad1 { get; } = new(IPv6OptionKind.Pad1);

    /// <summary>The option's type: <see cref="IPv6OptionKind"/>.</summary>
    public byte Kind => WireField.Read8(Raw, 0);

    /// <summary>The option's usual short name.</summary>
    public string Name => Kind switch
    {
        _ when Raw.Length == 0 => "empty",
        IPv6OptionKind.Pad1 => "Pad1",
        IPv6OptionKind.PadN => "PadN",
        IPv6OptionKind.RouterAlert => "RouterAlert",
        IPv6OptionKind.QuickStart => "QuickStart",
        IPv6OptionKind.JumboPayload => "Jumbo",
        IPv6OptionKind.HomeAddress => "HomeAddress",
        _ => $"unknown-{Kind}",
    };

    /// <summary>Bytes on the wire.</summary>
    public int Length => Raw.Length;

    /// <summary>The bytes after type and length.</summary>
    public byte[] Data => Raw.Length > 2 ? Raw[2..] : [];

    /// <summary>
    /// What a node does that does not know the option: 0 skip it, 1 discard the packet, 2 discard it and tell the source,
    /// 3 the same unless the destination is a multicast address.
    /// </summary>
    public int UnknownAction => Kind >> 6;

    /// <summary>Whether the data may change on the way.</summary>
    public bool MayChange => (Kind & 0x20) != 0;

    /// <summary>Whether it is there only to fill up.</summary>
    public bool IsPadding => Raw.Length > 0 && Kind is IPv6OptionKind.Pad1 or IPv6OptionKind.PadN;

    /// <summary>The option's bytes; nobody may change them.</summary>
    internal byte[] Raw { get; }

    byte[] IRawOption.Raw => Raw;

    /// <summary>Padding of so many bytes in all, 1 to 257.</summary>
    public static IPv6Option Pad(int length) => length <= 1 ? Pad1 : new(IPv6OptionKind.PadN, new byte[Math.Min(length - 2, byte.MaxValue)]);

    /// <summary>Takes one option apart, whose length is that of the bytes; bytes that are no option are kept as they are.</summary>
    public static IPv6Option FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] raw = bytes.ToArray();
        IPv6OptionReader reader = new(raw);
        if (!reader.MoveNext() || !reader.Rest.IsEmpty || !reader.HasPlausibleLength)
        {
            return new IPv6Option(raw);
        }

        return reader.Kind switch
        {
            IPv6OptionKind.Pad1 => Pad1,
            IPv6OptionKind.RouterAlert => new IPv6RouterAlertOption(new RawOption(raw)),
            IPv6OptionKind.QuickStart => new IPv6QuickStartOption(new RawOption(raw)),
            IPv6OptionKind.JumboPayload => new IPv6JumboOption(new RawOption(raw)),
            IPv6OptionKind.HomeAddress => new IPv6HomeAddressOption(new RawOption(raw)),
            _ => new IPv6Option(raw),
        };
    }

    /// <summary>Reads an option as it is printed, such as <c>RouterAlert 0</c>, <c>Jumbo 70000</c> or <c>PadN 4</c>.</summary>
    /// <exception cref="FormatException">The text is no option.</exception>
    public static IPv6Option Parse(string text) => IPv6OptionText.Parse(text);

    /// <summary>A copy of the option's bytes.</summary>
    public byte[] ToBytes() => [.. Raw];

    /// <inheritdoc/>
    public bool Equals(IPv6Option? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IPv6Option);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Raw);
        return hash.ToHashCode();
    }

    /// <summary>Name and data.</summary>
    public override string ToString() => IsPadding ? $"{Name}{(Length > 2 ? $" {Length}" : "")}"
        : Data.Length == 0 ? Name : $"{Name} 0x{OptionBytes.Hex(Data)}";

    /// <summary>Tells the option's fields.</summary>
    internal void Describe(FieldSink sink)
    {
        sink.Number(nameof(Kind), 0, 8);
        if (Kind != IPv6OptionKind.Pad1)
        {
            sink.Number(nameof(Length), 8, 8);
            DescribeData(sink);
        }
    }

    /// <summary>Tells the fields behind type and length.</summary>
    private protected virtual void DescribeData(FieldSink sink) => sink.Data(nameof(Data), 2);

    /// <summary>The length field counts the data alone.</summary>
    private protected static byte[] Make(byte kind, ReadOnlySpan<byte> data)
    {
        byte[] bytes = new byte[2 + data.Length];
        bytes[0] = kind;
        bytes[1] = (byte)Math.Min(data.Length, byte.MaxValue);
        data.CopyTo(bytes.AsSpan(2));
        return bytes;
    }
}

/// <summary>Routers are to look at the packet (RFC 2711).</summary>
public sealed class IPv6RouterAlertOption : IPv6Option
{
    /// <summary>An alert because of what the packet carries: 0 MLD, 1 RSVP, 2 active networks, ...</summary>
    public IPv6RouterAlertOption(ushort value = 0)
        : base(IPv6OptionKind.RouterAlert, (byte)(value >> 8), (byte)value)
    {
    }

    internal IPv6RouterAlertOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>What the packet carries: 0 MLD, 1 RSVP, 2 active networks, ... (IANA).</summary>
    public ushort Value => WireField.Read16(Raw, 2);

    private protected override void DescribeData(FieldSink sink) => sink.Number(nameof(Value), 16, 16);

    /// <inheritdoc/>
    public override string ToString() => $"RouterAlert {Value}";
}

/// <summary>A payload longer than 65535 bytes (RFC 2675).</summary>
public sealed class IPv6JumboOption : IPv6Option
{
    /// <summary>So many bytes behind the IPv6 header.</summary>
    public IPv6JumboOption(uint payloadLength)
        : base(IPv6OptionKind.JumboPayload, (byte)(payloadLength >> 24), (byte)(payloadLength >> 16), (byte)(payloadLength >> 8), (byte)payloadLength)
    {
    }

    internal IPv6JumboOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>Bytes behind the IPv6 header, extension headers included; more than 65535 if it is sound.</summary>
    public uint PayloadLength => WireField.Read32(Raw, 2);

    private protected override void DescribeData(FieldSink sink) => sink.Number(nameof(PayloadLength), 16, 32);

    /// <inheritdoc/>
    public override string ToString() => $"Jumbo {PayloadLength}";
}

/// <summary>The address where a mobile node is at home, which counts as the packet's source (RFC 6275, 6.3).</summary>
public sealed class IPv6HomeAddressOption : IPv6Option
{
    /// <summary>This address; bytes of another family are all zeros.</summary>
    public IPv6HomeAddressOption(NetworkAddress address)
        : base(Encode(address))
    {
    }

    internal IPv6HomeAddressOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The home address.</summary>
    public NetworkAddress Address => WireField.ReadIPv6(Raw, 2);

    private protected override void DescribeData(FieldSink sink) => sink.Address(nameof(Address), 2, 16);

    /// <inheritdoc/>
    public override string ToString() => $"HomeAddress {Address}";

    private static byte[] Encode(NetworkAddress address)
    {
        byte[] raw = Make(IPv6OptionKind.HomeAddress, new byte[16]);
        address.TryWriteBytes(raw.AsSpan(2));
        return raw;
    }
}

/// <summary>A request for a high rate at the start of a connection, or the answer to one (RFC 4782, 3.2).</summary>
public sealed class IPv6QuickStartOption : IPv6Option
{
    /// <summary>A function with its rate.</summary>
    /// <param name="function">0 rate request, 8 report of the approved rate.</param>
    /// <param name="rate">The rate's code: 40 kbit/s times 2 to this power; 0 for none.</param>
    /// <param name="timeToLive">The Quick-Start TTL, counted down by routers that agree.</param>
    /// <param name="nonce">30 random bits.</param>
    public IPv6QuickStartOption(byte function, byte rate, byte timeToLive = 0, uint nonce = 0)
        : base(IPv6OptionKind.QuickStart, (byte)((function << 4) | (rate & 15)), timeToLive,
            (byte)(nonce >> 22), (byte)(nonce >> 14), (byte)(nonce >> 6), (byte)(nonce << 2))
    {
    }

    internal IPv6QuickStartOption(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>0 rate request, 8 report of the approved rate.</summary>
    public byte Function => (byte)(WireField.Read8(Raw, 2) >> 4);

    /// <summary>The rate's code: 40 kbit/s times 2 to this power; 0 for none.</summary>
    public byte Rate => (byte)(WireField.Read8(Raw, 2) & 15);

    /// <summary>The Quick-Start TTL.</summary>
    public byte TimeToLive => WireField.Read8(Raw, 3);

    /// <summary>30 random bits.</summary>
    public uint Nonce => WireField.Read32(Raw, 4) >> 2;

    private protected override void DescribeData(FieldSink sink)
    {
        sink.Number(nameof(Function), 16, 4);
        sink.Number(nameof(Rate), 20, 4);
        sink.Number(nameof(TimeToLive), 24, 8);
        sink.Number(nameof(Nonce), 32, 30, FieldStyle.Hex);
    }

    /// <inheritdoc/>
    public override string ToString() => $"QuickStart function {Function} rate {Rate} ttl {TimeToLive} nonce 0x{Nonce:x8}";
}
