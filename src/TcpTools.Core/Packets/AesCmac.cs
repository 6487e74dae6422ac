using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace TcpTools.Packets;

/// <summary>The message authentication code CMAC with AES-128 (RFC 4493), which the platform does not have.</summary>
internal static class AesCmac
{
    private const int BlockLength = 16;

    /// <summary>The code, of 16 bytes.</summary>
    [SuppressMessage("Security", "CA5358", Justification = "Each block is chained here, as RFC 4493, 2.4, says.")]
    public static byte[] Compute(byte[] key, ReadOnlySpan<byte> message)
    {
        using Aes aes = Aes.Create();
        aes.Key = key;
        Span<byte> subkey = stackalloc byte[BlockLength];
        _ = aes.EncryptEcb(new byte[BlockLength], subkey, PaddingMode.None);
        Double(subkey);

        byte[] state = new byte[BlockLength];
        while (message.Length > BlockLength)
        {
            Mix(state, message[..BlockLength]);
            _ = aes.EncryptEcb(state, state, PaddingMode.None);
            message = message[BlockLength..];
        }

        // The last block, if it is not whole, is filled up and mixed with another key.
        Mix(state, message);
        if (message.Length < BlockLength)
        {
            state[message.Length] ^= 0x80;
            Double(subkey);
        }

        Mix(state, subkey);
        _ = aes.EncryptEcb(state, state, PaddingMode.None);
        return state;
    }

    private static void Mix(Span<byte> state, ReadOnlySpan<byte> block)
    {
        for (int i = 0; i < block.Length; i++)
        {
            state[i] ^= block[i];
        }
    }

    /// <summary>Doubles in the field of 2^128 elements: a shift, and a reduction where a bit falls out (RFC 4493, 2.3).</summary>
    private static void Double(Span<byte> block)
    {
        byte overflow = (byte)((block[0] & 0x80) != 0 ? 0x87 : 0);
        for (int i = 0; i < BlockLength - 1; i++)
        {
            block[i] = (byte)((block[i] << 1) | (block[i + 1] >> 7));
        }

        block[^1] = (byte)((block[^1] << 1) ^ overflow);
    }
}
