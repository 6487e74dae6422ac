using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Initial sequence numbers rise with the clock for one pair of sockets and tell nothing about another (RFC 6528).</summary>
public class InitialSequenceTests
{
    private static readonly FlowKey Flow = new(NetworkAddress.Parse("10.0.0.1"), 1025, NetworkAddress.Parse("10.0.0.2"), 80);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 1)]
    [InlineData(7, 1)]
    [InlineData(4_000, 1_000)]
    [InlineData(1_000_000, 250_000)]
    public void For_one_pair_of_sockets_they_rise_by_one_in_4_microseconds(long microseconds, int steps)
    {
        InitialSequenceGenerator generator = new(RandomSource.FromSeed(1));
        Instant start = Instant.FromSeconds(100);
        SequenceNumber first = generator.Next(Flow, start);
        Assert.Equal(steps, generator.Next(Flow, start + TimeSpan.FromMicroseconds(microseconds)) - first);
    }

    [Fact]
    public void Every_part_of_the_pair_of_sockets_matters()
    {
        InitialSequenceGenerator generator = new(RandomSource.FromSeed(1));
        FlowKey[] flows =
        [
            Flow,
            Flow.Reverse(),
            Flow with { LocalPort = 1026 },
            Flow with { RemotePort = 81 },
            Flow with { LocalAddress = NetworkAddress.Parse("10.0.0.3") },
            Flow with { RemoteAddress = NetworkAddress.Parse("10.0.0.3") },
            Flow with { RemoteAddress = NetworkAddress.Parse("::10.0.0.2") },
            Flow with { LocalPort = 80, RemotePort = 1025 },
        ];
        HashSet<SequenceNumber> numbers = [.. flows.Select(flow => generator.Next(flow, Instant.Zero))];
        Assert.Equal(flows.Length, numbers.Count);
    }

    [Fact]
    public void A_seed_repeats_them_and_another_does_not()
    {
        SequenceNumber first = new InitialSequenceGenerator(RandomSource.FromSeed(5)).Next(Flow, Instant.Zero);
        Assert.Equal(first, new InitialSequenceGenerator(RandomSource.FromSeed(5)).Next(Flow, Instant.Zero));
        Assert.NotEqual(first, new InitialSequenceGenerator(RandomSource.FromSeed(6)).Next(Flow, Instant.Zero));
        Assert.NotEqual(first, new InitialSequenceGenerator(RandomSource.System).Next(Flow, Instant.Zero));
    }

    [Fact]
    public void They_spread_over_all_numbers()
    {
        InitialSequenceGenerator generator = new(RandomSource.FromSeed(9));
        int[] buckets = new int[16];
        for (int port = 0; port < 16_000; port++)
        {
            buckets[generator.Next(Flow with { LocalPort = (ushort)port }, Instant.Zero).Value >> 28]++;
        }

        Assert.All(buckets, count => Assert.InRange(count, 800, 1200));
    }

    [Theory]
    // The vectors that the hash's authors publish: key 00 01 .. 0F, input 00 01 .. up to the length.
    [InlineData(0, 0x726FDB47DD0E0E31)]
    [InlineData(1, 0x74F839C593DC67FD)]
    [InlineData(8, 0x93F5F5799A932462)]
    [InlineData(15, 0xA129CA6149BE45E5)]
    public void The_hash_is_siphash_2_4(int length, ulong expected)
    {
        byte[] input = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal(expected, SipHash.Compute(0x0706050403020100, 0x0F0E0D0C0B0A0908, input));
    }
}
