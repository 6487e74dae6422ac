using System;
using System.Collections.Generic;
using System.Text;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// Reads pcapng (draft-ietf-opsawg-pcapng) from behind the first block's type on. Blocks that hold no frames are passed
/// over, whatever they are.
/// </summary>
internal sealed class PcapNgFileReader : ICaptureFileReader
{
    private const int BlockOverhead = 12;
    private const int MaximumBlock = PcapReader.MaximumFrameLength + (1 << 18);
    private const int MaximumInterfaces = 65536;

    private readonly CaptureInput _input;
    private readonly List<CaptureInterface> _interfaces = [];
    private readonly List<PcapNgClock> _clocks = [];

    internal PcapNgFileReader(CaptureInput input)
    {
        _input = input;
        Span<byte> length = stackalloc byte[4];
        _input.Take(4).CopyTo(length);
        ReadSection(length);
    }

    public IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    public string? Comment { get; private set; }

    public string? Application { get; private set; }

    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        Span<byte> header = stackalloc byte[8];
        while (true)
        {
            int read = _input.Fill(header);
            if (read < header.Length)
            {
                return read == 0 ? false : throw _input.Damaged("it ends in the middle of a block's header");
            }

            switch (_input.UInt32(header))
            {
                case PcapNgFacts.SectionHeader:
                    ReadSection(header[4..]);
                    break;
                case PcapNgFacts.InterfaceDescription:
                    ReadInterface(TakeBody(header[4..]));
                    break;
                case PcapNgFacts.EnhancedPacket:
                    frame = ReadPacket(TakeBody(header[4..]), isObsolete: false);
                    return true;
                case PcapNgFacts.ObsoletePacket:
                    frame = ReadPacket(TakeBody(header[4..]), isObsolete: true);
                    return true;
                case PcapNgFacts.SimplePacket:
                    frame = ReadSimplePacket(TakeBody(header[4..]));
                    return true;
                default:
                    SkipBody(header[4..]);
                    break;
            }
        }
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

        _interfaces.Clear();
        _clocks.Clear();
        Comment = null;
        Application = null;
        ReadOnlySpan<byte> options = rest[12..^4];
        while (TryNextOption(ref options, out int code, out ReadOnlySpan<byte> value))
        {
            Comment = code == PcapNgFacts.Comment ? Encoding.UTF8.GetString(value) : Comment;
            Application = code == PcapNgFacts.SectionApplication ? Encoding.UTF8.GetString(value) : Application;
        }
    }

    private void ReadInterface(ReadOnlySpan<byte> body)
    {
        if (body.Length < 8 || _interfaces.Count == MaximumInterfaces)
        {
            throw _input.Damaged("an interface's description is too short, or there are too many");
        }

        string? name = null;
        string? description = null;
        PcapNgClock clock = PcapNgClock.Microseconds;
        ReadOnlySpan<byte> options = body[8..];
        while (TryNextOption(ref options, out int code, out ReadOnlySpan<byte> value))
        {
            switch (code)
            {
                case PcapNgFacts.InterfaceName:
                    name = Encoding.UTF8.GetString(value);
                    break;
                case PcapNgFacts.InterfaceDescriptionText:
                    description = Encoding.UTF8.GetString(value);
                    break;
                case PcapNgFacts.InterfaceTimeResolution when value.Length > 0:
                    clock = clock with { Resolution = value[0] };
                    break;
                case PcapNgFacts.InterfaceTimeOffset when value.Length == 8:
                    clock = clock with { OffsetSeconds = _input.Int64(value) };
                    break;
                default:
                    break;
            }
        }

        _clocks.Add(clock);
        _interfaces.Add(new CaptureInterface
        {
            Name = name,
            Description = description,
            LinkType = (CaptureLinkType)_input.UInt16(body),
            SnapLength = (int)Math.Min(_input.UInt32(body[4..]), int.MaxValue),
        });
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
        if (number >= _interfaces.Count || length > body.Length - 20)
        {
            throw _input.Damaged(number >= _interfaces.Count
                ? $"a frame is of interface {number}, which is not described"
                : $"a frame claims to have {length} bytes, more than its block");
        }

        ulong time = ((ulong)_input.UInt32(body[4..]) << 32) | _input.UInt32(body[8..]);
        string? comment = null;
        uint flags = 0;
        ReadOnlySpan<byte> options = body[Math.Min(20 + (((int)length + 3) & ~3), body.Length)..];
        while (TryNextOption(ref options, out int code, out ReadOnlySpan<byte> value))
        {
            comment = code == PcapNgFacts.Comment ? Encoding.UTF8.GetString(value) : comment;
            flags = code == PcapNgFacts.PacketFlags && value.Length == 4 ? _input.UInt32(value) : flags;
        }

        return new CapturedFrame
        {
            Timestamp = _clocks[(int)number].ToTime(time),
            Bytes = body.Slice(20, (int)length),
            WireLength = (int)Math.Min(_input.UInt32(body[16..]), int.MaxValue),
            Interface = _interfaces[(int)number],
            Direction = (flags & 3) switch
            {
                1 => FrameDirection.Incoming,
                2 => FrameDirection.Outgoing,
                _ => FrameDirection.Unknown,
            },
            Comment = comment,
        };
    }

    /// <summary>A block without time and options, of the section's first interface.</summary>
    private CapturedFrame ReadSimplePacket(ReadOnlySpan<byte> body)
    {
        if (body.Length < 4 || _interfaces.Count == 0)
        {
            throw _input.Damaged("a simple packet block is too short, or no interface is described");
        }

        uint wireLength = _input.UInt32(body);
        uint limit = _interfaces[0].SnapLength == 0 ? uint.MaxValue : (uint)_interfaces[0].SnapLength;
        uint length = Math.Min(wireLength, limit);
        return length > body.Length - 4
            ? throw _input.Damaged($"a frame claims to have {length} bytes, more than its block")
            : new CapturedFrame
            {
                Bytes = body.Slice(4, (int)length),
                WireLength = (int)Math.Min(wireLength, int.MaxValue),
                Interface = _interfaces[0],
            };
    }

    /// <summary>The next option of a list; a list that is cut or malformed just ends.</summary>
    private bool TryNextOption(ref ReadOnlySpan<byte> options, out int code, out ReadOnlySpan<byte> value)
    {
        code = 0;
        value = default;
        if (options.Length < 4)
        {
            return false;
        }

        code = _input.UInt16(options);
        int length = _input.UInt16(options[2..]);
        if (code == PcapNgFacts.EndOfOptions || length > options.Length - 4)
        {
            return false;
        }

        value = options.Slice(4, length);
        options = options[Math.Min(4 + ((length + 3) & ~3), options.Length)..];
        return true;
    }
}
