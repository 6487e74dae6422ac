using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A question of a DNS message (RFC 1035, 4.1.2): a value, never changed.</summary>
public sealed class DnsQuestion
{
    /// <summary>A question about a name as people write it.</summary>
    /// <exception cref="System.FormatException">The text is no name.</exception>
    public DnsQuestion(string name, DnsType type = DnsType.A, DnsClass dnsClass = DnsClass.IN)
        : this(DnsName.Parse(name), type, dnsClass)
    {
    }

    /// <summary>A question about a name.</summary>
    public DnsQuestion(DnsName name, DnsType type = DnsType.A, DnsClass dnsClass = DnsClass.IN)
    {
        Name = name;
        Type = type;
        Class = dnsClass;
    }

    /// <summary>The name asked about.</summary>
    public DnsName Name { get; }

    /// <summary>The type of records asked for.</summary>
    public DnsType Type { get; }

    /// <summary>Their class; in multicast DNS its upper bit asks for an answer to the sender alone (RFC 6762, 5.4).</summary>
    public DnsClass Class { get; }

    /// <summary>Reads a question as it is printed: name, class if wanted, type, such as <c>example.org IN A</c>.</summary>
    /// <exception cref="System.FormatException">The text is no question.</exception>
    public static DnsQuestion Parse(string text) => DnsRecordText.ParseQuestion(text);

    internal void Write(DnsWriter writer)
    {
        writer.WriteName(Name);
        writer.Write16((ushort)Type);
        writer.Write16((ushort)Class);
    }

    /// <summary>Name, class and type.</summary>
    public override string ToString() => $"{Name} {DnsText.Show(Class)} {DnsText.Show(Type)}";
}
