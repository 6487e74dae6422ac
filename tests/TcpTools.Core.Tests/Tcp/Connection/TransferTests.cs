using System;
using System.Globalization;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Two connections over networks of every kind: all bytes arrive, once, in order, in bounded time, and nothing is left over.</summary>
public class TransferTests
{
    private static readonly TcpSettings QuickEnd = TcpSettings.Default with { TimeWait = TimeSpan.FromSeconds(1) };

    /// <summary>Transfers both ways, closes, and checks that nothing is left.</summary>
    private static TcpPair Transfer(
        ulong seed, PairNetwork network, TransferPlan down, TransferPlan up, double limitSeconds, TcpSettings? client = null, TcpSettings? server = null,
        bool log = false)
    {
        TcpPair pair = new(seed, network, client ?? QuickEnd, server ?? QuickEnd);
        if (log)
        {
            pair.Log = [];
        }

        try
        {
            pair.Establish();
            PairTransfer first = new(pair, pair.Server, pair.Client, down, seed + 1);
            PairTransfer second = new(pair, pair.Client, pair.Server, up, seed + 2);
            Assert.True(
                pair.RunUntil(() => first.IsDone && second.IsDone, limitSeconds),
                $"{first.Received}/{first.Written}/{down.Bytes} down, {second.Received}/{second.Written}/{up.Bytes} up after {pair.Elapsed}");
            TimeSpan elapsed = pair.Elapsed;
            Assert.True(
                pair.RunUntil(() => pair.Client.Connection.State == TcpState.Closed && pair.Server.Connection.State == TcpState.Closed, 2000),
                $"{pair.Client.Connection.State}, {pair.Server.Connection.State}");
            Assert.Equal(TcpCloseReason.Finished, pair.Client.Closed);
            Assert.Equal(TcpCloseReason.Finished, pair.Server.Closed);
            Assert.Equal(0, pair.Slabs.Outstanding);
            Assert.True(pair.Client.Deadline.IsNever && pair.Server.Deadline.IsNever, "A timer is left.");
            return pair;
        }
        catch (Exception error)
        {
            if (pair.Log is { } lines)
            {
                System.IO.File.WriteAllLines(System.IO.Path.Combine(System.IO.Path.GetTempPath(), "tcptools-pair.log"), lines);
            }

            throw new InvalidOperationException($"seed {seed}: {error.Message}\n{Show(pair.Client.Info)}\n{Show(pair.Server.Info)}", error);
        }
    }

    private static string Show(TcpInfo info) =>
        $"{info.State} una {info.SendUnacknowledged} nxt {info.SendNext} wnd {info.SendWindow} rcv {info.ReceiveNext}+{info.ReceiveWindow} cwnd {info.CongestionWindow} "
        + $"pipe {info.BytesInFlight} srtt {info.SmoothedRtt.TotalMilliseconds:F0} rto {info.RetransmissionTimeout.TotalMilliseconds:F0} "
        + $"retransmitted {info.RetransmittedSegments} fast {info.FastRetransmits} timeouts {info.Timeouts} unread {info.UnreadBytes} unsent {info.UnsentBytes}";

    [Theory]
    [InlineData(0, 0, 0, 5)]
    [InlineData(0.005, 0, 0, 5)]
    [InlineData(0.02, 0, 0, 5)]
    [InlineData(0, 0.2, 0, 5)]
    [InlineData(0, 0, 0.2, 10)]
    [InlineData(0.02, 0.02, 0.05, 10)]
    [InlineData(0.05, 0.05, 0.1, 30)]
    public void A_megabyte_each_way_survives_the_network(double loss, double duplicate, double reorder, double limit)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            Transfer(
                seed,
                new PairNetwork { Loss = loss, Duplicate = duplicate, Reorder = reorder },
                new TransferPlan { Bytes = 1 << 20 },
                new TransferPlan { Bytes = 1 << 20 },
                limit);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_megabyte_at_20_percent_loss_finishes_within_two_minutes(ulong seed) =>
        Transfer(
            seed, new PairNetwork { Loss = 0.2 }, new TransferPlan { Bytes = 1 << 20 }, new TransferPlan { Bytes = 0 }, 120);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Without_SACK_and_timestamps_a_megabyte_at_5_percent_loss_finishes(ulong seed) =>
        Transfer(
            seed,
            new PairNetwork { Loss = 0.05 },
            new TransferPlan { Bytes = 1 << 20 },
            new TransferPlan { Bytes = 1 << 18 },
            600,
            TcpHarness.Plain with { TimeWait = TimeSpan.FromSeconds(1) },
            TcpHarness.Plain with { TimeWait = TimeSpan.FromSeconds(1) });

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        static (ulong Trace, long Segments, TimeSpan Elapsed) Run(ulong seed)
        {
            TcpPair pair = Transfer(
                seed,
                new PairNetwork { Loss = 0.03, Duplicate = 0.03, Reorder = 0.1 },
                new TransferPlan { Bytes = 200_000, ReaderPause = TimeSpan.FromMilliseconds(3) },
                new TransferPlan { Bytes = 100_000, LargestWrite = 700 },
                120);
            return (pair.Trace, pair.Segments, pair.Elapsed);
        }

