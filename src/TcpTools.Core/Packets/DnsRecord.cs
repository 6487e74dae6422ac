using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A resource record of a DNS message (RFC 1035, 4.1.3): a value, never changed.</summary>
public sealed class DnsRecord
{
    /// <summary>A record of a name as people write it.</summary>
    /// <exception cref="FormatException">The text is no name.</exception>
    public DnsRecord(string name, DnsData data, uint timeToLive = 3600, DnsClass dnsClass = DnsClass.IN)
        : this(DnsName.Parse(name), data, timeToLive, dnsClass)
    {
    }

    /// <summary>A record of a name.</summary>
    public DnsRecord(DnsName name, DnsData data, uint timeToLive = 3600, DnsClass dnsClass = DnsClass.IN)
    {
        Name = name;
        Data = data;
        TimeToLive = timeToLive;
        Class = dnsClass;
    }

    /// <summary>The name that has the record.</summary>
    public DnsName Name { get; }

    /// <summary>The record's type, which is that of its data.</summary>
    public DnsType Type => Data.Type;

    /// <summary>
    /// The record's class; in multicast DNS its upper bit says that it replaces what was known (RFC 6762, 10.2), and in
    /// OPT the field is the UDP payload that its sender can take.
    /// </summary>
    public DnsClass Class { get; }

    /// <summary>For how many seconds the record may be kept; in OPT, response code, version and flags.</summary>
    public uint TimeToLive { get; }

    /// <summary>What the record says.</summary>
    public DnsData Data { get; }

    /// <summary>
    /// Reads a record as zone files have it (RFC 1035, 5.1): name, seconds and class if wanted, type, data, such as
    /// <c>example.org 300 IN MX 10 mail.example.org</c>. Names are whole with or without a dot at their end.
    /// </summary>
    /// <exception cref="FormatException">The text is no record.</exception>
    public static DnsRecord Parse(string text) => DnsRecordText.Parse(text);

    /// <summary>The record with its class, type and data as numbers and digits, which any type can be written as (RFC 3597, 5).</summary>
    public string ToGenericString()
    {
        DnsWriter data = new();
        Data.Write(data);
        return $"{Name} {TimeToLive} CLASS{(ushort)Class} TYPE{(ushort)Type} {new DnsRawData(Type, data.ToArray())}";
    }

    internal void Write(DnsWriter writer)
    {
        writer.WriteName(Name);
        writer.Write16((ushort)Type);
        writer.Write16((ushort)Class);
        writer.Write32(TimeToLive);
        int at = writer.Length;
        writer.Write16(0);
        Data.Write(writer);
        writer.Patch16(at, writer.Length - at - 2);
    }

    /// <summary>The record as zone files have it.</summary>
    public override string ToString() => Data is DnsOptionsData
        ? DnsEdns.From(this).ToString()
        : $"{Name} {TimeToLive} {DnsText.Show(Class)} {DnsText.Show(Type)} {Data}";
}
