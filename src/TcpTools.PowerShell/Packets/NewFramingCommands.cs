using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Builds a stack of VLAN tags.</summary>
[Cmdlet(VerbsCommon.New, "VlanTag")]
[OutputType(typeof(Packet))]
public sealed class NewVlanTagCommand : PacketCmdlet
{
    /// <summary>The VLANs, outermost first.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateRange(0, 4095)]
    public int[] VlanId { get; set; } = [];

    /// <summary>The priorities of the tags; the last goes on for the tags behind it.</summary>
    [Parameter]
    [ValidateRange(0, 7)]
    public int[] Priority { get; set; } = [];

    /// <summary>Marks the frame as one to drop first.</summary>
    [Parameter]
    public SwitchParameter DropEligible { get; set; }

    /// <summary>The types that announce the tags; the last goes on for the tags behind it.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TagProtocolCompleter))]
    public ushort[] TagProtocol { get; set; } = [];

    /// <summary>The type behind the last tag, instead of the computed one.</summary>
    [Parameter]
    public ushort EtherType { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        VlanLayer[] tags = [.. VlanId.Select((id, i) => new VlanLayer
        {
            VlanId = (ushort)id,
            Priority = (byte)Priority.Take(i + 1).LastOrDefault(),
            DropEligible = DropEligible,
            TagProtocol = TagProtocol.Length > 0
                ? TagProtocol.Take(i + 1).Last()
                : i < VlanId.Length - 1 ? Wire.EtherType.ServiceVlan : Wire.EtherType.Vlan,
        })];
        tags[^1].EtherType = Has(nameof(EtherType)) ? EtherType : null;
        InputObject = Wrap(tags[..^1]);
        Emit(tags[^1]);
    }

    private Packet? Wrap(VlanLayer[] outer) => outer.Length == 0
        ? InputObject
        : InputObject is null ? new Packet(outer) : InputObject / new Packet(outer);
}

/// <summary>Builds an LLC header, with a SNAP header unless access points are given.</summary>
[Cmdlet(VerbsCommon.New, "LlcHeader")]
[OutputType(typeof(Packet))]
public sealed class NewLlcHeaderCommand : PacketCmdlet
{
    /// <summary>The access points: the destination's, and the source's if that is another one.</summary>
    [Parameter(Position = 0)]
    [ValidateCount(1, 2)]
    public byte[] AccessPoint { get; set; } = [];

    /// <summary>The control byte.</summary>
    [Parameter]
    public byte Control { get; set; } = 3;

    /// <summary>The organization of the SNAP header.</summary>
    [Parameter]
    [ValidateRange(0, (1 << 24) - 1)]
    public int Organization { get; set; }

    /// <summary>The protocol of the SNAP header, instead of the type of the layer inside.</summary>
    [Parameter]
    public ushort Protocol { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        LlcLayer llc = new() { Control = Control };
        if (AccessPoint.Length > 0)
        {
            llc.Destination = AccessPoint[0];
            llc.Source = AccessPoint[^1];
            Emit(llc);
            return;
        }

        InputObject = InputObject is null ? new Packet([llc]) : InputObject / llc;
        Emit(new SnapLayer { Organization = Organization, Protocol = Has(nameof(Protocol)) ? Protocol : null });
    }
}
