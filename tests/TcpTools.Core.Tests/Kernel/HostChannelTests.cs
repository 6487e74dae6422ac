using System;
using System.Linq;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>Packets take the ways that the host's own take.</summary>
[Trait("Category", "Root")]
public sealed class HostChannelTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly LabNamespace _near = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;
    private readonly LabNamespace _far = LabNamespace.Obstacle is null ? LabNamespace.Create() : null!;

    public HostChannelTests()
    {
        if (_near is not null)
        {
            LabNamespace.Join(_near, "10.8.0.1/24", _far, "10.8.0.2/24");
            // What lies behind the other host.
            _far.Configure("address", "add", "10.99.0.1/32", "dev", "lo");
            _near.Configure("route", "add", "10.99.0.0/16", "via", "10.8.0.2", "src", "10.8.0.1");
        }
    }

    public void Dispose()
    {
        _near?.Dispose();
        _far?.Dispose();
    }

    [RootTheory]
    [InlineData("10.8.0.2", "10.8.0.1", "veth0")]
    [InlineData("10.99.0.1", "10.8.0.1", "veth0")]
    [InlineData("127.0.0.1", "127.0.0.1", "lo")]
    [InlineData("10.8.0.1", "10.8.0.1", "lo")]
    [InlineData("::1", "::1", "lo")]
    public void A_packet_gets_its_source_its_way_and_its_answer(string destination, string source, string place) => _near.Do(() =>
    {
        using HostChannel channel = new();
        bool isIPv6 = destination.Contains(':', StringComparison.Ordinal);
        channel.Listen(PacketFilter.Compile(isIPv6 ? "icmp6 and ip6[40] = 129" : "icmp[0] = 0", channel.Start));
        Packet packet = Echo(destination);
        Packet complete = channel.Complete(packet);
        Assert.False(packet.IP!.IsSourceSet);
        Assert.Equal(NetworkAddress.Parse(source), complete.IP!.Source);
        channel.Send(packet);
        RawFrame? answer = channel.Receive(channel.Now + s_limit, default);
        Assert.Equal(place, answer!.Interface);
        Assert.Equal(NetworkAddress.Parse(destination), answer.ToPacket().IP!.Source);
        Assert.Null(channel.Receive(channel.Now + TimeSpan.FromMilliseconds(50), default));
        return true;
    });

    [RootFact]
    public void A_source_that_was_set_stays() => _near.Do(() =>
    {
        using HostChannel channel = new();
        Packet packet = InterfaceChannelTests.Ping("10.8.0.55", "10.8.0.2", 1);
        Assert.Same(packet, channel.Complete(packet));
        return true;
    });

    [RootFact]
    public void Where_no_way_leads_the_error_says_so() => _near.Do(() =>
    {
        using HostChannel channel = new();
        Assert.Equal(StackError.NoRoute, Assert.Throws<StackException>(() => channel.Send(Echo("192.0.2.1"))).Error);
        channel.Send(Echo("10.8.0.200"));
        channel.Send(Echo("10.8.0.201"));
        Assert.Equal(
            StackError.Unreachable,
            Assert.Throws<StackException>(() => channel.Flush(channel.Now + s_limit, default)).Error);
        return true;
    });

    [RootFact]
    public void A_sweep_is_not_held_up_by_addresses_that_nobody_has() => _near.Do(() =>
    {
        using HostChannel channel = new();
        channel.Listen(PacketFilter.Compile("icmp[0] = 0", channel.Start));
        Instant start = channel.Now;
        foreach (int last in Enumerable.Range(2, 60))
        {
            channel.Send(Echo($"10.8.0.{last}"));
        }

        Assert.InRange((channel.Now - start).TotalSeconds, 0, 2);
        Assert.Equal("10.8.0.2", channel.Receive(channel.Now + s_limit, default)!.ToPacket().IP!.Source.ToString());
        return true;
    });

    private static Packet Echo(string destination)
    {
        NetworkAddress to = NetworkAddress.Parse(destination);
        return to.IsIPv6
            ? new Packet([new IPv6Layer { Destination = to, Protocol = 58 }, new PayloadLayer([.. InterfaceChannelTests.Icmpv6Echo(destination, destination)])])
            : new Packet([new IPv4Layer { Destination = to }, new IcmpLayer { Type = 8 }, new PayloadLayer("hello")]);
    }
}
