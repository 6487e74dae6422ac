using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;

namespace TcpTools.Tests.Wire;

/// <summary>
/// Damages bytes the way networks, fuzzers and attackers do: the same damage for the same seed. Iterations are bounded
/// unless TCPTOOLS_FUZZ_SECONDS says how long to go on.
/// </summary>
internal sealed class ByteMutator(ulong seed)
{
    private static readonly byte[] Interesting = [0, 1, 2, 3, 4, 5, 7, 8, 0x0F, 0x10, 0x40, 0x45, 0x46, 0x4F, 0x50, 0x7F, 0x80, 0xF0, 0xFE, 0xFF];
    private readonly RandomSource _random = RandomSource.FromSeed(seed);

    public RandomSource Random => _random;

    /// <summary>Runs a check on mutated seeds; a failure's message holds the bytes that caused it.</summary>
    public void Run(IReadOnlyList<byte[]> seeds, int iterations, Action<byte[]> check)
    {
        double seconds = double.TryParse(
            Environment.GetEnvironmentVariable("TCPTOOLS_FUZZ_SECONDS"), CultureInfo.InvariantCulture, out double value) ? value : 0;
        Stopwatch watch = Stopwatch.StartNew();
        foreach (byte[] bytes in seeds)
        {
            Try(bytes, check);
        }

        for (int i = 0; i < iterations || watch.Elapsed.TotalSeconds < seconds; i++)
        {
            Try(Mutate(seeds[_random.Next(seeds.Count)], seeds), check);
        }
    }

    /// <summary>One to eight pieces of damage.</summary>
    public byte[] Mutate(byte[] bytes, IReadOnlyList<byte[]> others)
    {
        List<byte> result = [.. bytes];
        int count = 1 + _random.Next(8);
        for (int i = 0; i < count; i++)
        {
            int at = result.Count == 0 ? 0 : _random.Next(Math.Min(result.Count, 1 + _random.Next(result.Count)));
            switch (_random.Next(8))
            {
                case 0 when result.Count > 0:
                    result[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1 when result.Count > 0:
                    result[at] = (byte)_random.Next(256);
                    break;
                case 2 or 3 when result.Count > 0:
                    result[at] = Interesting[_random.Next(Interesting.Length)];
                    break;
                case 4 when result.Count > 0:
                    result.RemoveRange(at, result.Count - at);
                    break;
                case 5 when result.Count > 0:
                    result.RemoveRange(at, Math.Min(1 + _random.Next(4), result.Count - at));
                    break;
                case 6:
                    byte[] other = others[_random.Next(others.Count)];
                    int from = _random.Next(other.Length + 1);
                    result.InsertRange(at, other[from..Math.Min(other.Length, from + _random.Next(16))]);
                    break;
                default:
                    result.Insert(at, (byte)_random.Next(256));
                    break;
            }
        }

        return [.. result];
    }

    private static void Try(byte[] bytes, Action<byte[]> check)
    {
        try
        {
            check(bytes);
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"Failed for {Convert.ToHexString(bytes)}: {error.Message}", error);
        }
    }
}
