using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// One object behind the quotation of an ICMP error (RFC 4884, 7): a value, never changed, that keeps its exact bytes.
/// Label stacks and interfaces have a class of their own.
/// </summary>
public class IcmpExtensionObject : IEquatable<IcmpExtensionObject>, IRawOption
{
    /// <summary>The class of label stacks (RFC 4950).</summary>
    internal const byte LabelStackClass = 1;

    /// <summary>The class of interfaces (RFC 5837).</summary>
    internal const byte InterfaceClass = 2;

    /// <summary>An object of any class with this data.</summary>
    public IcmpExtensionObject(byte objectClass, byte type, params ReadOnlySpan<byte> data)
        : this(Make(objectClass, type, data))
    {
    }

    private protected IcmpExtensionObject(byte[] raw) => Raw = raw;

    /// <summary>What the object is about: 1 a label stack, 2 an interface, 3 an interface asked for, ... (IANA).</summary>
    public byte Class => WireField.Read8(Raw, 2);

    /// <summary>The kind within the class.</summary>
    public byte Type => WireField.Read8(Raw, 3);

    /// <summary>Bytes on the wire.</summary>
    public int Length => Raw.Length;

    /// <summary>The bytes after length, class and type.</summary>
    public byte[] Data => Raw.Length > 4 ? Raw[4..] : [];

    /// <summary>The object's bytes; nobody may change them.</summary>
    internal byte[] Raw { get; }

    byte[] IRawOption.Raw => Raw;

    /// <summary>Takes one object apart, whose length is that of the bytes; bytes that are no object are kept as they are.</summary>
    public static IcmpExtensionObject FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] raw = bytes.ToArray();
        return (raw.Length > 0 && IcmpExtensionView.MeasureObject(raw) == raw.Length, WireField.Read16(raw, 2)) switch
        {
            (true, (LabelStackClass << 8) | 1) => new IcmpLabelStackObject(new RawOption(raw)),
            (true, >= InterfaceClass << 8 and < (InterfaceClass + 1) << 8) => new IcmpInterfaceObject(new RawOption(raw)),
            _ => new IcmpExtensionObject(raw),
        };
    }

    /// <summary>Reads an object such as <c>mpls 16005 tc 3 ttl 1, 17</c> or <c>object 9/1 0x0102</c>.</summary>
    /// <exception cref="FormatException">The text is no object.</exception>
    public static IcmpExtensionObject Parse(string text) => IcmpExtensionText.Parse(text);

    /// <summary>A copy of the object's bytes.</summary>
    public byte[] ToBytes() => [.. Raw];

    /// <inheritdoc/>
    public bool Equals(IcmpExtensionObject? other) => other is not null && Raw.AsSpan().SequenceEqual(other.Raw);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IcmpExtensionObject);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Raw);
        return hash.ToHashCode();
    }

    /// <summary>Class, type and data.</summary>
    public override string ToString() => $"object {Class}/{Type} 0x{OptionBytes.Hex(Data)}";

    /// <summary>All objects in some bytes, and what is none.</summary>
    internal static void ReadAll(ReadOnlySpan<byte> bytes, Collection<IcmpExtensionObject> objects)
    {
        while (IcmpExtensionView.MeasureObject(bytes) is var length and > 0)
        {
            objects.Add(FromBytes(bytes[..length]));
            bytes = bytes[length..];
        }

        if (!bytes.IsEmpty)
        {
            objects.Add(FromBytes(bytes));
        }
    }

    /// <summary>Tells the object's fields.</summary>
    internal void Describe(FieldSink sink)
    {
        sink.Number(nameof(Length), 0, 16);
        sink.Number(nameof(Class), 16, 8);
        sink.Number(nameof(Type), 24, 8);
        DescribeData(sink);
    }

    /// <summary>Tells the fields behind the object's header.</summary>
    private protected virtual void DescribeData(FieldSink sink) => sink.Data(nameof(Data), 4);

    private protected static byte[] Make(byte objectClass, byte type, ReadOnlySpan<byte> data)
    {
        byte[] raw = new byte[4 + data.Length];
        WireField.Write16(raw, 0, (ushort)Math.Min(raw.Length, ushort.MaxValue));
        raw[2] = objectClass;
        raw[3] = type;
        data.CopyTo(raw.AsSpan(4));
        return raw;
    }
}

/// <summary>One entry of a label stack of MPLS (RFC 3032, 2.1).</summary>
/// <param name="Label">The label, 20 bits.</param>
/// <param name="TrafficClass">The traffic class, 3 bits.</param>
/// <param name="IsBottom">Whether it is the last entry.</param>
/// <param name="TimeToLive">How many more hops the packet may take.</param>
public readonly record struct MplsLabelEntry(uint Label, byte TrafficClass, bool IsBottom, byte TimeToLive)
{
    /// <summary>The entry's 32 bits.</summary>
    internal uint Bits => (Label << 12) | ((uint)(TrafficClass & 7) << 9) | (IsBottom ? 0x100u : 0) | TimeToLive;

    /// <summary>The entry with these bits.</summary>
    internal static MplsLabelEntry FromBits(uint bits) => new(bits >> 12, (byte)((bits >> 9) & 7), (bits & 0x100) != 0, (byte)bits);

    /// <summary>Label, traffic class, bottom and time to live.</summary>
    public override string ToString() => $"label {Label}, tc {TrafficClass}{(IsBottom ? " [S]" : "")}, ttl {TimeToLive}";
}

