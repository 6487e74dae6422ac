using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A VLAN tag (IEEE 802.1Q), of either kind: the type field before it says which.</summary>
public sealed class VlanLayer : PacketLayer
{
    private ushort? _etherType;

    /// <inheritdoc/>
    public override string Name => "Vlan";

    /// <inheritdoc cref="VlanTagView.Priority"/>
    public byte Priority { get; set; }

    /// <inheritdoc cref="VlanTagView.DropEligible"/>
    public bool DropEligible { get; set; }

    /// <inheritdoc cref="VlanTagView.VlanId"/>
    public ushort VlanId { get; set; } = 1;

    /// <summary>What follows the tag; computed from the next layer.</summary>
    public ushort? EtherType
    {
        get => _etherType ?? EthernetLayer.Announce(FindNext());
        set => _etherType = value;
    }

    internal override int FixedLength => VlanTagView.HeaderLength;

    internal override ushort? EtherTypeNumber => Wire.EtherType.Vlan;

    internal override void Write(in LayerPlace place) => _ = new VlanTagEditor(place.Header)
    {
        Priority = Priority,
        DropEligible = DropEligible,
        VlanId = VlanId,
        EtherType = _etherType ?? EthernetLayer.Announce(place.Next),
    };

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Priority), 0, 3);
        sink.Flag(nameof(DropEligible), 3);
        sink.Number(nameof(VlanId), 4, 12);
        sink.Number(nameof(EtherType), 16, 16, FieldStyle.Hex, _etherType is not null, FieldText.OfEtherType);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_etherType is not null)
        {
            names.Add(nameof(EtherType));
        }
    }

    /// <summary>The VLAN's number and the priority.</summary>
    public override string ToString() => $"vlan {VlanId}, p {Priority}{(DropEligible ? ", DEI" : "")}";
}
