using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Fragments;
using TcpTools.IP;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using Xunit;
using static TcpTools.Tests.Fragments.FragmentSamples;

namespace TcpTools.Tests.Fragments;

public sealed class PacketReassemblerTests
{
    private static readonly (int Offset, int Length)[] s_activeMapping = [(0, 3), (4, 2), (6, 3), (1, 4), (6, 3), (9, 3)];

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    public void Every_order_of_fragments_with_a_duplicate_gives_the_packet(int version)
    {
        Packet packet = Datagram(version, 72);
        Packet[] fragments = [.. Cutter.Split(packet, new() { DataSize = 16 })];
        Assert.Equal(5, fragments.Length);
        foreach (int[] order in Permutations(5))
        {
            int twice = order[2];
            List<Packet> arrivals = [.. order.Select(i => fragments[i])];
            arrivals.Insert(4, fragments[twice]);
            Assert.Equal(packet.ToBytes(), Assert.Single(Join(arrivals)).ToBytes());
        }
    }

    [Theory]
    [InlineData(FragmentOverlapPolicy.Bsd, "111442333666")]
    [InlineData(FragmentOverlapPolicy.Linux, "111442555666")]
    [InlineData(FragmentOverlapPolicy.First, "111422333666")]
    [InlineData(FragmentOverlapPolicy.Last, "144442555666")]
    [InlineData(FragmentOverlapPolicy.BsdRight, "144422555666")]
    [InlineData(FragmentOverlapPolicy.Windows, "111422333666")]
    [InlineData(FragmentOverlapPolicy.Drop, "")]
    public void The_published_arrangement_gives_the_published_results(FragmentOverlapPolicy policy, string expected)
    {
        foreach (int version in new[] { 4, 6 })
        {
            List<FragmentAnomaly> anomalies = [];
            IEnumerable<Packet> arrivals = s_activeMapping.Select((place, i) => Piece(
                version, (char)('1' + i), place.Offset * 8, place.Length * 8, more: i < s_activeMapping.Length - 1));
            string text = string.Concat(Join(arrivals, new() { IPv4Policy = policy, IPv6Policy = policy }, anomalies).Select(Text));
            Assert.Equal(expected, string.Concat(text.Where((_, i) => i % 8 == 0)));
            Assert.Contains(anomalies, anomaly => anomaly.Kind == FragmentAnomalyKind.Conflict);
        }
    }

    [Fact]
    public void Windows_gives_way_only_to_a_fragment_that_reaches_beyond_on_both_sides()
    {
        ReassemblySettings settings = new() { IPv4Policy = FragmentOverlapPolicy.Windows };
        Packet end = Piece(4, '!', 40, 8, false);
        Assert.Equal("BBBBB!", Units([Piece(4, 'A', 8, 8, true), Piece(4, 'B', 0, 40, true), end]));
        Assert.Equal("AABBB!", Units([Piece(4, 'A', 0, 16, true), Piece(4, 'B', 0, 40, true), end]));
        Assert.Equal("BBBAA!", Units([Piece(4, 'A', 24, 16, true), Piece(4, 'B', 0, 40, true), end]));

        string Units(Packet[] arrivals) => string.Concat(Text(Assert.Single(Join(arrivals, settings))).Where((_, i) => i % 8 == 0));
    }

    [Fact]
    public void First_and_last_are_what_a_simple_model_says_and_the_engine_agrees_about_the_others()
    {
        RandomSource random = RandomSource.FromSeed(3);
        for (int round = 0; round < 3000; round++)
        {
            int units = 2 + random.Next(9);
            List<(int Start, int End, char Letter)> cuts = [];
            for (int i = 0; i < 2 + random.Next(6); i++)
            {
                int start = random.Next(units);
                cuts.Add((start, start + 1 + random.Next(units - start), (char)('a' + i)));
            }

            char[] first = new char[units];
            char[] last = new char[units];
            foreach ((int start, int end, char letter) in cuts)
            {
                for (int i = start; i < end; i++)
                {
                    first[i] = first[i] == 0 ? letter : first[i];
                    last[i] = letter;
                }
            }

            // The gaps are filled and the end is told by bytes that nobody disputes.
            List<Packet> arrivals = [.. cuts.Select(cut => Piece(4, cut.Letter, cut.Start * 8, (cut.End - cut.Start) * 8, true))];
            for (int i = 0; i < units; i++)
            {
                if (first[i] == 0)
                {
                    arrivals.Add(Piece(4, '.', i * 8, 8, true));
                    first[i] = last[i] = '.';
                }
            }

            arrivals.Add(Piece(4, '!', units * 8, 8, false));
            Assert.Equal(new string(first) + "!", Units(FragmentOverlapPolicy.First));
            Assert.Equal(new string(last) + "!", Units(FragmentOverlapPolicy.Last));
            foreach (FragmentOverlapPolicy policy in new[] { FragmentOverlapPolicy.Bsd, FragmentOverlapPolicy.Linux, FragmentOverlapPolicy.BsdRight, FragmentOverlapPolicy.Windows })
            {
                Assert.Equal(units + 1, Units(policy).Length);
            }

            string Units(FragmentOverlapPolicy policy) => string.Concat(
                Text(Assert.Single(Join(arrivals, new() { IPv4Policy = policy }))).Where((_, i) => i % 8 == 0));
        }
    }

