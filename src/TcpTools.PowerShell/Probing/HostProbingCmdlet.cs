using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>What the cmdlets have in common that make their own probes for hosts.</summary>
public abstract class HostProbingCmdlet : ProbingCmdlet
{
    private readonly Dictionary<NetworkAddress, NetworkAddress> _sources = [];

    /// <summary>The hosts: names, addresses, networks or ranges.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName", "Target", "Host", "Address")]
    [ArgumentCompleter(typeof(PeerAddressCompleter))]
    public object[] TargetName { get; set; } = [];

    /// <summary>The address that the probes come from.</summary>
    [Parameter]
    [Alias("Source")]
    [AddressTransform]
    [ArgumentCompleter(typeof(OwnAddressCompleter))]
    public IPAddress? SourceAddress { get; set; }

    /// <summary>How many packets a second at most.</summary>
    [Parameter]
    [ValidateRange(0.0, 1e9)]
    public double Rate { get; set; }

    /// <summary>The addresses that the hosts stand for, one after the other.</summary>
    private protected IEnumerable<NetworkAddress> ResolveTargets()
    {
        foreach (object target in TargetName)
        {
            object? value = target is PSObject wrapped ? wrapped.BaseObject : target;
            string text = value?.ToString() ?? "";
            if (AddressSet.TryParse(text, out AddressSet? set))
            {
                foreach (NetworkAddress address in set)
                {
                    yield return address;
                }
            }
            else if (TryResolve(text) is { } address)
            {
                yield return address;
            }
        }
    }

    /// <summary>The address to ask a host from.</summary>
    private protected NetworkAddress SourceFor(NetworkAddress destination)
    {
        if (SourceAddress is not null)
        {
            return NetworkAddress.From(SourceAddress);
        }

        // All hosts of a network are asked from one address: asking the kernel once for each would cost more than the probe.
        NetworkAddress network = destination.IsIPv4 ? NetworkAddress.FromIPv4(destination.IPv4Bits & 0xFFFF_FF00) : destination;
        if (!_sources.TryGetValue(network, out NetworkAddress source))
        {
            source = FindSource(destination);
            if (_sources.Count < ushort.MaxValue)
            {
                _sources.Add(network, source);
            }
        }

        return source;
    }

    private NetworkAddress? TryResolve(string name)
    {
        try
        {
            return HostNames.Resolve(name, StopToken);
        }
        catch (StackException e)
        {
            WriteError(Errors.From(e, name));
            return null;
        }
    }

    private NetworkAddress FindSource(NetworkAddress destination)
    {
        if (TargetStack is { } stack)
        {
            IEnumerable<InterfaceAddress> own = stack.Addresses.Where(a => a.Address.Length == destination.Length);
            return own.OrderByDescending(a => a.Contains(destination)).Select(a => (NetworkAddress?)a.Address).FirstOrDefault()
                ?? throw new StackException(
                    StackError.NoRoute, $"The stack '{stack.Name}' has no address to ask {destination} from.", "Name one with -SourceAddress.");
        }

        if (Link?.Link is not null)
        {
            throw new StackException(
                StackError.InvalidArgument, $"The link {Link.Name} has no address to ask from.", "Name one with -SourceAddress.");
        }

        try
        {
            // The kernel tells which address it would use; connecting a datagram socket sends nothing.
            using Socket socket = new(destination.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(destination.ToIPAddress(), 9);
            return NetworkAddress.From(((IPEndPoint)socket.LocalEndPoint!).Address);
        }
        catch (SocketException e)
        {
            throw new StackException(
                StackError.NoRoute, $"There is no way to {destination}: {e.Message}.", "Name another host, or the address to ask from with -SourceAddress.", e);
        }
    }
}
