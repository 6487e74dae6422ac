using System;
using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Counts what captures hold: protocols, conversations, TCP's troubles, a time series.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "PacketCapture", DefaultParameterSetName = "Path")]
[OutputType(typeof(CaptureStatistics), typeof(Conversation), typeof(TcpConversation), typeof(CaptureEndpoint), typeof(ProtocolCount), typeof(CaptureInterval))]
public sealed class MeasurePacketCaptureCommand : CaptureFileCmdlet
{
    private CaptureStatistics _statistics = null!;

    /// <summary>The files; wildcards may stand for several.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The files, by names in which no character stands for another.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The packets, from wherever they come.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Packet")]
    [PipedPacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Which packets of the files, in the language of tcpdump.</summary>
    [Parameter(ParameterSetName = "Path")]
    [Parameter(ParameterSetName = "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>Writes the conversations of a kind.</summary>
    [Parameter]
    public ConversationKind Conversation { get; set; }

    /// <summary>Writes what each address, or address and port, sent and received.</summary>
    [Parameter]
    public ConversationKind Endpoint { get; set; }

    /// <summary>Writes the protocols.</summary>
    [Parameter]
    public SwitchParameter Protocol { get; set; }

    /// <summary>Writes a time series of stretches so long.</summary>
    [Parameter]
    [TimeoutTransform]
    public double IntervalSec { get; set; }

    /// <summary>How many conversations of each kind are told apart.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumConversations { get; set; } = 65536;

    private protected override string? FilterText => Filter;

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (Has(nameof(IntervalSec)) && !(IntervalSec >= 1e-6))
        {
            throw new StackException(StackError.InvalidArgument, "An interval must be at least a microsecond long.");
        }

        _statistics = new CaptureStatistics(new CaptureStatisticsOptions
        {
            MaximumConversations = MaximumConversations,
            Interval = TimeSpan.FromSeconds(Math.Min(IntervalSec, 1e9)),
        });
        base.Begin();
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == "Packet")
        {
            _statistics.Add(InputObject);
            return;
        }

        bool isLiteral = ParameterSetName == "LiteralPath";
        ReadFiles(isLiteral ? LiteralPath : Path, isLiteral, follow: false);
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (Has(nameof(Conversation)))
        {
            WarnOfOthers(Conversation);
            WriteObject(_statistics.GetConversations(Conversation), true);
        }

        if (Has(nameof(Endpoint)))
        {
            WarnOfOthers(Endpoint);
            WriteObject(_statistics.GetEndpoints(Endpoint), true);
        }

        if (Protocol)
        {
            WriteObject(_statistics.Protocols, true);
        }

        if (Has(nameof(IntervalSec)))
        {
            WriteObject(_statistics.Intervals, true);
        }

        if (!Protocol && !Has(nameof(Conversation)) && !Has(nameof(Endpoint)) && !Has(nameof(IntervalSec)))
        {
            WriteObject(_statistics);
        }
    }

    private protected override bool Take(in CapturedFrame frame, long number)
    {
        _statistics.Add(in frame);
        return true;
    }

    private protected override void Finish(string path, PcapReader reader) => _statistics.AddNotes(reader);

    private bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    private void WarnOfOthers(ConversationKind kind)
    {
        if (_statistics.GetOtherPackets(kind) is > 0 and long others)
        {
            WriteWarning($"{others} packets are of more conversations than {MaximumConversations}; -MaximumConversations sets the limit.");
        }
    }
}
