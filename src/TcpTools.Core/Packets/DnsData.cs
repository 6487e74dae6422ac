using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// What a DNS record says: a value, never changed. Types known here have a class of their own; others, and data that is
/// not of its type's form, are <see cref="DnsRawData"/>. As text, data is what zone files have.
/// </summary>
public abstract record DnsData
{
    /// <summary>The type of record that holds such data.</summary>
    public abstract DnsType Type { get; }

    internal abstract void Write(DnsWriter writer);
}

/// <summary>Data of a type unknown here, or that does not have its type's form.</summary>
/// <param name="RecordType">The record's type.</param>
/// <param name="Bytes">The data as it is on the wire.</param>
public sealed record DnsRawData(DnsType RecordType, byte[] Bytes) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => RecordType;

    internal override void Write(DnsWriter writer) => writer.Write(Bytes);

    /// <summary>The bytes as RFC 3597, 5, writes them.</summary>
    public override string ToString() => Bytes.Length == 0 ? "\\# 0" : $"\\# {Bytes.Length} {Convert.ToHexStringLower(Bytes)}";
}

/// <summary>An address: A (RFC 1035, 3.4.1) or AAAA (RFC 3596).</summary>
/// <param name="Address">The address, whose family makes the type.</param>
public sealed record DnsAddressData(NetworkAddress Address) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => Address.IsIPv6 ? DnsType.AAAA : DnsType.A;

    internal override void Write(DnsWriter writer)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Address.TryWriteBytes(bytes);
        writer.Write(bytes[..Address.Length]);
    }

    /// <summary>The address.</summary>
    public override string ToString() => Address.ToString();
}

/// <summary>One name: NS, CNAME, PTR (RFC 1035, 3.3) or DNAME (RFC 6672).</summary>
/// <param name="RecordType">The record's type.</param>
/// <param name="Name">The name.</param>
public sealed record DnsNameData(DnsType RecordType, DnsName Name) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => RecordType;

    // Only the types of RFC 1035 may be compressed: others would not be understood by all (RFC 3597, 4).
    internal override void Write(DnsWriter writer) => writer.WriteName(Name, compress: RecordType != DnsType.DNAME);

    /// <summary>The name.</summary>
    public override string ToString() => Name.ToString();
}

/// <summary>The start of a zone: SOA (RFC 1035, 3.3.13).</summary>
/// <param name="PrimaryServer">The server that the zone's data comes from.</param>
/// <param name="Mailbox">The mailbox of who is responsible, with a dot for the at sign.</param>
/// <param name="Serial">The version of the zone.</param>
/// <param name="Refresh">After how many seconds other servers look whether it has changed.</param>
/// <param name="Retry">After how many seconds they try again.</param>
/// <param name="Expire">After how many seconds they give up.</param>
/// <param name="Minimum">For how many seconds it may be kept that something does not exist (RFC 2308, 4).</param>
public sealed record DnsZoneData(
    DnsName PrimaryServer, DnsName Mailbox, uint Serial, uint Refresh, uint Retry, uint Expire, uint Minimum) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.SOA;

    internal override void Write(DnsWriter writer)
    {
        writer.WriteName(PrimaryServer);
        writer.WriteName(Mailbox);
        foreach (uint value in new[] { Serial, Refresh, Retry, Expire, Minimum })
        {
            writer.Write32(value);
        }
    }

    /// <summary>All fields in order.</summary>
    public override string ToString() => $"{PrimaryServer} {Mailbox} {Serial} {Refresh} {Retry} {Expire} {Minimum}";
}

/// <summary>A mail exchange: MX (RFC 1035, 3.3.9).</summary>
/// <param name="Preference">The lowest is tried first.</param>
/// <param name="Exchange">The host's name.</param>
public sealed record DnsMailData(ushort Preference, DnsName Exchange) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.MX;

    internal override void Write(DnsWriter writer)
    {
        writer.Write16(Preference);
        writer.WriteName(Exchange);
    }

    /// <summary>Preference and host.</summary>
    public override string ToString() => $"{Preference} {Exchange}";
}

/// <summary>Texts: TXT (RFC 1035, 3.3.14). Each has 255 bytes at most.</summary>
/// <param name="Parts">The texts as bytes.</param>
public sealed record DnsTextData(IReadOnlyList<byte[]> Parts) : DnsData
{
    /// <summary>Texts in UTF-8.</summary>
    public DnsTextData(params IEnumerable<string> texts)
        : this([.. texts.Select(Encoding.UTF8.GetBytes)])
    {
    }

    /// <inheritdoc/>
    public override DnsType Type => DnsType.TXT;

    /// <summary>The texts in UTF-8.</summary>
    public IReadOnlyList<string> Texts => [.. Parts.Select(Encoding.UTF8.GetString)];

    internal override void Write(DnsWriter writer)
    {
        foreach (byte[] part in Parts)
        {
            writer.WriteText(part);
        }
    }

    /// <summary>The texts in quotation marks.</summary>
    public override string ToString() => string.Join(' ', Parts.Select(part => DnsText.Quote(part)));
}

/// <summary>Where a service is: SRV (RFC 2782).</summary>
/// <param name="Priority">The lowest is tried first.</param>
/// <param name="Weight">The share among those of one priority.</param>
/// <param name="Port">The port.</param>
/// <param name="Target">The host's name.</param>
public sealed record DnsServiceData(ushort Priority, ushort Weight, ushort Port, DnsName Target) : DnsData
{
    /// <inheritdoc/>
    public override DnsType Type => DnsType.SRV;

    internal override void Write(DnsWriter writer)
    {
        writer.Write16(Priority);
        writer.Write16(Weight);
        writer.Write16(Port);
        writer.WriteName(Target, compress: false);
    }

    /// <summary>All fields in order.</summary>
    public override string ToString() => $"{Priority} {Weight} {Port} {Target}";
}

/// <summary>Who may issue certificates: CAA (RFC 8659).</summary>
/// <param name="Flags">128 where it must be understood.</param>
/// <param name="Tag">The property: issue, issuewild, iodef, ...</param>
/// <param name="Value">The property's value as bytes.</param>
public sealed record DnsCertificationData(byte Flags, string Tag, byte[] Value) : DnsData
{
    /// <summary>A property with text.</summary>
    public DnsCertificationData(byte flags, string tag, string value)
        : this(flags, tag, Encoding.UTF8.GetBytes(value))
    {
    }

    /// <inheritdoc/>
    public override DnsType Type => DnsType.CAA;

    internal override void Write(DnsWriter writer)
    {
        writer.Write8(Flags);
        writer.WriteText(Encoding.Latin1.GetBytes(Tag));
        writer.Write(Value);
    }

    /// <summary>All fields in order, the value in quotation marks.</summary>
    public override string ToString() => $"{Flags} {Tag} {DnsText.Quote(Value)}";
}
