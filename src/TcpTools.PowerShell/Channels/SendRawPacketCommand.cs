using System;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Sends packets as they are: over a stack's link, a link, an interface, or the host's routes.</summary>
[Cmdlet(VerbsCommunications.Send, "RawPacket", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(Packet))]
public sealed class SendRawPacketCommand : ChannelCmdlet
{
    private const string HostKey = "";

    private IPacketChannel? _channel;
    private string? _key;
    private bool _asks;
    private Instant _start;
    private long _sent;
    private DateTimeOffset? _firstTime;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <inheritdoc/>
    [Parameter(Position = 1)]
    [LinkTargetTransform]
    [ArgumentCompleter(typeof(InterfaceCompleter))]
    public override LinkTarget? Link { get; set; }

    /// <summary>How often to send each; 0 for ever.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Packets a second.</summary>
    [Parameter]
    [ValidateRange(0.001, 1e7)]
    public double Rate { get; set; }

    /// <summary>Milliseconds from one packet to the next.</summary>
    [Parameter]
    [ValidateRange(0.0, 1e9)]
    [Alias("Interval")]
    public double IntervalMilliseconds { get; set; }

    /// <summary>Waits between packets as long as their timestamps are apart.</summary>
    [Parameter]
    public SwitchParameter Realtime { get; set; }

    /// <summary>How many times as fast as recorded.</summary>
    [Parameter]
    [ValidateRange(1e-6, 1e6)]
    public double Speed { get; set; } = 1;

    /// <summary>Who opens the interface or the file that -Link names: Kernel, or a driver such as SharpPcap.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DriverCompleter))]
    public string Driver { get; set; } = CaptureDrivers.Kernel;

    /// <summary>Writes the packets.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        bool hasRate = Has(nameof(Rate));
        bool hasInterval = Has(nameof(IntervalMilliseconds));
        if ((hasRate ? 1 : 0) + (hasInterval ? 1 : 0) + (Realtime ? 1 : 0) > 1)
        {
            throw new StackException(
                StackError.InvalidArgument, "-Rate, -IntervalMilliseconds and -Realtime exclude one another.", "Give one of them.");
        }

        IntervalMilliseconds = hasRate ? 1000 / Rate : IntervalMilliseconds;
        // To put a packet into words costs more than to send it: only where somebody may see them.
        _asks = Has("WhatIf") || Has("Confirm") || Has("Verbose") || IsOn("WhatIfPreference")
            || GetVariableValue("ConfirmPreference") is ConfirmImpact.Low || $"{GetVariableValue("VerbosePreference")}" != "SilentlyContinue";
        UseDriver(Driver, new CaptureDriverOptions());
        _channel = Open();
        if (_channel is StackChannel { Stack: var stack })
        {
            // An answer may be back before anybody asks for it.
            State.KeepFramesOf(stack);
        }

        _start = _channel.Now;
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        IPacketChannel channel = _channel!;
        if (_asks && !ShouldProcess($"{InputObject} over {channel.Name}", "Send the packet"))
        {
            return;
        }

        Packet packet = channel.Complete(InputObject);
        bool isReady = packet.Start == channel.Start;
        ReadOnlyMemory<byte> bytes = isReady ? packet.AsMemory() : default;
        for (int i = 0; Count == 0 || i < Count; i++)
        {
            StopToken.ThrowIfCancellationRequested();
            Pace(channel);
            if (isReady)
            {
                channel.Send(bytes.Span);
            }
            else
            {
                channel.Send(packet);
            }

            _sent++;
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        WriteVerbose($"{_sent} packets in {(_channel!.Now - _start).TotalSeconds:F3} s.");
        _channel.Flush(_channel.Now + TimeSpan.FromSeconds(5), StopToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_channel is null)
        {
            return;
        }

        if (_key is not null && !Stopping)
        {
            State.Senders.Return(_key, _channel);
        }
        else
        {
            _channel.Dispose();
        }

        _channel = null;
        base.Dispose(disposing);
    }

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private bool IsOn(string variable) => LanguagePrimitives.IsTrue(GetVariableValue(variable));

    /// <summary>Opens the channel, or takes the one that the last call left open.</summary>
    private IPacketChannel Open()
    {
        if (TargetStack is not null || Link is { IsInterface: false })
        {
            return OpenChannel();
        }

        Subject = Link;
        _key = Link?.Name ?? HostKey;
        return State.Senders.Rent(_key, IsGood, OpenChannel);
    }

    /// <summary>Whether the interface is still the one that the channel was opened on.</summary>
    private static bool IsGood(IPacketChannel channel) =>
        channel is not InterfaceChannel { Interface: var place } || PacketInterface.IsCurrent(place);

    private void Pace(IPacketChannel channel)
    {
        if (Realtime)
        {
            if (InputObject.Timestamp is { } time)
            {
                _firstTime ??= time;
                channel.Wait(_start + ((time - _firstTime.Value) / Speed), StopToken);
            }
        }
        else if (IntervalMilliseconds > 0)
        {
            // From the start, not from the last one: being late once must not add up.
            channel.Wait(_start + TimeSpan.FromTicks((long)(_sent * IntervalMilliseconds * TimeSpan.TicksPerMillisecond)), StopToken);
        }
    }
}
