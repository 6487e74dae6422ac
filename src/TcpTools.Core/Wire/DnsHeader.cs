using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads the header of a DNS message (RFC 1035, 4.1.1; RFC 4035, 3). Never throws; missing bytes read as 0.
/// </summary>
/// <param name="bytes">The message from its identifier on, without the length that precedes it over TCP.</param>
public readonly ref struct DnsView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 12;

    /// <summary>The bit of <see cref="Flags"/> that tells a response: QR.</summary>
    public const ushort ResponseBit = 0x8000;

    /// <summary>The bit that says that the answer comes from an authority: AA.</summary>
    public const ushort AuthoritativeBit = 0x0400;

    /// <summary>The bit that says that the message is cut: TC.</summary>
    public const ushort TruncatedBit = 0x0200;

    /// <summary>The bit that asks the server to ask others: RD.</summary>
    public const ushort RecursionDesiredBit = 0x0100;

    /// <summary>The bit that says that the server would do so: RA.</summary>
    public const ushort RecursionAvailableBit = 0x0080;

    /// <summary>The reserved bit: Z.</summary>
    public const ushort ReservedBit = 0x0040;

    /// <summary>The bit that says that the data is authentic: AD.</summary>
    public const ushort AuthenticDataBit = 0x0020;

    /// <summary>The bit that turns checking off: CD.</summary>
    public const ushort CheckingDisabledBit = 0x0010;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>What ties an answer to its question.</summary>
    public ushort Id => WireField.Read16(_bytes, 0);

    /// <summary>The second word: QR, opcode, AA, TC, RD, RA, Z, AD, CD and the response code.</summary>
    public ushort Flags => WireField.Read16(_bytes, 2);

    /// <summary>Whether this is a response.</summary>
    public bool IsResponse => (Flags & ResponseBit) != 0;

    /// <summary>What kind of message this is.</summary>
    public DnsOpcode Opcode => (DnsOpcode)((Flags >> 11) & 15);

    /// <summary>The lower 4 bits of the response code.</summary>
    public DnsResponseCode ResponseCode => (DnsResponseCode)(Flags & 15);

    /// <summary>How many questions there are.</summary>
    public ushort QuestionCount => WireField.Read16(_bytes, 4);

    /// <summary>How many answers there are.</summary>
    public ushort AnswerCount => WireField.Read16(_bytes, 6);

    /// <summary>How many records there are about authorities.</summary>
    public ushort AuthorityCount => WireField.Read16(_bytes, 8);

    /// <summary>How many additional records there are.</summary>
    public ushort AdditionalCount => WireField.Read16(_bytes, 10);
}

/// <summary>
/// Reads one resource record of a DNS message (RFC 1035, 4.1.3), or a question, which has only its first fields. Never
/// throws; missing bytes read as 0.
/// </summary>
/// <param name="message">The whole message, from its identifier on.</param>
/// <param name="fields">Where the record's type stands: what <see cref="DnsName.TryRead"/> gives as the end of its name.</param>
public readonly ref struct DnsRecordView(ReadOnlySpan<byte> message, int fields)
{
    /// <summary>Bytes of a question behind its name: type and class.</summary>
    public const int QuestionLength = 4;

    /// <summary>Bytes of a record behind its name and before its data.</summary>
    public const int FixedLength = 10;

    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Whether type, class, time to live and length are all there, and as much data as the length says.</summary>
    public bool IsComplete => fields + FixedLength <= _message.Length && DataEnd <= _message.Length;

    /// <summary>The record's type, or the one asked for.</summary>
    public DnsType Type => (DnsType)WireField.Read16(_message, fields);

    /// <summary>The record's class; in OPT, the UDP payload that its sender can take.</summary>
    public ushort Class => WireField.Read16(_message, fields + 2);

    /// <summary>For how many seconds the record may be kept; in OPT, response code, version and flags.</summary>
    public uint TimeToLive => WireField.Read32(_message, fields + 4);

    /// <summary>Bytes of data as the record claims.</summary>
    public ushort DataLength => WireField.Read16(_message, fields + 8);

    /// <summary>Where the data starts in the message.</summary>
    public int DataStart => fields + FixedLength;

    /// <summary>Where it ends as the record claims, and the next record starts.</summary>
    public int DataEnd => DataStart + DataLength;

    /// <summary>The data, cut to what exists. Names in it may point to anywhere before it in the message.</summary>
    public ReadOnlySpan<byte> Data => WireField.Cut(_message, DataStart, DataEnd);
}
