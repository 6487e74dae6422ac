using System;
using System.Security.Cryptography;

namespace TcpTools.Lab;

/// <summary>Bytes that are the same each time for the same seed, and in which no shift or swap goes unseen.</summary>
public static class RepeatableData
{
    /// <summary>Makes them.</summary>
    public static byte[] Make(int length, int seed = 1)
    {
        byte[] data = GC.AllocateUninitializedArray<byte>(length);
        new Random(seed).NextBytes(data);
        return data;
    }

    /// <summary>Their fingerprint.</summary>
    public static string Hash(ReadOnlySpan<byte> data) => Convert.ToHexString(SHA256.HashData(data));
}
