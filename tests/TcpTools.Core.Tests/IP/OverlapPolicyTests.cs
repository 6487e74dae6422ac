using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Which bytes count where fragments overlap, against results that others have published or that follow from a simple model.</summary>
public sealed class OverlapPolicyTests
{
    /// <summary>
    /// The arrangement of Shankar and Paxson (Active Mapping, 2003) that tells the policies apart: fragments 1 to 6 in
    /// order of arrival, each with its place and length in units of 8 bytes.
    /// </summary>
    private static readonly (int Offset, int Length)[] ActiveMapping = [(0, 3), (4, 2), (6, 3), (1, 4), (6, 3), (9, 3)];

    [Theory]
    [InlineData(FragmentOverlapPolicy.Bsd, "111442333666")]
    [InlineData(FragmentOverlapPolicy.Linux, "111442555666")]
    [InlineData(FragmentOverlapPolicy.First, "111422333666")]
    [InlineData(FragmentOverlapPolicy.Last, "144442555666")]
    [InlineData(FragmentOverlapPolicy.BsdRight, "144422555666")]
    [InlineData(FragmentOverlapPolicy.Drop, "")]
    public void The_published_arrangement_gives_the_published_results(FragmentOverlapPolicy policy, string expected)
    {
        var host = new IPHost(new IPSettings { OverlapPolicy = policy });
        for (int i = 0; i < ActiveMapping.Length; i++)
        {
            (int offset, int length) = ActiveMapping[i];
            host.Receive(Piece((char)('1' + i), offset, length, more: i < ActiveMapping.Length - 1));
        }

        Assert.Equal(expected, string.Concat(host.Delivered.Select(d => Units(d.Payload))));
        host.AssertAlive();
    }

    [Theory]
    //          arrival order of A (0..4), B (2..6), C (last, 6..7)        First     Last      Bsd       Linux
    [InlineData("A0-4 B2-6 C6-7", "AAAABBC", "AABBBBC", "AAAABBC", "AAAABBC")]
    [InlineData("B2-6 A0-4 C6-7", "AABBBBC", "AAAABBC", "AAAABBC", "AAAABBC")]
    [InlineData("A0-4 B0-4 C4-5", "AAAAC", "BBBBC", "AAAAC", "BBBBC")] // same place
    [InlineData("A0-6 B2-4 C6-7", "AAAAAAC", "AABBAAC", "AAAAAAC", "AAAAAAC")] // within
    [InlineData("A2-4 B0-6 C6-7", "BBAABBC", "BBBBBBC", "BBBBBBC", "BBBBBBC")] // around
    [InlineData("A2-4 B2-6 D0-2 C6-7", "DDAABBC", "DDBBBBC", "DDAABBC", "DDBBBBC")]
    [InlineData("A0-2 B4-6 D0-6 C6-7", "AADDBBC", "DDDDDDC", "AADDDDC", "DDDDDDC")]
    [InlineData("A1-3 B5-7 D0-8 C8-9", "DAADDBBDC", "DDDDDDDDC", "DDDDDDDDC", "DDDDDDDDC")]
    public void Small_arrangements_give_what_each_policy_says(string arrival, string first, string last, string bsd, string linux)
    {
        FragmentOverlapPolicy[] policies = [FragmentOverlapPolicy.First, FragmentOverlapPolicy.Last, FragmentOverlapPolicy.Bsd, FragmentOverlapPolicy.Linux];
        string[] expected = [first, last, bsd, linux];
        for (int i = 0; i < policies.Length; i++)
        {
            var host = new IPHost(new IPSettings { OverlapPolicy = policies[i] });
            foreach (string piece in arrival.Split(' '))
            {
                string[] range = piece[1..].Split('-');
                int start = int.Parse(range[0], System.Globalization.CultureInfo.InvariantCulture);
                int end = int.Parse(range[1], System.Globalization.CultureInfo.InvariantCulture);
                host.Receive(Piece(piece[0], start, end - start, more: piece[0] != 'C'));
            }

            Assert.Equal(expected[i], Units(Assert.Single(host.Delivered).Payload));
        }
    }

    [Fact]
    public void Every_policy_agrees_with_a_model_of_one_owner_a_unit_for_random_arrangements()
    {
        var random = new Random(20);
        foreach (FragmentOverlapPolicy policy in Enum.GetValues<FragmentOverlapPolicy>().Except([FragmentOverlapPolicy.Drop]))
        {
            for (int round = 0; round < 400; round++)
            {
                const int Units = 12;
                var host = new IPHost(new IPSettings { OverlapPolicy = policy });
                char?[] owner = new char?[Units];
                int[] ownerStart = new int[Units];
                // The end comes first, so that every later piece is judged against it and completion is by coverage.
                host.Receive(Piece('z', Units - 1, 1, more: false));
                owner[^1] = 'z';
                ownerStart[^1] = Units - 1;
                for (char name = 'a'; host.Delivered.Count == 0 && name < 'y'; name++)
                {
                    int start = random.Next(Units - 1);
                    int length = random.Next(1, Units - 1 - start + 1);
                    host.Receive(Piece(name, start, length, more: true));
                    Model(owner, ownerStart, name, start, start + length, policy);
                }

                Assert.Equal(host.Delivered.Count == 1, owner.All(o => o is not null));
                if (host.Delivered.Count == 1)
                {
                    Assert.Equal(string.Concat(owner), OverlapPolicyTests.Units(host.Delivered[0].Payload));
                }
            }
        }
    }

