using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Builds a header of generic routing encapsulation.</summary>
[Cmdlet(VerbsCommon.New, "GreHeader")]
[OutputType(typeof(Packet))]
public sealed class NewGreHeaderCommand : PacketCmdlet
{
    /// <summary>The key.</summary>
    [Parameter(Position = 0)]
    public uint Key { get; set; }

    /// <summary>The sequence number.</summary>
    [Parameter]
    public uint Sequence { get; set; }

    /// <summary>Has a checksum over the header and what is inside.</summary>
    [Parameter]
    public SwitchParameter WithChecksum { get; set; }

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    public ushort Checksum { get; set; }

    /// <summary>What the header carries, instead of the type of the layer inside.</summary>
    [Parameter]
    public ushort Protocol { get; set; }

    /// <inheritdoc/>
    protected override void Process() => Emit(new GreLayer
    {
        Key = Has(nameof(Key)) ? Key : null,
        Sequence = Has(nameof(Sequence)) ? Sequence : null,
        HasChecksum = WithChecksum,
        Checksum = Has(nameof(Checksum)) ? Checksum : null,
        Protocol = Has(nameof(Protocol)) ? Protocol : null,
    });
}

/// <summary>Builds a stack of labels.</summary>
[Cmdlet(VerbsCommon.New, "MplsLabel")]
[OutputType(typeof(Packet))]
public sealed class NewMplsLabelCommand : PacketCmdlet
{
    /// <summary>The labels, outermost first.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateRange(0, (1 << 20) - 1)]
    public int[] Label { get; set; } = [];

    /// <summary>The traffic class of all of them.</summary>
    [Parameter]
    [ValidateRange(0, 7)]
    public int TrafficClass { get; set; }

    /// <summary>Through how many routers they may go.</summary>
    [Parameter]
    [Alias("Ttl")]
    public byte TimeToLive { get; set; } = 64;

    /// <summary>Says of the last label that others follow.</summary>
    [Parameter]
    public SwitchParameter NoBottom { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        MplsLayer[] stack = [.. Label.Select(label => new MplsLayer
        {
            Label = label,
            TrafficClass = (byte)TrafficClass,
            TimeToLive = TimeToLive,
        })];
        stack[^1].IsBottom = NoBottom ? false : null;
        if (stack.Length > 1)
        {
            Packet outer = new(stack[..^1]);
            InputObject = InputObject is null ? outer : InputObject / outer;
        }

        Emit(stack[^1]);
    }
}
