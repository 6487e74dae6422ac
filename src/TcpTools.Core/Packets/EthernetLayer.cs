using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>An Ethernet II header.</summary>
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

    /// <summary>What the frame carries; computed from the next layer.</summary>
    public ushort? EtherType
    {
        get => _etherType ?? Announce(FindNext());
        set => _etherType = value;
    }

    internal override int FixedLength => EthernetView.HeaderLength;

    /// <summary>The type that announces a layer.</summary>
    internal static ushort Announce(PacketLayer? next) => next?.EtherTypeNumber ?? UnknownContent;

    internal override void Write(in LayerPlace place) => _ = new EthernetEditor(place.Header)
    {
        Destination = Destination,
        Source = Source,
        EtherType = _etherType ?? Announce(place.Next),
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
