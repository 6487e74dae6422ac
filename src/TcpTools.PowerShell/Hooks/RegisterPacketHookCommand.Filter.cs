using System;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <content>For which packets a hook is.</content>
public sealed partial class RegisterPacketHookCommand
{
    private const ulong LastPort = 65535;

    /// <summary>Control bits that are all set.</summary>
    [Parameter]
    [TcpFlagsTransform]
    public TcpFlags Flags { get; set; }

    /// <summary>Control bits of which none is set.</summary>
    [Parameter]
    [TcpFlagsTransform]
    [Alias("NotFlags")]
    public TcpFlags FlagsUnset { get; set; }

    /// <summary>Ports of either side.</summary>
    [Parameter]
    [NumberSetTransform(LastPort)]
    public NumberSet? Port { get; set; }

    /// <summary>Ports of this side.</summary>
    [Parameter]
    [NumberSetTransform(LastPort)]
    public NumberSet? LocalPort { get; set; }

    /// <summary>Ports of the other side.</summary>
    [Parameter]
    [NumberSetTransform(LastPort)]
    public NumberSet? RemotePort { get; set; }

    /// <summary>Addresses and networks of either side.</summary>
    [Parameter]
    [HostOrNetworkTransform]
    public InterfaceAddress[] Address { get; set; } = [];

    /// <summary>Addresses and networks of this side.</summary>
    [Parameter]
    [HostOrNetworkTransform]
    public InterfaceAddress[] LocalAddress { get; set; } = [];

    /// <summary>Addresses and networks of the other side.</summary>
    [Parameter]
    [HostOrNetworkTransform]
    public InterfaceAddress[] RemoteAddress { get; set; } = [];

    /// <summary>Segments that carry data only.</summary>
    [Parameter]
    public SwitchParameter HasData { get; set; }

    /// <summary>Segments that carry no data only.</summary>
    [Parameter]
    public SwitchParameter NoData { get; set; }

    /// <summary>States of the session.</summary>
    [Parameter]
    public new TcpState[] State { get; set; } = [];

    /// <summary>The one session.</summary>
    [Parameter]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    private HookFilter MakeFilter() => new()
    {
        FlagsSet = Flags,
        FlagsUnset = FlagsUnset,
        Ports = Ranges(Port),
        LocalPorts = Ranges(LocalPort),
        RemotePorts = Ranges(RemotePort),
        Addresses = Address,
        LocalAddresses = LocalAddress,
        RemoteAddresses = RemoteAddress,
        HasData = HasData ? true : NoData ? false : null,
        States = State,
        Session = Session,
    };

    private static PortRange[] Ranges(NumberSet? set) => set is null ? [] :
    [
        .. set.Ranges.Select(static range => new PortRange(
            (ushort)Math.Min(range.First, range.Last), (ushort)Math.Max(range.First, range.Last))),
    ];
}
