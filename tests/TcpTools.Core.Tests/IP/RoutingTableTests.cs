using System;
using System.Linq;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Which way leads to which destination, and from which address (RFC 1122, 3.3.1).</summary>
public sealed class RoutingTableTests
{
    private static NetworkAddress A(string text) => NetworkAddress.Parse(text);

    private static RoutingTable Table()
    {
        var table = new RoutingTable();
        table.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        table.AddAddress(InterfaceAddress.Parse("172.16.5.9/16"));
        table.AddDefaultGateway(A("10.0.0.254"));
        table.AddGateway(A("192.0.2.0"), 24, A("172.16.0.1"));
        table.AddGateway(A("192.0.2.128"), 25, A("172.16.0.2"));
        table.AddGateway(A("192.0.2.129"), 32, A("10.0.0.253"));
        return table;
    }

    [Theory]
    [InlineData("10.0.0.7", RouteKind.Connected, "10.0.0.7", "10.0.0.1")]
    [InlineData("172.16.200.1", RouteKind.Connected, "172.16.200.1", "172.16.5.9")]
    [InlineData("10.0.0.1", RouteKind.Local, "10.0.0.1", "10.0.0.1")]
    [InlineData("172.16.5.9", RouteKind.Local, "172.16.5.9", "172.16.5.9")]
    [InlineData("127.3.2.1", RouteKind.Local, "127.3.2.1", "127.0.0.1")]
    [InlineData("192.0.2.5", RouteKind.Gateway, "172.16.0.1", "172.16.5.9")]
    [InlineData("192.0.2.130", RouteKind.Gateway, "172.16.0.2", "172.16.5.9")]
    [InlineData("192.0.2.129", RouteKind.Gateway, "10.0.0.253", "10.0.0.1")]
    [InlineData("8.8.8.8", RouteKind.Gateway, "10.0.0.254", "10.0.0.1")]
    [InlineData("10.0.0.255", RouteKind.Broadcast, "10.0.0.255", "10.0.0.1")]
    [InlineData("255.255.255.255", RouteKind.Broadcast, "255.255.255.255", "10.0.0.1")]
    [InlineData("224.0.0.1", RouteKind.Broadcast, "224.0.0.1", "10.0.0.1")]
    public void The_longest_prefix_decides(string destination, RouteKind kind, string nextHop, string source)
    {
        RoutingTable table = Table();
        Assert.True(table.TryLookup(A(destination), out Route route));
        Assert.Equal((kind, A(nextHop), A(source)), (route.Kind, route.NextHop(A(destination)), route.Source));
        Assert.Equal(A(source), table.SelectSource(A(destination)));
    }

    [Fact]
    public void Among_equal_prefixes_the_smallest_metric_decides_then_age()
    {
        var table = new RoutingTable();
        table.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        table.AddGateway(A("192.0.2.0"), 24, A("10.0.0.2"), metric: 5);
        table.AddGateway(A("192.0.2.0"), 24, A("10.0.0.3"), metric: 1);
        table.AddGateway(A("192.0.2.0"), 24, A("10.0.0.4"), metric: 1);
        Assert.True(table.TryLookup(A("192.0.2.1"), out Route route));
        Assert.Equal(A("10.0.0.3"), route.Gateway);
    }

    [Fact]
    public void An_empty_table_knows_loopback_only()
    {
        var table = new RoutingTable();
        Assert.False(table.TryLookup(A("10.0.0.1"), out _));
        Assert.False(table.TryLookup(A("255.255.255.255"), out _));
        Assert.True(table.SelectSource(A("10.0.0.1")).IsNone);
        Assert.True(table.IsLocal(A("127.0.0.1")));
        Assert.Empty(table.Addresses);
    }

