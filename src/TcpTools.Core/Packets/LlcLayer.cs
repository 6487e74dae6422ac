using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// A header of logical link control (IEEE 802.2): what follows a length field of Ethernet, and link headers without a type
/// field. As it is made, it announces a <see cref="SnapLayer"/>.
/// </summary>
public sealed class LlcLayer : PacketLayer
{
    /// <inheritdoc/>
    public override string Name => "LLC";

    /// <inheritdoc cref="LlcView.Destination"/>
    public byte Destination { get; set; } = ServiceAccessPoint.Snap;

    /// <inheritdoc cref="LlcView.Source"/>
    public byte Source { get; set; } = ServiceAccessPoint.Snap;

    /// <inheritdoc cref="LlcView.Control"/>
    public byte Control { get; set; } = LlcView.UnnumberedInformation;

    /// <inheritdoc cref="LlcView.SecondControl"/>
    public byte SecondControl { get; set; }

    internal override int FixedLength => LlcView.IsUnnumbered(Control) ? 3 : 4;

    internal override void Write(in LayerPlace place)
    {
        WireField.Write8(place.Header, 0, Destination);
        WireField.Write8(place.Header, 1, Source);
        WireField.Write8(place.Header, 2, Control);
        if (!LlcView.IsUnnumbered(Control))
        {
            WireField.Write8(place.Header, 3, SecondControl);
        }
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Destination), 0, 8, FieldStyle.Hex);
        sink.Number(nameof(Source), 8, 8, FieldStyle.Hex);
        sink.Number(nameof(Control), 16, 8, FieldStyle.Hex);
        if (!LlcView.IsUnnumbered(Control))
        {
            sink.Number(nameof(SecondControl), 24, 8, FieldStyle.Hex);
        }
    }

    /// <summary>Both access points and the control field.</summary>
    public override string ToString() => LlcView.IsUnnumbered(Control)
        ? $"LLC dsap 0x{Destination:x2} ssap 0x{Source:x2} ctrl 0x{Control:x2}"
        : $"LLC dsap 0x{Destination:x2} ssap 0x{Source:x2} ctrl 0x{SecondControl:x2}{Control:x2}";
}

/// <summary>A SNAP header (IEEE 802; RFC 1042): a type field behind an LLC header.</summary>
public sealed class SnapLayer : PacketLayer
{
    private ushort? _protocol;

    /// <inheritdoc/>
    public override string Name => "SNAP";

    /// <inheritdoc cref="SnapView.Organization"/>
    public int Organization { get; set; }

    /// <summary>What follows, an Ethernet type where <see cref="Organization"/> is 0; computed from the next layer.</summary>
    public ushort? Protocol
    {
        get => _protocol ?? EthernetLayer.Announce(FindNext());
        set => _protocol = value;
    }

    internal override int FixedLength => SnapView.HeaderLength;

    internal override void Write(in LayerPlace place)
    {
        WireField.Write8(place.Header, 0, (byte)(Organization >> 16));
        WireField.Write16(place.Header, 1, (ushort)Organization);
        WireField.Write16(place.Header, 3, _protocol ?? EthernetLayer.Announce(place.Next));
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(Organization), 0, 24, FieldStyle.Hex);
        sink.Number(nameof(Protocol), 24, 16, FieldStyle.Hex, _protocol is not null, FieldText.OfEtherType);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_protocol is not null)
        {
            names.Add(nameof(Protocol));
        }
    }

    /// <summary>Organization and protocol.</summary>
    public override string ToString() => $"SNAP oui 0x{Organization:x6} type 0x{Protocol:x4}";
}
