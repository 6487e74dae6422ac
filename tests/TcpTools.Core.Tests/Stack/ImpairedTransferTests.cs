using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Transfers over a bad network, in virtual time, the same each time.</summary>
public sealed class ImpairedTransferTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(10);

    public static TheoryData<string, Impairment> Networks { get; } = new()
    {
        { "loss", new Impairment { Delay = s_delay, Loss = 0.02 } },
        { "reorder", new Impairment { Delay = s_delay, Reorder = 0.05 } },
        { "duplicate", new Impairment { Delay = s_delay, Duplicate = 0.05 } },
        { "corrupt", new Impairment { Delay = s_delay, Corrupt = 0.02 } },
        { "jitter", new Impairment { Delay = s_delay, Jitter = TimeSpan.FromMilliseconds(8) } },
        {
            "all", new Impairment
            {
                Delay = s_delay,
                Jitter = TimeSpan.FromMilliseconds(3),
                Loss = 0.02,
                Reorder = 0.02,
                Duplicate = 0.02,
                Corrupt = 0.01,
            }
        },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_megabyte_each_way_arrives_byte_exact(string name, Impairment impairment)
    {
        Assert.NotEmpty(name);
        using Rig rig = new(impairment: impairment, wire: new PacketWireOptions { MaximumSegmentationLength = 0 });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(
            rig, client, server, Transfer.Bytes(1 << 20, 1), Transfer.Bytes(1 << 20, 2), TimeSpan.FromMinutes(10));
        rig.Network.Run(TimeSpan.FromMinutes(5));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void A_megabyte_at_twenty_percent_loss_still_finishes()
    {
        using Rig rig = new(
            impairment: new Impairment { Delay = s_delay, Loss = 0.2 },
            wire: new PacketWireOptions { MaximumSegmentationLength = 0 });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 20, 3), [], TimeSpan.FromMinutes(30));
        Assert.True(rig.Client.Counters["TcpRetransSegs"] > 100);
        rig.Network.Run(TimeSpan.FromMinutes(30));
        rig.AssertNothingLeft();
    }

    [Fact]
    public void The_same_seed_gives_the_same_segments_at_the_same_times_and_another_seed_does_not()
    {
        List<string> first = TraceOf(7);
        List<string> second = TraceOf(7);
        List<string> other = TraceOf(8);
        Assert.True(first.Count > 200);
        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Large_segments_that_the_link_splits_arrive_byte_exact_over_loss()
    {
        using Rig rig = new(impairment: new Impairment { Delay = s_delay, Loss = 0.05 });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(
            rig, client, server, Transfer.Bytes(1 << 20, 1), Transfer.Bytes(1 << 20, 2), TimeSpan.FromMinutes(10));
    }

    private static List<string> TraceOf(ulong seed)
    {
        using Rig rig = new(
            seed: seed,
            impairment: new Impairment { Delay = s_delay, Jitter = s_delay, Loss = 0.03, Duplicate = 0.03, Reorder = 0.03 },
            wire: new PacketWireOptions { MaximumSegmentationLength = 0 },
            client: o => o with { Trace = true, TraceCapacity = 100_000 },
            server: o => o with { Trace = true, TraceCapacity = 100_000 });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(
            rig, client, server, Transfer.Bytes(100_000, 1), Transfer.Bytes(100_000, 2), TimeSpan.FromMinutes(10));
        return [.. rig.Client.Trace!.Snapshot().Concat(rig.Server.Trace!.Snapshot()).Select(r => r.ToString())];
    }
}
