using System.Collections.Generic;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// Which packets a hook is called for: all that is named must hold, and of several addresses, ports or states one. Looking
/// allocates nothing. What a packet does not have, such as ports of a later fragment, does not match.
/// </summary>
public sealed record HookFilter
{
    private readonly PortRange[] _ports = [];
    private readonly PortRange[] _localPorts = [];
    private readonly PortRange[] _remotePorts = [];
    private readonly InterfaceAddress[] _addresses = [];
    private readonly InterfaceAddress[] _localAddresses = [];
    private readonly InterfaceAddress[] _remoteAddresses = [];
    private readonly int _states;

    /// <summary>Matches everything.</summary>
    public static HookFilter All { get; } = new();

    /// <summary>Control bits that are all set.</summary>
    public TcpFlags FlagsSet { get; init; }

    /// <summary>Control bits of which none is set.</summary>
    public TcpFlags FlagsUnset { get; init; }

    /// <summary>Ports of either side; none for any.</summary>
    public IReadOnlyList<PortRange> Ports
    {
        get => _ports;
        init => _ports = [.. value];
    }

    /// <summary>Ports of this side; none for any.</summary>
    public IReadOnlyList<PortRange> LocalPorts
    {
        get => _localPorts;
        init => _localPorts = [.. value];
    }

    /// <summary>Ports of the other side; none for any.</summary>
    public IReadOnlyList<PortRange> RemotePorts
    {
        get => _remotePorts;
        init => _remotePorts = [.. value];
    }

    /// <summary>Addresses and networks of either side; none for any.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses
    {
        get => _addresses;
        init => _addresses = [.. value];
    }

    /// <summary>Addresses and networks of this side; none for any.</summary>
    public IReadOnlyList<InterfaceAddress> LocalAddresses
    {
        get => _localAddresses;
        init => _localAddresses = [.. value];
    }

    /// <summary>Addresses and networks of the other side; none for any.</summary>
    public IReadOnlyList<InterfaceAddress> RemoteAddresses
    {
        get => _remoteAddresses;
        init => _remoteAddresses = [.. value];
    }

    /// <summary>The one session; null for any and for none.</summary>
    public TcpSession? Session { get; init; }

    /// <summary>States of the packet's session at this moment (where a state changes, the new one); none for any.</summary>
    public IReadOnlyList<TcpState> States
    {
        get;
        init
        {
            field = value;
            foreach (TcpState state in value)
            {
                _states |= 1 << (int)state;
            }
        }
    } = [];

    /// <summary>Whether the packet is a TCP segment with data, or one without; null for either.</summary>
    public bool? HasData { get; init; }

    /// <summary>What IP carries (<see cref="IPProtocol"/>); null for anything.</summary>
    public byte? Protocol { get; init; }

    /// <summary>Whether a packet, or what happens at the stage, is one that is asked for.</summary>
    public bool Matches(scoped ref HookCall call)
    {
        if (ReferenceEquals(this, All))
        {
            return true;
        }

        return (Protocol is not { } protocol || call.Protocol == protocol)
            && ((FlagsSet | FlagsUnset) == 0 || (call.IsTcp && MatchesFlags(call.Tcp.Flags)))
            && (HasData is not { } hasData || (call.IsTcp && !call.Payload.IsEmpty == hasData))
            && (!AsksForFlow || (call.HasFlow && MatchesFlow(call.Flow)))
            && (Session is null || ReferenceEquals(call.Session, Session))
            && (_states == 0 || (_states & (1 << (int)call.State)) != 0);
    }

    /// <summary>Whether packets of a flow could match: what depends on the single packet is not looked at.</summary>
    internal bool MatchesFlow(in FlowKey flow) =>
        (_ports.Length == 0 || Contains(_ports, flow.LocalPort) || Contains(_ports, flow.RemotePort))
        && (_localPorts.Length == 0 || Contains(_localPorts, flow.LocalPort))
        && (_remotePorts.Length == 0 || Contains(_remotePorts, flow.RemotePort))
        && (_addresses.Length == 0 || Contains(_addresses, flow.LocalAddress) || Contains(_addresses, flow.RemoteAddress))
        && (_localAddresses.Length == 0 || Contains(_localAddresses, flow.LocalAddress))
        && (_remoteAddresses.Length == 0 || Contains(_remoteAddresses, flow.RemoteAddress));

    private bool AsksForFlow => _ports.Length + _localPorts.Length + _remotePorts.Length
        + _addresses.Length + _localAddresses.Length + _remoteAddresses.Length > 0;

    private bool MatchesFlags(TcpFlags flags) => (flags & FlagsSet) == FlagsSet && (flags & FlagsUnset) == 0;

    private static bool Contains(PortRange[] ranges, ushort port)
    {
        foreach (PortRange range in ranges)
        {
            // Port 0 stands for a packet that has none.
            if (port != 0 && range.Contains(port))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Contains(InterfaceAddress[] networks, NetworkAddress address)
    {
        foreach (InterfaceAddress network in networks)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
