using System;
using System.Globalization;
using System.Text;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>DNS as text: messages in the manner of tcpdump, types and classes as zone files have them.</summary>
internal static class DnsText
{
    private static readonly string[] s_opcodes =
    [
        "", " inv_q", " stat", " op3", " notify", " update", " op6", " op7", " op8", " updateA", " updateD", " updateDA", " updateM",
        " updateMA", " zoneInit", " zoneRef",
    ];

    private static readonly string[] s_responses =
    [
        "", " FormErr", " ServFail", " NXDomain", " NotImp", " Refused", " YXDomain", " YXRRSet", " NXRRSet", " NotAuth", " NotZone",
        " Resp11", " Resp12", " Resp13", " Resp14", " NoChange",
    ];

    /// <summary>A type's name, or TYPE and its number (RFC 3597, 5).</summary>
    public static string Show(DnsType type) =>
        type != DnsType.None && Enum.IsDefined(type) ? type.ToString() : $"TYPE{(ushort)type}";

    /// <summary>A class's name, or CLASS and its number (RFC 3597, 5).</summary>
    public static string Show(DnsClass dnsClass) => dnsClass switch
    {
        DnsClass.IN or DnsClass.CH or DnsClass.HS => dnsClass.ToString(),
        DnsClass.None => "NONE",
        DnsClass.Any => "ANY",
        _ => $"CLASS{(ushort)dnsClass}",
    };

    /// <summary>Bytes as text in quotation marks.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes) => $"\"{DnsName.Show(bytes, "\"\\")}\"";

    /// <summary>The message as tcpdump prints it, without its length.</summary>
    public static string Dump(DnsLayer dns, bool isMulticast)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{dns.Id}{s_opcodes[(int)dns.Opcode]}");
        return (dns.IsResponse ? DumpResponse(text, dns, isMulticast) : DumpQuery(text, dns, isMulticast)).ToString();
    }

    private static StringBuilder DumpResponse(StringBuilder text, DnsLayer dns, bool isMulticast)
    {
        text.Append(s_responses[(int)dns.ResponseCode]);
        text.Append(dns.IsAuthoritative ? "*" : "").Append(dns.RecursionAvailable ? "" : "-");
        text.Append(dns.IsTruncated ? "|" : "").Append(dns.AuthenticData ? "$" : "");
        if (dns.QuestionCount != 1)
        {
            text.Append(CultureInfo.InvariantCulture, $" [{dns.QuestionCount}q]");
        }

        text.Append(CultureInfo.InvariantCulture, $" {dns.AnswerCount}/{dns.AuthorityCount}/{dns.AdditionalCount}");
        for (int i = 0; i < dns.Answers.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            DumpRecord(text, dns.Answers[i], isMulticast);
        }

        return text;
    }

    private static StringBuilder DumpQuery(StringBuilder text, DnsLayer dns, bool isMulticast)
    {
        // What a question should not have: tcpdump prints these bits of the second word.
        const int Strange = 0x06CF;
        text.Append(dns.RecursionDesired ? "+" : "").Append(dns.CheckingDisabled ? "%" : "");
        if ((dns.Flags & Strange) != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" [b2&3=0x{dns.Flags:x}]");
        }

        bool isInverse = dns.Opcode == DnsOpcode.InverseQuery;
        Count(dns.QuestionCount, isInverse ? 0 : -1, "q");
        Count(dns.AnswerCount, isInverse ? 1 : 0, "a");
        Count(isInverse ? null : dns.QuestionCount, 1, "q");
        Count(dns.AuthorityCount, 0, "n");
        Count(dns.AdditionalCount, 0, "au");
        foreach (DnsQuestion question in dns.Questions)
        {
            text.Append(' ').Append(NameOf(question.Type));
            int dnsClass = (int)question.Class;
            if (isMulticast)
            {
                text.Append((dnsClass & 0x8000) != 0 ? " (QU)" : " (QM)");
                dnsClass &= 0x7FFF;
            }

            text.Append(dnsClass == (int)DnsClass.IN ? "" : $" {NameOf((DnsClass)dnsClass)}").Append("? ");
            AppendName(text, question.Name);
        }

        return text;

        void Count(ushort? value, int usual, string what)
        {
            if (usual >= 0 && value is { } count && count != usual)
            {
                text.Append(CultureInfo.InvariantCulture, $" [{count}{what}]");
            }
        }
    }

    private static void DumpRecord(StringBuilder text, DnsRecord record, bool isMulticast)
    {
        int dnsClass = (int)record.Class;
        if (isMulticast && record.Type != DnsType.OPT)
        {
            text.Append((dnsClass & 0x8000) != 0 ? " (Cache flush)" : "");
            dnsClass &= 0x7FFF;
        }

        text.Append(dnsClass == (int)DnsClass.IN || record.Type == DnsType.OPT ? "" : $" {NameOf((DnsClass)dnsClass)}");
        text.Append(' ').Append(NameOf(record.Type));
        switch (record.Data)
        {
            case DnsAddressData address:
                text.Append(' ').Append(address.Address.ToString());
                break;
            case DnsNameData name:
                AppendName(text.Append(' '), name.Name);
                break;
            case DnsMailData mail:
                AppendName(text.Append(' '), mail.Exchange).Append(CultureInfo.InvariantCulture, $" {mail.Preference}");
                break;
            case DnsServiceData service:
                AppendName(text.Append(' '), service.Target)
                    .Append(CultureInfo.InvariantCulture, $":{service.Port} {service.Priority} {service.Weight}");
                break;
            case DnsTextData texts:
                foreach (byte[] part in texts.Parts)
                {
                    text.Append(CultureInfo.InvariantCulture, $" \"{DnsName.Show(part, "")}\"");
                }

                break;
            case DnsOptionsData:
                DnsEdns edns = DnsEdns.From(record);
                text.Append(CultureInfo.InvariantCulture, $" UDPsize={edns.UdpPayloadSize}{(edns.DnssecOk ? " DO" : "")}");
                break;
        }
    }

    /// <summary>A name with the dot at its end that tcpdump prints.</summary>
    private static StringBuilder AppendName(StringBuilder text, DnsName name) =>
        name.IsRoot ? text.Append('.') : text.Append(name).Append('.');

    private static string NameOf(DnsType type) =>
        type != DnsType.None && Enum.IsDefined(type) ? type.ToString() : $"Type{(ushort)type}";

    private static string NameOf(DnsClass dnsClass) => dnsClass switch
    {
        DnsClass.IN => "IN",
        DnsClass.CH => "CHAOS",
        DnsClass.HS => "HS",
        DnsClass.Any => "ANY",
        _ => $"(Class {(ushort)dnsClass})",
    };
}
