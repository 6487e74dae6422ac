using System.Linq;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Tells whether packets are sound.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Packet", DefaultParameterSetName = "Boolean")]
[OutputType(typeof(bool), ParameterSetName = new[] { "Boolean" })]
[OutputType(typeof(PacketCheck), ParameterSetName = new[] { "Detailed" })]
public sealed class TestPacketCommand : TcpToolsCmdlet
{
    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Checks to leave out.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CheckNameCompleter))]
    public string[] Ignore { get; set; } = [];

    /// <summary>Suspicious is not sound either.</summary>
    [Parameter(ParameterSetName = "Boolean")]
    public SwitchParameter Strict { get; set; }

    /// <summary>Writes every check instead.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Detailed")]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        FieldPattern ignored = new(Ignore);
        PacketCheck[] checks = [.. PacketChecks.Of(InputObject).Where(check => !ignored.Matches($"{check.Layer}.{check.Name}"))];
        if (Detailed)
        {
            WriteObject(checks, true);
            return;
        }

        PacketCheckResult worst = Strict ? PacketCheckResult.Passed : PacketCheckResult.Suspicious;
        WriteObject(checks.All(check => check.Result <= worst));
    }
}
