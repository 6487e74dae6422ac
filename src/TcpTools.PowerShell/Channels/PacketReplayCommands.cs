using System.Collections.Generic;
using System.Management.Automation;
using System.Net;
using TcpTools.Capture;
using TcpTools.Packets;
using TcpTools.Replay;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Makes a link of a record of packets, on which a stack takes the place of one of its hosts.</summary>
[Cmdlet(VerbsCommon.New, "PacketReplay", DefaultParameterSetName = "Path")]
[OutputType(typeof(PacketReplay))]
public sealed class NewPacketReplayCommand : CaptureFileCmdlet
{
    private readonly List<Packet> _packets = [];

    /// <summary>Capture files, one behind the other.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [Alias("FullName")]
    public string[] Path { get; set; } = [];

    /// <summary>The packets themselves.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Packet", ValueFromPipeline = true)]
    [PacketTransform]
    public Packet Packet { get; set; } = null!;

    /// <summary>The address in the record whose place the stack takes.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [AddressTransform]
    [Alias("IPAddress")]
    public IPAddress Address { get; set; } = null!;

    /// <summary>Which frames of the files are taken.</summary>
    [Parameter(ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    public string? Filter { get; set; }

    /// <summary>When packets are delivered.</summary>
    [Parameter]
    public ReplayPacing Pacing { get; set; }

    /// <summary>The link's name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "replay";

    /// <summary>The link's MTU in bytes.</summary>
    [Parameter]
    [ValidateRange(68, 65535)]
    public int Mtu { get; set; }

    private protected override string? FilterText => Filter;

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == "Path")
        {
            ReadFiles(Path, isLiteral: false, follow: false);
        }
        else
        {
            _packets.Add(Packet);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_packets.Count > 0)
        {
            Subject = Address;
            WriteObject(new PacketReplay(
                _packets, new ReplayOptions { Address = NetworkAddress.From(Address), Pacing = Pacing, Name = Name, Mtu = Mtu }));
        }
    }

    private protected override bool Take(in CapturedFrame frame, long number)
    {
        _packets.Add(frame.Parse(number));
        return true;
    }
}

/// <summary>Tells whether a stack on a replay has done what the host in the record did.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PacketReplay")]
[OutputType(typeof(bool), typeof(ReplayStep))]
public sealed class TestPacketReplayCommand : TcpToolsCmdlet
{
    /// <summary>The replay.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public PacketReplay Replay { get; set; } = null!;

    /// <summary>Fields that may differ.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(FieldNameCompleter))]
    public string[] Ignore { get; set; } = [.. ReplayOptions.UsualIgnored];

    /// <summary>The very packets of the record are wanted, no fewer and no more.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>Writes what became of each packet.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        ReplayResult result = Replay.Compare(Ignore);
        if (Detailed)
        {
            WriteObject(result.Steps, true);
            return;
        }

        WriteVerbose(result.ToString());
        WriteObject(result.IsFinished && (Strict ? result.IsSame : result.IsEquivalent));
    }
}