    /// <summary>
    /// Unit by unit. For Bsd and Linux a fragment first loses its front to the piece that it starts in, where that keeps
    /// its place; the rest then wins over all that starts further right.
    /// </summary>
    private static void Model(char?[] owner, int[] ownerStart, char name, int start, int end, FragmentOverlapPolicy policy)
    {
        if (policy is FragmentOverlapPolicy.BsdRight or FragmentOverlapPolicy.Windows)
        {
            ModelOfGaps(owner, ownerStart, name, start, end, policy);
            return;
        }

        if (policy is FragmentOverlapPolicy.Bsd or FragmentOverlapPolicy.Linux && owner[start] is char left)
        {
            int leftStart = ownerStart[start];
            if (leftStart < start || policy == FragmentOverlapPolicy.Bsd)
            {
                while (start < end && owner[start] == left && ownerStart[start] == leftStart)
                {
                    start++;
                }
            }
        }

        for (int i = start; i < end; i++)
        {
            if (owner[i] is null || policy != FragmentOverlapPolicy.First)
            {
                owner[i] = name;
                ownerStart[i] = start;
            }
        }

        // What is left of a piece to the right starts where the newcomer ends.
        for (int i = end; start < end && policy != FragmentOverlapPolicy.First && i < owner.Length && owner[i] is not null && ownerStart[i] < end; i++)
        {
            ownerStart[i] = end;
        }
    }

    /// <summary>
    /// Policies under which a newcomer first takes from some pieces, from the one it starts in or from those that it reaches
    /// beyond on both sides, and then fills what is free.
    /// </summary>
    private static void ModelOfGaps(char?[] owner, int[] ownerStart, char name, int start, int end, FragmentOverlapPolicy policy)
    {
        int free = start;
        if (policy == FragmentOverlapPolicy.BsdRight && owner[start] is char left)
        {
            int leftStart = ownerStart[start];
            for (; free < owner.Length && owner[free] == left && ownerStart[free] == leftStart; free++)
            {
                (owner[free], ownerStart[free]) = free < end ? (name, start) : (left, end);
            }
        }

        for (int i = start; policy == FragmentOverlapPolicy.Windows && i < end; i++)
        {
            char? here = owner[i];
            int last = i;
            while (here is not null && last + 1 < owner.Length && owner[last + 1] == here && ownerStart[last + 1] == ownerStart[i])
            {
                last++;
            }

            if (here is not null && ownerStart[i] == i && i > start && last + 1 < end)
            {
                owner.AsSpan(i, last + 1 - i).Clear();
            }
        }

        for (int i = free; i < end; i++)
        {
            if (owner[i] is null)
            {
                owner[i] = name;
                ownerStart[i] = i > free && owner[i - 1] == name && ownerStart[i - 1] >= free ? ownerStart[i - 1] : i;
            }
        }
    }

    [Theory]
    [InlineData(FragmentOverlapPolicy.Drop)]
    [InlineData(FragmentOverlapPolicy.First)]
    [InlineData(FragmentOverlapPolicy.Last)]
    [InlineData(FragmentOverlapPolicy.Bsd)]
    [InlineData(FragmentOverlapPolicy.Linux)]
    public void Overlaps_with_the_same_bytes_are_no_conflict_when_they_repeat_what_is_there(FragmentOverlapPolicy policy)
    {
        var host = new IPHost(new IPSettings { OverlapPolicy = policy });
        host.Receive(Piece('x', 0, 2, more: true));
        host.Receive(Piece('x', 2, 2, more: true));
        host.Receive(Piece('x', 0, 2, more: true));
        host.Receive(Piece('x', 1, 2, more: true)); // spans two pieces, brings nothing new
        host.Receive(Piece('y', 4, 1, more: false));
        Assert.Equal("xxxxy", Units(Assert.Single(host.Delivered).Payload));
    }

    private static byte[] Piece(char name, int offset, int length, bool more) => TestPacket.IPv4(
        IPHost.Peer, IPHost.Me, IPProtocol.Udp, [.. Enumerable.Repeat((byte)name, length * 8)], offset: offset * 8, more: more);

    private static string Units(byte[] payload)
    {
        List<byte> units = [];
        for (int i = 0; i < payload.Length; i += 8)
        {
            Assert.All(payload[i..(i + 8)], b => Assert.Equal(payload[i], b));
            units.Add(payload[i]);
        }

        return Encoding.ASCII.GetString([.. units]);
    }
}
