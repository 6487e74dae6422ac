using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// The addresses of this host and the ways to all others: the longest matching prefix wins, then the smallest metric,
/// then the route that was there first. Reading it does not allocate.
/// </summary>
public sealed class RoutingTable
{
    // Rebuilt on change and sorted, longest prefix first, so that the first match is the answer. A host has a handful of
    // routes, and a short scan beats a tree.
    private Route[] _routes = [];
    private InterfaceAddress[] _addresses = [];

    /// <summary>A table that knows the loopback network only (RFC 1122, 3.2.1.3 g).</summary>
    public RoutingTable()
    {
        NetworkAddress loopback = NetworkAddress.FromIPv4(0x7F000001);
        Add(new Route(NetworkAddress.FromIPv4(0x7F000000), 8, RouteKind.Local, default, loopback));
    }

    /// <summary>All routes in the order in which they are tried.</summary>
    public IReadOnlyList<Route> Routes => _routes;

    /// <summary>This host's addresses in the order in which they were added; loopback addresses are not among them.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses => _addresses;

    /// <summary>
    /// Makes an address this host's: with it come the route to itself, to its network, and the network's broadcast
    /// addresses where the prefix leaves room for any (RFC 3021: not for /31).
    /// </summary>
    /// <exception cref="ArgumentException">The address is no IPv4 address that a host of such a network can have.</exception>
    public void AddAddress(InterfaceAddress address)
    {
        NetworkAddress host = address.Address;
        int prefix = address.PrefixLength;
        if (!host.IsIPv4 || prefix is < 0 or > 32 || host.IsAny || host.IsMulticast || host.IsLimitedBroadcast)
        {
            throw new ArgumentException($"{address} cannot be the IPv4 address of a host.", nameof(address));
        }

        uint mask = prefix == 0 ? 0 : uint.MaxValue << (32 - prefix);
        NetworkAddress network = NetworkAddress.FromIPv4(host.IPv4Bits & mask);
        if (prefix < 31 && (host == network || host.IPv4Bits == (network.IPv4Bits | ~mask)))
        {
            throw new ArgumentException($"{address} is a broadcast address of its own network.", nameof(address));
        }

        if (IsOwn(host))
        {
            return;
        }

        _addresses = [.. _addresses, address];
        Add(new Route(host, 32, RouteKind.Local, default, host));
        if (prefix == 32)
        {
            return;
        }

        Add(new Route(network, prefix, RouteKind.Connected, default, host));
        if (prefix < 31)
        {
            // RFC 1122, 3.3.6: the all-zeros form is an old broadcast address that a host still has to recognize.
            Add(new Route(NetworkAddress.FromIPv4(network.IPv4Bits | ~mask), 32, RouteKind.Broadcast, default, host));
            Add(new Route(network, 32, RouteKind.Broadcast, default, host));
        }
    }

    /// <summary>Takes an address away, and with it all routes that start from it.</summary>
    /// <returns>Whether the host had it.</returns>
    public bool RemoveAddress(NetworkAddress address)
    {
        int count = _addresses.Length;
        _addresses = Array.FindAll(_addresses, a => a.Address != address);
        _routes = Array.FindAll(_routes, r => r.Source != address);
        return _addresses.Length != count;
    }

    /// <summary>Adds the route to everywhere else.</summary>
    /// <exception cref="ArgumentException">The gateway is not on the link.</exception>
    public void AddDefaultGateway(NetworkAddress gateway) => AddGateway(NetworkAddress.AnyIPv4, 0, gateway);

    /// <summary>Adds a route over a router on the link.</summary>
    /// <exception cref="ArgumentException">The gateway is not on the link, or the prefix is too long.</exception>
    public void AddGateway(NetworkAddress network, int prefixLength, NetworkAddress gateway, int metric = 0)
    {
        if (!network.IsIPv4 || prefixLength is < 0 or > 32)
        {
            throw new ArgumentException($"{network}/{prefixLength} is no IPv4 network.", nameof(network));
        }

        if (!TryLookup(gateway, out Route link) || link.Kind != RouteKind.Connected)
        {
            throw new ArgumentException($"The gateway {gateway} is not a neighbour on the link.", nameof(gateway));
        }

        Add(new Route(network, prefixLength, RouteKind.Gateway, gateway, link.Source, metric));
    }

