using System;
using System.Collections.Generic;
using TcpTools.Linux;
using TcpTools.Wire;

namespace TcpTools.Channels;

/// <summary>The kernel's routes for a second: asking for each of a hundred thousand packets would cost more than to send them.</summary>
/// <param name="netlink">What asks.</param>
/// <param name="output">The interface that the routes must lead over; 0 for any.</param>
internal sealed class RouteCache(NetlinkSocket netlink, int output)
{
    private const int Limit = 4096;

    private static readonly TimeSpan s_isGoodFor = TimeSpan.FromSeconds(1);

    private readonly Dictionary<NetworkAddress, (HostRoute? Route, int Error, Instant Until)> _routes = [];

    /// <summary>The way to a destination; null with the kernel's reason when there is none.</summary>
    internal HostRoute? Find(NetworkAddress destination, out int error)
    {
        Instant now = WallClock.Now;
        if (!_routes.TryGetValue(destination, out (HostRoute? Route, int Error, Instant Until) known) || now >= known.Until)
        {
            if (_routes.Count >= Limit)
            {
                _routes.Clear();
            }

            known.Route = HostRouting.FindRoute(
                netlink, NeighbourSender.Bytes(destination, stackalloc byte[16]), output, out known.Error);
            known.Until = now + s_isGoodFor;
            _routes[destination] = known;
        }

        error = known.Error;
        return known.Route;
    }
}
