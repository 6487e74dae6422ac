using System;
using System.Management.Automation;
using System.Text;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Streams;

namespace TcpTools.PowerShell;

/// <summary>Follows TCP streams as they happen.</summary>
[Cmdlet(VerbsCommon.Watch, "TcpStream")]
[OutputType(typeof(TcpStreamEvent), typeof(TcpStream), typeof(TcpStreamLine), typeof(HttpExchange), typeof(string), typeof(byte[]))]
public sealed class WatchTcpStreamCommand : ChannelCmdlet
{
    private IPacketChannel? _channel;
    private long _left;

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

    /// <summary>Which packets to look at, in the language of tcpdump.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>What to make of the streams.</summary>
    [Parameter]
    public StreamOutput As { get; set; } = StreamOutput.Events;

    /// <summary>Which direction to show.</summary>
    [Parameter]
    public StreamDirections Direction { get; set; }

    /// <summary>How bytes become text.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>How many objects to write.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long Count { get; set; } = long.MaxValue;

    /// <summary>How long to watch.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = -1;

    /// <summary>Follows connections whose start was not seen.</summary>
    [Parameter]
    public SwitchParameter Midstream { get; set; }

    /// <summary>Which bytes count where segments overlap and differ.</summary>
    [Parameter]
    public StreamOverlapPolicy OverlapPolicy { get; set; } = TcpStreamSettings.Default.OverlapPolicy;

    /// <summary>What becomes of urgent data.</summary>
    [Parameter]
    public UrgentHandling UrgentData { get; set; }

    /// <summary>Verifies no checksum.</summary>
    [Parameter]
    public SwitchParameter NoChecksum { get; set; }

    /// <summary>Networks whose packets may have wrong checksums.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] IgnoreChecksum { get; set; } = [];

    /// <summary>How long a stream may be silent.</summary>
    [Parameter]
    [TimeoutTransform]
    [ValidateRange(0.001, double.MaxValue)]
    public double IdleTimeoutSec { get; set; } = TcpStreamSettings.Default.IdleTimeout.TotalSeconds;

    /// <summary>How many bytes of a stream are kept.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaximumBytes { get; set; } = TcpStreamRecorder.DefaultMaximumBytes;

    /// <summary>Keeps no data: only counts.</summary>
    [Parameter]
    public SwitchParameter Discard { get; set; }

    /// <summary>Frames that may wait while the pipeline is busy.</summary>
    [Parameter]
    [ValidateRange(1, 1 << 24)]
    public int QueueLength { get; set; } = 16384;

    /// <summary>Looks at frames for other stations too, where the network brings them.</summary>
    [Parameter]
    public SwitchParameter Promiscuous { get; set; }

    private InterfaceOptions Options => new() { Direction = FrameDirection.Unknown, Sniffs = true, Promiscuous = Promiscuous };

    private protected override IPacketChannel OpenInterface(string name) => InterfaceChannel.Open(name, Options);

    private protected override IPacketChannel OpenHost() => new HostChannel(Options);

    /// <inheritdoc/>
    protected override void Process()
    {
        _left = Count;
        StreamWarnings warnings = new(WriteWarning);
        StreamOutputOptions output = new()
        {
            As = As,
            Direction = Direction,
            Encoding = Encoding,
            MaximumBytes = Discard ? 0 : MaximumBytes,
        };
        TcpStreamSettings settings = new()
        {
            Midstream = Midstream,
            OverlapPolicy = OverlapPolicy,
            UrgentData = UrgentData,
            Checksums = ChecksumRules.From(NoChecksum, IgnoreChecksum),
            IdleTimeout = TimeSpan.FromSeconds(Math.Min(IdleTimeoutSec, int.MaxValue)),
        };
        TcpStreamAssembler assembler = new(output.MakeObserver(Write, warnings.Add), settings);
        _channel?.Dispose();
        _channel = OpenChannel();
        if (_channel is StackChannel stack)
        {
            stack.IncludesSent = true;
        }

        _channel.Listen(Filter is null ? null : PacketFilter.Compile(Filter, _channel.Start), QueueLength);
        Follow(_channel, assembler);
        if (_left > 0)
        {
            assembler.Finish();
        }

        warnings.Finish();
        if (_channel.Dropped > 0)
        {
            WriteWarning($"{_channel.Dropped} frames came too fast and were lost: a -Filter, or more -QueueLength, helps.");
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _channel?.Dispose();
        base.Dispose(disposing);
    }

    private void Follow(IPacketChannel channel, TcpStreamAssembler assembler)
    {
        TimeSpan limit = Limit(TimeoutSec);
        Instant end = limit < TimeSpan.Zero ? Instant.Never : channel.Now + limit;
        while (_left > 0)
        {
            Instant until = Instant.Earlier(end, NextDeadline(channel, assembler));
            if (channel.Receive(until, StopToken) is { } frame)
            {
                assembler.Receive(frame.Bytes.Span, frame.Start, StreamTime.From(frame.Timestamp), frame.WireLength);
                continue;
            }

            Instant now = channel.Now;
            assembler.Advance(StreamTime.From(channel.ToDateTime(now)));
            // A channel that gives up before its time, as a manual stack's does, has nothing more to give.
            if (now >= end || now < until)
            {
                return;
            }
        }
    }

    /// <summary>When streams may end by themselves, on the channel's clock.</summary>
    private static Instant NextDeadline(IPacketChannel channel, TcpStreamAssembler assembler)
    {
        if (assembler.NextDeadline.IsNever)
        {
            return Instant.Never;
        }

        Instant now = channel.Now;
        TimeSpan wait = assembler.NextDeadline - StreamTime.From(channel.ToDateTime(now));
        return now + (wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
    }

    private void Write(object value)
    {
        if (_left > 0)
        {
            _left--;
            WriteObject(value, false);
        }
    }
}
