using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// Reads Endace's extensible record format. It has neither a magic number nor a header: a file is one record behind the
/// other. Records of what is no packet here (ATM cells, InfiniBand, notes about the card) are passed over.
/// </summary>
internal sealed class ErfFileReader(CaptureInput input, CaptureNotes notes) : ICaptureFileReader
{
    internal const int RecordHeader = 16;
    internal const byte Ethernet = 2;
    internal const byte IPv4 = 22;
    internal const byte IPv6 = 23;
    internal const int EthernetPad = 2;

    private const byte TypeMask = 0x7F;
    private const byte HasExtension = 0x80;
    private const byte Notes = 27;
    private const byte HighestType = 29;

    private readonly Dictionary<(CaptureLinkType, int Port), CaptureInterface> _interfaces = [];

    /// <summary>Whether bytes can be the start of such a file: at least one record, and a second one where the first ends.</summary>
    internal static bool IsPlausible(CaptureInput input)
    {
        ReadOnlySpan<byte> first = input.Peek(RecordHeader);
        if (!IsHeader(first, isFirst: true))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(first[10..]);
        ReadOnlySpan<byte> both = input.Peek(length + RecordHeader);
        return both.Length <= length || IsHeader(both[length..], isFirst: false);
    }

    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        while (input.TryTake(RecordHeader, "a record's header", out ReadOnlySpan<byte> header))
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(header[10..]) - RecordHeader;
            if (length < 0)
            {
                throw input.Damaged($"a record claims to have {length + RecordHeader} bytes");
            }

            ulong time = BinaryPrimitives.ReadUInt64LittleEndian(header);
            byte type = header[8];
            int port = header[9] & 3;
            int lost = BinaryPrimitives.ReadUInt16BigEndian(header[12..]);
            int wireLength = BinaryPrimitives.ReadUInt16BigEndian(header[14..]);
            ReadOnlySpan<byte> body = SkipExtensions(input.Take(length), type);
            CaptureLinkType? linkType = LinkTypeOf((byte)(type & TypeMask));
            if (linkType is not { } known)
            {
                continue;
            }

            if (known == CaptureLinkType.Ethernet)
            {
                body = body[Math.Min(EthernetPad, body.Length)..];
            }

            frame = new CapturedFrame
            {
                Timestamp = ToTime(time),
                // Records are filled up to multiples of eight.
                Bytes = body[..Math.Min(body.Length, wireLength)],
                WireLength = wireLength,
                Interface = FindInterface(known, port),
                // The coloured kinds keep something else where the others count losses.
                LostBefore = (type & TypeMask) is Ethernet or 1 && lost > 0 ? lost : null,
                Direction = FrameDirection.Unknown,
            };
            return true;
        }

        return false;
    }

    private static bool IsHeader(ReadOnlySpan<byte> header, bool isFirst)
    {
        if (header.Length < RecordHeader)
        {
            return false;
        }

        int type = header[8] & TypeMask;
        int length = BinaryPrimitives.ReadUInt16BigEndian(header[10..]);
        uint seconds = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);

        // Text files are mostly held off by their types; a first record must be dated as well, unless it holds notes.
        return type is > 0 and <= HighestType && length >= RecordHeader
            && (!isFirst || type == Notes || (LinkTypeOf((byte)type) is not null && seconds > 1_000_000));
    }

    private static CaptureLinkType? LinkTypeOf(byte type) => type switch
    {
        Ethernet or 11 or 16 or 20 => CaptureLinkType.Ethernet,
        1 or 10 or 15 or 19 => CaptureLinkType.CiscoHdlc,
        IPv4 => CaptureLinkType.IPv4,
        IPv6 => CaptureLinkType.IPv6,
        _ => null,
    };

    /// <summary>Seconds since 1970 with 32 bits behind the point.</summary>
    private static CaptureTime ToTime(ulong time) =>
        new((long)((time >> 32) * 1_000_000_000UL) + (long)(((time & uint.MaxValue) * 1_000_000_000UL) >> 32));

    private static ReadOnlySpan<byte> SkipExtensions(ReadOnlySpan<byte> body, byte type)
    {
        while ((type & HasExtension) != 0 && body.Length >= 8)
        {
            type = body[0];
            body = body[8..];
        }

        return body;
    }

    private CaptureInterface FindInterface(CaptureLinkType linkType, int port)
    {
        if (!_interfaces.TryGetValue((linkType, port), out CaptureInterface? known))
        {
            known = new CaptureInterface
            {
                LinkType = linkType,
                Name = string.Create(CultureInfo.InvariantCulture, $"port {port}"),
            };
            _interfaces.Add((linkType, port), known);
            notes.Interfaces.Add(known);
        }

        return known;
    }
}
