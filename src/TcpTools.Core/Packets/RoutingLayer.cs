using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// A routing header of IPv6 (RFC 8200, 4.4), of any type. Types 0 (RFC 2460, forbidden by RFC 5095), 2 (RFC 6275), 3
/// (RPL, RFC 6554) and 4 (segment routing, RFC 8754) have their fields; all are views of one <see cref="Data"/>.
/// </summary>
public sealed class RoutingLayer : IPv6SizedExtensionLayer
{
    /// <summary>Bytes of <see cref="Data"/> before the addresses, in every type that is known.</summary>
    private const int AddressesStart = 4;

    private byte? _segmentsLeft;
    private byte[] _data = new byte[AddressesStart];

    /// <inheritdoc/>
    public override string Name => "Routing";

    /// <summary>The type: one of <see cref="RoutingHeaderType"/>; segment routing unless set. Set it before the addresses.</summary>
    public byte RoutingType { get; set; } = RoutingHeaderType.Segment;

    /// <summary>
    /// How many waypoints are still to be visited; computed as for a packet just sent, with all addresses ahead (in segment
    /// routing all but the one that is the destination already).
    /// </summary>
    public byte? SegmentsLeft
    {
        get => _segmentsLeft ?? ComputeSegmentsLeft();
        set => _segmentsLeft = value;
    }

    /// <summary>All bytes behind the segments left: a multiple of 8 and 4 more. On the wire it is filled up to that.</summary>
    public byte[] Data { get => _data; set => _data = value ?? []; }

    /// <summary>The reserved word of types 0 and 2.</summary>
    public uint Reserved
    {
        get => WireField.Read32(Data, 0);
        set => WireField.Write32(Data, 0, value);
    }

    /// <summary>RPL: leading bytes that each address but the last has in common with the destination and that are left out.</summary>
    public byte CompressedBytes
    {
        get => (byte)(WireField.Read8(Data, 0) >> 4);
        set => WireField.Write8(Data, 0, (byte)((WireField.Read8(Data, 0) & 15) | (value << 4)));
    }

    /// <summary>RPL: the same for the last address.</summary>
    public byte LastCompressedBytes
    {
        get => (byte)(WireField.Read8(Data, 0) & 15);
        set => WireField.Write8(Data, 0, (byte)((WireField.Read8(Data, 0) & 0xF0) | (value & 15)));
    }

    /// <summary>RPL: bytes of padding behind the addresses.</summary>
    public byte PaddingLength
    {
        get => (byte)(WireField.Read8(Data, 1) >> 4);
        set => WireField.Write8(Data, 1, (byte)((WireField.Read8(Data, 1) & 15) | (value << 4)));
    }

    /// <summary>Segment routing: the index of the last address in the list.</summary>
    public byte LastEntry
    {
        get => WireField.Read8(Data, 0);
        set => WireField.Write8(Data, 0, value);
    }

    /// <summary>Segment routing: the flags.</summary>
    public byte Flags
    {
        get => WireField.Read8(Data, 1);
        set => WireField.Write8(Data, 1, value);
    }

    /// <summary>Segment routing: the tag that packets of one class have in common.</summary>
    public ushort Tag
    {
        get => WireField.Read16(Data, 2);
        set => WireField.Write16(Data, 2, value);
    }

    /// <summary>
    /// The addresses as they stand in the header; in segment routing the last waypoint comes first. Setting them writes
    /// them whole, and lets go of what stood behind them; none for an unknown type. RPL's addresses lack the bytes that are
    /// left out, which read as 0.
    /// </summary>
    public NetworkAddress[] Addresses
    {
        get => [.. ReadAddresses()];
        set => WriteAddresses(value ?? []);
    }

    /// <summary>Segment routing: the bytes behind the addresses, where TLVs stand (RFC 8754, 2.1).</summary>
    public byte[] Tlvs =>
        RoutingType == RoutingHeaderType.Segment ? [.. Data.Skip(AddressesStart + (16 * Addresses.Length))] : [];

    internal override int FixedLength => 4;

    internal override int BodyLength => ((FixedLength + Data.Length + 7) & ~7) - FixedLength;

    internal override byte? ProtocolNumber => IPProtocol.RoutingHeader;

    /// <summary>Where the packet ends up that has this destination in its header.</summary>
    internal NetworkAddress FindFinalDestination(NetworkAddress destination)
    {
        List<NetworkAddress> addresses = SegmentsLeft == 0 ? [] : ReadAddresses(destination);
        return addresses.Count == 0 ? destination
            : RoutingType == RoutingHeaderType.Segment ? addresses[0] : addresses[^1];
    }

    internal override void WriteBody(Span<byte> body)
    {
        Data.CopyTo(body);
        body[Data.Length..].Clear();
    }

