using System;
using System.Collections.Generic;
using System.Management.Automation;
using TcpTools.Inspection;

namespace TcpTools.PowerShell;

/// <summary>
/// What the cmdlets have in common that write lines: each line is a plain string, which tests and files get as it is; where
/// the host shows colours, it has the coloured text beside it for the view.
/// </summary>
public abstract class InspectionCmdlet : TcpToolsCmdlet
{
    /// <summary>The name of the view for lines.</summary>
    private static readonly string s_lineType = typeof(PacketLine).FullName!;

    private bool _hasColors;

    /// <inheritdoc/>
    protected override void Begin() => _hasColors = Host?.UI?.SupportsVirtualTerminal == true;

    /// <summary>Writes lines.</summary>
    private protected void Write(IEnumerable<PacketLine> lines)
    {
        foreach (PacketLine line in lines)
        {
            if (!_hasColors)
            {
                WriteObject(line.ToString());
                continue;
            }

            PSObject text = new(line.ToString());
            text.TypeNames.Insert(0, s_lineType);
            text.Properties.Add(new PSNoteProperty("Colored", line.ToString(Color, "\e[0m")));
            WriteObject(text);
        }
    }

    private static string Color(LineRole role) => role switch
    {
        LineRole.Layer => "\e[1m",
        LineRole.Name => "\e[36m",
        LineRole.Place => "\e[90m",
        LineRole.Computed => "\e[32m",
        LineRole.Fixed => "\e[33;1m",
        LineRole.Different => "\e[31;1m",
        _ => "",
    };
}
