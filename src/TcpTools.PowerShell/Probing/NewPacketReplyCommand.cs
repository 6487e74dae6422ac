using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Probing;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Makes the packet that answers another.</summary>
[Cmdlet(VerbsCommon.New, "PacketReply", DefaultParameterSetName = "Usual")]
[OutputType(typeof(Packet))]
public sealed class NewPacketReplyCommand : TcpToolsCmdlet
{
    /// <summary>The packet to answer.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>A reset instead of the usual answer.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Reset")]
    public SwitchParameter Reset { get; set; }

    /// <summary>An ICMP error, destination unreachable, instead of the usual answer.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Unreachable")]
    public SwitchParameter Unreachable { get; set; }

    /// <summary>The error's code.</summary>
    [Parameter(ParameterSetName = "Unreachable")]
    public byte Code { get; set; } = IcmpCode.PortUnreachable;

    /// <summary>The Ethernet address that the answer comes from.</summary>
    [Parameter]
    [MacAddressTransform]
    public MacAddress? MacAddress { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Packet? reply = ParameterSetName switch
        {
            "Reset" => PacketReply.ResetFor(InputObject, MacAddress),
            "Unreachable" => PacketReply.ErrorFor(InputObject, code: Code, address: MacAddress),
            _ => PacketReply.For(InputObject, MacAddress),
        };
        if (reply is not null)
        {
            WriteObject(reply);
        }
    }
}
