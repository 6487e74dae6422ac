using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>One entry of a label stack (RFC 3032): a layer for each label, outermost first.</summary>
public sealed class MplsLayer : PacketLayer
{
    private bool? _isBottom;

    /// <inheritdoc/>
    public override string Name => "MPLS";

    /// <inheritdoc cref="MplsLabelView.Label"/>
    public int Label { get; set; }

    /// <inheritdoc cref="MplsLabelView.TrafficClass"/>
    public byte TrafficClass { get; set; }

    /// <summary>Whether this is the last entry of the stack; computed from the next layer.</summary>
    public bool? IsBottom
    {
        get => _isBottom ?? FindNext() is not MplsLayer;
        set => _isBottom = value;
    }

    /// <inheritdoc cref="MplsLabelView.TimeToLive"/>
    public byte TimeToLive { get; set; } = 64;

    internal override int FixedLength => MplsLabelView.HeaderLength;

    internal override ushort? EtherTypeNumber => EtherType.Mpls;

    internal override void Write(in LayerPlace place)
    {
        bool isBottom = _isBottom ?? place.Next is not MplsLayer;
        uint entry = ((uint)Label << 12) | ((uint)(TrafficClass & 7) << 9) | (isBottom ? 0x100u : 0) | TimeToLive;
        WireField.Write32(place.Header, 0, entry);
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Label), 0, 20);
        sink.Number(nameof(TrafficClass), 20, 3);
        sink.Number(nameof(IsBottom), 23, 1, isSet: _isBottom is not null);
        sink.Number(nameof(TimeToLive), 24, 8);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_isBottom is not null)
        {
            names.Add(nameof(IsBottom));
        }
    }

    /// <summary>The label as tcpdump prints it.</summary>
    public override string ToString() =>
        $"label {Label}, tc {TrafficClass}{(IsBottom == true ? ", [S]" : "")}, ttl {TimeToLive}";
}
