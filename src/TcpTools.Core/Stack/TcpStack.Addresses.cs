using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Neighbors;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Addresses and routes of a stack that is at work.</content>
public sealed partial class TcpStack
{
    // Addresses that are there for as long as a session uses them, and how many do.
    private Dictionary<NetworkAddress, int>? _lent;

    /// <summary>The stack's own addresses at this moment.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses => _ip.Routes.Addresses;

    /// <summary>The ways to others at this moment, in the order in which they are tried.</summary>
    public IReadOnlyList<Route> Routes => _ip.Routes.Routes;

    /// <summary>Gives the stack one more address; on an Ethernet link it is claimed first.</summary>
    /// <param name="address">The address and the length of its network's prefix.</param>
    /// <param name="mode">How it is claimed; by default as the stack's options say.</param>
    /// <exception cref="StackException">No host can have it, or the stack was stopped.</exception>
    public void AddAddress(InterfaceAddress address, AddressClaimMode? mode = null)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        AddAddress(address, mode, entry.Now);
    }

    /// <summary>Takes an address away: its sessions are reset, and it is no longer answered for.</summary>
    /// <returns>Whether the stack had it.</returns>
    public bool RemoveAddress(NetworkAddress address)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        AbortSessions(address, entry.Now);
        return ForgetAddress(address);
    }

    /// <summary>
    /// Gives the stack an address for as long as sessions use it: with the last one that is opened from it, it goes. Where the stack
    /// has the address already, nothing changes.
    /// </summary>
    /// <returns>Whether the address is lent; false when the stack has it for good.</returns>
    /// <exception cref="StackException">No host can have it, or the stack was stopped.</exception>
    public bool LendAddress(InterfaceAddress address, AddressClaimMode? mode = null)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        _lent ??= [];
        if (_ip.Routes.IsLocal(address.Address))
        {
            return _lent.ContainsKey(address.Address);
        }

        AddAddress(address, mode, entry.Now);
        _lent[address.Address] = 0;
        return true;
    }

    /// <summary>Takes a lent address back that no session uses.</summary>
    /// <returns>Whether it was lent and is gone now.</returns>
    public bool ReturnAddress(NetworkAddress address)
    {
        using Entry entry = Enter();
        return _lent?.GetValueOrDefault(address, -1) == 0 && ForgetAddress(address);
    }

    /// <summary>Finds the way to a destination; null when no route leads there.</summary>
    public Route? FindRoute(NetworkAddress destination) => _ip.Routes.TryLookup(destination, out Route route) ? route : null;

    /// <summary>Adds a route.</summary>
    /// <param name="network">The network; its host bits do not count.</param>
    /// <param name="gateway">The router, which must be a neighbour; null for a network that is on the link itself.</param>
    /// <param name="metric">Among routes to the same network the smallest wins.</param>
    /// <exception cref="StackException">The gateway is no neighbour, the network is none of IPv4, or the stack was stopped.</exception>
    public void AddRoute(InterfaceAddress network, NetworkAddress? gateway = null, int metric = 0)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        Checked(() =>
        {
            if (gateway is { } router)
            {
                _ip.Routes.AddGateway(network.Address, network.PrefixLength, router, metric);
            }
            else
            {
                NetworkAddress source = Addresses.Count > 0 ? Addresses[0].Address : default;
                _ip.Routes.AddConnected(network.Address, network.PrefixLength, source, metric);
            }
        });
    }

    /// <summary>Takes the routes to exactly this network away.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveRoute(InterfaceAddress network)
    {
        using Entry entry = Enter();
        return _ip.Routes.RemoveRoute(network.Address, network.PrefixLength);
    }

    private void AddAddress(InterfaceAddress address, AddressClaimMode? mode, Instant now)
    {
        Checked(() => _ip.Routes.AddAddress(address));
        _ethernet?.Claim(address.Address, now, mode);
    }

    private bool ForgetAddress(NetworkAddress address)
    {
        _lent?.Remove(address);
        _ethernet?.Release(address);
        return _ip.Routes.RemoveAddress(address);
    }

    /// <summary>A session has begun (1) or ended (-1): a lent address goes with the last one.</summary>
    private void CountLent(NetworkAddress address, int change)
    {
        if (_lent is not null && _lent.TryGetValue(address, out int count))
        {
            _lent[address] = count + change;
            if (count + change == 0)
            {
                ForgetAddress(address);
            }
        }
    }

    private void AbortSessions(NetworkAddress address, Instant now)
    {
        foreach (TcpSession session in Sessions)
        {
            if (session is StackSession own && own.Key.LocalAddress == address)
            {
                own.Connection.Abort(now);
            }
        }
    }

    private static void Checked(Action change)
    {
        try
        {
            change();
        }
        catch (ArgumentException error)
        {
            // For people, without the name of a parameter of ours that the runtime appends.
            throw new StackException(
                StackError.InvalidArgument,
                error.Message.Split(" (Parameter ")[0],
                "Use addresses and a gateway of one network, such as 10.9.0.2/24 and 10.9.0.1.",
                error);
        }
    }
}
