using System;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The digest of a child zone's key: DS (RFC 4034, 5).</summary>
/// <param name="KeyTag">Which key.</param>
/// <param name="Algorithm">The key's algorithm.</param>
/// <param name="DigestType">The digest's algorithm.</param>
/// <param name="Digest">The digest.</param>
public sealed record DnsDelegationData(ushort KeyTag, byte Algorithm, byte DigestType, byte[] Digest) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.DS;

    internal override void Write(DnsWriter writer)
    {
        writer.Write16(KeyTag);
        writer.Write8(Algorithm);
        writer.Write8(DigestType);
        writer.Write(Digest);
    }

    /// <summary>All fields in order, the digest in hexadecimal digits.</summary>
    public override string ToString() => $"{KeyTag} {Algorithm} {DigestType} {Convert.ToHexString(Digest)}";
}

/// <summary>A zone's public key: DNSKEY (RFC 4034, 2).</summary>
/// <param name="Flags">256 for a zone's key, and 1 more for one that others point at.</param>
/// <param name="Protocol">3.</param>
/// <param name="Algorithm">The key's algorithm.</param>
/// <param name="Key">The key.</param>
public sealed record DnsKeyData(ushort Flags, byte Protocol, byte Algorithm, byte[] Key) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.DNSKEY;

    internal override void Write(DnsWriter writer)
    {
        writer.Write16(Flags);
        writer.Write8(Protocol);
        writer.Write8(Algorithm);
        writer.Write(Key);
    }

    /// <summary>All fields in order, the key in Base64.</summary>
    public override string ToString() => $"{Flags} {Protocol} {Algorithm} {Convert.ToBase64String(Key)}";
}

/// <summary>A signature: RRSIG (RFC 4034, 3).</summary>
/// <param name="Covered">The type of the records that are signed.</param>
/// <param name="Algorithm">The signature's algorithm.</param>
/// <param name="LabelCount">Labels of the name, without the asterisk of a pattern.</param>
/// <param name="OriginalTimeToLive">The seconds that the zone has.</param>
/// <param name="Expiration">Until when it holds, in seconds since 1970, modulo 2^32.</param>
/// <param name="Inception">Since when it holds.</param>
/// <param name="KeyTag">Which key.</param>
/// <param name="Signer">The zone whose key it is.</param>
/// <param name="Signature">The signature.</param>
public sealed record DnsSignatureData(
    DnsType Covered, byte Algorithm, byte LabelCount, uint OriginalTimeToLive, uint Expiration, uint Inception, ushort KeyTag,
    DnsName Signer, byte[] Signature) : DnsData
{
    /// <summary>How zone files write times, in UTC.</summary>
    internal const string TimeFormat = "yyyyMMddHHmmss";

    /// <inheritdoc/>
    public override DnsType Type => DnsType.RRSIG;

    internal override void Write(DnsWriter writer)
    {
        writer.Write16((ushort)Covered);
        writer.Write8(Algorithm);
        writer.Write8(LabelCount);
        writer.Write32(OriginalTimeToLive);
        writer.Write32(Expiration);
        writer.Write32(Inception);
        writer.Write16(KeyTag);
        writer.WriteName(Signer, compress: false);
        writer.Write(Signature);
    }

    /// <summary>All fields in order, times as zone files have them, the signature in Base64.</summary>
    public override string ToString() =>
        $"{DnsText.Show(Covered)} {Algorithm} {LabelCount} {OriginalTimeToLive} {Show(Expiration)} {Show(Inception)} {KeyTag} {Signer} "
        + Convert.ToBase64String(Signature);

    private static string Show(uint time) =>
        DateTimeOffset.FromUnixTimeSeconds(time).ToString(TimeFormat, CultureInfo.InvariantCulture);
}
