using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Lists the captures that were started in this runspace and not stopped.</summary>
[Cmdlet(VerbsCommon.Get, "PacketCapture")]
[OutputType(typeof(BackgroundCapture))]
public sealed class GetPacketCaptureCommand : TcpToolsCmdlet
{
    /// <summary>Their numbers; by default all.</summary>
    [Parameter(Position = 0)]
    public long[]? Id { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IReadOnlyList<BackgroundCapture> captures = State.Captures.Items;
        foreach (long id in Id ?? [])
        {
            if (captures.All(c => c.Id != id))
            {
                WriteError(Errors.Make(
                    "CaptureNotFound", ErrorCategory.ObjectNotFound, $"There is no capture {id} in this runspace.", id, "Get-PacketCapture lists them."));
            }
        }

        foreach (BackgroundCapture capture in captures.Where(c => Id is null || Id.Contains(c.Id)))
        {
            WriteObject(capture);
        }
    }
}

/// <summary>Stops captures.</summary>
[Cmdlet(VerbsLifecycle.Stop, "PacketCapture", DefaultParameterSetName = "All", SupportsShouldProcess = true)]
[OutputType(typeof(BackgroundCapture), typeof(Packet))]
public sealed class StopPacketCaptureCommand : TcpToolsCmdlet
{
    /// <summary>The captures.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Given")]
    public BackgroundCapture[] Capture { get; set; } = [];

    /// <summary>Their numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id")]
    public long[] Id { get; set; } = [];

    /// <summary>Writes what was captured: the packets in memory, or the capture with its files.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IReadOnlyList<BackgroundCapture> all = State.Captures.Items;
        BackgroundCapture[] chosen = ParameterSetName switch
        {
            "Given" => Capture,
            "Id" => [.. all.Where(c => Id.Contains(c.Id))],
            _ => [.. all],
        };
        if (ParameterSetName == "Id" && chosen.Length < Id.Distinct().Count())
        {
            WriteError(Errors.Make(
                "CaptureNotFound", ErrorCategory.ObjectNotFound, "There is no such capture in this runspace.", Id, "Get-PacketCapture lists them."));
        }

        foreach (BackgroundCapture capture in chosen)
        {
            Subject = capture;
            if (ShouldProcess(capture.ToString(), "Stop the capture"))
            {
                Stop(capture);
            }
        }
    }

    private void Stop(BackgroundCapture capture)
    {
        capture.Stop();
        State.Captures.Remove(capture);
        if (capture.Failure is { } failure)
        {
            WriteError(Errors.Make(
                "CaptureEnded", ErrorCategory.ResourceUnavailable, $"The capture had ended before: {failure.Message}", capture, "What was captured until then is there."));
        }

        if (capture.Dropped is > 0 and var dropped)
        {
            WriteWarning($"{dropped} frames are lost for want of room: give more -Capacity or -BufferSize, or a -Filter.");
        }

        if (!PassThru)
        {
            return;
        }

        if (capture.Sink is not MemoryCaptureSink memory)
        {
            WriteObject(capture);
            return;
        }

        foreach (CapturedPacket frame in memory.Drain())
        {
            StopToken.ThrowIfCancellationRequested();
            WriteObject(PacketInput.TryRead(frame));
        }
    }
}
