using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>How traffic keys are derived and segments are authenticated: the pairs that RFC 5926, 3, requires.</summary>
public enum TcpAuthenticationAlgorithm
{
    /// <summary>KDF_HMAC_SHA1 and HMAC-SHA-1-96.</summary>
    HmacSha1,

    /// <summary>KDF_AES_128_CMAC and AES-128-CMAC-96.</summary>
    Aes128Cmac,
}

/// <summary>A master key of TCP-AO and what belongs to it (RFC 5925, 3.1).</summary>
public sealed record TcpAuthenticationKey
{
    private const int Sha1Bits = 160;
    private const int AesBits = 128;

    /// <summary>A master key as bytes.</summary>
    public TcpAuthenticationKey(byte[] masterKey) => MasterKey = masterKey;

    /// <summary>A master key as text, in UTF-8.</summary>
    public TcpAuthenticationKey(string masterKey)
        : this(System.Text.Encoding.UTF8.GetBytes(masterKey))
    {
    }

    /// <summary>The master key, of any length.</summary>
    public byte[] MasterKey { get; }

    /// <summary>KeyID: the number under which the receiver knows the key.</summary>
    public byte KeyId { get; init; }

    /// <summary>RNextKeyID: the number of the key that the sender wants to receive next.</summary>
    public byte ReceiveNextKeyId { get; init; }

    /// <summary>Which algorithms.</summary>
    public TcpAuthenticationAlgorithm Algorithm { get; init; }

    /// <summary>Whether all options are covered, rather than the authentication option alone.</summary>
    public bool CoversOptions { get; init; } = true;

    /// <summary>The key for the segments of one direction of a connection (RFC 5925, 5.2; RFC 5926, 3.1).</summary>
    /// <param name="source">The sender's address.</param>
    /// <param name="sourcePort">The sender's port.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="destinationPort">The receiver's port.</param>
    /// <param name="initial">The initial sequence numbers.</param>
    public byte[] DeriveTrafficKey(
        NetworkAddress source, ushort sourcePort, NetworkAddress destination, ushort destinationPort, TcpInitialSequences initial)
    {
        byte[] context = new byte[source.Length + destination.Length + 12];
        int at = source.Length + destination.Length;
        _ = source.TryWriteBytes(context);
        _ = destination.TryWriteBytes(context.AsSpan(source.Length));
        WireField.Write16(context, at, sourcePort);
        WireField.Write16(context, at + 2, destinationPort);
        WireField.Write32(context, at + 4, initial.Sender);
        WireField.Write32(context, at + 8, initial.Receiver);
        int bits = Algorithm == TcpAuthenticationAlgorithm.HmacSha1 ? Sha1Bits : AesBits;
        byte[] input = [1, .. "TCP-AO"u8, .. context, (byte)(bits >> 8), (byte)bits];
        if (Algorithm == TcpAuthenticationAlgorithm.HmacSha1)
        {
            return HmacSha1(MasterKey, input);
        }

        // A master key of another length is made into one of 128 bits first (RFC 5926, 3.1.1.2).
        byte[] key = MasterKey.Length == AesBits / 8 ? MasterKey : AesCmac.Compute(new byte[AesBits / 8], MasterKey);
        return AesCmac.Compute(key, input);
    }

    /// <summary>The code over a message by a traffic key: the first 96 bits (RFC 5926, 3.2).</summary>
    internal byte[] Authenticate(byte[] trafficKey, byte[] message) =>
        (Algorithm == TcpAuthenticationAlgorithm.HmacSha1 ? HmacSha1(trafficKey, message) : AesCmac.Compute(trafficKey, message))[..TcpAuthentication.CodeLength];

    [SuppressMessage("Security", "CA5350", Justification = "The algorithm is the one that RFC 5926 requires.")]
    private static byte[] HmacSha1(byte[] key, byte[] message) => HMACSHA1.HashData(key, message);

    /// <summary>Key numbers and algorithm; never the key.</summary>
    public override string ToString() => $"keyid {KeyId} rnextkeyid {ReceiveNextKeyId} {Algorithm}{(CoversOptions ? "" : " without options")}";
}

/// <summary>The initial sequence numbers of a connection, as one direction's sender and receiver have them.</summary>
/// <param name="Sender">That of who sends the segment.</param>
/// <param name="Receiver">That of who receives it; 0 for a SYN without ACK, whose sender cannot know it.</param>
public readonly record struct TcpInitialSequences(uint Sender, uint Receiver);
