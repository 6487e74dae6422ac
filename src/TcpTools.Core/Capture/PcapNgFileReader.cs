using System;
using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// Reads pcapng (draft-ietf-opsawg-pcapng) from its first block on: here sections and frames. Blocks that are not known
/// are passed over, whatever they are.
/// </summary>
internal sealed partial class PcapNgFileReader : ICaptureFileReader
{
    private const int BlockOverhead = 12;
    private const int MaximumBlock = PcapReader.MaximumFrameLength + (1 << 18);
    private const int MaximumInterfaces = 65536;

    private readonly CaptureInput _input;
    private readonly CaptureNotes _notes;
    private readonly List<PcapNgClock> _clocks = [];

    internal PcapNgFileReader(CaptureInput input, CaptureNotes notes)
    {
        _input = input;
        _notes = notes;
        input.Take(4);
        Span<byte> length = stackalloc byte[4];
        input.Take(4).CopyTo(length);
        ReadSection(length);
    }

    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        Span<byte> length = stackalloc byte[4];
        while (_input.TryTake(8, "a block's header", out ReadOnlySpan<byte> header))
        {
            uint type = _input.UInt32(header);
            header[4..].CopyTo(length);
            switch (type)
            {
                case PcapNgFacts.SectionHeader:
                    ReadSection(length);
                    break;
                case PcapNgFacts.InterfaceDescription:
                    ReadInterface(TakeBody(length));
                    break;
                case PcapNgFacts.EnhancedPacket:
                    frame = ReadPacket(TakeBody(length), isObsolete: false);
                    return true;
                case PcapNgFacts.ObsoletePacket:
                    frame = ReadPacket(TakeBody(length), isObsolete: true);
                    return true;
                case PcapNgFacts.SimplePacket:
                    frame = ReadSimplePacket(TakeBody(length));
                    return true;
                case PcapNgFacts.NameResolution when CheckLength(length) <= MaximumBlock:
                    ReadNames(TakeBody(length));
                    break;
                case PcapNgFacts.InterfaceStatistics:
                    ReadStatistics(TakeBody(length));
                    break;
                case PcapNgFacts.DecryptionSecrets when CheckLength(length) <= MaximumBlock:
                    ReadSecrets(TakeBody(length));
                    break;
                default:
                    SkipBody(length);
                    break;
            }
        }