    [Theory]
    [InlineData("10.0.0.0/24")]
    [InlineData("10.0.0.255/24")]
    [InlineData("224.0.0.1/24")]
    [InlineData("255.255.255.255/32")]
    [InlineData("0.0.0.0/8")]
    [InlineData("fe80::1/64")]
    public void What_no_host_can_have_is_refused_as_an_address(string address)
    {
        Assert.Throws<ArgumentException>(() => new RoutingTable().AddAddress(InterfaceAddress.Parse(address)));
    }

    [Theory]
    [InlineData("10.0.0.0/31", "10.0.0.1")] // RFC 3021
    [InlineData("10.0.0.1/31", "10.0.0.0")]
    public void A_point_to_point_prefix_has_no_broadcast_address(string own, string other)
    {
        var table = new RoutingTable();
        table.AddAddress(InterfaceAddress.Parse(own));
        Assert.False(table.IsBroadcast(A("10.0.0.0")) || table.IsBroadcast(A("10.0.0.1")));
        Assert.True(table.TryLookup(A(other), out Route route));
        Assert.Equal(RouteKind.Connected, route.Kind);
    }

    [Fact]
    public void A_single_address_knows_no_neighbours_until_told()
    {
        var table = new RoutingTable();
        table.AddAddress(InterfaceAddress.Parse("10.0.0.1"));
        Assert.False(table.TryLookup(A("10.0.0.2"), out _));
        table.AddConnected(A("0.0.0.0"), 0, A("10.0.0.1"));
        Assert.True(table.TryLookup(A("8.8.8.8"), out Route route));
        Assert.Equal(A("8.8.8.8"), route.NextHop(A("8.8.8.8")));
    }

    [Fact]
    public void A_gateway_must_be_a_neighbour()
    {
        RoutingTable table = Table();
        Assert.Throws<ArgumentException>(() => table.AddDefaultGateway(A("192.0.2.1")));
        Assert.Throws<ArgumentException>(() => table.AddDefaultGateway(A("10.0.0.1")));
        Assert.Throws<ArgumentException>(() => table.AddDefaultGateway(A("10.0.0.255")));
        Assert.Throws<ArgumentException>(() => table.AddGateway(A("::"), 0, A("10.0.0.2")));
        Assert.Throws<ArgumentException>(() => table.AddConnected(A("1.0.0.0"), 8, A("10.0.0.77")));
    }

    [Fact]
    public void With_an_address_go_its_routes()
    {
        RoutingTable table = Table();
        Assert.True(table.RemoveAddress(A("10.0.0.1")));
        Assert.False(table.RemoveAddress(A("10.0.0.1")));
        Assert.False(table.TryLookup(A("8.8.8.8"), out _));
        Assert.False(table.TryLookup(A("10.0.0.7"), out _));
        Assert.False(table.IsBroadcast(A("10.0.0.255")));
        Assert.True(table.TryLookup(A("172.16.1.1"), out _));
    }

    [Fact]
    public void Routes_can_be_taken_away_but_not_the_hosts_own()
    {
        RoutingTable table = Table();
        Assert.True(table.RemoveRoute(A("192.0.2.128"), 25));
        Assert.False(table.RemoveRoute(A("192.0.2.128"), 25));
        Assert.False(table.RemoveRoute(A("10.0.0.1"), 32));
        Assert.True(table.TryLookup(A("192.0.2.130"), out Route route));
        Assert.Equal(24, route.PrefixLength);
    }

    [Fact]
    public void Adding_an_address_twice_changes_nothing()
    {
        RoutingTable table = Table();
        Route[] before = [.. table.Routes];
        table.AddAddress(InterfaceAddress.Parse("10.0.0.1/24"));
        Assert.Equal(before, table.Routes.ToArray());
    }

    [Fact]
    public void A_route_reads_like_ip_route()
    {
        Assert.Contains("default via 10.0.0.254 src 10.0.0.1", Table().Routes.Select(r => r.ToString()));
        Assert.Contains("192.0.2.128/25 via 172.16.0.2 src 172.16.5.9", Table().Routes.Select(r => r.ToString()));
    }
}
