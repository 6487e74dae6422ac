using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Local ports chosen otherwise than by RFC 6056.</summary>
public sealed class PortSelectionTests
{
    [Fact]
    public void One_after_another_and_around()
    {
        Assert.Equal([5000, 5001, 5002], Connect(new SequentialPorts(5000, 5002), 3));
        SequentialPorts ports = new(7, 8);
        Assert.Equal([7, 8, 7], Enumerable.Range(0, 3).Select(_ => Take(ports)));
    }

    [Fact]
    public void The_first_free_one_of_a_list()
    {
        Assert.Equal([9000, 4000], Connect(new PortList([9000, 4000]), 2));
        Assert.Throws<StackException>(() => new PortList([]));
        Assert.Throws<StackException>(() => new PortList([65536]));
    }

    [Fact]
    public void Random_ones_by_a_seed()
    {
        int[] ports = Connect(new RandomPorts(RandomSource.FromSeed(1), 1000, 1009), 10);
        Assert.Equal(Enumerable.Range(1000, 10), ports.Order());
        Assert.NotEqual(ports.Order(), ports);
    }

    [Fact]
    public void When_none_is_free_the_connection_is_refused_with_advice()
    {
        using Rig rig = new(client: o => o with { PortSelection = new PortList([9000]) });
        rig.Listen();
        rig.Connect();
        Assert.Equal(StackError.ResourceExhausted, Assert.Throws<StackException>(() => rig.Connect()).Error);
        Assert.Empty(rig.Client.PartErrors);
    }

    [Fact]
    public void One_that_throws_or_takes_what_is_taken_is_counted_and_rfc_6056_goes_on()
    {
        using Rig rig = new(client: o => o with { PortSelection = new Odd() });
        rig.Listen();
        TcpSession[] sessions = [rig.Connect(), rig.Connect(), rig.Connect()];
        Assert.Equal(3, sessions.Select(s => s.LocalPort).Distinct().Count());
        Assert.Equal(2, rig.Client.PartFailures);
        Assert.All(rig.Client.PartErrors, error => Assert.Equal(PartKind.PortSelection, error.Kind));
    }

    [Fact]
    public void A_stack_names_its_parts()
    {
        using Rig rig = new(client: o => o with { PortSelection = new SequentialPorts(1, 2), Tcp = o.Tcp with { CongestionControl = "cubic" } });
        Assert.Equal("rfc6528, cubic, rfc6298, linux, sequential", rig.Client.Parts);
        Assert.Equal("rfc6528, newreno, rfc6298, linux, rfc6056", rig.Server.Parts);
    }

    private static int Take(IPortSelector ports)
    {
        Assert.True(ports.TrySelect(default, default, 0, static _ => true, out ushort port));
        return port;
    }

    private static int[] Connect(IPortSelector ports, int count)
    {
        using Rig rig = new(client: o => o with { PortSelection = ports });
        rig.Listen();
        return [.. Enumerable.Range(0, count).Select(_ => rig.Connect().LocalPort)];
    }

    private sealed class Odd : IPortSelector
    {
        private int _calls;

        public string Name => "odd";

        public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
        {
            port = 4242;
            return _calls++ == 2 ? throw new InvalidOperationException("no port") : true;
        }
    }
}
