using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TcpTools.Packets;

/// <summary>
/// Signatures of segments by MD5 with a key that both ends know (RFC 2385), over IPv4 and IPv6. A signed segment that is
/// changed must be signed again.
/// </summary>
public static class TcpMd5Signature
{
    /// <summary>The digest that the packet's segment should have, whatever its option says (RFC 2385, 2).</summary>
    /// <exception cref="ArgumentException">The packet has no TCP segment inside an IP packet.</exception>
    [SuppressMessage("Security", "CA5351", Justification = "The algorithm is the one that RFC 2385 names.")]
    public static byte[] Compute(Packet packet, ReadOnlySpan<byte> key)
    {
        SignedSegment segment = SignedSegment.Of(packet);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        hash.AppendData(segment.PseudoHeader());
        hash.AppendData(segment.FixedHeader);
        hash.AppendData(segment.Data);
        hash.AppendData(key);
        return hash.GetHashAndReset();
    }

    /// <summary>Sets the segment's signature; adds the option where there is none.</summary>
    /// <exception cref="ArgumentException">The packet has no TCP segment inside an IP packet.</exception>
    public static void Sign(Packet packet, ReadOnlySpan<byte> key)
    {
        // The header's length is signed too: the option is put in its place first.
        _ = SignedSegment.Of(packet);
        TcpLayer tcp = SignedSegment.TcpOf(packet);
        SignedSegment.Place(tcp.Options, new TcpMd5SignatureOption(new byte[MD5.HashSizeInBytes]));
        SignedSegment.Place(tcp.Options, new TcpMd5SignatureOption(Compute(packet, key)));
    }

    /// <inheritdoc cref="Sign(Packet, ReadOnlySpan{byte})"/>
    public static void Sign(Packet packet, string key) => Sign(packet, Encoding.UTF8.GetBytes(key));

    /// <summary>Whether the segment has a signature and it fits the key.</summary>
    /// <exception cref="ArgumentException">The packet has no TCP segment inside an IP packet.</exception>
    public static bool Verify(Packet packet, ReadOnlySpan<byte> key) =>
        SignedSegment.TcpOf(packet).GetOption<TcpMd5SignatureOption>() is { } option
        && CryptographicOperations.FixedTimeEquals(option.Digest, Compute(packet, key));

    /// <inheritdoc cref="Verify(Packet, ReadOnlySpan{byte})"/>
    public static bool Verify(Packet packet, string key) => Verify(packet, Encoding.UTF8.GetBytes(key));
}