        Assert.Equal(Run(7), Run(7));
        Assert.NotEqual(Run(7).Trace, Run(8).Trace);
    }

    [Fact]
    public void Random_networks_users_and_settings_lose_no_byte()
    {
        int runs = int.Parse(Environment.GetEnvironmentVariable("TCPTOOLS_PAIR_RUNS") ?? "150", CultureInfo.InvariantCulture);
        ulong first = ulong.Parse(Environment.GetEnvironmentVariable("TCPTOOLS_PAIR_SEED") ?? "1000", CultureInfo.InvariantCulture);
        for (ulong seed = first; seed < first + (ulong)runs; seed++)
        {
            RandomSource random = RandomSource.FromSeed(seed * 31);
            PairNetwork network = new()
            {
                Loss = random.Next(3) == 0 ? 0 : random.NextDouble() * 0.15,
                Duplicate = random.Next(2) == 0 ? 0 : random.NextDouble() * 0.2,
                Reorder = random.Next(2) == 0 ? 0 : random.NextDouble() * 0.5,
                Delay = TimeSpan.FromMilliseconds(0.1 + (random.NextDouble() * 50)),
                ReorderDelay = TimeSpan.FromMilliseconds(random.NextDouble() * 80),
            };
            Transfer(
                seed, network, RandomPlan(random), RandomPlan(random), 20_000, RandomSettings(random), RandomSettings(random), runs == 1);
        }
    }

    private static TransferPlan RandomPlan(RandomSource random) => new()
    {
        Bytes = random.Next(4) == 0 ? random.Next(20) : random.Next(60_000),
        LargestWrite = 1 + random.Next(random.Next(2) == 0 ? 100 : 20_000),
        LargestRead = 1 + random.Next(random.Next(2) == 0 ? 100 : 20_000),
        ReaderPause = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.NextDouble() * 100),
        WriterPause = random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.NextDouble() * 50),
    };

    private static TcpSettings RandomSettings(RandomSource random)
    {
        TcpSettings profile = TcpSettings.For((TcpProfile)random.Next(3));
        return profile with
        {
            TimeWait = TimeSpan.FromSeconds(1),
            Timestamps = random.Next(2) == 0,
            Sack = random.Next(3) != 0,
            WindowScaling = random.Next(2) == 0,
            WindowScale = random.Next(3) == 0 ? random.Next(15) : null,
            Nagle = random.Next(2) == 0,
            DelayedAck = random.Next(3) != 0,
            DataRetries = 30,
            MaximumOutOfOrderRanges = random.Next(3) == 0 ? 1 + random.Next(4) : 1024,
            ReceiveBufferSize = random.Next(2) == 0 ? 1 + random.Next(3000) : 65536,
            SendBufferSize = random.Next(2) == 0 ? 1 + random.Next(3000) : 65536,
            AutoTuneReceiveBuffer = random.Next(2) == 0,
            AutoTuneSendBuffer = random.Next(2) == 0,
            MaximumSegmentSize = random.Next(2) == 0 ? 48 + random.Next(1400) : null,
            MaximumRto = TimeSpan.FromSeconds(2),
            PersistMaximum = TimeSpan.FromSeconds(2),
            SynRetries = 20,
            SynAckRetries = 20,
        };
    }
}
