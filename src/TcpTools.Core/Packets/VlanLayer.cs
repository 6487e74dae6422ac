using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A VLAN tag (IEEE 802.1Q). Tags may be stacked, a layer for each, outermost first.</summary>
public sealed class VlanLayer : PacketLayer
{
    private ushort? _etherType;

    /// <inheritdoc/>
    public override string Name => "Vlan";

    /// <summary>
    /// The type by which the tag is announced: 0x8100, or as an outer tag 0x88A8 (IEEE 802.1ad) or 0x9100. It stands in
    /// the layer before.
    /// </summary>
    public ushort TagProtocol { get; set; } = Wire.EtherType.Vlan;

    /// <inheritdoc cref="VlanTagView.Priority"/>
    public byte Priority { get; set; }

    /// <inheritdoc cref="VlanTagView.DropEligible"/>
    public bool DropEligible { get; set; }

    /// <inheritdoc cref="VlanTagView.VlanId"/>
    public ushort VlanId { get; set; } = 1;

    /// <summary>What follows the tag, or how many bytes where that is less than 0x0600; computed from the next layer.</summary>
    public ushort? EtherType
    {
        get => _etherType ?? EthernetLayer.Announce(FindNext(), MeasureWhole() - BuiltLength);
        set => _etherType = value;
    }

    internal override int FixedLength => VlanTagView.HeaderLength;

    internal override ushort? EtherTypeNumber => TagProtocol;

    internal override void Write(in LayerPlace place) => _ = new VlanTagEditor(place.Header)
    {
        Priority = Priority,
        DropEligible = DropEligible,
        VlanId = VlanId,
        EtherType = _etherType ?? EthernetLayer.Announce(place.Next, place.Whole.Length - place.Header.Length),
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
