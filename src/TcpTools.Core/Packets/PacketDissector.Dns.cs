using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>DNS over UDP and TCP, by the ports.</summary>
internal ref partial struct PacketDissector
{
    /// <summary>How many messages of one segment are taken apart before the rest is left as it is.</summary>
    private const int MaximumMessages = 16;

    private readonly void DissectUdpContent(UdpLayer udp, ReadOnlySpan<byte> bytes)
    {
        if (DnsPorts.Has(udp.SourcePort, udp.DestinationPort) && TryDissectDns(bytes, isStream: false, out ReadOnlySpan<byte> rest))
        {
            AddPayload(rest);
        }
        else
        {
            AddPayload(bytes);
        }
    }

    private readonly void DissectTcpContent(TcpLayer tcp, ReadOnlySpan<byte> bytes)
    {
        if (DnsPorts.Has(tcp.SourcePort, tcp.DestinationPort))
        {
            for (int i = 0; i < MaximumMessages && bytes.Length >= 2; i++)
            {
                // Only messages that are whole: a segment may start anywhere in one.
                int length = WireField.Read16(bytes, 0);
                if (2 + length > bytes.Length || !TryDissectDns(bytes.Slice(2, length), isStream: true, out _))
                {
                    break;
                }

                bytes = bytes[(2 + length)..];
            }
        }

        AddPayload(bytes);
    }

    /// <summary>
    /// Adds a DNS message if the bytes are one: if all of it can be read, or for a datagram also if its questions can,
    /// or the counts of its header are such that it could be one that is damaged. In a stream, which has no borders that
    /// one could trust, only the first counts.
    /// </summary>
    private readonly bool TryDissectDns(ReadOnlySpan<byte> bytes, bool isStream, out ReadOnlySpan<byte> rest)
    {
        rest = default;
        DnsView view = new(bytes);
        int items = view.QuestionCount + view.AnswerCount + view.AuthorityCount + view.AdditionalCount;
        if (!view.IsComplete || (items == 0 && bytes.Length > DnsView.HeaderLength))
        {
            // A header that announces nothing, and something behind it: zeros look like that, messages do not.
            return false;
        }

        DnsLayer layer = new() { Id = view.Id, Flags = view.Flags };
        DnsReader reader = new(bytes);
        bool hasQuestions = reader.TryReadQuestions(view.QuestionCount, layer.Questions);
        bool isRead = hasQuestions
            && reader.TryReadRecords(view.AnswerCount, "answer", layer.Answers)
            && reader.TryReadRecords(view.AuthorityCount, "authority", layer.Authorities)
            && reader.TryReadRecords(view.AdditionalCount, "additional", layer.Additionals);
        bool isWhole = isRead && reader.Position == bytes.Length;
        if (isStream ? !isWhole : !isRead && !(hasQuestions && view.QuestionCount > 0) && !IsPlausible(view, bytes.Length))
        {
            return false;
        }

        layer.KeepEncoding(bytes[DnsView.HeaderLength..reader.Position]);
        layer.QuestionCount = view.QuestionCount == layer.Questions.Count ? null : view.QuestionCount;
        layer.AnswerCount = view.AnswerCount == layer.Answers.Count ? null : view.AnswerCount;
        layer.AuthorityCount = view.AuthorityCount == layer.Authorities.Count ? null : view.AuthorityCount;
        layer.AdditionalCount = view.AdditionalCount == layer.Additionals.Count ? null : view.AdditionalCount;
        _packet.Layers.Add(layer);
        foreach (string problem in reader.Problems)
        {
            Report(PacketAnomalyKind.MalformedMessage, layer.Name, problem);
        }

        if (isRead)
        {
            layer.Trailer = bytes[reader.Position..].ToArray();
            ReportTrailer(layer);
        }
        else
        {
            rest = bytes[reader.Position..];
        }

        return true;
    }

    /// <summary>Whether a header's counts fit into so many bytes and its kind of message exists, as text would hardly have it.</summary>
    private static bool IsPlausible(DnsView view, int length)
    {
        const int LeastQuestion = 1 + DnsRecordView.QuestionLength;
        const int LeastRecord = 1 + DnsRecordView.FixedLength;
        int records = view.AnswerCount + view.AuthorityCount + view.AdditionalCount;
        return view.Opcode <= DnsOpcode.Stateful
            && DnsView.HeaderLength + (view.QuestionCount * LeastQuestion) + (records * LeastRecord) <= length;
    }
}

/// <summary>The ports of DNS (IANA service names).</summary>
internal static class DnsPorts
{
    /// <summary>DNS proper.</summary>
    public const ushort Unicast = 53;

    /// <summary>Multicast DNS (RFC 6762).</summary>
    public const ushort Multicast = 5353;

    /// <summary>Link-local multicast name resolution (RFC 4795).</summary>
    public const ushort LinkLocal = 5355;

    /// <summary>Whether either port is one of DNS.</summary>
    public static bool Has(ushort source, ushort destination) => IsOne(source) || IsOne(destination);

    private static bool IsOne(ushort port) => port is Unicast or Multicast or LinkLocal;
}
