using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Packets;
using TcpTools.Wire;
using static TcpTools.Tests.Packets.TsharkFields;

namespace TcpTools.Tests.Packets;

/// <summary>What tshark should print of DNS messages.</summary>
internal static class TsharkDnsFields
{
    public static IEnumerable<(string Field, string Value)> Of(DnsLayer dns) =>
    [
        ("dns.id", Hex(dns.Id, 4)),
        ("dns.flags", Hex(dns.Flags, 4)),
        ("dns.count.queries", $"{dns.QuestionCount}"),
        ("dns.count.answers", $"{dns.AnswerCount}"),
        ("dns.count.auth_rr", $"{dns.AuthorityCount}"),
        ("dns.count.add_rr", $"{dns.AdditionalCount}"),
        .. dns.MessageLength is { } length ? [("dns.length", $"{length}")] : Array.Empty<(string, string)>(),
        .. dns.Questions.SelectMany(OfQuestion),
        .. dns.Answers.Concat(dns.Authorities).Concat(dns.Additionals).SelectMany(OfRecord),
    ];

    private static IEnumerable<(string Field, string Value)> OfQuestion(DnsQuestion question)
    {
        yield return ("dns.qry.name", Show(question.Name));
        yield return ("dns.qry.type", $"{(int)question.Type}");

        // Multicast DNS has a bit for the kind of answer in it, which tshark shows apart.
        yield return ("dns.qry.class", Hex((int)question.Class & 0x7FFF, 4));
    }

    private static IEnumerable<(string Field, string Value)> OfRecord(DnsRecord record)
    {
        yield return ("dns.resp.type", $"{(int)record.Type}");
        if (record.Data is not DnsServiceData)
        {
            yield return ("dns.resp.name", Show(record.Name));
        }

        if (record.Data is DnsOptionsData)
        {
            DnsEdns edns = DnsEdns.From(record);
            yield return ("dns.rr.udp_payload_size", $"{edns.UdpPayloadSize}");
            yield return ("dns.resp.z.do", Bit(edns.DnssecOk));
            foreach (DnsEdnsOption option in edns.Options)
            {
                yield return ("dns.opt.code", $"{option.Code}");
                yield return ("dns.opt.len", $"{option.Data.Length}");
                yield return ("dns.opt.data", Convert.ToHexStringLower(option.Data));
            }

            yield break;
        }

        yield return ("dns.resp.class", Hex((int)record.Class, 4));
        yield return ("dns.resp.ttl", $"{record.TimeToLive}");
        foreach ((string Field, string Value) field in OfData(record.Data))
        {
            yield return field;
        }
    }

    private static IEnumerable<(string Field, string Value)> OfData(DnsData data) => data switch
    {
        DnsAddressData address => [(address.Type == DnsType.A ? "dns.a" : "dns.aaaa", $"{address.Address}")],
        DnsNameData { Type: DnsType.PTR } name => [("dns.ptr.domain_name", Show(name.Name))],
        DnsNameData name => [($"dns.{name.Type.ToString().ToLowerInvariant()}", Show(name.Name))],
        DnsMailData mail => [("dns.mx.preference", $"{mail.Preference}"), ("dns.mx.mail_exchange", Show(mail.Exchange))],
        DnsTextData text => text.Parts.Select(part => ("dns.txt", Encoding.UTF8.GetString(part))),
        DnsServiceData service =>
        [
            ("dns.srv.priority", $"{service.Priority}"), ("dns.srv.weight", $"{service.Weight}"), ("dns.srv.port", $"{service.Port}"),
            ("dns.srv.target", Show(service.Target)),
        ],
        DnsZoneData zone =>
        [
            ("dns.soa.mname", Show(zone.PrimaryServer)), ("dns.soa.rname", Show(zone.Mailbox)), ("dns.soa.serial_number", $"{zone.Serial}"),
            ("dns.soa.refresh_interval", $"{zone.Refresh}"), ("dns.soa.retry_interval", $"{zone.Retry}"),
            ("dns.soa.expire_limit", $"{zone.Expire}"), ("dns.soa.minimum_ttl", $"{zone.Minimum}"),
        ],
        DnsCertificationData issuer =>
        [
            ("dns.caa.flags", Hex(issuer.Flags, 2)), ("dns.caa.tag", issuer.Tag), ($"dns.caa.{issuer.Tag}", Encoding.UTF8.GetString(issuer.Value)),
        ],
        DnsDelegationData ds =>
        [
            ("dns.ds.key_id", Hex(ds.KeyTag, 4)), ("dns.ds.algorithm", $"{ds.Algorithm}"), ("dns.ds.digest_type", $"{ds.DigestType}"),
            ("dns.ds.digest", Convert.ToHexStringLower(ds.Digest)),
        ],
        DnsKeyData key =>
        [
            ("dns.dnskey.flags", Hex(key.Flags, 4)), ("dns.dnskey.protocol", $"{key.Protocol}"), ("dns.dnskey.algorithm", $"{key.Algorithm}"),
            ("dns.dnskey.public_key", Convert.ToHexStringLower(key.Key)),
        ],
        DnsSignatureData signature =>
        [
            ("dns.rrsig.type_covered", $"{(int)signature.Covered}"), ("dns.rrsig.algorithm", $"{signature.Algorithm}"),
            ("dns.rrsig.labels", $"{signature.LabelCount}"), ("dns.rrsig.original_ttl", $"{signature.OriginalTimeToLive}"),
            ("dns.rrsig.key_tag", $"{signature.KeyTag}"), ("dns.rrsig.signers_name", Show(signature.Signer)),
            ("dns.rrsig.signature", Convert.ToHexStringLower(signature.Signature)),
        ],
        _ => [],
    };

    private static string Show(DnsName name) => name.IsRoot ? "<Root>" : name.ToString();
}
