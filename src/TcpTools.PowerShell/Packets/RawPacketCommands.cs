using System;
using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Sends packets as they are, over a link or over a stack's link.</summary>
[Cmdlet(VerbsCommunications.Send, "RawPacket", DefaultParameterSetName = "Stack", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Packet))]
public sealed class SendRawPacketCommand : TcpToolsCmdlet
{
    private LinkPort? _port;

    internal static LinkPort Open(ILink link)
    {
        LinkClaims.ThrowIfTaken(link, "Name the stack with -Stack instead, or a link that no stack has.");
        return new LinkPort(link);
    }

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>The stack whose link to use.</summary>
    [Parameter(ParameterSetName = "Stack")]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>The link to use, such as a wire's end that no stack has.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Link")]
    [LinkTransform]
    public ILink Link { get; set; } = null!;

    /// <summary>How often to send each.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Writes the packets.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        TcpStack? stack = ParameterSetName == "Link" ? null : RequireStack(Stack);
        string where = stack?.Name ?? Link.Name;
        if (!ShouldProcess($"{InputObject} over {where}", "Send the packet"))
        {
            return;
        }

        byte[] bytes = InputObject.ToBytes();
        if (stack is not null)
        {
            // An answer may be back before anybody asks for it.
            State.KeepFramesOf(stack);
        }
        else
        {
            _port ??= Open(Link);
        }

        for (int i = 0; i < Count && !StopToken.IsCancellationRequested; i++)
        {
            if (stack is not null)
            {
                stack.SendRaw(bytes);
            }
            else
            {
                _port!.Send(bytes);
            }
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _port?.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Receives packets as they are, from a link or beside a stack's own processing.</summary>
[Cmdlet(VerbsCommunications.Receive, "RawPacket", DefaultParameterSetName = "Stack")]
[OutputType(typeof(Packet), typeof(byte[]))]
public sealed class ReceiveRawPacketCommand : TcpToolsCmdlet
{
    private LinkPort? _port;
    private RawReceiver? _receiver;

    /// <summary>The stack whose link to watch.</summary>
    [Parameter(Position = 0, ParameterSetName = "Stack", ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>The link to receive from, such as a wire's end that no stack has.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Link")]
    [LinkTransform]
    public ILink Link { get; set; } = null!;

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
        TcpStack? stack = ParameterSetName == "Link" ? null : RequireStack(Stack);
        Subject = stack ?? (object)Link;
        TimeSpan limit = All && !MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSec))
            ? TimeSpan.FromMilliseconds(200)
            : Limit(TimeoutSec);
        long wanted = All ? long.MaxValue : Count;
        for (long i = 0; i < wanted; i++)
        {
            if (!(stack is null ? TryFromLink(limit) : TryFromStack(stack, limit)))
            {
                if (!All)
                {
                    throw new StackException(
                        StackError.TimedOut, "No packet came in time.", "Try again, or give more -TimeoutSec.");
                }

                return;
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _receiver?.Dispose();
        _port?.Dispose();
        base.Dispose(disposing);
    }

    private bool TryFromStack(TcpStack stack, TimeSpan limit)
    {
        _receiver ??= State.TakeFramesOf(stack) ?? stack.OpenRawReceiver();
        RawFrame? frame = _receiver.Receive(IsManual(stack) ? TimeSpan.Zero : limit, StopToken);
        if (frame is null)
        {
            return false;
        }

        Write(frame.Bytes.ToArray(), frame.Medium);
        return true;
    }

    private bool TryFromLink(TimeSpan limit)
    {
        _port ??= SendRawPacketCommand.Open(Link);
        byte[]? frame = null;
        if (State.Clock is { } clock)
        {
            // A stack in simulated time may be at the wire's other end: it answers when its time goes on.
            clock.Network.RunUntil(() => (frame ??= _port.TryReceive()) is not null || Stopping, limit);
            StopToken.ThrowIfCancellationRequested();
        }

        frame ??= _port.Receive(State.Clock is null ? limit : TimeSpan.Zero, StopToken);
        if (frame is null)
        {
            return false;
        }

        Write(frame, Link.Capabilities.Medium);
        return true;
    }

    private void Write(byte[] frame, LinkMedium medium)
    {
        if (AsBytes)
        {
            WriteObject(frame, false);
            return;
        }

        Packet packet = Packet.Parse(frame, medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP);
        packet.Timestamp = DateTimeOffset.Now;
        WriteObject(packet);
    }
}