    internal override void Write(in LayerPlace place)
    {
        base.Write(place);
        WireField.Write8(place.Header, 2, RoutingType);
        WireField.Write8(place.Header, 3, SegmentsLeft ?? 0);
    }

    internal override void Describe(FieldSink sink)
    {
        base.Describe(sink);
        sink.Number(nameof(RoutingType), 16, 8);
        sink.Number(nameof(SegmentsLeft), 24, 8, isSet: _segmentsLeft is not null);
        switch (RoutingType)
        {
            case RoutingHeaderType.Source or RoutingHeaderType.Mobile:
                sink.Number(nameof(Reserved), 32, 32, FieldStyle.Hex);
                break;
            case RoutingHeaderType.Rpl:
                sink.Number(nameof(CompressedBytes), 32, 4);
                sink.Number(nameof(LastCompressedBytes), 36, 4);
                sink.Number(nameof(PaddingLength), 40, 4);
                sink.Data(nameof(Addresses), FixedLength + AddressesStart);
                return;
            case RoutingHeaderType.Segment:
                sink.Number(nameof(LastEntry), 32, 8);
                sink.Number(nameof(Flags), 40, 8, FieldStyle.Hex);
                sink.Number(nameof(Tag), 48, 16);
                break;
            default:
                sink.Data(nameof(Data), FixedLength);
                return;
        }

        int at = FixedLength + AddressesStart;
        for (int i = 0; i < Addresses.Length; i++, at += 16)
        {
            sink.Address($"{nameof(Addresses)}[{i}]", at, 16);
        }

        if (RoutingType == RoutingHeaderType.Segment)
        {
            sink.Data(nameof(Tlvs), at);
        }
    }

    private protected override void Detach() => Data = [.. Data];

    private protected override void ListFixedFields(List<string> names)
    {
        base.ListFixedFields(names);
        if (_segmentsLeft is not null)
        {
            names.Add(nameof(SegmentsLeft));
        }
    }

    private byte ComputeSegmentsLeft() => RoutingType switch
    {
        RoutingHeaderType.Segment => LastEntry,
        RoutingHeaderType.Source or RoutingHeaderType.Mobile or RoutingHeaderType.Rpl => (byte)Math.Min(ReadAddresses().Count, byte.MaxValue),
        _ => 0,
    };

    private List<NetworkAddress> ReadAddresses(NetworkAddress prefix = default)
    {
        int all = RoutingType is RoutingHeaderType.Rpl ? 16 - CompressedBytes : 16;
        int last = RoutingType is RoutingHeaderType.Rpl ? 16 - LastCompressedBytes : 16;
        int room = Data.Length - AddressesStart - (RoutingType is RoutingHeaderType.Rpl ? PaddingLength : 0);
        int count = RoutingType switch
        {
            _ when room < last => 0,
            RoutingHeaderType.Source or RoutingHeaderType.Mobile => room / 16,
            RoutingHeaderType.Rpl => 1 + ((room - last) / all),
            RoutingHeaderType.Segment => Math.Min(LastEntry + 1, room / 16),
            _ => 0,
        };
        List<NetworkAddress> addresses = new(count);
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        for (int i = 0, at = AddressesStart; i < count; i++)
        {
            int length = i == count - 1 ? last : all;
            prefix.TryWriteBytes(address);
            Data.AsSpan(at, length).CopyTo(address[(16 - length)..]);
            addresses.Add(NetworkAddress.FromBytes(address));
            at += length;
        }

        return addresses;
    }

    private void WriteAddresses(NetworkAddress[] addresses)
    {
        byte[] data = new byte[AddressesStart + (16 * addresses.Length)];
        Data.AsSpan(0, Math.Min(AddressesStart, Data.Length)).CopyTo(data);
        for (int i = 0; i < addresses.Length; i++)
        {
            if (!addresses[i].IsIPv6)
            {
                throw new ArgumentException($"'{addresses[i]}' is no IPv6 address; this header has room for no other.", nameof(addresses));
            }

            addresses[i].TryWriteBytes(data.AsSpan(AddressesStart + (16 * i)));
        }

        Data = data;
        switch (RoutingType)
        {
            case RoutingHeaderType.Rpl:
                (CompressedBytes, LastCompressedBytes, PaddingLength) = (0, 0, 0);
                break;
            case RoutingHeaderType.Segment:
                LastEntry = (byte)Math.Clamp(addresses.Length - 1, 0, byte.MaxValue);
                break;
        }
    }

    /// <summary>Type, segments left and addresses.</summary>
    public override string ToString() => $"Routing type {RoutingType} left {SegmentsLeft} {string.Join(' ', Addresses)}".TrimEnd();
}