        return false;
    }

    /// <summary>A block's body, its two lengths checked against each other.</summary>
    private ReadOnlySpan<byte> TakeBody(scoped ReadOnlySpan<byte> lengthField)
    {
        uint length = CheckLength(lengthField);
        if (length > MaximumBlock)
        {
            throw _input.Damaged($"a block claims to have {length} bytes");
        }

        ReadOnlySpan<byte> rest = _input.Take((int)length - 8);
        return _input.UInt32(rest[^4..]) == length ? rest[..^4] : throw UnequalLengths();
    }

    private void SkipBody(scoped ReadOnlySpan<byte> lengthField)
    {
        uint length = CheckLength(lengthField);
        _input.Skip((long)length - BlockOverhead);
        if (_input.UInt32(_input.Take(4)) != length)
        {
            throw UnequalLengths();
        }
    }

    private uint CheckLength(scoped ReadOnlySpan<byte> lengthField)
    {
        uint length = _input.UInt32(lengthField);
        return length >= BlockOverhead && length % 4 == 0
            ? length
            : throw _input.Damaged($"a block cannot have {length} bytes");
    }

    private StackException UnequalLengths() => _input.Damaged("a block's length is not repeated at its end");

    /// <summary>A section may have another byte order, and numbers its interfaces from 0 again.</summary>
    private void ReadSection(scoped ReadOnlySpan<byte> lengthField)
    {
        ReadOnlySpan<byte> magic = _input.Take(4);
        _input.BigEndian = magic[0] == (PcapNgFacts.ByteOrderMagic >> 24);
        if (_input.UInt32(magic) != PcapNgFacts.ByteOrderMagic)
        {
            throw _input.Damaged("a section says nothing of its byte order");
        }

        uint length = CheckLength(lengthField);
        if (length is < 28 or > MaximumBlock)
        {
            throw _input.Damaged($"a section header cannot have {length} bytes");
        }

        ReadOnlySpan<byte> rest = _input.Take((int)length - BlockOverhead);
        if (_input.UInt32(rest[^4..]) != length)
        {
            throw UnequalLengths();
        }

        int major = _input.UInt16(rest);
        if (major != PcapNgFacts.MajorVersion)
        {
            throw _input.Damaged($"pcapng version {major} is not known");
        }

        _clocks.Clear();
        _notes.BeginSection();
        PcapNgOptions options = new(_input, rest[12..^4]);
        while (options.MoveNext())
        {
            switch (options.Code)
            {
                case PcapNgFacts.Comment:
                    _notes.Comment = options.Join(_notes.Comment);
                    break;
                case PcapNgFacts.SectionHardware:
                    _notes.Hardware = options.Text;
                    break;
                case PcapNgFacts.SectionOperatingSystem:
                    _notes.OperatingSystem = options.Text;
                    break;
                case PcapNgFacts.SectionApplication:
                    _notes.Application = options.Text;
                    break;
                default:
                    break;
            }
        }
    }

    private CapturedFrame ReadPacket(ReadOnlySpan<byte> body, bool isObsolete)
    {
        if (body.Length < 20)
        {
            throw _input.Damaged("a packet block is too short");
        }

        // The obsolete block keeps a count of drops in the upper half of where the interface's number is.
        uint number = isObsolete ? _input.UInt16(body) : _input.UInt32(body);
        uint length = _input.UInt32(body[12..]);
        if (number >= _notes.Interfaces.Count || length > body.Length - 20)
        {
            throw _input.Damaged(number >= _notes.Interfaces.Count
                ? $"a frame is of interface {number}, which is not described"
                : $"a frame claims to have {length} bytes, more than its block");
        }

        string? comment = null;
        uint flags = 0;
        long? lost = isObsolete && _input.UInt16(body[2..]) is var drops and not ushort.MaxValue ? drops : null;
        PcapNgOptions options = new(_input, body[Math.Min(20 + (((int)length + 3) & ~3), body.Length)..]);
        while (options.MoveNext())
        {
            switch (options.Code)
            {
                case PcapNgFacts.Comment:
                    comment = options.Join(comment);
                    break;
                case PcapNgFacts.PacketFlags when options.Value.Length == 4:
                    flags = _input.UInt32(options.Value);
                    break;
                case PcapNgFacts.PacketDropCount when !isObsolete:
                    lost = options.Count;
                    break;
                default:
                    break;
            }
        }

        return new CapturedFrame
        {
            Timestamp = _clocks[(int)number].ToTime(_input.HighLow(body[4..])),
            Bytes = body.Slice(20, (int)length),
            WireLength = (int)Math.Min(_input.UInt32(body[16..]), int.MaxValue),
            Interface = _notes.Interfaces[(int)number],
            Direction = (flags & 3) switch
            {
                1 => FrameDirection.Incoming,
                2 => FrameDirection.Outgoing,
                _ => FrameDirection.Unknown,
            },
            LostBefore = lost,
            Comment = comment,
        };
    }

    /// <summary>A block without time and options, of the section's first interface.</summary>
    private CapturedFrame ReadSimplePacket(ReadOnlySpan<byte> body)
    {
        if (body.Length < 4 || _notes.Interfaces.Count == 0)
        {
            throw _input.Damaged("a simple packet block is too short, or no interface is described");
        }

        CaptureInterface on = _notes.Interfaces[0];
        uint wireLength = _input.UInt32(body);
        uint length = Math.Min(wireLength, on.SnapLength == 0 ? uint.MaxValue : (uint)on.SnapLength);
        return length > body.Length - 4
            ? throw _input.Damaged($"a frame claims to have {length} bytes, more than its block")
            : new CapturedFrame
            {
                Bytes = body.Slice(4, (int)length),
                WireLength = (int)Math.Min(wireLength, int.MaxValue),
                Interface = on,
            };
    }
}
