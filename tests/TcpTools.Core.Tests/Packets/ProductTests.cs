using System;
using System.Linq;
using TcpTools.Packets;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>Many values for a field, and every combination of several.</summary>
public class ProductTests
{
    [Theory]
    [InlineData("80", "80")]
    [InlineData("80,443, 8000-8003", "80,443,8000,8001,8002,8003")]
    [InlineData("3-1", "3,2,1")]
    [InlineData("1..3", "1,2,3")]
    [InlineData("0xfffe-0xffff", "65534,65535")]
    [InlineData("18446744073709551614-18446744073709551615", "18446744073709551614,18446744073709551615")]
    public void Numbers_and_ranges_come_in_the_order_named(string text, string expected)
    {
        Assert.True(NumberSet.TryParse(text, out NumberSet? set));
        Assert.Equal(expected, string.Join(',', set));
        Assert.Equal(set.ToArray().Length, set.Count);
        Assert.True(NumberSet.TryParse(set.ToString(), out NumberSet? again));
        Assert.Equal(set, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("http")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1,,2")]
    [InlineData("99999999999999999999")]
    public void What_is_no_number_is_not_read(string? text) => Assert.False(NumberSet.TryParse(text, out _));

    [Fact]
    public void Numbers_know_whether_they_fit()
    {
        Assert.True(NumberSet.TryParse("0-65535", out NumberSet? ports));
        Assert.True(ports.IsWithin(0, 65535));
        Assert.False(ports.IsWithin(1, 65535));
        Assert.False(ports.IsWithin(0, 65534));
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.2/30", "10.0.0.0,10.0.0.1,10.0.0.2,10.0.0.3")]
    [InlineData("10.0.0.254-10.0.1.1", "10.0.0.254,10.0.0.255,10.0.1.0,10.0.1.1")]
    [InlineData("10.0.0.1-3", "10.0.0.1,10.0.0.2,10.0.0.3")]
    [InlineData("10.0.0.2-10.0.0.1, ::1", "10.0.0.2,10.0.0.1,::1")]
    [InlineData("2001:db8::/126", "2001:db8::,2001:db8::1,2001:db8::2,2001:db8::3")]
    [InlineData("255.255.255.255/32", "255.255.255.255")]
    [InlineData("255.255.255.254/31", "255.255.255.254,255.255.255.255")]
    public void Addresses_networks_and_ranges_come_in_the_order_named(string text, string expected)
    {
        Assert.True(AddressSet.TryParse(text, out AddressSet? set));
        Assert.Equal(expected, string.Join(',', set));
        Assert.Equal((UInt128)set.Count(), set.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.1-::1")]
    [InlineData("10.0.0.1-256")]
    [InlineData("::1-9")]
    public void What_is_no_address_is_not_read(string text) => Assert.False(AddressSet.TryParse(text, out _));

    [Fact]
    public void A_huge_network_costs_no_more_than_what_is_taken_of_it()
    {
        Assert.True(AddressSet.TryParse("::/0", out AddressSet? all));
        Assert.Equal(UInt128.MaxValue, all.Count);
        Assert.Equal("::,::1,::2", string.Join(',', all.Take(3)));
        Assert.True(AddressSet.TryParse("0.0.0.0/0", out AddressSet? old));
        Assert.Equal((UInt128)1 << 32, old.Count);
    }

    [Fact]
    public void The_field_named_last_changes_fastest()
    {
        Product<TcpLayer> product = new Product<TcpLayer>()
            .With<ulong>([80, 443], (tcp, port) => tcp.DestinationPort = (ushort)port)
            .With((ulong[]?)null, (tcp, _) => tcp.Window = 1)
            .With<ulong>([1, 2, 3], (tcp, sequence) => tcp.Sequence = (uint)sequence);
        Assert.Equal(
            ["80.1", "80.2", "80.3", "443.1", "443.2", "443.3"],
            product.Make(() => new TcpLayer()).Select(tcp => $"{tcp.DestinationPort}.{tcp.Sequence}"));
        Assert.Single(new Product<TcpLayer>().Make(() => new TcpLayer()));
        Assert.Empty(new Product<TcpLayer>().With(Array.Empty<int>(), (_, _) => { }).Make(() => new TcpLayer()));
    }

    [Fact]
    public void Combinations_are_made_one_at_a_time()
    {
        Assert.True(NumberSet.TryParse("0-4294967295", out NumberSet? all));
        int made = 0;
        Product<TcpLayer> product = new Product<TcpLayer>().With(all, (tcp, value) => tcp.Sequence = (uint)value).With(all, (tcp, value) => tcp.Acknowledgment = (uint)value);
        Assert.Equal([0u, 1u, 2u], product.Make(() => { made++; return new TcpLayer(); }).Take(3).Select(tcp => tcp.Acknowledgment));
        Assert.Equal(3, made);
    }

    [Theory]
    [InlineData("rr", "RR 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0 0.0.0.0")]
    [InlineData("rr 2", "RR 0.0.0.0 0.0.0.0")]
    [InlineData("lsrr 10.0.0.1,10.0.0.2", "LSRR 10.0.0.1 10.0.0.2")]
    [InlineData("ssrr 10.0.0.1", "SSRR 10.0.0.1")]
    [InlineData("ts 2", "TS flag 0 0 0")]
    [InlineData("ts flag 1 10.0.0.1 5", "TS flag 1 167772161 5")]
    [InlineData("ra", "RA 0")]
    [InlineData("ra 1", "RA 1")]
    [InlineData("mtup 1500", "MTUP 1500")]
    [InlineData("nop", "NOP")]
    [InlineData("eol", "EOL")]
    [InlineData("unknown-77 0x0102", "unknown 77 0x0102")]
    public void IP_options_are_read_as_they_are_written_and_as_they_are_printed(string text, string printed)
    {
        IPOption option = IPOption.Parse(text);
        Assert.Equal(printed, option.ToString());
        Assert.Equal(option, IPOption.Parse(printed));
    }

    [Fact]
    public void A_route_may_point_elsewhere()
    {
        Assert.Equal(8, Assert.IsType<IPRouteOption>(IPOption.Parse("rr 10.0.0.1 0.0.0.0 pointer 8")).Pointer);
        Assert.Throws<FormatException>(() => IPOption.Parse("nonsense"));
        Assert.Throws<FormatException>(() => IPOption.Parse("lsrr 10.0.0.1,x"));
        Assert.Throws<FormatException>(() => IPOption.Parse(""));
    }
}
