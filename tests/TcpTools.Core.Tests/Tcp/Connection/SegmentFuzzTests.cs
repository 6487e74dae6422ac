using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>
/// Mutated segments into live connections: nothing throws, memory stays bounded, and a connection lives through whatever
/// lies outside its window. Longer when <c>TCPTOOLS_FUZZ_SECONDS</c> says so.
/// </summary>
public class SegmentFuzzTests
{
    [Fact]
    public void Mutated_segments_never_throw_and_cost_bounded_memory()
    {
        double seconds = double.Parse(Environment.GetEnvironmentVariable("TCPTOOLS_FUZZ_SECONDS") ?? "0", CultureInfo.InvariantCulture);
        Stopwatch watch = Stopwatch.StartNew();
        for (ulong seed = 1; seed <= 30 || watch.Elapsed.TotalSeconds < seconds; seed++)
        {
            Attack(seed, outsideOnly: false);
        }
    }

    [Fact]
    public void A_connection_survives_everything_that_is_outside_its_window()
    {
        for (ulong seed = 100; seed < 130; seed++)
        {
            Attack(seed, outsideOnly: true);
        }
    }

    /// <summary>A transfer both ways, with forged segments among the real ones.</summary>
    private static void Attack(ulong seed, bool outsideOnly)
    {
        RandomSource random = RandomSource.FromSeed(seed * 977);
        TcpPair pair = new(
            seed, new PairNetwork { Loss = 0.01, Reorder = 0.1 }, TcpSettings.Default with { TimeWait = TimeSpan.FromSeconds(1) });
        pair.ChecksWindows = outsideOnly;
        pair.Establish();
        // Forged data that fits cannot be told from real data, so its bytes are checked only where none can fit.
        List<PairSegment> seen = [];
        pair.Network = pair.Network with
        {
            Drop = segment =>
            {
                if (seen.Count < 200)
                {
                    seen.Add(segment);
                }
                else
                {
                    seen[random.Next(200)] = segment;
                }

                return false;
            },
        };
        byte[] data = new byte[5000];
        PairTransfer? down = outsideOnly
            ? new PairTransfer(pair, pair.Server, pair.Client, new TransferPlan { Bytes = 100_000, WriterPause = TimeSpan.FromMilliseconds(2) }, seed)
            : null;
        for (int round = 0; round < 300; round++)
        {
            if (!outsideOnly)
            {
                pair.Client.Connection.Write(data, pair.Now);
                pair.Server.Connection.Write(data.AsSpan(0, 100), pair.Now);
                pair.Client.Connection.Read(data, pair.Now);
                pair.Server.Connection.Read(data, pair.Now);
            }

            if (seen.Count > 0)
            {
                PairSegment forged = Mutate(seen[random.Next(seen.Count)], random);
                TcpPair.Side target = forged.From.Peer;
                if (target.Connection.State != TcpState.Closed && (!outsideOnly || IsOutside(forged, target.Info)))
                {
                    target.Arrive(forged);
                }
            }

            pair.Run(0.002);
            Assert.True(pair.Slabs.Outstanding < 2000, $"{pair.Slabs.Outstanding} slabs");
        }

        if (down is not null)
        {
            Assert.True(
                pair.RunUntil(() => down.Received == 100_000, 300),
                $"seed {seed}: {down.Received}\n{pair.Client.Info}\n{pair.Server.Info}");
        }

        pair.Client.Connection.Abort(pair.Now);
        pair.Server.Connection.Abort(pair.Now);
        // What a reset left unread is still theirs.
        pair.Client.Connection.Close(pair.Now);
        pair.Server.Connection.Close(pair.Now);
        Assert.Equal(0, pair.Slabs.Outstanding);
        Assert.True(pair.Client.Deadline.IsNever && pair.Server.Deadline.IsNever);
    }

    private static bool IsOutside(PairSegment segment, TcpInfo info)
    {
        SequenceNumber start = new(segment.Sequence);
        int length = segment.Payload.Length + (segment.Has(TcpFlags.Syn) ? 1 : 0) + (segment.Has(TcpFlags.Fin) ? 1 : 0);
        return start > info.ReceiveNext + (int)info.ReceiveWindow || start + length < info.ReceiveNext;
    }

    private static PairSegment Mutate(PairSegment segment, RandomSource random)
    {
        for (int i = 1 + random.Next(3); i > 0; i--)
        {
            segment = random.Next(8) switch
            {
                0 => segment with { Sequence = segment.Sequence + (uint)(random.Next(200_001) - 100_000) },
                1 => segment with { Sequence = random.NextUInt32() },
                2 => segment with { Acknowledgment = segment.Acknowledgment + (uint)(random.Next(200_001) - 100_000) },
                3 => segment with { Acknowledgment = random.NextUInt32() },
                4 => segment with { Flags = (TcpFlags)random.Next(512) },
                5 => segment with { Window = (ushort)random.Next(65536), Urgent = (ushort)random.Next(65536) },
                6 => segment with { Options = Options(segment.Options, random) },
                _ => segment with { Payload = new byte[random.Next(3000)] },
            };
        }

        return segment;
    }

    private static byte[] Options(byte[] original, RandomSource random)
    {
        byte[] options = random.Next(2) == 0 ? new byte[random.Next(11) * 4] : (byte[])original.Clone();
        for (int i = random.Next(8); i > 0 && options.Length > 0; i--)
        {
            options[random.Next(options.Length)] = random.Next(2) == 0 ? (byte)random.Next(12) : (byte)random.Next(256);
        }

        return options;
    }
}