    [Theory]
    [InlineData(29.999, true)]
    [InlineData(30.001, false)]
    public void A_fragment_that_comes_after_its_time_comes_too_late(double seconds, bool isInTime)
    {
        List<FragmentAnomaly> anomalies = [];
        Packet first = Piece(4, 'A', 0, 8, true);
        Packet second = Piece(4, 'B', 8, 8, false);
        first.Timestamp = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
        second.Timestamp = first.Timestamp.Value.AddSeconds(seconds);
        List<Packet> whole = Join([first, second], anomalies: anomalies);
        Assert.Equal(isInTime ? 1 : 0, whole.Count);
        Assert.Equal(isInTime ? 0 : 1, anomalies.Count(anomaly => anomaly.Kind == FragmentAnomalyKind.TimedOut));
        Assert.All(whole, packet => Assert.Equal(second.Timestamp, packet.Timestamp));
    }

    [Fact]
    public void Two_packets_with_one_identification_in_turn_are_both_made_whole()
    {
        Packet[] a = [Piece(4, 'A', 0, 8, true), Piece(4, 'A', 8, 8, false)];
        Packet[] b = [Piece(4, 'B', 0, 8, true), Piece(4, 'B', 8, 8, false)];
        Assert.Equal(["AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"], Join([.. a, .. b]).Select(Text));
    }

    [Fact]
    public void Packets_that_are_whole_pass_as_they_are()
    {
        Packet[] packets = [Datagram(4, 10), Datagram(6, 10), new EthernetLayer() / new ArpLayer(), new Packet(), Piece(6, 'A', 0, 8, false)];
        Assert.Equal(packets, Join(packets), ReferenceEqualityComparer.Instance);
    }

    [Fact]
    public void In_IPv6_an_overlap_costs_the_packet_and_what_still_comes_of_it()
    {
        List<FragmentAnomaly> anomalies = [];
        Assert.Empty(Join(
            [Piece(6, 'A', 0, 16, true), Piece(6, 'A', 8, 16, true), Piece(6, 'A', 0, 16, true), Piece(6, 'A', 16, 8, false)], anomalies: anomalies));
        Assert.Equal(FragmentAnomalyKind.Overlap, Assert.Single(anomalies).Kind);
        anomalies.Clear();
        Assert.Single(Join([Piece(6, 'A', 0, 16, true), Piece(6, 'A', 0, 16, true), Piece(6, 'A', 16, 8, false)], anomalies: anomalies));
        Assert.Equal(FragmentAnomalyKind.Overlap, Assert.Single(anomalies).Kind);
    }

    [Fact]
    public void Oversized_misshapen_and_contradicting_fragments_are_told()
    {
        Assert.Equal(FragmentAnomalyKind.Oversized, Told(Piece(4, 'A', 65528, 16, false)));
        Assert.Equal(FragmentAnomalyKind.BadLength, Told(Piece(4, 'A', 0, 12, true)));
        Assert.Equal(FragmentAnomalyKind.BadLength, Told(Piece(6, 'A', 8, 0, false)));
        Assert.Equal(FragmentAnomalyKind.BadEnd, Told(Piece(4, 'A', 16, 8, false), Piece(4, 'A', 24, 8, false)));
        Assert.Equal(FragmentAnomalyKind.BadEnd, Told(Piece(4, 'A', 16, 8, true), Piece(4, 'A', 8, 8, false)));
        Packet marked = Piece(4, 'A', 0, 8, true);
        marked.IPv4!.Ecn = 3;
        Assert.Equal(FragmentAnomalyKind.BadEcn, Told(marked, Piece(4, 'A', 8, 8, false)));

        static FragmentAnomalyKind Told(params Packet[] packets)
        {
            List<FragmentAnomaly> anomalies = [];
            Assert.Empty(Join(packets, anomalies: anomalies));
            return Assert.Single(anomalies).Kind;
        }
    }

