using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Streams;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>Bytes that come twice with different contents.</summary>
public sealed class StreamOverlapTests
{
    public static TheoryData<StreamOverlapPolicy> Policies() => [.. Enum.GetValues<StreamOverlapPolicy>()];

    [Theory]
    // Earlier 4 to 8 "aaaa", then a later one: same place; starts before; starts before and ends after; starts after; starts the same and ends after.
    [InlineData(StreamOverlapPolicy.First, "....aaaa", "...baaaa", "...baaaab", "....aaaab", "....aaaab")]
    [InlineData(StreamOverlapPolicy.Last, "....bbbb", "...bbbaa", "...bbbbbb", "....aabbb", "....bbbbb")]
    [InlineData(StreamOverlapPolicy.Bsd, "....aaaa", "...bbbaa", "...bbbbbb", "....aaaab", "....aaaab")]
    [InlineData(StreamOverlapPolicy.Linux, "....aaaa", "...bbbaa", "...bbbbbb", "....aaaab", "....bbbbb")]
    [InlineData(StreamOverlapPolicy.Windows, "....aaaa", "...baaaa", "...bbbbbb", "....aaaab", "....aaaab")]
    [InlineData(StreamOverlapPolicy.Solaris, "....bbbb", "...baaaa", "...bbbbbb", "....aabbb", "....bbbbb")]
    public void Policies_decide_as_the_systems_do(
        StreamOverlapPolicy policy, string same, string before, string around, string after, string longer)
    {
        Assert.Equal(same, Overlap(policy, 4, 8));
        Assert.Equal(before, Overlap(policy, 3, 6));
        Assert.Equal(around, Overlap(policy, 3, 9));
        Assert.Equal(after, Overlap(policy, 6, 9));
        Assert.Equal(longer, Overlap(policy, 4, 9));
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Random_overlaps_end_as_a_model_of_single_bytes_says(StreamOverlapPolicy policy)
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            StreamRig rig = new StreamRig(new TcpStreamSettings { OverlapPolicy = policy, MaximumAnomaliesPerStream = 10_000 }).Open();
            const int Length = 60;
            char[] model = new char[Length];
            var owners = new (int Start, int End)[Length];
            int conflicts = 0;
            for (int i = 0; i < 25; i++)
            {
                int start = random.Next(1, Length - 1);
                int end = random.Next(start + 1, Math.Min(Length, start + 20) + 1);
                string text = string.Concat(Enumerable.Range(0, end - start).Select(_ => (char)random.Next('a', 'd')));
                rig.Client(start, text);
                for (int at = start; at < end; at++)
                {
                    conflicts += model[at] != 0 && model[at] != text[at - start] ? 1 : 0;
                    if (model[at] == 0 || StreamOverlap.LaterWins(policy, owners[at].Start, owners[at].End, start, end))
                    {
                        model[at] = text[at - start];
                        owners[at] = (start, end);
                    }
                }
            }

            rig.Client(0, "!");
            model[0] = '!';
            int whole = Array.IndexOf(model, '\0');
            Assert.Equal(new string(model, 0, whole < 0 ? Length : whole), rig.ClientText);
            Assert.Equal(conflicts > 0, rig.Kinds.Contains(StreamAnomalyKind.ConflictingData));
            foreach (StreamAnomaly conflict in rig.Anomalies)
            {
                Assert.Equal(conflict.Kept.Length, conflict.Discarded.Length);
                Assert.NotEqual(conflict.Kept, conflict.Discarded);
            }
        }
    }

    [Fact]
    public void Both_copies_of_conflicting_bytes_are_there()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(2, "cdef");
        rig.Client(3, "XYf");
        rig.Client(0, "ab");
        StreamAnomaly conflict = Assert.Single(rig.Anomalies);
        Assert.Equal(("de", "XY", 3), (Text(conflict.Kept), Text(conflict.Discarded), conflict.Offset));
        Assert.Equal("abcdef", rig.ClientText);
        Assert.Same(rig.Stream, conflict.Stream);
    }

    [Fact]
    public void A_repeated_segment_is_compared_with_what_was_delivered()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abcdef");
        rig.Client(6, "ghijkl");
        rig.Client(0, "abcdef");
        Assert.Empty(rig.Anomalies);
        rig.Client(4, "efgXij");
        StreamAnomaly conflict = Assert.Single(rig.Anomalies);
        Assert.Equal(("h", "X", 7), (Text(conflict.Kept), Text(conflict.Discarded), conflict.Offset));
        rig.Client(10, "kLm");
        Assert.Equal("abcdefghijklm", rig.ClientText);
        Assert.Equal(2, rig.Anomalies.Count);
        Assert.Equal(2, rig.Stream!.ClientSide.Retransmissions);
    }

    [Fact]
    public void Repeats_are_compared_across_the_end_of_the_ring_and_not_with_what_has_been_overwritten()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { HistoryBytes = 1000 }).Open();
        string text = string.Concat(Enumerable.Range(0, 3000).Select(i => (char)('a' + (i % 23))));
        for (int at = 0; at < text.Length; at += 70)
        {
            string piece = text.Substring(at, Math.Min(70, text.Length - at));
            rig.Client(at, piece);
            rig.Client(at, piece);
            int back = Math.Max(0, at - 300);
            rig.Client(back, text.Substring(back, 100));
        }

        Assert.Empty(rig.Anomalies);
        rig.Client(0, new string('!', 100));
        Assert.Empty(rig.Anomalies);
        rig.Client(2500, new string('!', 100));
        Assert.NotEmpty(rig.Anomalies);
        Assert.Equal(text, rig.ClientText);
    }

    [Fact]
    public void Conflicts_of_one_stream_are_told_so_many_times_and_then_only_counted()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { MaximumAnomaliesPerStream = 5 }).Open();
        rig.Client(0, "abc");
        for (int i = 0; i < 50; i++)
        {
            rig.Client(0, "xyz");
        }

        Assert.Equal(5, rig.Anomalies.Count);
        Assert.Equal(50, rig.Stream!.AnomalyCount);
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);

    private static string Overlap(StreamOverlapPolicy policy, int start, int end)
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { OverlapPolicy = policy }).Open();
        rig.Client(4, "aaaa");
        rig.Client(start, new string('b', end - start));
        rig.Client(0, new string('.', Math.Min(start, 4)));
        return rig.ClientText;
    }
}
