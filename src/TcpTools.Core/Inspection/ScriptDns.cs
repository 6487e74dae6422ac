using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>Questions and records of DNS messages as PowerShell reads them.</summary>
internal static class ScriptDns
{
    /// <summary>Questions as an expression.</summary>
    public static string Questions(IEnumerable<DnsQuestion> questions) =>
        List(questions.Select(question => $"[TcpTools.Packets.DnsQuestion]::Parse({Quote(question.ToString())})"));

    /// <summary>Records as an expression: as zone files have them where that makes the same bytes, else as digits.</summary>
    public static string Records(IEnumerable<DnsRecord> records) =>
        List(records.Select(record => $"[TcpTools.Packets.DnsRecord]::Parse({Quote(TextOf(record))})"));

    private static string TextOf(DnsRecord record)
    {
        string text = record.ToString();
        try
        {
            return Encode(DnsRecord.Parse(text)).AsSpan().SequenceEqual(Encode(record)) ? text : record.ToGenericString();
        }
        catch (FormatException)
        {
            return record.ToGenericString();
        }
    }

    private static byte[] Encode(DnsRecord record)
    {
        DnsWriter writer = new();
        record.Write(writer);
        return writer.ToArray();
    }

    private static string List(IEnumerable<string> items) => $"@({string.Join(", ", items)})";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
