using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>The encoding of what follows the header, kept until it is no longer that of the lists.</summary>
public sealed partial class DnsLayer
{
    /// <summary>Everything that was encoded, in order; questions and records are never changed, so that the same objects mean the same bytes.</summary>
    private object[] _encodedItems = [];
    private (int Questions, int Answers, int Authorities) _encodedSections;
    private byte[] _encoded = [];

    /// <summary>Makes these bytes the encoding of what the lists hold now.</summary>
    internal void KeepEncoding(ReadOnlySpan<byte> body)
    {
        _encoded = body.ToArray();
        _encodedItems = [.. ListItems()];
        _encodedSections = CountSections();
    }

    private byte[] Encode()
    {
        if (!IsEncoded())
        {
            DnsWriter writer = new();
            foreach (DnsQuestion question in Questions)
            {
                question.Write(writer);
            }

            foreach (DnsRecord record in ListRecords())
            {
                record.Write(writer);
            }

            KeepEncoding(writer.ToArray());
        }

        return _encoded;
    }

    private bool IsEncoded()
    {
        if (_encodedSections != CountSections()
            || _encodedItems.Length != Questions.Count + Answers.Count + Authorities.Count + Additionals.Count)
        {
            return false;
        }

        int i = 0;
        foreach (object item in ListItems())
        {
            if (!ReferenceEquals(item, _encodedItems[i++]))
            {
                return false;
            }
        }

        return true;
    }

    private (int Questions, int Answers, int Authorities) CountSections() => (Questions.Count, Answers.Count, Authorities.Count);

    private IEnumerable<object> ListItems() => [.. Questions, .. ListRecords()];

    private IEnumerable<DnsRecord> ListRecords() => [.. Answers, .. Authorities, .. Additionals];
}
