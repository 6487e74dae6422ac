using System;
using System.Security.Cryptography;

namespace TcpTools;

/// <summary>
/// Where every random choice of a stack comes from: initial sequence numbers' secret, ports, IP identifications,
/// timestamp offsets, impairments. Seeded, a whole run repeats itself exactly.
/// </summary>
public abstract class RandomSource
{
    /// <summary>Unpredictable values from the operating system: what a stack on a real network must use (RFC 6528).</summary>
    public static RandomSource System { get; } = new SystemRandomSource();

    /// <summary>The same values in the same order for the same seed.</summary>
    public static RandomSource FromSeed(ulong seed) => new SeededRandomSource(seed);

    /// <summary>64 uniformly distributed bits.</summary>
    public abstract ulong NextUInt64();

    /// <summary>32 uniformly distributed bits.</summary>
    public uint NextUInt32() => (uint)(NextUInt64() >> 32);

    /// <summary>A value from 0 up to but not including <paramref name="limit"/> (which must be positive).</summary>
    public int Next(int limit) => (int)(((NextUInt64() >> 32) * (ulong)limit) >> 32);

    /// <summary>A value from 0 up to but not including 1.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    private sealed class SystemRandomSource : RandomSource
    {
        public override ulong NextUInt64()
        {
            Span<byte> bytes = stackalloc byte[8];
            RandomNumberGenerator.Fill(bytes);
            return BitConverter.ToUInt64(bytes);
        }
    }

    /// <summary>SplitMix64: one addition and three mixing steps a value; every seed gives a full period.</summary>
    private sealed class SeededRandomSource(ulong seed) : RandomSource
    {
        private ulong _state = seed;

        public override ulong NextUInt64()
        {
            ulong z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