    /// <summary>
    /// Adds a route to hosts that the link reaches without a router, such as everything behind a point-to-point device.
    /// </summary>
    /// <exception cref="ArgumentException">The source is not this host's, or the prefix is too long.</exception>
    public void AddConnected(NetworkAddress network, int prefixLength, NetworkAddress source, int metric = 0)
    {
        if (!network.IsIPv4 || prefixLength is < 0 or > 32)
        {
            throw new ArgumentException($"{network}/{prefixLength} is no IPv4 network.", nameof(network));
        }

        if (!IsOwn(source))
        {
            throw new ArgumentException($"{source} is not an address of this host.", nameof(source));
        }

        Add(new Route(network, prefixLength, RouteKind.Connected, default, source, metric));
    }

    /// <summary>Takes away the routes over routers and on links to exactly this network.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveRoute(NetworkAddress network, int prefixLength)
    {
        int count = _routes.Length;
        _routes = Array.FindAll(
            _routes,
            r => r.Kind is RouteKind.Local or RouteKind.Broadcast || r.PrefixLength != prefixLength || r.Network != network);
        return _routes.Length != count;
    }

    /// <summary>Finds the way to a destination.</summary>
    /// <returns>False when no route leads there.</returns>
    public bool TryLookup(NetworkAddress destination, out Route route)
    {
        // RFC 1122, 3.3.6 and RFC 1112, 6.1: these go to the link itself, never to a router.
        if ((destination.IsLimitedBroadcast || destination.IsMulticast) && destination.IsIPv4 && _addresses.Length != 0)
        {
            route = new Route(destination, 32, RouteKind.Broadcast, default, _addresses[0].Address);
            return true;
        }

        foreach (ref readonly Route candidate in _routes.AsSpan())
        {
            if (destination.IsInNetwork(candidate.Network, candidate.PrefixLength))
            {
                route = candidate;
                return true;
            }
        }

        route = default;
        return false;
    }

    /// <summary>
    /// The address of this host from which to start a conversation with <paramref name="destination"/> (RFC 1122, 3.3.4.3);
    /// of no family when no route leads there.
    /// </summary>
    public NetworkAddress SelectSource(NetworkAddress destination)
    {
        return TryLookup(destination, out Route route) ? route.Source : default;
    }

    /// <summary>Whether this is one of <see cref="Addresses"/>.</summary>
    public bool IsOwn(NetworkAddress address)
    {
        foreach (ref readonly InterfaceAddress own in _addresses.AsSpan())
        {
            if (own.Address == address)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether this is one of <see cref="Addresses"/> or a loopback address: what this host can send from.</summary>
    public bool IsLocal(NetworkAddress address) => IsOwn(address) || (address.IsIPv4 && address.IsLoopback);

    /// <summary>Whether this is the limited broadcast address or one of a connected network (RFC 1122, 3.2.1.3 c and d).</summary>
    public bool IsBroadcast(NetworkAddress address)
    {
        if (address.IsLimitedBroadcast)
        {
            return true;
        }

        foreach (ref readonly Route route in _routes.AsSpan())
        {
            // Broadcast routes have the longest prefix and therefore stand in front.
            if (route.PrefixLength < 32)
            {
                return false;
            }

            if (route.Kind == RouteKind.Broadcast && route.Network == address)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(Route route)
    {
        List<Route> routes = [.. _routes];
        int place = routes.FindIndex(r => r.PrefixLength < route.PrefixLength
            || (r.PrefixLength == route.PrefixLength && r.Metric > route.Metric));
        routes.Insert(place < 0 ? routes.Count : place, route);
        _routes = [.. routes];
    }
}
