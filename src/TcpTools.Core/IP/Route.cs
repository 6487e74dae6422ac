using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>Where a route leads.</summary>
public enum RouteKind
{
    /// <summary>To this host itself.</summary>
    Local,

    /// <summary>To hosts on the link.</summary>
    Connected,

    /// <summary>To a router, which knows further.</summary>
    Gateway,

    /// <summary>To all hosts on the link (RFC 1122, 3.2.1.3 c and d).</summary>
    Broadcast,
}

/// <summary>A line of the routing table.</summary>
/// <param name="Network">The network's address; its host bits do not count.</param>
/// <param name="PrefixLength">How many leading bits of a destination must agree; 0 for the default route.</param>
/// <param name="Kind">Where the route leads.</param>
/// <param name="Gateway">The router, when <paramref name="Kind"/> is <see cref="RouteKind.Gateway"/>; else of no family.</param>
/// <param name="Source">The address of this host that new conversations over the route start from.</param>
/// <param name="Metric">Among routes to the same network the smallest wins.</param>
public readonly record struct Route(
    NetworkAddress Network, int PrefixLength, RouteKind Kind, NetworkAddress Gateway, NetworkAddress Source, int Metric = 0)
{
    /// <summary>The neighbour that gets a packet for <paramref name="destination"/> over this route.</summary>
    public NetworkAddress NextHop(NetworkAddress destination) => Kind == RouteKind.Gateway ? Gateway : destination;

    /// <summary>The route in the manner of <c>ip route</c>.</summary>
    public override string ToString()
    {
        string to = PrefixLength == 0 ? "default" : string.Create(CultureInfo.InvariantCulture, $"{Network}/{PrefixLength}");
        string via = Kind switch
        {
            RouteKind.Gateway => $" via {Gateway}",
            RouteKind.Local => " local",
            RouteKind.Broadcast => " broadcast",
            _ => "",
        };
        return $"{to}{via} src {Source}";
    }
}
