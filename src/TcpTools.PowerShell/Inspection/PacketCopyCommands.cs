using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Copies packets.</summary>
[Cmdlet(VerbsCommon.Copy, "Packet")]
[OutputType(typeof(Packet))]
public sealed class CopyPacketCommand : TcpToolsCmdlet
{
    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>What the copies have instead.</summary>
    [Parameter(Position = 0)]
    public IDictionary? Property { get; set; }

    /// <summary>Lengths, checksums and the like are computed anew.</summary>
    [Parameter]
    public SwitchParameter Recompute { get; set; }

    /// <summary>How many copies of each.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        for (int i = 0; i < Count; i++)
        {
            Packet copy = InputObject.Copy();
            if (Recompute)
            {
                PacketReset.ComputeAll(copy);
            }

            foreach (DictionaryEntry entry in Property ?? new Hashtable())
            {
                PacketProperty.Write(copy, entry.Key.ToString() ?? "", entry.Value);
            }

            WriteObject(copy);
        }
    }
}

/// <summary>Writes the script that makes packets again.</summary>
[Cmdlet(VerbsData.ConvertTo, "PacketScript")]
[OutputType(typeof(string))]
public sealed class ConvertToPacketScriptCommand : TcpToolsCmdlet
{
    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <inheritdoc/>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "PowerShell loads whole assemblies.")]
    protected override void Process() => WriteObject(PacketScript.Write(InputObject));
}