/// <summary>The labels that the packet arrived with (RFC 4950).</summary>
public sealed class IcmpLabelStackObject : IcmpExtensionObject
{
    /// <summary>These labels, outermost first.</summary>
    public IcmpLabelStackObject(params MplsLabelEntry[] labels)
        : base(Encode(labels))
    {
    }

    internal IcmpLabelStackObject(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>The labels, outermost first.</summary>
    public IReadOnlyList<MplsLabelEntry> Labels =>
        [.. Enumerable.Range(0, (Raw.Length - 4) / 4).Select(i => MplsLabelEntry.FromBits(WireField.Read32(Raw, 4 + (4 * i))))];

    /// <inheritdoc/>
    public override string ToString() => $"MPLS {string.Join("; ", Labels)}";

    private protected override void DescribeData(FieldSink sink)
    {
        for (int i = 0; i < Labels.Count; i++)
        {
            MplsLabelEntry label = Labels[i];
            sink.Value($"{nameof(Labels)}[{i}]", 32 + (32 * i), 32, label, label.ToString());
        }
    }

    private static byte[] Encode(MplsLabelEntry[] labels)
    {
        byte[] raw = Make(LabelStackClass, 1, new byte[4 * labels.Length]);
        for (int i = 0; i < labels.Length; i++)
        {
            WireField.Write32(raw, 4 + (4 * i), labels[i].Bits);
        }

        return raw;
    }
}

/// <summary>An interface of the router that reports the error (RFC 5837, 4).</summary>
public sealed class IcmpInterfaceObject : IcmpExtensionObject
{
    private const byte HasIndex = 8;
    private const byte HasAddress = 4;
    private const byte HasName = 2;
    private const byte HasMtu = 1;

    /// <summary>What is known of the interface; what is null is left out.</summary>
    /// <param name="role">0 where the packet came in, 1 the part of it, 2 where it went out, 3 the next hop.</param>
    /// <param name="index">Its number.</param>
    /// <param name="address">Its address.</param>
    /// <param name="name">Its name, at most 63 bytes of UTF-8.</param>
    /// <param name="mtu">Its MTU in bytes.</param>
    public IcmpInterfaceObject(byte role, uint? index = null, NetworkAddress? address = null, string? name = null, uint? mtu = null)
        : base(Encode(role, index, address, name, mtu))
    {
    }

    internal IcmpInterfaceObject(RawOption raw)
        : base(raw.Bytes)
    {
    }

    /// <summary>0 where the packet came in, 1 the part of it, 2 where it went out, 3 the next hop.</summary>
    public byte Role => (byte)(Type >> 6);

    /// <summary>The interface's number; null when not told.</summary>
    public uint? Index => Find(HasIndex) is { Length: >= 4 } bytes ? WireField.Read32(bytes, 0) : null;

    /// <summary>The interface's address; null when not told.</summary>
    public NetworkAddress? Address => Find(HasAddress) is { Length: >= 4 } bytes && NetworkAddress.FromBytes(bytes.AsSpan(4)) is { IsNone: false } address ? address : null;

    /// <summary>The interface's name; null when not told.</summary>
    public string? InterfaceName => Find(HasName) is { Length: > 0 } bytes ? Encoding.UTF8.GetString(bytes.AsSpan(1)).TrimEnd('\0') : null;

    /// <summary>The interface's MTU in bytes; null when not told.</summary>
    public uint? Mtu => Find(HasMtu) is { Length: >= 4 } bytes ? WireField.Read32(bytes, 0) : null;

    /// <inheritdoc/>
    public override string ToString() => $"interface role {Role}"
        + (Index is { } index ? $" index {index}" : "") + (Address is { } address ? $" {address}" : "")
        + (InterfaceName is { } name ? $" {name}" : "") + (Mtu is { } mtu ? $" mtu {mtu}" : "");

    private byte[]? Find(byte part)
    {
        int at = 4;
        foreach (byte each in (ReadOnlySpan<byte>)[HasIndex, HasAddress, HasName, HasMtu])
        {
            if ((Type & each) == 0)
            {
                continue;
            }

            int length = each switch
            {
                HasAddress => WireField.Read16(Raw, at) == 1 ? 8 : 20,
                HasName => WireField.Read8(Raw, at),
                _ => 4,
            };
            if (each == part)
            {
                return WireField.Cut(Raw, at, at + length).ToArray();
            }

            at += length;
        }

        return null;
    }

    private static byte[] Encode(byte role, uint? index, NetworkAddress? address, string? name, uint? mtu)
    {
        List<byte> data = [];
        byte type = (byte)(role << 6);
        if (index is { } number)
        {
            type |= HasIndex;
            data.AddRange(BigEndian(number));
        }

        if (address is { } value)
        {
            type |= HasAddress;
            byte[] bytes = new byte[value.Length];
            value.TryWriteBytes(bytes);
            data.AddRange([0, (byte)(value.IsIPv4 ? 1 : 2), 0, 0, .. bytes]);
        }

        if (name is not null)
        {
            type |= HasName;
            byte[] text = Encoding.UTF8.GetBytes(name);
            int length = Math.Min((1 + text.Length + 3) & ~3, 64);
            byte[] padded = new byte[length];
            padded[0] = (byte)length;
            text.AsSpan(0, Math.Min(text.Length, length - 1)).CopyTo(padded.AsSpan(1));
            data.AddRange(padded);
        }

        if (mtu is { } size)
        {
            type |= HasMtu;
            data.AddRange(BigEndian(size));
        }

        return Make(InterfaceClass, type, [.. data]);

        static byte[] BigEndian(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
    }
}
