using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// A Linux cooked header: what a capture on all interfaces, or on one without a header of its own, has in place of a link
/// header. It is in captures only, never on a wire.
/// </summary>
public sealed class LinuxCookedLayer : PacketLayer
{
    private ushort? _protocol;
    private int _version = 1;

    /// <inheritdoc/>
    public override string Name => "SLL";

    /// <summary>The header's version: 1, or 2 with the interface's number (SLL2).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such version.</exception>
    public int Version
    {
        get => _version;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 2);
            _version = value;
        }
    }

    /// <inheritdoc cref="LinuxCookedView.PacketType"/>
    public CookedPacketType PacketType { get; set; }

    /// <inheritdoc cref="LinuxCookedView.DeviceType"/>
    public ushort DeviceType { get; set; } = 1;

    /// <inheritdoc cref="LinuxCookedView.AddressLength"/>
    public ushort AddressLength { get; set; } = MacAddress.Length;

    /// <summary>The 8 bytes that there are for the sender's link address.</summary>
    public byte[] AddressBytes { get; set => field = value ?? []; } = new byte[LinuxCookedView.AddressRoom];

    /// <summary>The sender's link address where it is one of Ethernet.</summary>
    public MacAddress Address
    {
        get => MacAddress.FromBytes(AddressBytes);
        set
        {
            AddressBytes = new byte[LinuxCookedView.AddressRoom];
            value.TryWriteBytes(AddressBytes);
            AddressLength = MacAddress.Length;
        }
    }

    /// <summary>What the frame carries: an Ethernet type, or 4 for LLC; computed from the next layer.</summary>
    public ushort? Protocol
    {
        get => _protocol ?? Announce(FindNext());
        set => _protocol = value;
    }

    /// <inheritdoc cref="LinuxCookedView.Reserved"/>
    public ushort Reserved { get; set; }

    /// <inheritdoc cref="LinuxCookedView.InterfaceIndex"/>
    public uint InterfaceIndex { get; set; }

    internal override int FixedLength => LinuxCookedView.LengthOf(Version);

    internal override PacketStart? StartsPacket => Version == 1 ? PacketStart.LinuxCooked : PacketStart.LinuxCooked2;

    internal static ushort Announce(PacketLayer? next) =>
        next is LlcLayer ? LinuxCookedView.Llc : EthernetLayer.Announce(next);

    internal override void Write(in LayerPlace place)
    {
        Span<byte> header = place.Header;
        ushort protocol = _protocol ?? Announce(place.Next);
        if (Version == 1)
        {
            WireField.Write16(header, 0, (ushort)PacketType);
            WireField.Write16(header, 2, DeviceType);
            WireField.Write16(header, 4, AddressLength);
            WriteAddress(header, 6);
            WireField.Write16(header, 14, protocol);
            return;
        }

        WireField.Write16(header, 0, protocol);
        WireField.Write16(header, 2, Reserved);
        WireField.Write32(header, 4, InterfaceIndex);
        WireField.Write16(header, 8, DeviceType);
        WireField.Write8(header, 10, (byte)PacketType);
        WireField.Write8(header, 11, (byte)AddressLength);
        WriteAddress(header, 12);
    }

    private protected override void Detach() => AddressBytes = [.. AddressBytes];

    internal override void Describe(FieldSink sink)
    {
        bool isSet = _protocol is not null;
        if (Version == 1)
        {
            sink.Number(nameof(PacketType), 0, 16, meaning: NameOf);
            sink.Number(nameof(DeviceType), 16, 16);
            sink.Number(nameof(AddressLength), 32, 16);
            sink.Data(nameof(AddressBytes), 6, LinuxCookedView.AddressRoom);
            sink.Number(nameof(Protocol), 112, 16, FieldStyle.Hex, isSet, FieldText.OfEtherType);
            return;
        }

        sink.Number(nameof(Protocol), 0, 16, FieldStyle.Hex, isSet, FieldText.OfEtherType);
        sink.Number(nameof(Reserved), 16, 16, FieldStyle.Hex);
        sink.Number(nameof(InterfaceIndex), 32, 32);
        sink.Number(nameof(DeviceType), 64, 16);
        sink.Number(nameof(PacketType), 80, 8, meaning: NameOf);
        sink.Number(nameof(AddressLength), 88, 8);
        sink.Data(nameof(AddressBytes), 12, LinuxCookedView.AddressRoom);

        static string? NameOf(ulong type) => Enum.GetName((CookedPacketType)type);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_protocol is not null)
        {
            names.Add(nameof(Protocol));
        }
    }

    private void WriteAddress(Span<byte> header, int offset)
    {
        for (int i = 0; i < LinuxCookedView.AddressRoom && i < AddressBytes.Length; i++)
        {
            WireField.Write8(header, offset + i, AddressBytes[i]);
        }
    }

    /// <summary>Which way the frame went and who sent it.</summary>
    public override string ToString() => $"SLL{(Version == 2 ? $"2 interface {InterfaceIndex}" : "")} {PacketType} {Address}";
}
