using System.Collections.Generic;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

public sealed class PortAllocatorTests
{
    private static readonly NetworkAddress s_local = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_remote = NetworkAddress.Parse("10.0.0.2");

    [Fact]
    public void Every_port_of_the_range_is_given_once_before_any_comes_again()
    {
        PortAllocator ports = new(RandomSource.FromSeed(1), 2000, 2999);
        HashSet<ushort> given = [];
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(ports.TrySelect(s_local, s_remote, 80, _ => true, out ushort port));
            Assert.InRange(port, 2000, 2999);
            Assert.True(given.Add(port), $"Port {port} came again after {i}.");
        }
    }

    [Fact]
    public void The_last_free_port_is_found_and_none_when_all_are_taken()
    {
        PortAllocator ports = new(RandomSource.FromSeed(2), 1024, 65535);
        Assert.True(ports.TrySelect(s_local, s_remote, 80, p => p == 4711, out ushort port));
        Assert.Equal(4711, port);
        Assert.False(ports.TrySelect(s_local, s_remote, 80, _ => false, out _));
    }

    [Fact]
    public void Ports_to_different_peers_cannot_be_guessed_from_one_another()
    {
        // RFC 6056, 3.1: an attacker who sees his own connections' ports must not learn those to others.
        PortAllocator ports = new(RandomSource.FromSeed(3), 1024, 65535);
        int near = 0;
        for (uint i = 0; i < 200; i++)
        {
            ports.TrySelect(s_local, NetworkAddress.FromIPv4(0x0A000100 + i), 80, _ => true, out ushort a);
            ports.TrySelect(s_local, NetworkAddress.FromIPv4(0x0A000101 + i), 80, _ => true, out ushort b);
            near += int.Abs(a - b) < 300 ? 1 : 0;
        }

        Assert.InRange(near, 0, 12);
    }

    [Fact]
    public void Other_keys_give_other_ports()
    {
        PortAllocator first = new(RandomSource.FromSeed(4), 1024, 65535);
        PortAllocator second = new(RandomSource.FromSeed(5), 1024, 65535);
        first.TrySelect(s_local, s_remote, 80, _ => true, out ushort a);
        second.TrySelect(s_local, s_remote, 80, _ => true, out ushort b);
        Assert.NotEqual(a, b);
    }
}
