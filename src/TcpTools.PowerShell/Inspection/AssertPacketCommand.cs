using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Ends with an error when packets are not as expected.</summary>
[Cmdlet(VerbsLifecycle.Assert, "Packet", DefaultParameterSetName = "Property")]
[OutputType(typeof(Packet))]
public sealed class AssertPacketCommand : TcpToolsCmdlet
{
    private int _count;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Fields and what they have to be.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Property")]
    public IDictionary Property { get; set; } = null!;

    /// <summary>The packet that they have to be like.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Expected")]
    [PacketTransform]
    public Packet Expected { get; set; } = null!;

    /// <summary>Fields that may differ.</summary>
    [Parameter(ParameterSetName = "Expected")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FieldNameCompleter))]
    public string[] Ignore { get; set; } = [];

    /// <summary>They have to be sound.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Sound")]
    public SwitchParameter Sound { get; set; }

    /// <summary>Why, for the message.</summary>
    [Parameter]
    public string Because { get; set; } = "";

    /// <summary>Writes the packets on.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        _count++;
        (string Field, string Expected, string Actual)[] wrong = [.. ParameterSetName switch
        {
            "Property" => CheckProperties(),
            "Sound" => PacketChecks.Of(InputObject).Where(check => check.Result == PacketCheckResult.Failed)
                .Select(check => ($"{check.Layer}.{check.Name}", "sound", check.Message)),
            _ => PacketDifference.Between(Expected, InputObject, new FieldPattern(Ignore))
                .Select(difference => (difference.Path, difference.ReferenceText, difference.DifferenceText)),
        }];
        if (wrong.Length > 0)
        {
            string number = _count > 1 ? $"Packet {_count}" : "The packet";
            string fields = wrong.Length == 1 ? "1 field" : $"{wrong.Length} fields";
            Fail("PacketMismatch", $"{number} is not as expected in {fields}{Reason()}: {InputObject}{DifferenceReport.Render(wrong)}", InputObject);
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_count == 0)
        {
            Fail("NoPacket", $"There is no packet to look at{Reason()}.", null);
        }
    }

    private IEnumerable<(string Field, string Expected, string Actual)> CheckProperties()
    {
        foreach (DictionaryEntry entry in Property)
        {
            string path = entry.Key.ToString() ?? "";
            object? actual = PacketProperty.Read(InputObject, path);
            if (!PacketProperty.IsAsExpected(actual, entry.Value))
            {
                yield return (path, PacketProperty.Show(entry.Value), PacketProperty.Show(actual));
            }
        }
    }

    private string Reason() => Because.Length == 0 ? "" : $", because {Because}";

    private void Fail(string id, string message, object? target) => ThrowTerminatingError(Errors.Make(
        id, ErrorCategory.InvalidResult, message, target, "Compare-Packet and Format-Packet show more."));
}
