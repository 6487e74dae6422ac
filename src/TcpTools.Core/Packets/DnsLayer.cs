using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// A DNS message (RFC 1035), multicast and link-local ones included (RFC 6762, RFC 4795). A message that was parsed keeps
/// its encoding until a question or a record is changed; then names are compressed as usual.
/// </summary>
public sealed partial class DnsLayer : PacketLayer
{
    private ushort? _questionCount;
    private ushort? _answerCount;
    private ushort? _authorityCount;
    private ushort? _additionalCount;
    private ushort? _messageLength;

    /// <inheritdoc/>
    public override string Name => "DNS";

    /// <inheritdoc cref="DnsView.Id"/>
    public ushort Id { get; set; }

    /// <summary>The second word of the header: the flags below, the opcode and the response code. RD unless set.</summary>
    public ushort Flags { get; set; } = DnsView.RecursionDesiredBit;

    /// <summary>QR: whether this is a response.</summary>
    public bool IsResponse
    {
        get => Has(DnsView.ResponseBit);
        set => Set(DnsView.ResponseBit, value);
    }

    /// <summary>What kind of message this is; 4 bits.</summary>
    public DnsOpcode Opcode
    {
        get => (DnsOpcode)((Flags >> 11) & 15);
        set => Flags = (ushort)((Flags & 0x87FF) | (((int)value & 15) << 11));
    }

    /// <summary>AA: whether the answer comes from an authority.</summary>
    public bool IsAuthoritative
    {
        get => Has(DnsView.AuthoritativeBit);
        set => Set(DnsView.AuthoritativeBit, value);
    }

    /// <summary>TC: whether the message is cut, and TCP would bring it whole.</summary>
    public bool IsTruncated
    {
        get => Has(DnsView.TruncatedBit);
        set => Set(DnsView.TruncatedBit, value);
    }

    /// <summary>RD: whether the server is to ask others.</summary>
    public bool RecursionDesired
    {
        get => Has(DnsView.RecursionDesiredBit);
        set => Set(DnsView.RecursionDesiredBit, value);
    }

    /// <summary>RA: whether the server would do so.</summary>
    public bool RecursionAvailable
    {
        get => Has(DnsView.RecursionAvailableBit);
        set => Set(DnsView.RecursionAvailableBit, value);
    }

    /// <summary>Z: the reserved bit.</summary>
    public bool ReservedBit
    {
        get => Has(DnsView.ReservedBit);
        set => Set(DnsView.ReservedBit, value);
    }

    /// <summary>AD: whether the data is authentic (RFC 4035, 3.2.3).</summary>
    public bool AuthenticData
    {
        get => Has(DnsView.AuthenticDataBit);
        set => Set(DnsView.AuthenticDataBit, value);
    }

    /// <summary>CD: whether the server is not to check (RFC 4035, 3.2.2).</summary>
    public bool CheckingDisabled
    {
        get => Has(DnsView.CheckingDisabledBit);
        set => Set(DnsView.CheckingDisabledBit, value);
    }

    /// <summary>The response code's lower 4 bits; <see cref="Edns"/> has the others.</summary>
    public DnsResponseCode ResponseCode
    {
        get => (DnsResponseCode)(Flags & 15);
        set => Flags = (ushort)((Flags & 0xFFF0) | ((int)value & 15));
    }

    /// <summary>How many questions there are by the header; computed.</summary>
    public ushort? QuestionCount
    {
        get => _questionCount ?? (ushort)Questions.Count;
        set => _questionCount = value;
    }

    /// <summary>How many answers there are by the header; computed.</summary>
    public ushort? AnswerCount
    {
        get => _answerCount ?? (ushort)Answers.Count;
        set => _answerCount = value;
    }

    /// <summary>How many records there are about authorities by the header; computed.</summary>
    public ushort? AuthorityCount
    {
        get => _authorityCount ?? (ushort)Authorities.Count;
        set => _authorityCount = value;
    }

    /// <summary>How many additional records there are by the header; computed.</summary>
    public ushort? AdditionalCount
    {
        get => _additionalCount ?? (ushort)Additionals.Count;
        set => _additionalCount = value;
    }