    [Fact]
    public void Limits_of_memory_packets_and_fragments_hold_and_cost_the_oldest()
    {
        PacketReassembler reassembler = new(new() { HighWatermark = 100_000, LowWatermark = 80_000, MaximumPackets = 50, MaximumFragments = 10 });
        List<FragmentAnomaly> anomalies = [];
        List<IncompletePacket> lost = [];
        reassembler.Anomaly = anomalies.Add;
        reassembler.GivenUp = lost.Add;
        reassembler.KeepFragments = true;
        for (ushort id = 1; id <= 200; id++)
        {
            Assert.Equal(ReassemblyOutcome.Waiting, reassembler.Add(Piece(4, 'A', 8, 4000, true, id), out _));
            Assert.InRange(reassembler.HeldBytes, 1, 100_000);
            Assert.InRange(reassembler.Count, 1, 50);
        }

        Assert.Equal(Enumerable.Range(1, lost.Count), lost.Select(packet => (int)packet.Identification));
        Assert.All(lost, packet => Assert.Equal((1, 1, false), (packet.Count, packet.Fragments.Count, packet.HasFirst)));
        Assert.All(anomalies, anomaly => Assert.Equal(FragmentAnomalyKind.LimitReached, anomaly.Kind));
        reassembler.Finish();
        Assert.Equal((200, 0L), (lost.Count, reassembler.HeldBytes));
        for (int i = 0; i < 11; i++)
        {
            reassembler.Add(Piece(4, 'A', 8 * i, 8, true), out _);
        }

        Assert.Equal(201, lost.Count);
        for (ushort id = 1; id <= 60; id++)
        {
            reassembler.Add(Piece(4, 'A', 8, 8, true, id), out _);
        }

        Assert.Equal(50, reassembler.Count);
    }

    [Fact]
    public void A_fragment_far_away_costs_no_more_than_its_bytes()
    {
        PacketReassembler reassembler = new();
        reassembler.Add(Piece(4, 'A', 65_000, 8, true), out _);
        Assert.InRange(reassembler.HeldBytes, 8, 500);
    }

    [Fact]
    public void The_largest_packets_of_many_tiny_fragments_become_whole()
    {
        foreach ((int version, int length) in new[] { (4, 65_507), (6, 65_527) })
        {
            Packet packet = Datagram(version, length);
            IReadOnlyList<Packet> fragments = Cutter.Split(packet, new() { DataSize = 8 });
            Assert.Equal(8190 + (version == 4 ? 0 : 2), fragments.Count);
            Assert.Equal(packet.ToBytes(), Assert.Single(Join(fragments.Reverse())).ToBytes());
        }
    }

    [Fact]
    public void Damaged_fragments_never_throw_and_never_hold_more_than_the_limit()
    {
        byte[][] seeds = [.. new[] { 4, 6 }.SelectMany(version => Cutter.Split(Datagram(version, 60), new() { DataSize = 24 })).Select(f => f.ToBytes())];
        PacketReassembler reassembler = new(new() { HighWatermark = 20_000, LowWatermark = 10_000 });
        new ByteMutator(31).Run(seeds, 20_000, bytes =>
        {
            Packet packet = Packet.FromFrame(bytes);
            reassembler.Add(packet, out Packet? whole);
            Assert.InRange(reassembler.HeldBytes, 0, 20_000);
            _ = whole?.Anomalies;
            try
            {
                Cutter.Split(packet, new() { DataSize = 8, Force = true });
            }
            catch (StackException)
            {
            }
        });
    }

    private static string Text(Packet packet) => Encoding.ASCII.GetString(packet.ToBytes().AsSpan(packet.IPv4 is null ? 40 : 20));

    private static IEnumerable<int[]> Permutations(int count)
    {
        if (count == 0)
        {
            yield return [];
            yield break;
        }

        foreach (int[] shorter in Permutations(count - 1))
        {
            for (int i = 0; i < count; i++)
            {
                yield return [.. shorter[..i], count - 1, .. shorter[i..]];
            }
        }
    }
}
