using System.Linq;
using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Makes a TUN or TAP device to send and receive raw packets on: what the kernel routes to it arrives here.</summary>
[Cmdlet(VerbsCommon.New, "PacketTunnel", SupportsShouldProcess = true)]
[OutputType(typeof(TunLink))]
public sealed class NewPacketTunnelCommand : TcpToolsCmdlet
{
    /// <summary>The kernel's own address on the device, with its network.</summary>
    [Parameter(Position = 0)]
    [InterfaceAddressTransform]
    public InterfaceAddress[] Address { get; set; } = [];

    /// <summary>The device's name.</summary>
    [Parameter(Position = 1)]
    [ValidateLength(1, 15)]
    public string? Name { get; set; }

    /// <summary>The largest packet in bytes.</summary>
    [Parameter]
    [ValidateRange(68, 65535)]
    public int Mtu { get; set; } = 1500;

    /// <summary>The network namespace in which the kernel's side is to be.</summary>
    [Parameter]
    public string? NetworkNamespace { get; set; }

    /// <summary>Frames start with an Ethernet header.</summary>
    [Parameter]
    public SwitchParameter Tap { get; set; }

    /// <summary>The Ethernet address of the kernel's side of a TAP device.</summary>
    [Parameter]
    [MacAddressTransform]
    public MacAddress MacAddress { get; set; }

    /// <summary>The number of the user who may use the device beside root.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Owner { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (!ShouldProcess(Name ?? "tcptools%d", Tap ? "Make a TAP device" : "Make a TUN device"))
        {
            return;
        }

        TunLink tun = TunLink.Open(new TunOptions
        {
            Name = Name,
            Ethernet = Tap,
            HardwareAddress = MacAddress == MacAddress.None ? null : MacAddress,
            Owner = Owner,
            Address = Address.Length > 0 ? Address[0] : null,
            Routes = [.. Address.Skip(1)],
            Mtu = Mtu,
            // Whoever looks at raw packets wants them complete.
            Offload = false,
            NetworkNamespace = NetworkNamespace,
        });
        State.Tunnels.Add(tun);
        WriteObject(tun);
    }
}

/// <summary>Removes TUN and TAP devices that New-PacketTunnel made.</summary>
[Cmdlet(VerbsCommon.Remove, "PacketTunnel", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemovePacketTunnelCommand : TcpToolsCmdlet
{
    /// <summary>The tunnels.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public TunLink[] Tunnel { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (TunLink tun in Tunnel)
        {
            Subject = tun;
            if (ShouldProcess(tun.Name, "Remove the device"))
            {
                LinkClaims.ThrowIfTaken(tun, "Stop that stack: its device goes with it.");
                State.Tunnels.Remove(tun);
                tun.Dispose();
            }
        }
    }
}
