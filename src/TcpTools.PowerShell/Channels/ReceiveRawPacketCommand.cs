using System;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Receives packets as they are: from an interface, from a link, or beside a stack's own processing.</summary>
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

    /// <summary>How many packets; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Ends after the packet for which the script says true.</summary>
    [Parameter]
    public ScriptBlock? Until { get; set; }

    /// <summary>Whatever comes until nothing more comes in time; no error when nothing does.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <summary>How long to wait for each.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 5;

    /// <summary>Which way the packets of an interface go.</summary>
    [Parameter]
    public FrameDirection Direction { get; set; }

    /// <summary>Frames for other stations too.</summary>
    [Parameter]
    public SwitchParameter Promiscuous { get; set; }

    /// <summary>How many packets wait at most.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Capacity { get; set; } = 65536;

    /// <summary>Bytes that the kernel may hold for an interface.</summary>
    [Parameter]
    [ValidateRange(1 << 20, 1 << 30)]
    public int BufferSize { get; set; } = 32 << 20;

    /// <summary>Who opens the interface or the file that -Link names: Kernel, or a driver such as SharpPcap.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DriverCompleter))]
    public string Driver { get; set; } = CaptureDrivers.Kernel;

    /// <summary>Writes bytes instead of packets.</summary>
    [Parameter]
    public SwitchParameter AsBytes { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        _channel?.Dispose();
        UseDriver(Driver, new CaptureDriverOptions { Promiscuous = Promiscuous, BufferSize = BufferSize });
        _channel = OpenKept();
        _channel.Listen(Filter is null ? null : PacketFilter.Compile(Filter, _channel.Start), Capacity);
        bool isUnlimited = All || Count == 0 || (Until is not null && !Has(nameof(Count)));
        Receive(_channel, isUnlimited ? long.MaxValue : Count);
        if (_channel.Dropped is > 0 and var dropped)
        {
            WriteWarning($"{dropped} frames came while the queue was full and are lost: give more -Capacity or -BufferSize, or a -Filter.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        base.Dispose(disposing);
    }

    private protected override IPacketChannel OpenInterface(string name) => InterfaceChannel.Open(name, Options);

    private protected override IPacketChannel OpenHost() => new HostChannel(Options);

    private InterfaceOptions Options => new()
    {
        Sniffs = true,
        Promiscuous = Promiscuous,
        Direction = Direction,
        BufferSize = BufferSize,
    };

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private void Receive(IPacketChannel channel, long wanted)
    {
        TimeSpan limit = All && !Has(nameof(TimeoutSec)) ? TimeSpan.FromMilliseconds(200) : Limit(TimeoutSec);
        for (long i = 0; i < wanted; i++)
        {
            Instant until = limit < TimeSpan.Zero ? Instant.Never : channel.Now + limit;
            if (channel.Receive(until, StopToken) is { } frame)
            {
                if (Write(frame))
                {
                    return;
                }

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

    /// <summary>The channel; for a stack the one that keeps its frames since something was sent over it.</summary>
    private IPacketChannel OpenKept()
    {
        if (TargetStack is not { } stack || State.TakeFramesOf(stack) is not { } kept)
        {
            return OpenChannel();
        }

        Subject = stack;
        return kept;
    }

    /// <summary>Writes the frame; whether it was the last one.</summary>
    private bool Write(RawFrame frame)
    {
        Packet packet = frame.ToPacket();
        if (AsBytes)
        {
            WriteObject(frame.Bytes.ToArray(), false);
        }
        else
        {
            WriteObject(packet);
        }

        return Until is not null
            && LanguagePrimitives.IsTrue(Until.InvokeWithContext(null, [new PSVariable("_", packet)]));
    }
}
