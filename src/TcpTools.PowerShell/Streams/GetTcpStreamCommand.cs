using System;
using System.IO;
using System.Management.Automation;
using System.Text;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Streams;

namespace TcpTools.PowerShell;

/// <summary>Puts the TCP streams in packets or in capture files together.</summary>
[Cmdlet(VerbsCommon.Get, "TcpStream", DefaultParameterSetName = "Packet")]
[OutputType(typeof(TcpStream), typeof(TcpStreamEvent), typeof(TcpStreamLine), typeof(HttpExchange), typeof(string), typeof(byte[]))]
public sealed class GetTcpStreamCommand : CaptureFileCmdlet
{
    private TcpStreamAssembler _assembler = null!;
    private StreamWarnings _warnings = null!;
    private CaptureFrameFilter? _filter;

    /// <summary>The packets, or capture files.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Packet")]
    [PacketOrFileTransform]
    public object InputObject { get; set; } = null!;

    /// <summary>Capture files; wildcards may stand for several.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>Capture files, by names in which no character stands for another.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>Which packets to look at, in the language of tcpdump.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>What to make of the streams.</summary>
    [Parameter]
    public StreamOutput As { get; set; }

    /// <summary>Which direction to show.</summary>
    [Parameter]
    public StreamDirections Direction { get; set; }

    /// <summary>How bytes become text.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>Follows connections whose start is not there.</summary>
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

    /// <summary>How many streams are followed at a time.</summary>
    [Parameter]
    [ValidateRange(1, 16_000_000)]
    public int MaximumStreams { get; set; } = TcpStreamSettings.Default.MaximumStreams;

    /// <summary>How many bytes of a stream are kept.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long MaximumBytes { get; set; } = TcpStreamRecorder.DefaultMaximumBytes;

    /// <summary>Keeps no data: only counts.</summary>
    [Parameter]
    public SwitchParameter Discard { get; set; }

    /// <summary>Shows handshakes that led to nothing as well.</summary>
    [Parameter]
    public SwitchParameter IncludeUnopened { get; set; }

    private protected override string? FilterText => Filter;

    /// <inheritdoc/>
    protected override void Begin()
    {
        base.Begin();
        _filter = Filter is null ? null : new CaptureFrameFilter(Filter);
        _warnings = new StreamWarnings(WriteWarning);
        StreamOutputOptions output = new()
        {
            As = As,
            Direction = Direction,
            Encoding = Encoding,
            MaximumBytes = Discard ? 0 : MaximumBytes,
            IncludeUnopened = IncludeUnopened,
        };
        TcpStreamSettings settings = new()
        {
            Midstream = Midstream,
            OverlapPolicy = OverlapPolicy,
            UrgentData = UrgentData,
            Checksums = ChecksumRules.From(NoChecksum, IgnoreChecksum),
            IdleTimeout = TimeSpan.FromSeconds(Math.Min(IdleTimeoutSec, int.MaxValue)),
            MaximumStreams = MaximumStreams,
        };
        _assembler = new TcpStreamAssembler(output.MakeObserver(o => WriteObject(o, false), _warnings.Add), settings);
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        // Several files are taken as one record, in the order in which they are named.
        switch (ParameterSetName)
        {
            case "Path":
                ReadFiles(Path, isLiteral: false, follow: false);
                break;
            case "LiteralPath":
                ReadFiles(LiteralPath, isLiteral: true, follow: false);
                break;
            case var _ when InputObject is FileInfo file:
                ReadFiles([file.FullName], isLiteral: true, follow: false);
                break;
            default:
                Take((Packet)InputObject);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        _assembler.Finish();
        _warnings.Finish();
    }

    private protected override bool Take(in CapturedFrame frame, long number)
    {
        _assembler.Receive(in frame);
        return true;
    }

    private void Take(Packet packet)
    {
        byte[] bytes = packet.ToBytes();
        if (_filter?.Matches(bytes, packet.Start) ?? true)
        {
            // Packets that were made and never seen come all at once.
            Instant time = packet.TimestampNanoseconds is { } seen ? StreamTime.From(new CaptureTime(seen)) : _assembler.Now;
            _assembler.Receive(bytes, packet.Start, time, packet.WireLength);
        }
    }
}