    /// <summary>The questions; setting copies the list.</summary>
    public Collection<DnsQuestion> Questions { get; set => field = [.. value ?? []]; } = [];

    /// <summary>The answers; setting copies the list.</summary>
    public Collection<DnsRecord> Answers { get; set => field = [.. value ?? []]; } = [];

    /// <summary>Records about who is the authority; setting copies the list.</summary>
    public Collection<DnsRecord> Authorities { get; set => field = [.. value ?? []]; } = [];

    /// <summary>Additional records, OPT among them; setting copies the list.</summary>
    public Collection<DnsRecord> Additionals { get; set => field = [.. value ?? []]; } = [];

    /// <summary>The sender's extensions, which are an additional record of type OPT; null for none.</summary>
    public DnsEdns? Edns
    {
        get
        {
            foreach (DnsRecord record in Additionals)
            {
                if (record.Data is DnsOptionsData)
                {
                    return DnsEdns.From(record);
                }
            }

            return null;
        }

        set
        {
            for (int i = Additionals.Count - 1; i >= 0; i--)
            {
                if (Additionals[i].Type == DnsType.OPT)
                {
                    Additionals.RemoveAt(i);
                }
            }

            if (value is not null)
            {
                Additionals.Add(value.ToRecord());
            }
        }
    }

    /// <summary>Whether the message's length precedes it, as over TCP (RFC 1035, 4.2.2); so it is wherever it stands behind a TCP header.</summary>
    public bool HasLengthPrefix
    {
        get
        {
            int index = Owner?.Layers.IndexOf(this) ?? 0;
            do
            {
                index--;
            }
            while (index >= 0 && Owner!.Layers[index] is DnsLayer);
            return index >= 0 && Owner!.Layers[index] is TcpLayer;
        }
    }

    /// <summary>The length that precedes the message over TCP; computed. Null over anything else.</summary>
    public ushort? MessageLength
    {
        get => HasLengthPrefix ? _messageLength ?? (ushort)(DnsView.HeaderLength + BodyLength) : null;
        set => _messageLength = value;
    }

    /// <summary>Bytes of the message without the length that precedes it over TCP.</summary>
    public int Length => DnsView.HeaderLength + BodyLength;

    internal override int FixedLength => DnsView.HeaderLength + (HasLengthPrefix ? 2 : 0);

    internal override int BodyLength => Encode().Length;

    internal override void WriteBody(Span<byte> body) => Encode().CopyTo(body);

    internal override void Write(in LayerPlace place)
    {
        Span<byte> header = place.Header;
        if (MessageLength is { } length)
        {
            WireField.Write16(header, 0, length);
            header = header.Length > 2 ? header[2..] : default;
        }

        WireField.Write16(header, 0, Id);
        WireField.Write16(header, 2, Flags);
        WireField.Write16(header, 4, QuestionCount ?? 0);
        WireField.Write16(header, 6, AnswerCount ?? 0);
        WireField.Write16(header, 8, AuthorityCount ?? 0);
        WireField.Write16(header, 10, AdditionalCount ?? 0);
    }

    private protected override void Detach()
    {
        Questions = [.. Questions];
        Answers = [.. Answers];
        Authorities = [.. Authorities];
        Additionals = [.. Additionals];
    }

    private protected override void ListFixedFields(List<string> names)
    {
        Add(_questionCount, nameof(QuestionCount));
        Add(_answerCount, nameof(AnswerCount));
        Add(_authorityCount, nameof(AuthorityCount));
        Add(_additionalCount, nameof(AdditionalCount));
        Add(_messageLength, nameof(MessageLength));

        void Add(ushort? value, string name)
        {
            if (value is not null)
            {
                names.Add(name);
            }
        }
    }

    private bool Has(ushort bit) => (Flags & bit) != 0;

    private void Set(ushort bit, bool value) => Flags = (ushort)(value ? Flags | bit : Flags & ~bit);

    /// <summary>The message in the manner of tcpdump.</summary>
    public override string ToString() => DnsText.Dump(this, false);
}
