using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Sends packets as they are, over a link or over a stack's link.</summary>
[Cmdlet(VerbsCommunications.Send, "RawPacket", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Packet))]
public sealed class SendRawPacketCommand : ChannelCmdlet
{
    private IPacketChannel? _channel;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <inheritdoc/>
    [Parameter(Position = 1)]
    [LinkTargetTransform]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public override LinkTarget? Link { get; set; }

    /// <summary>How often to send each.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Writes the packets.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        _channel = OpenChannel();
        if (_channel is StackChannel { Stack: var stack })
        {
            // An answer may be back before anybody asks for it.
            State.KeepFramesOf(stack);
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        if (!ShouldProcess($"{InputObject} over {_channel!.Name}", "Send the packet"))
        {
            return;
        }

        for (int i = 0; i < Count && !StopToken.IsCancellationRequested; i++)
        {
            _channel.Send(InputObject);
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        base.Dispose(disposing);
    }
}
