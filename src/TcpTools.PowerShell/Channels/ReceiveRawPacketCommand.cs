using System;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Receives packets as they are, from a link or beside a stack's own processing.</summary>
[Cmdlet(VerbsCommunications.Receive, "RawPacket")]
[OutputType(typeof(Packet), typeof(byte[]))]
public sealed class ReceiveRawPacketCommand : ChannelCmdlet
{
    private IPacketChannel? _channel;

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public override TcpStack? Stack { get; set; }

    /// <inheritdoc/>
    [Parameter(Position = 0)]
    [LinkTargetTransform]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public override LinkTarget? Link { get; set; }

    /// <summary>Which packets, in tcpdump's language.</summary>
    [Parameter]
    public string? Filter { get; set; }

    /// <summary>How many packets.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Whatever comes until nothing more comes in time; no error when nothing does.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>How long to wait for each.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 5;

    /// <summary>Writes bytes instead of packets.</summary>
    [Parameter]
    public SwitchParameter AsBytes { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        _channel?.Dispose();
        _channel = Open();
        _channel.Listen(Filter is null ? null : PacketFilter.Compile(Filter, _channel.Start));
        TimeSpan limit = All && !MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSec))
            ? TimeSpan.FromMilliseconds(200)
            : Limit(TimeoutSec);
        long wanted = All ? long.MaxValue : Count;
        for (long i = 0; i < wanted; i++)
        {
            Instant until = limit < TimeSpan.Zero ? Instant.Never : _channel.Now + limit;
            if (_channel.Receive(until, StopToken) is { } frame)
            {
                Write(frame);
                continue;
            }

            if (!All)
            {
                throw new StackException(
                    StackError.TimedOut, "No packet came in time.", "Try again, or give more -TimeoutSec.");
            }

            return;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The channel; for a stack the one that keeps its frames since something was sent over it.</summary>
    private IPacketChannel Open()
    {
        if (TargetStack is not { } stack || State.TakeFramesOf(stack) is not { } kept)
        {
            return OpenChannel();
        }

        Subject = stack;
        return kept;
    }

    private void Write(RawFrame frame)
    {
        if (AsBytes)
        {
            WriteObject(frame.Bytes.ToArray(), false);
            return;
        }

        WriteObject(frame.ToPacket());
    }
}
