using System;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Makes a layer for a stack from scripts.</summary>
[Cmdlet(VerbsCommon.New, "StackLayer")]
[OutputType(typeof(StackLayer))]
public sealed class NewStackLayerCommand : TcpToolsCmdlet
{
    private const double ShortestInterval = 0.001;

    /// <summary>What to do with packets on their way up.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    public ScriptBlock? Receive { get; set; }

    /// <summary>What to do with packets on their way down.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNull]
    public ScriptBlock? Send { get; set; }

    /// <summary>What to do again and again.</summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Timer { get; set; }

    /// <summary>How often.</summary>
    [Parameter]
    [TimeoutTransform]
    public double IntervalSec { get; set; } = 1;

    /// <summary>Where the layer stands.</summary>
    [Parameter]
    public LayerPlace Place { get; set; }

    /// <summary>A name for the layer.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "script";

    /// <inheritdoc/>
    protected override void Process()
    {
        if (Receive is null && Send is null && Timer is null)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "A layer without scripts does nothing.",
                "Give -Receive, -Send or -Timer: New-StackLayer -Send { param($packet) $packet.IP.TimeToLive = 9; $packet }.");
        }

        if (IntervalSec < ShortestInterval)
        {
            throw new StackException(StackError.InvalidArgument, "A timer's interval is a millisecond at least.", "Write -IntervalSec 0.5, or '500ms'.");
        }

        WriteObject(new ScriptLayer(Name, Place, Receive, Send, Timer, TimeSpan.FromSeconds(IntervalSec), SessionState));
    }
}
