using System.Linq;
using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Makes a TUN device to send and receive raw packets on: what the kernel routes to it arrives here.</summary>
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

    /// <inheritdoc/>
    protected override void Process()
    {
        if (!ShouldProcess(Name ?? "tcptools%d", "Make a TUN device"))
        {
            return;
        }

        TunLink tun = TunLink.Open(new TunOptions
        {
            Name = Name,
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

/// <summary>Removes TUN devices that New-PacketTunnel made.</summary>
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
            if (ShouldProcess(tun.Name, "Remove the TUN device"))
            {
                LinkClaims.ThrowIfTaken(tun, "Stop that stack: its device goes with it.");
                State.Tunnels.Remove(tun);
                tun.Dispose();
            }
        }
    }
}
