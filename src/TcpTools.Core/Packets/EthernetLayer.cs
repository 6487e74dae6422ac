using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// An Ethernet header: with a type (Ethernet II), or with the length of what follows where that is an
/// <see cref="LlcLayer"/> (IEEE 802.3). Padding behind that length is the trailer.
/// </summary>
public sealed class EthernetLayer : PacketLayer
{
    /// <summary>The type of a frame whose content says nothing of itself: loopback configuration testing.</summary>
    internal const ushort UnknownContent = 0x9000;

    private ushort? _etherType;

    /// <inheritdoc/>
    public override string Name => "Ethernet";

    /// <inheritdoc cref="EthernetView.Destination"/>
    public MacAddress Destination { get; set; } = MacAddress.Broadcast;

    /// <inheritdoc cref="EthernetView.Source"/>
    public MacAddress Source { get; set; }

    /// <summary>What the frame carries, or how many bytes where that is less than 0x0600; computed from the next layer.</summary>
    public ushort? EtherType
    {
        get => _etherType ?? Announce(FindNext(), MeasureWhole() - BuiltLength);
        set => _etherType = value;
    }

    /// <summary>Whether the type field holds a length (IEEE 802.3).</summary>
    public bool IsLength => EtherType < Wire.EtherType.FirstType;

    internal override int FixedLength => EthernetView.HeaderLength;

    internal override ushort? EtherTypeNumber => Wire.EtherType.TransparentBridging;

    internal override PacketStart? StartsPacket => PacketStart.Ethernet;

    /// <summary>The type that announces a layer.</summary>
    internal static ushort Announce(PacketLayer? next) => next?.EtherTypeNumber ?? UnknownContent;

    /// <summary>The same where a length may stand instead, of so many bytes that follow.</summary>
    internal static ushort Announce(PacketLayer? next, int length) =>
        next is LlcLayer ? (ushort)Math.Min(length, ushort.MaxValue) : Announce(next);

    internal override void Write(in LayerPlace place) => _ = new EthernetEditor(place.Header)
    {
        Destination = Destination,
        Source = Source,
        EtherType = _etherType ?? Announce(place.Next, place.Whole.Length - place.Header.Length),
    };

    internal override void Describe(FieldSink sink)
    {
        sink.Mac(nameof(Destination), 0);
        sink.Mac(nameof(Source), 6);
        sink.Number(nameof(EtherType), 96, 16, FieldStyle.Hex, _etherType is not null, FieldText.OfEtherType);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_etherType is not null)
        {
            names.Add(nameof(EtherType));
        }
    }

    /// <summary>Source &gt; destination.</summary>
    public override string ToString() => $"Ethernet {Source} > {Destination}";
}
