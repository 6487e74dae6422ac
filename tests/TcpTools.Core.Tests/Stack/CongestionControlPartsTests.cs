using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Congestion controls by name and of one's own, in whole transfers in simulated time.</summary>
public sealed class CongestionControlPartsTests
{
    public static TheoryData<string> Names { get; } = [.. TcpParts.CongestionControls.Select(part => part.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_megabyte_arrives_over_loss_with_each_and_twice_the_same(string name)
    {
        (TimeSpan first, TcpInfo info) = Send(name, new Impairment { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.02 }, 1 << 20);
        (TimeSpan second, _) = Send(name, new Impairment { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.02 }, 1 << 20);
        Assert.Equal(first, second);
        Assert.Equal(name, info.CongestionControl, ignoreCase: true);
        Assert.True(info.RetransmittedSegments > 5);
    }

    [Fact]
    public void On_a_long_fast_path_cubic_is_back_at_full_speed_long_before_newreno()
    {
        // 20 Mbit/s, 400 ms: 1 MB fits; a packet in 5,000 is lost.
        Impairment path = new() { Delay = TimeSpan.FromMilliseconds(200), Rate = 20_000_000, Loss = 0.0002 };
        (TimeSpan reno, TcpInfo renoInfo) = Send("NewReno", path, 24 << 20);
        (TimeSpan cubic, TcpInfo cubicInfo) = Send("Cubic", path, 24 << 20);
        Assert.True(renoInfo.RetransmittedSegments > 0 && cubicInfo.RetransmittedSegments > 0);
        Assert.True(cubic * 1.2 < reno, $"CUBIC took {cubic}, NewReno {reno}.");
    }

    [Fact]
    public void A_fixed_window_is_what_is_in_flight()
    {
        (TimeSpan time, TcpInfo info) = Send(
            settings => settings with { CongestionControlFactory = static _ => new FixedWindow(10_000) },
            new Impairment { Delay = TimeSpan.FromMilliseconds(50) },
            1_000_000);
        Assert.Equal(10_000, info.CongestionWindow);
        // 1 MB in windows of less than 10 kB, one each 100 ms.
        Assert.InRange(time.TotalSeconds, 10, 15);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public void One_that_throws_is_counted_once_a_connection_and_newreno_goes_on(int calls)
    {
        using Rig rig = new(
            impairment: new Impairment { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.02 },
            client: o => o with { Tcp = o.Tcp with { CongestionControlFactory = s => new Failing(s, calls) } });
        (TcpSession client, TcpSession server) = rig.Establish();
        Transfer.BothWays(rig, client, server, Transfer.Bytes(1 << 20, 1), [], TimeSpan.FromMinutes(10));
        PartError error = Assert.Single(rig.Client.PartErrors);
        Assert.Equal((PartKind.CongestionControl, "failing"), (error.Kind, error.Name));
        Assert.Equal("failing", client.Info.CongestionControl);
    }

    [Fact]
    public void A_factory_that_throws_leaves_newreno()
    {
        using Rig rig = new(client: o => o with { Tcp = o.Tcp with { CongestionControlFactory = _ => throw new InvalidOperationException("none today") } });
        (TcpSession client, _) = rig.Establish();
        Assert.Equal("newreno", client.Info.CongestionControl);
        Assert.Equal("none today", Assert.Single(rig.Client.PartErrors).Message);
    }

    [Fact]
    public void A_name_that_there_is_not_is_refused_with_those_that_there_are()
    {
        StackException error = Assert.Throws<StackException>(() => (TcpSettings.Default with { CongestionControl = "bbr" }).Validate());
        Assert.Contains("NewReno, Cubic, None", error.Advice, StringComparison.Ordinal);
    }

    private static (TimeSpan Time, TcpInfo Info) Send(string name, Impairment impairment, int bytes) =>
        Send(settings => settings with { CongestionControl = name }, impairment, bytes);

    private static (TimeSpan Time, TcpInfo Info) Send(Func<TcpSettings, TcpSettings> change, Impairment impairment, int bytes)
    {
        using Rig rig = new(
            impairment: impairment,
            wire: new PacketWireOptions { MaximumSegmentationLength = 0, QueueLimit = 20_000 },
            client: o => o with { OutputQueueLimit = 20_000, Tcp = change(o.Tcp) });
        (TcpSession client, TcpSession server) = rig.Establish();
        Instant start = rig.Network.Now;
        Transfer.BothWays(rig, client, server, Transfer.Bytes(bytes, 1), [], TimeSpan.FromHours(1));
        return (rig.Network.Now - start, client.Info);
    }

    private sealed class Failing(TcpSettings settings, int calls) : ICongestionControl
    {
        private readonly NewReno _inner = new(settings);
        private int _left = calls;

        public string Name => "failing";

        public int Window => _inner.Window;

        public int SlowStartThreshold => _inner.SlowStartThreshold;

        public void OnEstablished(int mss, Instant now)
        {
            Fail();
            _inner.OnEstablished(mss, now);
        }

        public void OnAck(in AckSample sample)
        {
            Fail();
            _inner.OnAck(sample);
        }

        public void OnLoss(int bytesInFlight, Instant now) => _inner.OnLoss(bytesInFlight, now);

        public void OnTimeout(int bytesInFlight, Instant now) => _inner.OnTimeout(bytesInFlight, now);

        public void OnRecoveryExit(Instant now) => _inner.OnRecoveryExit(now);

        public void OnIdle(TimeSpan idle, TimeSpan rto) => _inner.OnIdle(idle, rto);

        public void Undo() => _inner.Undo();

        private void Fail()
        {
            if (--_left < 0)
            {
                throw new InvalidOperationException("no window");
            }
        }
    }
}
