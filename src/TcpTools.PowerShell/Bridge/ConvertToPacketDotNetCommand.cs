using System.Management.Automation;
using TcpTools.Capture;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Packets as objects of PacketDotNet's or SharpPcap's.</summary>
[Cmdlet(VerbsData.ConvertTo, "PacketDotNet")]
[OutputType("PacketDotNet.Packet", "SharpPcap.RawCapture")]
public sealed class ConvertToPacketDotNetCommand : TcpToolsCmdlet
{
    private ICaptureDriver? _driver;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>Writes frames as SharpPcap captures them, with their time.</summary>
    [Parameter]
    public SwitchParameter AsRawCapture { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => _driver = RequireDriver(CaptureDrivers.SharpPcap);

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = InputObject;
        WriteObject(_driver!.ConvertPacket(InputObject, AsRawCapture), false);
    }
}
