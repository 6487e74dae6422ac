using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Reads packets from capture files, one after the other as they are needed.</summary>
[Cmdlet(VerbsData.Import, "PacketCapture", DefaultParameterSetName = "Path")]
[OutputType(typeof(Packet), typeof(byte[]))]
public sealed class ImportPacketCaptureCommand : CaptureFileCmdlet
{
    private long _left;
    private long _toSkip;
    private ICaptureDriver? _driver;

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

    /// <summary>Which packets, in the language of tcpdump.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>How many packets at most.</summary>
    [Parameter]
    [Alias("Count")]
    [ValidateRange(1, long.MaxValue)]
    public long First { get; set; } = long.MaxValue;

    /// <summary>How many packets to leave out first.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Skip { get; set; }

    /// <summary>Waits at the end of a file for what is still written to it.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <summary>Writes bytes instead of packets.</summary>
    [Parameter]
    public SwitchParameter AsBytes { get; set; }

    /// <summary>Who reads the files: Kernel for our own reader, or a driver such as SharpPcap.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(DriverCompleter))]
    public string Driver { get; set; } = CaptureDrivers.Kernel;

    private protected override string? FilterText => Filter;

    /// <inheritdoc/>
    protected override void Begin()
    {
        _left = First;
        _toSkip = Skip;
        _driver = RequireDriver(Driver);
        base.Begin();
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (_left > 0)
        {
            bool isLiteral = ParameterSetName == "LiteralPath";
            ReadFiles(isLiteral ? LiteralPath : Path, isLiteral, Wait);
        }
    }

    private protected override bool Take(in CapturedFrame frame, long number)
    {
        if (_toSkip > 0)
        {
            _toSkip--;
            return true;
        }

        if (AsBytes)
        {
            WriteObject(frame.Bytes.ToArray(), false);
        }
        else
        {
            WriteObject(frame.Parse(number));
        }

        return --_left > 0;
    }

    private protected override bool TryReadOtherwise(string path, out bool wantsMore)
    {
        wantsMore = true;
        if (_driver is null)
        {
            return false;
        }

        foreach (Packet packet in _driver.ReadFile(path, Filter))
        {
            StopToken.ThrowIfCancellationRequested();
            if (_toSkip > 0)
            {
                _toSkip--;
                continue;
            }

            WriteObject(AsBytes ? packet.ToBytes() : packet, false);
            if (--_left <= 0)
            {
                wantsMore = false;
                break;
            }
        }

        return true;
    }
}
