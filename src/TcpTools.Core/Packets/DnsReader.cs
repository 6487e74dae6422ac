using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Takes a DNS message apart. It never throws, never goes round in circles and reads no byte twice but for names that are
/// pointed at; what it does not understand of a record stays bytes.
/// </summary>
internal ref struct DnsReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Where the next question or record starts; what lies before has been understood.</summary>
    public int Position { get; private set; } = DnsView.HeaderLength;

    /// <summary>What is wrong, for people; empty when nothing is.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Reads as many questions as there should be; false when there are fewer.</summary>
    public bool TryReadQuestions(int count, IList<DnsQuestion> questions)
    {
        for (int i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(_message, Position, out DnsName? name, out int end)
                || end + DnsRecordView.QuestionLength > _message.Length)
            {
                Problems.Add($"question {i + 1} of {count} cannot be read");
                return false;
            }

            DnsRecordView view = new(_message, end);
            questions.Add(new DnsQuestion(name, view.Type, (DnsClass)view.Class));
            Position = end + DnsRecordView.QuestionLength;
        }

        return true;
    }

    /// <summary>Reads as many records as there should be; false when there are fewer.</summary>
    public bool TryReadRecords(int count, string section, IList<DnsRecord> records)
    {
        for (int i = 0; i < count; i++)
        {
            if (!DnsName.TryRead(_message, Position, out DnsName? name, out int end)
                || new DnsRecordView(_message, end) is not { IsComplete: true } view)
            {
                Problems.Add($"{section} record {i + 1} of {count} cannot be read");
                return false;
            }

            DnsData? data = ReadData(view);
            if (data is null)
            {
                // Empty data is legal where an update says what must not exist (RFC 2136, 2.4).
                if (view.DataLength > 0)
                {
                    Problems.Add($"the data of {section} record {i + 1} is not that of type {DnsText.Show(view.Type)}");
                }

                data = new DnsRawData(view.Type, view.Data.ToArray());
            }

            records.Add(new DnsRecord(name, data, view.TimeToLive, (DnsClass)view.Class));
            Position = view.DataEnd;
        }

        return true;
    }

    /// <summary>The data in its type's form; null when it does not have that.</summary>
    private readonly DnsData? ReadData(DnsRecordView view)
    {
        ReadOnlySpan<byte> data = view.Data;
        switch (view.Type)
        {
            case DnsType.A:
                return data.Length == 4 ? new DnsAddressData(NetworkAddress.FromBytes(data)) : null;
            case DnsType.AAAA:
                return data.Length == 16 ? new DnsAddressData(NetworkAddress.FromBytes(data)) : null;
            case DnsType.NS or DnsType.CNAME or DnsType.PTR or DnsType.DNAME:
                return ReadName(view, 0, out int end) is { } name && end == view.DataEnd ? new DnsNameData(view.Type, name) : null;
            case DnsType.MX:
                return ReadName(view, 2, out end) is { } host && end == view.DataEnd
                    ? new DnsMailData(WireField.Read16(data, 0), host)
                    : null;
            case DnsType.SRV:
                return ReadName(view, 6, out end) is { } target && end == view.DataEnd
                    ? new DnsServiceData(WireField.Read16(data, 0), WireField.Read16(data, 2), WireField.Read16(data, 4), target)
                    : null;
            case DnsType.SOA:
                return ReadZone(view);
            case DnsType.TXT:
                return ReadTexts(data);
            case DnsType.CAA:
                return data.Length >= 2 && data[1] > 0 && 2 + data[1] <= data.Length
                    ? new DnsCertificationData(
                        data[0], System.Text.Encoding.Latin1.GetString(data.Slice(2, data[1])), data[(2 + data[1])..].ToArray())
                    : null;
            case DnsType.OPT:
                return ReadOptions(data);
            case DnsType.DS:
                return data.Length >= 4
                    ? new DnsDelegationData(WireField.Read16(data, 0), data[2], data[3], data[4..].ToArray())
                    : null;
            case DnsType.DNSKEY:
                return data.Length >= 4 ? new DnsKeyData(WireField.Read16(data, 0), data[2], data[3], data[4..].ToArray()) : null;
            case DnsType.RRSIG:
                return ReadSignature(view);
            default:
                return new DnsRawData(view.Type, data.ToArray());
        }
    }

    /// <summary>A name in the data, which may not reach beyond it.</summary>
    private readonly DnsName? ReadName(DnsRecordView view, int offset, out int end) =>
        DnsName.TryRead(_message, view.DataStart + offset, out DnsName? name, out end) && end <= view.DataEnd ? name : null;

    private readonly DnsZoneData? ReadZone(DnsRecordView view)
    {
        const int Numbers = 20;
        if (ReadName(view, 0, out int end) is not { } server
            || ReadName(view, end - view.DataStart, out end) is not { } mailbox
            || end + Numbers != view.DataEnd)
        {
            return null;
        }

        ReadOnlySpan<byte> numbers = _message[end..view.DataEnd];
        return new DnsZoneData(
            server,
            mailbox,
            WireField.Read32(numbers, 0),
            WireField.Read32(numbers, 4),
            WireField.Read32(numbers, 8),
            WireField.Read32(numbers, 12),
            WireField.Read32(numbers, 16));
    }

    private readonly DnsSignatureData? ReadSignature(DnsRecordView view)
    {
        const int Fixed = 18;
        ReadOnlySpan<byte> data = view.Data;
        return data.Length > Fixed && ReadName(view, Fixed, out int end) is { } signer
            ? new DnsSignatureData(
                (DnsType)WireField.Read16(data, 0),
                data[2],
                data[3],
                WireField.Read32(data, 4),
                WireField.Read32(data, 8),
                WireField.Read32(data, 12),
                WireField.Read16(data, 16),
                signer,
                _message[end..view.DataEnd].ToArray())
            : null;
    }

    private static DnsTextData? ReadTexts(ReadOnlySpan<byte> data)
    {
        List<byte[]> parts = [];
        while (!data.IsEmpty)
        {
            if (1 + data[0] > data.Length)
            {
                return null;
            }

            parts.Add(data.Slice(1, data[0]).ToArray());
            data = data[(1 + data[0])..];
        }

        return parts.Count == 0 ? null : new DnsTextData(parts);
    }

    private static DnsOptionsData? ReadOptions(ReadOnlySpan<byte> data)
    {
        List<DnsEdnsOption> options = [];
        while (!data.IsEmpty)
        {
            int length = WireField.Read16(data, 2);
            if (4 + length > data.Length)
            {
                return null;
            }

            options.Add(new DnsEdnsOption(WireField.Read16(data, 0), data.Slice(4, length).ToArray()));
            data = data[(4 + length)..];
        }

        return new DnsOptionsData(options);
    }
}
