using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Compares packets field by field.</summary>
[Cmdlet(VerbsData.Compare, "Packet", DefaultParameterSetName = "Fields")]
[OutputType(typeof(PacketDifference), ParameterSetName = new[] { "Fields" })]
[OutputType(typeof(string), ParameterSetName = new[] { "Hex" })]
public sealed class ComparePacketCommand : InspectionCmdlet
{
    /// <summary>The packet to compare with.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [PacketTransform]
    [Alias("Reference")]
    public Packet ReferenceObject { get; set; } = null!;

    /// <summary>The packets to compare.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [PacketTransform]
    [Alias("Difference")]
    public Packet DifferenceObject { get; set; } = null!;

    /// <summary>Fields that may differ.</summary>
    [Parameter(ParameterSetName = "Fields")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FieldNameCompleter))]
    public string[] Ignore { get; set; } = [];

    /// <summary>Leaves out what was computed in both.</summary>
    [Parameter(ParameterSetName = "Fields")]
    public SwitchParameter IgnoreComputed { get; set; }

    /// <summary>Shows the bytes of both, with marks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Hex")]
    public SwitchParameter AsHex { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (AsHex)
        {
            Write(PacketHexView.RenderDifference(ReferenceObject.ToBytes(), DifferenceObject.ToBytes()));
            return;
        }

        IEnumerable<PacketDifference> found = PacketDifference.Between(ReferenceObject, DifferenceObject, new FieldPattern(Ignore));
        WriteObject(found.Where(difference => !IgnoreComputed || !difference.IsConsequence), true);
    }
}
