using System;
using System.Collections.ObjectModel;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The message's fields, each question and record at its place.</summary>
public sealed partial class DnsLayer
{
    internal override void Describe(FieldSink sink)
    {
        int start = HasLengthPrefix ? 2 : 0;
        if (start > 0)
        {
            sink.Number(nameof(MessageLength), 0, 16, isSet: _messageLength is not null);
        }

        int bit = start * 8;
        sink.Number(nameof(Id), bit, 16, FieldStyle.Hex);
        sink.Flag(nameof(IsResponse), bit + 16);
        sink.Number(nameof(Opcode), bit + 17, 4, meaning: code => Enum.GetName((DnsOpcode)code));
        sink.Flag(nameof(IsAuthoritative), bit + 21);
        sink.Flag(nameof(IsTruncated), bit + 22);
        sink.Flag(nameof(RecursionDesired), bit + 23);
        sink.Flag(nameof(RecursionAvailable), bit + 24);
        sink.Flag(nameof(ReservedBit), bit + 25);
        sink.Flag(nameof(AuthenticData), bit + 26);
        sink.Flag(nameof(CheckingDisabled), bit + 27);
        sink.Number(nameof(ResponseCode), bit + 28, 4, meaning: code => Enum.GetName((DnsResponseCode)code));
        sink.Number(nameof(QuestionCount), bit + 32, 16, isSet: _questionCount is not null);
        sink.Number(nameof(AnswerCount), bit + 48, 16, isSet: _answerCount is not null);
        sink.Number(nameof(AuthorityCount), bit + 64, 16, isSet: _authorityCount is not null);
        sink.Number(nameof(AdditionalCount), bit + 80, 16, isSet: _additionalCount is not null);

        byte[] message = WireField.Cut(sink.Bytes, start, sink.Bytes.Length).ToArray();
        int at = DnsView.HeaderLength;
        for (int i = 0; i < Questions.Count; i++)
        {
            DnsQuestion question = Questions[i];
            at = DescribeItem(sink, message, start, at, PathOf(nameof(Questions), i), question, question.Name, isRecord: false);
        }

        at = DescribeRecords(sink, message, start, at, nameof(Answers), Answers);
        at = DescribeRecords(sink, message, start, at, nameof(Authorities), Authorities);
        _ = DescribeRecords(sink, message, start, at, nameof(Additionals), Additionals);
    }

    private static int DescribeRecords(FieldSink sink, byte[] message, int start, int at, string section, Collection<DnsRecord> records)
    {
        for (int i = 0; i < records.Count; i++)
        {
            at = DescribeItem(sink, message, start, at, PathOf(section, i), records[i], records[i].Name, isRecord: true);
        }

        return at;
    }

    /// <summary>Returns where the next question or record starts in the message.</summary>
    private static int DescribeItem(
        FieldSink sink, byte[] message, int start, int at, string path, object item, DnsName name, bool isRecord)
    {
        if (!DnsName.TryRead(message, at, out _, out int fields))
        {
            return message.Length;
        }

        DnsRecordView view = new(message, fields);
        int nameLength = fields - at;
        int dataLength = view.DataLength;
        int length = nameLength + (isRecord ? DnsRecordView.FixedLength + dataLength : DnsRecordView.QuestionLength);
        sink.Group(path, start + at, length, item, item.ToString() ?? "", inner =>
        {
            int bit = nameLength * 8;
            inner.Value(nameof(DnsRecord.Name), 0, bit, name, name.ToString());
            inner.Number(nameof(DnsRecord.Type), bit, 16, meaning: type => DnsText.Show((DnsType)type));
            inner.Number(nameof(DnsRecord.Class), bit + 16, 16, meaning: code => DnsText.Show((DnsClass)code));
            if (item is DnsRecord record)
            {
                inner.Number(nameof(DnsRecord.TimeToLive), bit + 32, 32);
                inner.Number("DataLength", bit + 64, 16);
                inner.Value(nameof(DnsRecord.Data), bit + 80, dataLength * 8, record.Data, record.Data.ToString());
            }
        });
        return at + length;
    }

    private static string PathOf(string section, int index) => string.Create(CultureInfo.InvariantCulture, $"{section}[{index}]");
}
